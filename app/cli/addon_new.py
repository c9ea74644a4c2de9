"""`run.py addons new`: a working addon from the templates beside this module."""

from __future__ import annotations

import keyword
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from string import Template

from babel.messages.catalog import Catalog

from app.cli.i18n import LANGUAGE, ROOT, catalogues, compile_catalogue, extract, read, written
from app.database.base import snake_case
from app.errors import AddonError
from app.registry.graph import closure
from app.registry.manifest import NAME_PATTERN, RESERVED_NAMES, Manifest

TEMPLATES = Path(__file__).parent / "templates" / "addon"
ENDING = ".tmpl"
LONGEST_TABLE = 45
"""PostgreSQL cuts names at 63 characters, and those of indexes carry the table's with a prefix and a column."""
LONGEST_MODEL = 24
_MODEL = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)*")
_TITLE = re.compile(r"\w[\w .,&()/'-]{0,48}[\w.)]|\w")
_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
WORDS = {
    "Draft": "Rancangan",
    "In use": "Dipakai",
    "Out of use": "Tidak dipakai",
    "Put into use": "Pakai",
    "Take out of use": "Hentikan pemakaian",
    "Name": "Nama",
    "Note": "Catatan",
    "State": "Status",
    "A name is needed.": "Nama wajib diisi.",
    "Another active record has this name.": "Nama ini sudah dipakai catatan aktif lain.",
}
"""What the templates say on screens, in Indonesian."""


@dataclass(frozen=True, slots=True)
class NewAddon:
    """What is asked for; `check` says what is wrong with it, `write` makes the folder."""

    name: str
    title: str
    model: str
    into: Path
    depends: tuple[str, ...] = ()
    institution: str = ""

    @property
    def folder(self) -> Path:
        """The folder to be."""
        return self.into / self.name

    @property
    def stem(self) -> str:
        """The name of the model's files."""
        return snake_case(self.model)

    @property
    def is_outside(self) -> bool:
        """Whether the addon will live outside the repository."""
        return not self.folder.is_relative_to(ROOT)


def check(wanted: NewAddon, known: Mapping[str, Manifest]) -> None:
    """Raise `AddonError` with one sentence when the addon cannot be called, placed or bound like that."""
    for is_wrong, sentence in _rules(wanted, known):
        if is_wrong:
            raise AddonError(sentence)


def _rules(wanted: NewAddon, known: Mapping[str, Manifest]) -> Sequence[tuple[bool, str]]:
    name, table = wanted.name, f"{wanted.name}_{wanted.stem}"
    missing = next((item for item in wanted.depends if item not in known), "")
    taken = _owner_of_class(wanted.model, known)
    return (
        (
            not NAME_PATTERN.fullmatch(name),
            f"{name!r} is no addon name: 2 to 40 lower-case letters, digits and underscores, a letter first.",
        ),
        (name in RESERVED_NAMES, f"{name}: this name belongs to the kernel."),
        (keyword.iskeyword(name), f"{name}: Python keeps this word for itself."),
        (name in known, f"{name}: there is an addon of this name in {known[name].folder if name in known else ''}."),
        (
            not _MODEL.fullmatch(wanted.model) or len(wanted.model) > LONGEST_MODEL,
            f"{wanted.model!r} is no model name: write it like Card or LibraryCard, {LONGEST_MODEL} letters at most.",
        ),
        (bool(taken), f"{wanted.model}: {taken} has a class of this name; choose another one with --model."),
        (len(table) > LONGEST_TABLE, f"{table}: addon and model together may have {LONGEST_TABLE} characters."),
        (not _TITLE.fullmatch(wanted.title), "A title has 1 to 50 letters, digits, blanks and . , & ( ) / ' - in it."),
        (bool(missing), f"{missing}: the new addon cannot depend on it, no such addon was found."),
        (
            bool(wanted.institution) and not _CODE.fullmatch(wanted.institution),
            f"{wanted.institution!r} is no institution code: lower-case letters, digits and underscores.",
        ),
        (wanted.institution in RESERVED_NAMES, f"{wanted.institution}: this code belongs to the kernel."),
        (not wanted.into.is_dir(), f"{wanted.into} is not a folder."),
        (wanted.folder.exists(), f"{wanted.folder} exists; nothing was written."),
    )


