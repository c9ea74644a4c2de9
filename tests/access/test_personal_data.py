"""Personal data: masked without the right, shown on request and written down, kept by forms, erased on request."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from app.access.column_rights import MASK
from app.access.disclosure import Disclosure
from app.access.role_grid import set_right
from app.database.addresses import libpq_address
from app.database.base import models
from app.database.session import db
from app.mail.outbox import send_mail
from app.records.erasing import find_person, request_erasure
from app.records.erasure import Erasure
from app.records.service import service_of
from app.testing.forked import ROOT
from tests.access.test_role_grid import post

pytestmark = pytest.mark.postgres

CONTACT = "partners.Contact"
STAFF = "kendal.staf"
PHONE, EMAIL = "0812 0000 1234", "sulastri.contoh@example.test"


@pytest.fixture
def contact(administrator: Any) -> int:
    """The id of an invented contact."""
    with administrator():
        partner = db.session.scalar(select(models["partners.Partner"]).where(models["partners.Partner"].active))
        values = {"partner": partner, "name": "Sulastri Contoh", "phone": PHONE, "email": EMAIL}
        number: int = service_of(models[CONTACT]).create(values).id
        db.session.commit()
    return number


@pytest.fixture
def masked(administrator: Any) -> None:
    """Kendal's staff may write contacts, and sees personal data only one record at a time."""
    with administrator():
        set_right(db.session(), STAFF, CONTACT, "personal", False)
        set_right(db.session(), STAFF, CONTACT, "unmask", True)
        db.session.commit()


def shown(administrator: Any) -> list[tuple[str, str, int | None, list[str]]]:
    """The log of personal data that were shown."""
    with administrator():
        rows = db.session.scalars(select(Disclosure).order_by(Disclosure.id))
        return [(row.kind, row.model, row.record_id, row.columns) for row in rows]


def test_whoever_works_with_people_sees_them(contact: int, person: Any, program: Any) -> None:
    page = person(STAFF).get(f"/partners/contact/{contact}").text
    assert PHONE in page
    assert EMAIL in page
    result = program(STAFF, "kendal").api("GET", f"contact/{contact}").json["result"]
    assert (result["phone"], result["email"]) == (PHONE, EMAIL)


@pytest.mark.usefixtures("masked")
def test_others_see_a_mask_on_pages_and_resources(contact: int, person: Any, program: Any) -> None:
    staf = person(STAFF)
    for path in (f"/partners/contact/{contact}", f"/partners/contact/{contact}/edit", "/partners/contact/?order=-id"):
        page = staf.get(path)
        assert page.status_code == 200
        assert PHONE not in page.text, path
        assert EMAIL not in page.text, path
        assert MASK in page.text, path
    result = program(STAFF, "kendal").api("GET", f"contact/{contact}").json["result"]
    assert (result["phone"], result["email"], result["note"]) == (MASK, MASK, None)


@pytest.mark.usefixtures("masked")
def test_one_record_is_shown_on_request_and_it_is_written_down(
    contact: int, person: Any, program: Any, administrator: Any
) -> None:
    staf = person(STAFF)
    assert "Show personal data" in staf.get(f"/partners/contact/{contact}").text
    answer = staf.send(f"/partners/contact/{contact}/unmask", {}, form_at="/partners/contact/add")
    assert answer.status_code == 200
    assert PHONE in answer.text
    assert "Show personal data" not in answer.text
    assert PHONE not in staf.get(f"/partners/contact/{contact}").text, "once"
    entry = ("record", CONTACT, contact, ["email", "phone"])
    assert shown(administrator) == [entry]
    result = program(STAFF, "kendal").api("POST", f"contact/{contact}/unmask").json["result"]
    assert result["phone"] == PHONE
    assert shown(administrator) == [entry, entry]
    log = person("kendal.admin").get("/kernel/personal/").text
    assert "Shown on the record" in log
    assert PHONE not in log


def test_without_the_right_nothing_is_shown_on_request(
    contact: int, person: Any, program: Any, administrator: Any
) -> None:
    with administrator():
        set_right(db.session(), STAFF, CONTACT, "personal", False)
        db.session.commit()
    staf = person(STAFF)
    assert "Show personal data" not in staf.get(f"/partners/contact/{contact}").text
    answer = staf.send(f"/partners/contact/{contact}/unmask", {}, form_at="/partners/contact/add")
    assert answer.status_code == 403
    assert PHONE not in answer.text
    assert program(STAFF, "kendal").api("POST", f"contact/{contact}/unmask").status_code == 403
    assert shown(administrator) == []
    admin = person("kendal.admin")
    path = "/rooms/room/1/unmask"
    assert admin.send(path, {}, form_at="/partners/contact/add").status_code == 404


