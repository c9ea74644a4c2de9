"""Two commands at once, a command that is killed, tables in use; and the agent that does what the page asks for."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import psycopg

from app.database.addresses import libpq_address
from tests.load.shelf import FILES, write_edition
from tests.registry.conftest import Place

SLOW = FILES["migrations/0001_shelves.py"].replace(
    'op.add_column("partners_partner"', 'import time; time.sleep(60); op.add_column("partners_partner"'
)
WAITING = "Another command is changing addons; waiting until it has ended"
ON_AND_OFF = ("enable", "disable", "enable")


def test_of_two_commands_at_once_one_waits_and_says_so(place: Place) -> None:
    write_edition(place.addons)
    with psycopg.connect(libpq_address(place.addresses.owner)) as other:
        other.execute("SELECT pg_advisory_xact_lock(7361001)")
        command = place.start("addons", "install", "shelf")
        command.wait_for(WAITING)
        assert place.state("shelf") is None
    code, said = command.wait()
    assert (code, place.state("shelf")) == (0, "installed"), said


def test_of_two_real_commands_at_once_the_second_begins_after_the_first_and_finds_what_it_did(place: Place) -> None:
    write_edition(place.addons, changed={"migrations/0001_shelves.py": SLOW.replace("sleep(60)", "sleep(4)")})
    first = place.start("addons", "install", "shelf")
    first.wait_for("[4/6] Migrate")
    second = place.start("addons", "enable", "shelf", "--institution", "kendal")
    second.wait_for(WAITING)
    assert place.state("shelf") is None, "the first is under way"
    assert first.wait()[0] == 0, first.said()
    code, said = second.wait()
    assert (code, said.splitlines()[1:]) == (0, ["Enabled for kendal: shelf."]), said
    assert place.sql("SELECT enabled FROM addon_enablement WHERE addon = 'shelf'") == [True]
    assert place.sql("SELECT label FROM shelf_shelf") == ["First shelf"]


def test_an_addon_that_is_switched_on_twice_and_off_at_once_ends_in_one_state_with_its_data_there_once(
    place: Place,
) -> None:
    write_edition(place.addons)
    place.done("addons", "install", "shelf")
    on_and_off = [place.start("addons", word, "shelf", "--institution", "kendal") for word in ON_AND_OFF]
    said = [command.wait() for command in on_and_off]
    assert [code for code, _said in said] == [0, 0, 0], said
    assert sum(WAITING in text for _code, text in said) >= 1, said
    assert place.sql("SELECT label FROM shelf_shelf") == ["First shelf"]
    (is_on,) = place.sql("SELECT enabled FROM addon_enablement WHERE addon = 'shelf'")
    rows = json.loads(place.done("addons", "list", "--json"))
    assert [row["enabled_for"] for row in rows if row["name"] == "shelf"] == [["kendal"] if is_on else []]


def test_a_command_that_is_killed_half_way_leaves_everything_as_before(
    place: Place, settled: Callable[[], Any]
) -> None:
    before = settled()
    write_edition(place.addons, changed={"migrations/0001_shelves.py": SLOW})
    command = place.start("addons", "install", "shelf")
    command.wait_for("[4/6] Migrate")
    time.sleep(1)
    os.kill(command.process, signal.SIGKILL)
    assert command.wait()[0] == -9
    assert settled() == before
    write_edition(place.addons)
    place.done("addons", "install", "shelf")


def test_a_table_in_use_is_waited_for_without_holding_others_up(place: Place) -> None:
    write_edition(place.addons)
    with psycopg.connect(libpq_address(place.addresses.owner)) as reader:
        reader.execute("SELECT count(*) FROM partners_partner")
        command = place.start("addons", "install", "shelf")
        command.wait_for("A table is in use")
        with psycopg.connect(libpq_address(place.addresses.owner), options="-c lock_timeout=3s") as another:
            another.execute("SELECT count(*) FROM partners_partner")
    code, said = command.wait()
    assert (code, place.state("shelf")) == (0, "installed"), said


def test_a_purge_waits_until_no_process_has_the_old_addons(place: Place) -> None:
    write_edition(place.addons)
    place.done("addons", "install", "shelf")
    place.done("addons", "retire", "shelf")
    place.sql(
        "INSERT INTO running_process (kind, host, process, registry_version) VALUES ('web', 'far', 7, %s)",
        place.version() - 1,
    )
    command = place.start("addons", "purge", "shelf", "--yes", "shelf")
    command.wait_for("Waiting for web far:7")
    assert "shelf_shelf" in place.tables()
    place.sql("UPDATE running_process SET registry_version = %s WHERE host = 'far'", place.version())
    assert command.wait()[0] == 0
    assert "shelf_shelf" not in place.tables()


def test_the_agent_plans_waits_for_the_confirmation_and_then_does_it(place: Place) -> None:
    write_edition(place.addons)
    place.sql("INSERT INTO addon_request (command, addon) VALUES ('install', 'shelf'), ('install', '--help')")
    place.done("addons", "agent", "--once")
    state, other = place.sql("SELECT state FROM addon_request ORDER BY id")
    assert (state, other) == ("planned", "refused")
    assert place.sql("SELECT plan -> 'installs' FROM addon_request ORDER BY id")[0] == ["shelf 1.0.0"]
    assert place.state("shelf") is None
    place.sql("UPDATE addon_request SET state = 'confirmed' WHERE addon = 'shelf'")
    place.done("addons", "agent", "--once")
    row = place.sql("SELECT to_jsonb(r) FROM addon_request r WHERE addon = 'shelf'")[0]
    assert (row["state"], place.state("shelf")) == ("done", "installed"), row
    assert [step["title"] for step in row["steps"]][-2:] == ["Load the data", "Announce it"]
    assert row["log"] == "shelf 1.0.0 installed."


def test_what_an_agent_left_unfinished_is_ended_by_the_next_one_and_a_refusal_is_told(place: Place) -> None:
    place.sql("INSERT INTO addon_request (command, addon, state) VALUES ('install', 'shelf', 'running')")
    place.sql("INSERT INTO addon_request (command, addon, state) VALUES ('retire', 'partners', 'confirmed')")
    place.done("addons", "agent", "--once")
    rows = place.sql("SELECT to_jsonb(r) FROM addon_request r ORDER BY id")
    assert [row["state"] for row in rows] == ["refused", "refused"]
    assert rows[0]["log"] == "The agent ended before the command did; nothing was changed."
    assert "partners cannot be retired" in rows[1]["log"]
    assert all(row["finished_at"] for row in rows)


def test_enable_and_disable_speak_to_programs_too(place: Place) -> None:
    write_edition(place.addons)
    place.done("addons", "install", "shelf")
    said = json.loads(place.done("addons", "enable", "shelf", "--institution", "kendal", "--json"))
    assert (said["done"], said["enabled"]) == (True, ["shelf"])
    code, text = place.run("addons", "disable", "shelf", "--institution", "nowhere", "--json")
    assert (code, json.loads(text)["problems"]) == (1, ["There is no institution nowhere."])
