"""Form fields for values that people write in their own way: days, moments, amounts, NIP, telephone numbers."""

from __future__ import annotations

import re
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from flask import has_request_context, request
from wtforms import DateField, DecimalField, StringField
from wtforms import Field as FormField
from wtforms.validators import ValidationError

from app.i18n import gettext as _
from app.i18n.formats import format_nip, institution_zone, today_here
from app.i18n.typed import read_day, read_moment, read_money

HOME = "ID"
"""The country of telephone numbers that name none."""


class DayField(DateField):
    """A date, typed or picked; shown as ISO 8601, which browsers understand without a script."""

    def _value(self) -> str:
        if self.data is not None:
            return str(self.data.isoformat())
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day as people write it."""
        if not valuelist:
            return
        self.data = None
        if not valuelist[0].strip():
            return
        try:
            self.data = read_day(valuelist[0], _day_of_typing(self))
        except ValueError:
            raise ValueError(_("Not a date. Write it like %(example)s.", example="3 Maret 2025")) from None


class MomentField(FormField):
    """A moment typed in the institution's zone, held as UTC."""

    def _value(self) -> str:
        if self.data is not None:
            return str(self.data.astimezone(ZoneInfo(institution_zone())).strftime("%Y-%m-%dT%H:%M"))
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the moment as people write it, or ISO 8601; without an offset it is meant in the institution's zone."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            moment = read_moment(valuelist[0], _day_of_typing(self))
            local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(institution_zone()))
            self.data = local.astimezone(UTC)
        except (ValueError, OverflowError):
            example = "3 Maret 2025 09.30"
            raise ValueError(_("Not a date and time. Write it like %(example)s.", example=example)) from None


class MoneyField(DecimalField):
    """An amount of rupiah, written with dots between thousands and a comma before cents."""

    def _value(self) -> str:
        if self.raw_data and self.data is None:
            return str(self.raw_data[0])
        return money_text(self.data) if self.data is not None else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount. What is finer than a cent is refused, not rounded."""
        if not valuelist:
            return
        self.data = None
        if not valuelist[0].strip():
            return
        try:
            self.data = read_money(valuelist[0])
        except ValueError:
            raise ValueError(_("Not an amount. Write it like %(example)s.", example="1.500.000,00")) from None
        if self.data != self.data.quantize(Decimal("0.01")):
            self.data = None
            raise ValueError(_("An amount has at most two digits behind the comma."))


class NipField(StringField):
    """The number of a civil servant, shown in its groups and held as 18 digits."""

    def _value(self) -> str:
        return format_nip(self.data) or ""


def _day_of_typing(field: FormField) -> date | None:
    """Today, from which “besok” counts, when a person typed into the field: programs and files tell the date itself."""
    typed = has_request_context() and field.raw_data[0] in request.form.getlist(field.name)
    return today_here() if typed else None


def money_text(amount: Decimal) -> str:
    """``1.500.000`` or ``1.500.000,50``: as it stands in the box behind “Rp”."""
    text = f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    return text.removesuffix(",00")


def bare_nip(value: Any) -> Any:
    """A filter of `NipField`: blanks and dots between the groups are not kept."""
    return re.sub(r"[\s.]", "", value) if isinstance(value, str) else value


def check_nip(_form: Any, field: Any) -> None:
    """A NIP has 18 digits. What they say of birth and appointment is only asked about on the page."""
    if not field.data or field.data == field.object_data:  # what was stored before there was this check may stay
        return
    if not (field.data.isascii() and field.data.isdigit() and len(field.data) == 18):
        raise ValidationError(_("A NIP has 18 digits."))


def check_phone(_form: Any, field: Any) -> None:
    """A telephone number of a known plan: ``0812…``, ``(0294) 381234``, ``+62 …``, or a foreign one with +."""
    if not field.data or field.data == field.object_data:
        return
    try:
        is_valid = phonenumbers.is_valid_number(phonenumbers.parse(field.data, HOME))
    except phonenumbers.NumberParseException:
        is_valid = False
    if not is_valid:
        raise ValidationError(_("Not a telephone number. Write it like %(example)s.", example="0812 3456 7890"))


def check_year(_form: Any, field: Any) -> None:
    """Dates of other centuries are slips of the finger."""
    if isinstance(field.data, date) and not 1900 <= field.data.year <= 2200:
        raise ValidationError(_("The year must be between 1900 and 2200."))
