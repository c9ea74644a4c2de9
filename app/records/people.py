"""Users from data files: invented people of the demo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from app.access.role_assignment import RoleAssignment
from app.database.scope import current_scope
from app.records.data_files import data_loader


def make_user(
    session: Session, username: str, first_name: str, last_name: str, password: str, email: str | None = None
) -> User:
    """A user who can sign in; without an address an invented one."""
    user = User()
    user.username, user.first_name, user.last_name = username, first_name, last_name
    user.email = email or f"{username}@example.test"
    user.active = True
    user.password = generate_password_hash(password)
    session.add(user)
    session.flush()
    return user


@data_loader("kernel.User")
def load_user(session: Session, _name: str, values: Mapping[str, Any], _resolve: Callable[[str], int]) -> User:
    """A demo user, member of the institution, with the given roles."""
    from app.cli.demo import DEMO_PASSWORD

    scope = current_scope(session)
    user = make_user(session, values["username"], values["first_name"], values["last_name"], DEMO_PASSWORD)
    for role in ("kernel.member", *values.get("roles", ())):
        session.add(RoleAssignment(institution_id=scope.institution_id if scope else 0, user_id=user.id, role=role))
    return user
