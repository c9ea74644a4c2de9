"""/health for machines, and errors as people and programs read them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import make_url

from app.testing.client import Browserish
from app.testing.plugin import DATABASE
from tests.security.world import World


@pytest.fixture
def with_settings(empty_world: World) -> Any:
    """Change settings of the running application for one test."""
    app, before = empty_world.app, empty_world.app.config["SETTINGS"]

    def change(**values: Any) -> Flask:
        app.config["SETTINGS"] = replace(before, **values)
        return app

    yield change
    app.config["SETTINGS"] = before


def test_health_tells_version_and_database_and_in_development_the_addons(empty_world: World) -> None:
    answer = empty_world.app.test_client().get("/health")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json["status"] == "ok"
    assert answer.json["version"]
    assert int(answer.json["database"].split(".")[0]) >= 15
    assert set(answer.json["addons"]) >= {"partners", "procedures", "kendal", "unair"}


def test_health_in_production_tells_the_addons_only_to_whoever_has_the_token(with_settings: Any) -> None:
    client = with_settings(env="production", health_token="health-token-of-the-test").test_client()
    assert client.get("/health").json.keys() == {"status", "version", "database"}
    for wrong in ("Bearer x", "Bearer ", "health-token-of-the-test", "Bearer health-token-of-the-tes"):
        assert "addons" not in client.get("/health", headers={"Authorization": wrong}).json
    told = client.get("/health", headers={"Authorization": "Bearer health-token-of-the-test"})
    assert "partners" in told.json["addons"]
    client = with_settings(env="production", health_token=None).test_client()
    for guess in ("Bearer ", "Bearer None", ""):
        assert "addons" not in client.get("/health", headers={"Authorization": guess}).json


def test_without_its_database_health_is_503_with_a_reason_and_pages_say_so(empty_world: World) -> None:
    from app.database.session import db

    app = empty_world.app
    person, program = Browserish(app).sign_in("kendal.staf"), Browserish(app).with_token("kendal.staf")
    assert person.get("/partners/partner/").status_code == 200
    _door(empty_world, is_open=False)
    with app.app_context():
        db.engine.dispose()  # the next request needs a new connection
    try:
        health = app.test_client().get("/health")
        page = person.get("/partners/partner/", headers={"Accept-Language": "id"})
        answer = program.api("GET", "partner/")
        login = Browserish(app).send("/login/", {"username": "kendal.staf", "password": "sinergi-demo"})
    finally:
        _door(empty_world, is_open=True)
    assert health.status_code == 503
    assert health.json["status"] == "unavailable"
    assert health.json["reason"] == "The database cannot be reached."
    assert page.status_code == login.status_code == 503
    assert "<html lang=" in page.text
    assert (answer.status_code, answer.json["code"]) == (503, "database_unreachable")
    for text in (health.text, page.text, answer.text, login.text):
        for secret in ("psycopg", "127.0.0.1", "FATAL", "password=", "SELECT"):
            assert secret not in text
    assert app.test_client().get("/health").status_code == 200
    assert "Desa Contohsari" in person.get("/partners/partner/").text


def _door(world: World, *, is_open: bool) -> None:
    """Let nobody into the test's database, or everybody again."""
    address = make_url(world.postgres.addresses.owner).set(drivername="postgresql", database="postgres")
    with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{DATABASE}" ALLOW_CONNECTIONS {str(is_open).lower()}')


@pytest.mark.parametrize(
    "path", ["/nowhere", "/partners/nothing/1", "/rooms/room/x", "/partners/partner/1/nothing", "/.env", "/%2e%2e/x"]
)
def test_an_unknown_page_is_a_404_in_the_readers_language(empty_world: World, path: str) -> None:
    for person in (Browserish(empty_world.app), empty_world.person("kendal.staf")):
        page = person.get(path, headers={"Accept-Language": "id"})
        assert page.status_code == 404
        assert '<html lang="id">' in page.text
        assert "This page does not exist." not in page.text
        assert "Halaman" in page.text
        assert "This page does not exist." in person.get(path, headers={"Accept-Language": "en"}).text


def test_an_unknown_resource_is_a_404_in_english_json(empty_world: World) -> None:
    for path in ("/api/v1/nothing/", "/api/nothing", "/api/v2/room/"):
        answer = empty_world.app.test_client().get(path, headers={"Accept-Language": "id"})
        assert (answer.status_code, answer.json) == (404, {"message": "This page does not exist.", "code": "not_found"})
    script = empty_world.app.test_client().get("/nowhere", headers={"Accept": "application/json"})
    assert script.json == {"message": "This page does not exist.", "code": "not_found"}


def test_a_missing_record_is_told_like_a_foreign_one(empty_world: World) -> None:
    person = empty_world.person("kendal.staf")
    with empty_world.owner() as connection:
        foreign = connection.execute("SELECT id FROM rooms_room WHERE name = 'Ruang Kelas Literasi'").fetchone()[0]
    assert "Aula" in person.get("/rooms/room/2").text
    texts = []
    for pk in (foreign, 999_999):
        answer = person.get(f"/rooms/room/{pk}")
        assert answer.status_code == 404
        texts.append(person.get(f"/api/v1/room/{pk}").json)
    assert texts[0] == texts[1]


def test_a_method_that_an_address_does_not_take_is_a_405(empty_world: World) -> None:
    person = empty_world.person("kendal.staf")
    for path in ("/rooms/room/1/archive", "/institution", "/procedures/work/1/take"):
        page = person.get(path)
        assert page.status_code == 405
        assert "does not take that kind of request" in page.text


def test_a_fault_of_ours_is_a_500_with_a_number_for_people_and_programs(
    empty_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.views import listing

    def fail(*_what: Any, **_more: Any) -> None:
        raise RuntimeError("secret detail of ours")

    person = empty_world.person("kendal.staf")
    monkeypatch.setattr(listing, "fetch", fail)
    for path in ("/rooms/room/", "/api/v1/room/"):
        answer = person.get(path)
        assert answer.status_code == 500
        assert answer.headers["X-Request-Id"] in answer.text
        assert "secret detail" not in answer.text
        assert "Traceback" not in answer.text
    assert answer.json["code"] == "failure"
    monkeypatch.undo()
    assert "Aula" in person.get("/rooms/room/").text


def test_a_person_without_any_role_is_told_so(empty_world: World) -> None:
    him = "user_id = (SELECT id FROM ab_user WHERE username = 'unair.humas')"
    with empty_world.owner() as connection:
        connection.execute(f"DELETE FROM role_assignment WHERE {him}")
        connection.execute(f"UPDATE organization_holder SET active = false WHERE {him}")
        connection.execute("UPDATE registry_state SET access_version = access_version + 1")
    person = Browserish(empty_world.app).sign_in("unair.humas")
    page = person.get("/")
    assert page.status_code == 403
    assert "You have no role in any institution yet." in page.text
    assert person.get("/api/v1/partner/").json["code"] == "no_institution"
