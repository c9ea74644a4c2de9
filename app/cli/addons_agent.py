"""`run.py addons agent`: carries out, as the owner of the database, what administrators asked for on the page."""

from __future__ import annotations

import json

import click

from app.cli.runtime import runtime


@click.command()
@click.option("--once", is_flag=True, help="Carry out what waits now, then end.")
@click.option("--json", "as_json", is_flag=True, help="For programs, at the end.")
def agent(once: bool, as_json: bool) -> None:
    """Carry out what was asked for on the page "Addons"; Ctrl+C or SIGTERM ends it after the command under way."""
    from app.registry.agent import Agent

    with runtime() as (settings, addresses):
        served = Agent(settings, addresses).work(once=once)
    if as_json:
        click.echo(json.dumps({"command": "agent", "done": True, "served": served}, indent=2))