@pytest.mark.usefixtures("masked")
def test_a_form_keeps_what_is_masked_and_refuses_what_is_forged(
    contact: int, person: Any, program: Any, administrator: Any
) -> None:
    staf, script = person(STAFF), program(STAFF, "kendal")
    path = f"/partners/contact/{contact}/edit"
    with administrator():
        partner = str(db.session.get(models[CONTACT], contact).partner_id)
    common = {"partner": partner, "name": "Sulastri Contoh"}
    assert staf.send(path, {**common, "position": "Sekretaris"}).status_code == 302
    assert staf.send(path, {**common, "position": "Bendahara", "phone": MASK}).status_code == 302
    assert staf.send(path, {**common, "phone": "0811"}).status_code == 403
    assert script.api("PUT", f"contact/{contact}", {"position": "Ketua", "email": MASK}).status_code == 200
    assert script.api("PUT", f"contact/{contact}", {"email": "x@example.test"}).status_code == 403
    with administrator():
        stored = db.session.get(models[CONTACT], contact)
        assert (stored.position, stored.phone, stored.email) == ("Ketua", PHONE, EMAIL)


@pytest.mark.usefixtures("masked")
def test_a_new_record_may_be_typed_in_full(person: Any, contact: int, administrator: Any) -> None:
    with administrator():
        partner = str(db.session.get(models[CONTACT], contact).partner_id)
    values = {"partner": partner, "name": "Paijo Contoh", "phone": "0813 0000 0001"}
    answer = person(STAFF).send("/partners/contact/add", values)
    assert answer.status_code == 302
    with administrator():
        assert db.session.scalar(select(models[CONTACT].phone).where(models[CONTACT].name == "Paijo Contoh"))


@pytest.mark.usefixtures("masked")
def test_masked_data_are_not_found_by(contact: int, person: Any, program: Any) -> None:
    script = program(STAFF, "kendal")
    assert script.api("GET", "contact/?q=(filters:!((col:phone,opr:ct,value:'0812')))").status_code == 400
    assert script.api("GET", "contact/?q=(order_column:phone)").status_code == 400
    assert EMAIL not in person(STAFF).get("/partners/contact/?q=sulastri.contoh").text
    del contact


# Erasure --------------------------------------------------------------------------------------------------------------


def test_a_person_is_found_wherever_their_data_stand_and_the_request_names_no_data(
    contact: int, person: Any, administrator: Any
) -> None:
    admin = person("kendal.admin")
    for words in ("sulastri", "0812 0000", "SULASTRI.contoh@"):
        page = post(admin, "/kernel/personal/erase", q=words)
        assert page.status_code == 200
        assert f'value="{CONTACT}:{contact}"' in page.text, words
    assert post(admin, "/kernel/personal/erase", q="su").status_code == 422
    answer = post(admin, "/kernel/personal/request", q="sulastri", target=f"{CONTACT}:{contact}", reason="")
    assert answer.status_code == 422
    assert f'value="{CONTACT}:{contact}" checked' in answer.text
    answer = post(admin, "/kernel/personal/request", target=f"{CONTACT}:{contact}", reason="Surat tanggal 3 Maret")
    assert answer.status_code == 302
    with administrator():
        (row,) = db.session.scalars(select(Erasure))
        assert row.targets == [{"model": CONTACT, "id": contact, "columns": ["name", "email", "phone"], "files": False}]
    assert "personal erase" in admin.get("/kernel/personal/").text


def test_what_must_stay_is_told_with_the_reason_and_cannot_be_asked_for(administrator: Any, person: Any) -> None:
    holder = models["organization.Holder"]
    with administrator():
        number = db.session.scalar(select(holder.id).where(holder.date_to.is_(None)).limit(1))
        db.session.get(holder, number).civil_servant_number = "19800101 200501 1 001"
        db.session.commit()
    admin, key = person("kendal.admin"), f"organization.Holder:{number}"
    page = post(admin, "/kernel/personal/erase", q="19800101 200501")
    assert f'value="{key}" disabled' in page.text
    assert "The person holds the position and signs papers." in page.text
    answer = post(admin, "/kernel/personal/request", target=key, reason="Surat tanggal 3 Maret")
    assert answer.status_code == 409
    assert "must stay" in answer.text
    with administrator():
        assert db.session.scalar(select(Erasure)) is None


