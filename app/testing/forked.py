"""Programs that answer each of many questions in a process of its own.

The registry of addons is filled once per process, and a load that failed leaves half of one behind. The program imports
what is slow, and the questions are forked from there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def ask(program: Path, questions: dict[str, Any]) -> dict[str, str]:
    """What ``program`` (which ends in `answer_all`) says to each of ``questions``."""
    done = subprocess.run(
        # -P: without it the program's folder comes first, and a module beside it hides the standard library's.
        [sys.executable, "-P", str(program)],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        # What the caller finds on its path (an addon's distribution, for one) is found here, too.
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))},
    )
    assert done.returncode == 0, done.stderr
    answers: dict[str, str] = json.loads(done.stdout)
    return answers


def answer_all(answer: Callable[[Any], str], at_once: int = 3) -> None:
    """Read questions from standard input, answer some of them at a time, print the answers."""
    questions = json.load(sys.stdin)
    names = list(questions)
    found = {}
    for start in range(0, len(names), at_once):
        running = {name: _forked(answer, questions[name]) for name in names[start : start + at_once]}
        for name, (child, reading) in running.items():
            with os.fdopen(reading, "rb") as pipe:
                found[name] = pipe.read().decode()
            os.waitpid(child, 0)
    json.dump(found, sys.stdout)


def _forked(answer: Callable[[Any], str], question: Any) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            said = answer(question)
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode()[:60_000])
        os._exit(0)
    os.close(writing)
    return child, reading
