"""People work while addons change: a small run of `tests/load/lifecycle.py`, and an upgrade that fails."""

from __future__ import annotations

from pathlib import Path

from app.testing.databases import TestServer
from tests.load.lifecycle import SHELF, Client, Figures, Story, run, served
from tests.load.shelf import write_edition
from tests.registry.conftest import Commands, Place


def test_no_request_fails_while_an_addon_is_installed_upgraded_enabled_disabled_and_retired(
    postgres: TestServer, tmp_path: Path
) -> None:
    figures = run(postgres, tmp_path, requests=100, clients=2, workers=2, pause=0.3)
    assert figures.failed == []
    assert figures.requests >= 100
    assert [step.split(":")[0] for step in figures.steps] == ["install", "enable", "upgrade", "disable", "retire"]
    assert min(figures.shelf[200], figures.shelf[404]) >= 5, "its pages were asked for while it was on and off"
    assert figures.replaced >= 6, "two workers were replaced after each of install, upgrade and retire"


HALF = """
    import time
    import sqlalchemy as sa
    from alembic import op

    revision, down_revision, branch_labels, depends_on = "shelf_0002", "shelf_0001", None, None


    def upgrade() -> None:
        op.execute("CREATE TABLE shelf_half (id int)")
        op.execute("UPDATE shelf_shelf SET label = 'Half upgraded'")
        time.sleep(3)  # long enough that pages are asked for while the migration is half-way
        op.add_column("shelf_shelf", sa.Column("boards", sa.Integer(), server_default="1", nullable=False))
        op.execute("SELECT 1/0")


    def downgrade() -> None:
        pass
"""


def test_an_upgrade_that_fails_half_way_changes_nothing_and_the_version_before_keeps_answering(
    postgres: TestServer, commands: Commands, tmp_path: Path
) -> None:
    with served(postgres, tmp_path, workers=2) as live:
        place = Place(live.addresses, tmp_path, postgres, commands)
        story = Story(live, Figures())
        story.settle()
        write_edition(place.addons)
        place.done("addons", "install", "shelf")
        place.done("addons", "enable", "shelf", "--institution", "kendal")
        story.settle()
        client = Client(live.url, story, lambda: True)
        client.sign_in()

        def answers_as_before() -> None:
            for path in SHELF:
                status, said = client.ask(path)
                assert (status, "First shelf" in said, "Half upgraded" in said) == (200, True, False), (path, said)
            assert client.ask("/partners/partner/")[0] == 200

        answers_as_before()
        before, workers = place.settled(), set(story.workers())
        write_edition(place.addons, "1.1.0", {"migrations/0002_boards.py": HALF})
        command = place.start("addons", "upgrade", "shelf")
        command.wait_for("[4/6] Migrate")
        answers_as_before()
        assert "division by zero" not in command.said(), "this was asked while the migration was under way"
        code, said = command.wait()
        assert code == 1, said
        assert "Step 4 of 6, migrate: division by zero" in said
        assert "migrations/0002_boards.py, line 14" in said
        assert "Traceback" not in said
        assert place.settled() == before
        assert place.sql("SELECT version FROM installed_addon WHERE name = 'shelf'") == ["1.0.0"]
        assert place.sql("SELECT label FROM shelf_shelf") == ["First shelf"]
        for _ in range(4):  # both workers
            answers_as_before()
        assert set(story.workers()) == workers, "nothing was announced, so nobody was replaced"

        write_edition(place.addons, "1.1.0")
        place.done("addons", "upgrade", "shelf")
        story.settle()
        assert place.sql("SELECT boards FROM shelf_shelf") == [1]
        answers_as_before()
