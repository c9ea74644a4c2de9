"""Signing in by OpenID Connect, the whole way against a provider that really runs; and each way it must not work."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc.jwk import RSAKey

from app.testing.client import Browserish
from tests.users.conftest import PLACE, enters
from tests.users.provider import CLIENT, CLIENT_SECRET, Provider, running_provider

STAFF = {"email": "Kendal.Staf@example.test", "email_verified": True, "name": "Staf Contoh"}
SETTINGS = """
AUTH_TYPE = "oauth"
AUTH_USER_REGISTRATION = {registration}

[[OAUTH_PROVIDERS]]
name = "kampus"
title = "Akun Kampus"

[OAUTH_PROVIDERS.remote_app]
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{url}/.well-known/openid-configuration"
client_kwargs = {{ scope = "openid email profile" }}
"""


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A running provider that vouches for Kendal's staff."""
    with running_provider() as running:
        running.claims = dict(STAFF)
        yield running


@pytest.fixture
def built(configured: Any, provider: Provider) -> Callable[..., Flask]:
    """``built()`` is the application with the provider; ``built("true")`` lets people register themselves."""

    def build(registration: str = "false") -> Flask:
        values = {"client": CLIENT, "secret": CLIENT_SECRET, "url": provider.url, "registration": registration}
        application: Flask = configured(SETTINGS.format(**values))
        return application

    return build


@pytest.fixture
def oidc(built: Any) -> Flask:
    """The application with the provider, for people who have an account."""
    application: Flask = built()
    return application


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_details: Any) -> None:
        """A browser of its own follows."""


def at_the_provider(address: str) -> str:
    """Sign in there; the address at which the browser comes back, from its path on."""
    try:
        urllib.request.build_opener(_Stay()).open(address)
    except urllib.error.HTTPError as answer:
        parts = urlsplit(answer.headers["Location"])
        assert (parts.scheme, parts.netloc) == ("http", "sinergi.test:8080")
        return f"{parts.path}?{parts.query}"
    raise AssertionError("the provider did not send the browser back")


def set_out(application: Flask, next_page: str = PLACE) -> tuple[Browserish, str]:
    """Press the button; the browser, and where it is sent."""
    someone = Browserish(application)
    login = someone.get("/login/", query_string={"next": next_page}).text
    assert "Sign in with Akun Kampus" in login
    assert 'name="password"' in login
    assert 'href="/login/kampus?next=' in login
    answer = someone.get("/login/kampus", query_string={"next": next_page}, base_url="http://localhost")
    assert answer.status_code == 302
    return someone, answer.headers["Location"]


def come_back(someone: Browserish, path: str) -> Any:
    """Open the address to which the provider sent the browser."""
    return someone.get(path)


def refused(someone: Browserish, answer: Any, sentence: str) -> None:
    """The answer leads to the login, which says why; nobody is in."""
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login/"
    assert sentence in someone.get("/login/").text
    assert not enters(someone)


FAILED = "Signing in through the other provider did not work."


def test_whoever_has_a_verified_address_is_signed_in_and_goes_where_they_wanted(
    oidc: Flask, provider: Provider
) -> None:
    someone, address = set_out(oidc)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{provider.url}/authorize?")
    assert asked["redirect_uri"] == "http://sinergi.test:8080/oauth-authorized/kampus"
    assert len(asked["state"]) > 20
    assert len(asked["nonce"]) > 15
    assert asked["code_challenge_method"] == "S256"
    assert not enters(someone)
    answer = come_back(someone, at_the_provider(address))
    assert answer.headers["Location"] == PLACE
    assert enters(someone)
    assert "kendal.staf" in someone.get("/kernel/profile/").text
    assert enters(Browserish(oidc).sign_in("kendal.staf"))  # the password still works


def test_the_second_factor_is_asked_for_here_too(oidc: Flask, execute: Any, user_id: Any) -> None:
    execute(
        "INSERT INTO second_factor (user_id, secret, created_at, confirmed_at) VALUES (%s, 'x', now(), now())",
        user_id("kendal.staf"),
    )
    someone, address = set_out(oidc)
    assert come_back(someone, at_the_provider(address)).headers["Location"] == "/login/code"
    assert not enters(someone)


def test_a_wrong_state_or_that_of_another_browser_is_refused(oidc: Flask) -> None:
    someone, address = set_out(oidc)
    path = at_the_provider(address)
    refused(someone, come_back(someone, path.replace("state=", "state=x")), FAILED)
    victim = Browserish(oidc)
    refused(victim, come_back(victim, at_the_provider(address)), FAILED)
    again, address = set_out(oidc)
    assert come_back(again, at_the_provider(address)).headers["Location"] == PLACE


