"""The words that people search for."""

from __future__ import annotations

from app.database.text import is_storable
from app.errors import BadRequest
from app.i18n import lazy_gettext as _l


def search_words(text: str, limit: int) -> list[str]:
    """The first ``limit`` words of ``text``. Raises `BadRequest` for text that no record can hold."""
    if not is_storable(text):
        raise BadRequest(_l("The search cannot be read."), code="bad_search")
    return text.split()[:limit]
