"""What a report to the head begins with: the rounds of its case, put in order."""

from typing import Any

from sqlalchemy import select

from addons.procedures.models.case import Case
from addons.unair.models.negotiation_round import NegotiationRound
from app.addon import current_access, db, format_date, official_language, today_here
from app.addon import gettext as _


def report_template(case: Case | None) -> dict[str, Any]:
    """The first words of a report on ``case``, as far as the person may read its rounds: on the coordination with AGE
    (2b) when there were rounds with AGE and none with a partner, else on the negotiation (1c).
    """
    values: dict[str, Any] = {"reported_on": today_here()}
    if case is None:
        return values
    kind = "age" if _rounds(case, "age") and not _rounds(case, "partner") else "negotiation"
    values["kind"] = kind
    with official_language():
        if kind == "age":
            values["title"] = _("Report on the coordination with AGE: %(case)s", case=case.title)
        else:
            values["title"] = _("Report on coordination and negotiation: %(case)s", case=case.title)
        rounds = _rounds(case, "age" if kind == "age" else "partner")
        if rounds:
            lines = [f"{place}. {format_date(item.held_on)}: {item.topic}" for place, item in enumerate(rounds, 1)]
            values["course"] = "\n".join(lines)
            values["outcome"] = "\n".join(f"{place}. {item.outcome}" for place, item in enumerate(rounds, 1))
            still_open = [f"- {item.still_open}" for item in rounds if item.still_open]
            values["advice"] = "\n".join([_("Still open:"), *still_open]) if still_open else None
    return values


def _rounds(case: Case, counterpart: str) -> list[NegotiationRound]:
    if not current_access().may(NegotiationRound, "read"):
        return []
    statement = select(NegotiationRound).where(
        NegotiationRound.case_id == case.id, NegotiationRound.counterpart == counterpart, NegotiationRound.active
    )
    return list(db.session.scalars(statement.order_by(NegotiationRound.held_on, NegotiationRound.id)))
