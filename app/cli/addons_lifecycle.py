"""`run.py addons install|upgrade|retire|purge`: one transaction each, with every reason when refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from app.cli.runtime import runtime
from app.errors import SinergiError

COMMANDS = ("install", "upgrade", "retire", "purge")
as_json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")
_file = click.Path(path_type=Path, dir_okay=False)


class Answer(dict[str, Any]):
    """What a command says: lines at once to people, or one object at the end to programs."""

    def __init__(self, as_json: bool, **values: Any) -> None:
        super().__init__(**values, done=False, lines=[])
        self._as_json = as_json

    def say(self, line: str) -> None:
        """A line of progress."""
        self["lines"].append(line)
        if not self._as_json:
            click.echo(line)


@contextmanager
def answered(as_json: bool, **values: Any) -> Iterator[Answer]:
    """Print the answer of a command; a refusal ends it with a non-zero exit."""
    answer = Answer(as_json, **values)
    try:
        yield answer
    except (SinergiError, click.ClickException) as error:
        message = error.message if isinstance(error, click.ClickException) else str(error)
        if not as_json:
            raise click.ClickException(message) from error
        click.echo(json.dumps({**answer, "problems": str(message).splitlines()}, indent=2))
        raise click.exceptions.Exit(1) from error
    if as_json:
        click.echo(json.dumps({**answer, "done": True}, indent=2))


@click.command()
@click.argument("name")
@click.option("--from", "source", type=_file, help="An export that a purge wrote: its records are read back.")
@as_json_option
def install(name: str, source: Path | None, as_json: bool) -> None:
    """Install NAME and what it depends on; what an earlier life left there is found again."""
    _carry_out("install", name, as_json, source=source)


@click.command()
@click.argument("name")
@as_json_option
def upgrade(name: str, as_json: bool) -> None:
    """Bring the database to the present code of NAME."""
    _carry_out("upgrade", name, as_json)


@click.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Also when running work needs it.")
@as_json_option
def retire(name: str, force: bool, as_json: bool) -> None:
    """Take the code of NAME away and keep its data; refused while other addons depend on it."""
    _carry_out("retire", name, as_json, forced=force)


@click.command()
@click.argument("name")
@click.option("--yes", "typed", default="", help="NAME once more, to confirm it.")
@click.option("--export", type=_file, help="Where to write the export; default: the data folder's exports/.")
@as_json_option
def purge(name: str, typed: str, export: Path | None, as_json: bool) -> None:
    """Export all data of the retired addon NAME into a file, then remove it from the database."""
    _carry_out("purge", name, as_json, typed=typed, export=export)


def _carry_out(command: str, name: str, as_json: bool, **options: Any) -> None:
    from app.registry.lifecycle import Wish, carry_out

    with answered(as_json, command=command, addon=name) as answer, runtime() as (settings, addresses):
        carry_out(settings, addresses, Wish(command, name, **options), answer.say)


def plan_of_command(command: str, name: str, as_json: bool) -> None:
    """`addons plan COMMAND NAME`."""
    from app.registry.planning import lines_of, plan_for

    if command not in COMMANDS:
        raise click.UsageError(f"COMMAND is one of {', '.join(COMMANDS)}.")
    with runtime() as (settings, addresses):
        plan = plan_for(settings, addresses, command, name)
    tell_plan(asdict(plan), lines_of(plan), plan.refusals, as_json)


def tell_plan(plan: dict[str, Any], lines: list[str], problems: list[str], as_json: bool) -> None:
    """Print a plan for people or for programs; one that would be refused ends with a non-zero exit."""
    answer = {**plan, "done": not problems, "problems": problems}
    click.echo(json.dumps(answer, indent=2) if as_json else "\n".join(lines))
    if problems:
        raise click.exceptions.Exit(1)
