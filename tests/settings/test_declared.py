"""Declarations of settings, generated over all that the addons declare, and what a declaration may not say."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.database.base import models
from app.errors import AddonError
from app.settings.declared import Setting, declare_setting, settings

pytestmark = pytest.mark.postgres


def examples(item: Setting) -> tuple[list[Any], list[Any]]:
    """Values that ``item`` takes, and stored values that it does not."""
    good: dict[str, list[Any]] = {
        "text": ["Contoh"],
        "integer": [7],
        "number": [Decimal("1.5")],
        "boolean": [True, False],
        "choice": list(item.choices or {}),
        "time": [time(8, 30)],
        "date": [date(2026, 3, 31)],
        "duration": [timedelta(minutes=45)],
        "record": [1],
    }
    wrong: dict[str, list[Any]] = {
        "text": [1, ["x"], "x" * 2001, "\x00"],
        "integer": ["7", 1.5, True, 2**40],
        "number": ["viele", True, "NaN", {}],
        "boolean": [1, "true"],
        "choice": ["an-invented-choice", 1, []],
        "time": ["25:00", 8, "at eight"],
        "date": ["2026-02-30", 20260331],
        "duration": ["45", 1.5, 2**40],
        "record": ["1", 0, -1, True, 2**40],
    }
    bounds = [value for value in (item.minimum, item.maximum) if value is not None]
    return (bounds or good[item.kind]), wrong[item.kind]


def test_some_settings_are_declared_by_base_addons(application: Flask) -> None:
    assert {item.addon for item in settings.values()} >= {"activities", "agreements", "correspondence", "rooms"}


def test_every_declared_setting_reads_back_what_it_stores_and_refuses_what_is_none_of_its_kind(
    application: Flask,
) -> None:
    for item in settings.values():
        right, wrong = examples(item)
        for value in (item.default, *right):
            assert item.read(item.stored(value)) == value, item.name
        for value in wrong:
            with pytest.raises(ValueError):  # noqa: PT011  # the kinds of trouble are many, the consequence is one
                item.read(value)
        assert str(item.label), item.name
        assert item.help is None or str(item.help)
        assert not item.target or item.target in models


def test_values_out_of_bounds_are_refused(application: Flask) -> None:
    beyond = {int: 1, Decimal: 1, timedelta: timedelta(minutes=1), date: timedelta(days=1)}
    tried = 0
    for item in settings.values():
        for bound, sign in ((item.minimum, -1), (item.maximum, 1)):
            if bound is not None:
                tried += 1
                assert item.holds(bound)
                assert not item.holds(bound + sign * beyond[type(bound)]), item.name
    assert tried > 3


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("text", ""),
        ("text", "Kepala Dinas"),
        ("number", Decimal("2.50")),
        ("number", None),
        ("boolean", False),
        ("date", date(2026, 1, 1)),
        ("time", time(7, 15)),
        ("duration", timedelta(hours=2)),
    ],
)
def test_every_kind_reads_back_what_it_stores(kind: Any, default: Any) -> None:
    item = Setting("sample.value", kind, default, "Value")
    for value in (default, *examples(item)[0]):
        assert item.read(item.stored(value)) == value
    for value in examples(item)[1]:
        with pytest.raises(ValueError):  # noqa: PT011  # as above
            item.read(value)


OWN = {"__name__": "addons.sample.settings", "declare_setting": declare_setting}
"""What a declaration sees in the settings.py of an addon called ``sample``."""


@pytest.mark.parametrize(
    ("declaration", "sentence"),
    [
        ("'other.days', 'integer', 1, 'Days'", "must be called sample.something"),
        ("'sample', 'integer', 1, 'Days'", "must be called sample.something"),
        ("'sample.two words', 'integer', 1, 'Days'", "must be called sample.something"),
        ("'sample.days', 'figure', 1, 'Days'", "there is no kind 'figure'"),
        ("'sample.days', 'integer', '1', 'Days'", "its default '1' may not be set"),
        ("'sample.days', 'integer', 9, 'Days', maximum=5", "its default 9 may not be set"),
        ("'sample.days', 'choice', 'a', 'Days'", "choices go with the kind choice"),
        ("'sample.days', 'choice', 'c', 'Days', choices={'a': 'A'}", "its default 'c' may not be set"),
        ("'sample.days', 'text', 'a', 'Days', choices={'a': 'A'}", "choices go with the kind choice"),
        ("'sample.days', 'record', None, 'Days'", "a target goes with the kind record"),
        ("'sample.days', 'record', 4, 'Days', target='partners.Partner'", "its default is None"),
    ],
)
def test_a_wrong_declaration_is_one_sentence(declaration: str, sentence: str) -> None:
    with pytest.raises(AddonError, match=sentence):
        eval(f"declare_setting({declaration})", dict(OWN))
    assert "sample.days" not in settings


def test_a_setting_is_declared_once() -> None:
    eval("declare_setting('sample.days', 'integer', 1, 'Days')", dict(OWN))
    try:
        with pytest.raises(AddonError, match=r"sample.days is declared twice"):
            eval("declare_setting('sample.days', 'integer', 1, 'Days')", dict(OWN))
    finally:
        del settings["sample.days"]
