"""A program: does commands in forks of a process that has imported what is slow.

Each line of standard input is ``{"arguments", "environment", "output"}``, answered by the process, or
``{"wait": process}``, answered by its exit code.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import app.application
import app.registry.planning  # noqa: F401  # loaded once here, so that each forked command begins at once
from app.cli import main


def do(question: dict[str, Any]) -> None:
    """Become the command; never returns."""
    os.environ.clear()
    os.environ.update(question["environment"])
    output = os.open(question["output"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 1
    try:
        main(question["arguments"], prog_name="run.py")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException as error:
        import traceback

        traceback.print_exception(error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


for line in sys.stdin:
    question = json.loads(line)
    if "wait" in question:
        _process, status = os.waitpid(question["wait"], 0)
        answer = {"code": os.waitstatus_to_exitcode(status)}
    else:
        child = os.fork()
        if child == 0:
            do(question)
        answer = {"process": child}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
