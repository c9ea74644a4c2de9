"""Every setting of Sinergi, read from the environment once. Nothing else in the project reads `os.environ`.

=============================  ==============================  =======================================================
variable                       default                         meaning
=============================  ==============================  =======================================================
SINERGI_ENV                    development                     `development` or `production`; production refuses what
                                                               is unsafe: weak secrets, demo data, plain HTTP
SINERGI_DATABASE_URL           none: embedded PostgreSQL       the application's role, which owns nothing
SINERGI_OWNER_DATABASE_URL     none: embedded PostgreSQL       the owner's role: migrates, loads data, backs up
SINERGI_SECRET_KEY             made once, in the data folder   signs sessions and tokens; at least 32 characters;
                                                               required in production
SINERGI_DATA_DIR               ./.data                         embedded database, attachments, secret, lock files
SINERGI_HOST                   127.0.0.1                       address the web server listens on
SINERGI_PORT                   8080                            port the web server listens on
SINERGI_WORKERS                2                               web processes
SINERGI_JOB_WORKERS            1                               processes for jobs and mail that `serve` starts; 0 where
                                                               `python run.py worker` runs as a service of its own
SINERGI_MAIL_SERVER            none: mail waits in the outbox  host name of the SMTP server that takes our mail
SINERGI_MAIL_PORT              587, 465 with tls, 25 with none its port
SINERGI_MAIL_ENCRYPTION        starttls                        `starttls`, `tls` or `none`; certificates are checked
SINERGI_MAIL_USERNAME          none                            the account there, if it wants one
SINERGI_MAIL_PASSWORD          none                            and its password
SINERGI_MAIL_FROM              none                            the sender, such as Sinergi <sinergi@kampus.ac.id>;
                                                               required with a mail server
SINERGI_PROXIES                0                               reverse proxies in front whose X-Forwarded-* headers
                                                               are believed; production needs one to listen beyond
                                                               this machine, because the web server speaks plain HTTP
SINERGI_ADDONS_PATH            none                            more folders with addons, separated like PATH
SINERGI_TRUSTED_HOSTS          any, in development             host names that requests may ask for, separated by
                                                               commas; required in production
SINERGI_BASE_URL               https and the first trusted     the address of this installation, for links in mail;
                               host; else host and port        never taken from a request
SINERGI_INVITATION_HOURS       72                              how long the link of an invitation is of use
SINERGI_PASSWORD_LINK_HOURS    2                               how long the link for a forgotten password is of use
SINERGI_SIGN_IN_FILE           none: passwords kept here       a TOML file with Flask-AppBuilder's settings for
                                                               OpenID Connect, SAML or LDAP (docs/sign-in.md)
SINERGI_HEALTH_TOKEN           none                            who sends it as a bearer token sees addons on /health
SINERGI_MAX_UPLOAD_MB          10                              largest request body, in megabytes
SINERGI_DEMO                   on in development               load the invented people and cases; refused in
                                                               production
SINERGI_PROCESS                all                             `web` or `worker` for a process that only serves pages
                                                               or does jobs: it may know the application's database
                                                               URL alone
SINERGI_EMBEDDED_FAST          off                             embedded database without fsync, for test clusters only
=============================  ==============================  =======================================================
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SHORTEST_SECRET = 32
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SAMPLE_SECRET = re.compile(
    r"change[-_ ]?me|sample|example|insecure|secret[-_ ]?key|your[-_ ]|password|rahasia|ganti", re.IGNORECASE
)
_MAIL_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
SIGN_IN_TYPES = {"db": 1, "ldap": 2, "oauth": 4, "saml": 5}
"""Flask-AppBuilder's numbers."""

SAFE_CLIENT = {"code_challenge_method": "S256", "default_timeout": 10}
"""What every provider gets that says nothing else: PKCE, and ten seconds to answer."""

