"""`run.py serve`: one sentence for what is wrong, everything ended together, nothing lost after a kill -9.

The supervisor is the real one, with the real embedded database and gunicorn; only the pages behind it are a stand-in.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.database.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]
TINY_APPLICATION = """
import json, os

def app(environ, start_response):
    if environ["PATH_INFO"] == "/die":
        os.kill(os.getppid(), 9)
    start_response("200 OK", [("Content-Type", "application/json")])
    seen = {name: value for name, value in os.environ.items() if name.startswith("SINERGI_")}
    return [json.dumps({"worker": os.getpid(), "seen": seen}).encode()]
"""
TINY_WORKER = """
import pathlib, os, signal, sys, time

def end(*_):
    (here / "ended").write_text(str(os.getpid()))
    sys.exit(0)

here = pathlib.Path(os.environ["SINERGI_DATA_DIR"]).parent / "worker"
here.mkdir(exist_ok=True)
signal.signal(signal.SIGTERM, end)
(here / "seen").write_text(os.environ["SINERGI_PROCESS"] + " " + str("SINERGI_OWNER_DATABASE_URL" in os.environ))
(here / "process").write_text(str(os.getpid()))
while True:
    time.sleep(0.05)
"""
SUPERVISOR = """
import functools, sys, types
for name, content in {
    "app.registry.sync": {"sync_when_needed": lambda settings, addresses, echo: echo("synchronised")},
    "app.cli.demo": {"print_accounts": lambda: print("the demo accounts")},
}.items():
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(content)
from app.cli import serve
serve.WebServer = functools.partial(serve.WebServer, application="tiny:app")
serve.JobWorkers = functools.partial(serve.JobWorkers, command=[sys.executable, "-m", "tiny_worker"])
idle = [sys.executable, "-c", "import time; time.sleep(1000)"]
serve.AddonsAgent = functools.partial(serve.AddonsAgent, command=idle)
serve.serve()
"""


class Supervisor:
    """One run of `serve` in a data folder and on a port of its own."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        (folder / "tiny.py").write_text(TINY_APPLICATION)
        (folder / "tiny_worker.py").write_text(TINY_WORKER)
        self.port = port
        self.output = folder / f"output-{time.monotonic_ns()}.txt"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SINERGI_")}
        settings = {
            "SINERGI_DATA_DIR": str(folder / "data"),
            "SINERGI_PORT": str(port),
            "SINERGI_WORKERS": "1",
            "SINERGI_EMBEDDED_FAST": "1",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}",
        }
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SUPERVISOR],
                cwd=folder,
                env=inherited | settings | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while "Sinergi is running at" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def get(self, path: str = "/health") -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as response:
            content: dict[str, object] = json.load(response)
        return content

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def refusal(self) -> str:
        """Wait for the end, which must be an error of one sentence."""
        assert self.process.wait(30) == 1, self.said()
        lines = self.said().strip().splitlines()
        assert lines[-1].startswith("Error: "), self.said()
        assert "Traceback" not in self.said()
        return lines[-1]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Callable[..., Supervisor]]:
    """Start supervisors; whatever a failed test left behind is ended."""
    started: list[Supervisor] = []

    def run(at_port: int = port, **environment: str) -> Supervisor:
        started.append(Supervisor(tmp_path, at_port, **environment))
        return started[-1]

    yield run
    for supervisor in started:
        if supervisor.process.poll() is None:
            supervisor.end(signal.SIGTERM)
    leftover = EmbeddedServer(tmp_path / "data" / "postgresql", durable=False)
    if leftover.is_running():
        leftover.start()
        leftover.stop()


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database made once, so that most tests need not."""
    folder = tmp_path_factory.mktemp("made-once") / "postgresql"
    server = EmbeddedServer(folder, durable=False)
    server.start()
    server.stop()
    return folder


@pytest.fixture
def prepared(made_once: Path, tmp_path: Path) -> None:
    """The data folder of somebody who has started before."""
    shutil.copytree(made_once, tmp_path / "data" / "postgresql")


def database(tmp_path: Path) -> EmbeddedServer:
    return EmbeddedServer(tmp_path / "data" / "postgresql", durable=False)


def alive(process: object) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False


@pytest.mark.usefixtures("prepared")
def test_browsers_that_connect_and_say_nothing_keep_nobody_waiting(start: Callable[..., Supervisor], port: int) -> None:
    server = start()
    server.wait_until_ready()
    silent = [socket.create_connection(("127.0.0.1", port)) for _number in range(5)]
    before = time.monotonic()
    assert server.get()["worker"]
    assert time.monotonic() - before < 3
    for connection in silent:
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.0 200"
        connection.close()
    assert server.end() == 0


def test_a_busy_port_is_told_in_one_sentence_before_anything_is_started(
    start: Callable[..., Supervisor], port: int, tmp_path: Path
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert f"Port {port} is in use" in start().refusal()
    assert not (tmp_path / "data" / "postgresql").exists()


def test_an_unusable_data_folder_is_told_in_one_sentence(start: Callable[..., Supervisor], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert f"The data folder {tmp_path / 'data'} cannot be read and written" in start().refusal()


def test_a_data_folder_of_another_version_is_told_in_one_sentence(
    start: Callable[..., Supervisor], tmp_path: Path
) -> None:
    cluster = tmp_path / "data" / "postgresql" / "cluster"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("13\n")
    (cluster.parent / "passwords.json").write_text('{"sinergi_admin": "x", "sinergi_owner": "x", "sinergi_app": "x"}')
    assert "written by PostgreSQL 13" in start().refusal()


def test_an_unreachable_database_is_told_in_one_sentence_without_the_password(start: Callable[..., Supervisor]) -> None:
    refusal = start(
        SINERGI_DATABASE_URL="postgresql://app:hushed@127.0.0.1:1/sinergi",
        SINERGI_OWNER_DATABASE_URL="postgresql://owner:hushed@127.0.0.1:1/sinergi",
    ).refusal()
    assert "The database sinergi at 127.0.0.1:1 cannot be reached as owner (Connection refused)." in refusal
    assert "hushed" not in refusal


def test_an_address_of_another_machine_is_told_in_one_sentence(start: Callable[..., Supervisor]) -> None:
    assert "cannot listen on 192.0.2.1" in start(SINERGI_HOST="192.0.2.1").refusal()


def test_a_wrong_setting_is_told_in_one_sentence(start: Callable[..., Supervisor]) -> None:
    assert "SINERGI_SECRET_KEY is missing" in start(SINERGI_ENV="production").refusal()


def test_it_announces_itself_and_ctrl_c_ends_everything(start: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = start()
    supervisor.wait_until_ready()
    worker = supervisor.get()["worker"]
    assert f"http://127.0.0.1:{supervisor.port}" in supervisor.said()
    assert database(tmp_path).is_running()
    assert supervisor.end(signal.SIGINT) == 0
    assert "the demo accounts" in supervisor.said()
    assert not alive(worker)
    assert not database(tmp_path).is_running()


@pytest.mark.usefixtures("prepared")
def test_the_web_process_does_not_learn_the_owner_of_the_database(start: Callable[..., Supervisor]) -> None:
    supervisor = start()
    supervisor.wait_until_ready()
    seen = supervisor.get()["seen"]
    assert isinstance(seen, dict)
    assert "sinergi_app" in seen["SINERGI_DATABASE_URL"]
    assert "SINERGI_OWNER_DATABASE_URL" not in seen
    assert "sinergi_owner" not in json.dumps(seen)


@pytest.mark.usefixtures("prepared")
def test_the_web_server_ending_by_itself_ends_everything_with_an_error(
    start: Callable[..., Supervisor], tmp_path: Path
) -> None:
    supervisor = start()
    supervisor.wait_until_ready()
    supervisor.get("/die")
    assert "The web server ended by itself" in supervisor.refusal()
    assert not database(tmp_path).is_running()


@pytest.mark.usefixtures("prepared")
def test_a_second_serve_on_the_same_data_folder_is_refused(start: Callable[..., Supervisor], port: int) -> None:
    first = start()
    first.wait_until_ready()
    assert re.search(f"Port {port} is in use", start().refusal())
    assert "already running with the data folder" in start(at_port=port + 1).refusal()
    first.get()


@pytest.mark.usefixtures("prepared")
def test_a_command_in_a_second_terminal_does_not_end_the_database(
    start: Callable[..., Supervisor], tmp_path: Path
) -> None:
    supervisor = start()
    supervisor.wait_until_ready()
    command = database(tmp_path)
    command.start()
    command.stop()
    assert database(tmp_path).is_running()
    assert supervisor.end(signal.SIGTERM) == 0
    assert not database(tmp_path).is_running()


@pytest.mark.usefixtures("prepared")
def test_after_a_kill_it_starts_again_on_the_same_port_and_leaves_no_orphan(
    start: Callable[..., Supervisor], tmp_path: Path
) -> None:
    killed = start()
    killed.wait_until_ready()
    killed.end(signal.SIGKILL)
    orphan = killed.get()["worker"]
    again = start()
    again.wait_until_ready()
    assert not alive(orphan)
    assert again.get()["worker"] != orphan
    assert again.end() == 0
    assert not database(tmp_path).is_running()


@pytest.mark.usefixtures("prepared")
def test_it_starts_again_when_everything_was_killed(start: Callable[..., Supervisor], tmp_path: Path) -> None:
    killed = start()
    killed.wait_until_ready()
    web = json.loads((tmp_path / "data" / "web.process").read_text())["process"]
    postgres = int((database(tmp_path).cluster / "postmaster.pid").read_text().splitlines()[0])
    killed.end(signal.SIGKILL)
    os.killpg(web, signal.SIGKILL)
    os.kill(postgres, signal.SIGKILL)
    again = start()
    again.wait_until_ready()
    again.get()
    assert again.end() == 0


def working(tmp_path: Path, other_than: int = 0) -> int:
    """The worker that works now, once there is one."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        text = (tmp_path / "worker" / "process").read_text() if (tmp_path / "worker" / "process").exists() else ""
        if text and int(text) != other_than:
            return int(text)
        time.sleep(0.05)
    raise AssertionError("no worker came")


