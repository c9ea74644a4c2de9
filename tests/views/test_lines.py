"""Lines within a form: several records of another model, written and saved with the one they belong to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.testing.client import Browserish

ADD = "/partners/partner/add"


@pytest.fixture
def staff(person: Callable[[str], Browserish]) -> Browserish:
    """Who may write and archive partners and their contacts."""
    return person("kendal.admin")


def lines(*rows: dict[str, str], first: int = 0) -> dict[str, Any]:
    """The rows of a form as a browser sends them."""
    sent: dict[str, Any] = {"contacts-sent": "1", "contacts-row": [str(first + n) for n in range(len(rows))]}
    for number, row in enumerate(rows, first):
        sent |= {f"contacts-{number}-{name}": value for name, value in row.items()}
    return sent


def made(staff: Browserish, *rows: dict[str, str]) -> str:
    """The address of a new partner with contacts."""
    answer = staff.send(ADD, {"name": "Mitra Berbaris", "level": "local", **lines(*rows)})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def stored(staff: Browserish, path: str) -> list[dict[str, str]]:
    """The rows that the edit form shows: hidden values and names."""
    page = staff.get(f"{path}/edit").text
    found = []
    for place in re.findall(r'name="contacts-row" value="(\d+)"', page):
        values = dict(re.findall(rf'name="contacts-{place}-(\w+)" value="([^"]*)"', page))
        found.append({name: values[name] for name in ("id", "version")} | names(page, place))
    return found


def names(page: str, place: str) -> dict[str, str]:
    """The name in a row."""
    return {"name": re.search(rf'name="contacts-{place}-name" value="([^"]*)"', page)[1]}  # type: ignore[index]  # there


def test_a_new_record_is_saved_with_its_lines_and_blank_rows_are_left_out(staff: Browserish) -> None:
    path = made(staff, {"name": "Narahubung Satu", "position": "Kepala"}, {"name": ""}, {"name": "Narahubung Dua"})
    assert [row["name"] for row in stored(staff, path)] == ["Narahubung Satu", "Narahubung Dua"]


def test_lines_are_changed_added_and_taken_off_in_one_save(staff: Browserish) -> None:
    path = made(staff, {"name": "Tetap"}, {"name": "Pergi"})
    stays, goes = stored(staff, path)
    rows = lines({**stays, "name": "Berganti nama"}, {**goes, "remove": "1"}, {"name": "Baru datang"})
    saved = staff.send(f"{path}/edit", {"name": "Mitra Berbaris", "level": "local", **rows})
    assert saved.status_code == 302
    assert [row["name"] for row in stored(staff, path)] == ["Berganti nama", "Baru datang"]


def test_an_error_in_a_row_stands_at_the_row_and_nothing_is_saved(staff: Browserish) -> None:
    rows = lines({"name": "Sudah benar"}, {"position": "Tanpa nama"})
    refused = staff.send(ADD, {"name": "Mitra Tak Tersimpan", "level": "local", **rows})
    assert refused.status_code == 422
    assert 'href="#f-contacts-1-name"' in refused.text
    assert 'value="Sudah benar"' in refused.text
    assert 'value="Tanpa nama"' in refused.text
    assert "Mitra Tak Tersimpan" not in staff.get("/partners/partner/?q=Tersimpan").text.split("<main", 1)[1].replace(
        'value="Tersimpan"', ""
    )


def test_a_row_over_a_newer_save_is_refused_with_the_parent(staff: Browserish) -> None:
    path = made(staff, {"name": "Semula"})
    (row,) = stored(staff, path)
    given = {"name": "Mitra Berbaris", "level": "local"}
    assert staff.send(f"{path}/edit", {**given, **lines({**row, "name": "Lebih dulu"})}).status_code == 302
    late = staff.send(f"{path}/edit", {**given, "city": "Boja", **lines({**row, "name": "Terlambat"})})
    assert late.status_code == 409
    assert 'value="Terlambat"' in late.text
    assert [row["name"] for row in stored(staff, path)] == ["Lebih dulu"]
    assert "Boja" not in staff.get(path).text


def test_without_a_script_a_button_adds_a_row_and_keeps_what_was_typed(staff: Browserish) -> None:
    rows = lines({"name": "Sudah diketik"})
    page = staff.send(ADD, {"name": "Mitra Tanpa Skrip", **rows, "add_line": "contacts"})
    assert page.status_code == 200
    assert 'value="Mitra Tanpa Skrip"' in page.text
    assert 'value="Sudah diketik"' in page.text
    assert 'name="contacts-1-name"' in page.text


def test_rows_of_another_parent_are_not_reached(staff: Browserish) -> None:
    mine, other = made(staff, {"name": "Punya saya"}), None
    answer = staff.send(ADD, {"name": "Mitra Lain Lagi", "level": "local", **lines({"name": "Punya orang"})})
    other = answer.headers["Location"]
    (foreign,) = stored(staff, other)
    staff.send(f"{mine}/edit", {"name": "Mitra Berbaris", "level": "local", **lines({**foreign, "remove": "1"})})
    assert [row["name"] for row in stored(staff, other)] == ["Punya orang"]


def test_who_may_not_archive_takes_no_row_off(staff: Browserish, person: Callable[[str], Browserish]) -> None:
    path = made(staff, {"name": "Bertahan"})
    (row,) = stored(staff, path)
    clerk, given = person("kendal.staf"), {"name": "Mitra Berbaris", "level": "local"}
    page = clerk.get(f"{path}/edit").text
    assert "contacts-0-name" in page
    assert "contacts-0-remove" not in page
    assert clerk.send(f"{path}/edit", {**given, **lines({**row, "remove": "1"})}).status_code == 403
    assert [row["name"] for row in stored(staff, path)] == ["Bertahan"]


@pytest.mark.parametrize("place", ["x", "-1", "1.5", "9" * 30])
def test_a_row_with_a_place_that_is_no_number_is_a_400(staff: Browserish, place: str) -> None:
    answer = staff.send(ADD, {"name": "Mitra", "contacts-sent": "1", "contacts-row": place})
    assert answer.status_code == 400


def test_programs_send_and_get_lines_as_nested_lists(program: Callable[..., Browserish]) -> None:
    script = program("kendal.admin")
    rows = [{"name": "Lewat API", "position": "Kepala"}, {"name": "Lewat API dua"}]
    pk = script.api("POST", "partner/", {"name": "Mitra API", "contacts": rows}).json["id"]
    first, second = script.api("GET", f"partner/{pk}").json["result"]["contacts"]
    assert (first["name"], second["name"]) == ("Lewat API", "Lewat API dua")
    changed = script.api("PUT", f"partner/{pk}", {"contacts": [{"id": second["id"], "position": "Staf"}]})
    assert changed.status_code == 200, changed.text
    (left,) = script.api("GET", f"partner/{pk}").json["result"]["contacts"]
    assert (left["id"], left["name"], left["position"]) == (second["id"], "Lewat API dua", "Staf")


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ("x", "contacts"), ([1], "contacts"), ([{"name": 5}], "contacts.0.name"), ([{}], "contacts.0.name"),
        ([{"id": 999999}], "contacts.0.id"), ([{"nama": "x"}], "contacts.0.nama"),
    ],
)  # fmt: skip
def test_wrong_lines_of_programs_are_told_by_row_and_column(
    program: Callable[..., Browserish], rows: Any, where: str
) -> None:
    answer = program("kendal.staf").api("POST", "partner/", {"name": "Mitra Salah", "contacts": rows})
    assert answer.status_code == 422
    assert where in answer.json["errors"]
