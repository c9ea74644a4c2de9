"""``python -m tests.load.my_work``: "my work", the team of a head and the figures with 100,000 open tasks.

Prints statements, median and 95th percentile of each page in milliseconds, over a throw-away PostgreSQL.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

from app.database.addresses import libpq_address
from app.testing.client import Browserish
from app.testing.databases import TestServer

OPEN, DONE, TURNS = 100_000, 50_000, 40
PAGES = (
    ("kendal.staf", "/procedures/my_work/"),
    ("kendal.staf", "/procedures/my_work/?show=late"),
    ("kendal.staf", "/procedures/my_work/?show=waiting"),
    ("kendal.kadis", "/procedures/my_work/team"),
    ("kendal.kadis", "/procedures/my_work/team?show=late"),
    ("kendal.staf", "/procedures/figures/?code={code}&by=step"),
    ("kendal.staf", "/procedures/figures/?code={code}&by=month"),
)
CASES = """
INSERT INTO procedures_case (institution_id, number, title, procedure_id, opened_at, state)
SELECT p.institution_id, 'LOAD-' || n, 'Berkas ' || n, p.id, now() - n * interval '1 minute', 'open'
FROM procedures_procedure p, generate_series(1, %(cases)s) n
WHERE p.code = %(code)s AND p.state = 'in_force'
"""
TASKS = """
INSERT INTO procedures_task
    (institution_id, case_id, step_id, state, arrived_at, taken_at, done_at, due_at, waiting_seconds, handling_seconds,
     taken_by_id)
SELECT c.institution_id, c.id, s.id, v.state, now() - v.n * interval '2 minutes',
    CASE WHEN v.state <> 'waiting' THEN now() - v.n * interval '1 minute' END,
    CASE WHEN v.state = 'done' THEN now() - v.n * interval '30 seconds' END,
    CASE WHEN v.state <> 'waiting' THEN now() + (v.n %% 1000 - 300) * interval '10 minutes' END,
    CASE WHEN v.state <> 'waiting' THEN 60 END, CASE WHEN v.state = 'done' THEN v.n %% 3600 END,
    CASE WHEN v.state <> 'waiting' THEN u.id END
FROM (SELECT n, CASE WHEN n > %(open)s THEN 'done' WHEN n %% 3 = 0 THEN 'taken' ELSE 'waiting' END AS state
      FROM generate_series(1, %(open)s + %(done)s) n) v
JOIN procedures_case c ON c.number = 'LOAD-' || (1 + v.n %% %(cases)s)
JOIN (SELECT id, procedure_id, row_number() OVER (ORDER BY place) - 1 AS turn, count(*) OVER () AS steps
      FROM procedures_procedure_step WHERE procedure_id = (SELECT id FROM procedures_procedure WHERE code = %(code)s
                                                           AND state = 'in_force')) s ON s.turn = v.n %% s.steps
JOIN ab_user u ON u.username = 'kendal.staf'
"""


def fill(address: str) -> str:
    """Cases and tasks on Kendal's procedure; its code."""
    with psycopg.connect(libpq_address(address), autocommit=True) as owner:
        for table in ("procedures_case", "procedures_task"):
            owner.execute(
                f"ALTER TABLE {table} DISABLE TRIGGER USER".encode()
            )  # the audit of 170,000 rows tells nothing
        found = owner.execute(
            "SELECT p.code FROM procedures_procedure p JOIN institution i ON i.id = p.institution_id "
            "WHERE i.code = 'kendal' AND p.state = 'in_force' LIMIT 1"
        ).fetchone()
        assert found is not None
        given = {"code": found[0], "cases": OPEN // 5, "open": OPEN, "done": DONE}
        owner.execute(CASES, given)
        owner.execute(TASKS, given)
        owner.execute("VACUUM ANALYZE")
        return str(found[0])


def measure(app: Any, username: str, path: str) -> None:
    """Ask for one page again and again, and print how it went."""
    from app.database.session import db

    seen: list[str] = []
    person, times = Browserish(app).sign_in(username), []
    with app.app_context():
        engine = db.engine
    for turn in range(TURNS + 1):
        if turn == 1:
            event.listen(engine, "before_cursor_execute", lambda *given: seen.append(" ".join(given[2].split())))
        begin = time.perf_counter()
        answer = person.get(path)
        times.append(1000 * (time.perf_counter() - begin))
        assert answer.status_code == 200, answer.text[:500]
    count = sum(not text.startswith(("SAVEPOINT", "RELEASE", "SELECT set_config")) for text in seen) / TURNS
    times = sorted(times[1:])
    line = f"{username:<14}{path:<62}{count:>5.1f} statements{statistics.median(times):>8.1f} ms"
    sys.stdout.write(f"{line}{times[int(0.95 * len(times))]:>8.1f} ms (95 %)\n")


def main() -> None:
    """Fill a database, ask for the pages."""
    from app import create_app

    with tempfile.TemporaryDirectory() as folder:
        server = TestServer.start(Path(folder))
        try:
            server.fill()
            addresses = server.copy("load")
            code = fill(addresses.owner)
            app = create_app(server.settings, addresses.application)
            for username, path in PAGES:
                measure(app, username, path.format(code=code))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
