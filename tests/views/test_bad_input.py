"""Wrong, doubled, late and hostile input: always an answer, never a crash, and what was typed is kept."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.testing.client import Browserish
from app.testing.live import LiveServer
from tests.security.routes import PUBLIC, addresses
from tests.security.world import World, token_of

SEEDED = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


SAMPLE = {"", "partners.Partner", "rooms.Booking", "procedures.Task"}
"""Generated screens are alike: where an address takes many requests, these stand for all; ``""`` is any other page."""


@pytest.fixture(scope="module")
def admin(world: World) -> Browserish:
    """Kendal's administrator."""
    return world.person("kendal.admin")


@pytest.fixture(scope="module")
def script(world: World) -> Browserish:
    """A script of the same person."""
    return world.program("kendal.admin")


def rooms_called(world: World, name: str) -> int:
    """How many rooms of Kendal have this name."""
    from app.database.base import models

    room = models["rooms.Room"]
    return int(world.value("kendal", select(func.count()).select_from(room).where(room.name == name)))


# The same form twice -------------------------------------------------------------------------------------------


def test_a_form_sent_twice_is_saved_once_and_leads_to_the_same_record(world: World, admin: Browserish) -> None:
    sent = {**admin.hidden("/rooms/room/add"), "name": "Ruang Sekali"}
    first = admin.http.post("/rooms/room/add", data=sent, headers=admin.headers)
    second = admin.http.post("/rooms/room/add", data={**sent, "name": "Ruang Dua Kali"}, headers=admin.headers)
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert "it was not saved twice" in admin.get(second.headers["Location"]).text
    assert (rooms_called(world, "Ruang Sekali"), rooms_called(world, "Ruang Dua Kali")) == (1, 0)


def test_a_form_that_was_refused_can_be_sent_again(world: World, admin: Browserish) -> None:
    sent = {**admin.hidden("/rooms/room/add"), "name": "Aula"}
    assert admin.http.post("/rooms/room/add", data=sent, headers=admin.headers).status_code == 409
    sent["name"] = "Aula Baru"
    assert admin.http.post("/rooms/room/add", data=sent, headers=admin.headers).status_code == 302
    assert rooms_called(world, "Aula Baru") == 1


def test_the_location_of_a_strangers_form_is_not_told(world: World, admin: Browserish) -> None:
    sent = {**admin.hidden("/rooms/room/add"), "name": "Ruang Milik Admin"}
    location = admin.http.post("/rooms/room/add", data=sent, headers=admin.headers).headers["Location"]
    other = world.person("kendal.kabid")
    stolen = {
        "csrf_token": other.hidden("/rooms/room/add")["csrf_token"],
        "form_token": sent["form_token"],
        "name": "X",
    }
    answer = other.http.post("/rooms/room/add", data=stolen, headers=other.headers)
    assert answer.status_code == 302
    assert answer.headers["Location"] != location
    assert rooms_called(world, "X") == 0


