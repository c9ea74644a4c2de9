"""The queue in tests: what waits is done by a real worker in this process, also what would wait for its time."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import psycopg
from flask import Flask

from app.database.addresses import Addresses, libpq_address


class Queue:
    """Calling it does all that waits now; ``queue(later=True)`` also what waits for its next attempt."""

    def __init__(self, app: Flask, addresses: Addresses) -> None:
        self.app, self.addresses = app, addresses

    def __call__(self, *, later: bool = False) -> None:
        """Do the jobs that wait, until none is left that is due."""
        from app.jobs.worker import run_waiting_jobs

        if later:
            self.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
        self.apart(run_waiting_jobs, self.app, self.addresses.application)

    @staticmethod
    def apart(work: Callable[..., Any], *values: Any) -> Any:
        """Do ``work`` in a thread: after a browser test, ours is inside the event loop of the browser's driver."""
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(copy_context().run, work, *values).result()

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the owner; its rows."""
        with psycopg.connect(libpq_address(self.addresses.owner), autocommit=True) as connection:
            answer = connection.execute(statement.encode(), values)
            return answer.fetchall() if answer.description else []

    def waiting(self) -> int:
        """How many jobs are in the queue, due or not."""
        return int(self.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")[0][0])

    def runs(self, name: str) -> list[dict[str, Any]]:
        """The log's rows of the job ``name``, oldest first."""
        rows = self.execute("SELECT to_jsonb(r) FROM job_run r WHERE name = %s ORDER BY id", name)
        return [row[0] for row in rows]
