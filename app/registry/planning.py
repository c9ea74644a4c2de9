"""What a command of the lifecycle would do, worked out without doing it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text

from app.errors import AddonError
from app.jobs.declared import jobs
from app.registry import removing, setting_up
from app.registry.belongings import belongings_of
from app.registry.enablement import registry
from app.registry.hooks import hooks
from app.registry.impact import impact_of
from app.registry.installation import runnable
from app.registry.installed_addon import INSTALLED
from app.registry.lifecycle import Wish, Work, begin_work
from app.registry.loader import load

if TYPE_CHECKING:
    from app.database.addresses import Addresses
    from config import Settings


@dataclass(slots=True)
class Plan:
    """``refusals`` keep it from being done; ``needs`` only until somebody insists. ``tables`` and ``columns`` have the
    number of rows that are in them now; ``gates`` are the rules that go with the addon.
    """

    command: str
    addon: str
    refusals: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    version: str = ""
    installs: list[str] = field(default_factory=list)
    migrations: list[str] = field(default_factory=list)
    tables: dict[str, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    dependents: list[str] = field(default_factory=list)
    enabled_for: list[str] = field(default_factory=list)
    rights: dict[str, int] = field(default_factory=dict)
    jobs: list[str] = field(default_factory=list)
    gates: list[str] = field(default_factory=list)
    data: dict[str, int] = field(default_factory=dict)


def plan_for(settings: Settings, addresses: Addresses, command: str, addon: str) -> Plan:
    """The plan of ``command`` for ``addon``; the transaction it is worked out in is rolled back."""
    engine = create_engine(addresses.owner, connect_args={"connect_timeout": 5})
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            work = begin_work(settings, addresses, connection, Wish(command, addon), lambda _line: None)
            plan = _setting_up(work) if command in {"install", "upgrade"} else _removing(work)
            transaction.rollback()
            return plan
    finally:
        engine.dispose()


def _setting_up(work: Work) -> Plan:
    wish, known = work.wish, work.installation.addons.get(work.wish.addon)
    refuse = setting_up.install_refusals if wish.command == "install" else setting_up.upgrade_refusals
    plan = Plan(wish.command, wish.addon, refuse(work), version=known.version if known else "")
    if wish.addon not in work.found:
        return plan
    plan.version = f"{plan.version} → {work.found[wish.addon].version}" if known else work.found[wish.addon].version
    try:
        loaded = load(setting_up.names_after(work), found=work.found)
        new = [item.name for item in setting_up.newcomers(work)]
    except AddonError as error:
        plan.refusals = list(dict.fromkeys([*plan.refusals, *str(error).splitlines()]))
        return plan
    plan.installs = [f"{name} {loaded.manifests[name].version}" for name in new]
    for name in new:
        impact = impact_of(work.connection, loaded, name)
        plan.migrations += [item for item in impact.migrations if item not in plan.migrations]
        plan.tables |= dict.fromkeys(impact.tables, 0)
        plan.columns |= dict.fromkeys(impact.columns, 0)
        plan.data |= impact.data
    _declared(plan, set(new))
    return plan


def _removing(work: Work) -> Plan:
    wish, known = work.wish, work.installation.addons.get(work.wish.addon)
    refuse = removing.retire_refusals if wish.command == "retire" else removing.purge_refusals
    plan = Plan(wish.command, wish.addon, refuse(work), version=known.version if known else "")
    if known is None:
        return plan
    statement = (
        "SELECT code FROM addon_enablement JOIN institution ON institution.id = institution_id "
        "WHERE addon = :addon AND enabled ORDER BY institution.id"
    )
    plan.enabled_for = list(work.connection.execute(text(statement), {"addon": wish.addon}).scalars())
    plan.dependents = sorted(removing.dependents_of(work, INSTALLED))
    try:
        had = belongings_of(work.connection, removing.remaining(work), wish.addon)
        plan.tables = had.tables
        plan.columns = {
            f"{table}.{name}": count for table, found in had.columns.items() for name, count in found.items()
        }
    except AddonError as error:
        plan.refusals += [] if plan.dependents else str(error).splitlines()
    if wish.command == "retire":
        plan.needs = removing.needs_everywhere(work)
        load(runnable(work.found, work.installation.in_state(INSTALLED)), found=work.found)
        _declared(plan, {wish.addon})
    return plan


def _declared(plan: Plan, names: set[str]) -> None:
    """What the code of ``names`` declares: rights by role, jobs, gates."""
    for row in registry().access_rows:
        if row.addon in names:
            role = row.role or "(everybody, restricting)"
            plan.rights[role] = plan.rights.get(role, 0) + 1
    plan.jobs = sorted(name for name, item in jobs.items() if item.addon in names)
    plan.gates = sorted(
        f"{hook.name}: {getattr(receiver, '__name__', receiver)}"
        for hook in hooks.values()
        for owner, receiver in hook.receivers
        if owner in names
    )


def lines_of(plan: Plan) -> list[str]:
    """The plan for people."""
    parts = (
        ("Installs", plan.installs),
        ("Enabled for", plan.enabled_for),
        ("Needed by", plan.dependents),
        ("Migrations", plan.migrations),
        ("Tables", [f"{name} ({count} rows)" for name, count in plan.tables.items()]),
        ("Columns", [f"{name} ({count} filled)" for name, count in plan.columns.items()]),
        ("Rights", [f"{role} ({count} rows)" for role, count in plan.rights.items()]),
        ("Jobs", plan.jobs),
        ("Gates", plan.gates),
        ("Data records", [f"{model} ({count})" for model, count in plan.data.items()]),
    )
    lines = [f"{plan.command} {plan.addon} {plan.version}".rstrip()]
    lines += [f"Refused: {line}" for line in plan.refusals]
    lines += [f"Needs it: {line}" for line in plan.needs]
    return lines + [f"{title}: {', '.join(items)}." for title, items in parts if items]
