"""`run.py settings`: what institutions have set for their addons."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from app.cli.operator import operating

if TYPE_CHECKING:
    from app.settings.administration import Held
    from app.settings.declared import Setting

as_json_option = click.option("--json", "as_json", is_flag=True, help="For programs.")
institution_option = click.option("--institution", required=True, help="The institution's code.")


@click.group()
def settings() -> None:
    """Settings of addons, institution by institution."""


@settings.command("list")
@institution_option
@as_json_option
def list_settings(institution: str, as_json: bool) -> None:
    """Every setting of the enabled addons with what holds there."""
    from app.settings.administration import addons_with_settings, held

    with _working_in(institution) as session:
        rows = [_row(item) for addon in addons_with_settings(session) for item in held(session, addon)]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        for row in rows:
            click.echo(f"{row['name']:<40}{json.dumps(row['value']):<16}{'' if row['changed'] else 'default'}".rstrip())


@settings.command()
@click.argument("name")
@institution_option
@as_json_option
def get(name: str, institution: str, as_json: bool) -> None:
    """What holds for NAME (addon.key)."""
    with _working_in(institution) as session:
        row = _row(_one(session, name))
    click.echo(json.dumps(row, indent=2) if as_json else json.dumps(row["value"]))


@settings.command("set")
@click.argument("name")
@click.argument("value", required=False)
@click.option("--default", "to_default", is_flag=True, help="Back to the default, instead of a VALUE.")
@institution_option
@as_json_option
def set_setting(name: str, value: str | None, to_default: bool, institution: str, as_json: bool) -> None:
    """Set NAME (addon.key) to VALUE: a number, true or false, text, 08:00, 2026-03-31, or minutes."""
    from app.settings.administration import change_settings

    if to_default == (value is not None):
        raise click.UsageError("Give a value, or --default.")
    with _working_in(institution) as session:
        declared = _one(session, name).setting
        if to_default:
            change_settings(session, declared.addon, {}, to_default=[declared.key])
        else:
            change_settings(session, declared.addon, {declared.key: _typed(declared, value or "")})
        session.commit()
        row = _row(_one(session, name))
    click.echo(json.dumps(row, indent=2) if as_json else f"{name} = {json.dumps(row['value'])} for {institution}.")


@contextmanager
def _working_in(institution: str) -> Iterator[Any]:
    with operating() as operator, operator.inside(institution) as session:
        yield session


def _one(session: Any, name: str) -> Held:
    from app.errors import NotFound
    from app.settings.administration import held

    for item in held(session, name.partition(".")[0]):
        if item.setting.name == name:
            return item
    raise NotFound(f"There is no setting {name}.")


def _row(item: Held) -> dict[str, Any]:
    declared = item.setting
    return {
        "name": declared.name,
        "kind": declared.kind,
        "label": str(declared.label),
        "value": declared.stored(item.value),
        "default": declared.stored(declared.default),
        "changed": item.is_changed,
    }


def _typed(declared: Setting, text: str) -> Any:
    """``text`` of a command line as a value. Raises `Invalid`."""
    from app.errors import Invalid

    stored: Any = text
    if declared.kind in {"integer", "record", "duration", "boolean"}:
        try:
            stored = json.loads(text)
        except ValueError:
            stored = None
    try:
        return declared.typed(stored)
    except (ValueError, TypeError):
        raise Invalid(f"{text!r} is not of the kind {declared.kind}.") from None
