"""The form of a procedure's head in the editor: identity block with its tables, kept records, values to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addons.procedures.models.confirmation import field_name
from addons.procedures.models.joins_case import joining_models_here
from addons.procedures.models.procedure import IDENTITY, IDENTITY_TABLES, TABLE_CELLS, Procedure
from addons.procedures.services.kept_record import books_to_choose
from addons.procedures.services.procedure_document import Document, ways_of
from addons.procedures.services.procedure_heading import DAYS, OF_VERSION, head_value, said_here
from addons.procedures.services.procedure_print import PARTS
from addons.procedures.views.procedure_forms import given, read_doubts, rows_of, text_of

LISTS = (*PARTS, "authority")
"""Parts of the identity block that are lists even while they are empty; others are when a file brought them so."""
PROSE = ("purpose", "scope")
"""Parts that take more than a line."""
STEP_VALUES = ("executor", "standard_minutes", "activity", "papers", "outputs", "branches", "question", "remark")
ELSEWHERE = ("retention", "footnotes", "flow_chart", "papers", "executors")
"""What a paper says of the whole procedure, outside its identity block."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field of the identity block: a line, prose, or a list of one item a line."""

    key: str
    label: Any
    value: Any
    is_list: bool
    otherwise: str = ""
    """What is printed while the field is empty."""

    @property
    def text(self) -> str:
        """The value as it stands in the field."""
        return shown(self.value)

    @property
    def is_day(self) -> bool:
        """Whether a day is asked for."""
        return self.key in DAYS

    @property
    def is_long(self) -> bool:
        """Whether it gets several lines."""
        return self.is_list or self.key in PROSE or len(self.text) > 80


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the identity block: the names of its cells, and its rows."""

    key: str
    label: Any
    cells: dict[str, Any]
    rows: list[Mapping[str, Any]]


def shown(value: Any) -> str:
    """A value of the identity block as it stands in its field."""
    if isinstance(value, list):
        return "\n".join(str(item).replace("\n", " ") for item in value)
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def parts_of(identity: Mapping[str, Any], procedure: Procedure | None = None) -> list[Part]:
    """The fields of the official form, then whatever else a file brought. A day that ``procedure`` only copied from
    the version before is empty, for this version to say its own.
    """
    known = {**IDENTITY, **{key: key for key in identity if key not in IDENTITY and not _is_table(key, identity)}}
    found = []
    for key, label in known.items():
        if not _is_table(key, identity):
            value, is_own = identity.get(key), procedure is None or identity.get(key) != procedure.identity.get(key)
            value = value if procedure is None or is_own else said_here(procedure, key)
            otherwise = head_value(procedure, key) if procedure is not None and key in OF_VERSION and not value else ""
            is_list = key in LISTS or isinstance(value, list)
            found.append(Part(key, label, value, is_list, "" if otherwise == "-" else otherwise))
    return found


def tables_of(identity: Mapping[str, Any]) -> list[Table]:
    """The tables of the identity block; their cells are those of the layouts, then whatever else a file brought."""
    found = []
    for key in dict.fromkeys([*IDENTITY_TABLES, *(key for key in identity if _is_table(key, identity))]):
        rows = [row for row in identity.get(key) or () if isinstance(row, Mapping)]
        cells: dict[str, Any] = {**TABLE_CELLS.get(key, {})}
        cells |= {name: name for row in rows for name in row if name not in cells}
        found.append(Table(key, IDENTITY_TABLES.get(key, key), cells, rows))
    return found


def read_head_form(form: Mapping[str, str], procedure: Procedure) -> dict[str, Any]:
    """Title, kind, first step, identity block and kept records."""
    return {
        "title": text_of(form, "title"),
        "kind": text_of(form, "kind"),
        "start": text_of(form, "start"),
        "identity": {**procedure.identity, **_read_identity(form, procedure)},
        "records": [given(**row) for row in rows_of(form, "records", ("name", "kind")) if row["name"]],
        "doubts": read_doubts(form, {}),
    }


def kinds_of_record() -> dict[str, str]:
    """What can hold a kept record: models whose records join cases, and the books in which they stand."""
    models = joining_models_here()
    found = {key: str(model.__title__) for key, model in models.items()}
    # A book of another institution's addon is nothing to choose here.
    named = {kind: title for kind, (model, title) in books_to_choose().items() if model in models}
    return {**found, **named}


def head_values(document: Document) -> list[tuple[str, str]]:
    """What of the head may need confirmation: the path of the value, and how it is called."""
    identity = document["identity"]
    fields = ["title"]
    for part in parts_of(identity):
        items = len(part.value) if isinstance(part.value, list) else 0
        fields += [part.key, *(f"{part.key}.{n}" for n in range(1, items + 1))] if part.is_list else []
        fields += [] if part.is_list else [f"identity.{part.key}"]
    for table in tables_of(identity):
        fields += [table.key, *(f"{table.key}.{n}" for n in range(1, len(table.rows) + 1))]
    fields += ["records", *(f"records.{number}" for number, _item in enumerate(document["records"], 1))]
    fields += [*ELSEWHERE, *(f"executors.{item['key']}.name" for item in document["executors"])]
    return [(field, field_name(field)) for field in fields]


def step_values(item: Document) -> list[tuple[str, str]]:
    """The same of a step."""
    ways = [f"branches.{way['key']}" for way in ways_of(item) if item.get("branches") and way.get("key")]
    return [(field, field_name(field)) for field in (*STEP_VALUES, *ways, "symbol", "key")]


def _is_table(key: str, identity: Mapping[str, Any]) -> bool:
    value = identity.get(key)
    return key in IDENTITY_TABLES or (isinstance(value, list) and any(isinstance(row, Mapping) for row in value))


def _read_identity(form: Mapping[str, str], procedure: Procedure) -> dict[str, Any]:
    """What was typed; what reads as before stays as it was, whether a number, a list or nothing at all."""
    found: dict[str, Any] = {}
    identity = procedure.identity
    for part in parts_of(identity, procedure):
        text = text_of(form, f"identity-{part.key}")
        if f"identity-{part.key}" in form and text != part.text:
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            found[part.key] = lines if part.is_list else text or None
    for table in tables_of(identity):
        rows = _read_rows(form, table)
        if rows != table.rows and any(name.startswith(f"table-{table.key}-") for name in form):
            found[table.key] = rows
    return found


def _read_rows(form: Mapping[str, str], table: Table) -> list[Mapping[str, Any]]:
    columns = [str(number) for number in range(len(table.cells))]
    found: list[Mapping[str, Any]] = []
    for place, typed in enumerate(rows_of(form, f"table-{table.key}", columns)):
        texts = dict(zip(table.cells, typed.values(), strict=True))
        before = table.rows[place] if place < len(table.rows) else {}
        if before and texts == {name: shown(before.get(name)) for name in table.cells}:
            found.append(before)
        elif row := given(**texts):
            found.append(row)
    return found
