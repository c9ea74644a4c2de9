"""Inviting people: from the administrator's page to a first session, and every link that is of no use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app import clock
from tests.users.conftest import NEW_PASSWORD, enters

ADDRESS = "orang.baru@contoh.test"
HERE = "/kernel/invitations/"
FIELDS = {"first_name": "Orang", "last_name": "Baru", "email": ADDRESS, "roles": ["kendal.staf"]}
PASSWORDS = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}


@pytest.fixture
def invited(person: Any, links: Any) -> str:
    """The path of the link that somebody got."""
    answer = person("kendal.admin").send(HERE, FIELDS)
    assert answer.status_code == 302, answer.text
    [path] = links(ADDRESS)
    return str(path)


def test_an_invited_person_chooses_a_password_and_is_in(
    invited: str, person: Any, visitor: Any, execute: Any, user_id: Any
) -> None:
    waiting = person("kendal.admin").get(HERE).text
    assert ADDRESS in waiting
    assert execute("SELECT count(*) FROM ab_user WHERE email = %s", ADDRESS) == [(0,)]
    new = visitor()
    page = new.get(invited).text
    assert "Perpustakaan Daerah Kabupaten Kendal invites Orang Baru" in page
    assert ADDRESS in page
    assert enters(new) is False
    assert new.send(invited, PASSWORDS).headers["Location"] == "/"
    assert enters(new)
    assert "Orang Baru" in person("kendal.admin").get("/kernel/people/").text
    assert ADDRESS not in person("kendal.admin").get(HERE).text
    assert enters(visitor().sign_in(ADDRESS.upper(), NEW_PASSWORD))
    roles = execute("SELECT role FROM role_assignment WHERE user_id = %s ORDER BY 1", user_id(ADDRESS))
    assert roles == [("kendal.staf",), ("kernel.member",)]


def test_the_mail_is_in_indonesian_confidential_and_its_link_leads_to_the_configured_address(
    person: Any, execute: Any, app: Any
) -> None:
    admin = person("kendal.admin")
    token = admin.hidden(HERE)["csrf_token"]
    base = {"base_url": "http://evil.example", "headers": {**admin.headers, "X-Forwarded-Host": "evil.example"}}
    cookie = admin.http.get_cookie("sinergi_session").value
    admin.http.set_cookie("sinergi_session", cookie, domain="evil.example")
    assert admin.http.post(HERE, data={"csrf_token": token, **FIELDS}, **base).status_code == 302
    [(body, subject, confidential)] = execute(
        "SELECT body, subject, confidential FROM outgoing_mail WHERE recipient = %s", ADDRESS
    )
    assert confidential
    assert subject.startswith("Undangan ke Sinergi")
    assert app.config["SETTINGS"].base_url + "/kernel/invitation/" in body
    assert "evil.example" not in body


def test_looking_at_the_link_uses_nothing_up_and_the_database_does_not_hold_it(
    invited: str, visitor: Any, execute: Any
) -> None:
    secret = invited.rsplit("/", 1)[1]
    for _turn in range(3):
        assert visitor().get(invited).status_code == 200
    assert execute("SELECT count(*) FROM invitation i WHERE i::text LIKE %s", f"%{secret}%") == [(0,)]
    assert execute("SELECT count(*) FROM audit_entry a WHERE a::text LIKE %s", f"%{secret}%") == [(0,)]
    [(stored,)] = execute("SELECT secret_hash FROM invitation")
    assert execute("SELECT count(*) FROM audit_entry a WHERE a::text LIKE %s", f"%{stored}%") == [(0,)]
    assert visitor().get(f"/kernel/invitation/{stored}").status_code == 404
    assert visitor().send(invited, PASSWORDS).status_code == 302


def test_a_link_works_once(invited: str, visitor: Any) -> None:
    open_page = visitor()
    tokens = open_page.hidden(invited)
    assert visitor().send(invited, PASSWORDS).status_code == 302
    for answer in (visitor().get(invited), open_page.http.post(invited, data={**tokens, **PASSWORDS})):
        assert answer.status_code == 404
    assert "was accepted already" in visitor().get(invited).text


def test_a_link_that_is_too_old_withdrawn_replaced_or_made_up_says_so(
    invited: str, person: Any, visitor: Any, links: Any, execute: Any, post: Any
) -> None:
    admin = person("kendal.admin")
    [(pk,)] = execute("SELECT id FROM invitation")
    with clock.frozen(clock.now() + timedelta(hours=71, minutes=59)):
        assert visitor().get(invited).status_code == 200
    with clock.frozen(clock.now() + timedelta(hours=72, minutes=1)):
        old = visitor().get(invited)
        assert old.status_code == 404
        assert "This invitation is too old." in old.text
    assert "A new link is on its way" in post(admin, f"{HERE}{pk}/send").text
    assert "not valid" in visitor().get(invited).text
    [_former, newest] = links(ADDRESS)
    assert visitor().get(newest).status_code == 200
    assert "was withdrawn" in post(admin, f"{HERE}{pk}/withdraw").text
    assert "was withdrawn" in visitor().get(newest).text
    assert "was accepted or withdrawn" in post(admin, f"{HERE}{pk}/send").text
    assert "not valid" in visitor().get("/kernel/invitation/made-up").text
    assert visitor().get("/kernel/invitation/%00").status_code == 404


def test_a_weak_password_keeps_the_link_and_the_page(invited: str, visitor: Any, execute: Any) -> None:
    new = visitor()
    for fields, sentence in (
        ({"password": "1", "again": "1"}, "at least 12 characters"),
        ({**PASSWORDS, "again": "something-else-here"}, "The two passwords differ."),
        ({"password": "orang.baru-contoh", "again": "orang.baru-contoh"}, "must not hold"),
        ({}, 'aria-invalid="true"'),
    ):
        refused = new.send(invited, fields)
        assert refused.status_code == 422
        assert sentence in refused.text
    assert execute("SELECT count(*) FROM ab_user WHERE email = %s", ADDRESS) == [(0,)]
    assert new.send(invited, PASSWORDS).status_code == 302


def test_whether_an_address_has_an_account_is_told_to_no_administrator(
    person: Any, visitor: Any, links: Any, execute: Any, user_id: Any
) -> None:
    admin = person("kendal.admin")
    [(known,)] = execute("SELECT email FROM ab_user WHERE username = 'unair.humas'")
    pages = []
    for email in (known, "siapa@contoh.test"):
        admin.send(HERE, {**FIELDS, "email": email})
        pages.append(admin.get(HERE).text)
        assert f"The invitation is on its way to {email}." in pages[-1]
    assert "Humas" not in pages[0].replace("Humas Protokol", "")
    assert execute("SELECT count(*) FROM role_assignment WHERE user_id = %s", user_id("unair.humas")) == execute(
        "SELECT count(*) FROM role_assignment r JOIN institution i ON i.id = r.institution_id"
        " WHERE i.code = 'unair' AND user_id = %s",
        user_id("unair.humas"),
    )
    [path] = links(known)
    guest = visitor()
    assert "has an account already" in guest.get(path).text
    assert 'type="password"' not in guest.get(path).text
    assert guest.send(path, PASSWORDS).headers["Location"] == "/login/"
    assert not enters(guest)  # the link alone opens no existing account
    with pytest.raises(AssertionError):
        visitor().sign_in("unair.humas", NEW_PASSWORD)
    both = visitor().with_token("unair.humas", "kendal")
    assert both.api("GET", "partner/").status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": "no address"}, "Not a mail address."),
        ({"email": "a@b.test\r\nBcc: x@y.test"}, "Not a mail address."),
        ({"first_name": "  "}, "at most 64 characters"),
        ({"last_name": "x" * 65}, "64"),
        ({"first_name": "a\x00b"}, "at most 64 characters"),
        ({"roles": ["unair.humas"]}, "not a valid"),
        ({"roles": ["made.up"]}, "not a valid"),
    ],
)
def test_bad_input_is_told_at_its_field_and_keeps_what_was_typed(
    person: Any, execute: Any, fields: dict[str, Any], sentence: str
) -> None:
    answer = person("kendal.admin").send(HERE, {**FIELDS, **fields})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{ADDRESS}"' in answer.text or "email" in fields
    assert execute("SELECT count(*) FROM invitation") == [(0,)]
    assert execute("SELECT count(*) FROM outgoing_mail WHERE confidential") == [(0,)]


def test_a_second_invitation_to_one_address_is_refused(invited: str, person: Any) -> None:
    again = person("kendal.admin").send(HERE, {**FIELDS, "email": ADDRESS.upper()})
    assert again.status_code == 409
    assert "has an invitation already" in again.text


def test_invitations_of_others_are_out_of_reach(invited: str, person: Any, post: Any, execute: Any) -> None:
    assert ADDRESS in person("kendal.admin").get(HERE).text
    [(pk,)] = execute("SELECT id FROM invitation")
    theirs, staff = person("unair.admin"), person("kendal.staf")
    assert ADDRESS not in theirs.get(HERE).text
    assert post(theirs, f"{HERE}{pk}/withdraw").status_code == 404
    assert post(theirs, f"{HERE}{pk}/send").status_code == 404
    for answer in (staff.get(HERE), post(staff, f"{HERE}{pk}/withdraw"), post(staff, HERE, **FIELDS)):
        assert answer.status_code == 403
    assert execute("SELECT withdrawn_at FROM invitation") == [(None,)]


def test_nobody_invites_to_more_than_they_may_themselves(person: Any, execute: Any) -> None:
    execute("DELETE FROM access_override")
    [(institution,)] = execute("SELECT id FROM institution WHERE code = 'kendal'")
    execute(
        "INSERT INTO access_override (institution_id, role, model, operation, allowed)"
        " VALUES (%s, 'kernel.administrator', 'partners.Partner', 'read', false)",
        institution,
    )
    execute("UPDATE registry_state SET access_version = access_version + 1")
    answer = person("kendal.admin").send(HERE, FIELDS)
    assert answer.status_code == 403
    assert "rights that you do not have yourself" in answer.text
    assert execute("SELECT count(*) FROM invitation") == [(0,)]


def test_an_address_that_became_inactive_meanwhile_gets_nothing(
    person: Any, visitor: Any, links: Any, execute: Any
) -> None:
    [(known,)] = execute("SELECT email FROM ab_user WHERE username = 'unair.humas'")
    person("kendal.admin").send(HERE, {**FIELDS, "email": known})
    execute("UPDATE ab_user SET active = false WHERE username = 'unair.humas'")
    [path] = links(known)
    assert visitor().send(path, {}).status_code == 404
