"""`run.py demo`: invented institutions at work, and who can sign in to them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import yaml
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from app.cli.runtime import runtime
from app.database.session import GuardedSession
from app.registry.discovery import discover
from app.registry.enablement import enable_with_dependencies, registry
from app.registry.graph import ordered
from app.registry.installation import load_installed
from app.registry.institution import Institution

if TYPE_CHECKING:
    from app.database.addresses import Addresses
    from config import Settings

DEMO_PASSWORD = "sinergi-demo"  # noqa: S105  # printed at every start; production refuses the demo


@click.group()
def demo() -> None:
    """Demo data for development; production refuses it."""


@demo.command("load")
def load_command() -> None:
    """Load the demo data; a second time changes nothing."""
    with runtime() as (settings, addresses):
        if not settings.demo:
            raise click.ClickException("Demo data is switched off here (SINERGI_DEMO).")
        load_demo_data(settings, addresses)
        click.echo("The demo data is loaded.")


@demo.command("accounts")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def accounts_command(as_json: bool) -> None:
    """The demo accounts with their password."""
    if as_json:
        click.echo(json.dumps(demo_accounts(), indent=2))
    else:
        print_accounts()


def load_demo_data(settings: Settings, addresses: Addresses) -> None:
    """Enable each institution addon with what it needs for its institution, and load its demo files."""
    from app.records.data_files import load_demo

    load_installed(settings, addresses.owner)
    engine = create_engine(addresses.owner)
    with GuardedSession(bind=engine) as session:
        _platform_administrator(session)
        for manifest in registry().manifests.values():
            institution_id = session.scalar(select(Institution.id).where(Institution.code == manifest.institution))
            if institution_id is None:
                continue
            for name in (*manifest.extras_depends, manifest.name):
                if name in registry().manifests:
                    enable_with_dependencies(session, institution_id, name)
            load_demo(session, manifest, institution_id)
        session.commit()
    engine.dispose()


def _platform_administrator(session: Session) -> None:
    from flask_appbuilder.security.sqla.models import Role, User

    from app.access.grants import PLATFORM_ADMINISTRATOR
    from app.records.people import make_user

    if session.scalar(select(User.id).where(User.username == "admin")) is None:
        role = session.scalar(select(Role).where(Role.name == PLATFORM_ADMINISTRATOR)) or Role(
            name=PLATFORM_ADMINISTRATOR
        )
        user = make_user(session, "admin", "Platform", "Administrator", DEMO_PASSWORD)
        user.roles = [role]
        session.flush()


def demo_accounts(addons_path: Iterable[Path] = ()) -> list[dict[str, Any]]:
    """Who can sign in to the demo: user name, password, institution, what they are."""
    manifests = registry().manifests or {item.name: item for item in ordered(discover(addons_path))}
    accounts: list[dict[str, Any]] = [
        {
            "username": "admin",
            "password": DEMO_PASSWORD,
            "institution": None,
            "name": "Platform Administrator",
            "positions": [],
        }
    ]
    for manifest in manifests.values():
        entries = [
            entry
            for name in manifest.demo
            for entry in yaml.safe_load((manifest.folder / name).read_text(encoding="utf-8"))
        ]
        held: dict[str, list[str]] = {}
        for entry in entries:
            values = entry.get("values", {})
            if "user" in values and "position" in values:
                held.setdefault(values["user"], []).append(values["position"])
        for entry in entries:
            if entry["model"] == "kernel.User":
                values = entry["values"]
                accounts.append(
                    {
                        "username": values["username"],
                        "password": DEMO_PASSWORD,
                        "institution": manifest.name,
                        "name": f"{values['first_name']} {values['last_name']}",
                        "roles": values.get("roles", []),
                        "positions": held.get(entry["id"], []),
                    }
                )
    return accounts


def print_accounts() -> None:
    """The accounts as a small table."""
    click.echo(f"\nDemo accounts (password {DEMO_PASSWORD}):")
    for account in demo_accounts():
        what = ", ".join([*account.get("positions", ()), *account.get("roles", ())]) or "platform"
        click.echo(f"  {account['username']:<20}{account['name']:<28}{what}")
