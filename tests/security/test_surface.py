"""What is reachable at all, by whom, and with which proof of origin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from app.testing.client import Browserish
from tests.security.routes import PUBLIC, SWITCHED_OFF, Address, addresses, views_by_endpoint
from tests.security.world import KENDAL_MARK, World, token_of

PAGES = {
    "list_page", "show", "add", "edit", "archive", "restore", "move", "ask", "history", "related_list", "panel",
    "upload", "preview", "preview_page", "counts", "timeline", "write_message", "follow", "plan_activity",
    "settle_activity", "people", "print_out", "act", "act_on_chosen", "download", "archive_file", "unmask",
    "choose_columns", "keep_filter", "begin_with_filter", "drop_filter", "export", "export_later", "move_chosen",
    "quick", "board", "calendar", "graph", "pivot", "reschedule",
}  # fmt: skip
"""What every generated screen answers to."""

RESOURCE = {
    "info", "get_list", "get", "related", "post", "put", "delete", "do", "unmask",
    "saved_filters", "keep_filter", "drop_filter",
    "messages", "write_message", "activities", "plan_activity", "settle_activity",
}  # fmt: skip
"""What every REST resource answers to."""

OTHERS = {
    "HomeView.index", "HomeView.lookup", "HomeView.card", "HomeView.choose_institution",
    "HomeView.choose_language",
    "LoginView.login", "LoginView.logout", "LoginView.second_step", "LoginView.provider", "LoginView.oauth_authorized",
    "LoginView.saml_acs", "LoginView.saml_finish", "LoginView.saml_metadata",
    "SecurityApi.login", "SecurityApi.refresh", "SecurityApi.logout", "OpenApi.get",
    "health", "static", "colours",
    "kernel_appearance_page.index", "kernel_appearance_page.logo",
    "kernel_addons_page.index", "kernel_addons_page.enable", "kernel_addons_page.disable",
    "kernel_addon_requests_page.index", "kernel_addon_requests_page.ask", "kernel_addon_requests_page.show",
    "kernel_addon_requests_page.progress", "kernel_addon_requests_page.confirm", "kernel_addon_requests_page.cancel",
    "kernel_settings_page.index", "kernel_settings_page.form", "kernel_settings_page.change",
    "kernel_settings_page.restore", "kernel_settings_page.choices",
    "SettingsApi.get_list", "SettingsApi.get", "SettingsApi.put",
    "kernel_jobs_page.index", "kernel_jobs_page.retry", "kernel_jobs_page.cancel", "kernel_jobs_page.state",
    "kernel_my_jobs_page.index", "kernel_my_jobs_page.show", "kernel_my_jobs_page.progress",
    "kernel_my_jobs_page.line", "kernel_my_jobs_page.cancel", "kernel_my_jobs_page.file",
    "kernel_mail_page.index", "kernel_mail_page.read", "kernel_mail_page.again",
    "kernel_explanation_page.index",
    "kernel_people_page.index", "kernel_people_page.give", "kernel_people_page.take",
    "kernel_person_page.show", "kernel_person_page.deactivate", "kernel_person_page.activate",
    "kernel_person_page.sign_out", "kernel_person_page.send_link", "kernel_person_page.reset_code",
    "kernel_invitations_page.index", "kernel_invitations_page.send", "kernel_invitations_page.withdraw",
    "kernel_profile_page.index", "kernel_profile_page.end", "kernel_profile_page.end_all",
    "kernel_profile_page.password",
    "kernel_notifications_page.index", "kernel_notifications_page.count", "kernel_notifications_page.newest",
    "kernel_notifications_page.open", "kernel_notifications_page.read", "kernel_notifications_page.read_all",
    "kernel_notifications_page.mail",
    "api_notification.get_list", "api_notification.read", "api_notification.read_all",
    "kernel_search_page.index", "kernel_search_page.found", "kernel_help_page.index", "kernel_help_page.picture",
    "kernel_dashboard_page.index", "kernel_dashboard_page.arrange", "kernel_dashboard_page.change",
    "kernel_second_factor_page.index", "kernel_second_factor_page.begin", "kernel_second_factor_page.confirm",
    "kernel_second_factor_page.off", "kernel_second_factor_page.codes",
    "kernel_forgotten_password_page.ask", "kernel_new_password_page.open", "kernel_invitation_page.open",
    "kernel_roles_page.index", "kernel_roles_page.grid", "kernel_roles_page.change", "kernel_roles_page.restore",
    "kernel_roles_page.make", "kernel_roles_page.remove", "kernel_roles_page.columns",
    "kernel_roles_page.second_factor", "kernel_roles_page.change_columns",
    "kernel_roles_page.copy_preview", "kernel_roles_page.copy",
    "kernel_assignments_page.days", "kernel_assignments_page.change",
    "kernel_viewing_page.index", "kernel_viewing_page.begin", "kernel_viewing_page.end",
    "kernel_personal_data_page.index", "kernel_personal_data_page.erase", "kernel_personal_data_page.find",
    "kernel_personal_data_page.ask",
    "activities_attendance_entry_page.index", "dummy_extra_page.index",
    "organization_working_calendar_page.index",
    "procedures_confirmation_page.confirm",
    "procedures_procedure_editor.add", "procedures_procedure_editor.show", "procedures_procedure_editor.head",
    "procedures_procedure_editor.executors", "procedures_procedure_editor.step", "procedures_procedure_editor.order",
    "procedures_procedure_editor.preview", "procedures_procedure_editor.trial",
    "procedures_procedure_version_page.draft", "procedures_procedure_version_page.compare",
    "procedures_procedure_version_page.export", "procedures_procedure_version_page.import_file",
    "procedures_task_delegation_page.index", "procedures_case_handover_page.index",
    "procedures_task_work_page.take", "procedures_task_work_page.done",
    "correspondence_incoming_book.index", "correspondence_outgoing_book.index", "rooms_room_book.index",
    "correspondence_incoming_book.print_later", "correspondence_outgoing_book.print_later",
    "rooms_room_book.print_later",
    "procedures_my_work_page.index", "procedures_case_members_page.index",
    "procedures_figures_page.index", "procedures_figures_page.tasks", "procedures_figures_page.export",
    "procedures_my_work_page.team", "procedures_my_work_page.act", "procedures_my_work_page.finish_activity",
    "procedures_task_work_page.pause", "procedures_task_work_page.resume", "procedures_task_work_page.late",
    "procedures_task_work_page.skip", "procedures_case_records_page.index",
}  # fmt: skip
"""Everything else. A new page needs a line here, and its reader a moment to think who may see it."""


@pytest.fixture(scope="module")
def nobody(world: World) -> Browserish:
    """A visitor who has not signed in."""
    return Browserish(world.app)


def test_only_known_endpoints_are_registered_and_flask_appbuilders_own_pages_are_not_among_them(world: World) -> None:
    expected = set(OTHERS) | SWITCHED_OFF
    for endpoint in views_by_endpoint():
        expected |= {f"{endpoint}.{name}" for name in (RESOURCE if endpoint.startswith("api_") else PAGES)}
    assert {str(rule.endpoint) for rule in world.app.url_map.iter_rules()} == expected


def test_the_public_endpoints_are_exactly_these(world: World) -> None:
    from app.views.request_cycle import PUBLIC_ENDPOINTS

    assert set(PUBLIC_ENDPOINTS) == PUBLIC


@pytest.mark.parametrize(
    "path",
    [
        "/back",
        "/lang/en",
        "/lang/id",
        "/users/list/",
        "/users/add",
        "/users/userinfo/",
        "/roles/list/",
        "/roles/add",
        "/permissions/list/",
        "/viewmenus/list/",
        "/permissionviews/list/",
        "/userstatschartview/chart/",
        "/registeruser/list/",
        "/register/form",
        "/resetmypassword/form",
        "/resetpassword/form",
        "/userinfoeditview/form",
        "/userextensionviews/list/",
        "/api/v1/menu/",
        "/api/v1/security/users/",
        "/api/v1/security/roles/",
        "/api/v1/security/permissions/",
        "/api/v1/security/api_keys/",
        "/saml/acs/",
        "/saml/slo/",
        "/saml/metadata/x",
        "/login/x",
        "/oauth-authorized/x",
        "/swagger/v1",
        "/static/appbuilder/css/ab.css",
        "/download/secret_key",
        "/partners/partner/download/secret_key",
        "/partners/partner/list/",
        "/uploads/x",
    ],
)
def test_what_flask_appbuilder_offers_elsewhere_is_not_found_here_even_by_the_platform_administrator(
    world: World, path: str
) -> None:
    admin = world.person("admin")
    assert "Platform" in admin.get("/partners/partner/").text
    answer = admin.get(path)
    assert answer.status_code == 404
    assert "This page does not exist." in answer.text


def test_whoever_has_not_signed_in_gets_the_login_or_a_401_at_every_address_and_never_content(
    world: World, nobody: Browserish
) -> None:
    before, failures, proven = world.fingerprint(), [], 0
    for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
        for address in addresses(world, method):
            if str(address.rule.endpoint) in PUBLIC:
                continue
            answer = nobody.http.open(address.path, method=method, headers=nobody.headers)
            if not _asks_to_sign_in(address, answer) or KENDAL_MARK in answer.text:
                failures.append(f"{method} {address.path}: {answer.status_code} {answer.headers.get('Location')}")
            proven += 1
    assert not failures, "\n".join(failures)
    assert proven > 1000
    assert world.fingerprint() == before


def _asks_to_sign_in(address: Address, answer: Any) -> bool:
    if address.path.startswith("/api/"):
        return answer.status_code == 401 and (not answer.text or answer.json["code"] == "not_authenticated")
    return answer.status_code == 302 and answer.headers["Location"].startswith("/login/?next=%2F")


def test_no_unsafe_request_of_a_session_is_taken_without_our_token(world: World) -> None:
    person = world.person("kendal.admin")
    before, failures = world.fingerprint(), []
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for address in addresses(world, method):
            if str(address.rule.endpoint) in {"SecurityApi.login", "SecurityApi.refresh", "LoginView.saml_acs"}:
                continue
            # With a forged token; for every other address with none at all.
            forged = {} if len(address.path) % 2 else {"X-CSRFToken": "forged"}
            body = {"json": {}} if address.path.startswith("/api/") else {"data": {"csrf_token": "forged"}}
            answer = person.http.open(address.path, method=method, headers={**person.headers, **forged}, **body)
            if answer.status_code != 400 or "out of date" not in answer.text:
                failures.append(f"{method} {address.path}: {answer.status_code}")
    assert not failures, "\n".join(failures)
    assert world.fingerprint() == before


def test_signing_in_needs_our_token_too(nobody: Browserish) -> None:
    page = nobody.get("/login/")
    assert 'name="username"' in page.text
    answer = nobody.http.post("/login/", data={"username": "kendal.staf", "password": "sinergi-demo"})
    assert answer.status_code == 400
    assert nobody.get("/partners/partner/").status_code == 302


def test_a_token_of_another_session_does_not_count(world: World) -> None:
    person, foreign = world.person("kendal.admin"), token_of(world.person("unair.admin"))
    room = f"/rooms/room/{world.ids['kendal']['rooms.Room']}/archive"
    assert person.http.post(room, data={"csrf_token": foreign}, headers=person.headers).status_code == 400
    assert world.column("kendal", "rooms.Room", "active") is True
    assert person.http.post(room, data={"csrf_token": token_of(person)}, headers=person.headers).status_code == 302
    assert world.column("kendal", "rooms.Room", "active") is False


@dataclass(frozen=True)
class Walk:
    """One visit to every address that can be looked at, and what the database was like before and after."""

    answers: list[tuple[str, Any]]
    before: str
    after: str


@pytest.fixture(scope="module")
def walk(world: World) -> Walk:
    """Kendal's administrator looks at everything; at pages in a browser, at the API with a token."""
    person, program = world.person("kendal.admin"), world.program("kendal.admin")
    before, answers = world.fingerprint("disclosure"), []
    for address in addresses(world, "GET"):
        if str(address.rule.endpoint) not in {"static", "health"}:
            client = program if address.path.startswith("/api/") else person
            answers.append((address.path, client.get(address.path)))
    person.http.head("/partners/partner/", headers=person.headers)
    program.http.head("/api/v1/partner/", headers=program.headers)
    return Walk(answers, before, world.fingerprint("disclosure"))


