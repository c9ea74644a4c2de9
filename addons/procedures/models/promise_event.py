"""What starts and stops the clocks of service promises: events of requests, of cases, of their steps and records."""

from collections.abc import Iterator, Mapping
from typing import Any

from addons.procedures.models.joins_case import joining_models
from app.addon import lazy_gettext as _l

OF_REQUESTS: dict[str, Any] = {
    "received": _l("The request came in"),
    "responded": _l("First response"),
    "followed_up": _l("Follow-up"),
    "draft_sent": _l("The draft was sent"),
    "case_opened": _l("It opened or joined a case"),
    "settled": _l("The request was settled"),
}
CASE_OPENED, CASE_CLOSED, CASE_CANCELLED = "case.opened", "case.closed", "case.cancelled"
STEP_TAKEN, STEP_DONE = "step.taken", "step.done"
OF_STEPS = (STEP_TAKEN, STEP_DONE)
OF_CASES: dict[str, Any] = {
    CASE_OPENED: _l("The case was opened"),
    CASE_CLOSED: _l("The case was closed"),
    CASE_CANCELLED: _l("The case was cancelled"),
    STEP_TAKEN: _l("A step was taken"),
    STEP_DONE: _l("A step was done"),
}


def record_event(model: Any, transition: str) -> str:
    """What it is called when a record of ``model`` in a case makes ``transition``."""
    return f"{model.__model_key__}:{transition}"


class Events(Mapping[str, Any]):
    """Every event with its name. The moves of records are those of the models that join cases, whichever addons bring
    them; requests tell theirs in their own words.
    """

    def __getitem__(self, key: str) -> Any:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Any]:
        moves = {
            record_event(model, step.name): f"{model.__title__}: {step.label}"
            for key, model in joining_models().items()
            if key != "procedures.Request"
            for step in getattr(model, "__transitions__", ())
        }
        return {**OF_REQUESTS, **OF_CASES, **moves}


EVENTS = Events()
