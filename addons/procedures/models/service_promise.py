"""Service promises as data: within what time something must have happened."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, relationship

from addons.organization.models.position import Position
from addons.organization.services.working_calendar import CLOCK_MODES
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.promise_event import EVENTS, OF_REQUESTS
from addons.procedures.models.request_kind import RequestKind
from app.addon import Record, check, column, reference, unique_active
from app.addon import lazy_gettext as _l

UNITS: dict[str, Any] = {"minutes": _l("Minutes of time"), "hours": _l("Hours"), "days": _l("Days")}
SECONDS = {"minutes": 60, "hours": 3600, "days": 86400}


class ServicePromise(Record):
    """From ``start_event`` to ``stop_event`` of a request or a case may pass ``limit_value`` of ``limit_unit``. Of
    events of steps, ``start_step`` and ``stop_step`` are the numbers of the steps; empty means whichever comes first.

    Without a ``clock_mode`` days are those of the setting ``procedures.day_kind``, minutes and hours are office hours.
    """

    __title__ = _l("Service promise")
    __plural__ = _l("Service promises")
    __display__ = "title"
    __constraints__ = (unique_active("title"), check("limit", "limit_value > 0"))

    title: Mapped[str] = column(String(200), label=_l("Title"))
    code: Mapped[str | None] = column(String(60), label=_l("Code"), help=_l("Of the indicator that it belongs to."))
    kind_id: Mapped[int | None] = reference(
        "procedures_request_kind.id", label=_l("Only for requests of the kind"), help=_l("Empty: for all requests.")
    )
    procedure_id: Mapped[int | None] = reference(
        "procedures_procedure.id",
        label=_l("Only for cases of the procedure"),
        help=_l("In all its versions. Empty: for all cases."),
    )
    start_event: Mapped[str] = column(
        String(120), label=_l("Begins with"), choices=EVENTS, default="received", server_default="received"
    )
    start_step: Mapped[str | None] = column(
        String(20), label=_l("Begins with step"), help=_l("Its number; empty: the first that comes.")
    )
    stop_event: Mapped[str] = column(String(120), label=_l("Ends with"), choices=EVENTS)
    stop_step: Mapped[str | None] = column(
        String(20), label=_l("Ends with step"), help=_l("Its number; empty: the first that comes.")
    )
    limit_value: Mapped[int] = column(label=_l("Limit"))
    limit_unit: Mapped[str] = column(String(10), label=_l("Unit of time"), choices=UNITS)
    clock_mode: Mapped[str | None] = column(
        String(20),
        label=_l("Time is counted in"),
        choices=CLOCK_MODES,
        help=_l("Empty: days as the settings say, minutes and hours in office hours."),
    )
    without_pauses: Mapped[bool] = column(
        label=_l("Pauses do not count"),
        help=_l("While a step of the case is paused, the promise waits, too."),
        default=False,
        server_default="false",
    )
    position_id: Mapped[int | None] = reference(
        "organization_position.id", label=_l("Responsible position"), help=_l("Is reminded; after it its superior.")
    )

    kind: Mapped[RequestKind | None] = relationship()
    procedure: Mapped[Procedure | None] = relationship()
    position: Mapped[Position | None] = relationship()

    @property
    def limit_seconds(self) -> int:
        """The limit in seconds of its way of counting."""
        return self.limit_value * SECONDS[self.limit_unit]

    @property
    def is_of_requests(self) -> bool:
        """Whether it is given to requests; the others are given to cases."""
        return self.start_event in OF_REQUESTS

    def begins_with(self, event: str, step: str | None) -> bool:
        """Whether ``event`` (of the step with this number) starts its clock."""
        return self.start_event == event and self.start_step in (None, "", step)

    def ends_with(self, event: str, step: str | None) -> bool:
        """Whether ``event`` (of the step with this number) stops its clock."""
        return self.stop_event == event and self.stop_step in (None, "", step)
