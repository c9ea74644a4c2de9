"""Row-level security, the second wall: PostgreSQL itself keeps the application role inside the institutions that the
session named. `sync` lays it around every table with an ``institution_id``, whichever addon made the table.

The owner is exempt (ENABLE, not FORCE): migrations, sync and backups see every row. See docs/decisions/0007.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

# In a sub-select the setting is read once per statement and the index still serves. A setting that is missing or empty
# is an error, not an empty answer: somebody forgot the scope.
READABLE = "institution_id = ANY ((SELECT current_setting('app.read_institutions'))::int[])"
WRITABLE = "institution_id = (SELECT current_setting('app.write_institution')::int)"
OWN_ROW = "user_id = (SELECT nullif(current_setting('app.user_id', true), '')::int)"
OWN_IF_SOMEBODY = "user_id = coalesce((SELECT nullif(current_setting('app.user_id', true), '')::int), user_id)"
EVERYTHING = "true"

Commands = dict[str, str]
OWNED: Commands = {"SELECT": READABLE, "INSERT": WRITABLE, "UPDATE": WRITABLE, "DELETE": WRITABLE}
"""What every table with an ``institution_id`` gets: own and shared rows to read, own rows to write."""

_RIGHTS: Commands = {**OWNED, "SELECT": EVERYTHING}

OTHERWISE: dict[str, tuple[Commands, str]] = {
    "audit_entry": ({"SELECT": READABLE}, "written by the trigger of the owner only"),
    "role_assignment": (_RIGHTS, "read by person before an institution is active: it tells which one may be"),
    "access_override": (_RIGHTS, "read while rights are worked out, before the institution is active"),
    "institution_role": (_RIGHTS, "read while rights are worked out, before the institution is active"),
    "second_factor_role": (_RIGHTS, "read while rights are worked out, before the institution is active"),
    "addon_enablement": (_RIGHTS, "read while rights are worked out, before the institution is active"),
    "invitation": (_RIGHTS, "found by the secret of its link, before an institution is active"),
    "notification": (
        {
            "SELECT": f"{READABLE} AND {OWN_IF_SOMEBODY}",
            "INSERT": WRITABLE,
            "UPDATE": f"{WRITABLE} AND {OWN_IF_SOMEBODY}",
            "DELETE": f"{WRITABLE} AND {OWN_IF_SOMEBODY}",
        },
        "written for others, read by the person it is for; jobs, which act for nobody, clear away old ones",
    ),
    "prepared_file": (
        {
            "SELECT": f"{READABLE} AND {OWN_IF_SOMEBODY}",
            "INSERT": f"{WRITABLE} AND {OWN_IF_SOMEBODY}",
            "UPDATE": f"{WRITABLE} AND {OWN_IF_SOMEBODY}",
            "DELETE": f"{WRITABLE} AND {OWN_IF_SOMEBODY}",
        },
        "made by a job in the name of the person it is for; another job, which acts for nobody, clears away old ones",
    ),
    "form_token": (dict.fromkeys(OWNED, OWN_ROW), "belongs to a person, not to an institution"),
}
"""Tables with policies of their own, and why."""

WITHOUT_POLICIES: dict[str, str] = {
    "institution": "the list of institutions itself; the application reads it only",
    "installed_addon": "addons are installed per database; the application reads it only",
    "applied_revision": "addons are installed per database; the application reads it only",
    "addon_request": "what the platform's administrator asks for; the pages let nobody else in",
    "running_process": "processes serve every institution",
    "registry_state": "one row per database",
    "alembic_version": "the application role has no right on it",
    "ab_user": "asked at signing in, before an institution is known; one person may belong to several",
    "user_session": "asked for every request by the secret of cookie or token, before an institution is known",
    "sign_in_attempt": "whoever tries to sign in belongs to no institution yet",
    "password_link": "used by people who cannot sign in; one account may belong to several institutions",
    "second_factor": "asked at signing in; one account may belong to several institutions",
    "recovery_code": "asked at signing in; one account may belong to several institutions",
    "ab_user_role": "only the platform's administrators stand in it; asked before an institution is known",
    "ab_role": "only the role of the platform's administrators stands in it",
    "ab_api_key": "Flask-AppBuilder's, unused",
    "ab_register_user": "Flask-AppBuilder's, unused",
    "ab_permission": "Flask-AppBuilder's, unused: rights are access rows",
    "ab_view_menu": "Flask-AppBuilder's, unused: rights are access rows",
    "ab_permission_view": "Flask-AppBuilder's, unused: rights are access rows",
    "ab_permission_view_role": "Flask-AppBuilder's, unused: rights are access rows",
    **dict.fromkeys(
        ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers"),
        "the queue holds ids of job_run rows, which have policies; workers serve every institution",
    ),
    "ab_group": "Flask-AppBuilder's, unused",
    "ab_group_role": "Flask-AppBuilder's, unused",
    "ab_user_group": "Flask-AppBuilder's, unused",
}
"""Tables of the whole platform, and why no policy stands around them."""

_TABLES = """
SELECT c.relname, c.relrowsecurity, EXISTS (
    SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'institution_id' AND NOT a.attisdropped)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
