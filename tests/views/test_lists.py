"""Lists: filters with periods, kept filters, groups, columns, deep pages, files, several records, quick edit."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.testing.client import Browserish
from tests.security.world import KENDAL_MARK, World, today

HOME = "/partners/partner/"
PLAIN = {"email": None, "phone": None, "website": None, "region_code": None}
TOWNS = ("Kendal", "Weleri", None, "Boja", "Kaliwungu")


@pytest.fixture(scope="module")
def partners(world: World) -> World:
    """Kendal with 63 partners called Daftar, every fifth without a town."""
    from app.access.acting import acting_as_system
    from app.database.session import db

    with world.app.app_context(), acting_as_system("kendal", "partners for tests of lists"):
        from addons.partners.models.partner import Partner
        from addons.partners.models.partner_kind import PartnerKind

        kind_id = db.session.scalar(select(PartnerKind.id).limit(1))
        db.session.add_all(
            Partner(name=f"Daftar {n:02}", kind_id=kind_id, city=TOWNS[n % 5], level="local") for n in range(63)
        )
        db.session.commit()
    return world


@pytest.fixture
def admin(partners: World) -> Iterator[Browserish]:
    """Kendal's administrator, with nothing kept of earlier tests."""
    from app.access.acting import acting_as_system
    from app.database.session import db
    from app.records.saved_filter import ListPreference, SavedFilter

    yield partners.person("kendal.admin")
    with partners.app.app_context(), acting_as_system("kendal", "begin anew"):
        for model in (ListPreference, SavedFilter):
            for item in db.session.scalars(select(model)):
                db.session.delete(item)
        db.session.commit()


def send(person: Browserish, path: str, fields: Any) -> Any:
    """POST with the token of the partner form."""
    tokens = {"csrf_token": person.hidden(f"{HOME}add")["csrf_token"]}
    return person.http.post(path, data={**tokens, **fields}, headers=person.headers)


def names(page: str) -> list[str]:
    """The partners of a page of the list, in its order."""
    return re.findall(r'class="record-link" href="[^"]*">([^<]*)</a>', page)


def first_row(page: str) -> list[str]:
    """The heads of a list."""
    head = page[page.index("<thead") : page.index("</thead>")]
    cells = re.findall(r"<th [^>]*columnheader[^>]*>(.*?)</th>", head, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells if "data-choose-all" not in cell]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("today", date(2026, 1, 31), date(2026, 1, 31)),
        ("this_week", date(2026, 1, 26), date(2026, 2, 1)),
        ("next_week", date(2026, 2, 2), date(2026, 2, 8)),
        ("this_month", date(2026, 1, 1), date(2026, 1, 31)),
        ("next_month", date(2026, 2, 1), date(2026, 2, 28)),
        ("last_month", date(2025, 12, 1), date(2025, 12, 31)),
        ("next_30_days", date(2026, 1, 31), date(2026, 3, 2)),
        ("last_30_days", date(2026, 1, 1), date(2026, 1, 31)),
        ("this_year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
        ("past", None, date(2026, 1, 30)),
    ],
)
def test_periods_are_counted_from_the_day_on_which_somebody_looks(
    period: str, first: date | None, last: date | None
) -> None:
    from app.views.list_filters import PERIODS, period_days

    assert period in PERIODS
    assert period_days(period, date(2026, 1, 31)) == (first, last)


def test_a_period_finds_what_lies_in_it_and_nothing_else(partners: World, admin: Browserish) -> None:
    home, day = "/agreements/agreement/", today()
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    inside = partners.make("kendal", "agreements.Agreement", starts_on=day, ends_on=following)
    outside = partners.make("kendal", "agreements.Agreement", starts_on=day, ends_on=following - timedelta(days=1))
    endless = partners.make("kendal", "agreements.Agreement", starts_on=day, ends_on=None)
    found = admin.get(f"{home}?f_ends_on_in=next_month").text
    assert f"{home}{inside}" in found
    assert f"{home}{outside}" not in found
    assert f"{home}{endless}" not in found
    assert "next month" in found
    empty = admin.get(f"{home}?f_ends_on=-&order=-id").text
    assert f"{home}{endless}" in empty
    assert f"{home}{inside}" not in empty
    assert admin.get(f"{home}?f_ends_on_in=some_day").status_code == 400


