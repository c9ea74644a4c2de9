"""Signing in by SAML, the whole way against an identity provider that signs; and each way it must not work."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from app.testing.client import Browserish
from tests.users.conftest import PLACE, enters
from tests.users.saml_provider import ISSUER, SSO, IdentityProvider, key_and_certificate

STAFF = {"mail": "Kendal.Staf@example.test", "givenName": "Staf", "sn": "Contoh"}
SETTINGS = """
AUTH_TYPE = "saml"
AUTH_USER_REGISTRATION = {registration}

[[SAML_PROVIDERS]]
name = "kampus"
title = "Akun Kampus"

[SAML_PROVIDERS.idp]
entityId = "{issuer}"
x509cert = '''{certificate}'''
singleSignOnService = {{ url = "{sso}" }}

[SAML_PROVIDERS.attribute_mapping]
mail = "email"
givenName = "first_name"
sn = "last_name"
"""
KEYS = key_and_certificate()
FAILED = "Signing in through the other provider did not work."


@pytest.fixture
def provider() -> IdentityProvider:
    """An identity provider that vouches for Kendal's staff."""
    return IdentityProvider(*KEYS, attributes=dict(STAFF))


@pytest.fixture
def built(configured: Any) -> Any:
    """``built()`` is the application with the provider; ``built("true")`` lets people register themselves."""

    def build(registration: str = "false") -> Flask:
        text = SETTINGS.format(issuer=ISSUER, sso=SSO, certificate=KEYS[1], registration=registration)
        application: Flask = configured(text)
        return application

    return build


@pytest.fixture
def saml(built: Any) -> Flask:
    """The application with the provider, for people who have an account."""
    application: Flask = built()
    return application


def set_out(application: Flask, next_page: str = PLACE) -> tuple[Browserish, str]:
    """Press the button; the browser, and where it is sent."""
    someone = Browserish(application)
    assert "Sign in with Akun Kampus" in someone.get("/login/").text
    answer = someone.get("/login/kampus", query_string={"next": next_page}, base_url="http://localhost")
    assert answer.status_code == 302
    return someone, answer.headers["Location"]


def bring(application: Flask, provider: IdentityProvider, address: str) -> str:
    """The form that the provider's page sends, as from another site: without any cookie. Where it leads to."""
    request = provider.read(address)
    assert request["acs"] == "http://sinergi.test:8080/saml/acs/kampus"
    return post_answer(application, provider.answer(request))


def post_answer(application: Flask, field: str) -> str:
    stranger = Browserish(application)
    answer = stranger.http.post("/saml/acs/kampus", data={"SAMLResponse": field, "RelayState": "x"})
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    return str(answer.headers["Location"])


def refused(someone: Browserish, answer: Any, sentence: str = FAILED) -> None:
    """The answer leads to the login, which says why; nobody is in."""
    assert answer.headers["Location"] == "/login/"
    assert sentence in someone.get("/login/").text
    assert not enters(someone)


def test_whoever_has_an_account_is_signed_in_and_goes_where_they_wanted(saml: Flask, provider: Any) -> None:
    someone, address = set_out(saml)
    path = bring(saml, provider, address)
    assert path.startswith("/saml/finish/kampus?")
    assert "kendal" not in path.lower(), "the address holds nothing that can be read"
    assert not enters(someone)
    assert someone.get(path).headers["Location"] == PLACE
    assert enters(someone)
    assert "kendal.staf" in someone.get("/kernel/profile/").text
    assert enters(Browserish(saml).sign_in("kendal.staf"))  # the password still works


def test_the_second_factor_is_asked_for_here_too(saml: Flask, provider: Any, execute: Any, user_id: Any) -> None:
    execute(
        "INSERT INTO second_factor (user_id, secret, created_at, confirmed_at) VALUES (%s, 'x', now(), now())",
        user_id("kendal.staf"),
    )
    someone, address = set_out(saml)
    assert someone.get(bring(saml, provider, address)).headers["Location"] == "/login/code"
    assert not enters(someone)


