"""`run.py user`: the first people of an installation, before anybody can sign in."""

from __future__ import annotations

import click
from sqlalchemy import select

from app.cli.runtime import application
from app.errors import Conflict, Invalid

SHORTEST_PASSWORD = 12


@click.group()
def user() -> None:
    """People who can sign in."""


@user.command()
@click.argument("username")
@click.option("--name", required=True, help="First and last name.")
@click.option("--email", required=True)
@click.option("--institution", help="The institution's code; without it the person administers the platform.")
@click.option("--role", "roles", multiple=True, help="Such as kernel.administrator; may be given several times.")
@click.password_option(help="Asked for when it is not given.")
def create(
    username: str, name: str, email: str, institution: str | None, roles: tuple[str, ...], password: str
) -> None:
    """Create USERNAME: an administrator of the platform, or a member of an institution with roles."""
    with application():
        create_user(username, name, email, institution, roles, password)
    click.echo(f"{username} can sign in.")


def create_user(
    username: str, name: str, email: str, institution: str | None, roles: tuple[str, ...], password: str
) -> None:
    """Store the person and commit. Raises `Invalid`, `Conflict` or `NotFound` with one sentence."""
    from flask_appbuilder.security.sqla.models import Role, User

    from app.access.acting import acting_as_system, institution_id_of
    from app.access.administration import MEMBER
    from app.access.cache import bump_access_version
    from app.access.grants import PLATFORM_ADMINISTRATOR
    from app.access.role_assignment import RoleAssignment
    from app.database.session import db
    from app.records.people import make_user
    from app.registry.roles import role_choices

    session = db.session()
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"The password needs {SHORTEST_PASSWORD} characters or more.")
    if session.scalar(select(User.id).where((User.username == username) | (User.email == email))) is not None:
        raise Conflict(f"The user name {username} or the address {email} is taken.")
    unknown = sorted(set(roles) - set(role_choices()))
    if unknown:
        raise Invalid(f"There is no role {unknown[0]}.")
    first_name, _space, last_name = name.strip().partition(" ")
    person = make_user(session, username, first_name, last_name or first_name, password, email)
    person_id = person.id
    if institution is None:
        role = session.scalar(select(Role).where(Role.name == PLATFORM_ADMINISTRATOR))
        person.roles = [role or Role(name=PLATFORM_ADMINISTRATOR)]
        bump_access_version(session)
    else:
        institution_id_of(institution)  # refuses one that nobody works in
        with acting_as_system(institution, "the first people of an institution") as scope:
            for code in dict.fromkeys((MEMBER, *roles)):
                session.add(RoleAssignment(institution_id=scope.institution_id, user_id=person_id, role=code))
    session.commit()
