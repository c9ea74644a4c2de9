"""Free text: kept as it was typed or refused, never cut, and what nobody can see says nothing."""

from __future__ import annotations

import pytest

from app.errors import Invalid
from app.records.free_text import has_words, read_text, tidy_text

NOTHING_SEEN = ("", "  ", "\u200b", "\u202e\u2066", "\u3164", "\u2800\u2800", "\ufeff\n")


@pytest.mark.parametrize("text", [*NOTHING_SEEN, "...", "–", "“ ”"])
def test_what_shows_nothing_or_only_marks_is_no_reason(text: str) -> None:
    assert not has_words(text)


@pytest.mark.parametrize("text", ["x", "5", "👍", "Tanggal \u200bsalah", "日", "√"])
def test_a_word_a_figure_or_a_sign_says_something(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize("text", NOTHING_SEEN)
def test_what_shows_nothing_is_empty(text: str) -> None:
    assert tidy_text(text) is None
    assert read_text(text, "remark") is None


def test_what_is_typed_is_kept_to_the_last_sign() -> None:
    assert read_text(" baris satu\r\nbaris dua … ", "remark") == "baris satu\nbaris dua …"
    assert read_text("-", "remark") == "-"
    assert read_text("x" * 50, "remark", longest=50) == "x" * 50
    assert read_text(None, "remark") is None


@pytest.mark.parametrize("value", ["x" * 51, "a\x00b", "\x00", "a\ud800b", "\ud800", 5, [], {}, True])
def test_what_cannot_be_kept_whole_is_refused_beside_its_field(value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read_text(value, "remark", longest=50)
    assert list(refusal.value.errors) == ["remark"]