@pytest.mark.parametrize("order", ["name", "-name", "city", "-city", "-id"])
def test_page_follows_page_without_losing_or_repeating_a_record_and_back_again(admin: Browserish, order: str) -> None:
    address, seen, pages = f"{HOME}?q=daftar&order={order}&size=10", [], []
    while address:
        page = admin.get(address).text
        seen += names(page)
        pages.append(names(page))
        link = re.search(r'rel="next" href="([^"]+)"', page)
        address = link[1].replace("&amp;", "&") if link else ""
    assert len(seen) == len(set(seen)) == 63
    if order.lstrip("-") == "name":
        assert seen == sorted(seen, reverse=order.startswith("-"))
    if order.lstrip("-") == "city":
        without = [f"Daftar {n:02}" for n in range(63) if TOWNS[n % 5] is None]
        assert set(seen[-len(without) :]) == set(without), "those without a town come last both ways"
    for expected in reversed(pages[:-1]):
        link = re.search(r'rel="prev" href="([^"]+)"', page)
        page = admin.get(link[1].replace("&amp;", "&")).text
        assert names(page) == expected
    assert 'rel="prev"' not in page


def test_a_list_that_is_not_counted_to_its_end_is_read_to_its_end(
    admin: Browserish, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.views import listing

    monkeypatch.setattr(listing, "COUNT_CAP", 20)
    monkeypatch.setattr(listing, "DEEPEST", 20)
    page = admin.get(f"{HOME}?q=daftar&order=name&size=10").text
    assert "20+ records" in page
    for _turn in range(6):
        link = re.search(r'rel="next" href="([^"]+)"', page)
        page = admin.get(link[1].replace("&amp;", "&")).text
    assert names(page) == ["Daftar 60", "Daftar 61", "Daftar 62"]
    assert 'rel="next"' not in page


def test_a_list_is_counted_by_groups_and_each_opens(admin: Browserish) -> None:
    page = admin.get(f"{HOME}?q=daftar&group=level").text
    cells = re.findall(r'<a class="record-link" href="([^"]+)">([^<]+)</a>.*?is-number">([^<]+)</td>', page, re.DOTALL)
    assert [(label, count) for _link, label, count in cells] == [(cells[0][1], "63")]
    opened = admin.get(cells[0][0].replace("&amp;", "&")).text
    assert "63 records" in opened
    assert admin.get(f"{HOME}?group=name").status_code == 400
    assert admin.get(f"{HOME}?group=institution_id").status_code == 400


def test_groups_count_nothing_of_another_institution(partners: World, admin: Browserish) -> None:
    from addons.partners.models.partner import Partner

    here = partners.value("kendal", select(func.count()).select_from(Partner).where(Partner.active))
    page = admin.get(f"{HOME}?group=kind").text
    assert sum(int(count) for count in re.findall(r'is-number">([\d.]+)</td>', page)) == here
    there = partners.person("unair.admin").get(f"{HOME}?group=kind").text
    assert sum(int(count) for count in re.findall(r'is-number">([\d.]+)</td>', there)) < 30


def test_months_are_groups_of_days(partners: World, admin: Browserish) -> None:
    day = date(2031, 5, 17)
    pk = partners.make("kendal", "agreements.Agreement", starts_on=day, ends_on=day)
    page = admin.get("/agreements/agreement/?group=ends_on").text
    link = re.search(r'href="([^"]+)">May 2031</a>', page)
    opened = admin.get(link[1].replace("&amp;", "&")).text
    assert f"/agreements/agreement/{pk}" in opened
    assert opened.count('class="record-link"') == 1


def test_a_filter_is_kept_under_a_name_and_the_list_begins_with_it(admin: Browserish) -> None:
    kept = send(admin, f"{HOME}filters", {"name": "Di Boja", "arguments": "q=daftar&f_level=local", "begin": "1"})
    assert kept.status_code == 302
    opened = admin.get(kept.location)
    assert "Di Boja" in opened.text
    assert names(opened.text)[0].startswith("Daftar")
    begun = admin.get(HOME)
    assert begun.status_code == 302
    assert "q=daftar" in begun.location
    everything = admin.get(f"{HOME}?all=1")
    assert everything.status_code == 200
    assert "Active filters" not in everything.text, "whoever wants everything gets everything"
    number = re.search(r"saved=(\d+)", kept.location)[1]
    send(admin, f"{HOME}filters/{number}/begin", {})
    assert admin.get(HOME).status_code == 200
    send(admin, f"{HOME}filters/{number}/remove", {})
    assert "Di Boja" not in admin.get(HOME).text


def test_an_own_filter_of_the_same_name_is_replaced_and_an_empty_one_is_not_kept(admin: Browserish) -> None:
    for words in ("boja", "weleri"):
        send(admin, f"{HOME}filters", {"name": "Kota", "arguments": f"q={words}"})
    page = admin.get(HOME).text
    assert page.count(">Kota</a>") == 1
    assert "q=weleri" in page
    for fields in ({"name": " ", "arguments": "q=x"}, {"name": "Leer", "arguments": ""}, {"name": "x" * 101}):
        refused = send(admin, f"{HOME}filters", fields)
        assert "alert-danger" in admin.get(refused.location).text
    assert send(admin, f"{HOME}filters", {"name": "Falsch", "arguments": "f_website=x"}).status_code == 400


def test_filters_are_shared_with_a_role_or_the_institution_by_those_who_may(partners: World, admin: Browserish) -> None:
    staff, chief = partners.person("kendal.staf"), partners.person("kendal.kadis")
    there = partners.person("unair.admin")
    for name, sharing, role in (
        ("Milik", "own", ""),
        ("Staf saja", "role", "kendal.staf"),
        ("Semua", "institution", ""),
    ):
        fields = {"name": name, "arguments": "q=daftar", "sharing": sharing, "role": role}
        assert send(admin, f"{HOME}filters", fields).status_code == 302

    def seen(person: Browserish) -> set[str]:
        page = person.get(f"{HOME}?all=1").text
        return {name for name in ("Milik", "Staf saja", "Semua") if f">{name}" in page}

    assert seen(admin) == {"Milik", "Staf saja", "Semua"}
    assert seen(staff) == {"Staf saja", "Semua"}
    assert seen(chief) == {"Semua"}
    assert seen(there) == set()
    assert send(staff, f"{HOME}filters", {"name": "Baru", "arguments": "q=x"}).status_code == 302
    refused = send(staff, f"{HOME}filters", {"name": "Baru", "arguments": "q=x", "sharing": "institution"})
    assert refused.status_code == 403
    shared = re.search(r'href="[^"]*saved=(\d+)">Semua', staff.get(f"{HOME}?all=1").text)[1]
    assert send(staff, f"{HOME}filters/{shared}/remove", {}).status_code == 403
    mine = re.search(r'href="[^"]*saved=(\d+)">Milik', admin.get(f"{HOME}?all=1").text)[1]
    for person in (staff, there):
        assert send(person, f"{HOME}filters/{mine}/begin", {}).status_code == 404
        assert send(person, f"{HOME}filters/{mine}/remove", {}).status_code == 404


def test_columns_are_chosen_for_oneself(partners: World, admin: Browserish) -> None:
    usual = first_row(admin.get(f"{HOME}?all=1").text)
    send(admin, f"{HOME}columns", {"column": ["name", "website", "city", "institution_id"]})
    chosen = first_row(admin.get(f"{HOME}?all=1").text)
    assert chosen == ["Name", "City", "Website"] != usual
    assert first_row(partners.person("kendal.staf").get(f"{HOME}?all=1").text) == usual
    heads = next(csv.reader(io.StringIO(admin.get(f"{HOME}export?q=daftar").get_data().decode("utf-8-sig"))))
    assert heads == chosen
    send(admin, f"{HOME}columns", {"usual": "1", "column": ["name"]})
    assert first_row(admin.get(f"{HOME}?all=1").text) == usual


def test_a_download_holds_what_the_list_shows(admin: Browserish) -> None:
    query = "q=daftar&f_level=local&order=-name"
    shown = first_row(admin.get(f"{HOME}?{query}").text)
    text = admin.get(f"{HOME}export?kind=csv&{query}")
    assert text.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(text.get_data().decode("utf-8-sig"))))
    assert rows[0] == shown
    assert [row[0] for row in rows[1:]] == [f"Daftar {n:02}" for n in range(62, -1, -1)]
    sheet = load_workbook(io.BytesIO(admin.get(f"{HOME}export?kind=xlsx&{query}").data)).active
    cells = [[cell or "" for cell in row] for row in sheet.iter_rows(min_row=4, values_only=True)]
    assert cells == rows
    assert "Daftar" in sheet["A2"].value or "daftar" in sheet["A2"].value, "the file says what it was narrowed to"
    assert admin.get(f"{HOME}export?kind=pdf&{query}").data.startswith(b"%PDF-")
    assert admin.get(f"{HOME}export?kind=exe").status_code == 404
    assert admin.get(f"{HOME}export?f_website=x").status_code == 400


