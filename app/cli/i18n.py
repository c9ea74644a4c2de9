"""`run.py i18n`: extract, update and compile the translation catalogues."""

from __future__ import annotations

import ast
import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from config import SettingsError, addon_folders

ROOT = Path(__file__).resolve().parents[2]
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "_l": None, "ngettext": (1, 2)}
LANGUAGE = "id"
ENTRY = re.compile(r'^(?:msgctxt ((?:"[^\n]*"\n)+))?msgid ((?:"[^\n]*"(?:\n(?="))?)+)', re.MULTILINE)
"""The context and the text of an entry; those of removed texts are comments."""
FIRST_DAY = datetime(2025, 1, 1, tzinfo=UTC)
"""Stands in every catalogue, so that making one again changes nothing."""


@click.group()
def i18n() -> None:
    """Translations."""


@i18n.command()
@click.argument("names", nargs=-1)
def update(names: tuple[str, ...]) -> None:
    """Bring the catalogues (of addons NAMES, or all) up to date with the texts in the code; translations stay."""
    known_folders = {folder.name: (folder, target) for folder, target in catalogues(_extra_folders())}
    if unknown := sorted(set(names) - set(known_folders)):
        raise click.ClickException(f"There is no addon {unknown[0]}.")
    for folder, target in (known_folders[name] for name in names or known_folders):
        path = target / LANGUAGE / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        known = updated(folder, path)
        content = written(known)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
        missing = untranslated(known)
        click.echo(f"{os.path.relpath(path, ROOT)}: {len(known)} texts, {len(missing)} untranslated")
        for message in missing:
            click.echo(f"    {message.id!r}")


def updated(folder: Path, path: Path) -> Catalog:
    """The catalogue at ``path`` with the texts that the code in ``folder`` has now, in memory."""
    known = read(path)
    known.update(extract(folder), no_fuzzy_matching=True, update_creation_date=False)
    known.obsolete.clear()
    return known


def written(catalog: Catalog) -> bytes:
    """The file of ``catalog``: the same texts give the same bytes."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return buffer.getvalue()


def untranslated(catalog: Catalog) -> list[Message]:
    """The texts of ``catalog`` without a translation, or with one that nobody has checked."""
    return [item for item in catalog if item.id and (item.fuzzy or not all(_forms(item)))]


def _forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, (tuple, list)) else (message.string or "",)


@i18n.command("compile")
def compile_command() -> None:
    """Compile every catalogue."""
    compile_catalogues(_extra_folders())


def _extra_folders() -> tuple[Path, ...]:
    try:
        return addon_folders(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def compile_catalogues(extra_folders: Iterable[Path] = ()) -> None:
    """Compile every catalogue beside itself: the kernel's, Flask-AppBuilder's, WTForms' and the addons'."""
    found = {*ROOT.glob("translations/**/*.po")}
    for parent in (ROOT / "addons", *extra_folders):
        for kind in ("translations", "wording"):
            found.update(parent.glob(f"*/{kind}/**/*.po"))
    for path in sorted(found):
        compile_catalogue(path)


def compile_catalogue(path: Path) -> None:
    """Compile one catalogue beside itself."""
    buffer = io.BytesIO()
    write_mo(buffer, read(path))
    # Put in place at once: a server that starts meanwhile reads the old file or the new one, never half of one.
    target = path.with_suffix(".mo")
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    fresh.write_bytes(buffer.getvalue())
    fresh.replace(target)


def catalogues(extra_folders: Iterable[Path] = ()) -> list[tuple[Path, Path]]:
    """Every (folder of code, folder of translations): the kernel's and each addon's."""
    parents = (ROOT / "addons", *extra_folders)
    addons = [path.parent for parent in parents for path in sorted(parent.glob("*/__manifest__.py"))]
    return [(ROOT / "app", ROOT / "translations"), *((addon, addon / "translations") for addon in addons)]


def read(path: Path) -> Catalog:
    """The catalogue at ``path``, or an empty one. Raises `ClickException` when a text stands there twice."""
    if not path.exists():
        return _new_catalogue()
    if twice := repeated(path.read_text(encoding="utf-8")):
        raise click.ClickException(f"{path}: {', '.join(twice)} stands there twice; one of the entries would be lost.")
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def repeated(source: str) -> list[str]:
    """The texts, as they are written, that have more than one entry in the source of a catalogue."""
    seen = Counter(ENTRY.findall(source))
    return [text for (_context, text), times in seen.items() if times > 1]


def _new_catalogue() -> Catalog:
    catalog = Catalog(
        locale=LANGUAGE,
        project="Sinergi",
        version="1",
        header_comment="# Indonesian translations for Sinergi.",
        msgid_bugs_address="sinergi@example.org",
        last_translator="Sinergi <sinergi@example.org>",
        language_team="Sinergi <sinergi@example.org>",
        creation_date=FIRST_DAY,
        revision_date=FIRST_DAY,
        fuzzy=False,
    )
    # Indonesian nouns have one form; Babel assumes two. All catalogues of a language must agree: they are merged.
    catalog.mime_headers = [("Plural-Forms", "nplurals=1; plural=0;")]
    return catalog


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
