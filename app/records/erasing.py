"""Erasing a person's data on request (UU 27/2022): finding them, saying what must stay, and doing it as the owner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, String, func, inspect, or_, select, text
from sqlalchemy.orm import Session

from app import clock
from app.access.access import current_access, require
from app.access.column_rights import erasable_columns
from app.database.base import Model, models
from app.database.scope import as_system
from app.database.text import is_storable
from app.errors import Conflict, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.notifications.notifications import forget_words
from app.records.attachment import Attachment
from app.records.erasing_traces import erase_files, erase_mail, traces_of
from app.records.erasure import Erasure

MOST = 100
"""So many records of one model are shown; more is not one person."""
SHORTEST = 4
"""Fewer letters fit half of all people."""


ERASE_HISTORY = """
UPDATE audit_entry SET
    old = (SELECT jsonb_object_agg(key, CASE WHEN key = ANY (:names) THEN to_jsonb(cast(:mark AS text)) ELSE value END)
           FROM jsonb_each(old)),
    new = (SELECT jsonb_object_agg(key, CASE WHEN key = ANY (:names) THEN to_jsonb(cast(:mark AS text)) ELSE value END)
           FROM jsonb_each(new))
WHERE table_name = :table AND record_id = :id AND (old ?| cast(:names AS text[]) OR new ?| cast(:names AS text[]))
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that holds data of the person looked for: which columns, why they must stay, how many files it has."""

    model: str
    record_id: int
    title: str
    columns: tuple[str, ...]
    reason: Any
    files: int

    @property
    def key(self) -> str:
        """What a form calls it."""
        return f"{self.model}:{self.record_id}"


def find_person(session: Session, words: str) -> list[Found]:
    """The records of the active institution in whose personal columns ``words`` (a name, number or address) stand.

    Raises `Invalid` for too few letters, `Forbidden` without the right to ask for erasure.
    """
    require(Erasure, "create", session)
    words = " ".join(words.split())
    if len(words) < SHORTEST or not is_storable(words):
        raise Invalid(_l("Type at least %(count)d letters of the name, number or address.", count=SHORTEST))
    found: list[Found] = []
    with as_system(session, "a person's data are found wherever they are"):
        for key in _searched_models():
            found += [_found(session, record) for record in session.scalars(_matching(models[key], words))]
    return found


def _searched_models() -> list[str]:
    access = current_access()
    return [key for key, model in models.items() if erasable_columns(model) and access.sees_addon(key.split(".", 1)[0])]


def _matching(model: Any, words: str) -> Any:
    columns = [getattr(model, name) for name in erasable_columns(model)]
    hits = [column.icontains(words, autoescape=True) for column in columns if isinstance(column.type, String)]
    return select(model).where(or_(*hits)).order_by(model.id).limit(MOST)


def _found(session: Session, record: Model) -> Found:
    key = type(record).__model_key__
    files = select(func.count()).where(Attachment.model == key, Attachment.record_id == record.id, Attachment.active)
    filled = tuple(name for name in erasable_columns(type(record)) if getattr(record, name))
    count = session.scalar(files) or 0
    return Found(key, record.id, str(record), filled, record.keeps_personal(), count)


def request_erasure(session: Session, keys: Iterable[str], reason: str, with_files: Iterable[str] = ()) -> Erasure:
    """Ask the operator to erase the personal columns of the records ``keys`` (``model:id``), and the files of those
    that stand in ``with_files``, too.

    Raises `Invalid` when nothing is chosen or no reason given, `Conflict` for a record that must stay.
    """
    require(Erasure, "create", session)
    reason = reason.strip()
    if not 5 <= len(reason) <= 2000 or not is_storable(reason):
        raise Invalid(_l("Say who asked for the erasure and why, without the erased data themselves."))
    with as_system(session, "a person's data are found wherever they are"):
        chosen = [_found(session, _record(session, key)) for key in dict.fromkeys(keys)]
    if not chosen:
        raise Invalid(_l("Choose at least one record."))
    _refuse_kept(chosen)
    files = set(with_files)
    targets = [
        {"model": item.model, "id": item.record_id, "columns": list(item.columns), "files": item.key in files}
        for item in chosen
    ]
    erasure = Erasure(reason=reason, targets=targets)
    session.add(erasure)
    session.flush()
    return erasure


def _record(session: Session, key: str) -> Any:
    name, _colon, number = key.rpartition(":")
    model = models.get(name)
    if model is None or name not in _searched_models() or not (number.isascii() and number.isdigit()):
        raise NotFound(_l("This record does not exist, or you may not see it."))
    record = session.scalar(select(model).where(model.id == int(number[:9])))
    if record is None:
        raise NotFound(_l("This record does not exist, or you may not see it."))
    return record


def _refuse_kept(chosen: Iterable[Found]) -> None:
    for item in chosen:
        if item.reason:
            message = _l("“%(record)s” must stay: %(reason)s", record=item.title, reason=item.reason)
            raise Conflict(message, code="must_stay")


def carry_out(session: Session, erasure_id: int) -> Erasure:
    """Erase what a request names, in the records and in their history; ``session`` is the owner's, in the institution
    of the request. It cannot be undone. Raises `Conflict` when it was done or a record must stay by now.
    """
    erasure = session.scalar(select(Erasure).where(Erasure.id == erasure_id).with_for_update())
    if erasure is None:
        raise NotFound(_l("There is no such request."))
    if erasure.state != "requested":
        raise Conflict(_l("This request was carried out already."), code="done")
    counts: Counter[str] = Counter()
    traces: set[str] = set()

    def erase_history(model: type[Model], record_id: int, names: list[str]) -> None:
        counts["history"] += _erase_history(session.connection(), model, record_id, names)

    for target in erasure.targets:
        model = models[target["model"]]
        record = session.scalar(select(model).where(model.id == target["id"]))
        if record is not None:
            _refuse_kept([_found(session, record)])
            traces |= traces_of(session, record, target["columns"])
            _erase_values(record, target["columns"])
            session.flush()
            counts["records"] += 1
        erase_history(model, target["id"], target["columns"])
        if target.get("files"):
            counts["files"] += erase_files(session, target["model"], target["id"], erase_history)
    forget_words(session, traces)
    counts["mails"] = erase_mail(session, traces, f"({_erased()})", erase_history)
    erasure.state, erasure.done_at, erasure.counts = "done", clock.now(), dict(counts)
    session.flush()
    return erasure


def _erase_values(record: Any, names: list[str]) -> None:
    columns = inspect(type(record)).columns
    for name in names:
        setattr(record, name, None if columns[name].nullable else f"({_erased()} {record.id})")


def _erase_history(connection: Connection, model: type[Model], record_id: int, names: list[str]) -> int:
    """Put a dated mark in the place of every old and new value; how many entries changed."""
    values = {
        "names": [str(inspect(model).columns[name].name) for name in names],
        "mark": f"({_erased()} {clock.now():%Y-%m-%d})",
        "table": str(model.__tablename__),
        "id": record_id,
    }
    return connection.execute(text(ERASE_HISTORY), values).rowcount


def _erased() -> str:
    return "dihapus"
