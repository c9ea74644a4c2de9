"""What the owner role puts around the tables after migrating: extensions, audit triggers, and the application's
grants.
"""

from __future__ import annotations

from flask_appbuilder.models.sqla import Model as AppBuilderModel
from sqlalchemy import Connection, make_url, text

from app.database.base import models

EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent")

UNAUDITED_TABLES = frozenset(
    {
        "applied_revision",
        "audit_entry",
        "disclosure",  # a log itself
        "external_id",
        "form_token",
        "impersonation",  # a log itself
        "job_progress",  # of a moment's interest
        "job_run",  # a log itself
        "notification",  # a log itself, and nobody's but the person's
        "outgoing_mail",  # holds what is confidential, and is a log itself
        "password_link",
        "prepared_file",  # the trail would keep what is offered for three days only
        "recovery_code",
        "registry_state",
        "running_process",
        "sequence_counter",
        "sign_in_attempt",
        "user_session",  # tells where people are
    }
)
UNAUDITED_COLUMNS = (
    "password",
    "secret",  # of a second factor
    "secret_hash",  # of a one-time link
    "last_step",
    "changed_at",
    "changed_by_id",
    "version",
    "last_login",
    "login_count",
    "fail_login_count",
    "changed_on",
)
QUEUE_TABLES = (
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
)
"""The queue of jobs; its library declares them, so that no model of ours does."""
READ_ONLY_TABLES = ("audit_entry", "installed_addon", "applied_revision", "external_id", "institution")

AUDIT_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    hidden text[] := TG_ARGV;
    before jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}'::jsonb ELSE to_jsonb(OLD) - hidden END;
    after jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}'::jsonb ELSE to_jsonb(NEW) - hidden END;
    subject jsonb := CASE WHEN TG_OP = 'DELETE' THEN before ELSE after END;
    old_values jsonb;
    new_values jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, before -> key), jsonb_object_agg(key, value) INTO old_values, new_values
        FROM jsonb_each(after) WHERE value IS DISTINCT FROM before -> key;
        IF new_values IS NULL THEN RETURN NULL; END IF;
    ELSIF TG_OP = 'INSERT' THEN new_values := jsonb_strip_nulls(after);
    ELSE old_values := jsonb_strip_nulls(before);
    END IF;
    INSERT INTO audit_entry (institution_id, table_name, record_id, operation, old, new, user_id, request_id, at)
    VALUES ((subject ->> 'institution_id')::int, TG_TABLE_NAME, (subject ->> 'id')::int, lower(TG_OP),
            old_values, new_values,
            nullif(current_setting('app.user_id', true), '')::int, nullif(current_setting('app.request_id', true), ''),
            clock_timestamp());
    RETURN NULL;
END $$
"""


def create_extensions(connection: Connection) -> None:
    """The PostgreSQL extensions that constraints and searches need."""
    for name in EXTENSIONS:
        connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name}"))


def audited_tables() -> list[str]:
    """The tables whose every change is written to the trail: all of ours, and the users."""
    ours = {str(model.__tablename__) for model in models.values()}
    return sorted((ours | {"ab_user", "ab_user_role"}) - UNAUDITED_TABLES)


def create_audit_triggers(connection: Connection) -> None:
    """Put the audit trigger on every table that should have it; a second time changes nothing."""
    connection.execute(text(AUDIT_FUNCTION))
    connection.execute(text("REVOKE ALL ON FUNCTION audit_row() FROM PUBLIC"))
    present = set(
        connection.execute(text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'audit'")).scalars()
    )
    hidden = ", ".join(f"'{name}'" for name in UNAUDITED_COLUMNS)
    for table in audited_tables():
        if table not in present:
            trigger = f"AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_row({hidden})"
            connection.execute(text(f"CREATE TRIGGER audit {trigger}"))


def grant_application(connection: Connection, application_url: str) -> None:
    """What the application role may do: rows of ordinary tables, nothing of the schema, and the trail only to read."""
    role = connection.dialect.identifier_preparer.quote(make_url(application_url).username or "")
    owned = ", ".join((*sorted(AppBuilderModel.metadata.tables), *QUEUE_TABLES))
    read_only = ", ".join(READ_ONLY_TABLES)
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {owned} TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON {read_only} FROM {role}",
        f"GRANT INSERT, UPDATE (record_id, shipped, source, withdrawn) ON external_id TO {role}",
    ):
        connection.execute(text(statement))
