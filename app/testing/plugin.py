"""The fixtures: a server per run, a fresh copy of the filled database per test, the application, people, a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine

from app.database.addresses import Addresses
from app.testing.client import Browserish
from app.testing.databases import TestServer
from app.testing.live import LiveServer
from app.testing.queue import Queue
from config import addon_folders

DATABASE = "sinergi_test"
ROOT = Path(__file__).resolve().parents[2]


def pytest_configure(config: pytest.Config) -> None:
    """The fixtures that addons' tests share; pytest explains their failures only when it knows them beforehand."""
    pytest.register_assert_rewrite("app.testing.addon_tests")
    config.pluginmanager.import_plugin("app.testing.addon_tests")


def extra_addon_folders() -> tuple[Path, ...]:
    """The folder with the dummy addons of the kernel's own tests, and those of SINERGI_ADDONS_PATH."""
    folder = ROOT / "tests" / "addons"
    return (*((folder,) if folder.is_dir() else ()), *addon_folders(os.environ))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestServer]:
    """The PostgreSQL of this run with its template; ``SINERGI_TEST_POSTGRES=system`` takes the system's."""
    from app.cli.i18n import compile_catalogues

    compile_catalogues(extra_addon_folders())  # before the application is built, and whoever starts pytest without make
    system = os.environ.get("SINERGI_TEST_POSTGRES") == "system"
    server = TestServer.start(tmp_path_factory.mktemp("sinergi"), system=system)
    try:
        server.fill(extra_addon_folders())
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def application(postgres: TestServer) -> Flask:
    """The application, built once; its database is replaced before each test that asks for ``app``."""
    from app import create_app

    return create_app(postgres.settings, postgres.copy(DATABASE).application)


@pytest.fixture
def app(application: Flask, postgres: TestServer) -> Iterator[Flask]:
    """The application over a fresh copy of the demo, as the application role."""
    from app.access import cache
    from app.database.session import db

    with application.app_context():
        db.session.remove()
        db.engine.dispose()
    postgres.untouched(DATABASE)
    cache.forget()
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def migrating(application: Flask, postgres: TestServer) -> Iterator[Connection]:
    """The owner's connection to a copy of the demo that a test may migrate as it likes."""
    name = f"{DATABASE}_migrating"
    engine = create_engine(postgres.copy(name).owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    postgres.drop(name)


@pytest.fixture
def addresses(app: Flask, postgres: TestServer) -> Addresses:
    """The addresses of the test's database."""
    return postgres.named(DATABASE)


@pytest.fixture
def run_jobs(app: Flask, addresses: Addresses) -> Queue:
    """``run_jobs()`` does what waits in the queue; ``run_jobs(later=True)`` also what waits for its next attempt."""
    return Queue(app, addresses)


@pytest.fixture
def acting(app: Flask) -> Callable[..., AbstractContextManager[Any]]:
    """``with acting("kendal.staf", "kendal"):`` does a block of service calls as a person.

    The block has its own application context, session and transaction; what was not committed is gone with it.
    """
    from app.access.acting import acting as act

    @contextmanager
    def block(username: str, institution: str) -> Iterator[Any]:
        # A context that stayed open would be taken over by the requests of a test client, and its session with it.
        with app.app_context(), act(username, institution) as access:
            yield access

    return block


@pytest.fixture
def visitor(app: Flask) -> Callable[[], Browserish]:
    """Somebody who has not signed in."""
    return lambda: Browserish(app)


@pytest.fixture
def person(app: Flask) -> Callable[[str], Browserish]:
    """``person("kendal.staf")`` is that person, signed in by the login page."""
    return lambda username: Browserish(app).sign_in(username)


@pytest.fixture
def program(app: Flask) -> Callable[..., Browserish]:
    """``program("kendal.staf")`` is that person's script, with an access token."""
    return lambda username, institution=None: Browserish(app).with_token(username, institution)


@pytest.fixture(scope="module")
def live(postgres: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """gunicorn with two workers over its own copy of the demo, for a module of browser or race tests."""
    server = LiveServer(postgres, tmp_path_factory.mktemp("live"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless Chromium."""
    from app.testing.live import launch_chromium

    with launch_chromium() as browser:
        yield browser


@pytest.fixture
def page(chromium: Any, live: LiveServer) -> Iterator[Any]:
    """A page of a desktop browser in Indonesian that fails the test on a script error."""
    context = chromium.new_context(base_url=live.url, locale="id-ID", viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors, errors
