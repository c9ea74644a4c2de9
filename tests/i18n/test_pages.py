"""What a reader sees: Indonesian or English as chosen, never a mixture; programs get English."""

from __future__ import annotations

import html
import re
from typing import Any

import flask_babel
import pytest
from babel import Locale
from babel.dates import get_day_names

from addons.organization.services.national_holiday import national_holidays
from app import clock
from app.testing.client import Browserish
from tests.security.world import World

INDONESIAN = {"Accept-Language": "id-ID,id;q=0.9,en;q=0.8"}
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}

# page → words that stand on it in Indonesian, and the same in English
PAGES = {
    "/partners/partner/": (("Mitra", "Saring", "Cari", "Tambah", "Jenis"), ("Partners", "Filter", "Search", "Kind")),
    "/partners/partner/add": (("Simpan", "Batal", "Surel", "Pilih …"), ("Save", "Cancel", "E-mail", "Choose …")),
    "/correspondence/letter/": (("Surat masuk", "Perihal", "Sifat"), ("Incoming letters", "Subject", "Nature")),
    "/procedures/my_work/": (("Pekerjaan saya",), ("My work",)),
    "/procedures/procedure/1": (
        ("Pelaksana", "Kelengkapan", "Waktu baku", "perlu konfirmasi", "belum ditetapkan", "Dasar hukum"),
        ("Executor", "Papers", "needs confirmation", "not set", "Legal basis"),
    ),
    "/agreements/agreement/": (("Naskah kerja sama", "Status"), ("Agreements", "State")),
    "/rooms/booking/": (("Pemakaian ruang", "Keperluan"), ("Room bookings", "Purpose")),
    "/kernel/roles/": (("Peran dan hak akses", "Pengaturan"), ("Roles and rights", "Settings")),
    "/kernel/addons/": (("Nonaktifkan", "Memerlukan:"), ("Switch off", "Needs:")),
    "/no/such/page": (
        ("Halaman ini tidak ada.", "Galat 404", "Ke beranda"),
        ("This page does not exist.", "Error 404"),
    ),
    "/partners/partner/999999": (("Data ini tidak ada", "Galat 404"), ("This record does not exist", "Error 404")),
    "/partners/partner/?page=x": (("Nomor halaman tidak dapat dibaca.",), ("The page number cannot be read.",)),
}


def language_of(page: str) -> str:
    """The language that a page says it is in."""
    found = re.search(r'<html lang="(\w+)"', page)
    assert found, page[:200]
    return found[1]


@pytest.fixture(scope="module")
def administrator(world: World) -> Browserish:
    """Kendal's administrator, who may open every page; no test of this module changes anything that lasts."""
    return world.person("kendal.admin")


@pytest.fixture
def nobody(world: World) -> Browserish:
    """A visitor who has not signed in."""
    return Browserish(world.app)


@pytest.fixture
def staff(world: World) -> Browserish:
    """A clerk of Kendal in a browser of their own, which asks for English."""
    return Browserish(world.app).sign_in("kendal.staf")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_wholly_indonesian_or_wholly_english(administrator: Browserish, path: str) -> None:
    indonesian, english = PAGES[path]
    page = html.unescape(administrator.get(path, headers=INDONESIAN).text)
    assert language_of(page) == "id"
    assert [word for word in indonesian if word not in page] == []
    assert [word for word in english if f">{word}<" in page] == []
    page = html.unescape(administrator.get(path, headers=ENGLISH).text)
    assert language_of(page) == "en"
    assert [word for word in english if word not in page] == []
    assert [word for word in indonesian if f">{word}<" in page] == []


def test_the_login_page_and_its_refusals_are_indonesian(nobody: Browserish) -> None:
    nobody.headers = dict(INDONESIAN)
    page = nobody.get("/login/").text
    assert all(word in page for word in ("<h1>Masuk</h1>", "Nama pengguna", "Kata sandi"))
    assert "Password" not in page
    empty = nobody.send("/login/", {"username": "", "password": ""})
    assert empty.text.count("Tidak boleh kosong.") == 2
    wrong = nobody.send("/login/", {"username": "kendal.staf", "password": "wrong"})
    assert "Nama pengguna atau kata sandi salah." in wrong.text


def test_messages_of_wtforms_and_ours_follow_the_language(administrator: Browserish) -> None:
    fields = {"name": "", "website": "x" * 1000}
    for headers, required, too_long in (
        (INDONESIAN, "Tidak boleh kosong.", "Isian tidak boleh lebih dari"),
        (ENGLISH, "This field is required.", "Field cannot be longer than"),
    ):
        tokens = administrator.hidden("/partners/partner/add")
        page = administrator.http.post("/partners/partner/add", data={**tokens, **fields}, headers=headers)
        assert page.status_code == 422
        assert required in page.text
        assert too_long in page.text


