"""The frame of every page: overview, guide, languages, assets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import flask_appbuilder
import pytest
from flask import Flask

from app.database.base import models
from app.database.session import db
from app.records.service import service_of
from app.testing.addon_rules import unknown_icons
from app.views.assets import asset
from app.views.help import guide, parse

# Overview -------------------------------------------------------------------------------------------------------------

OVERVIEW = "/kernel/dashboard/"
ARRANGE = f"{OVERVIEW}arrange"


def cards(page: Any) -> list[str]:
    """The names of the cards on the overview, in order."""
    return re.findall(r'data-load="/card/([\w.]+)"', page.text)


def test_addons_contribute_cards_and_every_card_can_be_shown(person: Any) -> None:
    staf = person("kendal.staf")
    found = cards(staf.get(OVERVIEW))
    wanted = {
        "procedures.cases_by_state", "procedures.late_tasks", "agreements.ending", "rooms.this_week",
        "correspondence.per_month",
    }  # fmt: skip
    assert wanted <= set(found)
    for name in found:
        assert staf.get(f"/card/{name}").status_code == 200, name


def test_a_card_is_not_there_without_the_right(person: Any) -> None:
    from app.views.cards import cards as declared

    program = person("unair.admin")
    assert "rooms.this_week" in declared
    for name in declared:
        shown = name in cards(program.get(OVERVIEW))
        assert program.get(f"/card/{name}").status_code == (200 if shown else 404), name


def test_people_order_and_hide_cards_for_themselves(person: Any) -> None:
    staf, before = person("kendal.staf"), cards(person("kendal.staf").get(OVERVIEW))
    first, second, last = before[0], before[1], before[-1]
    moved = staf.send(ARRANGE, {"shown": before, "down": first})
    assert moved.headers["Location"] == f"{ARRANGE}#{first}"
    assert cards(staf.get(OVERVIEW))[:2] == [second, first]
    staf.send(ARRANGE, {"shown": before[:-1], "up": "no.such.card"})
    assert last not in cards(staf.get(OVERVIEW))
    assert last in cards(person("kendal.admin").get(OVERVIEW)) or last.startswith("procedures.")
    staf.send(ARRANGE, {})
    assert "All cards are hidden." in staf.get(OVERVIEW).text
    staf.send(ARRANGE, {"default": "1"})
    assert cards(staf.get(OVERVIEW)) == before


def test_a_chart_can_be_read_without_javascript(person: Any, acting: Any) -> None:
    with acting("kendal.staf", "kendal"):
        service_of(models["correspondence.Letter"]).create({"subject": "Surat contoh", "sender_name": "Desa Contoh"})
        db.session.commit()
    page = person("kendal.staf").get("/card/correspondence.per_month").text
    assert "data-chart=" in page
    assert page.count("data-value=") == 24
    assert "As a table" in page


def test_the_first_page_is_the_topmost_of_the_menu(person: Any) -> None:
    assert person("kendal.staf").get("/").headers["Location"] == "/procedures/my_work/"


# Guide, languages, assets ---------------------------------------------------------------------------------------------


def test_the_guide_is_shown_with_its_pictures_and_pages_lead_to_their_section(person: Any) -> None:
    staf = person("kendal.staf")
    page = staf.get("/kernel/help/").text
    for picture in re.findall(r'src="(/kernel/help/pictures/[^"]+)"', page):
        assert staf.get(picture).mimetype == "image/png", picture
    assert 'id="mulai-bekerja"' in page
    assert page.count("<h1") == 1
    assert 'href="/kernel/help/#mulai-bekerja"' in staf.get("/procedures/my_work/").text
    assert staf.get("/kernel/help/pictures/../panduan.md").status_code == 404


@pytest.mark.parametrize(
    ("address", "section"),
    [
        ("/partners/partner/add", "mengisi-formulir"),
        ("/partners/partner/", "daftar"),
        ("/procedures/figures/", "pekerjaan-saya-tim-dan-angka-kinerja"),
        ("/procedures/request/", "permohonan-dan-janji-layanan"),
        ("/kernel/my-jobs/", "proses-saya"),
        ("/organization/holder/", "untuk-administrator"),
    ],
)
def test_every_page_leads_to_its_place_in_the_guide(person: Any, address: str, section: str) -> None:
    admin = person("kendal.admin")
    assert f'href="/kernel/help/#{section}"' in admin.get(address).text
    assert f'id="{section}"' in admin.get("/kernel/help/").text


def test_the_guide_names_pages_that_exist(application: Flask) -> None:
    known = guide()
    assert known is not None
    endpoints = {str(rule.endpoint) for rule in application.url_map.iter_rules()}
    blueprints = {endpoint.split(".")[0] for endpoint in endpoints}
    assert len(known.anchors) > 15
    of_any = {f".{endpoint.rpartition('.')[2]}" for endpoint in endpoints}
    assert set(known.anchors) <= endpoints | blueprints | of_any
    anchors = [anchor for _level, anchor, _words in known.headings]
    assert set(known.anchors.values()) <= set(anchors)
    assert len(anchors) == len(set(anchors))


def test_markup_in_the_guide_is_text() -> None:
    shown = parse("# Judul\n\n## Bagian\n<!-- pages: a b.c -->\n\n<script>x</script> [y](javascript:z)")
    assert shown.anchors == {"a": "bagian", "b.c": "bagian"}
    assert "<script" not in shown.html
    assert 'href="javascript' not in shown.html


def test_the_language_is_chosen_before_signing_in(visitor: Any) -> None:
    someone = visitor()
    page = someone.get("/login/").text
    assert '<html lang="en">' in page
    answer = someone.send("/language", {"language": "id", "next": "/login/"}, form_at="/login/")
    assert answer.headers["Location"] == "/login/"
    assert '<html lang="id">' in someone.get("/login/").text
    for next_page in ("https://contoh.test/", "//contoh.test"):
        answer = someone.send("/language", {"language": "id", "next": next_page}, form_at="/login/")
        assert answer.headers["Location"] == "/"


def test_every_icon_that_the_kernel_names_can_be_drawn() -> None:
    assert unknown_icons(Path(__file__).parents[2] / "app") == set()


def test_assets_are_named_by_their_content_and_kept_for_a_year(app: Flask, visitor: Any) -> None:
    someone = visitor()
    with app.test_request_context():
        addresses = [asset(name) for name in ("app.css", "app.js", "vendor/tabler.min.css", "vendor/icons.svg")]
    for address in addresses:
        assert re.fullmatch(r"/static/[\w./-]+\.[0-9a-f]{12}\.(css|js|svg)", address)
        answer = someone.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Cookie" not in answer.headers.get("Vary", ""), "it is the same for everybody"
    for address in ("/static/app.css", "/static/app.000000000000.css"):
        assert someone.get(address).headers["Cache-Control"] == "no-cache"
    assert someone.get("/static/no.000000000000.css").status_code == 404
    used = re.findall(r'(?:src|href)="(/static/[^"#]+)', someone.get("/login/").text)
    assert used
    assert all(re.search(r"\.[0-9a-f]{12}\.", address) for address in used)


def test_every_page_tells_how_long_the_session_lives(person: Any) -> None:
    assert 'data-seconds="36000"' in person("kendal.staf").get("/rooms/room/").text


def test_no_template_of_flask_appbuilder_can_be_rendered(app: Flask) -> None:
    brought = Path(flask_appbuilder.__file__).parent / "templates"
    names = [str(path.relative_to(brought)) for path in brought.rglob("*.html")]
    assert "appbuilder/base.html" in names
    assert not set(names) & set(app.jinja_env.list_templates())
