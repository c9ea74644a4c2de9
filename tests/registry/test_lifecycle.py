"""Install, upgrade, retire and purge, by the real commands over a real database."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.load.shelf import write_edition
from tests.registry.conftest import Place


def test_an_addon_lives_through_install_upgrade_retire_and_purge_and_comes_back_with_its_records(place: Place) -> None:
    write_edition(place.addons)
    assert '"state": "available"' in place.done("addons", "list", "--json").rpartition('"shelf"')[2]
    plan = place.plan("install", "shelf")
    assert (plan["refusals"], plan["installs"]) == ([], ["shelf 1.0.0"])
    assert (plan["migrations"], plan["tables"]) == (["shelf_0001"], {"shelf_shelf": 0})
    assert plan["columns"] == {"partners_partner.shelf_label": 0}
    assert plan["data"] == {"shelf.Shelf": 1}
    before = place.version()

    said = json.loads(place.done("addons", "install", "shelf", "--json"))
    assert said["done"]
    assert [line for line in said["lines"] if line.startswith("[")][-1] == "[6/6] Announce it"
    assert (place.state("shelf"), place.version()) == ("installed", before + 1)
    assert "the code is that of the last sync" in place.run("doctor")[1]
    assert place.sql("SELECT has_table_privilege('sinergi_app', 'shelf_shelf', 'INSERT')") == [True]
    assert place.sql(
        "SELECT count(*) FROM pg_trigger WHERE tgname = 'audit' AND tgrelid = 'shelf_shelf'::regclass"
    ) == [1]
    place.done("addons", "enable", "shelf", "--institution", "kendal")
    assert place.sql("SELECT label FROM shelf_shelf") == ["First shelf"]
    place.sql("UPDATE partners_partner SET shelf_label = 'A1' WHERE id = (SELECT min(id) FROM partners_partner)")
    place.sql(
        "INSERT INTO shelf_shelf (id, institution_id, label, above_id) "
        "VALUES (70, 2, 'Lower', 71), (71, 2, 'Upper', NULL)"
    )

    write_edition(place.addons, "1.1.0")
    assert place.plan("upgrade", "shelf")["version"] == "1.0.0 → 1.1.0"
    place.done("addons", "upgrade", "shelf")
    assert place.sql("SELECT version FROM installed_addon WHERE name = 'shelf'") == ["1.1.0"]
    assert place.sql("SELECT boards FROM shelf_shelf") == [1, 1, 1]

    plan = place.plan("retire", "shelf")
    assert (plan["tables"], plan["columns"]) == ({"shelf_shelf": 3}, {"partners_partner.shelf_label": 1})
    assert (plan["enabled_for"], plan["rights"]) == (["kendal"], {"kernel.administrator": 1})
    place.done("addons", "retire", "shelf")
    assert place.state("shelf") == "retired"
    assert place.sql("SELECT count(*) FROM shelf_shelf") == [3]
    assert "shelf_label" not in place.run("doctor")[1], "what a retired addon left is meant to stay"
    place.done("addons", "install", "shelf")
    assert (place.state("shelf"), place.sql("SELECT count(*) FROM shelf_shelf")) == ("installed", [3])
    place.done("addons", "retire", "shelf")

    code, said_no = place.run("addons", "purge", "shelf")
    assert code == 1
    assert "Type its name" in said_no
    said_yes = place.done("addons", "purge", "shelf", "--yes", "shelf")
    export = re.search(r"Written to (\S+);", said_yes)
    assert export
    assert "shelf_shelf" not in place.tables()
    assert place.state("shelf") == "purged"

    place.done("addons", "install", "shelf", "--from", export[1])
    assert place.sql("SELECT label FROM shelf_shelf ORDER BY id") == ["First shelf", "Lower", "Upper"]
    assert place.sql("SELECT above_id FROM shelf_shelf WHERE id = 70") == [71]
    assert place.sql("SELECT shelf_label FROM partners_partner WHERE shelf_label IS NOT NULL") == ["A1"]
    assert place.sql("SELECT count(*) FROM addon_enablement WHERE addon = 'shelf' AND enabled") == [1]
    place.sql("INSERT INTO shelf_shelf (institution_id, label) VALUES (2, 'Newer')")
    assert place.sql("SELECT id > 71 FROM shelf_shelf WHERE label = 'Newer'") == [True]


def test_an_addon_on_which_migrations_of_others_stand_is_upgraded_like_any_other(place: Place) -> None:
    for addon in ("partners", "rooms"):
        assert "[6/6] Announce it" in place.done("addons", "upgrade", addon)


def test_sync_installs_what_is_new_and_leaves_what_was_retired(place: Place) -> None:
    write_edition(place.addons)
    place.done("sync")
    assert place.state("shelf") == "installed"
    place.done("addons", "retire", "shelf")
    place.done("sync")
    assert (place.state("shelf"), "shelf_shelf" in place.tables()) == ("retired", True)


def test_what_is_refused_is_refused_with_every_reason_and_changes_nothing(
    place: Place, settled: Callable[[], Any]
) -> None:
    before = settled()
    for arguments, sentence in (
        (("install", "nothing"), "There is no addon nothing."),
        (("install", "rooms"), "rooms is installed already"),
        (("upgrade", "nothing"), "nothing is not installed."),
        (("retire", "partners"), "partners cannot be retired: "),
        (("purge", "rooms", "--yes", "rooms"), "rooms is not retired"),
    ):
        code, said = place.run("addons", *arguments, "--json")
        answer = json.loads(said)
        assert (code, answer["done"]) == (1, False)
        assert sentence in answer["problems"][0]
    assert settled() == before


def test_all_that_is_wrong_with_a_new_addon_is_listed_at_once(place: Place, settled: Callable[[], Any]) -> None:
    folder = write_edition(place.addons)
    manifest = '{"title": "Shelves", "depends": ["gone", "ring"], "external_dependencies": ["no-such-package-9"]}'
    (folder / "__manifest__.py").write_text(manifest)
    (place.addons / "ring").mkdir()
    (place.addons / "ring/__manifest__.py").write_text('{"title": "Ring", "depends": ["shelf"]}')
    (place.addons / "broken").mkdir()
    (place.addons / "broken/__manifest__.py").write_text('{"title": "Broken", "colour": "red"}')
    before = settled()
    code, said = place.run("addons", "install", "shelf")
    assert code == 1
    assert "shelf: depends on gone, which was not found." in said
    assert "ring: its dependencies form a loop: ring → shelf → ring." in said
    assert "shelf: needs the Python package no-such-package-9, which is not installed." in said
    assert "broken" not in said
    assert "broken: unknown manifest key 'colour'." in place.run("addons", "list")[1]
    assert settled() == before


BROKEN: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "a migration that fails half-way": (
        {
            "migrations/0002_half.py": "from alembic import op\n"
            'revision, down_revision, branch_labels, depends_on = "shelf_0002", "shelf_0001", None, None\n'
            "def upgrade():\n    op.execute('CREATE TABLE shelf_half (id int)')\n    op.execute('SELECT 1/0')\n"
            "def downgrade():\n    pass\n"
        },
        ("Step 4 of 6, migrate: division by zero", "migrations/0002_half.py, line 5"),
    ),
    "a view that cannot be built": (
        {"views/shelf.py": "import no_such_module\n"},
        (
            "Step 2 of 6, try the code in a process of its own: shelf: its views cannot be imported",
            "views/shelf.py, line 1",
        ),
    ),
    "a screen with a column that is not there": (
        {
            "views/shelf.py": "from addons.shelf.models.shelf import Shelf\nfrom app.addon import ModelView\n"
            "class ShelfView(ModelView):\n    model, resource = Shelf, 'shelf'\n"
            "    list_columns = form_columns = ('lable',)\n    default_order = 'label'\n"
        },
        ("Step 2 of 6, try the code in a process of its own: ", "shelf.Shelf has no attribute 'lable'."),
    ),
    "a table that another addon has": (
        {"models/shelf.py": "from app.addon import Record\nclass Shelf(Record):\n    __tablename__ = 'rooms_room'\n"},
        (
            "Step 2 of 6, try the code in a process of its own: shelf: its models cannot be imported: ",
            "'rooms_room' is already defined",
        ),
    ),
    "data with a wrong reference": (
        {"__manifest__.py": '{"title": "Shelves", "depends": ["partners"], "data": ["data/shelves.yaml"]}'}
        | {"data/shelves.yaml": "- model: shelf.Shelf\n  id: first\n  values: {label: First, above_id: 1, wrong: 2}\n"},
        ("Step 5 of 6, load the data: ", "shelf.Shelf has no attribute wrong (data/shelves.yaml, line 3, column 39)"),
    ),
}


def test_whatever_fails_half_way_changes_nothing_and_names_step_file_and_line(
    place: Place, settled: Callable[[], Any]
) -> None:
    before = settled()
    for case, (files, sentences) in BROKEN.items():
        write_edition(place.addons, changed=files)
        code, said = place.run("addons", "install", "shelf")
        assert code == 1, (case, said)
        for sentence in sentences:
            assert sentence in said, (case, said)
        assert "Traceback" not in said
        assert settled() == before, case
    write_edition(place.addons)
    place.done("addons", "install", "shelf")


def test_an_addon_whose_folder_is_gone_lets_the_rest_run_and_can_be_retired_and_purged(
    place: Place, tmp_path: Path
) -> None:
    folder = write_edition(place.addons)
    place.done("addons", "install", "shelf")
    folder.rename(tmp_path / "elsewhere")
    place.done("sync")
    assert place.state("shelf") == "installed"
    assert '"missing"' in place.done("addons", "list", "--json")
    said = place.run("doctor")[1]
    assert "shelf is installed, but its folder is gone" in said
    assert "addons retire shelf" in said
    assert place.plan("purge", "shelf")["refusals"] == ["shelf is not retired; only a retired addon can be purged."]
    place.done("addons", "retire", "shelf")
    assert place.plan("purge", "shelf")["tables"] == {"shelf_shelf": 0}
    place.done("addons", "purge", "shelf", "--yes", "shelf")
    assert "shelf_shelf" not in place.tables()
    assert place.sql("SELECT count(*) FROM applied_revision WHERE addon = 'shelf'") == [0]


def test_an_addon_whose_records_others_stand_on_is_not_purged(place: Place) -> None:
    write_edition(place.addons)
    place.done("addons", "install", "shelf")
    (place.addons / "cart").mkdir()
    (place.addons / "cart/__manifest__.py").write_text('{"title": "Cart", "depends": ["shelf"]}')
    place.done("addons", "install", "cart")
    code, said = place.run("addons", "retire", "shelf")
    assert (code, "shelf cannot be retired: it is needed by cart." in said) == (1, True)
    place.done("addons", "retire", "cart")
    place.done("addons", "retire", "shelf")
    code, said = place.run("addons", "purge", "shelf", "--yes", "shelf")
    assert (code, "the records of cart stand on it" in said) == (1, True)
    assert "shelf_shelf" in place.tables()


def test_installing_a_retired_dependency_comes_along(place: Place) -> None:
    write_edition(place.addons)
    place.done("addons", "install", "shelf")
    place.done("addons", "retire", "shelf")
    (place.addons / "cart").mkdir()
    (place.addons / "cart/__manifest__.py").write_text('{"title": "Cart", "depends": ["shelf"]}')
    assert place.plan("install", "cart")["installs"] == ["shelf 1.0.0", "cart 1.0.0"]
    place.done("addons", "install", "cart")
    assert (place.state("shelf"), place.state("cart")) == ("installed", "installed")
