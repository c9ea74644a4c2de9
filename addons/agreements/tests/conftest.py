"""Agreements of Kendal in the states that tests need."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
ADD = "/agreements/agreement_version/add"


def services() -> tuple[Any, Any]:
    """The rules of agreements and of their versions; imported late, for the application loads the addons."""
    from addons.agreements.services.agreement import AgreementService
    from addons.agreements.services.agreement_version import AgreementVersionService

    return AgreementService(), AgreementVersionService()


def by_name(model: str, name: str, institution_id: int) -> Any:
    """The record with the external id ``name``."""
    from app.database.base import models
    from app.database.session import db
    from app.records.data_files import record_by_external_id

    return record_by_external_id(db.session(), models[model], name, institution_id)


@pytest.fixture
def write_agreement(acting: Callable[..., Any]) -> Callable[..., int]:
    """``write_agreement(title=...)`` drafts an agreement as Kendal's staff and returns its id."""
    from app.database.session import db

    numbers = count(1)

    def write(**values: Any) -> int:
        with acting("kendal.staf", "kendal") as access:
            given = {
                "title": "Layanan literasi bagi siswa",
                "number": f"{next(numbers):03}/PKS/CONTOH",
                "kind": by_name("agreements.AgreementKind", "agreements.kind_pks", 1),
                "partner": by_name("partners.Partner", "kendal.partner_school", access.institution_id),
                "our_signatory": "Kadis Contoh Kendal",
                "our_position": "Kepala Dinas",
                "partner_signatory": "Kepala Sekolah Contoh",
                "partner_position": "Kepala Sekolah",
            }
            agreement = services()[0].create({**given, **values})
            db.session.commit()
            return int(agreement.id)

    return write


@pytest.fixture
def add_version(acting: Callable[..., Any]) -> Callable[..., int]:
    """``add_version(agreement_id, kind, reason, content)`` as staff, as the form does it; returns the version's id."""
    from app.addon import attach_files
    from app.database.session import db

    def add(pk: int, kind: str = "draft", reason: str | None = None, content: bytes | None = None) -> int:
        with acting("kendal.staf", "kendal"):
            agreements, versions = services()
            files = [FileStorage(io.BytesIO(content), filename="naskah.pdf")] if content else []
            values = {"agreement": agreements.get(pk), "kind": kind, "reason": reason}
            version = versions.create(values, {"files": files})
            attach_files(version, files)
            db.session.commit()
            return int(version.id)

    return add


@pytest.fixture
def sign(acting: Callable[..., Any]) -> Callable[..., None]:
    """Record the signing as Kepala Dinas; of last week unless told otherwise."""
    from app.database.session import db

    last_week = date.today() - timedelta(days=7)  # noqa: DTZ011  # any day of these

    def work(pk: int, day: date | None = last_week) -> None:
        with acting("kendal.kadis", "kendal"):
            service = services()[0]
            service.transition(service.get(pk), "sign", {"signed_on": day})
            db.session.commit()

    return work
