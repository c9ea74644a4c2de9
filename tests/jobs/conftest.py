"""The dummy addon switched on, and what it stumbles over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.access.acting import acting_as_system
from app.database.base import models
from app.database.session import db
from app.registry.enablement import enable
from app.testing.queue import Queue

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def dummy_on(app: Flask) -> Callable[..., None]:
    """``dummy_on("kendal", "unair")`` switches the dummy addon on."""

    def switch(*institutions: str) -> None:
        for code in institutions:
            with app.app_context(), acting_as_system(code, "a test") as scope:
                enable(db.session(), scope.institution_id, "dummy")
                db.session.commit()

    return switch


@pytest.fixture
def stumble() -> Iterator[list[Exception]]:
    """What the dummy's job raises, one for each run."""
    from addons.dummy.jobs import FAILURES

    yield FAILURES
    FAILURES.clear()


@pytest.fixture
def titles(app: Flask) -> Callable[[str], list[str]]:
    """The titles of the notes of an institution, without the one it ships."""

    def read(code: str) -> list[str]:
        note: Any = models["dummy.Note"]
        with app.app_context(), acting_as_system(code, "a test"):
            found = db.session.scalars(select(note.title).where(note.title != "Welcome").order_by(note.id))
            return [title for title in found if not title.startswith("Welcome")]

    return read


class Worker:
    """One worker process over the test's database."""

    def __init__(self, run_jobs: Queue, folder: Path) -> None:
        self.output = folder / f"worker-{time.monotonic_ns()}.txt"
        settings = run_jobs.app.config["SETTINGS"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SINERGI_")} | {
            "SINERGI_PROCESS": "worker",
            "SINERGI_DATABASE_URL": run_jobs.addresses.application,
            "SINERGI_DATA_DIR": str(folder),
            "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, settings.addons_path)),
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "run.py"), "worker"],
                cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def said(self) -> str:
        """What it wrote."""
        return self.output.read_text()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def start(run_jobs: Queue, tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    """Start workers; whatever a test left running is ended."""
    started: list[Worker] = []

    def run() -> Worker:
        started.append(Worker(run_jobs, tmp_path))
        return started[-1]

    yield run
    for worker in started:
        if worker.process.poll() is None:
            worker.end(signal.SIGKILL)


def wait_for(what: Callable[[], bool], worker: Worker, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, worker.said()
        time.sleep(0.05)  # the worker is a process of its own: its traces are looked for until the deadline
