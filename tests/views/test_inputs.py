"""What people type in their own way: dates, amounts, NIP, telephone numbers; and fields asked under a condition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.i18n.typed import read_day, read_moment, read_money
from app.testing.client import Browserish


@pytest.mark.parametrize(
    "text",
    ["2025-03-03", "3 Maret 2025", "3 maret 2025", "03 Mar 2025", "3/3/2025", "3-3-2025", "3.3.2025", "3 March 2025"],
)
def test_a_day_is_read_however_people_write_it(text: str) -> None:
    assert read_day(text) == date(2025, 3, 3)


@pytest.mark.parametrize("text", ["", "3", "31/2/2025", "3/13/2025", "3 Foo 2025", "3/3/25", "besok", "3 Ma 2025"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        read_day(text)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("hari ini", 0), ("Today", 0), ("besok", 1), ("tomorrow", 1), ("lusa", 2), ("Selasa", 1), ("jum'at", 4),
        ("Friday", 4), ("Minggu", 6), (" senin ", 7),
    ],
)  # fmt: skip
def test_words_mean_a_day_after_today_for_who_types_them(words: str, days: int) -> None:
    monday = date(2025, 3, 3)
    assert read_day(words, monday) == monday + timedelta(days=days)
    assert read_moment(f"{words.strip()} pukul 09.30", monday).date() == monday + timedelta(days=days)
    with pytest.raises(ValueError, match="not a date"):
        read_day(words)


def test_a_form_reads_such_words_and_a_program_must_tell_the_date(
    person: Callable[[str], Browserish], program: Callable[..., Browserish]
) -> None:
    staff = person("kendal.staf")
    hours = {"starts_at": "besok 09.30", "ends_at": "besok 10.00"}
    booking = {"room": "1", "purpose": "Rapat kata hari", "responsible": "Petugas", **hours}
    made = staff.send("/rooms/booking/add", booking)
    assert made.status_code == 302, made.text
    refused = program("kendal.staf").api("POST", "booking/", {**booking, "room": 1})
    assert refused.status_code == 422, refused.text
    assert "Not a date and time" in refused.text


@pytest.mark.parametrize(
    "text",
    ["2025-03-03T09:30", "3 Maret 2025 09.30", "3/3/2025 9:30", "3 Maret 2025, pukul 09.30 WIB", "3 Agt 2025 09.30"],
)
def test_a_moment_is_read_however_people_write_it(text: str) -> None:
    assert read_moment(text) == datetime.fromisoformat(f"2025-{'08' if 'Agt' in text else '03'}-03T09:30")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.500.000", "1500000"), ("Rp1.500.000,50", "1500000.50"), ("Rp 1.500", "1500"), ("1500000", "1500000"),
        ("1500000.00", "1500000.00"), ("-2.000,5", "-2000.5"), ("0", "0"),
    ],
)  # fmt: skip
def test_an_amount_is_read_with_dots_between_thousands(text: str, amount: str) -> None:
    assert read_money(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "Rp", "1,2,3", "seribu", "NaN", "Infinity", "1e5x"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        read_money(text)


def test_an_amount_in_a_form_is_checked_and_shown_in_its_groups() -> None:
    from werkzeug.datastructures import MultiDict

    from app.views.fields import Field
    from app.views.forms import make_form

    form = make_form([Field("cost", "Cost", "number", False, widget="money")])
    good, fine = form(MultiDict({"cost": "1.500.000,5"})), form(MultiDict({"cost": "1,005"}))
    assert good.validate()
    assert (good["cost"].data, good["cost"]._value()) == (Decimal("1500000.5"), "1.500.000,50")
    assert not fine.validate()
    assert fine["cost"]._value() == "1,005", "what was typed stays"


def test_typed_dates_are_stored_and_wrong_ones_stay_in_the_box(person: Callable[[str], Browserish]) -> None:
    staff = person("kendal.staf")
    given = {"title": "Naskah dengan tanggal", "kind": "1", "partner": "1", "starts_on": "3 Maret 2025"}
    refused = staff.send("/agreements/agreement/add", {**given, "ends_on": "31 Februari 2026"})
    assert refused.status_code == 422
    assert 'value="31 Februari 2026"' in refused.text
    assert "Not a date" in refused.text
    saved = staff.send("/agreements/agreement/add", {**given, "ends_on": "28/2/2026"}, follow_redirects=True)
    assert "3 March 2025" in saved.text
    assert "28 February 2026" in saved.text


def test_a_nip_is_held_as_18_digits_and_shown_in_its_groups(
    person: Callable[[str], Browserish], acting: Callable[..., Any]
) -> None:
    from addons.agreements.models.agreement_party import AgreementParty
    from app.addon import db

    staff = person("kendal.staf")
    agreement = {"title": "Naskah dengan NIP", "kind": "1", "partner": "1"}
    at = staff.send("/agreements/agreement/add", agreement).headers["Location"].rsplit("/", 1)[1]
    party = {"agreement": at, "role": "third", "name": "Dinas Contoh"}
    short = staff.send("/agreements/agreement_party/add", {**party, "signatory_nip": "1980 0101"})
    assert short.status_code == 422
    assert "A NIP has 18 digits." in short.text
    saved = staff.send("/agreements/agreement_party/add", {**party, "signatory_nip": "99991300 999913 9 001"})
    assert saved.status_code == 302
    with acting("kendal.staf", "kendal"):
        pk = int(saved.headers["Location"].rsplit("/", 1)[1])
        assert db.session.get(AgreementParty, pk).signatory_nip == "999913009999139001"
    assert "99991300 999913 9 001" in person("kendal.admin").send(f"/agreements/agreement_party/{pk}/unmask", {}).text


@pytest.mark.parametrize(
    ("number", "is_good"),
    [
        ("0812 3456 7890", True), ("(0294) 381234", True), ("+62 812-3456-7890", True), ("+61 2 9374 4000", True),
        ("08123", False), ("telepon saya", False), ("0812 3456 7890 1234", False),
    ],
)  # fmt: skip
def test_a_telephone_number_must_be_one(number: str, is_good: bool, person: Callable[[str], Browserish]) -> None:
    answer = person("kendal.staf").send("/partners/partner/add", {"name": "Mitra Bertelepon", "phone": number})
    assert (answer.status_code == 302) == is_good
    assert is_good or ("Not a telephone number" in answer.text and number in answer.text)


def test_what_is_not_asked_for_is_not_stored(person: Callable[[str], Browserish]) -> None:
    staff = person("kendal.staf")
    page = staff.get("/partners/partner/add").text
    assert "data-shown-when" in page
    given = {"name": "Universitas Jauh", "region_code": "33.24"}
    inside = staff.send("/partners/partner/add", {**given, "level": "local"}, follow_redirects=True)
    assert "33.24" in inside.text
    given["name"] = "Universitas Lebih Jauh"
    abroad = staff.send("/partners/partner/add", {**given, "level": "international"}, follow_redirects=True)
    assert "Universitas Lebih Jauh" in abroad.text
    assert "33.24" not in abroad.text


def test_saving_and_going_on_leads_to_the_next_new_record(person: Callable[[str], Browserish]) -> None:
    staff = person("kendal.staf")
    more = staff.send("/partners/partner/add?level=local", {"name": "Mitra Satu", "level": "local", "go_on": "1"})
    assert more.headers["Location"] == "/partners/partner/add?level=local"
    kept = staff.send("/partners/partner/1/edit", {"name": "Mitra Tetap", "level": "local", "go_on": "1"})
    assert kept.headers["Location"] == "/partners/partner/1/edit"


def test_a_record_made_for_a_select_comes_back_as_its_id_and_name(person: Callable[[str], Browserish]) -> None:
    staff = person("kendal.staf")
    form = staff.get("/partners/partner/add?dialog=1&typed=SMA+Contoh+Baru")
    assert 'value="SMA Contoh Baru"' in form.text
    assert "<html" not in form.text
    refused = staff.send("/partners/partner/add?dialog=1", {"name": ""})
    assert (refused.status_code, "<html" in refused.text) == (422, False)
    made = staff.send("/partners/partner/add?dialog=1", {"name": "SMA Contoh Baru", "level": "local"})
    assert made.status_code == 201
    assert made.json["name"] == "SMA Contoh Baru"
    assert staff.get(f"/partners/partner/{made.json['id']}").status_code == 200


def test_a_select_offers_to_make_a_record_to_who_may_make_it(person: Callable[[str], Browserish]) -> None:
    assert 'data-create-for="f-partner"' in person("kendal.staf").get("/agreements/agreement/add").text
    assert 'data-create-for="f-kind"' not in person("kendal.staf").get("/partners/partner/add").text


def test_a_copy_begins_with_what_the_person_sees(person: Callable[[str], Browserish]) -> None:
    staff = person("kendal.staf")
    location = staff.send("/partners/partner/add", {"name": "Asli", "city": "Weleri", "level": "local"}).headers[
        "Location"
    ]
    copy = staff.get(f"/partners/partner/add?copy={location.rsplit('/', 1)[1]}").text
    assert 'value="Asli"' in copy
    assert 'value="Weleri"' in copy
    assert staff.get("/partners/partner/add?copy=99999999").status_code == 404
