"""`run.py access`: who may do what, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import select

from app.cli.runtime import application
from app.errors import NotFound


@click.group()
def access() -> None:
    """Rights of people."""


@contextmanager
def _inside(institution: str) -> Iterator[Any]:
    from app.access.acting import acting_as_system
    from app.database.session import db

    with (
        application() as app,
        app.test_request_context(headers={"Accept-Language": "en"}),
        acting_as_system(institution, "explaining access"),
    ):
        yield db.session()


@access.command()
@click.option("--user", "username", required=True, help="The name the person signs in with.")
@click.option("--model", required=True, help="Such as partners.Partner.")
@click.option("--operation", required=True, help="read, create, write, archive, a transition, or read.<column>.")
@click.option("--institution", required=True, help="The institution's code.")
@click.option("--record", type=int, help="The id of one record: whether the scopes reach it, too.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def explain(username: str, model: str, operation: str, institution: str, record: int | None, as_json: bool) -> None:
    """Say why a person may or may not do an operation; which row of access.csv or change decided."""
    from flask_appbuilder.security.sqla.models import User

    from app.access.explanation import explain as explain_access

    with _inside(institution) as session:
        user_id = session.scalar(select(User.id).where(User.username == username))
        if user_id is None:
            raise NotFound(f"There is no person {username}.")
        answer = explain_access(session, user_id, model, operation, record)
        reasons = [{"effect": reason.effect, "text": str(reason.text)} for reason in answer.reasons]
    if as_json:
        click.echo(json.dumps({"allowed": answer.allowed, "reasons": reasons}))
        return
    click.echo("allowed" if answer.allowed else "not allowed")
    for reason in reasons:
        click.echo(f"  {reason['effect'] or '-':8} {reason['text']}")


@access.command()
@click.option("--institution", required=True, help="The institution's code.")
@click.option("--role", "roles", multiple=True, help="Only this role; may be given several times.")
@click.option("--model", "wanted", multiple=True, help="Only this model; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def matrix(institution: str, roles: tuple[str, ...], wanted: tuple[str, ...], as_json: bool) -> None:
    """List what every role may do: model, operation, the states it starts from, the rows it reaches, and the source."""
    from app.access.matrix import access_matrix

    with _inside(institution) as session:
        _refuse_unknown(session, roles, wanted)
        cells = [
            cell
            for cell in access_matrix(session)
            if (not roles or cell["role"] in roles) and (not wanted or cell["model"] in wanted)
        ]
    if as_json:
        click.echo(json.dumps(cells))
        return
    for cell in cells:
        states = f" from {', '.join(cell['states'])}" if cell["states"] else ""
        reach = ", ".join(cell["scope"]) or "all rows"
        click.echo(
            f"{cell['role']}  {cell['model']}  {cell['operation']}{states}: {reach} ({', '.join(cell['source'])})"
        )


def _refuse_unknown(session: Any, roles: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    """An empty list must mean "nothing", not "misspelt"."""
    from app.access.administration import institution_here
    from app.database.base import models
    from app.registry.roles import role_choices

    known = role_choices(institution_here(session), session)
    unknown = [f"There is no role {name} here." for name in roles if name not in known]
    unknown += [f"There is no model {name}." for name in wanted if name not in models]
    if unknown:
        raise NotFound("\n".join(unknown))
