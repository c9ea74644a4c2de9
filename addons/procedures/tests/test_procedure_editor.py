"""The editor: a procedure is written, changed and tried by somebody who is no programmer."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import event

from app.database.session import db

EDITOR = "/procedures/editor"


def marks(page: str) -> dict[str, str]:
    """The mark of each form of the editor's page, by the last word of its address."""
    found = {}
    for form in re.findall(r"<form method=\"post\".*?</form>", page, re.DOTALL):
        address = re.search(r'action="[^"]*/(\w+)"', form)
        mark = re.search(r'name="mark" value="(\w*)"', form)
        if address and mark:
            found[address[1]] = mark[1]
    return found


def fields_of(page: str, form_id: str = "step-form") -> dict[str, str]:
    """What the form would send if nothing were changed."""
    form = re.search(rf'<form[^>]*id="{form_id}".*?</form>', page, re.DOTALL)
    assert form
    text = form[0]
    found = dict(re.findall(r'<input[^>]*name="([\w-]+)"[^>]*value="([^"]*)"', text))
    for name, inner in re.findall(r'<select[^>]*name="([\w-]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(r'<option value="([^"]*)"', inner)
        found[name] = chosen[1] if chosen else ""
    found |= dict(re.findall(r'<textarea[^>]*name="([\w-]+)"[^>]*>(.*?)</textarea>', text, re.DOTALL))
    boxes = re.findall(r'<input[^>]*type="checkbox" name="([\w-]+)" value="([^"]*)"( checked)?', text)
    ticked: dict[str, list[str]] = {}
    for name, value, tick in boxes:
        ticked.setdefault(name, []).extend([value] if tick else [])
    found |= {name: "; ".join(values) for name, values in ticked.items()}
    dropped = {*(name for name, values in ticked.items() if not values), "csrf_token"}
    return {name: unescape(value) for name, value in found.items() if name not in dropped}


@pytest.fixture
def writing(person: Callable[[str], Any]) -> tuple[Any, str]:
    """The administrator of Kendal with a draft of its SOP: the person, and the address of the draft."""
    admin = person("kendal.admin")
    answer = admin.send("/procedures/version/draft/1", {}, form_at="/procedures/procedure/1")
    return admin, answer.headers["Location"]


def test_step_four_gets_thirty_minutes_and_nothing_else_changes(writing: tuple[Any, str]) -> None:
    admin, at = writing
    page = admin.get(f"{at}?step=4").text
    fields = fields_of(page)
    assert fields["ways-1-to"] == "10"
    saved = admin.send(f"{at}/step", {**fields, "standard_minutes": "30"}, form_at=at)
    assert saved.status_code == 302, saved.text
    pk = at.rsplit("/", 1)[1]
    compared = admin.get(f"/procedures/version/compare/{pk}").text
    assert compared.count('class="compare-changed"') == 1
    assert re.search(r'<ins class="compare-after[^>]*>30 minutes</ins>', compared)
    assert "added:" not in compared
    assert "Identity</h2>" not in compared


def test_what_was_typed_stays_when_it_is_refused(writing: tuple[Any, str]) -> None:
    admin, at = writing
    fields = {
        **fields_of(admin.get(f"{at}?step=4").text),
        "standard_minutes": "setengah jam",
        "remark": "Belum <selesai>",
    }
    refused = admin.send(f"{at}/step", fields, form_at=at)
    assert refused.status_code == 422
    assert 'value="setengah jam"' in refused.text
    assert "Belum &lt;selesai&gt;" in refused.text
    again = fields_of(refused.text)
    assert again == fields


def test_two_who_write_the_same_step_do_not_overwrite_each_other(writing: tuple[Any, str]) -> None:
    admin, at = writing
    first, second, other = (fields_of(admin.get(f"{at}?step={key}").text) for key in ("4", "4", "5"))
    assert admin.send(f"{at}/step", {**first, "standard_minutes": "30"}, form_at=at).status_code == 302
    assert admin.send(f"{at}/step", {**other, "standard_minutes": "25"}, form_at=at).status_code == 302
    stale = admin.send(f"{at}/step", {**second, "remark": "Yang kedua"}, form_at=at)
    assert stale.status_code == 409
    assert "Somebody else changed this part" in stale.text
    assert "Yang kedua" in stale.text
    kept = admin.send(f"{at}/step", fields_of(stale.text), form_at=at)
    assert kept.status_code == 302
    assert fields_of(admin.get(f"{at}?step=4").text)["remark"] == "Yang kedua"


def order(admin: Any, at: str, act: str) -> str:
    page = admin.get(at).text
    answer = admin.send(f"{at}/order", {"act": act, "mark": marks(page)["order"]}, form_at=at)
    assert answer.status_code == 302
    page = admin.get(at).text
    return "".join(
        f"{key}:{name} " for key, name in re.findall(r'<tr id="step-(\w+)".*?editor-name">([^<]+)<', page, re.DOTALL)
    )


