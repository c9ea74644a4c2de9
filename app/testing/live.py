"""A running Sinergi and a browser, for journeys."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.testing.databases import TestServer

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120
"""Seconds a server may take to answer: a limit for broken ones, generous to busy machines."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class LiveServer:
    """gunicorn over its own copy of the demo database."""

    def __init__(self, postgres: TestServer, folder: Path, workers: int = 2) -> None:
        self.postgres, self.folder, self.workers = postgres, folder, workers
        self.database = f"live_{folder.name.replace('-', '_').lower()}"[:60]
        self.process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def addresses(self) -> Any:
        """Its database."""
        return self.postgres.named(self.database)

    def start(self) -> None:
        """Copy the database, start gunicorn, wait until it answers."""
        addresses = self.postgres.copy(self.database)
        environment = {
            **os.environ,
            "SINERGI_DATABASE_URL": addresses.application,
            "SINERGI_PROCESS": "web",
            "SINERGI_DATA_DIR": str(self.folder),
            "SINERGI_ADDONS_PATH": os.pathsep.join(str(path) for path in self.postgres.settings.addons_path),
        }
        environment.pop("SINERGI_OWNER_DATABASE_URL", None)
        command = [sys.executable, "-m", "gunicorn", "-w", str(self.workers), "-b", f"127.0.0.1:{self.port}"]
        command += ["--config", "python:app.cli.gunicorn_config", "run:app"]
        with (self.folder / "gunicorn.log").open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        self._wait()

    def _wait(self) -> None:
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:  # our own server
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            if self.process is not None and self.process.poll() is not None:
                break
        self.stop()
        raise RuntimeError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        """What gunicorn wrote."""
        return (self.folder / "gunicorn.log").read_text(errors="replace")

    def stop(self) -> None:
        """End gunicorn."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def launch_chromium() -> Iterator[Any]:
    """The Chromium on the PATH, else Playwright's own."""
    from playwright.sync_api import sync_playwright

    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()
