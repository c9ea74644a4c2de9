"""`run.py serve`: one supervisor for database, web server and job workers, which ends everything it started."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import click

from app.cli import processes
from app.cli.job_workers import AddonsAgent, JobWorkers, notes
from app.cli.web_server import (
    SECONDS_FOR_A_PORT_TO_FREE,
    SECONDS_TO_END,
    ServeError,
    WebServer,
    check_port,
    reachable_host,
)
from app.database.addresses import Addresses, database_addresses
from app.database.leases import LockTimeout, exclusive
from app.errors import SinergiError
from config import Settings, SettingsError, load_settings


class StopRequested(BaseException):
    """Ctrl+C, a closed terminal or the system asked us to end; not an error."""


@click.command()
def serve() -> None:
    """Start database, web server and job workers; Ctrl+C stops them all."""
    try:
        settings = load_settings(os.environ)
        with stop_on_signals():
            supervise(settings)
    except StopRequested:
        click.echo("Stopped.")
    except (SinergiError, SettingsError) as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Turn the first signal into StopRequested; later ones must not cut the stopping short."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            raise StopRequested

    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def supervise(settings: Settings) -> None:
    """Run until asked to stop, or until the web server ends by itself."""
    begun = time.monotonic()
    with ExitStack() as stack:
        _be_the_only_supervisor(settings, stack)
        addresses = stack.enter_context(database_addresses(settings))
        _synchronise(settings, addresses)
        web = stack.enter_context(WebServer(settings, addresses))
        web.wait_until_it_answers()
        workers = stack.enter_context(JobWorkers(settings, addresses))
        agent = stack.enter_context(AddonsAgent(settings, addresses))
        _announce(settings, time.monotonic() - begun)
        while True:
            web.check_alive()
            workers.keep_alive()
            agent.keep_alive()
            time.sleep(0.2)


def _be_the_only_supervisor(settings: Settings, stack: ExitStack) -> None:
    """Hold this data folder's lock, end what a killed supervisor left behind, and see that the port is free."""
    try:
        stack.enter_context(exclusive(settings.data_dir / "serve.lock", timeout=0.0))
    except LockTimeout:
        check_port(settings.host, settings.port)
        raise ServeError(f"Sinergi is already running with the data folder {settings.data_dir}.") from None
    note = settings.data_dir / "web.process"
    patience = SECONDS_FOR_A_PORT_TO_FREE if note.exists() else 0.0
    orphan = processes.left_over(note)
    if orphan is not None:
        click.echo("Ending the web server that an earlier run left behind ...")
        processes.end_group(orphan, patience=SECONDS_TO_END)
    check_port(settings.host, settings.port, patience)
    note.unlink(missing_ok=True)
    for note in notes(settings):
        if (orphan := processes.left_over(note)) is not None:
            processes.end_group(orphan, patience=SECONDS_TO_END)
        note.unlink(missing_ok=True)


def _synchronise(settings: Settings, addresses: Addresses) -> None:
    # Imported here: a busy port or a wrong setting is answered without loading the whole application.
    from app.registry.sync import sync_when_needed

    sync_when_needed(settings, addresses, echo=click.echo)


def _announce(settings: Settings, seconds: float) -> None:
    host = reachable_host(settings.host)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"\nSinergi is running at http://{shown}:{settings.port} (ready after {seconds:.1f} s; Ctrl+C stops it)")
    if settings.demo:
        from app.cli.demo import print_accounts

        print_accounts()
