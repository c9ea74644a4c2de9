"""`run.py personal`: erasing personal data on request; what cannot be undone is done by the owner role only."""

from __future__ import annotations

import json

import click

from app.cli.runtime import runtime

ERASED = {"records": "records", "history": "entries of the history", "files": "files", "mails": "mails"}
"""What an erasure counts, in the words of the command."""


@click.group()
def personal() -> None:
    """Personal data of people (UU 27/2022)."""


@personal.command()
@click.option("--institution", required=True, help="The institution's code.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def requests(institution: str, as_json: bool) -> None:
    """List the requests for erasure that wait."""
    from sqlalchemy import select

    from app.cli.owner import as_owner
    from app.records.erasure import Erasure

    with runtime() as (settings, addresses), as_owner(settings, addresses, institution) as session:
        waiting = session.scalars(select(Erasure).where(Erasure.state == "requested").order_by(Erasure.id))
        rows = [{"id": item.id, "records": len(item.targets), "reason": item.reason} for item in waiting]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(f"{row['id']}: {row['records']} records: {row['reason']}")


@personal.command()
@click.argument("request_id", type=int)
@click.option("--institution", required=True, help="The institution's code.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(request_id: int, institution: str, yes: bool) -> None:
    """Carry out the request REQUEST_ID: erase the values and their history. It cannot be undone."""
    from app.cli.owner import as_owner
    from app.records.erasing import carry_out

    if not yes:
        click.confirm("The values and their history will be gone for good. Go on?", abort=True)
    with runtime() as (settings, addresses), as_owner(settings, addresses, institution) as session:
        done = carry_out(session, request_id)
        counts = dict(done.counts)
    told = [f"{counts.get(key, 0)} {word}" for key, word in ERASED.items()]
    click.echo(f"Erased: {', '.join(told)}.")
    click.echo("Backups that were made before still hold the values: docs/panduan.md says what to do about them.")
