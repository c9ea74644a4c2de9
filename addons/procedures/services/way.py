"""Which way a case takes after a step: the data decide where the procedure says so, else the executor chooses."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from addons.procedures.models.procedure_step import AGAIN
from addons.procedures.models.task import Task
from addons.procedures.services.condition import condition_words, holds, is_value
from app.addon import Invalid
from app.addon import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Ways:
    """The ``open`` ways of a step. ``why`` tells what the data said: which way they decided, or what is missing so that
    the executor chooses.
    """

    open: list[Any]
    decided: Any = None
    why: list[str] = field(default_factory=list)

    @property
    def must_choose(self) -> bool:
        """Whether the executor has to say how it goes on."""
        return len(self.open) > 1


def ways_of(session: Session, task: Task) -> Ways:
    """The ways on from ``task``. Conditions are asked in their order; the first that holds decides, and when none does
    the branches without one remain. A missing value leaves the whole choice to the executor. A repeating step may
    always be done once more.
    """
    branches, again = list(task.step.branches), [way for way in task.step.ways if way.key == AGAIN]
    why: list[str] = []
    for branch in branches:
        if branch.condition is None:
            continue
        answer = holds(session, branch.condition, task.case)
        said = is_value(session, branch.condition, task.case)
        if said not in why:
            why.append(said)
        if answer is None:
            return Ways(branches + again, None, why)
        if answer:
            return Ways([branch, *again], branch, why)
    left = [branch for branch in branches if branch.condition is None]
    return Ways((left or branches) + again, left[0] if why and len(left) == 1 else None, why)


def chosen_way(session: Session, task: Task, choice: str | None) -> Any:
    """The way that ``choice`` names, or the only one. Raises `Invalid` when it has to be chosen or the data say
    something else.
    """
    ways = ways_of(session, task)
    if not choice and not ways.must_choose:
        return ways.open[0]
    for way in ways.open:
        if way.key == choice:
            return way
    if choice and ways.decided is not None:
        message = _l(
            "“%(choice)s” is not the way: the data of the case decide (%(why)s).",
            choice=next((way.label for way in task.step.ways if way.key == choice), choice),
            why="; ".join(ways.why),
        )
    else:
        message = _l("Choose how it goes on.")
    raise Invalid(message, {"choice": [message]})


def way_words(way: Any) -> str:
    """The condition of a way for people; empty where the executor chooses."""
    return condition_words(way.condition) if way.condition else ""
