"""Signing in against a real directory: OpenLDAP's slapd, where it is installed together with python-ldap."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.testing.client import Browserish
from tests.users.conftest import PLACE, enters

SLAPD = shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SCHEMA = Path(os.environ.get("SLAPD_SCHEMA", "/etc/ldap/schema"))
BASE = "dc=kampus,dc=test"
TREE = f"""\
dn: {BASE}
objectClass: dcObject
objectClass: organization
o: Kampus
dc: kampus

dn: cn=sinergi,{BASE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: sinergi
userPassword: baca-direktori

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people
"""
PERSON = """
dn: uid={uid},ou=people,{base}
objectClass: inetOrgPerson
uid: {uid}
cn: {name}
givenName: Orang
sn: {name}
mail: {uid}@kampus.test
userPassword: kata-sandi-{uid}
"""
SETTINGS = """
AUTH_TYPE = "ldap"
AUTH_LDAP_SERVER = "{url}"
AUTH_LDAP_SEARCH = "ou=people,{base}"
AUTH_LDAP_UID_FIELD = "uid"
AUTH_LDAP_BIND_USER = "cn=sinergi,{base}"
AUTH_LDAP_BIND_PASSWORD = "baca-direktori"
AUTH_USER_REGISTRATION = {registration}
"""


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[str]:
    """The address of a running directory with Kendal's staff and one person whom Sinergi does not know."""
    pytest.importorskip("ldap", reason="python-ldap is not installed")
    if SLAPD is None or not SCHEMA.is_dir():
        pytest.skip("slapd is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ldap://127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "data").mkdir()
    modules = os.environ.get("SLAPD_MODULES", "/usr/lib/ldap")
    (tmp_path / "slapd.conf").write_text(
        f"modulepath {modules}\nmoduleload back_mdb\n"
        + "".join(f"include {SCHEMA / name}.schema\n" for name in ("core", "cosine", "inetorgperson"))
        + f'database mdb\nsuffix "{BASE}"\nrootdn "cn=root,{BASE}"\ndirectory {tmp_path / "data"}\n'
        "access to attrs=userPassword by anonymous auth by * none\naccess to * by users read by anonymous auth\n"
    )
    people = [PERSON.format(uid=uid, name=name, base=BASE) for uid, name in (("kendal.staf", "Staf"), ("baru", "Baru"))]
    (tmp_path / "tree.ldif").write_text("\n".join([TREE, *people]))
    conf = ["-f", str(tmp_path / "slapd.conf")]
    subprocess.run([SLAPD, "-T", "add", *conf, "-l", str(tmp_path / "tree.ldif")], check=True, capture_output=True)
    with subprocess.Popen([SLAPD, *conf, "-h", url, "-d", "0"]) as server:
        try:
            _wait_for(url)
            yield url
        finally:
            server.terminate()


def _wait_for(url: str) -> None:
    host, port = url.removeprefix("ldap://").split(":")
    limit = time.monotonic() + 20
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            assert time.monotonic() < limit, "slapd did not start"
            time.sleep(0.05)  # bounded by the limit above
        else:
            return


def sign_in(application: Any, username: str, password: str) -> Browserish | None:
    """A browser of ``username``, or None when the login page refused."""
    someone = Browserish(application)
    answer = someone.send("/login/", {"username": username, "password": password})
    if answer.status_code == 302:
        return someone
    assert answer.status_code == 401
    assert not enters(someone)
    return None


def test_the_directory_vouches_for_people_who_have_an_account(directory: str, configured: Any) -> None:
    application = configured(SETTINGS.format(url=directory, base=BASE, registration="false"))
    for password in ("wrong", "*", "\x00", "kata-sandi-baru"):
        assert sign_in(application, "kendal.staf", password) is None
    theirs = sign_in(application, "kendal.staf", "kata-sandi-kendal.staf")
    assert theirs
    assert enters(theirs)
    ours = sign_in(application, "kendal.admin", "sinergi-demo")
    assert ours
    assert enters(ours), "a password of ours still opens"
    assert sign_in(application, "baru", "kata-sandi-baru") is None, "nobody is registered unless it was asked for"
    body = {"username": "kendal.staf", "password": "kata-sandi-kendal.staf", "provider": "db"}
    assert Browserish(application).http.post("/api/v1/security/login", json=body).status_code == 200


@pytest.mark.parametrize("name", ["*", "kendal.*", "kendal.staf)(uid=*", "baru)(|(uid=kendal.staf", "uid=baru"])
def test_a_name_is_no_search_filter(directory: str, configured: Any, name: str) -> None:
    application = configured(SETTINGS.format(url=directory, base=BASE, registration="true"))
    assert sign_in(application, name, "kata-sandi-kendal.staf") is None


def test_whoever_is_registered_by_the_directory_has_no_role(
    directory: str,
    configured: Any,
    execute: Any,
) -> None:
    application = configured(SETTINGS.format(url=directory, base=BASE, registration="true"))
    someone = sign_in(application, "baru", "kata-sandi-baru")
    assert someone
    assert "You have no role in any institution yet." in someone.get(PLACE).text
    [row] = execute("SELECT username, email, password FROM ab_user WHERE username = 'baru'")
    assert row[:2] == ("baru", "baru@kampus.test")
    roles = "SELECT count(*) FROM ab_user_role JOIN ab_user ON ab_user.id = user_id WHERE username = 'baru'"
    assert execute(roles) == [(0,)]
    assert sign_in(application, "baru", "") is None


def test_whoever_was_deactivated_here_stays_outside(directory: str, configured: Any, execute: Any) -> None:
    application = configured(SETTINGS.format(url=directory, base=BASE, registration="true"))
    execute("UPDATE ab_user SET active = false WHERE username = 'kendal.staf'")
    assert sign_in(application, "kendal.staf", "kata-sandi-kendal.staf") is None
