"""A program: does in the tutorial's institution what its last chapter tells, over the database of the environment."""

from __future__ import annotations

import os
import re

from app import create_app
from app.testing.client import Browserish
from config import load_settings

STEPS = (
    ("petugas", "1. Mencatat permintaan pojok baca", ""),
    ("kepala", "2. Memutuskan permintaan", "setuju"),
    ("petugas", "3. Membuka pojok baca", ""),
)


def walk() -> None:
    settings = load_settings(os.environ)
    app = create_app(settings, settings.database_url or "")
    people = {name: Browserish(app).sign_in(f"contohsari.{name}") for name in ("petugas", "kepala")}
    script = Browserish(app).with_token("contohsari.petugas")
    choices = script.api("GET", "case/related/procedure").json
    procedure = next(item for item in choices["result"] if "pojok baca" in str(item))
    case = script.api("POST", "case/", {"title": "Pojok baca Dusun Contoh", "procedure": procedure["value"]})
    assert case.status_code == 201, case.text
    for name, activity, choice in STEPS:
        finish(people[name], activity, choice)
    shown = people["kepala"].get(f"/procedures/case/{case.json['result']['id']}").text
    assert shown.count('class="case-visit"') == 3, shown
    form = people["petugas"].get("/partners/partner/add", headers={"Accept-Language": "id"}).text
    assert "Dusun" in form
    assert "Contoh pertama" in people["petugas"].get("/contohsari/contohsari_reading_corner/").text


def finish(person: Browserish, activity: str, choice: str) -> None:
    page = person.get("/procedures/my_work/").text
    assert activity in page, page
    task = re.findall(r"/procedures/task/(\d+)", page)[0]
    assert person.send(f"/procedures/work/{task}/take", {}, form_at=f"/procedures/task/{task}").status_code == 302
    papers = re.findall(r'name="paper" value="(\d+)"', person.get(f"/procedures/task/{task}").text)
    fields = {"paper": papers, **({"choice": choice} if choice else {})}
    done = person.send(f"/procedures/work/{task}/done", fields, form_at=f"/procedures/task/{task}")
    assert done.status_code == 302, done.text


if __name__ == "__main__":
    walk()
