"""Activities of Kendal in the states that tests need."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

MORNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Monday, 2 March 2026, 08.00 in Kendal."""


@pytest.fixture
def plan(acting: Callable[..., Any]) -> Callable[..., int]:
    """``plan()`` plans a literacy visit of two hours on that morning as Kendal's staff and returns its id."""
    from app.database.base import models
    from app.database.session import db
    from app.records.service import service_of

    def work(**values: Any) -> int:
        with acting("kendal.staf", "kendal"):
            kind = models["activities.ActivityKind"]
            given = {
                "title": "Kunjungan literasi kelas 5",
                "kind": db.session.scalar(select(kind).where(kind.name == "Kunjungan literasi")),
                "starts_at": MORNING,
                "ends_at": MORNING + timedelta(hours=2),
                "place": "Ruang Baca Anak",
            }
            activity = service_of(models["activities.Activity"]).create({**given, **values})
            db.session.commit()
            return int(activity.id)

    return work


@pytest.fixture
def enter(person: Callable[[str], Any]) -> Callable[..., Any]:
    """``enter(activity, lines)`` sends the page for many people as Kendal's staff and returns the answer."""

    def work(activity: int, lines: str, who: str = "kendal.staf", **fields: str) -> Any:
        address = f"/activities/attendance_entry/{activity}"
        return person(who).send(
            address, {"lines": lines, "organisation": "", **fields}, form_at="/activities/activity/add"
        )

    return work


@pytest.fixture
def on_list(program: Callable[..., Any]) -> Callable[[int], list[dict[str, Any]]]:
    """Who is on the list of an activity, in the order of entering, as a program reads it."""

    def work(activity: int) -> list[dict[str, Any]]:
        wish = f"filters:!((col:activity,opr:rel_o_m,value:{activity})),order_column:id,order_direction:asc"
        answer = program("kendal.kabid").api("GET", f"attendance/?q=({wish},page_size:100)")
        assert answer.status_code == 200, answer.text
        result: list[dict[str, Any]] = answer.json["result"]
        return result

    return work


@pytest.fixture
def look(tmp_path: Path) -> Callable[[Any, str], None]:
    """``look(page, name)`` keeps a picture of a page in the folder of the test."""
    return lambda page, name: page.screenshot(path=str(tmp_path / f"{name}.png"), full_page=True)
