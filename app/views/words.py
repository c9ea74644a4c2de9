"""Text that came from outside and is about to reach the database."""

from __future__ import annotations

from app.errors import BadRequest
from app.i18n import lazy_gettext as _l


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes ``text``: no NUL, and nothing that is not Unicode (half a surrogate pair from JSON)."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def search_words(text: str, limit: int) -> list[str]:
    """The first ``limit`` words of ``text``. Raises `BadRequest` for text that no record can hold."""
    if not is_storable(text):
        raise BadRequest(_l("The search cannot be read."), code="bad_search")
    return text.split()[:limit]
