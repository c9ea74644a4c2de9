"""Notifications: told to people of the institution, once per key, read by nobody else, on pages and by programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from app import clock
from app.access.acting import acting_as_system
from app.database.addresses import Addresses, libpq_address
from app.database.session import db
from app.errors import AddonError
from app.notifications import notifications
from app.notifications.housekeeping import prune_notifications
from app.notifications.notification import Notification
from app.notifications.notifications import choose_mail, forget_words, notify, unread_count

PAGE = "/kernel/notifications/"
ROOM = "/rooms/room/"
TEXT = "QZ-Kabar"


@pytest.fixture
def execute(addresses: Addresses) -> Callable[..., list[tuple[Any, ...]]]:
    """``execute(statement, *values)`` as the owner; its rows."""

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(libpq_address(addresses.owner), autocommit=True) as connection:
            answer = connection.execute(statement.encode(), values)
            return answer.fetchall() if answer.description else []

    return run


@pytest.fixture
def ids(execute: Any) -> dict[str, int]:
    """The ids of people by their names."""
    return dict(execute("SELECT username, id FROM ab_user"))


@pytest.fixture
def tell(acting: Any, ids: dict[str, int]) -> Callable[..., int]:
    """``tell("kendal.staf", text=...)`` has the administrator of Kendal tell somebody something, and commits."""

    def do(*people: str, text: str = TEXT, **values: Any) -> int:
        with acting("kendal.admin", "kendal"):
            count = notify([ids[name] for name in people], text, **values)
            db.session.commit()
            return count

    return do


def unread(someone: Any) -> int:
    """What the bell of a person shows."""
    return int(someone.get(f"{PAGE}count").json["unread"])


def test_the_one_it_is_for_reads_it_and_nobody_else(tell: Any, person: Any, program: Any, execute: Any) -> None:
    assert tell("kendal.staf", url=ROOM) == 1
    staf, admin = person("kendal.staf"), person("kendal.admin")
    for path in (PAGE, f"{PAGE}newest", f"{PAGE}?unread=1"):
        assert TEXT in staf.get(path).text, path
        assert TEXT not in admin.get(path).text, path
    assert (unread(staf), unread(admin)) == (1, 0)
    pk = execute("SELECT id FROM notification")[0][0]
    for address in (f"{PAGE}{pk}/open", f"{PAGE}{pk}/read"):
        assert admin.send(address, {}, form_at=PAGE).status_code == 404
    assert program("kendal.admin").api("POST", f"notification/{pk}/read").status_code == 404
    assert execute("SELECT read_at FROM notification") == [(None,)]


def test_opening_it_leads_where_it_points_and_marks_it_as_read(tell: Any, person: Any) -> None:
    tell("kendal.staf", url=ROOM)
    tell("kendal.staf", text="QZ-Lain")
    staf = person("kendal.staf")
    pk = program_ids(staf)[1]
    answer = staf.send(f"{PAGE}{pk}/open", {}, form_at=PAGE)
    assert answer.headers["Location"] == ROOM
    assert unread(staf) == 1
    assert TEXT not in staf.get(f"{PAGE}?unread=1").text
    staf.send(f"{PAGE}{pk}/read", {"unread": "1"}, form_at=PAGE)
    assert unread(staf) == 2
    staf.send(f"{PAGE}read", {}, form_at=PAGE)
    assert unread(staf) == 0
    page = staf.get(f"{PAGE}?unread=1").text
    assert "There is nothing new." in page
    assert TEXT in staf.get(PAGE).text


def program_ids(someone: Any) -> list[int]:
    """The ids of one's notifications, newest first."""
    return [item["id"] for item in someone.get("/api/v1/notification/").json["result"]]


def test_a_key_is_told_once_even_after_it_was_read(tell: Any, person: Any) -> None:
    assert tell("kendal.staf", key="agreement 7 ends") == 1
    person("kendal.staf").send(f"{PAGE}read", {}, form_at=PAGE)
    assert tell("kendal.staf", "kendal.admin", key="agreement 7 ends") == 1, "only whoever was not told yet"
    assert unread(person("kendal.staf")) == 0
    assert unread(person("kendal.admin")) == 1
    assert tell("kendal.staf") == 1, "without a key everything is told"
    assert tell("kendal.staf", "kendal.staf") == 1


def test_people_of_other_institutions_are_not_told(tell: Any, person: Any, ids: dict[str, int]) -> None:
    assert tell("unair.admin", "kendal.staf") == 1
    unair = person("unair.admin")
    assert TEXT not in unair.get(PAGE).text
    assert TEXT in person("kendal.staf").get(PAGE).text


def test_pages_show_thirty_and_lead_to_older_ones(acting: Any, ids: dict[str, int], person: Any) -> None:
    with acting("kendal.admin", "kendal"):
        for number in range(31):
            notify([ids["kendal.staf"]], f"QZ{number:02}")
        db.session.commit()
    staf = person("kendal.staf")
    page = staf.get(PAGE).text
    assert "QZ30" in page
    assert "QZ00" not in page
    older = staf.get(f"{PAGE}?before={program_ids(staf)[-1]}").text
    assert "QZ00" in older
    assert "QZ30" not in older
    assert staf.get(f"{PAGE}?before=x").status_code == 400


def test_programs_read_and_mark_their_own(tell: Any, program: Any) -> None:
    tell("kendal.staf", url=ROOM)
    script = program("kendal.staf", "kendal")
    answer = script.api("GET", "notification/?unread=1").json
    assert answer["unread"] == 1
    assert (answer["result"][0]["text"], answer["result"][0]["url"]) == (TEXT, ROOM)
    assert script.api("POST", f"notification/{answer['result'][0]['id']}/read").json["result"]["read_at"]
    tell("kendal.staf")
    assert script.api("POST", "notification/read").json["count"] == 1
    assert script.api("GET", "notification/?unread=1").json == {"unread": 0, "result": []}