def test_an_answer_is_taken_once(oidc: Flask) -> None:
    someone, address = set_out(oidc)
    path = at_the_provider(address)
    assert come_back(someone, path).headers["Location"] == PLACE
    someone.http.delete_cookie("sinergi_session")
    refused(someone, come_back(someone, path), FAILED)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"iss": "https://elsewhere.test"},
        {"exp": 1_000_000_000, "iat": 999_999_000},
    ],
)
def test_an_id_token_for_another_moment_client_or_sign_in_is_refused(
    oidc: Flask, provider: Provider, wrong: dict[str, Any]
) -> None:
    provider.wrong = wrong
    someone, address = set_out(oidc)
    refused(someone, come_back(someone, at_the_provider(address)), FAILED)
    assert len(provider.token_requests) == 1
    provider.wrong = {}
    again, address = set_out(oidc)
    assert come_back(again, at_the_provider(address)).headers["Location"] == PLACE


def test_an_id_token_signed_with_another_key_is_refused(oidc: Flask, provider: Provider) -> None:
    provider.published_key = RSAKey.generate_key(2048, {"kid": "1"})
    someone, address = set_out(oidc)
    refused(someone, come_back(someone, at_the_provider(address)), FAILED)
    assert len(provider.token_requests) == 1


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({**STAFF, "email": "nobody@example.test"}, "There is no account for you here."),
        ({**STAFF, "email_verified": False}, "has not verified your mail address"),
        ({**STAFF, "email_verified": "true"}, "has not verified your mail address"),
        ({"email": STAFF["email"]}, "has not verified your mail address"),
        ({"email_verified": True}, "did not tell your mail address"),
        ({**STAFF, "email": "x\x00@example.test"}, "did not tell your mail address"),
        ({**STAFF, "email": ["kendal.staf@example.test"]}, "did not tell your mail address"),
    ],
)
def test_unknown_people_and_unverified_addresses_stay_outside(
    oidc: Flask, provider: Provider, execute: Any, claims: dict[str, Any], sentence: str
) -> None:
    [before] = execute("SELECT count(*) FROM ab_user")
    provider.claims = claims
    someone, address = set_out(oidc)
    refused(someone, come_back(someone, at_the_provider(address)), sentence)
    assert execute("SELECT count(*) FROM ab_user") == [before]
    assert execute("SELECT count(*) FROM user_session") == [(0,)]


def test_a_deactivated_person_stays_outside(oidc: Flask, execute: Any) -> None:
    execute("UPDATE ab_user SET active = false WHERE username = 'kendal.staf'")
    someone, address = set_out(oidc)
    refused(someone, come_back(someone, at_the_provider(address)), "There is no account for you here.")


def test_self_registration_makes_an_account_without_any_role(built: Any, provider: Provider, execute: Any) -> None:
    provider.claims = {**STAFF, "email": "baru@example.test", "given_name": "Orang", "family_name": "Baru"}
    someone, address = set_out(built("true"))
    assert come_back(someone, at_the_provider(address)).headers["Location"] == PLACE
    page = someone.get(PLACE)
    assert page.status_code == 403
    assert "You have no role in any institution yet." in page.text
    [row] = execute("SELECT username, first_name, last_name, password FROM ab_user WHERE email = 'baru@example.test'")
    assert row == ("baru@example.test", "Orang", "Baru", None)
    for password in ("", "\x00", "None"):
        body = {"username": "baru@example.test", "password": password, "provider": "db"}
        assert someone.http.post("/api/v1/security/login", json=body).status_code == 401


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_the_way_back_leads_nowhere_else(oidc: Flask, target: str) -> None:
    someone, address = set_out(oidc, target)
    assert come_back(someone, at_the_provider(address)).headers["Location"] == "/"


def test_a_provider_that_is_away_costs_one_sentence(oidc: Flask, provider: Provider) -> None:
    provider.metadata = lambda: {"issuer": provider.url}  # type: ignore[method-assign]  # it has lost its addresses
    someone = Browserish(oidc)
    refused(someone, someone.get("/login/kampus"), FAILED)
    assert someone.get("/login/elsewhere").status_code == 404
    assert someone.get("/oauth-authorized/elsewhere").status_code == 404


def test_without_providers_the_login_page_offers_none(app: Flask) -> None:
    page = Browserish(app).get("/login/").text
    assert 'name="password"' in page
    assert "Sign in with" not in page
    assert Browserish(app).get("/login/kampus").status_code == 404


def test_with_ldap_the_directory_is_asked_and_local_passwords_still_work(configured: Any) -> None:
    # No server listens there, and python-ldap need not be installed: the directory says no to everybody.
    application = configured(
        'AUTH_TYPE = "ldap"\nAUTH_LDAP_SERVER = "ldap://127.0.0.1:9"\nAUTH_LDAP_SEARCH = "ou=people"\n'
    )
    assert application.config["AUTH_LDAP_SEARCH"] == "ou=people"
    assert application.config["AUTH_TYPE"] == 2
    assert enters(Browserish(application).sign_in("kendal.staf"))
    wrong = Browserish(application).send("/login/", {"username": "kendal.staf", "password": "wrong"})
    assert wrong.status_code == 401
    assert "Wrong username or password." in wrong.text
