"""`run.py sync`: migrate, load data, grant."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from app.cli.runtime import runtime

if TYPE_CHECKING:
    from app.records.data_merge import Outcome


@click.command()
def sync() -> None:
    """Bring the database to what the code declares; a second run changes nothing."""
    from app.registry.sync import sync as synchronise

    with runtime() as (settings, addresses):
        outcomes: list[Outcome] = []
        registry = synchronise(settings, addresses, outcomes.append)
        click.echo(f"{len(registry.manifests)} addons installed: {', '.join(registry.manifests)}.")
        for line in data_lines(outcomes):
            click.echo(line)


def data_lines(outcomes: list[Outcome]) -> list[str]:
    """What loading data files did: how many records came, and one line for each that was met again."""
    created = sum(outcome.what == "created" for outcome in outcomes)
    lines = [f"Data records added: {created}."] if created else []
    met = Counter(str(outcome) for outcome in outcomes if outcome.what != "created")
    return lines + [f"  {line}{f', in {times} institutions' if times > 1 else ''}" for line, times in met.items()]
