"""Outgoing letters of Kendal in the states that tests need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from addons.organization.models.position import Position
from app import clock
from app.database.base import models
from app.database.session import db
from app.records.data_files import record_by_external_id
from app.records.service import service_of

GOLDEN = Path(__file__).parent / "golden"
MORNING = datetime(2026, 3, 2, 3, tzinfo=UTC)


def golden(name: str) -> str:
    """The words that a print is known to have."""
    return (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").strip()


def outgoing_service() -> Any:
    """The rules of outgoing letters; imported late, for the application loads the addons in its own order."""
    from addons.correspondence.services.outgoing_letter import OutgoingLetterService

    return OutgoingLetterService()


def service(name: str) -> Any:
    """The rules of a model of this addon."""
    return service_of(models[f"correspondence.{name}"])


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


@pytest.fixture
def register(acting: Callable[..., Any]) -> Callable[..., int]:
    """``register(subject=...)`` enters a letter on 2 March 2026 as Kendal's staff and returns its id."""

    def work(**values: Any) -> int:
        given = {
            "sender_name": "SD Negeri Contoh 1 Kendal",
            "subject": "Permohonan kunjungan literasi",
            "letter_number": "421.2/017/SDN-C1/II/2026",
            "letter_date": date(2026, 2, 26),
            "received_on": date(2026, 3, 2),
        }
        with clock.frozen(MORNING), acting("kendal.staf", "kendal"):
            letter = service("Letter").create({**given, **values})
            db.session.commit()
            return int(letter.id)

    return work


@pytest.fixture
def dispose(acting: Callable[..., Any]) -> Callable[..., int]:
    """``dispose(letter, "kepala_bidang", "sub_koordinator")`` gives a disposition and returns its id."""

    def work(letter: int, *to: str, who: str = "kendal.kadis", **values: Any) -> int:
        with clock.frozen(MORNING), acting(who, "kendal") as access:
            targets = {"parent": "correspondence.Disposition", "from_position": "organization.Position"}
            for name, target in {**targets, "case": "procedures.Case"}.items():
                if name in values:
                    values[name] = db.session.get(models[target], values[name])
            first, *others = [position(db.session(), f"kendal.position_{name}", access.institution_id) for name in to]
            disposition = service("Disposition").create(
                {
                    "letter": db.session.get(models["correspondence.Letter"], letter),
                    "to_position": first,
                    "also_to": others,
                    "instruction": ["process", "coordinate"],
                    **values,
                }
            )
            db.session.commit()
            return int(disposition.id)

    return work


@pytest.fixture
def step(acting: Callable[..., Any]) -> Callable[[str, int, str], None]:
    """``step("kendal.kabid", disposition, "receive")``."""

    def work(who: str, pk: int, name: str) -> None:
        with clock.frozen(MORNING), acting(who, "kendal"):
            rules = service("Disposition")
            rules.transition(rules.get(pk), name)
            db.session.commit()

    return work
