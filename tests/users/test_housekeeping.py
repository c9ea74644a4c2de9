"""What is forgotten each night, done by the worker as it is in service."""

from __future__ import annotations

from typing import Any

import pytest

from app.database.session import db
from app.jobs.queue import defer

OLD = {
    "user_session": "UPDATE user_session SET seen_at = now() - interval '31 days'",
    "sign_in_attempt": "UPDATE sign_in_attempt SET last_at = now() - interval '2 days'",
    "password_link": "UPDATE password_link SET created_at = now() - interval '9 days'",
    "invitation": "UPDATE invitation SET expires_at = now() - interval '181 days'",
}


@pytest.fixture
def left_behind(person: Any, visitor: Any) -> None:
    """A session, attempts, a request for a link, an invitation."""
    fields = {"first_name": "Orang", "last_name": "Baru", "email": "lama@contoh.test", "roles": []}
    assert person("kendal.admin").send("/kernel/invitations/", fields).status_code == 302
    guest = visitor()
    assert guest.send("/kernel/forgotten_password/", {"email": "siapa@contoh.test"}).status_code == 302
    assert guest.send("/login/", {"username": "siapa", "password": "wrong"}).status_code == 401


@pytest.mark.parametrize("old", [False, True])
def test_old_rows_go_and_others_stay(acting: Any, run_jobs: Any, execute: Any, left_behind: None, old: bool) -> None:
    execute("DELETE FROM procrastinate_jobs")  # the request for a link would be answered otherwise
    for statement in OLD.values():
        if old:
            execute(statement)
    with acting("kendal.admin", "kendal"):
        for name in ("kernel.prune_sign_ins", "kernel.prune_invitations"):
            defer(db.session(), name)
        db.session.commit()
    run_jobs()
    for name in ("kernel.prune_sign_ins", "kernel.prune_invitations"):
        assert [run["state"] for run in run_jobs.runs(name)] == ["succeeded"]
    for table in OLD:
        [(count,)] = execute(f"SELECT count(*) FROM {table}")
        assert (count == 0) == old, table