_SIGN_IN_SETTING = re.compile(
    r"AUTH_TYPE|AUTH_USER_REGISTRATION|OAUTH_PROVIDERS|SAML_PROVIDERS|SAML_CONFIG|AUTH_LDAP_[A-Z_]+"
)
_YES = frozenset({"1", "on", "true", "yes"})
_NO = frozenset({"0", "off", "false", "no"})


class SettingsError(Exception):
    """A setting is missing or wrong; the message is one sentence for the person who starts Sinergi."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Settings:
    """What one process was told, each value under its variable's name; the table above says what it means."""

    env: str
    data_dir: Path
    secret_key: str = field(repr=False)
    database_url: str | None = field(default=None, repr=False)
    owner_database_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 2
    job_workers: int = 1
    mail_server: str | None = None
    mail_port: int = 587
    mail_encryption: str = "starttls"
    mail_username: str | None = field(default=None, repr=False)
    mail_password: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    proxies: int = 0
    addons_path: tuple[Path, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    public_url: str | None = None
    sign_in: Mapping[str, Any] = field(default_factory=dict, repr=False)
    invitation_hours: int = 72
    password_link_hours: int = 2
    health_token: str | None = field(default=None, repr=False)
    max_upload_mb: int = 10
    demo: bool = True

    @property
    def production(self) -> bool:
        """Whether this is the real thing."""
        return self.env == "production"

    @property
    def base_url(self) -> str:
        """The address of this installation without a slash at its end, for links that leave it."""
        if self.public_url:
            return self.public_url
        if self.trusted_hosts and self.production:
            return f"https://{self.trusted_hosts[0].lstrip('.')}"
        return f"http://{self.host}:{self.port}"

    @property
    def uses_embedded_database(self) -> bool:
        """Whether the database is the one that Sinergi runs itself."""
        return self.database_url is None


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check every setting; raise SettingsError with one sentence at the first that does not hold."""
    settings = _read(environ)
    _check_database_urls(settings, without_owner=_text(environ, "SINERGI_PROCESS") in {"web", "worker"})
    _check_mail(settings)
    if settings.production:
        _check_production(settings)
    _make_data_folder(settings.data_dir)
    if settings.secret_key:
        _check_secret(settings.secret_key)
        return settings
    return replace(settings, secret_key=_generated_secret(settings.data_dir / "secret_key"))


def _read(environ: Mapping[str, str]) -> Settings:
    """Each variable by itself; what they mean together is checked afterwards."""
    env = _text(environ, "SINERGI_ENV") or "development"
    if env not in {"development", "production"}:
        raise SettingsError(f"SINERGI_ENV must be 'development' or 'production', not '{env}'.")
    encryption = _text(environ, "SINERGI_MAIL_ENCRYPTION") or "starttls"
    if encryption not in MAIL_PORTS:
        raise SettingsError(f"SINERGI_MAIL_ENCRYPTION must be 'starttls', 'tls' or 'none', not '{encryption}'.")
    return Settings(
        env=env,
        data_dir=Path(os.path.abspath(_text(environ, "SINERGI_DATA_DIR") or ".data")),
        secret_key=_text(environ, "SINERGI_SECRET_KEY") or "",
        database_url=_database_url(environ, "SINERGI_DATABASE_URL"),
        owner_database_url=_database_url(environ, "SINERGI_OWNER_DATABASE_URL"),
        host=_text(environ, "SINERGI_HOST") or "127.0.0.1",
        port=_number(environ, "SINERGI_PORT", 8080, 1, 65_535),
        workers=_number(environ, "SINERGI_WORKERS", 2, 1, 64),
        job_workers=_number(environ, "SINERGI_JOB_WORKERS", 1, 0, 16),
        mail_server=_text(environ, "SINERGI_MAIL_SERVER"),
        mail_port=_number(environ, "SINERGI_MAIL_PORT", MAIL_PORTS[encryption], 1, 65_535),
        mail_encryption=encryption,
        mail_username=_text(environ, "SINERGI_MAIL_USERNAME"),
        mail_password=_text(environ, "SINERGI_MAIL_PASSWORD"),
        mail_from=_text(environ, "SINERGI_MAIL_FROM"),
        proxies=_number(environ, "SINERGI_PROXIES", 0, 0, 10),
        addons_path=addon_folders(environ),
        trusted_hosts=tuple(name for name in re.split(r"[,\s]+", environ.get("SINERGI_TRUSTED_HOSTS", "")) if name),
        public_url=_address(environ, "SINERGI_BASE_URL", secure=env == "production"),
        sign_in=_sign_in(environ, secure=env == "production"),
        invitation_hours=_number(environ, "SINERGI_INVITATION_HOURS", 72, 1, 24 * 30),
        password_link_hours=_number(environ, "SINERGI_PASSWORD_LINK_HOURS", 2, 1, 48),
        health_token=_text(environ, "SINERGI_HEALTH_TOKEN"),
        max_upload_mb=_number(environ, "SINERGI_MAX_UPLOAD_MB", 10, 1, 1_000),
        demo=_switch(environ, "SINERGI_DEMO", default=env == "development"),
    )


def _text(environ: Mapping[str, str], name: str) -> str | None:
    """A variable that is set to nothing counts as not set."""
    return environ.get(name, "").strip() or None


def _number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = _text(environ, name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not '{text}'.")
    return int(text)


def _switch(environ: Mapping[str, str], name: str, default: bool) -> bool:
    text = (_text(environ, name) or "").lower()
    if text and text not in _YES | _NO:
        raise SettingsError(f"{name} must be 'on' or 'off', not '{text}'.")
    return text in _YES if text else default


def _address(environ: Mapping[str, str], name: str, *, secure: bool) -> str | None:
    text = _text(environ, name)
    if text is None:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ({"https"} if secure else {"http", "https"}) or not parts.hostname or parts.query:
        kind = "https://sinergi.kampus.ac.id"
        raise SettingsError(f"{name} must be an address such as {kind}, not '{text}'.")
    return text.rstrip("/")


def _sign_in(environ: Mapping[str, str], *, secure: bool) -> dict[str, Any]:
    """Flask-AppBuilder's own settings by their own names, as far as they say how people sign in."""
    name = _text(environ, "SINERGI_SIGN_IN_FILE")
    if name is None:
        return {}
    try:
        found = tomllib.loads(Path(name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"SINERGI_SIGN_IN_FILE={name} cannot be read ({error}).") from None
    unknown = sorted(key for key in found if not _SIGN_IN_SETTING.fullmatch(key))
    if unknown:
        raise SettingsError(f"SINERGI_SIGN_IN_FILE sets {unknown[0]}, which does not say how people sign in.")
    kind = found.get("AUTH_TYPE", "oauth" if "OAUTH_PROVIDERS" in found else "db")
    if not isinstance(kind, str) or kind not in SIGN_IN_TYPES:
        raise SettingsError(f"AUTH_TYPE in SINERGI_SIGN_IN_FILE must be one of {', '.join(SIGN_IN_TYPES)}.")
    if kind == "ldap" and not str(found.get("AUTH_LDAP_SERVER", "")).startswith(("ldap://", "ldaps://")):
        raise SettingsError(
            "AUTH_LDAP_SERVER in SINERGI_SIGN_IN_FILE must be an address such as ldaps://ldap.kampus.ac.id."
        )
    if kind == "oauth":
        _check_providers(found.get("OAUTH_PROVIDERS"), secure=secure)
    if kind == "saml":
        _check_saml_providers(found.get("SAML_PROVIDERS"), secure=secure)
    elif "SAML_PROVIDERS" in found:
        raise SettingsError('SAML_PROVIDERS in SINERGI_SIGN_IN_FILE need AUTH_TYPE = "saml".')
    return {**found, "AUTH_TYPE": SIGN_IN_TYPES[kind]}


def _check_providers(providers: Any, *, secure: bool) -> None:
    """OpenID Connect only: plain OAuth tells of no verified address."""
    for name, provider in _named_providers(providers, "OAUTH_PROVIDERS"):
        remote = _table(provider, "remote_app")
        _check_web_address(name, remote.get("server_metadata_url"), "remote_app.server_metadata_url", secure=secure)
        client = _table(remote, "client_kwargs")
        scopes = str(client.get("scope", "")).split()
        if not {"openid", "email"} <= set(scopes):
            raise SettingsError(f"The provider {name} needs the scopes openid and email in client_kwargs.scope.")
        if not remote.get("client_id"):
            raise SettingsError(f"The provider {name} needs remote_app.client_id.")
        remote["client_kwargs"] = {**SAFE_CLIENT, **client}


def _check_saml_providers(providers: Any, *, secure: bool) -> None:
    """What a SAML identity provider must be known by, before anybody is sent there."""
    for name, provider in _named_providers(providers, "SAML_PROVIDERS"):
        idp = _table(provider, "idp")
        if not idp.get("entityId") or not idp.get("x509cert"):
            raise SettingsError(f"The provider {name} needs idp.entityId and idp.x509cert.")
        place = _table(idp, "singleSignOnService").get("url")
        _check_web_address(name, place, "idp.singleSignOnService.url", secure=secure)
        if "email" not in _table(provider, "attribute_mapping").values():
            raise SettingsError(f"The provider {name} needs an attribute that attribute_mapping maps to email.")


def _named_providers(providers: Any, setting: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(providers, list) or not providers:
        raise SettingsError(f"SINERGI_SIGN_IN_FILE names no {setting}.")
    for item in providers:
        provider = item if isinstance(item, dict) else {}
        name = str(provider.get("name", ""))
        if not re.fullmatch(r"[a-z0-9_-]{1,30}", name) or name == "code":
            raise SettingsError(f"Every one of {setting} needs a name of small letters, digits, - and _.")
        yield name, provider


def _check_web_address(provider: str, address: Any, setting: str, *, secure: bool) -> None:
    if urlsplit(str(address or "")).scheme not in ({"https"} if secure else {"http", "https"}):
        raise SettingsError(f"The provider {provider} needs an https address as {setting}.")


def _table(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _database_url(environ: Mapping[str, str], name: str) -> str | None:
    """Accept the usual spellings of a PostgreSQL address and return SQLAlchemy's for psycopg."""
    text = _text(environ, name)
    if text is None:
        return None
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise SettingsError(f"{name} must be a PostgreSQL address like postgresql://role:password@host/database.")
    try:
        urlsplit(f"postgresql://{rest}").port  # noqa: B018  # reading it is the check
    except ValueError as error:
        raise SettingsError(f"{name} is not a valid address ({error}).") from None
    return f"postgresql+psycopg://{rest}"


def addon_folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders of SINERGI_ADDONS_PATH. Raises `SettingsError` for one that is none."""
    names = [name for name in environ.get("SINERGI_ADDONS_PATH", "").split(os.pathsep) if name.strip()]
    folders = tuple(Path(os.path.abspath(name.strip())) for name in names)
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(f"SINERGI_ADDONS_PATH names {folder}, which is not a folder.")
    return folders


def _check_database_urls(settings: Settings, without_owner: bool) -> None:
    """Both addresses or none; a process that only serves pages or does jobs must not need the owner's."""
    application, owner = settings.database_url, settings.owner_database_url
    if without_owner and application:
        return
    if without_owner:
        raise SettingsError("A web or worker process needs SINERGI_DATABASE_URL.")
    if (application is None) != (owner is None):
        given, missing = "SINERGI_DATABASE_URL", "SINERGI_OWNER_DATABASE_URL"
        if application is None:
            given, missing = missing, given
        raise SettingsError(f"{given} is set but {missing} is not: set both, or neither for the embedded database.")
    if application and owner and urlsplit(application).username == urlsplit(owner).username:
        raise SettingsError("SINERGI_DATABASE_URL and SINERGI_OWNER_DATABASE_URL must use two different roles.")


def _check_mail(settings: Settings) -> None:
    """A server needs a sender, a password needs encryption, and neither may smuggle a line into a header."""
    if settings.mail_server is None:
        return
    if not settings.mail_from:
        raise SettingsError(
            "SINERGI_MAIL_FROM is missing: mail needs a sender, such as Sinergi <sinergi@kampus.ac.id>."
        )
    _name, address = parseaddr(settings.mail_from)
    if not _MAIL_ADDRESS.fullmatch(address) or not settings.mail_from.isprintable():
        raise SettingsError("SINERGI_MAIL_FROM must be a sender such as Sinergi <sinergi@kampus.ac.id>.")
    if bool(settings.mail_username) != bool(settings.mail_password):
        raise SettingsError("SINERGI_MAIL_USERNAME and SINERGI_MAIL_PASSWORD are set together, or neither.")
    if settings.mail_encryption == "none" and settings.mail_password:
        raise SettingsError("SINERGI_MAIL_ENCRYPTION is 'none': a password must not be sent in the clear.")
    if settings.production and settings.mail_encryption == "none" and settings.mail_server not in LOOPBACK:
        raise SettingsError("SINERGI_MAIL_ENCRYPTION may be 'none' in production only for a server on this machine.")


def _check_production(settings: Settings) -> None:
    """Refuse, one sentence each, what may only happen on a developer's machine."""
    if not settings.secret_key:
        raise SettingsError(
            "SINERGI_SECRET_KEY is missing: production needs a secret of at least 32 random characters."
        )
    if settings.demo:
        raise SettingsError("SINERGI_DEMO is on, but production must not hold demo people and their known passwords.")
    if settings.database_url is None:
        raise SettingsError("Production needs SINERGI_DATABASE_URL and SINERGI_OWNER_DATABASE_URL.")
    if not settings.trusted_hosts or "*" in settings.trusted_hosts:
        raise SettingsError("SINERGI_TRUSTED_HOSTS must name the hosts that production answers for.")
    if settings.host not in LOOPBACK and settings.proxies == 0:
        raise SettingsError(
            f"SINERGI_HOST={settings.host} would serve plain HTTP to the network: "
            "put an HTTPS proxy in front and say so with SINERGI_PROXIES=1."
        )
    for url in (settings.database_url, settings.owner_database_url):
        if url and "disable" in parse_qs(urlsplit(url).query).get("sslmode", []) and not _is_local(url):
            raise SettingsError("A database on another machine must not be reached with sslmode=disable in production.")


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or parse_qs(urlsplit(url).query).get("host", [""])[0]
    return host in LOOPBACK or not host or host.startswith("/")


def _check_secret(secret: str) -> None:
    """Refuse secrets that can be guessed, in every environment: who sets one means it."""
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(f"SINERGI_SECRET_KEY is too short: it needs at least {SHORTEST_SECRET} characters.")
    if _SAMPLE_SECRET.search(secret) or len(set(secret)) < 8:
        raise SettingsError(
            "SINERGI_SECRET_KEY looks like a sample: use random characters, as `openssl rand -base64 48` prints."
        )


def _make_data_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.listdir(folder)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(f"The data folder {folder} cannot be read and written ({reason}).") from None


def _generated_secret(path: Path) -> str:
    """Return the secret of this data folder; of two processes that make it at once, the first wins for both."""
    if not path.exists():
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)  # never replaces, and the name appears with the whole secret behind it
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    try:
        secret = path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"The secret in {path} cannot be read ({error.strerror}).") from None
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(f"The secret in {path} is damaged: delete the file to have a new one made.")
    return secret
