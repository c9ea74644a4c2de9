"""`run.py addons agent`: carries out, as the owner of the database, what administrators asked for on the page."""

from __future__ import annotations

import click

from app.cli.runtime import runtime


@click.command()
@click.option("--once", is_flag=True, help="Carry out what waits now, then end.")
def agent(once: bool) -> None:
    """Carry out what was asked for on the page "Addons"; Ctrl+C or SIGTERM ends it after the command under way."""
    from app.registry.agent import Agent

    with runtime() as (settings, addresses):
        Agent(settings, addresses).work(once=once)
