"""A program: loads each case of standard input in a process of its own and prints what every load said.

The kernel is imported once and the cases are forked from there, because a failed load leaves half a registry behind.
Input: ``{case: {"folders": [...], "names": [...] or null, "with_app": bool}}``; output: ``{case: sentences}``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from app.application import build
from app.errors import AddonError
from app.registry.loader import load
from config import load_settings


def say(case: dict[str, Any]) -> str:
    """Load one case; the answer is empty when nothing is wrong."""
    folders = tuple(Path(folder) for folder in case["folders"])
    try:
        load(case.get("names"), extra_folders=folders)
        if case.get("with_app"):
            with tempfile.TemporaryDirectory() as folder:
                build(load_settings({"SINERGI_DATA_DIR": folder}), "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    except AddonError as error:
        return str(error)
    return ""


def in_own_process(case: dict[str, Any]) -> tuple[int, int]:
    """Fork a process that answers with `say`; returns its id and the pipe to read from."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            answer = say(case)
        except BaseException as error:
            answer = f"not an AddonError: {error!r}"
        os.write(writing, answer.encode()[:60_000])
        os._exit(0)
    os.close(writing)
    return child, reading


def answers(cases: dict[str, dict[str, Any]], at_once: int = 3) -> dict[str, str]:
    """What every case says, some of them at a time."""
    found = {}
    names = list(cases)
    for start in range(0, len(names), at_once):
        running = {name: in_own_process(cases[name]) for name in names[start : start + at_once]}
        for name, (child, reading) in running.items():
            with os.fdopen(reading, "rb") as pipe:
                found[name] = pipe.read().decode()
            os.waitpid(child, 0)
    return found


if __name__ == "__main__":
    json.dump(answers(json.load(sys.stdin)), sys.stdout)
