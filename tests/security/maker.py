"""Makes one record of whatever model, with what the database demands and a mark in every text."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Integer, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import configure_mappers

from app import clock

KERNEL_COLUMNS = {
    "id", "institution_id", "active", "version", "created_at", "created_by_id", "changed_at", "changed_by_id",
}  # fmt: skip


class Maker:
    """Makes records straight in the session, below all rules of services: only what the database demands is
    observed.
    """

    def __init__(self, session: Any, mark: str, user_id: int) -> None:
        from app.database.base import models

        configure_mappers()
        self.session, self.mark, self.user_id, self.models = session, mark, user_id, models
        self.made: dict[str, Any] = {}
        self.count = 0

    def one(self, key: str) -> Any:
        """The record of the model ``key``; others link to it."""
        if key not in self.made:
            self.made[key] = self.new(key)
        return self.made[key]

    def new(self, key: str, **given: Any) -> Any:
        """One more record of the model ``key``."""
        self.count += 1
        number, model = self.count, self.models[key]
        fresh = _links_that_must_differ(model) if key in self.made else set()
        values = {}
        for attribute in model.__mapper__.column_attrs:
            column = attribute.columns[0]
            if attribute.key in KERNEL_COLUMNS or attribute.key in given:
                continue
            value = self._value(model, attribute.key, column, number, attribute.key in fresh)
            if value is not None:
                values[attribute.key] = value
        if key == "correspondence.Disposition":
            values["to_position_id"] = self.new("organization.Position").id
        if key == "procedures.PromiseClock":
            values["case_id"] = None  # it runs for a request or for a case
        if key == "organization.WorkSchedule":
            values |= _a_day_of_office_hours(number)
        if key == "procedures.PromiseClock":
            values.pop("case_id", None)  # it runs for a request or for a case
        record = model(**values, **given)
        self.session.add(record)
        self.session.flush()
        return record

    def _value(self, model: Any, name: str, column: Any, number: int, fresh: bool) -> Any:
        if column.foreign_keys:
            return self._link(model, column, fresh)
        if choices := column.info.get("choices"):
            return None if column.default is not None or name == "state" else list(choices)[-1]
        if column.default is not None or column.server_default is not None or isinstance(column.type, Boolean):
            return None
        if isinstance(column.type, JSONB):
            return None if column.nullable else []
        return self._plain(name, column, number)

    def _plain(self, name: str, column: Any, number: int) -> Any:
        day = (
            clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=400) + timedelta(days=number % 300)
        )
        if isinstance(column.type, DateTime):
            return day + timedelta(hours=2 if name.startswith("ends") else 0)
        if isinstance(column.type, Date):
            return day.date()
        if isinstance(column.type, Integer):
            return number
        if isinstance(column.type, LargeBinary):
            return self.mark.encode()
        assert isinstance(column.type, String), (name, column.type)
        text, room = f"{self.mark} {number}", column.type.length or 10_000
        return text if len(text) <= room else f"{number} {self.mark}"[:room]

    def _link(self, model: Any, column: Any, fresh: bool) -> int | None:
        table = next(iter(column.foreign_keys)).column.table
        if table.name == "ab_user":
            return self.user_id
        target = next(key for key, other in self.models.items() if other.__table__ is table)
        if table is model.__table__:
            return None
        return (self.new(target) if fresh else self.one(target)).id


def _a_day_of_office_hours(number: int) -> dict[str, Any]:
    """Hours that a clock knows, on a day long ago that no other schedule has."""
    from addons.organization.models.work_schedule import WEEKDAYS

    day = date(2001, 1, 1) + timedelta(days=number)
    return {"kind": "special", "date_from": day, "date_to": day, **dict.fromkeys(WEEKDAYS, "07.30-12.00")}


def _links_that_must_differ(model: Any) -> set[str]:
    """Foreign keys in unique indexes that hold no free text: each record needs a target of its own."""
    names = set()
    for index in model.__table__.indexes:
        columns = [column for column in index.columns if column.name != "institution_id"]
        free = [c for c in columns if isinstance(c.type, String) and not c.info.get("choices")]
        if index.unique and columns and not free:
            names.update(c.name for c in columns if c.foreign_keys)
    return names
