"""Text that came from outside and is about to reach the database."""

from __future__ import annotations


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes ``text``: no NUL, and nothing that is not Unicode (half a surrogate pair from JSON)."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
