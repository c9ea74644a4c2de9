"""What commands share: settings, the database, the application, and errors as one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from app.database.addresses import Addresses, database_addresses
from app.errors import SinergiError
from config import Settings, SettingsError, load_settings


@contextmanager
def runtime() -> Iterator[tuple[Settings, Addresses]]:
    """Settings and database addresses for a command; a refusal ends it with one sentence and a non-zero exit."""
    try:
        settings = load_settings(os.environ)
        with database_addresses(settings) as addresses:
            yield settings, addresses
    except (SinergiError, SettingsError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def application() -> Iterator[Flask]:
    """The application, as the application role, for a command that reads or writes records."""
    from app import create_app

    with runtime() as (settings, addresses):
        app = create_app(settings, addresses.application)
        with app.app_context():
            yield app
