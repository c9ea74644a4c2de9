"""Every extension point that docs/addons.md names, used by the dummy addon: there where it is on, and nowhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

import app.addon
from app.cli.addons import addons
from app.cli.i18n import compile_catalogues
from app.database.session import db
from app.errors import AddonError, Conflict
from app.records.actions import record_action
from app.records.service import service_of
from app.registry.enablement import enable
from app.settings.administration import change_settings
from app.testing.forked import ROOT
from app.views.cards import cards, dashboard_card
from app.views.slots import declare_slot, fill_slot, slots

pytestmark = pytest.mark.postgres

GUIDE = (ROOT / "docs" / "addons.md").read_text(encoding="utf-8")
POINTS = {
    "columns": "extends", "relations": "reference", "methods": "extends", "view operations": "extend_view",
    "actions": "record_action", "transitions": "Transition", "guards": "on", "menu": "add_menu_link",
    "dashboard cards": "dashboard_card", "jobs": "job", "settings": "declare_setting", "wording": "gettext",
    "templates": "fill_slot", "hooks": "declare_hook", "panels": "record_panel",
}  # fmt: skip
"""What an author can reach, and by which name of app.addon."""


@pytest.fixture
def dummy(acting: Callable[..., Any]) -> Any:
    """The dummy addon is enabled for Kendal, and only there."""
    with acting("kendal.admin", "kendal") as access:
        enable(db.session(), access.institution_id, "dummy")
        db.session.commit()
    from addons.dummy.models import note

    return note


@pytest.fixture
def partner() -> Any:
    from addons.partners.models.partner import Partner

    return Partner


@pytest.fixture
def rated(dummy: Any, partner: Any, acting: Any) -> Callable[..., int]:
    """``rated("Mitra", 3)`` is the id of a new partner of Kendal with this rating."""

    def make(name: str, rating: int | None) -> int:
        with acting("kendal.admin", "kendal"):
            number: int = service_of(partner).create({"name": name, "dummy_rating": rating}).id
            db.session.commit()
        return number

    return make


@pytest.mark.parametrize("point", POINTS)
def test_every_extension_point_is_offered_by_app_addon_and_shown_in_the_guide_with_an_example(point: str) -> None:
    name = POINTS[point]
    assert name in app.addon.__all__
    table = GUIDE.partition("## Extension points")[2].partition("\n## ")[0]
    assert re.search(rf"^\| {point} \|", table, re.MULTILINE), point
    examples = " ".join(re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
    assert re.search(rf"\b{name}\b", examples) or point == "wording", point


def test_every_slot_is_told_with_its_paragraph(application: Flask) -> None:
    for name, place in slots.items():
        assert f"**`{name}`** — {place.purpose}" in GUIDE


# Actions ----------------------------------------------------------------------------------------------------------


def test_an_action_is_offered_and_done_on_the_record_where_its_addon_is_on(
    rated: Any, person: Any, acting: Any, partner: Any
) -> None:
    pk, admin = rated("Mitra Contoh", 3), person("kendal.admin")
    assert "Dummy praise" in admin.get(f"/partners/partner/{pk}").text
    answer = admin.send(f"/partners/partner/{pk}/act/dummy_praise", {}, form_at=f"/partners/partner/{pk}")
    assert answer.location == f"/partners/partner/{pk}"
    assert "Praised by dummy." in admin.get(answer.location).text
    with acting("kendal.admin", "kendal"):
        assert db.session.get(partner, pk).dummy_rating == 4
        assert db.session.get(partner, pk).dummy_stars() == "****"


def test_an_action_on_chosen_records_is_done_with_all_or_with_none(
    rated: Any, person: Any, acting: Any, partner: Any
) -> None:
    first, second, best = rated("Mitra Satu", 1), rated("Mitra Dua", None), rated("Mitra Tiga", 5)
    admin, path = person("kendal.admin"), "/partners/partner/act/dummy_praise"
    page = admin.get("/partners/partner/").text
    assert f'name="id" value="{first}"' in page
    assert f'formaction="{path}"' in page

    def ratings() -> list[int | None]:
        with acting("kendal.admin", "kendal"):
            return [db.session.get(partner, pk).dummy_rating for pk in (first, second, best)]

    def choose(*ids: Any) -> Any:
        return admin.send(path, {"id": [str(item) for item in ids]}, form_at="/partners/partner/")

    assert choose(first, second).status_code == 302
    assert ratings() == [2, 1, 5]
    choose(first, second, best)
    assert "best dummy rating" in admin.get("/partners/partner/").text
    assert ratings() == [2, 1, 5]
    assert choose(first, 99999).status_code == 404
    assert choose(*range(1, 150)).status_code == 400
    assert choose("x").status_code == 400
    choose()
    assert "No record was chosen." in admin.get("/partners/partner/").text
    assert ratings() == [2, 1, 5]


def test_an_action_needs_its_right_and_its_addon(rated: Any, person: Any, program: Any) -> None:
    pk, path = rated("Mitra Contoh", 1), "/partners/partner/{}/act/dummy_praise"
    script = program("kendal.admin", "kendal")
    assert script.api("POST", f"partner/{pk}/do/dummy_praise").json["result"]["dummy_rating"] == 2
    staff = person("kendal.staf")
    assert "Mitra Contoh" in staff.get(f"/partners/partner/{pk}").text
    assert "Dummy praise" not in staff.get(f"/partners/partner/{pk}").text
    assert "act/dummy_praise" not in staff.get("/partners/partner/").text
    assert staff.send(path.format(pk), {}, form_at="/partners/partner/add").status_code == 403
    other = person("unair.admin")
    own = int(re.search(r'href="/partners/partner/(\d+)"', other.get("/partners/partner/").text)[1])
    assert "Dummy praise" not in other.get(f"/partners/partner/{own}").text
    assert other.send(path.format(own), {}, form_at="/partners/partner/add").status_code == 404
    assert program("unair.admin", "unair").api("POST", f"partner/{own}/do/dummy_praise").status_code == 404
    assert script.api("POST", f"partner/{pk}/do/invented").status_code == 404


@pytest.mark.parametrize("name", ["praise", "dummy_praise", "archive"])
def test_an_action_needs_a_name_of_its_own_with_its_addons_prefix(application: Flask, name: str) -> None:
    def run(records: Any) -> None:
        """Nothing."""

    run.__module__ = "addons.dummy.views.extras"
    with pytest.raises(AddonError, match=r"must start with|already has"):
        record_action("partners.Partner", name, "Twice")(run)


# Cards and slots --------------------------------------------------------------------------------------------------


def test_cards_stand_on_the_overview_where_the_addon_is_on(dummy: Any, person: Any) -> None:
    admin = person("kendal.admin")
    page = admin.get("/kernel/dashboard/")
    assert page.status_code == 200
    assert "Dummy notes" in page.text
    assert "Dummy counts 1." in admin.get("/card/dummy.count").text
    for username in ("kendal.staf", "unair.admin"):
        other = person(username)
        assert "Dummy notes" not in other.get("/kernel/dashboard/").text
        assert other.get("/card/dummy.count").status_code == 404


def test_slots_are_filled_where_the_addon_is_on_with_what_the_institution_has_set(
    rated: Any, person: Any, acting: Any
) -> None:
    pk = rated("Mitra Contoh", 1)
    with acting("kendal.admin", "kendal"):
        change_settings(db.session(), "dummy", {"greeting": "Selamat <b>datang</b>"})
        db.session.commit()
    for path in ("/kernel/dashboard/", "/partners/partner/", "/partners/partner/add", f"/partners/partner/{pk}"):
        page = person("kendal.admin").get(path)
        assert page.status_code == 200
        assert "Dummy says: Selamat &lt;b&gt;datang&lt;/b&gt;" in page.text, path
    for path in ("/partners/partner/", "/partners/partner/add"):
        assert "Dummy says" not in person("unair.admin").get(path).text
    assert "Dummy says" not in person("kendal.admin").get("/partners/contact/").text


def test_a_panel_and_a_page_of_its_own_are_there_where_the_addon_is_on(rated: Any, person: Any) -> None:
    pk, admin = rated("Mitra Contoh", 4), person("kendal.admin")
    assert "Dummy panel" in admin.get(f"/partners/partner/{pk}").text
    assert "Dummy counts 4." in admin.get(f"/partners/partner/{pk}/panel/dummy_notes").text
    assert "A page of dummy's own." in admin.get("/dummy/extra/").text
    assert 'href="/dummy/extra/"' in admin.get("/partners/partner/").text
    other = person("unair.admin")
    assert other.get("/dummy/extra/").status_code == 404
    assert 'href="/dummy/extra/"' not in other.get("/partners/partner/").text


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (lambda: dashboard_card("other.card", "Card", "dummy.Note"), "must be called dummy.something"),
        (lambda: dashboard_card("dummy.count", "Card", "dummy.Note"), "declared twice"),
        (lambda: fill_slot("kernel.invented"), "there is no slot kernel.invented"),
    ],
)
def test_a_wrong_card_or_slot_is_one_sentence(application: Flask, attempt: Any, sentence: str) -> None:
    def render() -> None:
        """Nothing."""

    render.__module__ = "addons.dummy.views.extras"
    with pytest.raises(AddonError, match=sentence):
        attempt()(render)
    assert "other.card" not in cards


def test_a_slot_is_declared_once() -> None:
    with pytest.raises(AddonError, match="declared twice"):
        declare_slot("kernel.home", "Again.")


# Guards, wording, overview ----------------------------------------------------------------------------------------


def test_a_guard_by_hook_keeps_a_transition_from_happening(dummy: Any, acting: Any) -> None:
    with acting("kendal.admin", "kendal"):
        free, kept = (service_of(dummy.Note).create({"title": title}) for title in ("Free", "Kept open by dummy"))
        assert service_of(dummy.Note).transition(free, "close").state == "closed"
        with pytest.raises(Conflict, match="keeps this note open"):
            service_of(dummy.Note).transition(kept, "close")


def test_where_it_is_on_the_institution_speaks_in_its_words_and_elsewhere_nobody_does(
    application: Flask, dummy: Any, person: Any
) -> None:
    compile_catalogues([ROOT / "tests" / "addons"])
    indonesian = {"Accept-Language": "id"}

    def reads(username: str, language: dict[str, str]) -> str:
        text: str = person(username).get("/partners/partner/add", headers=language).text
        return text

    assert "Simpan ala dummy" in reads("kendal.staf", indonesian)
    assert "Mitra ala dummy" in reads("kendal.staf", indonesian)
    for username, language in (("unair.admin", indonesian), ("kendal.staf", {"Accept-Language": "en"})):
        page = reads(username, language)
        assert "Simpan ala dummy" not in page
        assert "Mitra ala dummy" not in page
    assert "Simpan" in reads("unair.admin", indonesian)


def test_the_overview_lists_each_use(application: Flask) -> None:
    rows = json.loads(CliRunner().invoke(addons, ["extensions", "--json"]).output)
    mine = {(row["kind"], row["target"]) for row in rows if row["addon"] == "dummy"}
    assert mine >= {
        ("action", "partners.Partner"), ("panel", "partners.Partner"), ("column", "partners.Partner"),
        ("method", "partners.Partner"), ("screen", "partners.Partner"), ("slot", "kernel.home"),
        ("hook", "kernel.before_transition"),
    }  # fmt: skip


def test_where_it_is_off_the_notes_stay_unread(dummy: Any, acting: Any) -> None:
    with acting("unair.admin", "unair"):
        assert db.session.scalar(select(func.count()).select_from(dummy.Note)) == 0
