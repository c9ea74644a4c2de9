"""`run.py i18n`: extract, update and compile the translation catalogues."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "_l": None, "ngettext": (1, 2)}
LANGUAGE = "id"


@click.group()
def i18n() -> None:
    """Translations."""


@i18n.command()
def update() -> None:
    """Bring every catalogue up to date with the texts in the code, keeping its translations."""
    for folder, target in catalogues():
        template = extract(folder)
        path = target / LANGUAGE / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        known = read(path)
        known.update(template, no_fuzzy_matching=True)
        known.obsolete.clear()
        with path.open("wb") as file:
            write_po(
                file, known, width=120, omit_header=False, sort_by_file=True, include_lineno=False, ignore_obsolete=True
            )
        missing = [message.id for message in known if message.id and not message.string]
        click.echo(f"{path.relative_to(ROOT)}: {len(known)} texts, {len(missing)} untranslated")


@i18n.command("compile")
def compile_catalogues() -> None:
    """Compile every catalogue."""
    for path in sorted([*ROOT.glob("translations/**/*.po"), *ROOT.glob("addons/*/translations/**/*.po")]):
        compile_catalogue(path)


def compile_catalogue(path: Path) -> None:
    """Compile one catalogue beside itself."""
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, read(path))


def catalogues() -> list[tuple[Path, Path]]:
    """Every (folder of code, folder of translations): the kernel's and each addon's."""
    addons = sorted(path.parent for path in ROOT.glob("addons/*/__manifest__.py"))
    return [(ROOT / "app", ROOT / "translations"), *((addon, addon / "translations") for addon in addons)]


def read(path: Path) -> Catalog:
    """The catalogue at ``path``, or an empty one."""
    if not path.exists():
        return Catalog(locale=LANGUAGE, project="Sinergi", copyright_holder="Sinergi", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def extract(folder: Path) -> Catalog:
    """Every text of ``folder``: code, templates, the manifest's title and summary, role titles."""
    catalog = Catalog(project="Sinergi", copyright_holder="Sinergi")
    options: dict[str, Any] = {"**/templates/**.html": {"trimmed": "true", "silent": "false", "encoding": "utf-8"}}
    found = extract_from_dir(
        folder, METHODS, options, keywords=KEYWORDS, comment_tags=("i18n:",), directory_filter=_is_source
    )
    for name, _line, message, comments, context in found:
        catalog.add(message, None, [(str(Path(name)), 0)], auto_comments=comments, context=context)
    for name, message in (*_manifest_texts(folder), *_role_titles(folder)):
        catalog.add(message, None, [(name, 0)])
    return catalog


def _is_source(folder: str) -> bool:
    return Path(folder).name not in {"tests", "static", "migrations", "__pycache__", "translations"}


def _manifest_texts(folder: Path) -> Iterator[tuple[str, str]]:
    path = folder / "__manifest__.py"
    if path.exists():
        values = ast.literal_eval(path.read_text(encoding="utf-8"))
        yield from (("__manifest__.py", values[key]) for key in ("title", "summary") if values.get(key))


def _role_titles(folder: Path) -> Iterator[tuple[str, str]]:
    path = folder / "security" / "roles.csv"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            yield from (("security/roles.csv", line["title"]) for line in csv.DictReader(file))
