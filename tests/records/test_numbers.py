"""Numbers of papers: how they look, which period they count in, and that none is missing or given twice."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from app.database.session import db
from app.errors import Invalid, NoActiveInstitution
from app.records.sequence import ROMAN_MONTHS, Sequence, SequenceCounter, next_number, period_of, render_number

AGENDA = "correspondence.incoming"
THREADS, NUMBERS = 8, 20

days = st.dates(date(1970, 1, 1), date(2199, 12, 31))
serials = st.integers(1, 10**9)
plain = st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=12)


# How they look ----------------------------------------------------------------------------------------------------


@given(serials, days, st.integers(0, 30), plain, plain)
def test_a_number_holds_its_serial_padded_and_leaves_other_text_alone(
    serial: int, day: date, width: int, before: str, after: str
) -> None:
    wanted = f"{serial:0{width}d}" if width else str(serial)
    assert render_number(f"{before}{{serial:{width}}}{after}", serial, day) == f"{before}{wanted}{after}"


@given(serials, serials, days, st.integers(1, 8))
def test_two_serials_never_look_alike(one: int, other: int, day: date, width: int) -> None:
    assume(one != other)
    pattern = f"{{serial:{width}}}/{{month}}/{{year}}"
    assert render_number(pattern, one, day) != render_number(pattern, other, day)


@given(days)
def test_the_parts_of_the_date_are_those_of_the_paper(day: date) -> None:
    year, month, roman = render_number("{year}|{month}|{roman}", 1, day).split("|")
    assert (int(year), int(month), len(year), len(month)) == (day.year, day.month, 4, 2)
    assert ROMAN_MONTHS.index(roman) + 1 == day.month


@given(days, st.text("ABCDEFGH./-", max_size=20))
def test_given_words_are_filled_in(day: date, unit: str) -> None:
    assert render_number("{serial:3}/{unit}/{year}", 7, day, unit=unit) == f"007/{unit}/{day.year}"


@given(st.from_regex(r"[a-z_]{1,12}", fullmatch=True))
def test_an_unknown_field_is_refused(name: str) -> None:
    assume(name not in {"serial", "year", "month", "roman"})
    with pytest.raises(Invalid):
        render_number(f"{{{name}}}", 1, date(2026, 1, 1))


def test_words_are_not_read_as_patterns() -> None:
    assert render_number("{unit}-{serial}", 1, date(2026, 1, 1), unit="{year}") == "{year}-1"


# Which period -----------------------------------------------------------------------------------------------------


@given(days, days)
def test_two_days_share_a_period_exactly_when_they_share_what_it_is_reset_by(one: date, other: date) -> None:
    assert (period_of("year", one) == period_of("year", other)) == (one.year == other.year)
    assert (period_of("month", one) == period_of("month", other)) == (
        (one.year, one.month) == (other.year, other.month)
    )
    assert period_of("never", one) == period_of("never", other) == ""


@given(days)
def test_a_period_fits_its_column(day: date) -> None:
    for reset in ("year", "month", "never"):
        assert len(period_of(reset, day)) <= SequenceCounter.__table__.c.period.type.length


# Taking them ------------------------------------------------------------------------------------------------------


def taken(session: Any, day: date, code: str = AGENDA) -> int:
    """The serial of the next number of the agenda."""
    return int(re.findall(r"\d+", next_number(session, code, day))[0])


@pytest.mark.postgres
def test_numbers_follow_each_other_and_a_new_year_begins_anew_by_the_date_of_the_paper(administrator: Any) -> None:
    last, first = date(2030, 12, 31), date(2031, 1, 1)
    with administrator():
        assert [taken(db.session(), day) for day in (last, last, first, last, first)] == [1, 2, 1, 3, 2]
        assert next_number(db.session(), AGENDA, first).endswith("2031")


@pytest.mark.postgres
def test_every_institution_and_register_counts_by_itself(acting: Any) -> None:
    day = date(2030, 5, 1)
    for username, institution in (("kendal.admin", "kendal"), ("unair.admin", "unair")):
        with acting(username, institution):
            assert [taken(db.session(), day) for _ in range(2)] == [1, 2]
            assert taken(db.session(), day, "correspondence.disposition") == 1
            db.session.commit()


@pytest.mark.postgres
def test_a_register_that_is_not_set_up_is_one_sentence(administrator: Any, app: Any) -> None:
    with administrator():
        with pytest.raises(Invalid):
            next_number(db.session(), "no.register", date(2030, 1, 1))
        db.session.scalar(select(Sequence).where(Sequence.code == AGENDA)).active = False
        db.session.flush()
        with pytest.raises(Invalid):
            next_number(db.session(), AGENDA, date(2030, 1, 1))
    with app.app_context(), pytest.raises(NoActiveInstitution):
        next_number(db.session(), AGENDA, date(2030, 1, 1))


@pytest.mark.postgres
def test_a_number_that_is_rolled_back_is_given_again(administrator: Any) -> None:
    day = date(2030, 1, 1)
    with administrator():
        assert taken(db.session(), day) == 1
        db.session.rollback()
        with db.session.begin_nested() as savepoint:
            assert taken(db.session(), day) == 1
            savepoint.rollback()
        assert taken(db.session(), day) == 1


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    """As many workers as a busy office has hands."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield pool


