"""Addons are installed, upgraded, enabled, disabled and retired while people work: no request may fail.

``python -m tests.load.lifecycle`` prints the figures for 2 workers, 8 clients and 2,000 requests; a smaller run is a
test.
"""

from __future__ import annotations

import argparse
import http.client
import http.cookiejar
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg

from app.database.addresses import libpq_address
from app.testing.databases import TestServer
from app.testing.live import LiveServer
from app.testing.plugin import extra_addon_folders
from tests.load.shelf import write_edition

ROOT = Path(__file__).resolve().parents[2]
SHELF = ("/shelf/shelf/", "/api/v1/shelf/")
"""What the addon offers that comes and goes."""

PAGES = (
    "/partners/partner/",
    "/correspondence/letter/",
    "/rooms/room/",
    "/api/v1/partner/",
    "/kernel/addons/",
    *SHELF,
)


@dataclass
class Figures:
    """What happened."""

    requests: int = 0
    failed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    replaced: int = 0
    shelf: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        took = [seconds * 1000 for seconds in sorted(self.seconds) or [0.0]]
        counted = f"{self.requests} requests, {len(self.failed)} failed, {self.replaced} workers replaced"
        counted += f"; the shelf answered {dict(self.shelf)}"
        return "\n".join([counted, f"median {took[len(took) // 2]:.0f} ms, longest {took[-1]:.0f} ms", *self.steps])


class Client(threading.Thread):
    """A person who signs in and works until the others have finished, too."""

    def __init__(self, url: str, story: Story, goes_on: Callable[[], bool], pause: float = 0.0) -> None:
        super().__init__(daemon=True)
        self.pause = pause
        self.url, self.story, self.figures, self.goes_on = url, story, story.figures, goes_on
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.token = ""

    def sign_in(self) -> None:
        """By the login page, and for the API by its address."""
        page = self.opener.open(f"{self.url}/login/").read().decode()
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert found
        form = {"username": "kendal.admin", "password": "sinergi-demo", "csrf_token": found[1]}
        self.opener.open(f"{self.url}/login/", urllib.parse.urlencode(form).encode()).read()
        login = json.dumps({"username": "kendal.admin", "password": "sinergi-demo", "provider": "db"}).encode()
        asked = urllib.request.Request(f"{self.url}/api/v1/security/login", login, {"Content-Type": "application/json"})
        self.token = json.load(self.opener.open(asked))["access_token"]

    def run(self) -> None:
        for number in itertools.count():
            if not self.goes_on():
                return
            begun = time.monotonic()
            try:
                self._ask(number)
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.figures.failed.append(f"{number} {self._path(number)} {type(error).__name__}: {error}")
            self.figures.seconds.append(time.monotonic() - begun)
            self.figures.requests += 1
            time.sleep(self.pause)  # the pace of the run

    def _path(self, number: int) -> str:
        """Every tenth request adds a partner; the others go round the pages."""
        return "/api/v1/partner/" if number % 10 == 9 else PAGES[number % len(PAGES)]

    def _ask(self, number: int) -> None:
        path, right = self._path(number), self.story.shelf_answers
        adds = {"name": f"Mitra contoh {threading.get_ident()} {number}"} if number % 10 == 9 else None
        status, said = self.ask(path, adds)
        if path not in SHELF:
            assert status in {200, 201}, f"{status} {said[:200]}"
            return
        right += self.story.shelf_answers  # the story may have gone on meanwhile
        assert status in right, f"{status} instead of {set(right)}: {said[:200]}"
        assert ("First shelf" in said) == (status == 200), said[:200]
        self.figures.shelf[status] += 1

    def ask(self, path: str, body: dict[str, str] | None = None) -> tuple[int, str]:
        """The status and text at ``path``; with ``body`` something is added there. Raises `OSError` when it hangs."""
        headers = {"Authorization": f"Bearer {self.token}"} if path.startswith("/api/") else {}
        data = json.dumps(body).encode() if body else None
        asked = urllib.request.Request(f"{self.url}{path}", data, headers | {"Content-Type": "application/json"})
        try:
            with self.opener.open(asked, timeout=30) as answer:
                assert "/login/" not in answer.geturl(), "signed out"
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