def test_looking_changes_nothing_but_the_log_of_printed_personal_data(walk: Walk) -> None:
    assert sum(answer.status_code == 200 for _path, answer in walk.answers) > 250
    assert walk.before == walk.after


def test_with_a_bearer_token_the_session_never_authenticates(world: World) -> None:
    person = world.person("kendal.admin")
    assert person.get("/api/v1/room/").status_code == 200
    for wrong in ("Bearer nonsense", "Bearer ", "Bearer a.b.c"):
        answer = person.get("/api/v1/room/", headers={"Authorization": wrong})
        assert answer.status_code == 401, wrong
        assert answer.json["code"] == "not_authenticated"
    body = {"name": "Ruang baru"}
    answer = person.http.post("/api/v1/room/", json=body, headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401


def test_a_bearer_token_decides_who_asks_whatever_the_session_says(world: World) -> None:
    both = Browserish(world.app).sign_in("unair.admin").with_token("kendal.admin")
    assert KENDAL_MARK in both.get("/api/v1/partner/?q=(page_size:100)").text
    del both.headers["Authorization"]
    assert KENDAL_MARK not in both.get("/api/v1/partner/?q=(page_size:100)").text


def test_a_bearer_token_opens_no_page_and_spares_no_form_its_token(world: World) -> None:
    program = Browserish(world.app).with_token("kendal.admin")
    assert program.get("/api/v1/partner/").status_code == 200
    assert program.get("/partners/partner/").status_code == 302
    session = Browserish(world.app).sign_in("kendal.admin").with_token("kendal.admin")
    assert session.http.post("/partners/partner/add", data={"name": "x"}, headers=session.headers).status_code == 400


def test_a_refresh_token_gives_a_new_access_token_and_opens_nothing_else(world: World) -> None:
    client = world.app.test_client()
    body = {"username": "kendal.staf", "password": "sinergi-demo", "provider": "db", "refresh": True}
    tokens = client.post("/api/v1/security/login", json=body).json
    refresh = {"Authorization": f"Bearer {tokens['refresh_token']}"}
    assert client.get("/api/v1/partner/", headers=refresh).status_code == 401
    fresh = client.post("/api/v1/security/refresh", headers=refresh).json["access_token"]
    assert client.get("/api/v1/partner/", headers={"Authorization": f"Bearer {fresh}"}).status_code == 200
    access = {"Authorization": f"Bearer {tokens['access_token']}"}
    for headers in (access, {}, {"Authorization": "Bearer x"}):
        refused = client.post("/api/v1/security/refresh", headers=headers)
        assert refused.status_code == 401
        assert refused.json["code"] == "not_authenticated"


def test_a_token_signed_with_another_key_or_by_nobody_is_refused(world: World) -> None:
    import jwt

    payload = {"sub": "1", "fresh": True, "type": "access", "jti": "1", "iat": 1, "nbf": 1, "exp": 9_999_999_999}
    for forged in (jwt.encode(payload, "x" * 40, "HS256"), jwt.encode(payload, None, algorithm="none")):
        answer = world.app.test_client().get("/api/v1/partner/", headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401


def test_every_answer_carries_the_headers_that_keep_pages_to_themselves(world: World, nobody: Browserish) -> None:
    person = world.person("kendal.admin")
    answers = [
        nobody.get("/login/"), nobody.get("/nowhere"), nobody.get("/partners/partner/"), nobody.get("/api/v1/partner/"),
        nobody.http.post("/api/v1/security/login", json={}), nobody.get("/health"), nobody.get("/static/app.js"),
        person.get("/partners/partner/"), person.get("/api/v1/partner/"), person.get("/rooms/room/99999"),
        person.http.post("/rooms/room/add"),
    ]  # fmt: skip
    for answer in answers:
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
    for answer in answers[:5] + answers[7:]:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Cookie" in answer.headers["Vary"]


def test_pages_have_no_inline_script_or_style_that_the_policy_would_stop(walk: Walk, nobody: Browserish) -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=\"|\son[a-z]+=\"|javascript:", re.IGNORECASE)
    seen = 0
    for path, answer in [("/login/", nobody.get("/login/")), *walk.answers]:
        if answer.status_code == 200 and answer.mimetype == "text/html":
            assert not (found := inline.search(answer.text)), (path, found)
            seen += 1
    assert seen > 100


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    client = Browserish(world.app)
    page = client.get("/login/")
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("sinergi_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie  # plain HTTP in development
    before = cookie.split(";")[0]
    client.sign_in("kendal.staf")
    assert client.http.get_cookie("sinergi_session").value not in before


def test_in_production_the_cookie_is_secure_and_transport_security_is_demanded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(world.app.config, "SESSION_COOKIE_SECURE", True)
    page = Browserish(world.app).get("/login/", base_url="https://sinergi.example")
    assert "; Secure" in page.headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_session_from_before_signing_in_does_not_live_on(world: World) -> None:
    client = Browserish(world.app)
    with client.http.session_transaction() as session:
        session["institution_id"], session["planted"] = 999, "planted"
    client.sign_in("kendal.staf")
    with client.http.session_transaction() as session:
        assert "planted" not in session
    # The institution one worked in may be kept, but opens nothing to whoever has no role there.
    assert "Desa Contohsari" in client.get("/partners/partner/").text


def test_signing_out_ends_the_session_and_is_no_link(world: World) -> None:
    client = Browserish(world.app).sign_in("kendal.staf")
    assert client.get("/partners/partner/").status_code == 200
    assert client.get("/logout/").status_code == 405
    assert client.get("/partners/partner/").status_code == 200
    client.http.post("/logout/", data=client.hidden("/partners/partner/add"), headers=client.headers)
    assert client.get("/partners/partner/").status_code == 302


def test_a_person_who_is_switched_off_is_out_at_once(world: World) -> None:
    person, program = Browserish(world.app).sign_in("kendal.kabid"), Browserish(world.app).with_token("kendal.kabid")
    assert KENDAL_MARK in person.get("/partners/partner/").text
    assert program.get("/api/v1/partner/").status_code == 200
    with world.owner() as connection:
        connection.execute("UPDATE ab_user SET active = false WHERE username = 'kendal.kabid'")
    assert person.get("/partners/partner/").status_code == 302
    assert program.get("/api/v1/partner/").status_code == 401
    refused = world.app.test_client().post(
        "/api/v1/security/login", json={"username": "kendal.kabid", "password": "sinergi-demo", "provider": "db"}
    )
    assert refused.status_code == 401


def test_a_wrong_password_and_an_unknown_name_are_told_alike(nobody: Browserish) -> None:
    pages = [nobody.send("/login/", {"username": name, "password": "wrong"}) for name in ("kendal.staf", "nobody.here")]
    for page, name in zip(pages, ("kendal.staf", "nobody.here"), strict=True):
        assert page.status_code == 401
        assert "Wrong username or password." in page.text
        assert f'value="{name}"' in page.text
        assert "wrong" not in re.sub("Wrong username", "", page.text)
    bodies = [
        nobody.http.post("/api/v1/security/login", json={"username": name, "password": "wrong", "provider": "db"})
        for name in ("kendal.staf", "nobody.here")
    ]
    assert bodies[0].status_code == bodies[1].status_code == 401
    assert bodies[0].json == bodies[1].json == {"message": "Wrong username or password.", "code": "wrong_credentials"}


@pytest.mark.parametrize("password", ["", "\x00", "\x00\x00\x00", "sinergi-demo\x00", "x" * 300, "\ud800"])
def test_empty_endless_and_unstorable_passwords_never_authenticate(world: World, password: str) -> None:
    body = {"username": "kendal.staf", "password": password, "provider": "db"}
    answer = world.app.test_client().post("/api/v1/security/login", json=body)
    assert answer.status_code == 401
    body["password"] = "sinergi-demo"
    assert world.app.test_client().post("/api/v1/security/login", json=body).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"{}",
        b'{"username": 1, "password": 2}',
        b'{"username": ["a"], "password": {}}',
        b'{"username": "kendal.staf", "password": "sinergi-demo", "provider": "ldap"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_login_body_that_is_no_login_is_a_400(world: World, body: bytes) -> None:
    answer = world.app.test_client().post("/api/v1/security/login", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json) == {"message", "code"}


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/%09/evil.example",
        "/\t/evil.example",
        " //evil.example",
        "/\r\nSet-Cookie:x=1",
        "//evil.example/%2f..",
        "https:evil.example",
        "data:text/html,x",
        "http://localhost@evil.example",
        "/" * 600,
    ],
)
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_after_signing_in_nobody_is_sent_elsewhere(world: World, target: str, host: str) -> None:
    client = Browserish(world.app)
    base = {"base_url": f"http://{host}"}
    page = client.http.get("/login/", query_string={"next": target}, **base)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    data = {"username": "kendal.staf", "password": "sinergi-demo", "csrf_token": token}
    answer = client.http.post("/login/", query_string={"next": target}, data=data, **base)
    assert answer.status_code == 302
    assert re.match(r"^/(?![/\\])", answer.headers["Location"]), answer.headers["Location"]
    assert "evil.example" not in answer.headers["Location"] or answer.headers["Location"].startswith("/%09")
    assert "Set-Cookie:x" not in str(answer.headers)