@pytest.mark.usefixtures("prepared")
def test_a_worker_is_started_beside_the_web_server_without_the_owner_and_ended_in_good_order(
    start: Callable[..., Supervisor], tmp_path: Path
) -> None:
    supervisor = start()
    supervisor.wait_until_ready()
    process = working(tmp_path)
    assert (tmp_path / "worker" / "seen").read_text() == "worker False"
    assert supervisor.end() == 0
    assert not alive(process)
    assert (tmp_path / "worker" / "ended").read_text() == str(process)
    assert not list((tmp_path / "data").glob("*.process"))


@pytest.mark.usefixtures("prepared")
def test_a_worker_that_dies_is_followed_by_another_and_the_web_server_goes_on(
    start: Callable[..., Supervisor], tmp_path: Path
) -> None:
    supervisor = start()
    supervisor.wait_until_ready()
    first = working(tmp_path)
    os.kill(first, signal.SIGKILL)
    second = working(tmp_path, other_than=first)
    assert alive(second)
    supervisor.get()
    assert "The worker ended by itself (exit code -9)" in supervisor.said()
    assert supervisor.end() == 0
    assert not alive(second)


@pytest.mark.usefixtures("prepared")
def test_after_a_kill_of_the_supervisor_its_worker_is_ended_by_the_next_start(
    start: Callable[..., Supervisor], tmp_path: Path
) -> None:
    killed = start()
    killed.wait_until_ready()
    orphan = working(tmp_path)
    killed.end(signal.SIGKILL)
    assert alive(orphan)
    again = start()
    again.wait_until_ready()
    assert not alive(orphan)
    assert working(tmp_path, other_than=orphan)
    assert again.end() == 0


@pytest.mark.usefixtures("prepared")
def test_with_no_worker_configured_none_is_started(start: Callable[..., Supervisor], tmp_path: Path) -> None:
    supervisor = start(SINERGI_JOB_WORKERS="0")
    supervisor.wait_until_ready()
    time.sleep(0.5)
    assert not (tmp_path / "worker").exists()
