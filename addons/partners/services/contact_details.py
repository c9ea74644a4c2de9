"""Whether an e-mail address, a phone number, a website and a region code can be what they claim to be."""

import re
from typing import Any

from app.addon import Invalid
from app.addon import lazy_gettext as _l

EMAIL = re.compile(r"[^@\s,;<>\"]+@(?:[^@\s.,;<>\"]+\.)+[^@\s.,;<>\"\d][^@\s.,;<>\"]+")
PHONE = re.compile(r"\+?[\d\s().\-/]+(?:(?:ext|pes)\.?\s*\d{1,6})?", re.IGNORECASE)
WEBSITE = re.compile(r"https?://[^\s/.]+(?:\.[^\s/.]+)+(?:/\S*)?", re.IGNORECASE)
REGION_CODE = re.compile(r"\d{2}(?:\.\d{2}(?:\.\d{2}(?:\.\d{4})?)?)?")
SHORTEST_PHONE, LONGEST_PHONE = 3, 21
"""Digits: from a service number such as 110 to an international number (15, ITU E.164) with an extension."""


def tidy(record: Any, *names: str) -> None:
    """Strip the text of the attributes ``names`` and turn empty text into nothing."""
    for name in names:
        value = getattr(record, name)
        if isinstance(value, str):
            setattr(record, name, " ".join(value.split()) or None)


def check_contact_details(record: Any) -> None:
    """Raise `Invalid` naming every field of ``record`` whose text cannot be right; fields it lacks are passed over."""
    errors: dict[str, list[object]] = {}
    if not _matches(EMAIL, record, "email"):
        errors["email"] = [_l("This is not an e-mail address.")]
    if not _is_phone(getattr(record, "phone", None)):
        errors["phone"] = [_l("This is not a phone number.")]
    if not _matches(WEBSITE, record, "website"):
        errors["website"] = [_l("Give the whole address, such as https://www.example.org.")]
    if not _matches(REGION_CODE, record, "region_code"):
        errors["region_code"] = [_l("A region code looks like 33.24 or 33.24.01.2001.")]
    if errors:
        raise Invalid(_l("Some contact details are not right."), errors)


def _matches(pattern: re.Pattern[str], record: Any, name: str) -> bool:
    value = getattr(record, name, None)
    return not value or pattern.fullmatch(value) is not None


def _is_phone(value: str | None) -> bool:
    if not value:
        return True
    digits = sum(character.isdigit() for character in value)
    return PHONE.fullmatch(value) is not None and SHORTEST_PHONE <= digits <= LONGEST_PHONE
