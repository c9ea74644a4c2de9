"""`run.py access`: who may do what, and why."""

from __future__ import annotations

import click
from sqlalchemy import select

from app.cli.runtime import application
from app.errors import NotFound


@click.group()
def access() -> None:
    """Rights of people."""


@access.command()
@click.argument("username")
@click.argument("model")
@click.argument("operation")
@click.option("--institution", required=True, help="The institution's code.")
def explain(username: str, model: str, operation: str, institution: str) -> None:
    """Say why USERNAME may or may not do OPERATION (read, create, write, archive or a transition) with MODEL."""
    from flask_appbuilder.security.sqla.models import User

    from app.access.acting import acting_as_system
    from app.access.explanation import explain as explain_access
    from app.database.session import db

    with application() as app, app.test_request_context(headers={"Accept-Language": "en"}):
        with acting_as_system(institution, "explaining access"):
            user_id = db.session.scalar(select(User.id).where(User.username == username))
            if user_id is None:
                raise NotFound(f"There is no person {username}.")
            answer = explain_access(db.session(), user_id, model, operation)
        click.echo("allowed" if answer.allowed else "not allowed")
        for reason in answer.reasons:
            click.echo(f"  {reason.effect or '-':8} {reason.text}")
