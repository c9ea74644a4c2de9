"""Drafting the next version of a procedure, or an empty first one."""

from __future__ import annotations

from sqlalchemy import select

from addons.organization.models.position import Position
from addons.procedures.models.procedure import Procedure
from addons.procedures.services.confirmation import carry_over
from addons.procedures.services.procedure import fill_procedure
from addons.procedures.services.procedure_document import Document, document_of, doubt_item
from addons.procedures.services.procedure_file import draft_of
from addons.procedures.services.procedure_version import versions_of
from app.addon import Conflict, as_system, db, read_text, require
from app.addon import lazy_gettext as _l


def draft_from(procedure: Procedure) -> tuple[Procedure, bool]:
    """A draft that says what ``procedure`` says, and whether it is new: one that is there already is gone on with."""
    session = db.session()
    require(Procedure, "create", session)
    open_draft = next((item for item in versions_of(session, procedure.code) if item.state == "draft"), None)
    if open_draft is not None:
        return open_draft, False
    # Positions by id: those of the version before are taken over as they are, also when they were archived since.
    with as_system(session, "all versions of a procedure count, whoever may read them"):
        names = {key: str(key) for key in session.scalars(select(Position.id))}
    document = document_of(procedure, names)
    draft = draft_of(session, document)
    draft.previous = procedure
    session.add(draft)
    fill_procedure(session, draft, procedure.code, {**document, "confirmations": _all_doubts(procedure)}, int)
    carry_over(procedure, draft, with_values=False)
    session.flush()
    return draft, True


def new_procedure(code: str, title: str) -> Procedure:
    """An empty first draft. Raises `Invalid` or `Conflict`."""
    session = db.session()
    require(Procedure, "create", session)
    code = read_text(code, "code", longest=60) or ""
    title = read_text(title, "title", longest=300) or ""
    with as_system(session, "all versions of a procedure count, whoever may read them"):
        if session.scalar(select(Procedure.id).where(Procedure.code == code).limit(1)):
            message = _l("There is a procedure with this code already; draft a new version from it.")
            raise Conflict(message, {"code": [message]}, code="duplicate")
    document: Document = {"code": code, "title": title, "start": "1"}
    draft = draft_of(session, document)
    draft.kind, draft.previous = "SOP AP", None
    session.add(draft)
    session.flush()
    return draft


def _all_doubts(procedure: Procedure) -> list[Document]:
    """The doubts of ``procedure``, those that were settled, too: who confirmed what stays known."""
    return [doubt_item(item) for item in sorted(procedure.confirmations, key=lambda item: item.id)]
