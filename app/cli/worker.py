"""`run.py worker`: does queued and periodic jobs, sends mail, until told to stop."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import click

from app.database.addresses import database_addresses
from app.errors import SinergiError
from config import Settings, SettingsError, load_settings


@click.command()
def worker() -> None:
    """Do queued and periodic jobs and send mail; Ctrl+C or SIGTERM ends it after the job under way."""
    from procrastinate.exceptions import ConnectorException

    from app import create_app
    from app.jobs.worker import run_worker
    from app.registry import presence
    from app.registry.enablement import registry

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = load_settings(os.environ)
        with _application_url(settings) as url:
            app = create_app(settings, url)
            if registry().problem:
                raise click.ClickException(f"{registry().problem} Run `python run.py sync`, or use the other code.")
            slot = settings.data_dir / "worker.leaving"
            presence.begin(presence.Presence(url, "worker", slot, lambda: os.kill(os.getpid(), signal.SIGTERM)))
            click.echo("The worker takes jobs.")
            run_worker(app, url)
            presence.end()
    except (SinergiError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    except ConnectorException as error:
        raise click.ClickException(
            "The queue of jobs cannot be used: the database is away, or `python run.py sync` has not run yet."
        ) from error
    click.echo("The worker has ended.")


@contextmanager
def _application_url(settings: Settings) -> Iterator[str]:
    """The application's address: given to a process of the supervisor's, else that of the database we run or know."""
    if settings.database_url and not settings.owner_database_url:
        yield settings.database_url
        return
    with database_addresses(settings) as addresses:
        yield addresses.application