class LiveBrowser:
    """A browser against the running server: cookies, no redirects followed."""

    def __init__(self, server: LiveServer) -> None:
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_what: Any) -> None:
                return None

        self.url = server.url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), Stay())

    def open(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, location and text of the answer."""
        body = urllib.parse.urlencode(fields).encode() if fields is not None else None
        try:
            with self.opener.open(self.url + path, body, timeout=30) as answer:
                return answer.status, "", answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers.get("Location", ""), answer.read().decode()

    def tokens(self, path: str) -> dict[str, str]:
        """The hidden fields of the form at ``path``."""
        page = self.open(path)[2]
        return dict(re.findall(r'<input type="hidden" name="(csrf_token|form_token)" value="([^"]+)"', page)[::-1])

    def sign_in(self, username: str) -> LiveBrowser:
        """Sign in by the login page."""
        sent = {**self.tokens("/login/"), "username": username, "password": "sinergi-demo"}
        assert self.open("/login/", sent)[0] == 302
        return self


def test_a_double_click_that_reaches_two_processes_at_once_is_saved_once(live: LiveServer) -> None:
    browser = LiveBrowser(live).sign_in("kendal.kabid")
    for turn in range(4):
        sent = {**browser.tokens("/rooms/room/add"), "name": f"Ruang Ganda {turn}"}
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _n, sent=sent: browser.open("/rooms/room/add", sent), range(4)))
        assert [status for status, _location, _text in answers] == [302] * 4
        assert len({location for _status, location, _text in answers}) == 1
        found = browser.open(f"/rooms/room/?q=Ganda+{turn}")[2]
        assert "1 ruang" in found.lower() or found.count(f">Ruang Ganda {turn}</a>") == 1


# Over somebody else's save ----------------------------------------------------------------------------------------


def test_an_edit_over_a_newer_save_shows_the_difference_and_keeps_the_typing(world: World, admin: Browserish) -> None:
    pk = world.ids["kendal"]["partners.Partner"]
    path, colleague = f"/partners/partner/{pk}/edit", world.person("kendal.kabid")
    base = {"name": "Mitra Bersama", "level": "local", "email": "", "phone": "", "website": "", "region_code": ""}
    assert admin.send(path, {**base, "city": "Kendal"}).status_code == 302
    mine = admin.hidden(path)
    assert colleague.send(path, {**base, "city": "Weleri"}).status_code == 302
    refused = admin.http.post(path, data={**mine, **base, "city": "Boja", "note": "Catatan"}, headers=admin.headers)
    assert refused.status_code == 409
    assert "Somebody else changed this record in the meantime." in refused.text
    difference = refused.text[refused.text.index("What differs") : refused.text.index("</table>")]
    assert "Weleri" in difference
    assert "Boja" in difference
    assert 'value="Boja"' in refused.text
    assert "Catatan</textarea>" in refused.text
    assert world.column("kendal", "partners.Partner", "city") == "Weleri"
    fresh = dict(re.findall(r'name="(csrf_token|form_token|version)" value="([^"]+)"', refused.text)[::-1])
    assert re.search(r'name="take_stored" value="city">', refused.text), "both changed it: the person decides"
    again = admin.http.post(path, data={**fresh, **base, "city": "Boja"}, headers=admin.headers)
    assert again.status_code == 302
    assert world.column("kendal", "partners.Partner", "city") == "Boja"


def test_what_only_the_other_one_changed_is_taken_over_unless_the_person_says_otherwise(
    world: World, admin: Browserish
) -> None:
    pk = world.ids["kendal"]["partners.Partner"]
    path, colleague = f"/partners/partner/{pk}/edit", world.person("kendal.kabid")
    base = {"name": "Mitra Bersama", "level": "local", "email": "", "phone": "", "website": "", "region_code": ""}
    assert admin.send(path, {**base, "city": "Kendal", "note": "Semula"}).status_code == 302
    mine = admin.hidden(path)
    assert colleague.send(path, {**base, "city": "Weleri", "note": "Semula"}).status_code == 302
    typed = {**base, "city": "Kendal", "note": "Catatan saya"}
    refused = admin.http.post(path, data={**mine, **typed}, headers=admin.headers)
    assert re.search(r'name="take_stored" value="city" checked', refused.text)
    assert re.search(r'name="take_stored" value="note">', refused.text)
    assert "Kepala Bidang" in refused.text or "saved it on" in refused.text
    fresh = dict(re.findall(r'name="(csrf_token|form_token|version)" value="([^"]+)"', refused.text)[::-1])
    again = admin.http.post(path, data={**fresh, **typed, "take_stored": "city"}, headers=admin.headers)
    assert again.status_code == 302
    assert world.column("kendal", "partners.Partner", "city") == "Weleri"
    assert world.column("kendal", "partners.Partner", "note") == "Catatan saya"


@pytest.mark.parametrize("version", ["x", "-1", "1.5", "9" * 20, "9" * 5000, "\x00"])
def test_a_version_that_is_no_number_is_a_400(world: World, admin: Browserish, version: str) -> None:
    path = f"/rooms/room/{world.ids['kendal']['rooms.Room']}/edit"
    sent = {**admin.hidden(path), "name": "Apa saja", "version": version}
    assert admin.http.post(path, data=sent, headers=admin.headers).status_code == 400
    assert rooms_called(world, "Apa saja") == 0


# A session that ended ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_to", "comes_back_to"),
    [
        ("/rooms/room/add", "/rooms/room/add"),
        ("/rooms/room/1/edit", "/rooms/room/1/edit"),
        ("/rooms/booking/add?room=2&next=/rooms/room/2", "/rooms/booking/add?room=2&next=/rooms/room/2"),
        ("/rooms/room/1/archive", "/rooms/room/1"),
        ("/rooms/booking/1/do/cancel", "/rooms/booking/1"),
        ("/correspondence/outgoing_letter/1/ask/send", "/correspondence/outgoing_letter/1/ask/send"),
        ("/partners/partner/1/files", "/partners/partner/1"),
        ("/procedures/work/1/done", "/"),
        ("/kernel/addons/rooms/enable", "/kernel/addons"),
        ("/institution", "/"),
        ("/logout/", "/"),
    ],
)
def test_a_form_sent_after_the_session_ended_leads_to_the_login_and_back_to_its_page(
    world: World, sent_to: str, comes_back_to: str
) -> None:
    visitor = Browserish(world.app)
    answer = visitor.http.post(sent_to, data={"name": "x", "csrf_token": "old"})
    assert answer.status_code == 302
    address = urllib.parse.urlsplit(answer.headers["Location"])
    asked = urllib.parse.parse_qs(address.query)
    assert (address.path, asked) == ("/login/", {"next": [comes_back_to], "expired": ["1"]})
    assert "Your session has ended." in visitor.get(answer.headers["Location"]).text
    back = visitor.send(answer.headers["Location"], {"username": "kendal.admin", "password": "sinergi-demo"})
    assert back.headers["Location"] == comes_back_to
    assert visitor.get(comes_back_to, follow_redirects=True).status_code in {200, 404}


# Addresses nobody would type -----------------------------------------------------------------------------------------

UNREADABLE = [
    "page=abc",
    "page=-1",
    "page=1.5",
    "page=" + "9" * 20,
    "size=abc",
    f"size={10**20}",
    "size=-5",
    "order=nothing",
    "order=--name",
    "order=name;drop table",
    "order=%00",
    "archived=maybe",
    "archived=2",
    "f_state=zzz",
    "f_room=abc",
    "f_room=" + "9" * 20,
    "f_room=-1",
    "f_starts_at_from=soon",
    "f_starts_at_from=0000-00-00",
    "f_starts_at_to=99999-01-01",
    "f_case=%00",
    "f_nothing=1",
    "f_institution_id=1",
    "f_=",
    "q=%00",
    "q=a%00b",
    "page=%C3%28",
]
HARMLESS = [
    "q=%FF%FE",
    "q=" + "x" * 3000,
    "q=" + "a+" * 500,
    "q=%25%27%22%3B--",
    "q=%5C",
    "page=99999999",
    "size=0",
    "size=1000000",
    "page=1&page=2",
    "x=1&x=2&y[]=3",
    "f_room=",
    "order=",
    "page=",
    "endpoint=x&_method=PUT&_scheme=javascript&_external=1",
    "_anchor=x&pk=5&self=1&values=2&name=3",
    "next=//evil.example",
    "&&&=&=",
    "%",
    "%zz=%zz",
    "q=" + "%F0%9F%98%80" * 50,
]


@pytest.mark.parametrize("query", UNREADABLE)
def test_a_list_refuses_what_it_cannot_read(admin: Browserish, query: str) -> None:
    answer = admin.get(f"/rooms/booking/?{query}")
    assert answer.status_code == 400
    assert 'class="error-message"' in answer.text or "error" in answer.text
    assert "javascript:" not in answer.text


@pytest.mark.parametrize("query", HARMLESS)
def test_a_list_answers_what_is_only_odd(admin: Browserish, query: str) -> None:
    answer = admin.get(f"/rooms/booking/?{query}")
    assert answer.status_code == 200
    assert "javascript:" not in answer.text
    assert 'href="//' not in answer.text


def test_no_address_with_an_impossible_id_or_name_does_more_than_refuse(
    world: World, admin: Browserish, script: Browserish
) -> None:
    wrong, seen = [], 0
    for address in addresses(world, "GET"):
        if str(address.rule.endpoint) in PUBLIC or not address.rule.arguments or address.model not in SAMPLE:
            continue
        client = script if address.path.startswith("/api/") else admin
        for value in ("9" * 20, "0", "%00", "%F0%9F%98%80", "..%2f..%2fetc", "x" * 2000):
            path = re.sub(r"<[^>]+>", value, address.rule.rule)
            answer = client.get(path)
            of_platform = str(address.rule.endpoint).startswith("kernel_addon_requests_page.")
            if answer.status_code not in ({400, 403, 404} if of_platform else {400, 404}):
                wrong.append(f"{path[:120]}: {answer.status_code}")
            seen += 1
    assert not wrong, "\n".join(wrong)
    assert seen > 100


def test_no_address_stumbles_over_a_query_full_of_nonsense(world: World, admin: Browserish, script: Browserish) -> None:
    nonsense = (
        "page=abc&size=1e9&order=%00&archived=x&q=%00%FF&f_state=%00&f_x=1&next=//e&case=%00&partner=99999999999&name=%00"
        "&endpoint=x&_method=PUT&expired=2&room=-1&purpose=" + "x" * 3000
    )
    wrong = []
    kinds = {"list_page", "show", "add", "get_list", "get", "related", "index", "lookup", "login", "health"}
    for address in addresses(world, "GET"):
        if address.name not in kinds:
            continue
        client = script if address.path.startswith("/api/") else admin
        answer = client.get(f"{address.path}?{nonsense}")
        if answer.status_code >= 500:
            wrong.append(f"{address.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_form_stumbles_over_fields_full_of_nonsense(world: World, admin: Browserish) -> None:
    from app.views.model_view import views

    token, wrong = token_of(admin), []
    for nonsense in ("\x00", "9" * 5000, "\ud83d", "2024-13-45T99:99 \u202e'\"\\"):
        for view in views.values():
            if not view.may_add:
                continue
            names = view.add_columns or view.form_columns
            sent = urllib.parse.urlencode(
                {"csrf_token": token, "form_token": nonsense, "next": nonsense, "version": "1"}
                | dict.fromkeys(names, nonsense),
                errors="surrogatepass",
            )
            edit = f"{view.route_base}/{world.ids['kendal'][view.key]}/edit"
            for path in (f"{view.route_base}/add", *([edit] if len(nonsense) == 1 else [])):
                answer = admin.http.post(
                    path, data=sent, headers=admin.headers, content_type="application/x-www-form-urlencoded"
                )
                if answer.status_code >= 500:
                    wrong.append(f"{path} {nonsense[:20]!r}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_page_that_takes_a_form_stumbles_over_one_that_is_none(world: World, admin: Browserish) -> None:
    token, wrong = token_of(admin), []
    headers = {**admin.headers, "X-CSRFToken": token}
    broken_part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="\x00.pdf"\r\n\r\nx\r\n--x--'
    odd = [
        (b"\xff\xfe=\xff&name=%FF", "application/x-www-form-urlencoded"),
        (broken_part, "multipart/form-data; boundary=x"),
        (b"nothing of the kind", "multipart/form-data"),
        (b'{"a": 1}', "application/json"),
    ]
    for address in addresses(world, "POST"):
        # What would end the session, or the right to go on, of whoever tries the rest.
        done_elsewhere = {"archive", "restore", "logout", "disable", "take", "end", "end_all", "sign_out", "begin"}
        if address.path.startswith("/api/") or address.name in done_elsewhere or address.model not in SAMPLE:
            continue
        for body, kind in odd:
            answer = admin.http.post(address.path, data=body, headers=headers, content_type=kind)
            if answer.status_code >= 500:
                wrong.append(f"{address.path} {kind}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_too_much_at_once_is_a_413_in_words(admin: Browserish) -> None:
    token = token_of(admin)
    parts = {f"x{number}": "1" for number in range(600)} | {"csrf_token": token}
    too_long = {"csrf_token": token, "note": "x" * 700_000}
    sent: list[dict[str, Any]] = [
        {"data": parts, "content_type": "multipart/form-data"},
        {"data": too_long, "content_type": "multipart/form-data"},
        {"data": b"x" * 40_000_000, "content_type": "multipart/form-data; boundary=x"},
    ]
    for options in sent:
        answer = admin.http.post("/rooms/room/add", headers={**admin.headers, "X-CSRFToken": token}, **options)
        assert answer.status_code == 413, options.get("content_type")
        assert "too large" in answer.text
    long = {"csrf_token": token, "name": "Ruang Panjang", "note": "x" * 20_001}
    assert admin.http.post("/rooms/room/add", data=long, headers=admin.headers).status_code == 422


# Chance, with a seed -------------------------------------------------------------------------------------------------

words = st.text(max_size=30)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | words
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)
NAMES = ["room", "purpose", "starts_at", "ends_at", "participants", "responsible", "note", "case", "version", "id", "x"]
bodies = st.dictionaries(st.sampled_from(NAMES), trees, max_size=6) | trees


@SEEDED
@given(body=bodies)
def test_no_json_body_makes_the_api_stumble(world: World, script: Browserish, body: Any) -> None:
    text = json.dumps(body)
    pk = world.ids["kendal"]["rooms.Booking"]
    for method, path in (("POST", ""), ("PUT", str(pk)), ("POST", f"{pk}/do/cancel")):
        answer = script.http.open(
            f"/api/v1/booking/{path}", method=method, data=text, headers=script.headers, content_type="application/json"
        )
        assert answer.status_code < 500, (method, path, text)
        assert answer.is_json


PARAMETERS = [
    "page",
    "size",
    "order",
    "q",
    "archived",
    "f_room",
    "f_state",
    "f_starts_at_from",
    "f_starts_at_to",
    "f_x",
    "next",
]


@SEEDED
@given(query=st.lists(st.tuples(st.sampled_from(PARAMETERS), words | st.integers().map(str)), max_size=5))
def test_no_query_makes_a_list_stumble(admin: Browserish, query: list[tuple[str, str]]) -> None:
    text = urllib.parse.urlencode(query, errors="surrogatepass")
    assert admin.get(f"/rooms/booking/?{text}").status_code in {200, 400}
    assert admin.get(f"/lookup/rooms.Booking/room?{text}").status_code in {200, 400}


rison = st.recursive(
    st.sampled_from(["!t", "!f", "!n", "1", "-1", "1.5", "1e400", "name", "'a b'", "''", "'!''", "9" * 30, "x:", "é"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"!({','.join(items)})")
        | st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        "filters",
                        "col",
                        "opr",
                        "value",
                        "page",
                        "page_size",
                        "columns",
                        "search",
                        "order_column",
                        "archived",
                        "x",
                    ]
                ),
                inner,
            ),
            max_size=4,
        ).map(lambda items: "(" + ",".join(f"{key}:{value}" for key, value in items) + ")")
    ),
    max_leaves=10,
)


@SEEDED
@given(wish=rison | st.text(alphabet="!(),:'ab1 \x00", max_size=40))
def test_no_rison_makes_the_api_stumble(script: Browserish, wish: str) -> None:
    for path in ("/api/v1/booking/", "/api/v1/booking/related/room"):
        answer = script.get(path, query_string={"q": wish})
        assert answer.status_code in {200, 400}, wish
        assert answer.is_json
