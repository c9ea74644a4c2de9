"""What tells that an agreement is about to be renewed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from addons.agreements.models.agreement import Agreement
from addons.procedures.services.case_kind import renewal_clue
from app.addon import today_here

NEAR_THE_END = timedelta(days=183)
"""Half a year before and after its end an agreement is spoken of again (formats 9.6: "akan berakhir")."""


@renewal_clue
def ends_soon(session: Session, partner_id: int) -> bool:
    """Whether an agreement with the partner ends within half a year, or ended so long ago at most."""
    day = today_here()
    statement = select(Agreement.id).where(
        Agreement.partner_id == partner_id,
        Agreement.active,
        Agreement.state.in_(("active", "ended")),
        Agreement.ends_on.between(day - NEAR_THE_END, day + NEAR_THE_END),
    )
    return session.scalar(statement.limit(1)) is not None
