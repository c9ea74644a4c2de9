"""`run.py sync`: migrate, load data, grant."""

from __future__ import annotations

import click

from app.cli.runtime import runtime


@click.command()
def sync() -> None:
    """Bring the database to what the code declares; a second run changes nothing."""
    from app.registry.sync import sync as synchronise

    with runtime() as (settings, addresses):
        registry = synchronise(settings, addresses)
        click.echo(f"{len(registry.manifests)} addons installed: {', '.join(registry.manifests)}.")
