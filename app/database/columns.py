"""Words for declaring columns and constraints: a label, a help text and choices travel in ``Column.info``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from app.database.base import ConstraintMaker, InstitutionOwned


def column(
    type_: TypeEngine[Any] | type[TypeEngine[Any]] | None = None,
    *,
    label: Any,
    help: Any = None,  # noqa: A002  # the word WTForms, click and Odoo use
    choices: Mapping[str, Any] | None = None,
    multiline: bool = False,
    required: bool | None = None,
    personal: bool | Literal["name"] = False,
    widget: Literal["", "money", "nip", "phone"] = "",
    **options: Any,
) -> MappedColumn[Any]:
    """A mapped column that screens can show.

    ``label`` and ``help`` are lazy translations; ``choices`` maps stored values to labels; ``required`` overrides what
    nullability and defaults tell. ``personal`` data (UU 27/2022) are masked for whoever lacks the right ``personal``
    on the model, and erased on request; ``"name"``, by which people know each other, is only erased. ``widget`` says
    how a number is written and checked: rupiah, the number of a civil servant, a telephone number.
    """
    info = {
        "label": label,
        "help": help,
        "choices": choices,
        "multiline": multiline,
        "required": required,
        "personal": personal,
        "widget": widget,
    }
    positional = () if type_ is None else (type_,)
    return mapped_column(*positional, info=info, **options)


def reference(
    target: str,
    *,
    label: Any,
    ondelete: str = "RESTRICT",
    help: Any = None,  # noqa: A002  # the word WTForms, click and Odoo use
    required: bool | None = None,
    **options: Any,
) -> MappedColumn[Any]:
    """An indexed foreign key to ``target`` (``"rooms_room.id"``); pair it with a relationship of the same stem."""
    info = {"label": label, "help": help, "required": required}
    return mapped_column(ForeignKey(target, ondelete=ondelete), index=True, info=info, **options)


class Links(property):
    """Links to several records as one attribute of a model, read and set as a list: ``read(record)`` gives the linked
    records, ``write(record, values)`` adds and removes the rows between.
    """

    def __init__(
        self,
        read: Callable[[Any], list[Any]],
        write: Callable[[Any, list[Any]], None],
        *,
        target: Any,
        label: Any,
        help: Any = None,  # noqa: A002  # the word WTForms, click and Odoo use
    ) -> None:
        super().__init__(read, write)
        self.target, self.label, self.help = target, label, help


def unique(*columns: str) -> ConstraintMaker:
    """Unique within the institution, archived rows included: for official numbers and codes."""
    return _unique(columns, active_only=False)


def unique_active(*columns: str) -> ConstraintMaker:
    """Unique within the institution among rows that are not archived: for names."""
    return _unique(columns, active_only=True)


def _unique(columns: tuple[str, ...], *, active_only: bool) -> ConstraintMaker:
    def make(cls: Any) -> SchemaItem:
        names = ("institution_id", *columns) if issubclass(cls, InstitutionOwned) else columns
        where: dict[str, Any] = {"postgresql_where": text("active")} if active_only else {}
        suffix = "_active" if active_only else ""
        return Index(f"uq_{cls.__tablename__}_{'_'.join(columns)}{suffix}", *names, unique=True, **where)

    return make


def index(*columns: str, name: str | None = None, **options: Any) -> ConstraintMaker:
    """An index that begins with the institution, for a declared sort or filter."""

    def make(cls: Any) -> SchemaItem:
        names = ("institution_id", *columns) if issubclass(cls, InstitutionOwned) else columns
        return Index(name or f"ix_{cls.__tablename__}_{'_'.join(columns)}", *names, **options)

    return make


def check(name: str, condition: str) -> ConstraintMaker:
    """A check over the row, written in SQL; ``name`` is what error messages are looked up by."""
    return lambda _cls: CheckConstraint(condition, name=name)


def no_overlap(name: str, *, equal: str, starts: str, ends: str, where: str) -> ConstraintMaker:
    """No two rows with the same ``equal`` column overlap in the half-open range [starts, ends) while ``where``
    holds.
    """

    def make(_cls: Any) -> SchemaItem:
        return ExcludeConstraint(
            (text(equal), "="),
            (text(f"tstzrange({starts}, {ends}, '[)')"), "&&"),
            where=text(where),
            name=name,
            using="gist",
        )

    return make


def default_of(column: Any) -> Any:
    """What SQLAlchemy would store in ``column`` of a new row when nothing is given, or None."""
    default = getattr(column, "default", None)
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg if default.is_scalar else None