def test_steps_are_moved_given_numbered_and_taken_away(writing: tuple[Any, str]) -> None:
    admin, at = writing
    assert order(admin, at, "up:3").startswith("1:Staf/Pustakawan 3:Kepala Bidang 2:Kepala Dinas 4:")
    assert order(admin, at, "move:3/2").startswith("1:Staf/Pustakawan 2:Kepala Dinas 3:")
    assert order(admin, at, "give:2/sub_koordinator").startswith("1:Staf/Pustakawan 2:Sub Koordinator ")
    assert "8:" not in order(admin, at, "remove:8")
    page = admin.get(at).text
    assert "These steps led to it and now lead on: 7" in page or "→ 9" in page
    assert fields_of(admin.get(f"{at}?step=7").text)["ways-0-to"] == "9"
    numbers = re.findall(r"(\w+):", order(admin, at, "number:"))
    assert numbers == [str(number) for number in range(1, 10)]
    assert fields_of(admin.get(f"{at}?step=7").text)["ways-0-to"] == "8"
    stale = admin.send(f"{at}/order", {"act": "up:2", "mark": "old"}, form_at=at)
    assert stale.status_code == 302
    assert "Somebody else changed this part" in admin.get(at).text


def test_checks_and_chart_follow_what_is_typed_and_save_nothing(writing: tuple[Any, str]) -> None:
    admin, at = writing
    page = admin.get(f"{at}?step=9").text
    assert "endless loop" not in page
    typed = {**fields_of(page), "ways-0-to": "8"}
    preview = admin.send(f"{at}/preview", typed, form_at=at)
    assert preview.status_code == 200
    assert "An endless loop: 8 → 9 → 8" in preview.text
    assert 'class="flow-step is-faulty' in preview.text
    assert "endless loop" not in admin.get(at).text


def test_only_drafts_are_written_and_only_by_those_who_may(
    writing: tuple[Any, str], person: Callable[[str], Any]
) -> None:
    admin, at = writing
    fields = fields_of(admin.get(f"{at}?step=4").text)
    assert person("kendal.staf").get(at).status_code == 403
    refused = admin.get(f"{EDITOR}/1")
    assert refused.status_code == 409
    assert "Only a draft can be changed" in refused.text
    pk = at.rsplit("/", 1)[1]
    show = f"/procedures/procedure/{pk}"
    assert admin.send(f"{show}/do/approve", {}, form_at=show).status_code == 302
    assert admin.send(f"{at}/step", fields, form_at=show).status_code == 409


def test_a_trial_tells_who_acts_and_what_is_asked_and_writes_nothing(writing: tuple[Any, str]) -> None:
    admin, at = writing
    cases = admin.get("/procedures/case/").text.count("/procedures/case/")
    begin = admin.get(f"{at}/trial").text
    assert "Staf Contoh Kendal" in begin
    ways = ["1:next", "2:next", "3:next", "4:tanpa_pk"]
    page = admin.get(f"{at}/trial?" + "&".join(f"way={way}" for way in ways)).text
    assert "Membuat dan mengirim surat balasan" in page
    assert "without a time: step 4" in page
    assert "<strong>20 minutes</strong>" in page
    ways += ["5:-done", "8:-skip", "10:rutin", "10:selesai"]
    page = admin.get(f"{at}/trial?" + "&".join(f"way={way}" for way in ways)).text
    assert "The case would be closed now." in page
    assert "<strong>340 minutes</strong>" in page
    assert admin.get("/procedures/case/").text.count("/procedures/case/") == cases


STEPS = (
    {
        "key": "1",
        "activity": "Menerima usulan kunjungan",
        "executor": "staf",
        "standard_minutes": "10",
        "ways-0-to": "end",
    },
    {"key": "2", "activity": "Memutuskan usulan", "executor": "kepala", "question": "Diterima?"},
)


