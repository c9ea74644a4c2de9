"""The generated form of settings, for every addon that declares some, and the commands."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import time
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from app.cli.settings import settings as command
from app.database.session import db
from app.registry.enablement import disable
from app.settings.administration import change_settings
from app.settings.declared import Setting, declare_setting, settings
from app.settings.values import setting
from app.testing.client import Browserish

SAVED = "Saved."


@pytest.fixture
def admin(person: Callable[[str], Browserish]) -> Browserish:
    """Kendal's administrator in a browser."""
    return person("kendal.admin")


@pytest.fixture
def every_kind(application: Flask) -> Iterator[dict[str, Setting]]:
    """Rooms with one more setting of each kind."""
    own = {"__name__": "addons.rooms.settings", "declare_setting": declare_setting}
    lines = (
        "'rooms.a_text', 'text', '', 'A text', multiline=True",
        "'rooms.a_number', 'number', None, 'A number'",
        "'rooms.a_switch', 'boolean', True, 'A switch'",
        "'rooms.a_choice', 'choice', 'a', 'A choice', choices={'a': 'First', 'b': 'Second'}",
        "'rooms.a_date', 'date', None, 'A date'",
        "'rooms.a_unit', 'record', None, 'A unit', target='organization.Unit'",
    )
    made = [eval(f"declare_setting({line})", dict(own)) for line in lines]
    yield {item.key: item for item in made}
    for item in made:
        del settings[item.name]


def shown(page: str) -> dict[str, str]:
    """What the boxes of the page hold."""
    return dict(re.findall(r'<input type="(?:number|time|text|date)"[^>]* name="(\w+)" value="([^"]*)"', page))


def test_every_addon_with_settings_has_its_form_with_every_one_of_them(admin: Browserish) -> None:
    index = admin.get("/kernel/settings/").text
    for addon in {item.addon for item in settings.values()} - {"dummy"}:
        assert f'href="/kernel/settings/{addon}"' in index
        page = admin.get(f"/kernel/settings/{addon}")
        assert page.status_code == 200
        for item in settings.values():
            assert (f'name="{item.key}"' in page.text) == (item.addon == addon), item.name
    assert 'href="/kernel/settings/"' in admin.get("/").text or 'href="/kernel/settings/"' in index
    assert 'href="/kernel/settings/rooms"' in admin.get("/kernel/addons/").text


def test_what_is_saved_stands_in_the_form_and_in_the_history_with_its_author(admin: Browserish) -> None:
    answer = admin.send("/kernel/settings/rooms", {"opens_at": "08:00", "closes_at": "", "longest_booking": "90"})
    assert answer.status_code == 302
    page = admin.get(answer.location).text
    assert shown(page) == {"opens_at": "08:00", "closes_at": "", "longest_booking": "90"}
    assert "Back to the default" in page
    history = page.partition('class="history"')[2]
    assert "Admin Kendal" in history or "kendal" in history.lower()
    assert "<ins><bdi>08:00</bdi></ins>" in history
    assert "1 hour 30 minutes" in history


