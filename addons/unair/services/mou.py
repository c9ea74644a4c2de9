"""The MoU of the library: it goes through a case, because its report to BKMP is recorded there (IK 1d)."""

from typing import Any

from addons.procedures.services.kept_record import BookEntry, case_book
from app.addon import Conflict, Transition, on
from app.addon import lazy_gettext as _l

MOU = "MoU"
MOA = "MoA"


@on("kernel.before_transition")
def refuse_mou_without_case(record: Any, transition: Transition) -> None:
    """The gate of the procedure stands in the case; an MoU beside it would pass by the gate."""
    if record.__model_key__ != "agreements.Agreement" or transition.name != "activate":
        return
    if record.kind.code == MOU and record.case is None:
        message = _l(
            "An MoU comes into force only after its report to BKMP. Let it join its case first, where the report is "
            "recorded."
        )
        raise Conflict(message, {"case": [message]}, code="no_case")


@case_book("unair.mou", "agreements.Agreement", _l("Register of MoUs"))
def mou_of(agreement: Any) -> BookEntry | None:
    """Record a of the work instruction."""
    return _entry(agreement, MOU)


@case_book("unair.moa", "agreements.Agreement", _l("Register of MoAs"))
def moa_of(agreement: Any) -> BookEntry | None:
    """Record b of the work instruction."""
    return _entry(agreement, MOA)


def _entry(agreement: Any, code: str) -> BookEntry | None:
    if agreement.kind.code != code:
        return None
    ended = agreement.state in agreement.__void_states__
    return BookEntry(agreement, str(agreement), counts=agreement.active and not ended)
