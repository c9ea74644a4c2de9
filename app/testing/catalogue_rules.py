"""What a catalogue of translations must hold, as lists of what is wrong; empty lists are good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from app.cli.i18n import LANGUAGE, extract, untranslated

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
END = re.compile(r"(\.|:|\?|…)$")


def catalogue(path: Path) -> Catalog:
    """The catalogue in the file ``path``."""
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """Every (text, translation) of the catalogue at ``path``; of a plural its last form."""
    for item in catalogue(path):
        if item.id:
            yield _last(item.id), _last(item.string)


def keys(messages: Catalog) -> set[Any]:
    """What the texts of a catalogue are looked up by."""
    return {_key(item) for item in messages if item.id}


def _key(item: Message) -> tuple[str | None, Any]:
    return item.context, tuple(item.id) if isinstance(item.id, list) else item.id


def _last(value: Any) -> str:
    return str(value[-1] if isinstance(value, (tuple, list)) else value)


def without_translation(path: Path) -> list[Any]:
    """Texts without a translation, or with one that nobody has checked."""
    return [item.id for item in untranslated(catalogue(path))]


def lost_placeholders(path: Path) -> list[tuple[str, str]]:
    """Translations that name other placeholders than their texts."""
    return [
        (text, told) for text, told in texts(path) if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(told))
    ]


def out_of_step(folder: Path, path: Path) -> list[Any]:
    """Texts of the code in ``folder`` that the catalogue lacks, and texts of the catalogue that the code lost."""
    return list(keys(extract(folder)) ^ keys(catalogue(path)))


def odd_shapes(path: Path) -> list[tuple[str, str]]:
    """Translations that end otherwise than their texts, or carry stray spaces."""

    def shape(text: str) -> tuple[str, bool]:
        end = END.search(text)
        return end[0] if end else "", text != text.strip() or "  " in text

    return [(text, told) for text, told in texts(path) if shape(text) != shape(told)]


def in_one_word(path: Path) -> list[str]:
    """Translations with "kerjasama"; titles that an institution chose itself stand as they are."""
    return [told for text, told in texts(path) if "kerjasama" in told.lower() and told != text]