def test_each_kind_can_be_typed_and_comes_back(
    every_kind: dict[str, Setting], admin: Browserish, acting: Any, stored: Any
) -> None:
    with acting("kendal.admin", "kendal"):
        from app.database.base import models
        from app.settings.values import setting

        unit = db.session.query(models["organization.Unit"]).first()
        number, name = unit.id, str(unit)
    typed = {
        "a_text": "satu\r\ndua", "a_number": "2.50", "a_choice": "b", "a_date": "2026-03-31", "a_unit": str(number),
        "opens_at": "", "closes_at": "", "longest_booking": "",
    }  # fmt: skip
    assert admin.send("/kernel/settings/rooms", typed).status_code == 302
    assert stored("rooms") == {
        "a_text": "satu\ndua", "a_number": "2.50", "a_switch": False, "a_choice": "b", "a_date": "2026-03-31",
        "a_unit": number,
    }  # fmt: skip
    page = admin.get("/kernel/settings/rooms").text
    assert f'<option value="{number}" selected>{name}</option>' in page
    assert '<option value="b" selected>' in page
    assert "satu\ndua" in page
    with acting("kendal.admin", "kendal"):
        assert setting("rooms.a_unit") == number
        assert setting("rooms.a_switch") is False
    assert name in admin.get("/kernel/settings/rooms/choices/a_unit").text
    assert admin.get("/kernel/settings/rooms/choices/a_text").status_code == 404
    again = admin.send("/kernel/settings/rooms", {**typed, "a_switch": "1", "a_unit": "", "a_number": "", "a_date": ""})
    assert again.status_code == 302
    assert stored("rooms") == {"a_text": "satu\ndua", "a_choice": "b"}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"opens_at": "25:99"}, "Not a valid time value"),
        ({"longest_booking": "5"}, "From 15 to 44640."),
        ({"longest_booking": "an hour"}, "Not a valid integer value"),
        ({"longest_booking": "99999999999999"}, "Number must be between"),
        ({"a_unit": "999999"}, "Not a valid choice."),
        ({"a_unit": "x"}, "Not a valid choice."),
        ({"a_choice": "z"}, "Not a valid choice"),
        ({"a_date": "31-13-2026"}, "Not a date. Write it like"),
        ({"a_number": "viele"}, "Not a valid decimal value"),
        ({"a_text": "x" * 2001}, "longer than 2000 characters"),
    ],
)
def test_what_cannot_be_set_is_told_beside_its_field_and_nothing_typed_is_lost(
    every_kind: dict[str, Setting], admin: Browserish, stored: Any, typed: dict[str, str], sentence: str
) -> None:
    whole = {"opens_at": "", "closes_at": "17:00", "longest_booking": "", "a_choice": "a", "a_text": ""} | typed
    answer = admin.send("/kernel/settings/rooms", whole)
    assert answer.status_code == 422
    (field,) = typed
    beside = answer.text.partition(f'id="f-{field}-error"')[2].partition("</div>")[0]
    assert sentence in beside
    assert 'value="17:00"' in answer.text
    if field not in {"a_unit", "a_choice"}:
        assert typed[field] in answer.text
    assert stored("rooms") == {}


def test_a_setting_that_may_be_empty_although_its_default_is_not_stays_empty(
    admin: Browserish, administrator: Any, stored: Any
) -> None:
    page = "/kernel/settings/procedures"
    typed = {"day_kind": "working_days", "reminds_by_mail": "y"}
    admin.send(page, {**typed, "escalate_after": "90"}, form_at=page)
    assert shown(admin.get(page).text)["escalate_after"] == "90"
    admin.send(page, {**typed, "escalate_after": ""}, form_at=page)
    assert stored("procedures") == {"escalate_after": None}
    assert shown(admin.get(page).text)["escalate_after"] == ""
    with administrator():
        assert setting("procedures.escalate_after") is None


def test_one_setting_goes_back_to_its_default_and_the_others_are_saved(admin: Browserish, stored: Any) -> None:
    admin.send("/kernel/settings/rooms", {"opens_at": "08:00", "closes_at": "17:00", "longest_booking": ""})
    answer = admin.send(
        "/kernel/settings/rooms",
        {"opens_at": "rubbish", "closes_at": "18:00", "longest_booking": "", "default": "opens_at"},
    )
    assert answer.status_code == 302
    assert stored("rooms") == {"closes_at": "18:00"}
    refused = admin.send("/kernel/settings/rooms", {"closes_at": "x", "opens_at": "", "default": "opens_at"})
    assert refused.status_code == 422
    assert stored("rooms") == {"closes_at": "18:00"}
    assert admin.send("/kernel/settings/rooms", {"default": "invented"}).status_code == 404
    restored = admin.http.post("/kernel/settings/rooms/restore", data=admin.hidden("/kernel/settings/rooms"))
    assert restored.status_code == 302
    assert stored("rooms") == {}


