"""The dummy addon switched on, and what it stumbles over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.acting import acting_as_system
from app.database.base import models
from app.database.session import db
from app.registry.enablement import enable


@pytest.fixture
def dummy_on(app: Flask) -> Callable[..., None]:
    """``dummy_on("kendal", "unair")`` switches the dummy addon on."""

    def switch(*institutions: str) -> None:
        for code in institutions:
            with app.app_context(), acting_as_system(code, "a test") as scope:
                enable(db.session(), scope.institution_id, "dummy")
                db.session.commit()

    return switch


@pytest.fixture
def stumble() -> Iterator[list[Exception]]:
    """What the dummy's job raises, one for each run."""
    from addons.dummy.jobs import FAILURES

    yield FAILURES
    FAILURES.clear()


@pytest.fixture
def titles(app: Flask) -> Callable[[str], list[str]]:
    """The titles of the notes of an institution, without the one it ships."""

    def read(code: str) -> list[str]:
        note: Any = models["dummy.Note"]
        with app.app_context(), acting_as_system(code, "a test"):
            found = db.session.scalars(select(note.title).where(note.title != "Welcome").order_by(note.id))
            return [title for title in found if not title.startswith("Welcome")]

    return read