def test_after_signing_in_one_goes_where_one_wanted_to_go(world: World) -> None:
    client = Browserish(world.app)
    wanted = "/rooms/room/?q=aula&f_building=Gedung"
    first = client.get(wanted)
    assert first.status_code == 302
    answer = client.send(first.headers["Location"], {"username": "kendal.staf", "password": "sinergi-demo"})
    assert answer.headers["Location"] == wanted
    assert "Aula" in client.get(answer.headers["Location"]).text


@pytest.mark.parametrize("field", ["next"])
@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_forms_send_nobody_elsewhere(world: World, field: str, target: str) -> None:
    person = world.person("kendal.admin")
    token = token_of(person)
    language = person.http.post("/language", data={"csrf_token": token, "language": "en", field: target})
    assert language.headers["Location"] == "/"
    form = {"name": f"Ruang {target}", field: target}
    saved = person.send("/rooms/room/add", form)
    assert re.fullmatch(r"/rooms/room/\d+", saved.headers["Location"])
    form_page = person.get("/rooms/room/add", query_string={field: target}).text
    assert 'name="form_token"' in form_page
    assert f'name="next" value="{target}"' not in form_page


def test_requests_for_another_host_are_refused_where_hosts_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(world.app.config, "TRUSTED_HOSTS", ["sinergi.example", "localhost"])
    client = Browserish(world.app)
    assert client.get("/login/", base_url="http://sinergi.example").status_code == 200
    for path in ("/login/", "/partners/partner/", "/health", "/api/v1/partner/", "/static/app.js", "/nowhere"):
        refused = client.get(path, base_url="http://evil.example")
        assert refused.status_code == 400, path
        assert "evil.example" not in refused.text
    posted = client.http.post("/login/", data={"username": "x", "password": "y"}, base_url="http://evil.example")
    assert posted.status_code == 400


def test_every_address_that_changes_something_refuses_whoever_looks_as_somebody_else(world: World) -> None:
    admin = Browserish(world.app).sign_in("kendal.admin")
    with world.owner() as connection:
        staf = connection.execute("SELECT id FROM ab_user WHERE username = 'kendal.staf'").fetchone()[0]
    assert admin.send(f"/kernel/viewing/begin/{staf}", {}, form_at="/kernel/addons/").status_code == 302
    token = admin.hidden("/rooms/room/")["csrf_token"]
    before, proven = world.fingerprint(), 0
    free = {"kernel_viewing_page.end", "LoginView.logout", "HomeView.choose_language", "SecurityApi.login"}
    for method in ("POST", "PUT", "DELETE"):
        for address in addresses(world, method):
            if str(address.rule.endpoint) in free | {"SecurityApi.refresh"}:
                continue
            answer = admin.http.open(address.path, method=method, headers={**admin.headers, "X-CSRFToken": token})
            assert answer.status_code == 403, f"{method} {address.path}: {answer.status_code}"
            proven += 1
    assert proven > 300
    assert world.fingerprint() == before
