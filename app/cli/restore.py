"""`run.py restore`: a backup into an empty place."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.runtime import runtime


@click.command()
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(source: Path) -> None:
    """Bring the backup SOURCE into an empty database and data folder, compare checksums, then sync."""
    from app.backup.restoring import restore_backup
    from app.registry.sync import sync

    with runtime() as (settings, addresses):
        contents = restore_backup(addresses, settings.data_dir / "files", source)
        sync(settings, addresses)
    rows = sum(count for count, _checksum in contents.tables.values())
    click.echo(f"Restored as of {contents.made_at}: {len(contents.tables)} tables with {rows} rows, ", nl=False)
    click.echo(f"{len(contents.files)} files; every checksum is right.")