_POLICIES = """
SELECT c.relname, p.polname, obj_description(p.oid, 'pg_policy'), concat_ws(chr(10), p.polcmd, p.polpermissive,
    p.polroles::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, slots=True, order=True)
class Policy:
    """One rule of one table for one command.

    PostgreSQL keeps it in words of its own. Both are kept as its comment, so that it is laid once, and again when
    somebody altered it.
    """

    table: str
    command: str
    rule: str

    @property
    def name(self) -> str:
        """What it is called on its table."""
        return f"institution_{self.command.lower()}"

    @property
    def definition(self) -> str:
        """What it says in SQL: which rows are reached, and what they may become."""
        reached = f" USING ({self.rule})" if self.command != "INSERT" else ""
        becomes = f" WITH CHECK ({self.rule})" if self.command in {"INSERT", "UPDATE"} else ""
        return f"FOR {self.command}{reached}{becomes}"


def policies_of(table: str, *, owned: bool) -> list[Policy]:
    """The policies a table must have; ``owned`` tells whether it has an ``institution_id``."""
    if table in WITHOUT_POLICIES:
        return []
    commands = OTHERWISE[table][0] if table in OTHERWISE else OWNED if owned else {}
    return [Policy(table, command, rule) for command, rule in commands.items()]


def lay_policies(connection: Connection) -> list[str]:
    """Bring the policies of every table to what is declared; the statements that were needed, none a second time."""
    statements = policy_changes(connection)
    for statement in statements:
        connection.exec_driver_sql(statement)
    if statements:
        _note_policies(connection)
    return statements


def policy_changes(connection: Connection) -> list[str]:
    """The statements that would bring the policies of every table to what is declared."""
    quote = connection.dialect.identifier_preparer.quote
    wanted, without_wall = _wanted(connection)
    statements = [f"ALTER TABLE {quote(table)} ENABLE ROW LEVEL SECURITY" for table in without_wall]
    right = set()
    for table, name, comment, kept in connection.execute(text(_POLICIES)):
        policy = wanted.get((table, name))
        if policy is not None and comment == f"{policy.definition}\n{kept}":
            right.add((table, name))
        else:
            statements.append(f"DROP POLICY {quote(name)} ON {quote(table)}")
    statements += [
        f"CREATE POLICY {quote(name)} ON {quote(table)} {policy.definition}"
        for (table, name), policy in wanted.items()
        if (table, name) not in right
    ]
    return statements


def _wanted(connection: Connection) -> tuple[dict[tuple[str, str], Policy], list[str]]:
    """The policies that there should be, by table and name; and the tables where none would be looked at yet."""
    tables = connection.execute(text(_TABLES)).all()
    wanted = {(p.table, p.name): p for table, _on, owned in tables for p in policies_of(table, owned=owned)}
    walled = {policy.table for policy in wanted.values()}
    return wanted, [table for table, on, _owned in tables if table in walled and not on]


def _note_policies(connection: Connection) -> None:
    quote = connection.dialect.identifier_preparer.quote
    wanted, _without_wall = _wanted(connection)
    for table, name, comment, kept in connection.execute(text(_POLICIES)).all():
        words = f"{wanted[table, name].definition}\n{kept}"
        if comment != words:
            literal = words.replace("'", "''")
            connection.exec_driver_sql(f"COMMENT ON POLICY {quote(name)} ON {quote(table)} IS '{literal}'")