def _owner_of_class(name: str, known: Mapping[str, Manifest]) -> str:
    """Who has a class of that name already: links between models find each other by it."""
    folders = {"the kernel": ROOT / "app", **{item.name: item.folder / "models" for item in known.values()}}
    for module in ("flask_appbuilder.models.sqla", "flask_appbuilder.security.sqla"):
        spec = find_spec(module)
        if spec is not None and spec.origin is not None:
            folders[f"Flask-AppBuilder ({module})"] = Path(spec.origin).parent
    pattern = re.compile(rf"^class {name}\b", re.MULTILINE)
    for owner, folder in folders.items():
        if any(pattern.search(path.read_text(encoding="utf-8")) for path in folder.rglob("*.py")):
            return owner
    return ""


def write(wanted: NewAddon, known: Mapping[str, Manifest]) -> list[Path]:
    """Write the addon; returns its files. Raises `AddonError` before anything is written."""
    check(wanted, known)
    brings_institution = bool(wanted.institution) and wanted.institution not in {
        manifest.institution for manifest in known.values()
    }
    values = _values(wanted, known, brings_institution)
    texts = {}
    for source in sorted(TEMPLATES.rglob(f"*{ENDING}")):
        place = source.relative_to(TEMPLATES).with_suffix("")
        if (place.name == "institution.yaml" and not brings_institution) or (
            place.name == "conftest.py" and not wanted.is_outside
        ):
            continue
        target = _place(place, wanted)
        texts[target] = Template(source.read_text(encoding="utf-8")).substitute(values)
    wanted.folder.mkdir()  # refuses a folder that somebody else has just made
    for target, text in texts.items():
        path = wanted.folder / target
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return sorted([*(wanted.folder / target for target in texts), _write_catalogue(wanted)])


def _place(place: Path, wanted: NewAddon) -> Path:
    names = {"model.py": f"{wanted.stem}.py", "service.py": f"{wanted.stem}.py", "view.py": f"{wanted.stem}.py"}
    if place.name == "test_model.py":
        return place.with_name(f"test_{wanted.stem}.py")
    return place.with_name(names.get(place.name, place.name))


def _values(wanted: NewAddon, known: Mapping[str, Manifest], brings_institution: bool) -> dict[str, str]:
    words = _words(wanted.model)
    implied = {other for name in wanted.depends for other in closure(known, name) - {name}}
    parents = sorted(set(wanted.depends) - implied) or ["kernel"]
    return {
        "name": wanted.name,
        "title": wanted.title,
        "yaml_title": "'" + wanted.title.replace("'", "''") + "'",
        "model": wanted.model,
        "stem": wanted.stem,
        "table": f"{wanted.name}_{wanted.stem}",
        "resource": f"{wanted.name}_{wanted.stem}",
        "model_words": words,
        "plural_words": _plural(words),
        "category": "Institution" if wanted.institution else "Services",
        "institution": wanted.institution,
        "institution_or_code": wanted.institution or "CODE",
        "institution_line": f'\n    "institution": "{wanted.institution}",' if wanted.institution else "",
        "depends": ", ".join(f'"{name}"' for name in wanted.depends),
        "migration_depends": f'"{parents[0]}"' if len(parents) == 1 else str(tuple(parents)).replace("'", '"'),
        "data_line": '\n    "data": ["data/institution.yaml"],' if brings_institution else "",
        "pytest_path": str(wanted.folder) if wanted.is_outside else os.path.relpath(wanted.folder, ROOT),
    }


def _words(model: str) -> str:
    """``LibraryCard`` → ``Library card``."""
    return snake_case(model).replace("_", " ").capitalize()


def _plural(words: str) -> str:
    if re.search(r"[^aeiou]y$", words):
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith(("s", "x", "ch", "sh")) else f"{words}s"


def _write_catalogue(wanted: NewAddon) -> Path:
    """The Indonesian catalogue: words that other catalogues translate as they do, names of the addon as they are."""
    path = wanted.folder / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    catalog = read(path)
    catalog.update(extract(wanted.folder), no_fuzzy_matching=True, update_creation_date=False)
    plural = _plural(_words(wanted.model))
    told = {
        **WORDS,
        f"{wanted.title}: staff": f"{wanted.title}: staf",
        f"{wanted.title}: {plural} with a life cycle.": f"{wanted.title}: {plural} dengan daur hidup.",
        **_known_words(),
    }
    for message in catalog:
        if message.id:
            message.string = told.get(str(message.id), str(message.id))
    path.write_bytes(written(catalog))
    compile_catalogue(path)
    return path


def _known_words() -> dict[str, str]:
    """What the repository's catalogues already say: a text has one translation wherever it stands."""
    found: dict[str, str] = {}
    for _folder, target in catalogues():
        catalog: Catalog = read(target / LANGUAGE / "LC_MESSAGES" / "messages.po")
        found.update(
            {item.id: str(item.string) for item in catalog if isinstance(item.id, str) and item.id and item.string}
        )
    return found
