"""One PostgreSQL data folder: created, started and stopped with PostgreSQL's own programs."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.database import postgres_programs as programs
from app.database.embedded_roles import ADMINISTRATOR
from app.database.postgres_programs import EmbeddedError

LONGEST_SOCKET_FOLDER = 90  # the system's limit for the whole path is 104 to 108 characters
LARGEST_LOG = 5_000_000
_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
_DURABLE_OFF = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "2GB",
    # Nobody but a superuser may end a vacuum that keeps a test database from being dropped.
    "autovacuum": "off",
}
_INVALID_LOCALE = re.compile(r"invalid locale", re.IGNORECASE)


class Cluster:
    """The data folder `folder`, run with the programs in `bin_dir`; it knows nothing of who uses it."""

    def __init__(self, folder: Path, bin_dir: Path, durable: bool) -> None:
        programs.check_programs(bin_dir)
        self.folder = folder
        self._durable = durable
        self._account = programs.account_for(folder)
        self._programs = programs.programs_that_account_can_run(bin_dir, self._account)

    def initialise(self, password: str) -> None:
        """Run initdb in a folder that gets its name only when complete."""
        unfinished = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._give_to_account(unfinished)
        code, answer = self._initdb(unfinished, password, "C.UTF-8")
        if code and _INVALID_LOCALE.search(answer):  # a system library without C.UTF-8
            code, answer = self._initdb(unfinished, password, "C")
        if code:
            raise EmbeddedError(f"The embedded database cannot be created in {self.folder}: {last_line(answer)}")
        (unfinished / "socket").mkdir(mode=0o700)
        self._give_to_account(unfinished / "socket")
        unfinished.rename(self.folder)

    def _initdb(self, folder: Path, password: str, locale: str) -> tuple[int, str]:
        with tempfile.TemporaryFile(dir=folder.parent) as password_file, _entrance(folder) as (path, descriptors):
            password_file.write(f"{password}\n".encode())
            password_file.flush()
            if self._account:
                os.fchown(password_file.fileno(), self._account.user, self._account.group)
            password_file.seek(0)
            command = [str(self._programs / "initdb"), "-D", path, "--auth=scram-sha-256", "--encoding=UTF8"]
            command += [f"--locale={locale}", f"--username={ADMINISTRATOR}", "--text-search-config=simple"]
            command += [f"--pwfile=/dev/fd/{password_file.fileno()}"]
            command += [] if self._durable else ["--no-sync"]
            return programs.run(command, self._account, [*descriptors, password_file.fileno()])

    def check_version(self) -> None:
        """Refuse data of another major version: PostgreSQL would, in words for its administrators."""
        ours = programs.major_version(self._programs)
        theirs = (self.folder / "PG_VERSION").read_text().strip()
        if theirs != str(ours):
            raise EmbeddedError(
                f"The data folder {self.folder} was written by PostgreSQL {theirs}, but these programs are {ours}."
            )

    def make_ours(self) -> None:
        """A copied folder may belong to root and be open to all: the server would refuse it."""
        if self._account and self.folder.stat().st_uid != self._account.user:
            for path in self.folder.rglob("*"):
                self._give_to_account(path)
            self._give_to_account(self.folder)
        if self.folder.stat().st_mode & 0o077:
            self.folder.chmod(0o700)

    def _give_to_account(self, path: Path) -> None:
        if self._account:
            os.chown(path, self._account.user, self._account.group, follow_symlinks=False)

    def place(self) -> dict[str, str | int] | None:
        """Read from the server's own file where it listens; None when it is not alive."""
        if not is_alive(self.folder):
            return None
        lines = [*_pid_file(self.folder).read_text().splitlines(), *[""] * 8]
        port = int(lines[3]) if lines[3].strip().isdigit() else 5432
        folder = str(self.folder / "socket") if lines[4].strip() else "127.0.0.1"
        return {"host": folder, "port": port}

    def start(self) -> tuple[int, str]:
        """Start the server; return pg_ctl's exit code and, when it failed, what the server logged."""
        self._forget_a_stranger()
        log = self.folder / "server.log"
        start_of_ours = log.stat().st_size if log.exists() else 0
        if start_of_ours > LARGEST_LOG:
            os.truncate(log, 0)
            start_of_ours = 0
        options = " ".join(f"-c {name}={value}" for name, value in self._server_settings().items())
        with _entrance(self.folder) as (path, descriptors):
            command = [str(self._programs / "pg_ctl"), "start", "-D", path, "-w", "-t", "60", "-s"]
            command += ["-l", f"{path}/server.log", "-o", options]
            code, answer = programs.run(command, self._account, descriptors)
        if code and log.exists():
            with log.open(errors="replace") as file:
                file.seek(start_of_ours)
                answer = file.read().strip() or answer
        return code, answer

    def _forget_a_stranger(self) -> None:
        """Drop a lock file whose number now belongs to another program; a dead process's file PostgreSQL judges."""
        process = _named_process(self.folder)
        if process is not None and not is_alive(self.folder):
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                return
            except PermissionError:
                pass
            _pid_file(self.folder).unlink(missing_ok=True)

    def _server_settings(self) -> dict[str, str]:
        """Listen on a socket in the cluster (relative, so no path can be too long or odd), else on 127.0.0.1."""
        folder = str(self.folder / "socket")
        if len(folder.encode()) < LONGEST_SOCKET_FOLDER and "," not in folder:
            place = {"unix_socket_directories": "socket", "listen_addresses": "", "port": "5432"}
        else:
            place = {"unix_socket_directories": "", "listen_addresses": "127.0.0.1", "port": str(_free_port())}
        return _SETTINGS | place | ({} if self._durable else _DURABLE_OFF)

    def stop(self) -> None:
        """End the server: open transactions are rolled back; if that hangs, it recovers at the next start."""
        for mode in ("fast", "immediate"):
            with _entrance(self.folder) as (path, descriptors):
                command = [str(self._programs / "pg_ctl"), "stop", "-D", path, "-w", "-t", "30", "-s", "-m", mode]
                if programs.run(command, self._account, descriptors)[0] == 0:
                    return


