"""An addon of somebody else, as a wheel: built, installed, enabled for one institution only, with the tests green."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import psycopg
import pytest

from app.testing.databases import TestServer
from app.testing.forked import ROOT

DATABASE = "sinergi_wheel"
PYPROJECT = """
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"

[project]
name = "contoh-katalog"
version = "1.0.0"
description = "A catalogue of an invented library, for Sinergi."

[project.entry-points."sinergi.addons"]
katalog = "contoh_addons.katalog"

[tool.flit.module]
name = "contoh_addons"
"""
EXTENSION = '''"""What the catalogue notes of partners."""

from app.addon import Mapped, String, column, extends
from app.addon import lazy_gettext as _l


@extends("partners.Partner")
class PartnerKatalog:
    """The shelf on which what they gave stands."""

    katalog_shelf: Mapped[str | None] = column(String(20), label=_l("Shelf"))
'''
SCREEN = '''"""Where the shelf stands on the screens of partners."""

from app.addon import after, extend_view

extend_view("partners.Partner", after("name", "katalog_shelf", in_list=True))
'''


def run(*words: str, **environment: str) -> str:
    """What the command says; it must succeed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SINERGI_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=clean | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def write_addon(folder: Path) -> None:
    """The addon as its author has it: what ``addons new`` writes, with an extension of partners and its own project."""
    package = folder / "contoh_addons"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""Addons of an invented firm."""\n')
    (folder / "pyproject.toml").write_text(PYPROJECT)
    new = ("run.py", "addons", "new", "katalog", "--model", "Entry", "--depends", "partners")
    run(*new, "--into", str(package))
    addon = package / "katalog"
    for name, text in (("extensions", EXTENSION), ("views", SCREEN)):
        (addon / name).mkdir(exist_ok=True)
        (addon / name / "__init__.py").write_text(f'"""{name.capitalize()} of katalog."""\n')
        (addon / name / "partners.py").write_text(text)
    (migration,) = addon.glob("migrations/0001_*.py")
    source = migration.read_text()
    column = '    op.add_column("partners_partner", sa.Column("katalog_shelf", sa.String(length=20), nullable=True))\n'
    undo = '    op.drop_column("partners_partner", "katalog_shelf")\n'
    assert source.rstrip().endswith("op.drop_table(TABLE)")
    source = source.replace("\n\ndef downgrade", f"{column}\n\ndef downgrade")
    migration.write_text(source.replace('"""Undo."""\n', f'"""Undo."""\n{undo}'))
    (catalogue,) = addon.glob("translations/id/LC_MESSAGES/messages.po")
    path = {"SINERGI_ADDONS_PATH": str(package)}
    run("run.py", "i18n", "update", "katalog", **path)
    catalogue.write_text(re.sub(r'msgid "Shelf"\nmsgstr ""', 'msgid "Shelf"\nmsgstr "Rak"', catalogue.read_text()))
    run("run.py", "i18n", "compile", **path)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed distributions with the addon's wheel in it; nothing is asked of the network."""
    folder = tmp_path_factory.mktemp("wheel")
    write_addon(folder / "source")
    offline = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    built = ("--no-build-isolation", "--wheel-dir", str(folder / "dist"), str(folder / "source"))
    run("-m", "pip", "wheel", *offline, *built)
    (wheel,) = (folder / "dist").glob("*.whl")
    names = ZipFile(wheel).namelist()
    for part in ("security/access.csv", "translations/id/LC_MESSAGES/messages.mo", "tests/test_addon.py"):
        assert f"contoh_addons/katalog/{part}" in names
    run("-m", "pip", "install", *offline, "--target", str(folder / "site"), str(wheel))
    return folder / "site"


