"""The row of whoever is signed in."""

from __future__ import annotations

from flask import g
from flask_appbuilder.security.sqla.models import User

from app.database.session import db


def me() -> User:
    """The present user, in this session: the one that the request began with was loaded before the institution."""
    return db.session().get_one(User, g.user.id)