@pytest.mark.postgres
def test_numbers_taken_at_once_have_no_gaps_and_no_doubles_though_some_are_rolled_back(
    administrator: Any, crowd: ThreadPoolExecutor
) -> None:
    together = Barrier(THREADS)

    def work(worker: int) -> list[int]:
        chance, kept = random.Random(worker), []
        together.wait()
        for _round in range(NUMBERS):
            with administrator():
                serial = taken(db.session(), date(2030, 6, 1))
                if chance.random() < 0.1:
                    db.session.rollback()
                else:
                    db.session.commit()
                    kept.append(serial)
        return kept

    kept = sorted(serial for serials in crowd.map(work, range(THREADS)) for serial in serials)
    assert THREADS * NUMBERS * 0.7 < len(kept) < THREADS * NUMBERS, "some of them were rolled back"
    assert kept == list(range(1, len(kept) + 1))


@pytest.mark.postgres
def test_counting_the_largest_plus_one_would_give_doubles(administrator: Any, crowd: ThreadPoolExecutor) -> None:
    """The negative control: the same crowd with the way that numbers are usually taken."""
    together = Barrier(THREADS)

    def work(_worker: int) -> list[int]:
        kept = []
        for _round in range(3):
            with administrator() as access:
                together.wait()
                largest = db.session.scalar(select(func.coalesce(func.max(Sequence.id), 0))) + 1
                values = {"institution": access.institution_id, "code": f"naive.{random.random()}"}
                db.session.execute(
                    text("INSERT INTO sequence (institution_id, code, pattern) VALUES (:institution, :code, '')"),
                    values,
                )
                db.session.commit()
                kept.append(largest)
                together.wait()
        return kept

    numbers = [number for numbers in crowd.map(work, range(THREADS)) for number in numbers]
    assert len(set(numbers)) < len(numbers)


# How they are set --------------------------------------------------------------------------------------------------


