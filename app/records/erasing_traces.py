"""What an erasure takes along beside the values themselves: files of the record, mail about the person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, inspect, or_, select
from sqlalchemy.orm import Session

from app.database.base import Model
from app.mail.outgoing_mail import OutgoingMail
from app.records.attachment import Attachment, files_folder
from app.records.audit_entry import AuditEntry

SHORTEST_TRACE = 6
"""Shorter values stand in too many texts that are about somebody else."""

EraseHistory = Callable[[type[Model], int, list[str]], object]
"""Puts a mark in the place of every old and new value of some columns of one record."""


def erase_files(session: Session, model: str, record_id: int, erase_history: EraseHistory) -> int:
    """Remove the files of a record, archived ones too, from the store once the transaction is committed; how many."""
    of_record = (Attachment.model == model, Attachment.record_id == record_id)
    rows = session.scalars(select(Attachment).where(*of_record)).all()
    for row in rows:
        path = files_folder() / row.stored_name[:2] / row.stored_name
        session.delete(row)
        session.flush()
        erase_history(Attachment, row.id, ["name"])
        _remove_after_commit(session, path)
    return len(rows)


def _remove_after_commit(session: Session, path: Path) -> None:
    event.listen(session, "after_commit", lambda _session: path.unlink(missing_ok=True), once=True)


def traces_of(session: Session, record: Any, names: Iterable[str]) -> set[str]:
    """What the columns ``names`` hold and held that tells of nobody else."""
    columns = inspect(type(record)).columns
    keys = [str(columns[name].name) for name in names]
    values = [getattr(record, name) for name in names]
    past = select(AuditEntry.old, AuditEntry.new).where(
        AuditEntry.table_name == record.__tablename__, AuditEntry.record_id == record.id
    )
    for states in session.execute(past):
        values += [state.get(key) for state in states if state for key in keys]
    return {value.strip() for value in values if isinstance(value, str) and len(value.strip()) >= SHORTEST_TRACE}


def erase_mail(session: Session, traces: set[str], mark: str, erase_history: EraseHistory) -> int:
    """Empty the mails of the outbox that went to one of ``traces`` or name one; how many. What still waits, waits."""
    if not traces:
        return 0
    texts = (OutgoingMail.recipient, OutgoingMail.subject, OutgoingMail.body, OutgoingMail.html)
    about = [column.icontains(trace, autoescape=True) for trace in sorted(traces) for column in texts]
    over = OutgoingMail.state.in_(("sent", "failed"))
    to = func.lower(OutgoingMail.recipient).in_([trace.lower() for trace in traces])
    rows = session.scalars(select(OutgoingMail).where(over, or_(to, *about))).all()
    for row in rows:
        row.recipient = row.subject = row.body = mark
        row.html = None
        session.flush()
        erase_history(OutgoingMail, row.id, ["recipient", "subject", "body", "html"])
    return len(rows)
