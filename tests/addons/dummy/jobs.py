"""Jobs: one that writes a note when it is asked to, and one that the clock starts."""

from __future__ import annotations

from addons.dummy.models.note import Note

from app.addon import Retry, clock, job
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