@pytest.fixture(scope="module")
def place(site: Path, postgres: TestServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a server that has the distribution, over a database of its own that never saw the addon."""
    addresses = postgres.copy(DATABASE)
    yield {
        "PYTHONPATH": str(site),
        "SINERGI_DATABASE_URL": addresses.application,
        "SINERGI_OWNER_DATABASE_URL": addresses.owner,
        "SINERGI_DATA_DIR": str(tmp_path_factory.mktemp("data")),
        "SINERGI_ADDONS_PATH": str(ROOT / "tests" / "addons"),
    }
    postgres.drop(DATABASE)


def listed(place: dict[str, str]) -> dict[str, object]:
    """What ``addons list`` says of the addon."""
    rows = {row["name"]: row for row in json.loads(run("run.py", "addons", "list", "--json", **place))}
    found: dict[str, object] = rows["katalog"]
    return found


def ask(place: dict[str, str], statement: str) -> object:
    """What ``statement`` answers first."""
    with psycopg.connect(place["SINERGI_OWNER_DATABASE_URL"].replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def has_shelf(place: dict[str, str]) -> bool:
    """Whether the column that the addon put on partners is there."""
    return ask(place, "SELECT count(*) FROM information_schema.columns WHERE column_name = 'katalog_shelf'") == 1


def partners_work(place: dict[str, str], site: Path, when: str) -> None:
    """The base addon serves people and programs as before, in a process that starts now with the wheel at hand."""
    name, path = f"Mitra {when}", {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
    seen = json.loads(run("-P", "tests/cli/partner_walk.py", name, **place | path))
    assert "partners" in seen["loaded"]
    assert "katalog" not in seen["loaded"]
    assert (seen["saved"], seen["made"], seen["katalog"]) == (302, 201, 404)
    for where, text in (("page", f"{name} halaman"), ("list", f"{name} halaman"), ("read", f"{name} program")):
        assert text in seen[where], where
    assert "katalog_shelf" not in seen["page"] + seen["read"]


def test_the_wheel_works_like_a_folder_and_only_where_it_is_enabled(place: dict[str, str], site: Path) -> None:
    # Found, and not there yet.
    assert listed(place)["installed_version"] is None
    assert listed(place)["enabled_for"] == []

    # Installed by sync, with its column on a base addon's table; a second run changes nothing.
    run("run.py", "sync", **place)
    plan = json.loads(run("run.py", "addons", "plan", "katalog", "--json", **place))
    assert (plan["migrations"], plan["tables"], plan["columns"]) == ([], [], [])
    assert "katalog" in run("run.py", "sync", **place)

    # Enabled for one institution only.
    run("run.py", "addons", "enable", "katalog", "--institution", "kendal", **place)
    assert listed(place)["enabled_for"] == ["kendal"]
    assert listed(place)["installed_version"] == "1.0.0"

    seen = json.loads(run("-P", "tests/cli/wheel_walk.py", **place | {"PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}))
    assert seen["folder"] == str((site / "contoh_addons" / "katalog").resolve())
    for name in ("list", "api"):
        assert seen[f"kendal {name}"].startswith("200"), name
        assert seen[f"unair {name}"].startswith("404"), name
    assert "Rak" in seen["kendal form"]
    assert "katalog_shelf" in seen["kendal schema"]
    for name in ("form", "schema"):
        assert seen[f"unair {name}"].startswith("200")
        assert "katalog_shelf" not in seen[f"unair {name}"]
    assert "katalog" in seen["unair addons"], "it may be switched on there, too"

    # Retired: its code is gone from every process, its data are kept, and partners are saved as before.
    run("run.py", "addons", "retire", "katalog", **place)
    assert listed(place)["state"] == "retired"
    assert has_shelf(place)
    partners_work(place, site, "sesudah pensiun")

    # Purged: exported first, then nothing of it is left in the database.
    said = run("run.py", "addons", "purge", "katalog", "--yes", "katalog", **place)
    assert "Written to" in said
    assert not has_shelf(place)
    partners_work(place, site, "sesudah hapus")
    assert listed(place)["state"] == "purged"


def test_with_it_installed_its_own_tests_and_those_of_the_base_addon_it_extends_pass(site: Path) -> None:
    tests = (str(site / "contoh_addons" / "katalog" / "tests"), "tests/addons/test_every_addon.py")
    chosen = ("-k", "katalog or Katalog or Partners")
    said = run("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *chosen, PYTHONPATH=str(site))
    assert "100%" in said
    assert said.count(".") > 25
