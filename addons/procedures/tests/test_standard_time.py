"""Standard times are written and read as officials say them; days and minutes are never added up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask_babel import force_locale

from addons.procedures.services.standard_time import read_standard_time, standard_time_sum, standard_time_words
from addons.procedures.tests.test_procedure_editor import EDITOR, fields_of

DAY = 1440


@pytest.mark.parametrize(
    ("text", "mode", "read"),
    [
        ("30", "office_hours", (30, "office_hours")),
        ("30 menit", "office_hours", (30, "office_hours")),
        ("2 jam", "office_hours", (120, "office_hours")),
        ("1 hari", "office_hours", (DAY, "working_days")),
        ("1 Hari  Kerja", "office_hours", (DAY, "working_days")),
        ("3 hari kalender", "office_hours", (3 * DAY, "calendar_days")),
        ("2 hari", "calendar_days", (2 * DAY, "calendar_days")),
        ("setengah jam", "office_hours", ("setengah jam", "office_hours")),
        ("1,5 jam", "office_hours", ("1,5 jam", "office_hours")),
    ],
)
def test_a_standard_time_is_read_with_its_unit(text: str, mode: str, read: tuple[Any, str]) -> None:
    assert read_standard_time(text, mode) == read


def test_a_day_is_told_as_a_day_and_not_added_to_minutes(app: Any) -> None:
    with app.test_request_context(), force_locale("en"):
        assert standard_time_words(DAY, "working_days") == "1 working day"
        assert standard_time_words(DAY, "office_hours") == "1440 minutes"
        times = [(DAY, "working_days"), (30, "office_hours"), (15, "office_hours"), (None, "office_hours")]
        assert standard_time_sum(times) == "1 working day + 45 minutes"


def test_the_editor_takes_a_working_day_and_names_the_field_when_it_cannot_read_it(
    person: Callable[..., Any], acting: Callable[..., Any]
) -> None:
    admin = person("kendal.admin")
    begun = admin.send(f"{EDITOR}/add", {"code": "SOP-WAKTU", "title": "Waktu"})
    at = begun.location.split("?")[0]
    admin.send(
        f"{at}/executors", {**fields_of(admin.get(at).text, "executors-form"), "executors-0-name": "Staf"}, form_at=at
    )
    new = f"{at}?step=new"
    typed = {**fields_of(admin.get(new).text, "step-form"), "activity": "Memutuskan", "executor": "staf"}
    assert admin.send(f"{at}/step", {**typed, "standard_minutes": "1 hari kerja"}, form_at=new).status_code == 302
    page = admin.get(f"{at}?step=1").text
    assert 'value="1 working day"' in page
    assert "Standard time of the longest way: 1 working day" in page
    typed = fields_of(page)
    refused = admin.send(f"{at}/step", {**typed, "standard_minutes": "sebentar"}, form_at=at)
    assert refused.status_code == 422
    assert "Standard time: Write a whole number with its unit" in refused.text
    assert 'value="sebentar"' in refused.text
    assert ">standard_minutes" not in refused.text


def test_of_two_branches_the_longer_one_counts(app: Any) -> None:
    from addons.procedures.services.procedure_graph import longest_way

    steps = [
        {"key": "1", "standard_minutes": 10, "branches": [{"key": "a", "to": "2"}, {"key": "b", "to": "3"}]},
        {"key": "2", "standard_minutes": 30, "next": "end"},
        {"key": "3", "standard_minutes": DAY, "clock_mode": "working_days", "branches": [{"key": "x", "to": "end"},
                                                                                         {"key": "y", "to": "1"}]},
    ]  # fmt: skip
    assert [step["key"] for step in longest_way({"start": "1", "steps": steps})] == ["1", "3"]
