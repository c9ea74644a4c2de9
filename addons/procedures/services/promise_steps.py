"""Service promises beside two versions: a promise names steps by their numbers, and these may stand for others now."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from addons.procedures.models.procedure import Procedure
from addons.procedures.models.promise_event import EVENTS
from addons.procedures.models.service_promise import UNITS, ServicePromise
from addons.procedures.services.procedure_cells import Cell
from addons.procedures.services.procedure_document import Document
from app.addon import current_access
from app.addon import gettext as _


def promise_cells(session: Session, old: Document, new: Document) -> list[Cell]:
    """The promises of the procedure as each version reads them; none for whoever may not read promises."""
    if not current_access().may(ServicePromise, "read"):
        return []
    of_code = select(Procedure.id).where(Procedure.code == new["code"])
    statement = select(ServicePromise).where(ServicePromise.active, ServicePromise.procedure_id.in_(of_code))
    found = session.scalars(statement.order_by(ServicePromise.title)).all()
    return [Cell(item.title, *(_words(item, side) for side in (old, new))) for item in found]


def _words(promise: ServicePromise, document: Document) -> str:
    begin = _event(promise.start_event, promise.start_step, document)
    end = _event(promise.stop_event, promise.stop_step, document)
    limit = f"{promise.limit_value} {UNITS[promise.limit_unit]}"
    return "\n".join((_("Begins with: %(event)s", event=begin), _("Ends with: %(event)s", event=end), limit))


def _event(event: str, key: str | None, document: Document) -> str:
    words = str(EVENTS.get(event, event))
    if not key:
        return words
    step = next((item for item in document["steps"] if str(item["key"]) == key), None)
    activity = step["activity"] if step is not None else _("there is no such step")
    return _("%(event)s, step %(key)s (%(activity)s)", event=words, key=key, activity=activity)
