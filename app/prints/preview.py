"""Pictures of uploaded files, drawn by us: a browser never opens what somebody uploaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.errors import NotFound
from app.i18n import lazy_gettext as _l

KINDS = frozenset({"application/pdf", "image/png", "image/jpeg"})
"""What can be looked at without downloading."""

MOST_PAGES = 20
_PROGRAM = Path(__file__).with_name("preview_program.py")
_SECONDS = 20


def page_count(path: Path) -> int:
    """How many pages the file has. Raises `NotFound` when it cannot be drawn."""
    return int(_run("count", str(path)))


def page_picture(path: Path, page: int) -> bytes:
    """One page (from 1) as PNG. Raises `NotFound` when there is none or it cannot be drawn."""
    if not 1 <= page <= MOST_PAGES:
        raise NotFound(_l("This page does not exist."))
    return _run("page", str(path), str(page))


def _run(*arguments: str) -> bytes:
    try:
        command = [sys.executable, "-I", str(_PROGRAM), *arguments]
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True)  # our own program
    except (subprocess.SubprocessError, OSError):
        raise NotFound(_l("The file cannot be shown here; download it instead.")) from None
    return done.stdout
