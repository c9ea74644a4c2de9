"""Outgoing letters of Kendal in the states that tests need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from addons.organization.models.position import Position
from app.records.data_files import record_by_external_id


def outgoing_service() -> Any:
    """The rules of outgoing letters; imported late, for the application loads the addons in its own order."""
    from addons.correspondence.services.outgoing_letter import OutgoingLetterService

    return OutgoingLetterService()


def position(session: Any, name: str, institution_id: int) -> Any:
    """The position with the external id ``name``."""
    return record_by_external_id(session, Position, name, institution_id)


@pytest.fixture
def write_letter(acting: Callable[..., Any]) -> Callable[..., int]:
    """``write_letter(subject=...)`` drafts a letter as Kendal's staff, gives it for review and returns its id."""
    from app.database.session import db

    def write(*, submit: bool = True, signed_by: str = "kendal.position_kepala_dinas", **values: Any) -> int:
        with acting("kendal.staf", "kendal") as access:
            service = outgoing_service()
            given = {
                "subject": "Balasan permohonan kunjungan",
                "addressee_name": "Kepala SD Contoh",
                "body": "Dengan hormat.\n\nKunjungan dapat diterima.",
                "class_code": "000.4",
                "signing_position": position(db.session(), signed_by, access.institution_id),
            }
            letter = service.create({**given, **values})
            if submit:
                service.transition(letter, "submit")
            db.session.commit()
            return int(letter.id)

    return write


@pytest.fixture
def approve(acting: Callable[..., Any]) -> Callable[[int], tuple[str, str]]:
    """Approve a letter as Kepala Bidang; returns its number and agenda number."""
    from app.database.session import db

    def work(letter_id: int) -> tuple[str, str]:
        with acting("kendal.kabid", "kendal"):
            service = outgoing_service()
            letter = service.transition(service.get(letter_id), "approve")
            db.session.commit()
            return letter.number, letter.agenda_number

    return work
