"""A program: loads each case of standard input and prints what every load said.

Input: ``{case: {"folders": [...], "names": [...] or null, "with_app": bool}}``; output: ``{case: sentences}``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from app.application import build
from app.errors import AddonError
from app.registry.loader import load
from app.testing.forked import answer_all
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


if __name__ == "__main__":
    answer_all(say)