def test_over_somebody_elses_change_the_typing_stays_and_a_second_save_goes_through(
    admin: Browserish, acting: Any, stored: Any
) -> None:
    hidden = admin.hidden("/kernel/settings/rooms")
    with acting("kendal.admin", "kendal"):
        change_settings(db.session(), "rooms", {"closes_at": time(16, 0)})
        db.session.commit()
    typed = {"opens_at": "09:00", "closes_at": "", "longest_booking": ""}
    refused = admin.http.post("/kernel/settings/rooms", data={**hidden, **typed}, headers=admin.headers)
    assert refused.status_code == 409
    assert "Somebody else changed these settings" in refused.text
    assert shown(refused.text)["opens_at"] == "09:00"
    assert stored("rooms") == {"closes_at": "16:00"}
    assert admin.send("/kernel/settings/rooms", typed).status_code == 302
    assert stored("rooms") == {"opens_at": "09:00"}


def test_only_administrators_reach_it_and_only_where_the_addon_is_on(
    admin: Browserish, person: Callable[[str], Browserish], acting: Any
) -> None:
    for path in ("/kernel/settings/", "/kernel/settings/rooms", "/kernel/settings/activities"):
        assert admin.get(path).status_code == 200
        assert person("kendal.staf").get(path).status_code == 403
    with acting("kendal.admin", "kendal") as access:
        disable(db.session(), access.institution_id, "activities")
        db.session.commit()
    assert admin.get("/kernel/settings/activities").status_code == 404
    assert "/kernel/settings/activities" not in admin.get("/kernel/settings/").text
    for addon in ("partners", "invented"):
        assert admin.get(f"/kernel/settings/{addon}").status_code == 404


# Commands ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``run("get", "rooms.opens_at")`` is the command in Kendal, over the test's database."""
    from contextlib import contextmanager

    from app.cli import operator as module

    @contextmanager
    def here() -> Iterator[Flask]:
        with app.app_context():
            yield app

    monkeypatch.setattr(module, "application", here)
    return lambda *words: CliRunner().invoke(command, [*words, "--institution", "kendal"])


def test_the_commands_list_get_and_set(run: Any, stored: Any) -> None:
    rows = json.loads(run("list", "--json").output)
    assert {row["name"] for row in rows} == set(settings) - {"dummy.greeting"}
    assert run("set", "rooms.opens_at", "07:30").exit_code == 0
    row = json.loads(run("get", "rooms.opens_at", "--json").output)
    assert (row["value"], row["default"], row["changed"], row["kind"]) == ("07:30", None, True, "time")
    assert run("get", "rooms.opens_at").output == '"07:30"\n'
    assert run("set", "rooms.longest_booking", "120", "--json").exit_code == 0
    assert stored("rooms") == {"opens_at": "07:30", "longest_booking": 120}
    assert run("set", "rooms.opens_at", "--default").exit_code == 0
    assert stored("rooms") == {"longest_booking": 120}
    assert "rooms.opens_at" in run("list").output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("get", "rooms.invented"), "There is no setting rooms.invented."),
        (("get", "partners.anything"), "there is nothing to set"),
        (("set", "rooms.longest_booking", "5"), "From 15 to 44640."),
        (("set", "rooms.longest_booking", "long"), "is not of the kind duration"),
        (("set", "rooms.opens_at", "25:00"), "is not of the kind time"),
        (("set", "rooms.opens_at"), "Give a value, or --default."),
        (("set", "rooms.opens_at", "08:00", "--default"), "Give a value, or --default."),
    ],
)
def test_what_a_command_cannot_do_is_a_sentence_and_an_exit_code(run: Any, words: Any, sentence: str) -> None:
    answer = run(*words)
    assert answer.exit_code > 0
    assert sentence in answer.output
    assert "Traceback" not in answer.output
