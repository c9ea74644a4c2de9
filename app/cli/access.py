"""`run.py access`: who may do what, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import select

from app.cli.runtime import application
from app.errors import BadRequest, NotFound


@click.group()
def access() -> None:
    """Rights of people."""


@contextmanager
def _asking() -> Iterator[None]:
    """The application, in English."""
    with application() as app, app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@contextmanager
def _inside(institution: str) -> Iterator[Any]:
    from app.access.acting import acting_as_system
    from app.database.session import db

    with acting_as_system(institution, "explaining access"):
        yield db.session()


def _only_institution_of(user_id: int, username: str) -> str:
    """The institution that the person works in. Raises `NotFound` for none, `BadRequest` for several."""
    from app.access.acting import institutions, institutions_of

    codes = [institutions()[key][0] for key in institutions_of(user_id)]
    if not codes:
        raise NotFound(f"{username} works in no institution today; name one with --institution.")
    if len(codes) > 1:
        raise BadRequest(f"{username} works in several institutions; say which with --institution: {', '.join(codes)}.")
    return codes[0]


@access.command()
@click.option("--user", "username", required=True, help="The name the person signs in with.")
@click.option("--model", required=True, help="Such as partners.Partner.")
@click.option("--operation", required=True, help="read, create, write, archive, a transition, or read.<column>.")
@click.option("--institution", help="The institution's code; needed for whoever works in several.")
@click.option("--record", type=int, help="The id of one record: whether the scopes reach it, too.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def explain(
    username: str, model: str, operation: str, institution: str | None, record: int | None, as_json: bool
) -> None:
    """Say why a person may or may not do an operation; which row of access.csv or change decided."""
    from flask_appbuilder.security.sqla.models import User

    from app.access.explanation import explain as explain_access
    from app.database.session import db

    with _asking():
        user_id = db.session.scalar(select(User.id).where(User.username == username))
        if user_id is None:
            raise NotFound(f"There is no person {username}.")
        with _inside(institution or _only_institution_of(user_id, username)) as session:
            answer = explain_access(session, user_id, model, operation, record)
        reasons = [{"effect": reason.effect, "text": str(reason.text)} for reason in answer.reasons]
    if as_json:
        click.echo(json.dumps({"allowed": answer.allowed, "reasons": reasons}))
        return
    click.echo("allowed" if answer.allowed else "not allowed")
    for reason in reasons:
        click.echo(f"  {reason['effect'] or '-':8} {reason['text']}")


@access.command()
@click.option("--institution", help="The institution's code; every one when left out.")
@click.option("--role", "roles", multiple=True, help="Only this role; may be given several times.")
@click.option("--model", "wanted", multiple=True, help="Only this model; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def matrix(institution: str | None, roles: tuple[str, ...], wanted: tuple[str, ...], as_json: bool) -> None:
    """List what every role may do: model, operation, the states it starts from, the rows it reaches, and the source."""
    from app.access.acting import institutions
    from app.access.matrix import access_matrix

    cells: list[dict[str, Any]] = []
    unknown: list[set[str]] = []
    with _asking():
        for code in [institution] if institution else [code for code, _name, _zone in institutions().values()]:
            with _inside(code) as session:
                unknown.append(_unknown(session, roles, wanted))
                cells += [
                    {"institution": code, **cell}
                    for cell in access_matrix(session)
                    if (not roles or cell["role"] in roles) and (not wanted or cell["model"] in wanted)
                ]
        # An empty list must mean "nothing", not "misspelt"; a role of one institution is unknown to the others.
        if nowhere := sorted(set.intersection(*unknown)):
            raise NotFound("\n".join(nowhere))
    if as_json:
        click.echo(json.dumps(cells))
        return
    for cell in cells:
        states = f" from {', '.join(cell['states'])}" if cell["states"] else ""
        reach = ", ".join(cell["scope"]) or "all rows"
        where = "" if institution else f"{cell['institution']}  "
        right = f"{cell['role']}  {cell['model']}  {cell['operation']}"
        click.echo(f"{where}{right}{states}: {reach} ({', '.join(cell['source'])})")


def _unknown(session: Any, roles: tuple[str, ...], wanted: tuple[str, ...]) -> set[str]:
    """What of the names is none here, in sentences."""
    from app.access.administration import institution_here
    from app.database.base import models
    from app.registry.roles import role_choices

    known = role_choices(institution_here(session), session)
    unknown = {f"There is no role {name} here." for name in roles if name not in known}
    return unknown | {f"There is no model {name}." for name in wanted if name not in models}
