"""`run.py addons`: what there is, what it would change, who extends what, and switching on and off."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Connection, create_engine, text

from app.cli.addons_agent import agent
from app.cli.addons_lifecycle import answered, install, plan_of_command, purge, retire, tell_plan, upgrade
from app.cli.runtime import CommandGroup, refused, runtime
from app.errors import AddonError, SinergiError
from config import SettingsError, addon_folders

if TYPE_CHECKING:
    from app.registry.impact import Impact
    from app.registry.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
as_json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group(cls=CommandGroup)
def addons() -> None:
    """The addon platform."""


@addons.command("list")
@as_json_option
def list_addons(as_json: bool) -> None:
    """Every addon: title, version here and in the database, state, and who has it enabled."""
    from app.registry.discovery import survey

    with runtime() as (settings, addresses):
        engine = create_engine(addresses.owner)
        found, problems = survey(settings.addons_path)
        with engine.connect() as connection:
            rows = addon_rows(connection, found)
        engine.dispose()
    for problem in problems:
        click.echo(problem, err=True)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        installed = (
            "" if row["installed_version"] == row["version"] else f" (installed: {row['installed_version'] or '–'})"
        )
        click.echo(f"{row['name']:<16}{row['state']:<11}{row['title']:<34}{row['version'] or '–'}{installed}")
        if row["enabled_for"]:
            click.echo(f"{'':<16}enabled for {', '.join(row['enabled_for'])}")


def addon_rows(connection: Connection, manifests: dict[str, Manifest]) -> list[dict[str, Any]]:
    """One row per addon, in load order where there is one; those whose folder is gone come last."""
    from app.registry.installation import read_installation

    installation = read_installation(connection)
    known = dict(installation.addons) if installation else {}
    enabled: dict[str, list[str]] = {}
    if installation:
        statement = (
            "SELECT addon, code FROM addon_enablement JOIN institution ON institution.id = institution_id "
            "WHERE enabled ORDER BY institution.id"
        )
        for addon, code in connection.execute(text(statement)):
            enabled.setdefault(addon, []).append(code)
    rows = [
        {
            "name": manifest.name,
            "title": manifest.title,
            "version": manifest.version,
            "installed_version": known[manifest.name].version if manifest.name in known else None,
            "state": known[manifest.name].state if manifest.name in known else "available",
            "depends": list(manifest.depends),
            "enabled_for": enabled.get(manifest.name, []),
        }
        for manifest in _in_order(manifests)
    ]
    return rows + [
        {"name": name, "title": item.title, "version": None, "installed_version": item.version}
        | {"state": "missing" if item.state == "installed" else item.state}
        | {"depends": list(item.depends), "enabled_for": enabled.get(name, [])}
        for name, item in known.items()
        if name not in manifests
    ]


def _in_order(manifests: dict[str, Manifest]) -> list[Manifest]:
    from app.registry.graph import ordered

    try:
        return ordered(manifests, manifests)
    except AddonError:  # what is wrong with them is told by `doctor` and by the plan
        return [manifests[name] for name in sorted(manifests)]


@addons.command()
@click.argument("words", nargs=-1, required=True, metavar="[COMMAND] NAME")
@click.option("--institution", default="", help="The code of an institution: what enabling it there would do.")
@as_json_option
def plan(words: tuple[str, ...], institution: str, as_json: bool) -> None:
    """What `addons COMMAND NAME` would do; without COMMAND, what installing and enabling NAME would."""
    if len(words) > 2:
        raise click.UsageError("Give a command and a name, such as: plan retire rooms.")
    *command, name = words
    if command:
        plan_of_command(command[0], name, as_json)
        return
    from app.registry.impact import impact_of
    from app.registry.installation import load_with

    with runtime() as (settings, addresses):
        engine = create_engine(addresses.owner)
        with engine.connect() as connection:
            impact = impact_of(connection, load_with(settings, connection, name), name, institution)
        engine.dispose()
    problems = [impact.refusal] if impact.refusal else []
    tell_plan({"command": "plan", **asdict(impact)}, plan_lines(impact), problems, as_json)


def plan_lines(impact: Impact) -> list[str]:
    """The plan for people."""
    place = f" for {impact.institution}" if impact.institution else ""
    parts = (
        (f"Enabled{place}, in this order", impact.to_enable),
        ("Migrations", impact.migrations),
        ("New tables", impact.tables),
        ("New columns", impact.columns),
        ("Rights", [f"{role} ({count} rows)" for role, count in impact.rights.items()]),
        ("Data records", [f"{model} ({count})" for model, count in impact.data.items()]),
    )
    lines = [f"Refused: {impact.refusal}"] if impact.refusal else []
    return lines + [f"{title}: {', '.join(items) if items else 'none'}." for title, items in parts]


@addons.command()
@as_json_option
def extensions(as_json: bool) -> None:
    """Which addon extends which model, screen, page or hook, with what."""
    from app.registry.overview import extension_rows

    _load()
    _echo_table(extension_rows(), ("target", "addon", "kind", "what"), as_json)


@addons.command("hooks")
@as_json_option
def list_hooks(as_json: bool) -> None:
    """Every hook with its paragraph, as docs/addons.md has them."""
    from app.registry.hooks import hooks

    _load()
    rows = [{"name": hook.name, "purpose": hook.purpose} for hook in sorted(hooks.values(), key=lambda hook: hook.name)]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        click.echo("\n".join(f"**`{row['name']}`** — {row['purpose']}\n" for row in rows).rstrip())


def _load() -> None:
    """Load every addon: no database is needed to tell what is declared."""
    from app.registry.loader import load
    from app.views import administration  # noqa: F401  # the kernel's own declarations

    try:
        load(extra_folders=addon_folders(os.environ))
    except (SinergiError, SettingsError) as error:
        raise refused(str(error)) from error


def _echo_table(rows: list[dict[str, str]], columns: Iterable[str], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    widths = {column: max((len(row[column]) for row in rows), default=0) + 2 for column in columns}
    for row in rows:
        click.echo("".join(row[column].ljust(width) for column, width in widths.items()).rstrip())


@addons.command()
@click.argument("name")
@click.option("--institution", required=True, help="The institution's code.")
@as_json_option
def enable(name: str, institution: str, as_json: bool) -> None:
    """Enable NAME, and what it depends on, for an institution; its data for the institution is loaded."""
    from app.registry.enablement import enable_with_dependencies

    with answered(as_json, command="enable", addon=name, institution=institution) as answer:
        switched = _switch(name, institution, enable_with_dependencies, answer.say)
        answer["enabled"] = switched
        answer.say(f"Enabled for {institution}: {', '.join(switched) or 'nothing, it was enabled already'}.")


@addons.command()
@click.argument("name")
@click.option("--institution", required=True, help="The institution's code.")
@click.option("--force", is_flag=True, help="Also when running work needs it.")
@as_json_option
def disable(name: str, institution: str, force: bool, as_json: bool) -> None:
    """Disable NAME for an institution; its records stay, and it can be enabled again."""
    with answered(as_json, command="disable", addon=name, institution=institution) as answer:
        _switch(name, institution, partial(_switch_off, forced=force), answer.say)
        answer.say(f"Disabled for {institution}: {name}.")


def _switch_off(session: Any, institution_id: int, name: str, *, forced: bool) -> None:
    from app.registry.enablement import disable as switch_off

    try:
        switch_off(session, institution_id, name, forced=forced)
    except AddonError as error:
        hint = "\nWith --force it is disabled all the same." if error.code == "needed" else ""
        raise AddonError(f"{error}{hint}", code=error.code) from error


def _switch(name: str, institution: str, switch: Any, say: Callable[[str], None]) -> list[str]:
    """Do ``switch`` as the owner, in one transaction; returns the addons that are on now and were off before.

    Addons are loaded only when no other command changes them any more.
    """
    from sqlalchemy import select

    from app import create_app
    from app.database.session import GuardedSession
    from app.registry.enablement import enabled_addons, registry
    from app.registry.institution import Institution
    from app.registry.lifecycle import be_alone

    with runtime() as (settings, addresses):
        engine = create_engine(addresses.owner)
        with ExitStack() as stack:
            session = stack.enter_context(GuardedSession(bind=engine))
            be_alone(session.connection(), say)
            # The application is there for its translations: refusals are sentences for pages, too.
            app = create_app(settings, addresses.application)
            stack.enter_context(app.test_request_context(headers={"Accept-Language": "en"}))
            number = session.scalar(select(Institution.id).where(Institution.code == institution))
            if number is None or institution == "bersama":
                raise AddonError(f"There is no institution {institution}.")
            before = enabled_addons(number, session)
            switch(session, number, name)
            session.commit()
            switched = enabled_addons(number, session) - before
        engine.dispose()
    return [item for item in registry().manifests if item in switched]


for _command in (install, upgrade, retire, purge, agent):
    addons.add_command(_command)


@addons.command("new")
@click.argument("name")
@click.option("--title", help="For people; default: the name with a capital letter.")
@click.option("--model", default="Item", show_default=True, help="The first model, such as LibraryCard.")
@click.option("--depends", multiple=True, help="An addon that it builds on; may be given several times.")
@click.option("--institution", default="", help="The code of the one institution that it is for.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=ROOT / "addons",
    help="The folder of addons to write it into; default: addons/.",
)
@as_json_option
def new_addon(
    name: str, title: str | None, model: str, depends: tuple[str, ...], institution: str, into: Path, as_json: bool
) -> None:
    """Write a working addon NAME: model, service, screens, rights, migration, data, translations, tests."""
    from app.cli.addon_new import NewAddon, write
    from app.registry.discovery import discover

    place = Path(os.path.abspath(into))
    wanted = NewAddon(name, title or name.replace("_", " ").capitalize(), model, place, depends, institution)
    with answered(as_json, command="new", addon=name) as answer:
        try:
            files = [os.path.relpath(path) for path in write(wanted, discover(addon_folders(os.environ)))]
        except SettingsError as error:
            raise click.ClickException(str(error)) from error
        answer["files"] = files
        for path in files:
            answer.say(path)
        if wanted.is_outside:
            answer.say(f"Outside the repository: commands find it with SINERGI_ADDONS_PATH={place}.")
        answer.say(f"Try it: python -m pytest {os.path.relpath(wanted.folder)}")
