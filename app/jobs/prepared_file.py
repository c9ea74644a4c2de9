"""Files that jobs made for one person: offered for download for three days, then forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, DateTime, LargeBinary, String
from sqlalchemy.orm import Mapped, Session

from app import clock
from app.database.base import InstitutionOwned, Model
from app.database.columns import column, index, reference, unique
from app.database.scope import current_scope
from app.errors import AddonError
from app.i18n import lazy_gettext as _l
from app.jobs.progress import run_under_way
from app.prints.printed import Printed

KEPT = timedelta(days=3)
"""How long a file is offered: a weekend, and no longer, because it may hold personal data."""


class PreparedFile(InstitutionOwned, Model):
    """What the job ``run_id`` made for ``user_id``, who alone sees it. It lies in the database, so that it comes and
    goes with its row; the trail leaves it out.
    """

    __title__ = _l("File for download")
    __plural__ = _l("Files for download")
    __constraints__ = (unique("run_id"), index("kept_until"))

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    run_id: Mapped[int] = reference("job_run.id", label=_l("Job"), ondelete="CASCADE")
    name: Mapped[str] = column(String(200), label=_l("Name"))
    kind: Mapped[str] = column(String(100), label=_l("Kind"))
    size: Mapped[int] = column(BigInteger, label=_l("Size"))
    content: Mapped[bytes] = column(LargeBinary, label=_l("Content"), deferred=True)
    kept_until: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Offered until"))


def offer_file(session: Session, printed: Printed) -> PreparedFile:
    """Offer what a job made to whoever asked for the job, on the job's page. Raises `AddonError` outside a job that
    works as a person.
    """
    run_id, scope = run_under_way(session), current_scope(session)
    if run_id is None or scope is None or scope.user_id is None:
        raise AddonError("A file is offered by a job that works as the person who asked for it.")
    file = PreparedFile(
        user_id=scope.user_id,
        run_id=run_id,
        name=printed.file_name,
        kind=printed.kind,
        size=len(printed.content),
        content=printed.content,
        kept_until=clock.now() + KEPT,
    )
    session.add(file)
    session.flush()
    return file
