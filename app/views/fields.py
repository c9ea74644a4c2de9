"""What a screen knows of an attribute of a model: its label, its kind, and how its value is written for people and
programs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Integer, Numeric, String, Text, inspect
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import ColumnProperty, RelationshipProperty

from app.access.column_rights import shown_value
from app.database.base import Model
from app.database.columns import Links
from app.errors import AddonError
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.i18n.formats import format_date, format_moment, format_money, format_nip, format_number

KERNEL_LABELS = {
    "id": _l("Id"),
    "state": _l("State"),
    "active": _l("Active"),
    "version": _l("Version"),
    "created_at": _l("Created at"),
    "changed_at": _l("Changed at"),
}


@dataclass(frozen=True)
class Field:
    """An attribute as screens see it. ``kind``: text, integer, number, boolean, date, time, moment, choice, choices (a
    tick list), relation, relations (several links) or data.
    """

    name: str
    label: Any
    kind: str
    required: bool
    help: Any = None
    choices: Mapping[str, Any] | None = None
    multiline: bool = False
    max_length: int | None = None
    target: Any = None
    key: str = ""
    column: Any = None
    widget: str = ""
    """How the box looks and checks beyond the kind: money, nip or phone."""

    personal: bool = False

    def text(self, record: Any) -> str:
        """The value of ``record`` for people."""
        return self.text_of(shown_value(record, self.name))

    def text_of(self, value: Any) -> str:
        """``value`` of this field for people."""
        if value is None:
            return ""
        if self.kind in {"choice", "choices"}:
            return ", ".join(str((self.choices or {}).get(item, item)) for item in as_list(value))
        if self.kind == "relations":
            return ", ".join(str(item) for item in value)
        if self.kind == "boolean":
            return _("Yes") if value else _("No")
        return self._plain_text(value)

    def _plain_text(self, value: Any) -> str:
        if isinstance(value, datetime):
            return format_moment(value)
        if isinstance(value, date):
            return format_date(value)
        if isinstance(value, time):
            return value.isoformat("minutes")
        if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
            return format_money(value) if self.widget == "money" else format_number(value)
        return (format_nip(value) or "") if self.widget == "nip" else str(value)

    def data(self, record: Any) -> Any:
        """The value of ``record`` for programs: ISO 8601 for dates and moments, ``{id, name}`` for relations."""
        value = shown_value(record, self.name)
        if value is None:
            return None
        if self.kind == "relation":
            return {"id": value.id, "name": str(value)}
        if self.kind == "relations":
            return [{"id": item.id, "name": str(item)} for item in value]
        if isinstance(value, (date, datetime)):
            return value.isoformat()
        if isinstance(value, Decimal):
            return str(value)
        return value if isinstance(value, (bool, int, float, str, dict, list)) else str(value)

    def key_of(self, record: Any) -> Any:
        """The stored value: for a relation the id it points to, seen or not."""
        return getattr(record, self.key or self.name)


@lru_cache(maxsize=2000)
def field_of(model: type[Model], name: str) -> Field:
    """The field ``name`` of ``model``. Raises `AddonError` when there is none."""
    mapper = inspect(model)
    if name not in mapper.attrs:
        links = getattr(model, name, None)
        if isinstance(links, Links):
            return Field(name, links.label, "relations", required=False, help=links.help, target=links.target)
        if isinstance(getattr(model, name, None), property):
            return Field(name, _property_label(model, name), "text", required=False)
        raise AddonError(f"{model.__model_key__} has no attribute {name!r}.")
    attribute = mapper.attrs[name]
    if isinstance(attribute, RelationshipProperty):
        return _relation(mapper, attribute)
    if not isinstance(attribute, ColumnProperty):
        raise AddonError(f"{model.__model_key__}.{name} cannot be shown.")
    column = attribute.columns[0]
    info = column.info
    choices = info.get("choices")
    return Field(
        name=name,
        label=info.get("label") or KERNEL_LABELS.get(name, name),
        kind=_choice_kind(column.type) if choices else _kind(column.type),
        required=_required(column),
        help=info.get("help"),
        choices=choices,
        multiline=bool(info.get("multiline")) or isinstance(column.type, Text),
        max_length=getattr(column.type, "length", None),
        column=getattr(model, name),
        widget=info.get("widget") or "",
        personal=bool(info.get("personal")),
    )


def as_list(value: Any) -> list[Any]:
    """Several values as a list; one value alone is a list of one, and nothing an empty one."""
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _choice_kind(type_: Any) -> str:
    return "choices" if isinstance(type_, JSONB) else "choice"


def _relation(mapper: Any, relation: Any) -> Field:
    if relation.direction.name != "MANYTOONE":
        raise AddonError(f"{mapper.class_.__name__}.{relation.key} is not a link to one record.")
    local = next(iter(relation.local_columns))
    return Field(
        name=relation.key,
        label=local.info.get("label") or relation.key,
        kind="relation",
        required=_required(local),
        help=local.info.get("help"),
        target=relation.mapper.class_,
        key=mapper.get_property_by_column(local).key,
        column=local,
    )


def _property_label(model: type[Model], name: str) -> Any:
    labels: dict[str, Any] = getattr(model, "__labels__", {})
    return labels.get(name, name)


def _required(column: Any) -> bool:
    told = column.info.get("required")
    if told is not None:
        return bool(told)
    return not column.nullable and column.default is None and column.server_default is None


def _kind(type_: Any) -> str:
    kinds = (
        (Boolean, "boolean"),
        (Integer, "integer"),
        (Numeric, "number"),
        (DateTime, "moment"),
        (Date, "date"),
        (JSONB, "data"),
        (String, "text"),
    )
    return next((kind for python, kind in kinds if isinstance(type_, python)), "data")