def test_a_new_procedure_is_written_in_the_editor_and_runs_as_a_case(
    person: Callable[[str], Any], program: Callable[..., Any]
) -> None:
    admin = person("kendal.admin")
    begun = admin.send(f"{EDITOR}/add", {"code": "SOP-KUNJUNGAN", "title": "Kunjungan kelas"})
    at = begun.headers["Location"].split("?")[0]
    page = admin.get(at).text
    positions = {title: value for value, title in re.findall(r'<option value="(\d+)">([^<]+)</option>', page)}
    staf = next(value for title, value in positions.items() if "Staf" in title)
    kepala = next(value for title, value in positions.items() if title.startswith("Kepala Bidang"))
    people = {
        "executors-0-name": "Staf", "executors-0-position": staf,
        "executors-1-name": "Kepala", "executors-1-position": kepala,
        "executors-2-name": "Sekolah", "executors-2-position": "external",
    }  # fmt: skip
    assert admin.send(f"{at}/executors", {**people, "mark": marks(page)["executors"]}, form_at=at).status_code == 302
    for step in STEPS:
        answer = admin.send(f"{at}/step", {**step, "mark": "", "ways-0-to": "end"}, form_at=at)
        assert answer.status_code == 302, re.sub(r"<[^>]+>", " ", answer.text)
    page = admin.get(at).text
    assert "No way leads to this step." in page
    first = {**fields_of(admin.get(f"{at}?step=1").text), "ways-0-to": "2", "papers-0-name": "Surat usulan"}
    assert admin.send(f"{at}/step", first, form_at=at).status_code == 302
    second = fields_of(admin.get(f"{at}?step=2").text)
    second |= {"ways-0-label": "Ya", "ways-1-label": "Tidak", "ways-1-to": "1", "ways-1-note_required": "1"}
    assert admin.send(f"{at}/step", second, form_at=at).status_code == 302
    assert "Nothing is wrong." in admin.get(at).text.replace("Carries out no step.", "Nothing is wrong.")
    show = at.replace("editor", "procedure")
    assert admin.send(f"{show}/do/approve", {}, form_at=show).status_code == 302
    assert admin.send(f"{show}/ask/schedule", {"in_force_from": ""}).status_code == 302
    assert "In force" in admin.get(show).text
    staff = program("kendal.staf")
    case = staff.api("POST", "case/", {"title": "SD Contoh", "procedure": int(show.rsplit("/", 1)[1])})
    assert case.status_code == 201, case.text
    assert "1. Menerima usulan kunjungan" in person("kendal.staf").get("/procedures/my_work/").text


def test_an_executor_with_steps_stays_and_a_code_is_given_once(writing: tuple[Any, str]) -> None:
    admin, at = writing
    page = admin.get(at).text
    refused = admin.send(f"{at}/executors", {"executors-0-name": "Baru", "mark": marks(page)["executors"]}, form_at=at)
    assert refused.status_code == 409
    assert "carries out step" in refused.text
    assert 'value="Baru"' in refused.text
    taken = admin.send(f"{EDITOR}/add", {"code": "SOP-KERJASAMA", "title": "Lagi"})
    assert taken.status_code == 422
    assert "draft a new version from it" in taken.text
    assert 'value="Lagi"' in taken.text


def test_five_hundred_steps_open_and_save_in_bearable_time(
    acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    from addons.procedures.services.procedure_file import import_procedure

    steps = [
        {
            "key": str(number),
            "activity": f"Melakukan langkah {number}",
            "executor": f"p{number % 5}",
            "papers": [{"name": f"Dokumen {part}"} for part in range(2)],
            "outputs": [{"name": "Berkas hasil"}],
            "next": str(number + 1) if number < 500 else "end",
        }
        for number in range(1, 501)
    ]
    people = [{"key": f"p{n}", "name": f"Jabatan {n}", "position": "kendal.position_staf_pustakawan"} for n in range(5)]
    document = {"code": "SOP-BESAR", "title": "Besar", "start": "1", "executors": people, "steps": steps}
    seen: list[str] = []
    with acting("kendal.admin", "kendal"):
        event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
        pk = import_procedure(document).id
        db.session.commit()
    assert len(seen) < 100, "what is read in is written in batches, not step by step"
    admin, at = person("kendal.admin"), f"{EDITOR}/{pk}"
    begin = perf_counter()
    page = admin.get(f"{at}?step=250").text
    opened = perf_counter() - begin
    fields = fields_of(page)
    tokens = admin.hidden(at)
    begin = perf_counter()
    saved = admin.http.post(f"{at}/step", data={**tokens, **fields, "standard_minutes": "15"}, headers=admin.headers)
    seconds = perf_counter() - begin
    assert saved.status_code == 302
    assert opened < 15, f"{opened:.2f} s for {len(page) / 1e6:.1f} MB"
    assert seconds < 10, f"{seconds:.2f} s"


def test_what_the_editor_saves_unchanged_stays_as_it_was(
    acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    from pathlib import Path

    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_document import document_of
    from addons.procedures.services.procedure_file import import_procedure, read_file

    with acting("kendal.admin", "kendal"):
        document, _problems = read_file((Path(__file__).parent / "branching_procedure.yaml").read_bytes())
        pk = import_procedure(document).id
        before = document_of(db.session.get(Procedure, pk))
        db.session.commit()
    admin, at = person("kendal.admin"), f"{EDITOR}/{pk}"
    for key in ("1", "2", "4", "6"):
        assert admin.send(f"{at}/step", fields_of(admin.get(f"{at}?step={key}").text), form_at=at).status_code == 302
    with acting("kendal.admin", "kendal"):
        assert document_of(db.session.get(Procedure, pk)) == before
    trial = admin.get(f"{at}/trial?way=1:dalam&way=2:again&way=2:next&way=3:next").text
    assert "Melapor ke atas" in trial
    assert "Melaksanakan bersama</h2>" not in trial
    joined = admin.get(f"{at}/trial?way=1:dalam&way=2:next&way=3:next&way=4:next").text
    assert "Melaksanakan bersama</h2>" in joined
