"""`run.py migration`: write an addon's next migration, on a scratch database that has only its closure."""

from __future__ import annotations

import secrets

import click
from sqlalchemy import create_engine, make_url, text

from app.cli.runtime import runtime


@click.group()
def migration() -> None:
    """Migrations, for developers."""


@migration.command("new")
@click.argument("branch")
@click.option("-m", "--message", required=True, help="What changes, in a few words.")
def new(branch: str, message: str) -> None:
    """Write the migration that brings BRANCH (``kernel`` or an addon) to what its models declare."""
    from app.database import migration as migrations
    from app.database.provision import create_extensions
    from app.registry.loader import load

    with runtime() as (settings, addresses):
        loaded = load([] if branch == "kernel" else [branch], extra_folders=settings.addons_path)
        manifests = list(loaded.manifests.values())
        name = f"scratch_{secrets.token_hex(4)}"
        server = create_engine(addresses.owner, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        scratch = create_engine(make_url(addresses.owner).set(database=name))
        try:
            with scratch.begin() as connection:
                create_extensions(connection)
                migrations.upgrade(connection, manifests)
                click.echo(migrations.write_migration(connection, manifests, branch, message))
        finally:
            scratch.dispose()
            with server.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name}"))
            server.dispose()
