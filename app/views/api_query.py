"""The query of the REST API: ``q`` in Rison, with the filters of Flask-AppBuilder and those of the list."""

from __future__ import annotations

from typing import Any

import prison
from flask import request
from prison.decoder import ParserException
from sqlalchemy import String, cast
from werkzeug.datastructures import MultiDict

from app.database.text import is_storable
from app.errors import BadRequest
from app.i18n import lazy_gettext as _l
from app.views.fields import Field
from app.views.forms import make_form

COMPARISONS: dict[str, Any] = {
    "eq": lambda column, value: column == value,
    "neq": lambda column, value: column != value,
    "gt": lambda column, value: column > value,
    "lt": lambda column, value: column < value,
    "ct": lambda column, value: cast(column, String).icontains(value, autoescape=True),
    "nct": lambda column, value: ~cast(column, String).icontains(value, autoescape=True),
    "sw": lambda column, value: cast(column, String).istartswith(value, autoescape=True),
    "ew": lambda column, value: cast(column, String).iendswith(value, autoescape=True),
    "rel_o_m": lambda column, value: column == value,
}
"""The operators of FAB's ``filters``, by its names."""


def read_query() -> dict[str, Any]:
    """The argument ``q`` of the address. Raises `BadRequest`."""
    text = request.args.get("q")
    if not text:
        return {}
    try:
        wish = prison.loads(text[:5000])
    except (ParserException, ValueError, IndexError, TypeError, RecursionError):
        raise BadRequest(_l("The argument q is not valid Rison."), code="bad_rison") from None
    if not isinstance(wish, dict):
        raise BadRequest(_l("The argument q is not valid Rison."), code="bad_rison")
    return wish


def comparison(fields: dict[str, Field], model: Any, item: Any) -> Any:
    """One ``{col, opr, value}`` as SQL. Raises `BadRequest`."""
    if not isinstance(item, dict):
        raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
    name, operator, value = (item.get(key) for key in ("col", "opr", "value"))
    if not isinstance(name, str) or name not in fields or not isinstance(operator, str):
        raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
    if operator not in COMPARISONS or not isinstance(value, (str, int, float)) or not is_storable(str(value)):
        raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
    field = fields[name]
    column = getattr(model, field.key or field.name)
    if operator in {"ct", "nct", "sw", "ew"}:
        return COMPARISONS[operator](column, str(value))
    return COMPARISONS[operator](column, _typed(field, value))


def list_arguments(wish: dict[str, Any]) -> dict[str, str]:
    """The filters of the list in ``where``: ``(state:active,ends_on_in:next_month)`` means ``f_state=active`` and
    ``f_ends_on_in=next_month`` of an address. Raises `BadRequest`.
    """
    where = wish.get("where", {})
    if not isinstance(where, dict) or len(where) > 40:
        raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
    if not all(isinstance(name, str) and isinstance(value, (str, int, float)) for name, value in where.items()):
        raise BadRequest(_l("The filters cannot be read."), code="bad_filter")
    return {f"f_{name}": str(int(value) if isinstance(value, bool) else value) for name, value in where.items()}


def natural(wish: dict[str, Any], name: str, default: int) -> int:
    value = wish.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not -1 <= value < 2**31:
        raise BadRequest(_l("The page number cannot be read."), code="bad_page")
    return max(0, value)


def text_of(wish: dict[str, Any], name: str) -> str:
    value = wish.get(name, "")
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise BadRequest(_l("The argument q is not valid Rison."), code="bad_rison")
    return str(value)


def _typed(field: Field, value: Any) -> Any:
    """The value of a filter as the column's type. Raises `BadRequest`."""
    if isinstance(value, bool) and field.kind == "boolean":
        return value
    kind = "integer" if field.kind == "relation" else field.kind
    form = make_form([Field(field.name, field.label, kind, False, None, field.choices)])
    filled = form(MultiDict({field.name: str(value)}))
    odd = isinstance(value, bool) or field.kind in {"boolean", "data"}
    if odd or not filled.validate() or filled[field.name].data is None:
        raise BadRequest(_l("The filter on %(column)s cannot be read.", column=field.label), code="bad_filter")
    return filled[field.name].data
