"""The shape of the source: what an addon may hold, and how long things may get."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FILE = 600
LONGEST_FUNCTION = 60


def sources() -> Iterator[Path]:
    for path in sorted([*ROOT.glob("app/**/*.py"), *ROOT.glob("addons/**/*.py"), ROOT / "config.py", ROOT / "run.py"]):
        if "migrations" not in path.parts or path.name == "env.py":
            yield path


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_addon_holds_a_list_or_form_template() -> None:
    for template in ROOT.glob("addons/*/templates/**/*.html"):
        assert template.stem not in {"list", "form", "add", "edit", "search"}, template
        assert "form_control(" not in template.read_text(encoding="utf-8"), template


def test_templates_hold_no_inline_script_style_or_event() -> None:
    for template in [*ROOT.glob("app/templates/**/*.html"), *ROOT.glob("addons/*/templates/**/*.html")]:
        text = template.read_text(encoding="utf-8")
        assert "<style" not in text, template
        assert " style=" not in text, template
        assert " onclick=" not in text, template
        assert "<script>" not in text, template
        assert "jquery" not in text.lower(), template


def test_files_and_functions_keep_their_size() -> None:
    long_files = {
        str(path): lines for path in sources() if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert not long_files
    long_functions = [
        (str(path), name, lines)
        for path in sources()
        if "migrations" not in path.parts and "tests" not in path.parts
        for name, lines in functions(path)
        if lines > LONGEST_FUNCTION
    ]
    assert not long_functions


def test_no_registry_host_or_personal_path_stands_in_the_repository() -> None:
    words = ("pypi" + ".org", "registry" + ".npmjs", "/work/" + "main", "debian" + ".org")
    for path in [*ROOT.glob("[!.]*.*"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("app/**/*.py"), ROOT / "Makefile"]:
        if path.is_file() and path.suffix in {".py", ".md", ".json", ".txt", ".lock", ".toml", ""}:
            text = path.read_text(encoding="utf-8", errors="replace")
            assert not [word for word in words if word in text], path
