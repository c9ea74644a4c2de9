"""The parts of a draft as forms and programs send them: read, marked, and told apart from what stood there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count
from typing import Any

from marshmallow import RAISE, ValidationError

from addons.organization.models.position import Position
from addons.procedures.models.confirmation import VALUES
from addons.procedures.services.procedure_document import Document, ways_of
from addons.procedures.services.procedure_shape import flattened, told
from app.addon import Invalid, db
from app.addon import lazy_gettext as _l

TYPED = {
    "standard_minutes": _l("Write a whole number with its unit, such as 30 minutes, 2 hours or 1 working day."),
}
"""What a form wants where the shape of a file would only say that it is not of the right kind."""


def mark_of(part: Any) -> str:
    """A short mark of what a part says now: whoever saves it names the mark of what was read."""
    text = json.dumps(part, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def free_key(name: str, taken: Collection[str]) -> str:
    """A key for an executor, made of the name."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:50] or "pelaksana"
    candidates = chain([plain], (f"{plain}_{number}" for number in count(2)))
    return next(key for key in candidates if key not in taken)


def read_alike(doubt: Mapping[str, Any]) -> str:
    """What a form shows of a doubt: in a field, the number 5 and the text "5" are one."""
    values = {name: value for name, value in doubt.items() if value is not None}
    return mark_of({**values, "candidates": [str(item) for item in doubt.get("candidates", ())]})


def renamed(shape: Document, before: str, after: str) -> Document:
    """The step ``shape`` with its ways to itself, which had the number ``before``, under the number ``after``."""
    ways = [
        {
            **way,
            "parallel": [after if key == before else key for key in way.get("parallel", ())],
            "to": after if way["to"] == before else way["to"],
            "also": [
                {**offer, "step": after if offer["step"] == before else offer["step"]} for offer in way.get("also", ())
            ],
        }
        for way in ways_of(shape)
    ]
    return {**{name: value for name, value in shape.items() if name not in {"next", "parallel"}}, "branches": ways}


def position_of(value: Any) -> int | None:
    """The position that a form names; None for none. Raises `Invalid` when it does not exist here."""
    if not value:
        return None
    position = db.session.get(Position, int(value)) if str(value).isdigit() and int(value) < 2**31 else None
    if position is None:
        message = _l("This position does not exist here.")
        raise Invalid(message, {"executors": [message]})
    return position.id


def read_part(shape: Any, item: Mapping[str, Any], place: str) -> Document:
    """``item`` in the given shape. Raises `Invalid` with every problem by field."""
    try:
        found: Document = shape(unknown=RAISE).load(item)
    except ValidationError as refusal:
        errors: dict[str, list[Any]] = {}
        for path, message in flattened(refusal.messages, ()):
            name = ".".join(str(part) for part in ((place, *path) if place else path))
            errors.setdefault(name, []).append(
                message if not path else f"{_field_words(path)}: {TYPED.get(str(path[0]), message)}"
            )
        raise Invalid(_l("This was not saved yet."), errors) from None
    return found


def _field_words(path: Sequence[str | int]) -> str:
    """What a field is called on the form: ``Outputs 2 › kind``."""
    first, *rest = path
    return told((str(VALUES.get(str(first), first)), *rest))


def read_parts(shape: Any, items: Sequence[Mapping[str, Any]], place: str) -> list[Document]:
    """Every one of ``items`` in the given shape."""
    return [read_part(shape, item, f"{place}.{number}") for number, item in enumerate(items)]
