"""The editor of procedures asks for no technical name: kinds, states, transitions and fields are chosen by title."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from addons.procedures.tests.test_procedure_editor import fields_of
from app.testing.client import DEMO_PASSWORD

DRAFT = "/procedures/version/draft/1"


def test_states_are_ticked_by_title_and_follow_the_kind_that_is_chosen(page: Any) -> None:
    page.goto("/login/")
    page.fill("#username", "kendal.admin")
    page.fill("#password", DEMO_PASSWORD)
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url("**/procedures/my_work/**")
    page.goto("/procedures/procedure/1")
    page.locator(f'form[action="{DRAFT}"] button').click()
    page.wait_for_url("**/procedures/editor/*")
    at = page.url
    page.goto(f"{at}?step=8")
    states = page.locator('[data-name="outputs-0-state"]')
    assert not states.is_visible()
    page.select_option("[name=outputs-0-kind]", "correspondence.OutgoingLetter")
    assert "Terkirim" in states.inner_text()
    states.get_by_label("Terkirim").check()
    page.locator("[data-rows]", has_text="Keluaran").first.get_by_role("button").click()
    assert not page.locator('[data-name="outputs-2-state"]').is_visible()
    page.locator("summary", has_text="Yang menunggu langkah ini").click()
    page.select_option("[name=gates-0-which]", "agreements.Agreement:activate")
    offered = page.locator("[name=gates-0-field] optgroup:not([disabled]) option").all_inner_texts()
    assert any("Jenis" in text for text in offered), offered
    page.select_option("[name=gates-0-field]", "kind.code")
    listed = page.locator("[name=gates-0-value]").get_attribute("list")
    assert page.locator(f'datalist[id="{listed}"] option[value="MoU"]').count() == 1
    page.fill("[name=gates-0-value]", "mou")
    page.locator("[data-save]").click()
    page.wait_for_load_state()
    page.goto(f"{at}?step=8")
    assert page.locator('[data-name="outputs-0-state"]').get_by_label("Terkirim").is_checked()
    assert page.input_value("[name=gates-0-value]") == "MoU"


def test_no_key_of_a_state_or_an_executor_stands_in_the_form_as_words(person: Callable[[str], Any]) -> None:
    admin = person("kendal.admin")
    at = admin.send(DRAFT, {}, form_at="/procedures/procedure/1").headers["Location"]
    shown = admin.get(f"{at}?step=4").text
    form = re.search(r'<form[^>]*id="step-form".*?</form>', shown, re.DOTALL)
    assert form
    words = re.sub(r'name="[^"]*"|value="[a-z_.A-Z:]*"|data-[\w-]+="[^"]*"|id="[^"]*"', "", form[0])
    for key in ("sub_koordinator", "tanpa_pk", ">sent<", "kind.code"):
        assert key not in words, key
    candidates = fields_of(shown)["doubts-0-candidates"]
    assert candidates == "Sub Koordinator; Kepala Bidang; Staf/Pustakawan"


def test_optional_steps_ask_for_the_outputs_that_are_ticked(person: Callable[[str], Any]) -> None:
    admin = person("kendal.admin")
    at = admin.send(DRAFT, {}, form_at="/procedures/procedure/1").headers["Location"]
    shown = admin.get(f"{at}?step=4").text
    sent = {
        **fields_of(shown),
        "also-0-outputs": ["", "Surat balasan", "Jadwal kegiatan"],
        "also-0-state": ["", "sent"],
    }
    assert admin.send(f"{at}/step", sent, form_at=at).status_code == 302
    kept = admin.get(f"{at}?step=4").text
    ticked = re.findall(r'name="also-0-outputs" value="([^"]*)" checked', kept)
    assert ticked == ["Surat balasan", "Jadwal kegiatan"]
    assert re.findall(r'name="also-0-state" value="([^"]*)" checked', kept) == ["sent"]


def test_optional_steps_follow_an_output_that_gets_another_name(person: Callable[[str], Any]) -> None:
    admin = person("kendal.admin")
    at = admin.send(DRAFT, {}, form_at="/procedures/procedure/1").headers["Location"]
    sent = fields_of(admin.get(f"{at}?step=5").text)
    place = next(name for name, value in sent.items() if name.startswith("outputs-") and value == "Surat balasan")
    renamed = admin.send(f"{at}/step", {**sent, place: "Surat; jawaban"}, form_at=at)
    assert renamed.status_code == 302, renamed.text
    shown = admin.get(f"{at}?step=4").text
    assert re.findall(r'name="also-0-outputs" value="([^"]*)" checked', shown) == ["Surat; jawaban"]
    again = admin.send(f"{at}/step", fields_of(shown), form_at=at)
    assert again.status_code == 302, "a name with a semicolon is one name"
    shown = admin.get(f"{at}?step=4").text
    assert re.findall(r'name="also-0-outputs" value="([^"]*)" checked', shown) == ["Surat; jawaban"]


def test_an_output_that_the_optional_step_does_not_have_is_refused_with_what_was_typed(
    person: Callable[[str], Any],
) -> None:
    admin = person("kendal.admin")
    at = admin.send(DRAFT, {}, form_at="/procedures/procedure/1").headers["Location"]
    sent = {**fields_of(admin.get(f"{at}?step=4").text), "also-0-outputs": ["", "Surat yang tidak ada"]}
    refused = admin.send(f"{at}/step", {**sent, "remark": "Ketikan yang tetap"}, form_at=at)
    assert refused.status_code == 422
    assert "has no output “Surat yang tidak ada”" in refused.text
    assert "Ketikan yang tetap" in refused.text
