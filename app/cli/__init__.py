"""The commands of ``run.py``: one file per group."""

from __future__ import annotations

import click

from app.cli.addons import addons
from app.cli.assets import assets
from app.cli.demo import demo
from app.cli.i18n import i18n
from app.cli.migration import migration
from app.cli.serve import serve
from app.cli.sync import sync


@click.group()
def main() -> None:
    """Sinergi: an ERP for institutional cooperation."""


for command in (addons, assets, demo, i18n, migration, serve, sync):
    main.add_command(command)