def test_a_refusal_of_a_service_is_said_in_the_readers_language(administrator: Browserish) -> None:
    fields = {"name": "SD Negeri Contoh 1 Kendal"}
    tokens = administrator.hidden("/partners/partner/add")
    page = administrator.http.post("/partners/partner/add", data={**tokens, **fields}, headers=INDONESIAN)
    assert "Mitra SD Negeri Contoh 1 Kendal sudah ada." in page.text


def test_numbers_of_things_take_one_form_in_indonesian_and_two_in_english(world: World) -> None:
    with world.app.test_request_context("/"):
        for language, told in (("id", ["1 data", "2 data"]), ("en", ["1 record", "2 records"])):
            with flask_babel.force_locale(language):
                forms = [flask_babel.ngettext("%(num)s record", "%(num)s records", count) for count in (1, 2)]
                assert forms == told


# ---- choosing the language -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("id-ID,id;q=0.9,en-US;q=0.8", "id"),
        ("id", "id"),
        ("en-US,en;q=0.9", "en"),
        ("en;q=0.1,id;q=0.9", "id"),
        ("fr-FR,fr;q=0.9", "id"),  # neither of ours: Indonesian
        ("fr,en;q=0.5", "en"),
        ("*", "id"),
        ("", "id"),
        (";;q=nonsense,,", "id"),
    ],
)
def test_the_browsers_language_is_followed(nobody: Browserish, asked: str, given: str) -> None:
    assert language_of(nobody.get("/login/", headers={"Accept-Language": asked}).text) == given


def test_the_chosen_language_wins_over_the_browsers_and_lasts(staff: Browserish) -> None:
    answer = staff.send("/language", {"language": "id", "next": "/partners/partner/"}, form_at="/partners/partner/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/partners/partner/")
    assert language_of(staff.get("/partners/partner/").text) == "id"
    assert language_of(staff.get("/rooms/room/").text) == "id"
    staff.send("/language", {"language": "en"}, form_at="/partners/partner/")
    assert language_of(staff.get("/partners/partner/", headers=INDONESIAN).text) == "en"


@pytest.mark.parametrize("wanted", ["xx", "", "../../etc", "id;en"])
def test_an_unknown_language_is_not_taken(staff: Browserish, wanted: str) -> None:
    assert staff.send("/language", {"language": wanted}, form_at="/partners/partner/").status_code == 302
    assert language_of(staff.get("/partners/partner/").text) == "en"


def test_the_way_back_from_choosing_a_language_leads_nowhere_else(staff: Browserish) -> None:
    fields = {"language": "id", "next": "https://example.org/"}
    assert staff.send("/language", fields, form_at="/partners/partner/").headers["Location"] == "/"


def test_choosing_a_language_needs_a_token_of_ours(staff: Browserish) -> None:
    assert staff.http.post("/language", data={"language": "id"}, headers=staff.headers).status_code == 400
    assert language_of(staff.get("/partners/partner/").text) == "en"


@pytest.mark.parametrize("stale", ["xx", "de", "", 7, None, ["id"]])
def test_a_session_with_a_language_that_we_no_longer_have_does_no_harm(staff: Browserish, stale: Any) -> None:
    with staff.http.session_transaction() as session:
        session["locale"] = stale
    for path in ("/partners/partner/", "/no/such/page"):
        assert language_of(staff.get(path, headers=INDONESIAN).text) == "id"


def test_the_language_outlives_signing_in(nobody: Browserish) -> None:
    staff = nobody
    with staff.http.session_transaction() as session:
        session["locale"] = "id"
    staff.sign_in("kendal.staf")
    assert language_of(staff.get("/partners/partner/").text) == "id"


# ---- programs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("GET", "partner/999999", None, 404, "This record does not exist, or you may not see it."),
        ("GET", "no_such_thing", None, 404, "This page does not exist."),
        ("POST", "partner/", {}, 422, "This field is required."),
        ("POST", "partner/", {"name": 3}, 422, "Not of the right type."),
        ("POST", "partner/", {"name": "SD Negeri Contoh 1 Kendal"}, 409, "There is already a partner SD Negeri"),
        ("DELETE", "institution/1", None, 404, "This page does not exist."),
    ],
)
def test_errors_of_the_api_are_english_whatever_the_program_accepts(
    world: World, method: str, path: str, body: Any, status: int, told: str
) -> None:
    script = Browserish(world.app).with_token("kendal.admin")
    script.headers |= INDONESIAN
    answer = script.api(method, path, body)
    assert (answer.status_code, told in answer.text) == (status, True), answer.text


