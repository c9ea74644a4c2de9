"""`run.py procedure`: the handles that scripts use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from click.testing import CliRunner
from flask import Flask

from app.testing.papers import pdf_text
from app.testing.plugin import ROOT


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """``run("list", "--json")`` is the command over the test's database, found as `run.py` finds it."""
    from app.cli import main, operator

    @contextmanager
    def here() -> Iterator[Flask]:
        with app.app_context():
            yield app

    monkeypatch.setattr(operator, "application", here)
    return lambda *words: CliRunner().invoke(main, ["procedure", *map(str, words)])


def test_the_commands_work_in_a_process_of_their_own(app: Flask, addresses: Any, tmp_path: Path) -> None:
    """As typed: nothing of the application is imported before the command is."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SINERGI_")} | {
        "SINERGI_DATABASE_URL": addresses.application,
        "SINERGI_OWNER_DATABASE_URL": addresses.owner,
        "SINERGI_DATA_DIR": str(tmp_path),
        "SINERGI_ADDONS_PATH": os.pathsep.join(map(str, app.config["SETTINGS"].addons_path)),
    }

    def typed(*words: str) -> str:
        program = [sys.executable, str(ROOT / "run.py"), "procedure", *words]
        done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "SOP-KERJASAMA" in typed("list")
    typed("export", "SOP-KERJASAMA", "--out", "sop.yaml")
    assert "nothing wrong" in typed("check", "sop.yaml")
    assert "version 5: a draft" in typed("import", "sop.yaml", "--institution", "kendal")
    assert "bytes" in typed("print", "SOP-KERJASAMA", "--out", "sop.pdf")
    assert "bytes" in typed("print", "SOP-KERJASAMA", "--out", "sop.xlsx")
    assert json.loads(typed("figures", "SOP-KERJASAMA", "--json"))["figures"] == []


def test_list_tells_every_version(run: Any) -> None:
    rows = json.loads(run("list", "--json").output)
    kendal = [row for row in rows if row["institution"] == "kendal"]
    assert [(row["code"], row["version"], row["steps"], row["state"]) for row in kendal] == [
        ("SOP-KERJASAMA", 4, 10, "in_force")
    ]
    assert "SOP-KERJASAMA" in run("list").output


def test_an_exported_file_is_checked_and_read_in_as_a_draft(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "sop.yaml"
    assert run("export", "SOP-KERJASAMA", "--format", "yaml", "--out", file).exit_code == 0
    assert yaml.safe_load(file.read_text(encoding="utf-8"))[0]["values"]["code"] == "SOP-KERJASAMA"
    told = json.loads(run("export", "SOP-KERJASAMA", "--format", "json").output)
    assert told == yaml.safe_load(file.read_text(encoding="utf-8"))
    assert "<bpmn:definitions" in run("export", "SOP-KERJASAMA", "--format", "bpmn").output
    checked = run("check", file)
    assert (checked.exit_code, "10 steps, nothing wrong." in checked.output) == (0, True)
    taken = run("import", file, "--institution", "kendal")
    assert "SOP-KERJASAMA, version 5: a draft of 10 steps in kendal." in taken.output
    states = {
        row["version"]: row["state"] for row in json.loads(run("list", "--json", "--institution", "kendal").output)
    }
    assert states == {4: "in_force", 5: "draft"}


def test_check_tells_every_problem_and_exits_with_one(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "sop.yaml"
    run("export", "SOP-KERJASAMA", "--out", file)
    text = (
        file.read_text(encoding="utf-8")
        .replace("next: '2'", "next: '99'")
        .replace("kind: rooms.Booking", "kind: rooms.Boking")
    )
    file.write_text(text, encoding="utf-8")
    line = text.splitlines().index("    - key: '1'") + 1
    checked = run("check", file)
    assert checked.exit_code == 1
    assert f"Step 1 · line {line} · Goes on to: Leads to step 99, which does not exist." in checked.output
    assert "There are no records of the kind rooms.Boking here." in checked.output
    refused = run("import", file, "--institution", "kendal")
    assert refused.exit_code == 1
    assert "was not taken over" in refused.output
    assert len(json.loads(run("list", "--json", "--institution", "kendal").output)) == 1
    elsewhere = run("check", file, "--institution", "unair")
    assert "The position kendal.position_kepala_dinas does not exist here." in elsewhere.output


def test_print_writes_pdf_and_xlsx(run: Any, tmp_path: Path) -> None:
    pdf, sheet = tmp_path / "sop.pdf", tmp_path / "sop.xlsx"
    assert run("print", "SOP-KERJASAMA", "--out", pdf).exit_code == 0
    assert "Mendisposisi surat permohonan" in " ".join(pdf_text(pdf.read_bytes()).split())
    assert run("print", "SOP-KERJASAMA", "--out", sheet).exit_code == 0
    assert openpyxl.load_workbook(sheet).sheetnames == ["Identitas", "Bagan alir"]
    assert "must end in .pdf or .xlsx" in run("print", "SOP-KERJASAMA", "--out", tmp_path / "sop.doc").output


def test_what_does_not_exist_is_said_in_a_sentence(run: Any) -> None:
    unknown = run("export", "SOP-LAIN")
    assert (unknown.exit_code, "There is no procedure SOP-LAIN." in unknown.output) == (1, True)
    assert "There is no institution nowhere." in run("list", "--institution", "nowhere").output


def test_figures_tell_where_cases_wait_and_refuse_days_the_wrong_way_round(run: Any, program: Any) -> None:
    api = program("kendal.staf")
    procedure = api.api("GET", "case/related/procedure").json["result"][0]["value"]
    assert api.api("POST", "case/", {"title": "Kunjungan contoh", "procedure": procedure}).status_code == 201
    told = json.loads(run("figures", "SOP-KERJASAMA", "--json").output)
    assert [(line["key"], line["waiting_now"], line["median_minutes"]) for line in told["figures"]] == [("1", 1, None)]
    assert (
        run("figures", "SOP-KERJASAMA", "--from", "2026-01-01", "--to", "2026-12-31")
        .output.splitlines()[1]
        .endswith("1")
    )
    wrong = run("figures", "SOP-KERJASAMA", "--from", "2026-12-31", "--to", "2026-01-01")
    assert (wrong.exit_code, "The last day is before the first." in wrong.output) == (1, True)
    assert "There is no procedure SOP-X." in run("figures", "SOP-X").output
