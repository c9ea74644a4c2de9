"""Letters are found by their reference in Srikandi, in Kendal alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.database.base import models
from app.database.session import db
from app.records.service import service_of

NUMBER = "B/9071/SRIKANDI"
LETTERS = "/correspondence/letter/"


def test_kendal_finds_letters_by_their_srikandi_reference(acting: Any, person: Any, program: Any) -> None:
    letter = models["correspondence.Letter"]
    with acting("kendal.admin", "kendal"):
        values = {"sender_name": "SD Contoh", "received_on": date(2026, 3, 2), "kendal_srikandi_reference": NUMBER}
        service_of(letter).create({**values, "subject": "Surat yang dicari"})
        db.session.commit()
    clerk = person("kendal.staf")
    assert "Surat yang dicari" in clerk.get(f"{LETTERS}?q=9071").text
    assert "Surat yang dicari" not in clerk.get(f"{LETTERS}?q=9072").text
    script = program("kendal.staf").api("GET", "letter/?q=(search:'9071%2FSRIKANDI')")
    assert [row["subject"] for row in script.json["result"]] == ["Surat yang dicari"]


def test_where_kendals_addon_is_off_its_field_is_not_searched(acting: Any) -> None:
    from app.views.model_view import view_of

    view = view_of(models["correspondence.Letter"])
    with acting("kendal.admin", "kendal"):
        assert "kendal_srikandi_reference" in view.searched
    with acting("admin", "unair"):
        assert "kendal_srikandi_reference" not in view.searched
