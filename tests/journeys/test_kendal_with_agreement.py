"""Kendal with PK: agreement, reply, the way back, sending, publication, signature by a Plh.; by six people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.conftest import Clerk
from tests.journeys.test_kendal_without_agreement import (
    SCAN,
    carry_out,
    dispose,
    finish,
    finish_first_step,
    make_output,
    moment,
    receive_disposition,
    register_letter,
    take_next_task,
    tick_everything,
)

DRAFTING = "Membuat konsep Perjanjian Kerjasama"
EXAMINING = "Meneliti konsep"
SENDING = "Mengirimkan konsep"
SIGNING = "Melaksanakan Penandatanganan"
WHY = "Pasal 3 belum menyebut jadwal"


@pytest.mark.parametrize("width", [1440, 390])
def test_a_request_becomes_a_signed_agreement_and_an_activity(clerk: Callable[..., Clerk], width: int) -> None:
    title = f"Permohonan kerja sama {width}"
    now = datetime.now(ZoneInfo("Asia/Jakarta")).replace(minute=0, second=0)
    starts, ends = now - timedelta(hours=30 + width // 100), now - timedelta(hours=29 + width // 100)
    staf, kadis, kabid, subkoor = (clerk(f"kendal.{name}", width) for name in ("staf", "kadis", "kabid", "subkoor"))
    admin, sekretaris = clerk("kendal.admin", width), clerk("kendal.sekretaris", width)

    case_url = register_letter(staf, title)
    finish_first_step(staf)
    dispose(kadis)
    receive_disposition(kabid)
    coordinate_with_agreement(subkoor)

    draft_agreement_and_reply(staf, title, starts, ends)
    return_the_draft(kabid)
    mend_the_draft(staf, title)
    submit_the_reply(staf, title)
    accept_the_draft(kabid)
    letter_url = send_the_reply(staf, kabid, title)
    publish(staf)
    assert not has_task(sekretaris, SIGNING)
    holding = appoint_daily_acting_head(admin)
    sign(staf, sekretaris, title)
    end_the_appointment(admin, holding)
    sekretaris.page.goto("/agreements/agreement/")
    assert "/login/?next=" in sekretaris.page.url  # the session ended with the role
    sekretaris.sign_in()
    assert sekretaris.page.goto("/agreements/agreement/").status == 403
    carry_out(staf, title, starts, ends)
    read_the_case(staf, case_url, letter_url)


def coordinate_with_agreement(subkoor: Clerk) -> None:
    take_next_task(subkoor, "Melakukan Koordinasi dengan Pemohon")
    tick_everything(subkoor)
    subkoor.page.check("[name=choice][value=dengan_pk]")
    finish(subkoor)
    assert DRAFTING in subkoor.text()


def draft_agreement_and_reply(staf: Clerk, title: str, starts: datetime, ends: datetime) -> None:
    take_next_task(staf, DRAFTING)
    make_output(staf, "/agreements/agreement/")
    staf.choose("kind", "Perjanjian Kerja Sama")
    staf.choose("partner", "SD Negeri Contoh 1")
    staf.fill(
        title=f"PKS {title}",
        number=f"001/PKS/{title[-4:].strip()}",
        our_signatory="Kadis Contoh Kendal",
        partner_signatory="Kepala Sekolah Contoh",
    )
    staf.picture("agreement-form")
    assert staf.fits()
    staf.save()
    make_output(staf, "/correspondence/outgoing_letter/")
    staf.choose("signing_position", "Kepala Dinas")
    staf.fill(
        subject=f"Balasan {title}",
        addressee_name="Kepala SD Negeri Contoh 1",
        body="Dengan hormat, permohonan Saudara kami terima.\n\nDemikian, terima kasih.",
        class_code="000.4",
    )
    staf.picture("reply-form")
    assert staf.fits()
    staf.save()
    make_output(staf, "/rooms/booking/")
    staf.choose("room", "Aula")
    staf.fill(purpose=f"Kegiatan {title}", starts_at=moment(starts), ends_at=moment(ends))
    staf.save()
    tick_everything(staf)
    staf.picture("task-with-outputs")
    finish(staf)
    assert EXAMINING in staf.text()


def return_the_draft(kabid: Clerk) -> None:
    take_next_task(kabid, EXAMINING)
    tick_everything(kabid)
    kabid.page.check("[name=choice][value=tidak]")
    finish(kabid)
    assert "keterangan" in kabid.page.locator("[role=alert]").first.inner_text().lower()
    kabid.fill(remark=WHY)
    finish(kabid)


def mend_the_draft(staf: Clerk, title: str) -> None:
    take_next_task(staf, DRAFTING)
    assert WHY in staf.text()
    task = staf.page.url
    open_agreement(staf, title)
    staf.press('main a[href^="/agreements/agreement_version/add"]')
    staf.fill(reason="Jadwal ditambahkan pada Pasal 3")
    staf.save()
    staf.picture("agreement-version")
    staf.page.goto(task)
    tick_everything(staf)
    finish(staf)


def accept_the_draft(kabid: Clerk) -> None:
    take_next_task(kabid, EXAMINING)
    tick_everything(kabid)
    kabid.page.check("[name=choice][value=ya]")
    finish(kabid)
    assert SENDING in kabid.text()


def submit_the_reply(staf: Clerk, title: str) -> None:
    open_letter(staf, title)
    staf.press('form[action$="/do/submit"] button')


def send_the_reply(staf: Clerk, kabid: Clerk, title: str) -> str:
    """The reply is approved with its number and sent; and the applicant agrees."""
    address = open_letter(staf, title)
    kabid.page.goto(address)
    kabid.page.locator('form[action$="/do/approve"] button').first.click()
    with kabid.page.expect_navigation():
        kabid.page.locator("dialog[open] [data-yes]").click()
    assert "000.4/" in kabid.text()
    staf.page.goto(address)
    staf.press('a[href$="/ask/send"]')
    staf.page.select_option("[name=channel]", "email")
    staf.fill(receipt="Diterima Guru Contoh")
    staf.picture("letter-sending")
    staf.save()
    staf.picture("letter-sent")
    assert staf.fits()
    take_next_task(staf, SENDING)
    tick_everything(staf)
    staf.page.check("[name=choice][value=setuju]")
    finish(staf)
    return address


def open_letter(person: Clerk, title: str) -> str:
    person.page.goto(f"/correspondence/outgoing_letter/?q=Balasan+{title.replace(' ', '+')}")
    person.press('main tbody tr a[href^="/correspondence/outgoing_letter/"]')
    return person.page.url


def open_agreement(person: Clerk, title: str) -> str:
    person.page.goto(f"/agreements/agreement/?q=PKS+{title.replace(' ', '+')}")
    person.press('main tbody tr a[href^="/agreements/agreement/"]')
    person.page.wait_for_load_state("networkidle")
    return person.page.url


def publish(staf: Clerk) -> None:
    take_next_task(staf, "Membuat publikasi kegiatan")
    tick_everything(staf)
    poster = {"name": "poster.pdf", "mimeType": "application/pdf", "buffer": SCAN}
    staf.page.locator('input[type=file][name^="file_"]').set_input_files(poster)
    finish(staf)


def has_task(person: Clerk, words: str) -> bool:
    person.page.goto("/procedures/my_work/")
    return words in person.text()


def appoint_daily_acting_head(admin: Clerk) -> str:
    """Kepala Dinas is away: the administrator makes Sekretaris Plh., until tomorrow should midnight pass meanwhile."""
    today = datetime.now(ZoneInfo("Asia/Jakarta")).date()
    admin.page.goto("/organization/holder/add")
    admin.choose("position", "Kepala Dinas")
    admin.choose("user", "Sekretaris Contoh")
    admin.page.select_option("[name=kind]", "daily_acting")
    admin.fill(date_from=today.isoformat(), date_to=(today + timedelta(days=1)).isoformat())
    admin.picture("holder-form")
    assert admin.fits()
    admin.save()
    assert "Plh. Kepala Dinas" in admin.text()
    admin.picture("holder")
    return admin.page.url


def end_the_appointment(admin: Clerk, holding: str) -> None:
    admin.page.goto(holding)
    admin.page.locator('form[action$="/archive"] button').first.click()
    with admin.page.expect_navigation():
        admin.page.locator("dialog[open] [data-yes]").click()
    assert "Diarsipkan" in admin.text()


def sign(staf: Clerk, head: Clerk, title: str) -> None:
    """Staff files the scan, whoever is the head today records the signing and finishes the step."""
    agreement = open_agreement(staf, title)
    staf.press('main a[href^="/agreements/agreement_version/add"]')
    staf.page.select_option("[name=kind]", "signed")
    scan = {"name": "pks-ditandatangani.pdf", "mimeType": "application/pdf", "buffer": SCAN}
    staf.page.set_input_files("[name=files]", scan)
    staf.picture("agreement-scan-form")
    staf.save()
    head.page.goto(agreement)
    head.press('a[href$="/ask/sign"]')
    head.fill(signed_on=datetime.now(ZoneInfo("Asia/Jakarta")).date().isoformat())
    head.save()
    head.page.wait_for_load_state("networkidle")
    head.picture("agreement-signed")
    assert head.fits()
    take_next_task(head, SIGNING)
    tick_everything(head)
    head.picture("task-of-acting-head")
    finish(head)


def read_the_case(staf: Clerk, case_url: str, letter_url: str) -> None:
    staf.page.goto(case_url)
    for part in staf.page.locator("[data-load]").all():
        part.scroll_into_view_if_needed()
        staf.page.wait_for_load_state("networkidle")
    write_a_message(staf, "Berkas asli disimpan di lemari B-2.")
    staf.picture("case-with-agreement")
    assert staf.fits()
    text = staf.text()
    assert WHY in text
    assert "Berkas asli disimpan di lemari B-2." in text
    assert "Plh. Kepala Dinas" in text
    assert "is-ahead" not in staf.page.locator("[data-track]").inner_html()
    kept = staf.page.locator("[data-kept-records] > li").all_inner_texts()
    assert len(kept) == 8
    assert [item for item in kept if "belum ada" in item] == []
    answer = staf.page.request.get(f"{letter_url}/print/pdf")
    assert answer.body().startswith(b"%PDF")


def write_a_message(person: Clerk, words: str) -> None:
    person.page.locator("#thread").scroll_into_view_if_needed()
    box = person.page.locator("#thread-text")
    box.fill(words)
    person.page.locator("#thread .thread-write button").click()
    person.page.locator(".thread .is-message", has_text=words).wait_for()