class Story:
    """The commands, one after the other, each waiting until every worker has what it changed."""

    def __init__(self, live: LiveServer, figures: Figures) -> None:
        self.live, self.addons, self.figures = live, live.folder / "addons", figures
        self.shelf_answers: tuple[int, ...] = (404,)
        self.environment = {
            **os.environ,
            "SINERGI_DATABASE_URL": live.addresses.application,
            "SINERGI_OWNER_DATABASE_URL": live.addresses.owner,
            "SINERGI_DATA_DIR": str(live.folder),
            "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, live.postgres.settings.addons_path)),
        }

    def tell(self) -> None:
        """All of it."""
        self.settle()
        write_edition(self.addons)
        self._do("install", "shelf")
        self._do("enable", "shelf", "--institution", "kendal", leaving=200)
        write_edition(self.addons, "1.1.0")
        self._do("upgrade", "shelf")
        self._do("disable", "shelf", "--institution", "kendal", leaving=404)
        self._do("retire", "shelf")

    def _do(self, *arguments: str, leaving: int = 0) -> None:
        """Do a command; from its end on pages of the shelf answer with ``leaving``, before with either."""
        self.shelf_answers = (*self.shelf_answers, leaving) if leaving else self.shelf_answers
        begun, before = time.monotonic(), set(self.workers())
        done = subprocess.run(
            [sys.executable, "run.py", "addons", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        took = time.monotonic() - begun
        self.settle()
        self.shelf_answers = (leaving,) if leaving else self.shelf_answers
        self.figures.replaced += len(before - set(self.workers()))
        self.figures.steps.append(
            f"{arguments[0]}: {took:.1f} s, everybody has it after {time.monotonic() - begun:.1f} s"
        )

    def settle(self) -> None:
        """Wait until all workers have told that they have loaded the present addons."""
        begun = time.monotonic()
        while self.behind() or len(self.workers()) < self.live.workers:
            assert time.monotonic() - begun < 120, "the workers do not leave"
            time.sleep(0.2)  # bounded by the limit above

    def workers(self) -> list[int]:
        """The processes that serve pages."""
        return self._ask("SELECT process FROM running_process WHERE kind = 'web' AND seen_at > now() - interval '15 s'")

    def behind(self) -> list[int]:
        """Those among them that have not loaded the present addons."""
        return self._ask(
            "SELECT process FROM running_process WHERE kind = 'web' AND seen_at > now() - interval '15 s' "
            "AND registry_version < (SELECT registry_version FROM registry_state)"
        )

    def _ask(self, statement: str) -> list[int]:
        with psycopg.connect(libpq_address(self.live.addresses.owner)) as connection:
            return [row[0] for row in connection.execute(statement)]


def run(
    postgres: TestServer, folder: Path, *, requests: int, clients: int, workers: int, pause: float = 0.0
) -> Figures:
    """Serve a copy of the demo, have ``clients`` work on it, and change addons meanwhile."""
    figures, ended = Figures(), threading.Event()

    def goes_on() -> bool:
        return figures.requests < requests or not ended.is_set()

    with served(postgres, folder, workers) as live:
        story = Story(live, figures)
        people = [Client(live.url, story, goes_on, pause) for _ in range(clients)]
        for client in people:
            client.sign_in()
        for client in people:
            client.start()
        try:
            story.tell()
        finally:
            ended.set()
            requests = 0 if sys.exc_info()[0] else requests
            for client in people:
                client.join()
    return figures


@contextmanager
def served(postgres: TestServer, folder: Path, workers: int) -> Iterator[LiveServer]:
    """A server over a copy of the demo; it looks for more addons in ``folder``/addons."""
    addons, kept = folder / "addons", postgres.settings
    addons.mkdir()
    postgres.settings = replace(kept, addons_path=(*kept.addons_path, addons))
    live = LiveServer(postgres, folder, workers)
    try:
        live.start()
        yield live
    finally:
        live.stop()
        postgres.drop(live.database)
        postgres.settings = kept


def _postgres(folder: Path) -> Iterator[TestServer]:
    server = TestServer.start(folder)
    try:
        server.fill(extra_addon_folders())
        yield server
    finally:
        server.stop()


def main() -> None:
    """The figures, and exit code 1 when a request failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that each client waits between two requests")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("postgres", "live"):
            (Path(folder) / name).mkdir()
        for server in _postgres(Path(folder) / "postgres"):
            figures = run(server, Path(folder) / "live", **vars(asked))
    sys.stdout.write(f"{figures}\n")
    for line in figures.failed[:20]:
        sys.stdout.write(f"failed: {line}\n")
    sys.exit(bool(figures.failed))


if __name__ == "__main__":
    main()