def test_a_list_that_is_too_long_for_a_file_is_refused_with_a_sentence(
    admin: Browserish, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.views import list_file

    monkeypatch.setitem(list_file.KINDS, "csv", 10)
    refused = admin.get(f"{HOME}export?kind=csv&q=daftar")
    assert refused.status_code == 409
    assert "more than 10 records" in refused.text
    assert admin.get(f"{HOME}export?kind=csv&q=daftar+05").status_code == 200


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_no_cell_of_a_csv_is_run_by_a_spreadsheet_program(text: str) -> None:
    from app.prints.table import neutral

    assert neutral(text) == f"'{text}"
    assert neutral("-1.250,50") == "-1.250,50"
    assert neutral("a=b") == "a=b"


def test_personal_data_in_a_file_are_written_down_and_masked_ones_stay_masked(
    partners: World, admin: Browserish
) -> None:
    def noted() -> list[Any]:
        with partners.owner() as connection:
            return connection.execute("SELECT model, columns FROM disclosure WHERE kind = 'export'").fetchall()

    from app.access.column_rights import personal_columns
    from app.database.base import models
    from app.views.model_view import views

    home, before = "/partners/contact/", len(noted())
    personal = personal_columns(models["partners.Contact"]) & set(views["partners.Contact"].list_columns)
    assert personal
    assert KENDAL_MARK in admin.get(f"{home}export?order=-id").get_data().decode("utf-8-sig")
    assert noted()[before:] == [("partners.Contact", sorted(personal))]
    admin.get(f"{HOME}export?q=daftar+01")
    assert len(noted()) == before + 1, "nothing personal stands in the list of partners"


def test_chosen_records_are_archived_together_or_not_at_all(partners: World, admin: Browserish) -> None:
    from addons.partners.models.partner import Partner

    made = [partners.make("kendal", "partners.Partner", name=f"Borongan {n}") for n in range(3)]

    def active() -> int:
        return int(partners.value("kendal", select(func.count()).where(Partner.id.in_(made), Partner.active)))

    page = admin.get(f"{HOME}?q=borongan").text
    assert f'formaction="{HOME}chosen/archive"' in page
    assert send(admin, f"{HOME}chosen/archive", {"id": [*map(str, made), "99999999"]}).status_code == 404
    assert active() == 3
    assert send(admin, f"{HOME}chosen/archive", {"id": [*map(str, made)]}).status_code == 302
    assert active() == 0
    assert send(admin, f"{HOME}chosen/restore", {"id": [str(made[0])]}).status_code == 302
    assert active() == 1
    staff = partners.person("kendal.staf")
    assert "chosen/archive" not in staff.get(f"{HOME}?q=borongan").text
    assert send(staff, f"{HOME}chosen/archive", {"id": [str(made[0])]}).status_code == 404
    assert active() == 1


def test_a_refused_step_names_the_record_and_moves_none(partners: World, admin: Browserish) -> None:
    from addons.agreements.models.agreement import Agreement

    drafts = [partners.make("kendal", "agreements.Agreement", title=f"Naskah borongan {n}") for n in range(2)]
    home = "/agreements/agreement/"
    answer = send(admin, f"{home}chosen/activate", {"id": [str(pk) for pk in drafts]})
    told = admin.get(answer.location).text
    assert "Nothing was changed. Naskah borongan" in told
    states = partners.value("kendal", select(func.count()).where(Agreement.id.in_(drafts), Agreement.state == "draft"))
    assert states == 2


def test_one_column_is_changed_in_the_list_by_those_who_may(partners: World, admin: Browserish) -> None:
    pk = partners.make("kendal", "partners.Partner", name="Cepat Ubah", city="Lama", **PLAIN)
    path, part = f"{HOME}{pk}/quick/city", {"HX-Request": "true"}
    assert path in admin.get(f"{HOME}?q=cepat+ubah").text
    form = admin.get(path, headers=part).text
    assert form.lstrip().startswith("<td")
    assert 'value="Lama"' in form
    tokens = {"csrf_token": re.search(r'csrf_token" value="([^"]+)"', form)[1]}
    answer = admin.http.post(path, data={**tokens, "city": "Baru", "version": "1"}, headers={**admin.headers, **part})
    assert answer.status_code == 200, answer.text
    assert "Baru" in answer.text
    assert partners.column("kendal", "partners.Partner", "city", pk) == "Baru"
    stale = admin.http.post(path, data={**tokens, "city": "Lagi", "version": "1"}, headers={**admin.headers, **part})
    assert stale.status_code == 409
    assert 'value="Lagi"' in stale.text, "what was typed stays"
    long = admin.http.post(path, data={**tokens, "city": "x" * 999}, headers={**admin.headers, **part})
    assert long.status_code == 422
    assert partners.column("kendal", "partners.Partner", "city", pk) == "Baru"
    assert admin.get(f"{HOME}{pk}/quick/name").status_code == 404, "not declared"
    chief = partners.person("kendal.kadis")
    assert chief.get(f"{HOME}?q=cepat+ubah").status_code == 200
    assert path not in chief.get(f"{HOME}?q=cepat+ubah").text
    assert chief.get(path).status_code == 404


def test_the_scripts_of_a_list_page_weigh_less_than_150_kilobytes(partners: World, admin: Browserish) -> None:
    import gzip

    page = admin.get(HOME).text
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', page)
    assert any("htmx" in address for address in scripts)
    weights = {address: len(gzip.compress(admin.get(address).data)) for address in scripts}
    assert sum(weights.values()) < 150_000, weights