@contextmanager
def _entrance(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """A path to the folder that works for another user and for any name: an open descriptor, where the system has it.

    As root we may open /root/.../cluster, the server's user may not walk there; through /proc/self/fd it need not.
    """
    if not sys.platform.startswith("linux") or not Path("/proc/self/fd").is_dir():
        yield str(folder), []
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}", [descriptor]
    finally:
        os.close(descriptor)


def _pid_file(folder: Path) -> Path:
    return folder / "postmaster.pid"


def is_alive(folder: Path) -> bool:
    """Whether the process that the folder names is a PostgreSQL working in this very folder.

    After a restart of the machine the number may belong to anything; in a copied folder, to the original's server.
    """
    process = _named_process(folder)
    if process is None:
        return False
    try:
        os.kill(process, 0)
    except PermissionError:
        pass
    except OSError:
        return False
    try:
        if ") Z" in Path(f"/proc/{process}/stat").read_text():
            return False
        return os.path.samefile(f"/proc/{process}/cwd", folder)
    except PermissionError:
        return True
    except OSError:
        return not Path("/proc/self/stat").exists()


def _named_process(folder: Path) -> int | None:
    try:
        process = int(_pid_file(folder).read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    return process if process > 1 else None


def _free_port() -> int:
    """A port below the range from which systems take the near ends of outgoing connections."""
    for _ in range(200):
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise EmbeddedError("No free port between 20000 and 32000 was found for the embedded database.")


def last_line(text: str) -> str:
    """The line of a log that says most about a failure."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and "HINT:" not in line]
    important = [line for line in lines if "FATAL" in line or "error:" in line]
    return (important or lines or ["no reason was given"])[-1]
