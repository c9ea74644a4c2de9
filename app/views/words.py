"""The words that people search for."""

from __future__ import annotations

from app.errors import BadRequest
from app.i18n import lazy_gettext as _l
from app.records.free_text import is_storable


def search_words(text: str, limit: int) -> list[str]:
    """The first ``limit`` words of ``text``. Raises `BadRequest` for text that no record can hold."""
    if not is_storable(text):
        raise BadRequest(_l("The search cannot be read."), code="bad_search")
    return text.split()[:limit]
