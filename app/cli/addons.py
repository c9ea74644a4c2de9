"""`run.py addons`: what is installed."""

from __future__ import annotations

import json

import click
from sqlalchemy import select

from app.cli.runtime import application


@click.group()
def addons() -> None:
    """The addon platform."""


@addons.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_addons(as_json: bool) -> None:
    """The installed addons, their versions, dependencies and who has them enabled."""
    from app.access.acting import institutions
    from app.database.session import db
    from app.registry.enablement import enabled_addons, registry
    from app.registry.installed_addon import InstalledAddon

    with application():
        states = {row.name: row.state for row in db.session.scalars(select(InstalledAddon))}
        rows = [
            {
                "name": name,
                "title": manifest.title,
                "version": manifest.version,
                "state": states.get(name, "available"),
                "depends": list(manifest.depends),
                "enabled_for": [
                    code for key, (code, _name, _zone) in institutions().items() if name in enabled_addons(key)
                ],
            }
            for name, manifest in registry().manifests.items()
        ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.echo(f"{row['name']:<16}{row['version']:<10}{row['state']:<11}{', '.join(row['enabled_for'])}")
