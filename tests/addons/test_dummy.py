"""What an addon can do without touching the kernel or another addon, shown by the dummy addon of this folder.

It is loaded in every test run. No institution has it from the start, so its absence is shown as well as its presence.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.administration import give_role, people_here
from app.database.scope import current_scope
from app.database.session import db
from app.errors import Conflict, NotFound
from app.records.service import service_of
from app.registry.enablement import disable, enable, enabled_addons
from app.testing.addon_rules import declaration_lines
from app.testing.client import Browserish

pytestmark = pytest.mark.postgres

DUMMY = Path(__file__).parent / "dummy"
ROOT = DUMMY.parents[2]


@pytest.fixture
def dummy(acting: Callable[..., Any]) -> Any:
    """The dummy addon is enabled for Kendal, and only there."""
    with acting("kendal.admin", "kendal") as access:
        enable(db.session(), access.institution_id, "dummy")
        db.session.commit()
    from addons.dummy.models import note

    return note


@pytest.fixture
def partner() -> Any:
    from addons.partners.models.partner import Partner

    return Partner


def test_a_model_and_its_screens_take_at_most_25_lines_of_declaration() -> None:
    lines = declaration_lines(DUMMY / "models/note.py")["Note"] + declaration_lines(DUMMY / "views/note.py")["NoteView"]
    assert 10 < lines <= 25


def test_neither_the_kernel_nor_another_addon_knows_the_dummy() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "app", "addons", "config.py", "run.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    sources = [ROOT / name for name in tracked if name.endswith((".py", ".csv", ".yaml", ".html"))]
    # The plugin that loads this folder is the only one that may speak of it.
    sources = [path for path in sources if path.is_file() and "app/testing" not in str(path)]
    assert len(sources) > 100
    assert [str(path) for path in sources if re.search(r"\bdummy", path.read_text(), re.IGNORECASE)] == []


def test_the_dummy_imports_nothing_of_the_kernel_but_app_addon() -> None:
    imported = {
        node.module
        for path in DUMMY.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app")
    }
    assert imported == {"app.addon"}


def test_no_institution_has_it_from_the_start(app: Flask) -> None:
    from app.access.acting import institutions

    with app.app_context():
        assert len(institutions()) == 3
        for institution_id in institutions():
            assert "partners" in enabled_addons(institution_id)
            assert "dummy" not in enabled_addons(institution_id)


# Pages and API ----------------------------------------------------------------------------------------------------


def test_where_it_is_enabled_its_list_form_and_menu_work(dummy: Any, person: Callable[[str], Browserish]) -> None:
    admin = person("kendal.admin")
    page = admin.get("/dummy/dummy_note/")
    assert page.status_code == 200
    assert "Welcome to dummy" in page.text
    assert 'href="/dummy/dummy_note/"' in admin.get("/partners/partner/").text

    answer = admin.send("/dummy/dummy_note/add", {"title": "Seen by a person", "mood": "bad", "partner": ""})
    assert answer.status_code == 302, answer.text
    record = admin.get(answer.location)
    assert "Seen by a person" in record.text
    assert "Seen by a person" in admin.get("/dummy/dummy_note/?q=person").text
    assert "Seen by a person" not in admin.get("/dummy/dummy_note/?f_mood=good").text


def test_where_it_is_enabled_its_api_works(dummy: Any, program: Callable[..., Browserish]) -> None:
    script = program("kendal.admin", "kendal")
    created = script.api("POST", "dummy_note/", {"title": "From a program", "mood": "good"})
    assert created.status_code == 201, created.text
    number = created.json["id"]
    assert script.api("GET", f"dummy_note/{number}").json["result"]["title"] == "From a program"
    changed = script.api("PUT", f"dummy_note/{number}", {"mood": "bad", "version": 1})
    assert changed.json["result"]["mood"] == "bad"
    assert script.api("POST", f"dummy_note/{number}/do/close").json["result"]["state"] == "closed"
    assert script.api("DELETE", f"dummy_note/{number}").status_code == 200
    assert number not in script.api("GET", "dummy_note/").json["ids"]


def test_where_it_is_off_its_pages_api_and_menu_do_not_exist(dummy: Any, person: Any, program: Any) -> None:
    admin, script = person("unair.admin"), program("unair.admin", "unair")
    for path in ("/dummy/dummy_note/", "/dummy/dummy_note/add", "/dummy/dummy_note/1"):
        assert admin.get(path).status_code == 404, path
    page = admin.get("/partners/partner/")
    assert page.status_code == 200
    assert "dummy" not in page.text.lower()
    for method, path in (("GET", ""), ("POST", ""), ("GET", "_info"), ("GET", "1"), ("PUT", "1"), ("DELETE", "1")):
        answer = script.api(method, f"dummy_note/{path}", {"title": "x"} if method in {"POST", "PUT"} else None)
        assert answer.status_code == 404, (method, path)


def test_its_column_stands_in_the_forms_lists_and_schemas_of_partners_only_where_it_is_enabled(
    dummy: Any, person: Any, program: Any
) -> None:
    kendal, unair = person("kendal.admin"), person("unair.admin")
    for path in ("/partners/partner/add", "/partners/partner/"):
        assert "dummy" in kendal.get(path).text.lower(), path
        assert "dummy" not in unair.get(path).text.lower(), path
    info = program("kendal.admin", "kendal").api("GET", "partner/_info").json
    names = [column["name"] for column in info["add_columns"]]
    assert names[names.index("name") + 1] == "dummy_rating"
    assert "dummy" not in program("unair.admin", "unair").api("GET", "partner/_info").text.lower()


def test_its_column_is_saved_where_it_is_enabled_and_refused_where_it_is_off(dummy: Any, program: Any) -> None:
    body = {"name": "Perpustakaan Contoh Baru", "dummy_rating": 5}
    created = program("kendal.admin", "kendal").api("POST", "partner/", body)
    assert created.json["result"]["dummy_rating"] == 5
    refused = program("unair.admin", "unair").api("POST", "partner/", body)
    assert refused.status_code in {400, 422}
    accepted = program("unair.admin", "unair").api("POST", "partner/", {"name": "Perpustakaan Contoh Baru"})
    assert accepted.status_code == 201
    assert "dummy_rating" not in accepted.json["result"]


# Roles and hooks --------------------------------------------------------------------------------------------------


def test_its_role_can_be_given_and_opens_its_pages(dummy: Any, acting: Any, person: Any) -> None:
    assert person("kendal.staf").get("/dummy/dummy_note/").status_code == 403
    with acting("kendal.admin", "kendal"):
        staf = next(user for user in people_here(db.session()) if user.username == "kendal.staf")
        give_role(db.session(), staf.id, "dummy.keeper")
        db.session.commit()
    page = person("kendal.staf").get("/dummy/dummy_note/")
    assert page.status_code == 200
    assert "Welcome to dummy" in page.text


def test_its_role_does_not_exist_where_it_is_off(dummy: Any, acting: Any) -> None:
    with acting("unair.admin", "unair"):
        humas = next(user for user in people_here(db.session()) if user.username == "unair.humas")
        with pytest.raises(NotFound):
            give_role(db.session(), humas.id, "dummy.keeper")


def test_its_receiver_acts_where_it_is_enabled_and_is_silent_where_it_is_off(
    dummy: Any, partner: Any, acting: Any
) -> None:
    count = select(func.count()).select_from(dummy.Note)
    for username, institution, noted in (("kendal.admin", "kendal", 1), ("unair.admin", "unair", 0)):
        with acting(username, institution):
            before = db.session.scalar(count)
            created = service_of(partner).create({"name": "Mitra Contoh"})
            assert db.session.scalar(count) == before + noted
            assert db.session.scalar(select(func.count()).where(dummy.Note.partner_id == created.id)) == noted
            db.session.rollback()


def test_its_receiver_may_refuse_and_nothing_is_half_saved(dummy: Any, partner: Any, acting: Any) -> None:
    named = select(func.count()).where(partner.name == "Refused by dummy")
    with acting("kendal.admin", "kendal"):
        with pytest.raises(Conflict, match="The dummy addon refuses this partner"):
            service_of(partner).create({"name": "Refused by dummy"})
        db.session.commit()
        assert db.session.scalar(named) == 0
    with acting("unair.admin", "unair"):
        service_of(partner).create({"name": "Refused by dummy"})
        assert db.session.scalar(named) == 1


# Off again --------------------------------------------------------------------------------------------------------


def test_switched_off_again_it_vanishes_and_switched_on_again_its_records_are_there(
    dummy: Any, acting: Any, person: Any, program: Any
) -> None:
    created = program("kendal.admin", "kendal").api("POST", "dummy_note/", {"title": "Kept meanwhile", "mood": "good"})
    assert created.status_code == 201
    for switch, status in ((disable, 404), (enable, 200)):
        with acting("kendal.admin", "kendal") as access:
            switch(db.session(), access.institution_id, "dummy")
            db.session.commit()
        page = person("kendal.admin").get("/dummy/dummy_note/")
        assert page.status_code == status
        assert ("Kept meanwhile" in page.text) == (status == 200)


def test_enabling_it_twice_loads_its_data_once(dummy: Any, acting: Any) -> None:
    welcome = select(func.count()).where(dummy.Note.title == "Welcome to dummy")
    with acting("kendal.admin", "kendal") as access:
        enable(db.session(), access.institution_id, "dummy")
        assert db.session.scalar(welcome) == 1
        assert current_scope(db.session()).institution_id == access.institution_id


def test_a_partner_is_saved_alike_whether_the_dummy_is_loaded_or_not(partner: Any, acting: Any) -> None:
    with acting("unair.admin", "unair"):
        created = service_of(partner).create({"name": "Mitra Tanpa Tambahan"})
        db.session.flush()
        assert created.dummy_rating is None
