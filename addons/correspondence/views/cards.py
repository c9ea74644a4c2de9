"""What the overview tells of letters."""

from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask_babel import get_locale
from sqlalchemy import func, select

from addons.correspondence.models.letter import Letter
from addons.correspondence.models.outgoing_letter import OutgoingLetter
from app.addon import card_chart, current_access, dashboard_card, db, today_here
from app.addon import lazy_gettext as _l

MONTHS = 12


@dashboard_card("correspondence.per_month", _l("Letters per month"), "correspondence.Letter", icon="mail", sequence=50)
def per_month() -> tuple[str, dict[str, Any]]:
    """What came in and, for whoever reads them, what went out in each of the last twelve months."""
    months = _last_months(today_here())
    series = {_l("Incoming letters"): _counts(Letter, Letter.received_on, months)}
    if current_access().may(OutgoingLetter, "read"):
        series[_l("Outgoing letters")] = _counts(OutgoingLetter, OutgoingLetter.letter_date, months)
    labels = [format_skeleton("yMMM", month, locale=get_locale()) for month in months]
    is_empty = not any(sum(values) for values in series.values())
    return card_chart([] if is_empty else labels, series, none=_l("There are no letters in the last twelve months."))


def _last_months(today: date) -> list[date]:
    ends = [today.year * 12 + today.month - 1 - back for back in reversed(range(MONTHS))]
    return [date(number // 12, number % 12 + 1, 1) for number in ends]


def _counts(model: Any, day: Any, months: list[date]) -> list[int]:
    month = func.date_trunc("month", day)
    rows = select(month, func.count()).where(model.active, day >= months[0]).group_by(month)
    found = {(moment.year, moment.month): count for moment, count in db.session.execute(rows)}
    return [found.get((first.year, first.month), 0) for first in months]
