"""No step is known to Python or a template: an SOP loaded from YAML runs on the same pages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def open_task(person: Any) -> tuple[int, str]:
    """The only task in "my work": its id and what the list says of it."""
    page = person.get("/procedures/my_work/").text
    ids = set(re.findall(r"/procedures/task/(\d+)", page))
    assert len(ids) == 1, ids
    return int(ids.pop()), page


def take(person: Any, task: int) -> None:
    answer = person.send(f"/procedures/work/{task}/take", {}, form_at=f"/procedures/task/{task}")
    assert answer.status_code == 302


def fields_of(person: Any, task: int) -> dict[str, list[str]]:
    """The papers, outputs and choices that the task's page offers."""
    page = person.get(f"/procedures/task/{task}").text
    return {
        "papers": re.findall(r'name="paper" value="(\d+)"', page),
        "files": re.findall(r'name="(file_\d+)"', page),
        "choices": re.findall(r'name="choice" value="(\w+)"', page),
    }


def done(person: Any, task: int, **fields: Any) -> Any:
    return person.send(f"/procedures/work/{task}/done", fields, form_at=f"/procedures/task/{task}")


def test_an_invented_procedure_with_branch_and_loop_runs_on_the_same_pages(
    start_case: Callable[[], dict[str, Any]], person: Callable[[str], Any]
) -> None:
    case = start_case()
    staf, kabid = person("kendal.staf"), person("kendal.kabid")

    first, page = open_task(staf)
    assert "a. Mencatat permintaan alat" in page
    take(staf, first)
    offered = fields_of(staf, first)
    photo = {offered["files"][0]: (io.BytesIO(PNG), "globe.png")}
    assert done(staf, first, paper=offered["papers"][:1], **photo).status_code == 302

    check, page = open_task(kabid)
    assert "b. Memeriksa kelengkapan permintaan" in page
    take(kabid, check)
    assert fields_of(kabid, check)["choices"] == ["lengkap", "kurang"]
    assert done(kabid, check, choice="kurang").status_code == 302

    again, page = open_task(staf)
    assert "a. Mencatat permintaan alat" in page
    assert again != first
    take(staf, again)
    photo = {offered["files"][0]: (io.BytesIO(PNG), "globe2.png")}
    assert done(staf, again, paper=offered["papers"][:1], **photo).status_code == 302

    check, _page = open_task(kabid)
    take(kabid, check)
    assert done(kabid, check, choice="lengkap").status_code == 302
    prepare, page = open_task(staf)
    assert "c. Menyiapkan alat" in page
    take(staf, prepare)
    assert done(staf, prepare).status_code == 302
    hand_over, _page = open_task(kabid)
    take(kabid, hand_over)
    assert done(kabid, hand_over).status_code == 302

    track = staf.get(f"/procedures/case/{case['id']}").text
    keys = re.findall(r">([a-d])\. \w+", track)
    assert keys == ["a", "b", "c", "d"]
    assert track.count('class="case-visit"') == 6
    assert "Belum lengkap" in track
    assert "globe.png" in track
    assert "globe2.png" in track


def test_no_step_text_stands_in_code_or_templates() -> None:
    from pathlib import Path

    root = Path(__file__).resolve().parents[3]
    sources = [
        *root.glob("app/**/*.py"),
        *root.glob("app/**/*.html"),
        *root.glob("addons/**/*.py"),
        *root.glob("addons/**/*.html"),
    ]
    words = ("Mendisposisi", "Melaksanakan Penandatanganan", "tanpa_pk", "kepala_bidang")
    for path in sources:
        if "tests" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert not [word for word in words if word in text], path
