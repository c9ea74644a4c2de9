"""Addresses inside the application."""

from __future__ import annotations

import re

_LOCAL = re.compile(r"^/(?![/\\])[\x21-\x5b\x5d-\x7e]*$")


def local_target(address: str | None) -> str | None:
    """``address`` if it is a path of this application, else None: a redirect never leaves it."""
    return address if address and len(address) < 500 and _LOCAL.match(address) else None