def test_only_whoever_may_ask_for_erasure_looks_for_people(contact: int, person: Any, acting: Any) -> None:
    from app.errors import Forbidden

    staf = person(STAFF)
    assert staf.get("/kernel/personal/erase").status_code == 403
    with acting(STAFF, "kendal"), pytest.raises(Forbidden):
        find_person(db.session(), "sulastri")
    with acting("unair.admin", "unair"):
        assert find_person(db.session(), "Sulastri Contoh") == []
    del contact


def test_the_operator_erases_values_and_history_for_good(
    contact: int, administrator: Any, addresses: Any, postgres: Any, tmp_path: Any
) -> None:
    with administrator():
        record = db.session.get(models[CONTACT], contact)
        service_of(models[CONTACT]).update(record, {"phone": "0899 1"})
        db.session.commit()
        mails = {
            "to": send_mail(db.session(), to=EMAIL, subject="Undangan", body="Salam"),
            "about": send_mail(db.session(), to="lain@contoh.id", subject="Kontak", body=f"Teleponnya {PHONE}."),
            "other": send_mail(db.session(), to="lain@contoh.id", subject="Lain", body="Tidak tentang siapa pun"),
        }
        for mail in mails.values():
            mail.state = "sent"
        key = f"{CONTACT}:{contact}"
        number = request_erasure(db.session(), [key], "Surat tanggal 3 Maret", [key]).id
        db.session.commit()
    with psycopg.connect(libpq_address(addresses.owner)) as owner:
        owner.execute(
            "INSERT INTO attachment (institution_id, model, record_id, name, kind, size, sha256, stored_name) "
            "VALUES (2, %s, %s, 'KTP Sulastri.pdf', 'application/pdf', 1, 'x', 'aabb.pdf')",
            (CONTACT, contact),
        )
    stored = tmp_path / "files" / "aa" / "aabb.pdf"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"x")
    environment = {
        "PATH": "/usr/bin:/bin",
        "SINERGI_DATABASE_URL": addresses.application,
        "SINERGI_OWNER_DATABASE_URL": addresses.owner,
        "SINERGI_DATA_DIR": str(tmp_path),
        "SINERGI_ADDONS_PATH": str(postgres.settings.addons_path[0]),
    }

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "run.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True
        )

    waiting = command("personal", "requests", "--institution", "kendal", "--json")
    assert waiting.returncode == 0, waiting.stderr
    assert [row["id"] for row in json.loads(waiting.stdout)] == [number]
    assert command("personal", "erase", str(number), "--institution", "unair", "--yes").returncode != 0
    done = command("personal", "erase", str(number), "--institution", "kendal", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Erased: 1 records" in done.stdout
    assert "1 files, 2 mails." in done.stdout
    assert "Backups that were made before" in done.stdout
    assert not stored.exists()
    again = command("personal", "erase", str(number), "--institution", "kendal", "--yes")
    assert again.returncode != 0
    assert "already" in again.stderr
    with administrator():
        record = db.session.get(models[CONTACT], contact)
        assert (record.phone, record.email) == (None, None)
        assert "Sulastri" not in record.name
        erasure = db.session.get(Erasure, number)
        assert erasure.state == "done"
        assert erasure.counts["history"] >= 3
    with psycopg.connect(libpq_address(addresses.owner)) as owner:
        trail = owner.execute("SELECT coalesce(old::text, '') || coalesce(new::text, '') FROM audit_entry").fetchall()
        written = " ".join(text for (text,) in trail)
        kept = owner.execute("SELECT subject, recipient, body FROM outgoing_mail ORDER BY id").fetchall()
        assert owner.execute("SELECT count(*) FROM attachment WHERE model = %s", (CONTACT,)).fetchone() == (0,)
    assert "(dihapus 20" in written
    assert ("Lain", "lain@contoh.id", "Tidak tentang siapa pun") in kept
    assert sum(row == ("(dihapus)",) * 3 for row in kept) == 2
    for value in (PHONE, EMAIL, "0899 1", "Sulastri"):
        assert value not in written, value
