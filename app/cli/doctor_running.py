"""What `doctor` looks at beyond tables and files: addons and their code, processes, requests, jobs, mail."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from app import clock
from app.cli.finding import FAIL, OK, WARN, Finding, some
from app.database.revisions import every_branch, unknown_revisions
from app.registry.discovery import survey
from app.registry.installation import closure_of, differences, read_installation
from app.registry.installed_addon import INSTALLED
from app.registry.presence import SECONDS_ALIVE
from config import Settings

SECONDS_CLOCKS_MAY_DIFFER = 10
MINUTES_A_REQUEST_MAY_TAKE = 10
_ALIVE = f"seen_at > now() - interval '{SECONDS_ALIVE} seconds'"


def addon_findings(connection: Connection, settings: Settings) -> Iterator[Finding]:
    """Folders that are gone, manifests that cannot be read, code of another version than the database's."""
    found, problems = survey(settings.addons_path)
    for problem in problems:
        yield Finding("addons", FAIL, problem, "mend the addon, or take its folder away")
    installation = read_installation(connection)
    if installation is None:
        return
    installed = installation.in_state(INSTALLED)
    for name in sorted(installed - set(found)):
        yield Finding(
            "addons",
            FAIL,
            f"{name} is installed, but its folder is gone; its records are kept, its screens are away",
            "put the folder back, or name the folder around it in SINERGI_ADDONS_PATH; "
            f"or give it up: python run.py addons retire {name}",
        )
    for name in sorted(installed & set(found)):
        if missing := sorted(closure_of(found, name) - set(found)):
            remedy = f"bring {', '.join(missing)} back"
            yield Finding("addons", FAIL, f"{name} is not loaded: {', '.join(missing)} is missing", remedy)
    for sentence in differences(found, installation):
        name = sentence.split()[0]
        remedy = f"python run.py addons upgrade {name}, or bring the other code back; until then pages answer 503"
        yield Finding("addons", FAIL, sentence, remedy)
    with every_branch(connection, [found[name] for name in sorted(installed & set(found))]) as config:
        if unknown := unknown_revisions(connection, config):
            remedy = "use the code that applied them, or restore a backup"
            yield Finding("migrations", FAIL, f"the database has revisions that nobody knows: {some(unknown)}", remedy)


def clock_findings(connection: Connection) -> Iterator[Finding]:
    """Whether this machine and the database tell the same time; codes of authenticator apps bear half a minute."""
    ahead = float(
        connection.execute(
            text("SELECT :here - extract(epoch FROM clock_timestamp())::float8"), {"here": clock.now().timestamp()}
        ).scalar_one()
    )
    if abs(ahead) > SECONDS_CLOCKS_MAY_DIFFER:
        word = "ahead of" if ahead > 0 else "behind"
        remedy = "let both machines follow a time server (timedatectl set-ntp true)"
        yield Finding("clock", WARN, f"this machine is {abs(ahead):.0f} s {word} the database's", remedy)
    else:
        yield Finding("clock", OK, "this machine and the database tell the same time")


def process_findings(connection: Connection) -> Iterator[Finding]:
    """Who runs, and with which set of addons."""
    rows = connection.execute(
        text(
            "SELECT kind, host || ':' || process AS name, problem, "
            "registry_version < (SELECT registry_version FROM registry_state) AS behind "
            f"FROM running_process WHERE {_ALIVE} ORDER BY kind, id"
        )
    ).all()
    for row in rows:
        if row.problem:
            remedy = "python run.py sync, or start it with the code that the database was brought to"
            yield Finding("processes", FAIL, f"{row.kind} {row.name}: {row.problem}", remedy)
    behind = [f"{row.kind} {row.name}" for row in rows if row.behind and row.kind != "agent"]
    if behind:
        yield Finding("processes", WARN, f"still with the old addons: {some(behind)}", "wait a minute, or restart them")
    kinds = [row.kind for row in rows]
    if "web" in kinds and "worker" not in kinds:
        yield Finding("processes", WARN, "no worker was seen: jobs and mail wait", "python run.py worker")
    elif not behind and not any(row.problem for row in rows):
        yield Finding(
            "processes", OK, ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds))) or "none"
        )


def request_findings(connection: Connection) -> Iterator[Finding]:
    """Requests of the page that nobody carries out."""
    statement = text(
        "SELECT command || ' ' || addon FROM addon_request WHERE state IN ('asked', 'confirmed', 'running') "
        "AND asked_at < now() - make_interval(mins => :minutes) ORDER BY id"
    )
    waiting = list(connection.execute(statement, {"minutes": MINUTES_A_REQUEST_MAY_TAKE}).scalars())
    if waiting:
        yield Finding("requests", WARN, f"not finished: {some(waiting)}", "python run.py addons agent")
    else:
        yield Finding("requests", OK, "no request for an addon waits")


def job_findings(connection: Connection) -> Iterator[Finding]:
    """Jobs that failed for good in the last week."""
    statement = (
        "SELECT name FROM job_run WHERE state = 'failed' AND finished_at > now() - interval '7 days' ORDER BY id"
    )
    failed = list(connection.execute(text(statement)).scalars())
    if failed:
        yield Finding(
            "jobs", WARN, f"{len(failed)} failed this week: {some(sorted(set(failed)))}", "see Settings → Jobs"
        )
    else:
        yield Finding("jobs", OK, "no job failed this week")


def mail_findings(connection: Connection) -> Iterator[Finding]:
    """Mail that failed, or waits because of an error."""
    statement = (
        "SELECT state, last_error, count(*) AS number FROM outgoing_mail WHERE last_error <> '' AND state <> 'sent' "
        "GROUP BY state, last_error ORDER BY state, last_error"
    )
    rows = connection.execute(text(statement)).all()
    if rows:
        told = some([f"{row.number} {row.state} ({row.last_error})" for row in rows])
        yield Finding("mail", WARN, told, "correct SINERGI_MAIL_…, then see Settings → Mail")
    else:
        yield Finding("mail", OK, "no mail waits because of an error")
