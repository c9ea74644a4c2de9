"""What no addon may write, looked for in its source; and how long a declaration of screens may get."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from app.cli.assets import ICON_LIST, icon_names

LONGEST_DECLARATION = 25
TRANSLATORS = {"_", "_l", "_n", "gettext", "lazy_gettext", "ngettext"}
CONSTRAINTS = {"ExcludeConstraint", "CheckConstraint", "Index"}
"""Within these, SQL text declares and is not executed."""

_ICON = re.compile(r"""\bicon(?:\(| = |=|": )["']([a-z0-9-]+)["']""")


def called(node: ast.Call) -> str:
    """The last part of what is called: ``commit`` in ``db.session.commit()``."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def owner(node: ast.Call) -> str:
    """What it is called on, as source: ``db.session`` in ``db.session.commit()``."""
    return ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""


def violations(source: str) -> list[str]:
    """One word per broken rule, in the order of the source."""
    tree = ast.parse(source)
    declared = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in CONSTRAINTS
        for inner in ast.walk(node)
    }
    return [found for node in ast.walk(tree) if id(node) not in declared for found in _of(node)]


def unknown_icons(folder: Path) -> set[str]:
    """The icons that the sources and templates in ``folder`` name and that are not in the sprite: nothing would be
    drawn for them.
    """
    sources = [path.read_text(encoding="utf-8") for kind in ("*.py", "*.html") for path in folder.rglob(kind)]
    return {name for source in sources for name in _ICON.findall(source)} - set(icon_names(ICON_LIST))


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and node.attr in {"__table__", "metadata"}:
        yield "table"
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
        if any(name.split(".")[0] == "flask_appbuilder" for name in names):
            yield "flask_appbuilder"
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").split(".")[0] == "app"
            and node.module != "app.addon"
        ):
            yield "kernel"
    elif isinstance(node, ast.Call):
        yield from _of_call(node)


def _of_call(node: ast.Call) -> Iterator[str]:
    name, on = called(node), owner(node)
    if name in {"text", "exec_driver_sql"}:
        yield "sql text"
    if name in {"commit", "connection", "get_bind"} or name.startswith("bulk_"):
        yield "transaction"
    if (name in {"now", "utcnow", "today"} and on.split(".")[-1] in {"datetime", "date"}) or (on, name) == (
        "time",
        "time",
    ):
        yield "clock"
    if name in TRANSLATORS and node.args and not isinstance(node.args[0], ast.Constant):
        yield "translation"


def sources_of(folder: Path) -> list[Path]:
    """The Python files of the addon in ``folder``, without migrations and tests."""
    return [
        path
        for path in sorted(folder.rglob("*.py"))
        if not {"migrations", "tests"} & set(path.relative_to(folder).parts)
    ]


def declaration_lines(path: Path) -> dict[str, int]:
    """The lines of declaration in each class of ``path``; docstrings and methods are none."""
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            declared = [item for item in node.body if isinstance(item, (ast.Assign, ast.AnnAssign))]
            found[node.name] = 1 + sum((item.end_lineno or 0) - item.lineno + 1 for item in declared)
    return found
