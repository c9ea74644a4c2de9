"""Which kind a case has when nobody chose one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from app.addon import as_system, db

NEW, RENEWAL = "new", "renewal"
RENEWING = re.compile(
    r"\b(perpanjangan|memperpanjang|pembaruan|renewal( of)?)\s+(naskah\s+)?"
    r"(kerja ?sama|perjanjian|nota kesepahaman|mou|moa|pks|cooperation|agreement)\b"
)
"""How a subject says that cooperation is to go on; what else is renewed, such as a card, is another matter."""

Clue = Callable[[Session, int], bool]
_clues: list[Clue] = []


def renewal_clue(clue: Clue) -> Clue:
    """Register what tells that cooperation with a partner (by id) is about to be renewed."""
    _clues.append(clue)
    return clue


def likely_kind(case: Any) -> str:
    """Renewal when the subject says so or an agreement with the partner comes to its end; else new cooperation."""
    if RENEWING.search((case.title or "").casefold()):
        return RENEWAL
    partner_id = case.partner.id if case.partner is not None else case.partner_id
    if partner_id is None:
        return NEW
    session = db.session()
    with as_system(session, "what kind a case has does not depend on who opens it"), session.no_autoflush:
        return RENEWAL if any(clue(session, partner_id) for clue in _clues) else NEW
