"""Who leaves and when, and what a process with other code than the database answers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from app.registry import presence
from app.registry.enablement import registry
from app.registry.presence import SECONDS_TO_REPLACE, Presence, give_slot, take_slot


def test_one_at_a_time_leaves_and_a_place_that_nobody_fills_is_given_away_again(tmp_path: Path) -> None:
    slot = tmp_path / "data" / "web.leaving"
    assert take_slot(slot)
    assert not take_slot(slot)
    give_slot(slot)
    assert take_slot(slot)
    os.utime(slot, (time.time() - SECONDS_TO_REPLACE - 1,) * 2)
    assert take_slot(slot)
    os.utime(slot, (time.time() + SECONDS_TO_REPLACE + 60,) * 2)
    assert take_slot(slot), "taken by a clock that was put back since"


def test_only_who_is_outdated_leaves_and_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[str] = []
    monkeypatch.setattr(registry(), "version", 7)
    first, second = (Presence("postgresql:///x", "web", tmp_path / "slot", lambda: left.append("left")) for _ in "ab")
    for version in (None, 7):
        first.notice(version)
    assert left == []
    first.notice(8)
    first.notice(9)
    second.notice(9)
    assert left == ["left"], "the second one waits until the first one's place is filled"
    give_slot(tmp_path / "slot")
    second.notice(9)
    assert left == ["left", "left"]


def test_a_request_brings_the_registry_version_along(person: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int | None] = []
    monkeypatch.setattr(presence, "notice", seen.append)
    assert person("kendal.admin").get("/partners/partner/").status_code == 200
    assert isinstance(seen[-1], int)


def test_a_process_with_other_code_than_the_database_answers_503_with_a_sentence(
    person: Any, program: Any, visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, script = person("kendal.admin"), program("kendal.admin")
    assert admin.get("/partners/partner/").status_code == 200
    monkeypatch.setattr(registry(), "problem", "rooms is 1.1.0 here and 1.0.0 in the database.")
    page = admin.get("/partners/partner/")
    assert page.status_code == 503
    assert "Sinergi is being brought up to date" in page.text
    answer = script.get("/api/v1/partner/")
    assert (answer.status_code, answer.json["code"]) == (503, "outdated")
    health = visitor().get("/health")
    assert (health.status_code, "doctor" in health.json["reason"]) == (503, True)
    assert visitor().get("/static/app.css").status_code == 200
