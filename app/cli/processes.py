"""Remembers a child process across a crash of its parent, so that the next start can end what was left over."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path


def started_at(process: int) -> str | None:
    """A mark that tells this process from a later one with the same number; None when it is not alive."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
        command = ["ps", "-o", "lstart=", "-p", str(process)]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        return answer.stdout.strip() or None
    return None if fields[0] == "Z" else fields[19]


def remember(path: Path, process: int) -> None:
    """Write down a process group leader that we started."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps({"process": process, "started": started_at(process)}))
    unfinished.replace(path)


def left_over(path: Path) -> int | None:
    """The remembered process, if it is still the one that was started."""
    try:
        noted = json.loads(path.read_text())
        process, started = int(noted["process"]), noted["started"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process if started and started_at(process) == started else None


def end_group(leader: int, patience: float) -> None:
    """Ask the whole process group to end, and kill what has not ended after `patience` seconds."""
    _signal(leader, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if started_at(leader) is None:
            break
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _signal(leader: int, number: signal.Signals) -> None:
    """Only the leader is asked: it ends its workers in good order."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(leader, number)
