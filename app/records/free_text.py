"""Text that people type: what of it is kept, and what is refused before it reaches the database."""

from __future__ import annotations

import unicodedata
from typing import Any

from app.database.text import is_storable
from app.errors import Invalid
from app.i18n import lazy_gettext as _l

LONGEST_TEXT = 20_000
"""Signs in a text whose column sets no limit."""
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing: the fillers of Hangul and the empty sign of Braille."""


def tidy_text(text: str) -> str | None:
    """``text`` with one kind of line end and nothing around it; None when nothing of it would be seen."""
    is_seen = _has(text, "LNPS") or not is_storable(text)  # what cannot be stored is to be refused, not dropped
    return text.replace("\r\n", "\n").strip() if is_seen else None


def has_words(text: str | None) -> bool:
    """Whether ``text`` says something: a reason that is only dots, or only invisible signs, is none."""
    return _has(text or "", "LNS")


def read_text(value: Any, field: str, *, longest: int = LONGEST_TEXT) -> str | None:
    """The free text ``value`` of ``field``, for what comes through no generated form; None when it is empty.

    Raises `Invalid` for what is no text, cannot be stored, or has more than ``longest`` signs: nothing is cut off.
    """
    if value is not None and not isinstance(value, str):
        message = _l("Not of the right type.")
    elif value is not None and not is_storable(value):
        message = _l("The text contains a character that cannot be stored.")
    elif (text := tidy_text(value or "")) is not None and len(text) > longest:
        message = _l("At most %(longest)d signs; these are %(given)d.", longest=longest, given=len(text))
    else:
        return text
    raise Invalid(message, {field: [message]})


def _has(text: str, kinds: str) -> bool:
    return any(unicodedata.category(sign)[0] in kinds and sign not in _BLANK for sign in text)
