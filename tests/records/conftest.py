"""Kendal with the dummy addon, whose notes the tests of records write."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from app.database.base import models
from app.database.session import db
from app.registry.enablement import enable


@pytest.fixture
def administrator(acting: Callable[..., AbstractContextManager[Any]]) -> Callable[[], AbstractContextManager[Any]]:
    """``with administrator():`` acts as Kendal's administrator."""
    return lambda: acting("kendal.admin", "kendal")


@pytest.fixture
def note(administrator: Callable[[], AbstractContextManager[Any]]) -> Any:
    """The model of notes, enabled for Kendal."""
    with administrator() as access:
        enable(db.session(), access.institution_id, "dummy")
        db.session.commit()
    return models["dummy.Note"]