def test_an_administrator_sets_a_pattern_and_sees_what_numbers_will_look_like(
    person: Any, program: Any, acting: Any
) -> None:
    admin = program("kendal.admin")
    found = {item["code"]: item for item in admin.api("GET", "sequence/?q=(page_size:100)").json["result"]}
    letters = found["correspondence.outgoing"]
    changed = admin.api(
        "PUT", f"sequence/{letters['id']}", {"pattern": "{class_code}/{serial:4}/{unit}/{roman}/{year}"}
    )
    assert changed.status_code == 200, changed.text
    page = person("kendal.admin").get(f"/kernel/sequence/{letters['id']}").text
    with acting("kendal.admin", "kendal"):
        from app.i18n.formats import today_here

        day = today_here()
    assert f"CLASS_CODE/0001/UNIT/{ROMAN_MONTHS[day.month - 1]}/{day.year}" in page
    assert person("kendal.staf").get("/kernel/sequence/").status_code == 403


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"pattern": "{serial:3}/{nomor}"}, "unknown field nomor"),
        ({"pattern": "{year}/tanpa"}, "needs {serial}"),
        ({"pattern": "{serial}"}, "need {year}"),
        ({"pattern": "{serial}/{year}", "reset": "month"}, "need {month} or {roman}"),
        ({"pattern": "{serial}/{year}/{0}"}, "unknown field"),
        ({"pattern": "{serial:3}/{year}/{__class__}"}, "unknown field"),
        ({"pattern": "{serial:99}/{year}"}, "wider than 12"),
        ({"pattern": "{serial}/\n{year}"}, "one line"),
    ],
)
def test_a_pattern_that_would_repeat_or_fail_is_refused(program: Any, values: dict[str, str], words: str) -> None:
    admin = program("kendal.admin")
    found = {item["code"]: item for item in admin.api("GET", "sequence/?q=(page_size:100)").json["result"]}
    refused = admin.api("PUT", f"sequence/{found['procedures.case']['id']}", values)
    assert refused.status_code == 422
    assert words in refused.json["errors"]["pattern"][0]


def test_a_unit_gets_a_sequence_of_its_own_and_nothing_else_does(program: Any) -> None:
    admin = program("kendal.admin")
    own = {"code": "correspondence.outgoing.DISARPUS", "pattern": "{serial:3}/{unit}/{year}", "reset": "year"}
    made = admin.api("POST", "sequence/", own)
    assert made.status_code == 201, made.text
    assert "DISARPUS" in admin.api("GET", f"sequence/{made.json['id']}").json["result"]["title"]
    for code in (
        "correspondence.outgoing.DISARPUS",
        "procedures.case.DISARPUS",
        "correspondence.nothing",
        "x",
        "correspondence.outgoing.disarpus",
    ):
        assert admin.api("POST", "sequence/", {**own, "code": code}).status_code in {409, 422}, code
    moved = admin.api("PUT", f"sequence/{made.json['id']}", {"code": "correspondence.incoming"})
    assert moved.status_code in {409, 422}


def test_numbers_count_on_when_they_restart_at_other_times(program: Any) -> None:
    admin, staf = program("kendal.admin"), program("kendal.staf")
    found = {item["code"]: item for item in admin.api("GET", "sequence/?q=(page_size:100)").json["result"]}
    address, letter = f"sequence/{found[AGENDA]['id']}", {"subject": "Surat", "sender_name": "SD Contoh"}
    numbers = []
    for reset in ("year", "never", "month", "year"):
        pattern = "{serial:4}/{month}/{year}"
        assert admin.api("PUT", address, {"reset": reset, "pattern": pattern}).status_code == 200
        for _turn in range(2):
            answer = staf.api("POST", "letter/", letter)
            assert answer.status_code == 201, answer.text
            numbers.append(int(answer.json["result"]["agenda_number"].split("/")[0]))
    assert numbers == list(range(1, 9))


def test_a_number_too_long_for_its_register_is_refused_in_a_sentence(program: Any) -> None:
    admin, staf = program("kendal.admin"), program("kendal.staf")
    found = {item["code"]: item for item in admin.api("GET", "sequence/?q=(page_size:100)").json["result"]}
    pattern = "x" * 80 + "{serial}/{year}"
    assert admin.api("PUT", f"sequence/{found[AGENDA]['id']}", {"pattern": pattern}).status_code == 200
    answer = staf.api("POST", "letter/", {"subject": "Surat", "sender_name": "SD Contoh"})
    assert answer.status_code == 422
    assert "longer than 60 signs" in answer.json["message"]
