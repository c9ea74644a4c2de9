"""The web server as a child process: started, watched until it answers, ended in good order."""

from __future__ import annotations

import contextlib
import errno
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli import gunicorn_config, processes
from app.errors import SinergiError

if TYPE_CHECKING:
    from app.database.addresses import Addresses
    from config import Settings

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_ANSWER = 60.0
SECONDS_TO_END = gunicorn_config.graceful_timeout + 5.0
SECONDS_FOR_A_PORT_TO_FREE = 5.0


class ServeError(SinergiError):
    """Sinergi cannot be served; the message is one sentence for the person who typed the command."""


def check_port(host: str, port: int, patience: float = 0.0) -> None:
    """Refuse an address that cannot be listened on; wait `patience` seconds for one that is just being freed."""
    deadline = time.monotonic() + patience
    while True:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                probe.listen(1)
            return
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise ServeError(_why_not(host, port, error)) from None
            time.sleep(0.1)


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use on {host}: stop the other program or choose another port with SINERGI_PORT."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} may not be opened by this user: choose one above 1023 with SINERGI_PORT."
    return f"This machine cannot listen on {host}, port {port} ({error.strerror or error}): check SINERGI_HOST."


def web_environment(environ: Mapping[str, str], settings: Settings, addresses: Addresses) -> dict[str, str]:
    """What the web process may know: never the owner of the database."""
    kept = {name: value for name, value in environ.items() if name != "SINERGI_OWNER_DATABASE_URL"}
    return kept | {
        "SINERGI_PROCESS": "web",
        "SINERGI_DATABASE_URL": addresses.application,
        # absolute: the web server works in the project's folder, wherever the command was typed
        "SINERGI_DATA_DIR": str(settings.data_dir),
        "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, settings.addons_path)),
    }


class WebServer:
    """gunicorn in a process group of its own, so that Ctrl+C reaches only the supervisor."""

    def __init__(self, settings: Settings, addresses: Addresses, application: str = "run:app") -> None:
        self._settings = settings
        self._environment = web_environment(os.environ, settings, addresses)
        self._application = application
        self._note = settings.data_dir / "web.process"
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> WebServer:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        command = [sys.executable, "-m", "gunicorn", "--config", "python:app.cli.gunicorn_config"]
        command += ["--bind", f"{host}:{self._settings.port}", "--workers", str(self._settings.workers)]
        command += ["--chdir", str(ROOT), self._application]
        try:
            self._child = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, start_new_session=True
            )
            processes.remember(self._note, self._child.pid)
        except BaseException:  # asked to stop at this very moment
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        if self._child is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                if self._child.poll() is None:
                    self._child.terminate()
                    self._child.wait(SECONDS_TO_END)
            processes.end_group(self._child.pid, patience=0.0)
            self._child.wait()
            self._note.unlink(missing_ok=True)

    def check_alive(self) -> None:
        """Raise when the web server has ended by itself."""
        code = self._child.poll() if self._child else None
        if code is not None:
            raise ServeError(f"The web server ended by itself (exit code {code}); what it wrote above says why.")

    def wait_until_it_answers(self) -> None:
        """Return when /health says 200; give up with the last reason."""
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        reason = "no answer"
        while time.monotonic() < deadline:
            self.check_alive()
            status, reason = self._health()
            if status == 200:
                return
            time.sleep(0.05)
        raise ServeError(f"The web server did not become healthy within {SECONDS_TO_ANSWER:.0f} s ({reason}).")

    def _health(self) -> tuple[int, str]:
        hosts = [name for name in self._settings.trusted_hosts if not name.startswith(".")]
        headers = {"Host": hosts[0]} if hosts else {}
        connection = http.client.HTTPConnection(reachable_host(self._settings.host), self._settings.port, timeout=5)
        try:
            connection.request("GET", "/health", headers=headers)
            response = connection.getresponse()
            return response.status, f"{response.status}: {response.read(300).decode(errors='replace').strip()}"
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            connection.close()


def reachable_host(host: str) -> str:
    """Where a browser on this machine finds a server that listens everywhere."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound
