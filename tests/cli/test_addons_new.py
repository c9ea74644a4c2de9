"""`addons new`: what it writes works at once and is in style; what cannot be is refused with one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli.addons import addons
from app.testing.forked import ROOT


def new(*arguments: object) -> Any:
    """Call ``addons new`` as a person does."""
    return CliRunner().invoke(addons, ["new", *(str(item) for item in arguments)])


def in_a_copy(folder: Path) -> Path:
    """A folder that ruff takes for the repository, with an empty ``addons``."""
    for name in ("pyproject.toml", "app"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "addons").mkdir()
    return folder / "addons"


def test_its_tests_pass_at_once(tmp_path: Path) -> None:
    asked = ("--title", "Kartu & Pojok (uji)", "--model", "LibraryCard", "--depends", "partners")
    answer = new("kartu_uji", *asked, "--into", tmp_path)
    assert answer.exit_code == 0, answer.output
    command = [sys.executable, "-m", "pytest", str(tmp_path / "kartu_uji")]
    environment = {**os.environ, "SINERGI_ADDONS_PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    tried = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stdout
    assert "19 passed" in tried.stdout


@pytest.mark.parametrize(
    ("name", "model"),
    [("ab", "Item"), ("a" + "b" * 31, "LibraryCard"), ("kelas", "Category"), ("kelas", "VeryLongNameOfSomeThings")],
)
def test_what_it_writes_is_in_the_style_of_the_repository(tmp_path: Path, name: str, model: str) -> None:
    folder = in_a_copy(tmp_path)
    asked = ("--model", model, "--depends", "agreements", "--institution", "desa_uji", "--title", "T" * 50)
    answer = new(name, *asked, "--into", folder)
    assert answer.exit_code == 0, answer.output
    for check in (("check",), ("format", "--check")):
        command = [sys.executable, "-m", "ruff", *check, "--no-cache", f"addons/{name}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_an_institution_that_no_addon_brings_yet_is_brought_along(tmp_path: Path) -> None:
    assert new("perpus_baru", "--institution", "desa_baru", "--into", tmp_path).exit_code == 0
    assert "code: desa_baru" in (tmp_path / "perpus_baru/data/institution.yaml").read_text()
    assert new("kendal_lagi", "--institution", "kendal", "--into", tmp_path).exit_code == 0
    assert not (tmp_path / "kendal_lagi/data/institution.yaml").exists()
    assert '"institution": "kendal"' in (tmp_path / "kendal_lagi/__manifest__.py").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("Rooms",), "is no addon name"),
        (("r",), "is no addon name"),
        (("a/b",), "is no addon name"),
        (("kernel",), "belongs to the kernel"),
        (("class",), "Python keeps this word"),
        (("rooms",), "there is an addon of this name"),
        (("baik", "--model", "library_card"), "is no model name"),
        (("baik", "--model", "Record"), "the kernel has a class of this name"),
        (("baik", "--model", "Task"), "procedures has a class of this name"),
        (("baik", "--model", "Role"), "has a class of this name"),
        (("a" * 40, "--model", "LibraryCard"), "together may have 45 characters"),
        (("baik", "--title", 'A "title"'), "A title has"),
        (("baik", "--title", " "), "A title has"),
        (("baik", "--title", "T" * 51), "A title has"),
        (("baik", "--model", "AnEvenLongerNameOfSomeThings"), "is no model name"),
        (("baik", "--depends", "nothing"), "nothing: the new addon cannot depend on it"),
        (("baik", "--institution", "Desa Satu"), "is no institution code"),
        (("baik", "--institution", "bersama"), "this code belongs to the kernel"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    answer = new(*arguments, "--into", tmp_path)
    assert answer.exit_code == 1
    assert sentence in answer.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_never_overwritten(tmp_path: Path) -> None:
    kept = tmp_path / "baik" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    answer = new("baik", "--into", tmp_path)
    assert answer.exit_code == 1
    assert "exists; nothing was written" in answer.output
    assert [path.name for path in kept.parent.iterdir()] == ["mine.txt"]
    assert new("baik", "--into", tmp_path / "nowhere").exit_code == 1
