"""Settings: what is refused, in which words, and what is made."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from config import Settings, SettingsError, load_settings

GOOD_SECRET = "q7Rk2vXw9LmPz4TnBc8JhYd3FsGa6EuK1oVi"
OWNER = "postgresql://sinergi_owner:x@db.kampus.test/sinergi"
APPLICATION = "postgresql://sinergi_app:y@db.kampus.test/sinergi"

MAIL = {"SINERGI_MAIL_SERVER": "mail.kampus.test", "SINERGI_MAIL_FROM": "Sinergi <sinergi@kampus.test>"}


def production(tmp_path: Path, **changes: str) -> dict[str, str]:
    """An environment that production accepts, with changes."""
    environment = {
        "SINERGI_ENV": "production",
        "SINERGI_DATA_DIR": str(tmp_path / "data"),
        "SINERGI_SECRET_KEY": GOOD_SECRET,
        "SINERGI_DATABASE_URL": APPLICATION,
        "SINERGI_OWNER_DATABASE_URL": OWNER,
        "SINERGI_TRUSTED_HOSTS": "sinergi.kendalkab.test",
    }
    return environment | changes


def development(tmp_path: Path, **changes: str) -> Settings:
    """Settings of a developer's machine, with changes."""
    return load_settings({"SINERGI_DATA_DIR": str(tmp_path / "data")} | changes)


def test_development_needs_no_variable_but_a_place(tmp_path: Path) -> None:
    settings = development(tmp_path)
    assert settings.uses_embedded_database
    assert settings.demo
    assert (settings.host, settings.port, settings.workers, settings.max_upload_mb) == ("127.0.0.1", 8080, 2, 10)


def test_the_data_folder_is_relative_to_where_the_command_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({}).data_dir == tmp_path / ".data"


