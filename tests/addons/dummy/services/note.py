"""A note by itself for every new partner."""

from typing import Any

from addons.dummy.models.note import Note

from addons.partners.models.partner import Partner
from app.addon import Conflict, db, on

REFUSED_NAME = "Refused by dummy"
KEPT_OPEN = "Kept open by dummy"


@on("kernel.record_created")
def note_new_partner(record: Any) -> None:
    """Note every new partner; refuse the one that the tests call so."""
    if not isinstance(record, Partner):
        return
    if record.name == REFUSED_NAME:
        raise Conflict("The dummy addon refuses this partner.", code="refused_by_dummy")
    db.session().add(Note(title=f"New: {record.name}", partner=record))
    db.session().flush()


@on("kernel.before_transition")
def guard_closing(record: Any, transition: Any) -> None:
    """A guard: notes that the tests call so stay open."""
    if isinstance(record, Note) and record.title == KEPT_OPEN:
        raise Conflict("The dummy addon keeps this note open.", code="kept_open")
