"""The row of whoever is signed in."""

from __future__ import annotations

from flask import g
from flask_appbuilder.security.sqla.models import User

from app.database.session import db
from app.errors import Forbidden
from app.i18n import lazy_gettext as _l


def me() -> User:
    """The present user, in this session: the one that the request began with was loaded before the institution.

    Raises `Forbidden` while viewing as somebody else: profile, sessions and codes are the person's alone.
    """
    if g.get("actor"):
        raise Forbidden(_l("The profile belongs to its person alone."))
    return db.session().get_one(User, g.user.id)