def test_an_api_without_a_token_refuses_in_english(nobody: Browserish) -> None:
    answer = nobody.http.get("/api/v1/partner/", headers=INDONESIAN)
    assert (answer.status_code, answer.json["message"]) == (401, "You are not signed in.")  # type: ignore[index]


def test_a_session_in_indonesian_still_gets_english_from_the_api(staff: Browserish) -> None:
    staff.send("/language", {"language": "id"}, form_at="/partners/partner/")
    answer = staff.http.get("/api/v1/partner/999999")
    assert answer.json == {"code": "not_found", "message": "This record does not exist, or you may not see it."}
    page = staff.http.get("/partners/partner/999999", headers={"Accept": "application/json"})
    assert page.json == answer.json


# ---- nothing escapes the catalogues --------------------------------------------------------------------------------

INVISIBLE = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
SPOKEN = re.compile(r'\b(?:title|aria-label|placeholder|alt|data-confirm|data-label|data-word-[\w-]+)="([^"]*)"')
TRANSLATED = re.compile(r"⟦[^⟦⟧]*⟧")
SEPARATORS = re.compile(r"[·–—,;:()\[\]/+*→|\"“”\n]+")
OUR_OWN = {"sinergi", "bahasa indonesia", "english", "id", "kb", "mb", "ctrl", "ctrl k"} | {
    "csv",
    "xlsx",
    "yaml",
    "bpmn",
}
SKIPPED = re.compile(r"^/(static|dummy|api|lang|logout|kernel/help)\b")
"""What has no texts of ours; the guide is written in Indonesian."""


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every text that goes through the catalogues comes out in brackets."""

    def mark(translate: Any) -> Any:
        return lambda self, *texts, **values: f"⟦{translate(self, *texts, **values)}⟧"

    for name in ("gettext", "ngettext"):
        monkeypatch.setattr(flask_babel.Domain, name, mark(getattr(flask_babel.Domain, name)))


def untranslated_pieces(page: str) -> set[str]:
    """The pieces of text on ``page`` that went through no catalogue and hold no digit, in small letters."""
    visible = INVISIBLE.sub(" ", page)
    text = html.unescape("\n".join([*SPOKEN.findall(visible), re.sub(r"<[^>]*>", "\n", visible)]))
    while TRANSLATED.search(text):
        text = TRANSLATED.sub("", text)
    pieces = {piece.strip(" .?!").casefold() for piece in SEPARATORS.split(text)}
    return {piece for piece in pieces if re.search(r"[a-z]{2}", piece) and not re.search(r"\d", piece)}


def stored_text(world: World) -> str:
    """Everything that stands in the database, in small letters."""
    with world.owner() as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [row for (table,) in tables for row in connection.execute(f'SELECT to_jsonb(t) FROM "{table}" t')]
        people = connection.execute("SELECT first_name || ' ' || last_name FROM ab_user").fetchall()
    values = [value for (row,) in rows for value in row.values()] + [name for (name,) in people]
    return "\n".join(str(value) for value in values).casefold()


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("username", ["kendal.admin", "unair.admin"])
def test_whatever_a_page_says_is_translated_or_stored(world: World, username: str) -> None:
    """Walks every page that a person can reach by links, and finds texts that were written into code or templates."""
    reader = world.person(username)
    waiting, seen, left = ["/"], set(), {}
    known = stored_text(world)
    known += known.replace("_", " ")
    # National holidays have official names, which are Indonesian in every language.
    known += "\n".join(item.title for item in national_holidays(clock.now().year).values()).casefold()
    known += "\n".join(get_day_names(locale="id").values()).casefold()
    known += "\n".join(Locale("id").territories.values()).casefold()
    while waiting:
        path = waiting.pop()
        kind = re.sub(r"\d+", "0", path.split("?")[0])
        kind = re.sub(r"/kernel/roles/[^/]+(/columns)?.*", r"/kernel/roles/0\1", kind)  # one role, one model
        if kind in seen or SKIPPED.match(path):
            continue
        seen.add(kind)
        answer = reader.get(path, headers=INDONESIAN, follow_redirects=True)
        if "html" not in answer.content_type:
            continue
        for piece in untranslated_pieces(answer.text) - OUR_OWN:
            if piece.removesuffix("…").strip() not in known:
                left[piece] = path
        waiting += [html.unescape(link) for link in re.findall(r'(?:href|data-load)="(/[^"#]*)"', answer.text)]
    assert len(seen) > 60, sorted(seen)
    assert left == {}