def test_an_answer_lets_in_only_the_browser_that_asked_and_once(saml: Flask, provider: Any) -> None:
    someone, address = set_out(saml)
    path = bring(saml, provider, address)
    victim, _address = set_out(saml)
    refused(victim, victim.get(path))
    stranger = Browserish(saml)
    refused(stranger, stranger.get(path))
    assert someone.get(path).headers["Location"] == PLACE
    someone.http.delete_cookie("sinergi_session")
    refused(someone, someone.get(path))


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://elsewhere.test/saml"},
        {"audience": "http://another.test/saml/metadata/kampus"},
        {"acs": "http://another.test/saml/acs/kampus"},
        {"until": "2020-01-01T00:00:00Z"},
        {"since": "2099-01-01T00:00:00Z"},
        {"confirmed": "_another"},
        {"confirmed": ""},
        {"id": "_another", "confirmed": "_another"},
    ],
)
def test_an_answer_for_another_moment_place_or_request_is_refused(saml: Flask, provider: Any, wrong: Any) -> None:
    someone, address = set_out(saml)
    provider.wrong = wrong
    refused(someone, someone.get(bring(saml, provider, address)))
    provider.wrong = {}
    again, address = set_out(saml)
    assert again.get(bring(saml, provider, address)).headers["Location"] == PLACE


def test_what_is_not_signed_by_the_provider_is_refused(saml: Flask, provider: IdentityProvider) -> None:
    someone, address = set_out(saml)
    provider.signs = False
    refused(someone, someone.get(bring(saml, provider, address)))
    provider.signs, provider.key = True, key_and_certificate()[0]
    someone, address = set_out(saml)
    refused(someone, someone.get(bring(saml, provider, address)))
    provider.key = KEYS[0]
    someone, address = set_out(saml)
    changed = base64.b64decode(provider.answer(provider.read(address)))
    assert b"Kendal.Staf@" in changed
    changed = changed.replace(b"Kendal.Staf@", b"Kendal.Admin@")
    refused(someone, someone.get(post_answer(saml, base64.b64encode(changed).decode())))


@pytest.mark.parametrize(
    "field",
    [
        "",
        "x",
        base64.b64encode(b"<a/>").decode(),
        base64.b64encode(b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>').decode(),
        base64.b64encode(b"<" * 150_001).decode(),
    ],
)
def test_what_is_no_answer_at_all_is_refused_with_one_sentence(saml: Flask, field: str) -> None:
    someone, _address = set_out(saml)
    refused(someone, someone.get(post_answer(saml, field)))


@pytest.mark.parametrize(
    ("attributes", "sentence"),
    [
        ({**STAFF, "mail": "nobody@example.test"}, "There is no account for you here."),
        ({"givenName": "Staf"}, "did not tell your mail address"),
        ({**STAFF, "mail": ""}, "did not tell your mail address"),
    ],
)
def test_unknown_people_stay_outside(saml: Flask, provider: Any, execute: Any, attributes: Any, sentence: str) -> None:
    [before] = execute("SELECT count(*) FROM ab_user")
    provider.attributes = attributes
    someone, address = set_out(saml)
    refused(someone, someone.get(bring(saml, provider, address)), sentence)
    assert execute("SELECT count(*) FROM ab_user") == [before]
    assert execute("SELECT count(*) FROM user_session") == [(0,)]


def test_a_deactivated_person_stays_outside(saml: Flask, provider: Any, execute: Any) -> None:
    execute("UPDATE ab_user SET active = false WHERE username = 'kendal.staf'")
    someone, address = set_out(saml)
    refused(someone, someone.get(bring(saml, provider, address)), "There is no account for you here.")


def test_self_registration_makes_an_account_without_any_role(built: Any, provider: Any, execute: Any) -> None:
    application = built("true")
    provider.attributes = {"mail": "baru@example.test", "givenName": "Orang", "sn": "Baru"}
    someone, address = set_out(application)
    assert someone.get(bring(application, provider, address)).headers["Location"] == PLACE
    assert "You have no role in any institution yet." in someone.get(PLACE).text
    [row] = execute("SELECT username, first_name, last_name, password FROM ab_user WHERE email = 'baru@example.test'")
    assert row == ("baru@example.test", "Orang", "Baru", None)


def test_the_metadata_say_where_answers_are_taken(saml: Flask) -> None:
    answer = Browserish(saml).get("/saml/metadata/kampus")
    assert answer.mimetype == "application/samlmetadata+xml"
    assert "http://sinergi.test:8080/saml/acs/kampus" in answer.text
    for path in ("/login/other", "/saml/metadata/other", "/saml/finish/other"):
        assert Browserish(saml).get(path).status_code == 404


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_way_back_leads_nowhere_else(saml: Flask, provider: Any, target: str) -> None:
    someone, address = set_out(saml, target)
    assert urlsplit(someone.get(bring(saml, provider, address)).headers["Location"]).path == "/"


def test_without_providers_nothing_of_saml_is_there(app: Flask) -> None:
    for path in ("/saml/metadata/kampus", "/saml/finish/kampus"):
        assert Browserish(app).get(path).status_code == 404
    assert Browserish(app).http.post("/saml/acs/kampus", data={}).status_code == 404
