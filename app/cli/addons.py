"""`run.py addons`: what there is, what it would change, who extends what, and switching on and off."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Connection, create_engine, inspect, text

from app.cli.runtime import runtime
from app.errors import SinergiError
from config import SettingsError, addon_folders

if TYPE_CHECKING:
    from app.registry.impact import Impact
    from app.registry.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
as_json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group()
def addons() -> None:
    """The addon platform."""


@addons.command("list")
@as_json_option
def list_addons(as_json: bool) -> None:
    """Every addon: title, version here and in the database, state, and who has it enabled."""
    from app.registry.discovery import discover

    with runtime() as (settings, addresses):
        engine = create_engine(addresses.owner)
        with engine.connect() as connection:
            rows = addon_rows(connection, discover(settings.addons_path))
        engine.dispose()
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
    """One row per addon, in load order; those whose folder is gone come last."""
    from app.registry.graph import ordered

    installed: dict[str, Any] = {}
    enabled: dict[str, list[str]] = {}
    if inspect(connection).has_table("installed_addon"):
        installed = {
            row.name: row for row in connection.execute(text("SELECT name, version, state FROM installed_addon"))
        }
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
            "installed_version": installed[manifest.name].version if manifest.name in installed else None,
            "state": installed[manifest.name].state if manifest.name in installed else "available",
            "depends": list(manifest.depends),
            "enabled_for": enabled.get(manifest.name, []),
        }
        for manifest in ordered(manifests)
    ]
    return rows + [
        {"name": name, "title": name, "version": None, "installed_version": row.version, "state": "missing"}
        | {"depends": [], "enabled_for": enabled.get(name, [])}
        for name, row in installed.items()
        if name not in manifests
    ]


@addons.command()
@click.argument("name")
@click.option("--institution", default="", help="The code of an institution: what enabling it there would do.")
@as_json_option
def plan(name: str, institution: str, as_json: bool) -> None:
    """What installing and enabling NAME would change; nothing is changed."""
    from app.registry.impact import impact_of
    from app.registry.loader import load

    with runtime() as (settings, addresses):
        engine = create_engine(addresses.owner)
        with engine.connect() as connection:
            impact = impact_of(connection, load(extra_folders=settings.addons_path), name, institution)
        engine.dispose()
    click.echo(json.dumps(asdict(impact), indent=2) if as_json else "\n".join(plan_lines(impact)))
    if impact.refusal:
        raise click.exceptions.Exit(1)


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
        raise click.ClickException(str(error)) from error


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
def enable(name: str, institution: str) -> None:
    """Enable NAME, and what it depends on, for an institution; its data for the institution is loaded."""
    from app.registry.enablement import enable_with_dependencies

    switched = _switch(name, institution, enable_with_dependencies)
    click.echo(f"Enabled for {institution}: {', '.join(switched) or 'nothing, it was enabled already'}.")


@addons.command()
@click.argument("name")
@click.option("--institution", required=True, help="The institution's code.")
def disable(name: str, institution: str) -> None:
    """Disable NAME for an institution; its records stay, and it can be enabled again."""
    from app.registry.enablement import disable as switch_off

    _switch(name, institution, switch_off)
    click.echo(f"Disabled for {institution}: {name}.")


def _switch(name: str, institution: str, switch: Any) -> list[str]:
    """Do ``switch`` as the owner, in one transaction; returns the addons that are on now and were off before."""
    from sqlalchemy import select

    from app import create_app
    from app.database.session import GuardedSession
    from app.registry.enablement import enabled_addons, registry
    from app.registry.institution import Institution

    with runtime() as (settings, addresses):
        # The application is there for its translations: refusals are sentences for pages, too.
        app, engine = create_app(settings, addresses.application), create_engine(addresses.owner)
        with app.test_request_context(headers={"Accept-Language": "en"}), GuardedSession(bind=engine) as session:
            number = session.scalar(select(Institution.id).where(Institution.code == institution))
            if number is None or institution == "bersama":
                raise click.ClickException(f"There is no institution {institution}.")
            before = enabled_addons(number, session)
            switch(session, number, name)
            session.commit()
            switched = enabled_addons(number, session) - before
        engine.dispose()
    return [item for item in registry().manifests if item in switched]


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
def new_addon(name: str, title: str | None, model: str, depends: tuple[str, ...], institution: str, into: Path) -> None:
    """Write a working addon NAME: model, service, screens, rights, migration, data, translations, tests."""
    from app.cli.addon_new import NewAddon, write
    from app.registry.discovery import discover

    place = Path(os.path.abspath(into))
    wanted = NewAddon(name, title or name.replace("_", " ").capitalize(), model, place, depends, institution)
    try:
        files = write(wanted, discover(addon_folders(os.environ)))
    except (SinergiError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    for path in files:
        click.echo(os.path.relpath(path))
    if wanted.is_outside:
        click.echo(f"Outside the repository: commands find it with SINERGI_ADDONS_PATH={place}.")
    click.echo(f"Try it: python -m pytest {os.path.relpath(wanted.folder)}")
