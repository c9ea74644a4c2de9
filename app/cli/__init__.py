"""The commands of ``run.py``: one file per group."""

from __future__ import annotations

import importlib

import click

COMMANDS = (
    "access",
    "addons",
    "assets",
    "backup",
    "demo",
    "doctor",
    "i18n",
    "migration",
    "personal",
    "restore",
    "serve",
    "settings",
    "sync",
    "user",
    "worker",
)
"""Each command lives in the module of its name."""


class Commands(click.Group):
    """Imports a command's module only when it is asked for, so that a quick command stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, for ``--help``."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command ``cmd_name``."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"app.cli.{cmd_name}"), cmd_name)
        return command


@click.group(cls=Commands)
def main() -> None:
    """Sinergi: an ERP for institutional cooperation."""
