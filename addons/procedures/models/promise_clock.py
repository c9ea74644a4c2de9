"""The clocks of service promises: one for each promise to each request or case."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import DateTime, String, text
from sqlalchemy.orm import Mapped, relationship

from addons.organization.services.working_calendar import CLOCK_MODES
from addons.procedures.models.case import Case
from addons.procedures.models.request import Request
from addons.procedures.models.service_promise import ServicePromise
from app.addon import Record, check, clock, column, index, reference, unique
from app.addon import lazy_gettext as _l

STATES = {"in_time": _l("In time"), "soon": _l("Due soon"), "late": _l("Late")}


class PromiseClock(Record):
    """Runs from ``started_at`` to ``stopped_at`` (None: still running); ``seconds`` were counted in ``clock_mode``."""

    __title__ = _l("Service clock")
    __plural__ = _l("Service clocks")
    __display__ = "promise"
    __labels__: ClassVar[dict[str, Any]] = {"state_name": _l("State")}
    __constraints__ = (
        unique("promise_id", "request_id"),
        unique("promise_id", "case_id"),
        check("subject", "request_id IS NOT NULL OR case_id IS NOT NULL"),
        index("due_at", name="ix_procedures_promise_clock_running", postgresql_where=text("stopped_at IS NULL")),
    )

    promise_id: Mapped[int] = reference("procedures_service_promise.id", label=_l("Service promise"))
    request_id: Mapped[int | None] = reference("procedures_request.id", label=_l("Service request"), ondelete="CASCADE")
    case_id: Mapped[int | None] = reference("procedures_case.id", label=_l("Case"), ondelete="CASCADE")
    clock_mode: Mapped[str] = column(
        String(20),
        label=_l("Time is counted in"),
        choices=CLOCK_MODES,
        default="office_hours",
        server_default="office_hours",
    )
    started_at: Mapped[datetime] = column(DateTime(timezone=True), label=_l("Started at"))
    soon_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Due soon from"))
    due_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Due at"))
    stopped_at: Mapped[datetime | None] = column(DateTime(timezone=True), label=_l("Stopped at"))
    seconds: Mapped[int | None] = column(label=_l("Took (seconds)"))
    reminded: Mapped[int] = column(label=_l("Reminders sent"), default=0, server_default="0")

    promise: Mapped[ServicePromise] = relationship()
    request: Mapped[Request | None] = relationship(back_populates="clocks")
    case: Mapped[Case | None] = relationship()

    @property
    def state(self) -> str:
        """``in_time``, ``soon`` or ``late``; a clock that stopped keeps how it stood then."""
        moment = self.stopped_at or clock.now()
        if self.due_at is not None and moment > self.due_at:
            return "late"
        is_soon = self.stopped_at is None and self.soon_at is not None and moment >= self.soon_at
        return "soon" if is_soon else "in_time"

    @property
    def state_name(self) -> str:
        """The state in words."""
        return str(STATES[self.state])
