"""What correspondence adds to "my work": dispositions to read or to carry out, letters to examine."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, lazyload

from addons.correspondence.models.disposition import Disposition
from addons.correspondence.models.disposition_recipient import RECIPIENT_STATES, DispositionRecipient
from addons.correspondence.models.outgoing_letter import OutgoingLetter
from addons.procedures.services.my_work import WorkItem, work_section
from app.addon import current_access
from app.addon import lazy_gettext as _l

LONGEST = 50
"""How many of a kind are shown; the list has the rest."""


@work_section(_l("Dispositions to read or to carry out"), Disposition)
def open_dispositions(session: Any, position_ids: set[int]) -> list[WorkItem]:
    """Given to my positions and not carried out there yet, the most urgent first (SOP Kendal, step 3)."""
    statement = (
        select(Disposition, DispositionRecipient.state)
        .join(DispositionRecipient, DispositionRecipient.disposition_id == Disposition.id)
        .where(
            DispositionRecipient.position_id.in_(position_ids),
            DispositionRecipient.state.in_(("unread", "read")),
            Disposition.active,
        )
        .order_by(Disposition.due_on.asc().nulls_last(), Disposition.id)
        .options(
            joinedload(Disposition.letter), joinedload(Disposition.from_position), lazyload(Disposition.recipients)
        )
        .limit(LONGEST)
    )
    return [
        WorkItem(item, f"{item.from_position} · {item.letter} · {RECIPIENT_STATES[state]}", item.due_on)
        for item, state in session.execute(statement)
    ]


@work_section(_l("Letters to examine"), OutgoingLetter)
def letters_in_review(session: Any, _position_ids: set[int]) -> list[WorkItem]:
    """Drafts that wait for whoever may approve them."""
    if not current_access().may(OutgoingLetter, "approve"):
        return []
    statement = select(OutgoingLetter).where(OutgoingLetter.state == "review", OutgoingLetter.active)
    letters = session.scalars(statement.order_by(OutgoingLetter.id).limit(LONGEST))
    return [WorkItem(letter, letter.addressee_name) for letter in letters]
