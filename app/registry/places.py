"""Where in an addon's code something went wrong."""

from __future__ import annotations

import traceback
from pathlib import Path


def place_of(error: BaseException, folder: Path) -> str:
    """`` (models/thing.py, line 3)``: the innermost line below ``folder`` that ``error`` came through, or nothing."""
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    for filename, line in reversed(places):
        path = Path(filename)
        if path.is_relative_to(folder):
            return f" ({path.relative_to(folder)}, line {line})"
    return ""
