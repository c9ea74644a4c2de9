"""The log of personal data that were shown or left the system: who, when, which record, which columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import g
from sqlalchemy import DateTime, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session

from app import clock
from app.access.column_rights import personal_columns
from app.database.base import InstitutionOwned, Model
from app.database.columns import column, index, reference
from app.i18n import lazy_gettext as _l

KINDS = {"record": _l("Shown on the record"), "print": _l("Printed"), "export": _l("Exported")}


class Disclosure(InstitutionOwned, Model):
    """One time that personal data were shown on request, printed or exported."""

    __title__ = _l("Shown personal data")
    __plural__ = _l("Shown personal data")
    __display__ = "id"
    __constraints__ = (index("at"),)

    user_id: Mapped[int | None] = reference("ab_user.id", label=_l("Person"), ondelete="SET NULL")
    kind: Mapped[str] = column(String(20), label=_l("Kind"), choices=KINDS)
    model: Mapped[str] = column(String(100), label=_l("Model"))
    record_id: Mapped[int | None] = column(label=_l("Record"))
    columns: Mapped[list[str]] = column(JSONB, label=_l("Columns"))
    paper: Mapped[str] = column(String(200), label=_l("Printed paper"), default="", server_default="")
    at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("When"))


def disclose(
    session: Session, kind: str, model: type[Model], record_id: int | None, columns: list[str], paper: str = ""
) -> None:
    """Write down that personal ``columns`` were shown or handed out, by whoever the present request acts for."""
    person = g.get("actor") or g.get("user")
    session.add(
        Disclosure(
            user_id=person.id if person else None,
            kind=kind,
            model=model.__model_key__,
            record_id=record_id,
            columns=sorted(columns),
            paper=paper[:200],
            at=clock.now(),
        )
    )
    session.flush()


def disclose_later(kind: str, model: type[Model], record_id: int | None, columns: list[str], paper: str = "") -> None:
    """Write it down once the answer is ready: looking commits nothing by itself."""
    g.disclosures = [*g.get("disclosures", ()), (kind, model, record_id, columns, paper)]


def write_disclosures(session: Session) -> bool:
    """Write what `disclose_later` kept; whether there was anything."""
    kept: list[tuple[Any, ...]] = g.pop("disclosures", [])
    for item in kept:
        disclose(session, *item)
    return bool(kept)


def filled_personal_columns(record: Model) -> list[str]:
    """The personal columns of ``record`` that hold something."""
    return [name for name in sorted(personal_columns(type(record))) if getattr(record, name)]
