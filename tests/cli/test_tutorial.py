"""docs/tutorial.md, typed: its files written, its commands run, and what it promises looked for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from app.testing.databases import TestServer
from app.testing.forked import ROOT

BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WALK = Path(__file__).with_name("tutorial_walk.py")


@pytest.fixture
def newcomer(postgres: TestServer, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who starts with a clone and an empty database."""
    addresses = postgres.empty("tutorial")
    yield {
        **os.environ,
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "SINERGI_DATABASE_URL": addresses.application,
        "SINERGI_OWNER_DATABASE_URL": addresses.owner,
        "SINERGI_DATA_DIR": str(tmp_path / "data"),
        "SINERGI_ADDONS_PATH": "",
    }
    postgres.drop("tutorial")


def run(command: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-ec", command], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def fill(path: Path, pairs: str) -> None:
    """Put the translations of the page into the catalogue, as its reader does by hand."""
    told = dict(re.findall(r'msgid "(.*)"\nmsgstr "(.*)"', pairs))
    with path.open("rb") as file:
        catalogue = read_po(file, locale="id")
    for text, translation in told.items():
        assert text in catalogue, f"the page translates {text!r}, which nothing says"
        catalogue[text].string = translation
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)


def test_the_institution_of_the_tutorial_is_built_as_it_tells_and_works(
    newcomer: dict[str, str], tmp_path: Path
) -> None:
    folder, said = tmp_path / "sinergi-addons", {}
    for kind, name, text in BLOCK.findall((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")):
        if kind == "sh":
            for line in text.strip().splitlines():
                if line.startswith("export "):
                    variable, _equals, value = line.removeprefix("export ").partition("=")
                    newcomer[variable] = os.path.expandvars(value.strip('"')).replace(os.environ["HOME"], str(tmp_path))
                else:
                    said[line] = run(line, newcomer)
        elif kind == "po":
            fill(folder / name, text)
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    plan, installed = said["python run.py addons plan contohsari"], said["python run.py addons list"]
    assert "contohsari_0001, contohsari_0002" in plan
    assert "contohsari_reading_corner" in plan
    assert re.search(r"contohsari +installed +Perpustakaan Desa Contohsari.*\n +enabled for contohsari", installed)
    assert re.search(
        r"partners.Partner +contohsari +column +contohsari_hamlet", said["python run.py addons extensions"]
    )
    assert not re.search(r"^(warn|fail)", said["python run.py doctor"], re.MULTILINE), said["python run.py doctor"]
    assert "passed" in said['python -m pytest "$SINERGI_ADDONS_PATH/contohsari"']
    run(f"{sys.executable} {WALK}", newcomer)