def test_the_generated_secret_is_private_and_kept(tmp_path: Path) -> None:
    first, second = development(tmp_path), development(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["secret_key"]


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    secrets: list[str] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        barrier.wait()
        secrets.append(development(tmp_path).secret_key)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 8
    assert len(set(secrets)) == 1


def test_secrets_and_passwords_do_not_show_in_the_representation(tmp_path: Path) -> None:
    mail = {**MAIL, "SINERGI_MAIL_USERNAME": "sinergi", "SINERGI_MAIL_PASSWORD": "password-of-the-mail"}
    settings = load_settings(production(tmp_path, SINERGI_HEALTH_TOKEN="token-of-the-monitor", **mail))
    for secret in (GOOD_SECRET, ":x@", ":y@", "token-of-the-monitor", "password-of-the-mail"):
        assert secret not in repr(settings)


def test_production_accepts_a_complete_environment(tmp_path: Path) -> None:
    settings = load_settings(production(tmp_path))
    assert settings.production
    assert not settings.demo
    assert settings.owner_database_url == OWNER.replace("postgresql://", "postgresql+psycopg://")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SINERGI_SECRET_KEY": ""}, "SINERGI_SECRET_KEY is missing"),
        ({"SINERGI_SECRET_KEY": "short"}, "SINERGI_SECRET_KEY is too short"),
        ({"SINERGI_SECRET_KEY": "change-me-" * 5}, "looks like a sample"),
        ({"SINERGI_SECRET_KEY": "a" * 64}, "looks like a sample"),
        ({"SINERGI_DEMO": "on"}, "SINERGI_DEMO is on"),
        ({"SINERGI_DATABASE_URL": "", "SINERGI_OWNER_DATABASE_URL": ""}, "Production needs SINERGI_DATABASE_URL"),
        ({"SINERGI_TRUSTED_HOSTS": ""}, "SINERGI_TRUSTED_HOSTS must name"),
        ({"SINERGI_TRUSTED_HOSTS": "a.test,*"}, "SINERGI_TRUSTED_HOSTS must name"),
        ({"SINERGI_HOST": "0.0.0.0"}, "plain HTTP"),
        ({"SINERGI_DATABASE_URL": f"{APPLICATION}?sslmode=disable"}, "sslmode=disable"),
        (
            {
                "SINERGI_MAIL_SERVER": "mail.kampus.test",
                "SINERGI_MAIL_FROM": "a@kampus.test",
                "SINERGI_MAIL_ENCRYPTION": "none",
            },
            "only for a server on this machine",
        ),
    ],
)
def test_production_refuses(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load_settings(production(tmp_path, **changes))


def test_production_listens_to_the_network_behind_a_proxy(tmp_path: Path) -> None:
    assert load_settings(production(tmp_path, SINERGI_HOST="0.0.0.0", SINERGI_PROXIES="1")).proxies == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SINERGI_ENV": "staging"}, "'development' or 'production'"),
        ({"SINERGI_PORT": "80a"}, "SINERGI_PORT must be a whole number"),
        ({"SINERGI_PORT": "70000"}, "from 1 to 65535"),
        ({"SINERGI_WORKERS": "0"}, "SINERGI_WORKERS"),
        ({"SINERGI_DEMO": "maybe"}, "'on' or 'off'"),
        ({"SINERGI_SECRET_KEY": "short"}, "too short"),
        ({"SINERGI_DATABASE_URL": APPLICATION}, "SINERGI_OWNER_DATABASE_URL is not"),
        ({"SINERGI_OWNER_DATABASE_URL": OWNER}, "SINERGI_DATABASE_URL is not"),
        ({"SINERGI_DATABASE_URL": OWNER, "SINERGI_OWNER_DATABASE_URL": OWNER}, "two different roles"),
        ({"SINERGI_DATABASE_URL": "sqlite:///x.db", "SINERGI_OWNER_DATABASE_URL": OWNER}, "PostgreSQL address"),
        ({"SINERGI_DATABASE_URL": "postgresql://a@b:port/c"}, "not a valid address"),
        ({"SINERGI_ADDONS_PATH": "/nowhere/at/all"}, "is not a folder"),
        ({"SINERGI_PROCESS": "web"}, "needs SINERGI_DATABASE_URL"),
        ({"SINERGI_PROCESS": "worker"}, "needs SINERGI_DATABASE_URL"),
        ({"SINERGI_JOB_WORKERS": "17"}, "SINERGI_JOB_WORKERS"),
        ({"SINERGI_MAIL_ENCRYPTION": "ssl"}, "'starttls', 'tls' or 'none'"),
        ({"SINERGI_MAIL_SERVER": "mail.kampus.test"}, "SINERGI_MAIL_FROM is missing"),
        ({**MAIL, "SINERGI_MAIL_FROM": "Sinergi"}, "must be a sender"),
        ({**MAIL, "SINERGI_MAIL_FROM": "Sinergi <a@b.test>\nBcc: c@d.test"}, "must be a sender"),
        ({**MAIL, "SINERGI_MAIL_USERNAME": "sinergi"}, "set together"),
        (
            {
                **MAIL,
                "SINERGI_MAIL_USERNAME": "sinergi",
                "SINERGI_MAIL_PASSWORD": "x",
                "SINERGI_MAIL_ENCRYPTION": "none",
            },
            "in the clear",
        ),
    ],
)
def test_a_wrong_value_is_refused_in_one_sentence(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as caught:
        development(tmp_path, **changes)
    assert "\n" not in caught.value.message
    assert caught.value.message.endswith(".")


def test_a_web_process_needs_only_the_applications_address(tmp_path: Path) -> None:
    settings = development(tmp_path, SINERGI_PROCESS="web", SINERGI_DATABASE_URL=APPLICATION)
    assert settings.owner_database_url is None


@pytest.mark.parametrize(("encryption", "port"), [("", 587), ("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_mail_port_follows_the_encryption_unless_it_is_given(tmp_path: Path, encryption: str, port: int) -> None:
    assert development(tmp_path, **MAIL, SINERGI_MAIL_ENCRYPTION=encryption).mail_port == port
    assert development(tmp_path, **MAIL, SINERGI_MAIL_ENCRYPTION=encryption, SINERGI_MAIL_PORT="1025").mail_port == 1025


def test_a_file_in_the_place_of_the_data_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SettingsError, match="cannot be read and written"):
        development(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_data_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    assert as_nobody(lambda: load_settings({"SINERGI_DATA_DIR": str(folder)})) == "refused"


def as_nobody(action: object) -> str:
    """Run the action in a child without rights; say how it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)
        try:
            action()  # type: ignore[operator]
            os.write(writing, b"accepted")
        except SettingsError:
            os.write(writing, b"refused")
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        return answer.read()


def test_links_in_mail_lead_to_the_configured_address_or_one_that_production_answers_for(tmp_path: Path) -> None:
    assert development(tmp_path).base_url == "http://127.0.0.1:8080"
    assert load_settings(production(tmp_path)).base_url == "https://sinergi.kendalkab.test"
    given = production(tmp_path, SINERGI_BASE_URL="https://kerjasama.kendalkab.test/")
    assert load_settings(given).base_url == "https://kerjasama.kendalkab.test"
    for wrong in ("kerjasama.kendalkab.test", "http://kerjasama.kendalkab.test", "https://", "javascript:x"):
        with pytest.raises(SettingsError, match="SINERGI_BASE_URL must be an address"):
            load_settings(production(tmp_path, SINERGI_BASE_URL=wrong))


PROVIDER = """
[[OAUTH_PROVIDERS]]
name = "{name}"
[OAUTH_PROVIDERS.remote_app]
client_id = "{client}"
server_metadata_url = "{url}"
client_kwargs = {{ scope = "{scope}" }}
"""
WELL = {"name": "kampus", "client": "sinergi", "url": "https://sso.kampus.test/x", "scope": "openid email"}


def test_the_file_about_signing_in_is_passed_on_under_flask_appbuilders_names(tmp_path: Path) -> None:
    file = tmp_path / "sign-in.toml"
    file.write_text("AUTH_USER_REGISTRATION = true\n" + PROVIDER.format(**WELL))
    found = load_settings(production(tmp_path, SINERGI_SIGN_IN_FILE=str(file))).sign_in
    assert found["AUTH_TYPE"] == 4
    assert found["AUTH_USER_REGISTRATION"] is True
    remote = found["OAUTH_PROVIDERS"][0]["remote_app"]
    assert remote["client_kwargs"] == {
        "scope": "openid email",
        "code_challenge_method": "S256",
        "default_timeout": 10,
    }
    file.write_text('AUTH_TYPE = "ldap"\nAUTH_LDAP_SERVER = "ldaps://ldap.kampus.test"\n')
    assert development(tmp_path, SINERGI_SIGN_IN_FILE=str(file)).sign_in == {
        "AUTH_TYPE": 2,
        "AUTH_LDAP_SERVER": "ldaps://ldap.kampus.test",
    }


SAML = """
AUTH_TYPE = "saml"
[[SAML_PROVIDERS]]
name = "{name}"
idp = {{ entityId = "x", x509cert = "{certificate}", singleSignOnService = {{ url = "{url}" }} }}
attribute_mapping = {{ mail = "{email}" }}
"""
SAML_WELL = {"name": "kampus", "certificate": "x", "url": "https://sso.kampus.test/x", "email": "email"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x", "cannot be read"),
        ("SECRET_KEY = 'x'", "sets SECRET_KEY"),
        ("AUTH_ROLES_MAPPING = {}", "sets AUTH_ROLES_MAPPING"),
        ("AUTH_TYPE = 'remote_user'", "must be one of"),
        ("AUTH_TYPE = 4", "must be one of"),
        ("AUTH_TYPE = []", "must be one of"),
        ("OAUTH_PROVIDERS = [1]", "small letters"),
        ("[[OAUTH_PROVIDERS]]\nname = 'x'\nremote_app = 1", "https address"),
        ("AUTH_TYPE = 'saml'", "names no SAML_PROVIDERS"),
        ("[[SAML_PROVIDERS]]\nname = 'x'", "need AUTH_TYPE"),
        ("AUTH_TYPE = 'saml'\nSAML_PROVIDERS = [1]", "small letters"),
        (SAML.format(**{**SAML_WELL, "name": "Kampus Kita"}), "small letters"),
        (SAML.format(**{**SAML_WELL, "certificate": ""}), "x509cert"),
        (SAML.format(**{**SAML_WELL, "url": "http://sso.kampus.test/x"}), "https address"),
        (SAML.format(**{**SAML_WELL, "email": "username"}), "maps to email"),
        ("AUTH_TYPE = 'oauth'", "names no OAUTH_PROVIDERS"),
        ("AUTH_TYPE = 'ldap'", "AUTH_LDAP_SERVER"),
        (PROVIDER.format(**{**WELL, "name": "Kampus Kita"}), "small letters"),
        (PROVIDER.format(**{**WELL, "name": "code"}), "small letters"),
        (PROVIDER.format(**{**WELL, "url": "http://sso.kampus.test/x"}), "https address"),
        (PROVIDER.format(**{**WELL, "scope": "openid"}), "scopes openid and email"),
        (PROVIDER.format(**{**WELL, "client": ""}), "client_id"),
    ],
)
def test_what_does_not_belong_into_the_file_about_signing_in_is_refused(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = tmp_path / "sign-in.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=sentence):
        load_settings(production(tmp_path, SINERGI_SIGN_IN_FILE=str(file)))