def test_a_copy_goes_by_mail_to_whoever_wants_it(tell: Any, person: Any, execute: Any, ids: dict[str, int]) -> None:
    tell("kendal.staf")
    assert execute("SELECT count(*) FROM outgoing_mail") == [(0,)]
    person("kendal.staf").send(f"{PAGE}mail", {"by_mail": "1"}, form_at=PAGE)
    assert "checked" in person("kendal.staf").get(PAGE).text
    tell("kendal.staf", "kendal.admin", text="QZ-Surat", url=ROOM)
    (recipient, subject, body) = execute("SELECT recipient, subject, body FROM outgoing_mail")[0]
    address = execute("SELECT email FROM ab_user WHERE id = %s", ids["kendal.staf"])[0][0]
    assert (recipient, subject) == (address, "QZ-Surat")
    assert f"http://127.0.0.1:8080{ROOM}" in body or ROOM in body
    assert PAGE in body
    person("kendal.staf").send(f"{PAGE}mail", {}, form_at=PAGE)
    tell("kendal.staf", text="QZ-Dua")
    assert execute("SELECT count(*) FROM outgoing_mail") == [(1,)]


def test_addresses_that_lead_elsewhere_and_empty_texts_are_the_addons_mistake(acting: Any, ids: dict[str, int]) -> None:
    with acting("kendal.admin", "kendal"):
        for address in ("https://contoh.test/", "//contoh.test", "javascript:x", "/" + "x" * 600):
            with pytest.raises(AddonError):
                notify([ids["kendal.staf"]], TEXT, address)
        for text in ("", " ", "\0"):
            with pytest.raises(AddonError):
                notify([ids["kendal.staf"]], text)
        assert notify([ids["kendal.staf"]], "x " * 400, ROOM) == 1


def test_what_an_addon_told_is_not_shown_while_it_is_off(
    tell: Any, person: Any, execute: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "addon_of", lambda _module: "rooms")
    tell("kendal.staf")
    assert execute("SELECT addon FROM notification") == [("rooms",)]
    staf = person("kendal.staf")
    assert TEXT in staf.get(PAGE).text
    execute("UPDATE addon_enablement SET enabled = false WHERE addon = 'rooms'")
    execute("UPDATE registry_state SET access_version = access_version + 1, registry_version = registry_version + 1")
    assert TEXT not in staf.get(PAGE).text
    assert unread(staf) == 0
    assert tell("kendal.staf") == 0, "an addon that is off tells nobody anything"


def test_the_database_itself_keeps_others_out(tell: Any, addresses: Addresses, ids: dict[str, int]) -> None:
    tell("kendal.staf")
    seen = {}
    for name in ("kendal.staf", "kendal.admin", ""):
        with psycopg.connect(libpq_address(addresses.application)) as connection:
            institution = "SELECT institution_id FROM role_assignment WHERE user_id = %s LIMIT 1"
            here = connection.execute(institution.encode(), [ids["kendal.staf"]]).fetchone()[0]
            user = str(ids[name]) if name else ""
            tell_scope = "SELECT set_config('app.read_institutions', %s, true), set_config('app.user_id', %s, true), \
                set_config('app.write_institution', %s, true)"
            connection.execute(tell_scope.encode(), [f"{{{here}}}", user, str(here)])
            rows = connection.execute("SELECT text FROM notification").fetchall()
            changed = connection.execute("UPDATE notification SET read_at = now()").rowcount
            seen[name] = (rows, changed)
            connection.rollback()
    assert seen == {"kendal.staf": ([(TEXT,)], 1), "kendal.admin": ([], 0), "": ([(TEXT,)], 1)}


def test_old_ones_are_forgotten(app: Any, tell: Any, execute: Any) -> None:
    for text in ("lama", "baru", "dibaca"):
        tell("kendal.staf", text=text)
    execute("UPDATE notification SET created_at = now() - interval '400 days' WHERE text = 'lama'")
    execute("UPDATE notification SET read_at = %s WHERE text = 'dibaca'", clock.now() - timedelta(days=91))
    with app.app_context(), acting_as_system("kendal", "a test of housekeeping"):
        prune_notifications(db.session())
        db.session.commit()
    assert execute("SELECT text FROM notification") == [("baru",)]


def test_the_words_of_an_erased_person_go_out_of_notifications(app: Any, tell: Any, execute: Any) -> None:
    tell("kendal.staf", text="Sulastri Contoh menyebut Anda")
    tell("kendal.staf", text="Tugas baru")
    with app.app_context(), acting_as_system("kendal", "a test of erasing"):
        assert forget_words(db.session(), {"sulastri contoh"}) == 1
        db.session.commit()
    assert execute("SELECT text FROM notification") == [("Tugas baru",)]


def test_ordinary_pages_ask_nothing_for_the_bell(tell: Any, person: Any) -> None:
    tell("kendal.staf")
    page = person("kendal.staf").get(ROOM).text
    assert f'data-bell="{PAGE}count"' in page
    assert f'href="{PAGE}"' in page, "a link for whoever has no JavaScript"
    assert TEXT not in page


def test_a_service_reads_only_ones_own(acting: Any, tell: Any) -> None:
    tell("kendal.staf")
    with acting("kendal.staf", "kendal"):
        assert unread_count() == 1
        choose_mail(True)
    with acting("kendal.admin", "kendal"):
        assert unread_count() == 0
        assert db.session.scalars(select(Notification)).all() == []
