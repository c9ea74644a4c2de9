"""A closed case stays as it was closed: what belongs to it neither changes nor comes nor goes."""

from collections.abc import Mapping
from typing import Any

from addons.procedures.models.case import Case
from addons.procedures.models.joins_case import JoinsCase
from addons.procedures.models.task import Task
from app.addon import Conflict, Transition, on
from app.addon import lazy_gettext as _l


@on("kernel.record_created")
def refuse_joining(record: Any) -> None:
    """Nothing joins a case that is closed, nor what belongs to it."""
    if not isinstance(record, JoinsCase):
        refuse_change(record)
    elif _is_closed(record.case):
        message = _l("Case %(number)s is closed; nothing can join it.", number=record.case.number)
        raise Conflict(message, {"case": [message]}, code="case_closed")


@on("kernel.record_changed")
def refuse_moving(record: Any, changes: Mapping[str, Any]) -> None:
    """A record joins an open case and does not leave it for another; what a closed case holds stays as it is."""
    if not isinstance(record, JoinsCase) or "case" not in changes:
        refuse_change(record)
        return
    before, after = changes["case"]
    if before is not None:
        message = _l("The record belongs to case %(number)s and stays there.", number=before.number)
        raise Conflict(message, {"case": [message]}, code="case_fixed")
    if after is not None:
        refuse_joining(record)


@on("kernel.record_archived")
@on("kernel.record_restored")
def refuse_change(record: Any) -> None:
    """What belongs to a closed case is not changed, put away or brought back, unless it goes on without the case."""
    member = _member_of_case(record)
    if member is None or not _is_closed(member.case):
        return
    if getattr(member, "state", None) not in getattr(member, "__outlives_case__", ()):
        raise _fixed(member.case)


@on("kernel.file_added")
@on("kernel.file_removed")
def refuse_file(record: Any, file: Any) -> None:  # noqa: ARG001  # the hook's payload
    """The files of a closed case stay, and no more come."""
    refuse_change(record)


@on("kernel.before_transition")
def refuse_step(record: Any, transition: Transition) -> None:
    """Of what belongs to a closed case, only what its model names still moves."""
    member = _member_of_case(record)
    if member is None or not _is_closed(member.case):
        return
    if transition.name not in getattr(member, "__steps_after_case__", ()):
        raise _fixed(member.case)


def _member_of_case(record: Any) -> Any:
    """The record with a case that decides for ``record``: itself, or the one that it is a part of."""
    through = getattr(record, "__case_through__", None)
    owner = getattr(record, through) if through else record
    return owner if isinstance(owner, JoinsCase | Task) else None


def _is_closed(case: Case | None) -> bool:
    return case is not None and case.state != "open"


def _fixed(case: Case) -> Conflict:
    return Conflict(
        _l("Case %(number)s is closed; what belongs to it no longer changes.", number=case.number), code="case_closed"
    )
