"""The shape of a procedure's document: which words stand where, and of what kind they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate

from addons.organization.services.working_calendar import CLOCK_MODES
from addons.procedures.models.confirmation import CONFIDENCES
from addons.procedures.models.step_output import ON_RETURN
from addons.procedures.services.confirmed_place import LONGEST_STEP
from addons.procedures.services.procedure_check import Problem
from app.addon import is_storable
from app.addon import lazy_gettext as _l

Path = tuple[str | int, ...]
SAID = {
    "required": _l("This is missing."),
    "null": _l("This must not be empty."),
    "invalid": _l("This is not of the right kind."),
    "type": _l("Words with their values are expected here."),
    "unknown": _l("This word is not known here."),
    "too_large": _l("This is too large."),
}


def _storable(value: str) -> None:
    if not is_storable(value):
        raise ValidationError(str(_l("It contains signs that cannot be kept.")))


def _plain_values(value: Any) -> Iterator[Any]:
    """The values of lists and of rows with named cells, one by one."""
    if isinstance(value, list):
        for item in value:
            yield from item.values() if isinstance(item, Mapping) else [item]
    else:
        yield value


class Words(fields.Field):
    """A text up to ``longest`` signs; a number counts as one, as YAML writes the numbers of steps."""

    default_error_messages = {**SAID}

    def __init__(self, longest: int = 10_000, **options: Any) -> None:
        self.longest = longest
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise self.make_error("invalid")
        text = str(value).strip()
        if self.required and not text:
            raise self.make_error("null")
        if len(text) > self.longest:
            raise self.make_error("too_large")
        _storable(text)
        return text


class Texts(fields.Field):
    """A text or a list of texts, kept as a list."""

    default_error_messages = {**SAID}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[str]:
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self.make_error("invalid")
        for item in items:
            _storable(item)
        return items


class Whatever(fields.Field):
    """A value of the identity block or a candidate: text, number, list of these, or nothing."""

    default_error_messages = {**SAID}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        for item in _plain_values(value):
            if not isinstance(item, (str, int, float)) or isinstance(item, bool):
                raise self.make_error("invalid")
            _storable(str(item))
        return value


def _flag() -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, error_messages=SAID)


def _many(schema: type[Schema], **options: Any) -> fields.List:
    return fields.List(fields.Nested(schema, unknown=RAISE, error_messages=SAID), error_messages=SAID, **options)


class Strict(Schema):
    """A part of a document; what is written as nothing is not there."""

    error_messages = {key: SAID[key] for key in ("unknown", "type")}

    @pre_load
    def leave_out_nothing(self, data: Any, **_options: Any) -> Any:
        """``remark: null`` says as much as no remark."""
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, Mapping) else data


class PaperShape(Strict):
    """What must be at hand."""

    name = Words(300, required=True)
    mandatory = _flag()


class OutputShape(Strict):
    """What a step brings forth."""

    name = Words(300, required=True)
    kind = Words(100)
    mandatory = _flag()
    state = Texts()
    when = Words(40)
    on_return = fields.String(validate=validate.OneOf(tuple(ON_RETURN), error=str(SAID["invalid"])))


class OfferShape(Strict):
    """An optional step of a branch."""

    step = Words(20, required=True)
    name = Words(300)
    outputs = Texts()
    state = Texts()


class ConditionShape(Strict):
    """A condition over the case, or over the record that a gate keeps waiting."""

    field = Words(100, required=True)
    operator = Words(20, required=True)
    value = fields.Raw(allow_none=True)

    @pre_load
    def leave_out_nothing(self, data: Any, **_options: Any) -> Any:
        """A value may be nothing."""
        return data


class GateShape(Strict):
    """A transition of another record that waits for the step."""

    model = Words(100, required=True)
    transition = Words(40, required=True)
    condition = fields.Nested(ConditionShape, unknown=RAISE, error_messages=SAID)


class WayShape(Strict):
    """A way on."""

    key = Words(40, required=True)
    label = Words(200)
    to = Words(20, required=True)
    note = Words(300)
    note_required = _flag()
    nothing_on_return = _flag()
    condition = fields.Nested(ConditionShape, unknown=RAISE, error_messages=SAID)
    printed = _flag()
    parallel = fields.List(Words(20), error_messages=SAID)
    also = _many(OfferShape)


class StepShape(Strict):
    """A row of the form."""

    key = Words(20, required=True)
    activity = Words(required=True)
    executor = Words(60, required=True)
    standard_minutes = fields.Integer(
        strict=True,
        validate=validate.Range(1, LONGEST_STEP, error=str(SAID["invalid"])),
        error_messages=SAID,
    )
    clock_mode = fields.String(validate=validate.OneOf(tuple(CLOCK_MODES), error=str(SAID["invalid"])))
    remark = Words()
    question = Words(300)
    papers = _many(PaperShape)
    outputs = _many(OutputShape)
    branches = _many(WayShape)
    next = Words(20)
    parallel = fields.List(Words(20), error_messages=SAID)
    may_repeat = _flag()
    waits_for_all = _flag()
    printed = _flag()
    gates = _many(GateShape)


class ExecutorShape(Strict):
    """A column of the form."""

    key = Words(60, required=True)
    name = Words(200, required=True)
    position = Words(500)
    external = _flag()


class RecordShape(Strict):
    """A record that every case leaves something in."""

    name = Words(300, required=True)
    kind = Words(100)


class DoubtShape(Strict):
    """A value that needs confirmation."""

    step = Words(20)
    field = Words(100, required=True)
    literal = Words()
    confidence = fields.String(validate=validate.OneOf(tuple(CONFIDENCES), error=str(SAID["invalid"])))
    candidates = fields.List(Whatever(allow_none=True), error_messages=SAID)
    note = Words()


class ProcedureShape(Strict):
    """The whole."""

    code = Words(60, required=True)
    edition = fields.Integer(strict=True, validate=validate.Range(1, 9999, error=str(SAID["invalid"])))
    title = Words(300, required=True)
    kind = Words(60)
    identity = fields.Dict(keys=fields.String(), values=Whatever(allow_none=True), error_messages=SAID)
    executors = _many(ExecutorShape, required=True)
    records = _many(RecordShape)
    start = Words(20, required=True)
    steps = _many(StepShape, required=True)
    confirmations = _many(DoubtShape)


def read_shape(values: Any) -> tuple[dict[str, Any], list[Problem]]:
    """``values`` as a document, and what keeps it from being one; then the document is what could be read of it."""
    try:
        document: dict[str, Any] = ProcedureShape(unknown=RAISE).load(values)
    except ValidationError as refusal:
        read = refusal.valid_data
        return read if isinstance(read, dict) else {}, [
            Problem(str(message), part=told(path), path=path, breaks=True)
            for path, message in flattened(refusal.messages, ())
        ]
    return document, []


def is_checkable(read: Mapping[str, Any]) -> bool:
    """Whether what was read has all that its ways can be followed by."""
    return (
        {"executors", "steps", "start"} <= read.keys()
        and all({"key", "name"} <= item.keys() for item in read["executors"])
        and all({"key", "activity", "executor"} <= step.keys() for step in read["steps"])
        and all({"key", "to"} <= way.keys() for step in read["steps"] for way in step.get("branches", ()))
    )


def told(path: Path) -> str:
    """``steps 4 › outputs 2 › kind``: places are counted from one, as people do."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        else:
            words.append(str(part))
    return " › ".join(words)


def flattened(messages: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Marshmallow's messages, each with its path."""
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            yield from flattened(below, path if key == "_schema" else (*path, key))
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield path, str(message)
