"""`run.py backup`: database and files into one file."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli.runtime import runtime


@click.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
def backup(target: Path) -> None:
    """Write database and files to the tar file TARGET; people may go on working meanwhile."""
    from app.backup.writing import write_backup
    from app.views.home import VERSION

    with runtime() as (settings, addresses):
        contents = write_backup(addresses, settings.data_dir / "files", target, VERSION)
    rows = sum(count for count, _checksum in contents.tables.values())
    click.echo(f"{target}: {len(contents.tables)} tables with {rows} rows, {len(contents.files)} files.")
