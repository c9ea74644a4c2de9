"""What happened to the files of records, as threads tell it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.database.base import Model
from app.i18n import gettext as _
from app.records.attachment import Attachment
from app.thread.event import ThreadEvent
from app.views.history import names_of


def file_events(session: Session, records: Sequence[Model]) -> list[ThreadEvent]:
    """Which files were added to ``records`` and which were taken off, by whom and when (UTC); each with its record."""
    owners = {(record.__model_key__, record.id): record for record in records}
    if not owners:
        return []
    statement = select(Attachment).where(tuple_(Attachment.model, Attachment.record_id).in_(list(owners)))
    files = list(session.scalars(statement.order_by(Attachment.id)))
    people = names_of({person for file in files for person in (file.created_by_id, file.changed_by_id)})
    events = []
    for file in files:
        owner, system = owners[file.model, file.record_id], _("System")
        added_by = people.get(file.created_by_id or 0, system)
        events.append(ThreadEvent(file.created_at, "paperclip", added_by, _("added a file"), owner, file=file))
        if not file.active:
            taken_by = people.get(file.changed_by_id or 0, system)
            events.append(ThreadEvent(file.changed_at, "trash", taken_by, _("took off a file"), owner, file=file))
    return events
