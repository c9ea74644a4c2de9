"""Jobs: one that writes a note when it is asked to, and one that the clock starts."""

from __future__ import annotations

import time

from addons.dummy.models.note import Note

from app.addon import XLSX, Printed, Retry, clock, job, offer_file, report_progress
from app.addon import lazy_gettext as _l

FAILURES: list[Exception] = []
"""What the next runs stumble over."""


@job(
    "dummy.write_note",
    title=_l("Write a note"),
    reason="a note comes by itself, whoever may write notes",
    retry=Retry(attempts=3, wait=60, factor=5),
)
def write_note(session, title):  # type: ignore[no-untyped-def]  # as short as an author may write it
    """Write it, then stumble where a test wants that: what was written must be gone again."""
    session.add(Note(title=title))
    session.flush()
    if FAILURES:
        raise FAILURES.pop(0)


@job("dummy.every_morning", title=_l("A note each morning"), reason="the day begins for everybody", every="0 6 * * *")
def every_morning(session):  # type: ignore[no-untyped-def]  # likewise
    """Six o'clock in the institution's own zone."""
    session.add(Note(title=f"Morning {clock.now().isoformat()}"))


@job("dummy.write_many", title=_l("Write many notes"), as_person=True)
def write_many(session, count, seconds=0.0):  # type: ignore[no-untyped-def]  # likewise
    """One note after the other, slowly; then a file."""
    for done in range(count):
        report_progress(session, done, count)
        session.add(Note(title=f"Many {done}"))
        session.flush()
        time.sleep(seconds)  # work that takes its time: somebody follows it, or cancels it meanwhile
    report_progress(session, count, count)
    if FAILURES:
        raise FAILURES.pop(0)
    offer_file(session, Printed(b"many notes", XLSX, "Many notes"))
