"""The commands of ``run.py``: one file per group."""

from __future__ import annotations

import importlib
import os

import click

from app.cli.runtime import CommandGroup

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


class Commands(CommandGroup):
    """Imports a command's module only when it is asked for, so that a quick command stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, for ``--help``."""
        return [*COMMANDS, *addon_commands()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command ``cmd_name``."""
        if cmd_name not in COMMANDS:
            return addon_commands().get(cmd_name)
        command: click.Command = getattr(importlib.import_module(f"app.cli.{cmd_name}"), cmd_name)
        return command


def addon_commands() -> dict[str, click.Command]:
    """What addons add: the ``command`` of each ``commands.py``. An addon that cannot be read adds nothing; `doctor`
    tells of it.
    """
    from app.registry.discovery import survey
    from config import addon_folders

    manifests, _problems = survey(addon_folders(os.environ))
    found: dict[str, click.Command] = {}
    for manifest in manifests.values():
        if (manifest.folder / "commands.py").is_file():
            command: click.Command = importlib.import_module(f"addons.{manifest.name}.commands").command
            found.setdefault(command.name or manifest.name, command)
    return found


@click.group(cls=Commands)
def main() -> None:
    """Sinergi: an ERP for institutional cooperation."""
