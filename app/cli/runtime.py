"""What commands share: settings, the database, the application, and errors as one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from flask import Flask

from app.database.addresses import Addresses, database_addresses
from app.errors import SinergiError
from config import Settings, SettingsError, load_settings

FOR_PROGRAMS = f"{__name__}.for_programs"
"""Where a command's context notes that ``--json`` was among the words."""


class JsonRefusal(click.ClickException):
    """A refusal as programs read it: one object on the standard output, and a non-zero exit like any other."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it."""
        click.echo(json.dumps({"done": False, "problems": self.message.splitlines()}, indent=2), file=file)


class JsonMisuse(JsonRefusal):
    """The same for words that a command cannot understand."""

    exit_code = click.UsageError.exit_code


class CommandGroup(click.Group):
    """A group that answers programs in JSON whatever its commands refuse, words it cannot understand included."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Understand the words that are this group's own."""
        ctx.meta.setdefault(FOR_PROGRAMS, "--json" in args)
        with _refusing_in_json(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Do the command."""
        with _refusing_in_json(ctx):
            return super().invoke(ctx)


@contextmanager
def _refusing_in_json(ctx: click.Context) -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        if not ctx.meta[FOR_PROGRAMS] or isinstance(error, JsonRefusal):
            raise
        kind = JsonMisuse if isinstance(error, click.UsageError) else JsonRefusal
        raise kind(error.format_message()) from error


def refused(message: str) -> click.ClickException:
    """The end of the present command, in JSON when that was asked for."""
    context = click.get_current_context(silent=True)
    as_json = context is not None and context.params.get("as_json")
    return JsonRefusal(message) if as_json else click.ClickException(message)


@contextmanager
def runtime() -> Iterator[tuple[Settings, Addresses]]:
    """Settings and database addresses for a command; a refusal ends it with one sentence and a non-zero exit."""
    try:
        settings = load_settings(os.environ)
        with database_addresses(settings) as addresses:
            yield settings, addresses
    except (SinergiError, SettingsError) as error:
        raise refused(str(error)) from error


@contextmanager
def application() -> Iterator[Flask]:
    """The application, as the application role, for a command that reads or writes records."""
    from app import create_app

    with runtime() as (settings, addresses):
        app = create_app(settings, addresses.application)
        with app.app_context():
            yield app
