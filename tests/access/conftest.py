"""People and helpers of the tests of rights."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.access.access import Access
from app.database.session import db

Acting = Callable[..., AbstractContextManager[Access]]


@pytest.fixture
def administrator(acting: Acting) -> Callable[[], AbstractContextManager[Access]]:
    """``with administrator():`` acts as Kendal's administrator."""
    return lambda: acting("kendal.admin", "kendal")


@pytest.fixture
def user_id(app: Any) -> Callable[[str], int]:
    """The id of a person by the name they sign in with."""

    def look_up(username: str) -> int:
        with app.app_context():
            found: int = db.session.scalar(select(User.id).where(User.username == username))
        return found

    return look_up


@pytest.fixture
def may(acting: Acting) -> Callable[..., bool]:
    """``may("kendal.staf", "partners.Partner", "read")``: what a person may do in their institution, asked anew."""

    def ask(username: str, model: str, operation: str, institution: str | None = None) -> bool:
        with acting(username, institution or username.split(".", maxsplit=1)[0]) as access:
            return access.may(model, operation)

    return ask
