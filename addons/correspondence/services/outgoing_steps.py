"""What the steps in an outgoing letter's life ask for, and what they leave behind."""

from __future__ import annotations

import re
from typing import Any

from addons.organization.services.signature import SignatureBlock, signature_block
from addons.organization.services.unit import unit_codes
from app.addon import Invalid, db, declare_register, has_words, next_number, number_fields, today_here
from app.addon import lazy_gettext as _l

NUMBER = declare_register(
    "correspondence.outgoing", _l("Outgoing letters"), words=("class_code", "unit"), units=unit_codes, longest=120
)
AGENDA = declare_register("correspondence.outgoing_agenda", _l("Agenda book, outgoing"))
CLASS_CODE = re.compile(r"[A-Za-z0-9./-]{1,40}")
SENDING = ("sent_on", "channel", "receipt")
"""What the sending is recorded with."""


def require_note(letter: Any) -> None:
    """Whoever returns a draft says what is wrong with it (SOP Kendal, step 6 "Tidak")."""
    if not has_words(letter.return_note):
        raise _refused("return_note", _l("Say what is to be changed."))


def clear_note(letter: Any) -> None:
    """What was to be changed was changed; the note does not go out with the letter."""
    letter.return_note = None


def require_complete(letter: Any) -> None:
    """Before it is numbered, a letter has a date that has come, the codes that its number shows, and a signatory."""
    if letter.letter_date is not None and letter.letter_date > today_here():
        raise _refused("letter_date", _l("The date of the letter is still to come."))
    fields = require_class_code_of_number(letter)
    unit = unit_code(letter)
    if not unit and "unit" in fields:
        message = _l(
            "The number needs a unit code. Enter one for the unit %(unit)s.", unit=letter.signing_position.unit
        )
        raise _refused("signing_position", message)
    signature_of(letter)


def require_class_code_of_number(letter: Any) -> frozenset[str]:
    """A letter that its number will file by class code has one; tells what else the number is made of. Whoever writes
    the letter knows the code, so it is asked for before the letter goes on.
    """
    require_class_code(letter)
    fields = number_fields(db.session(), NUMBER, register=unit_code(letter))
    if not letter.class_code and "class_code" in fields:
        raise _refused("class_code", _l("The number needs a class code."))
    return fields


def require_class_code(letter: Any) -> None:
    """The code becomes part of the number, so nothing in it breaks a line, hides or looks like a pattern."""
    if letter.class_code and not CLASS_CODE.fullmatch(letter.class_code):
        raise _refused("class_code", _l("A class code has letters, digits, dots, dashes and slashes only, 40 at most."))


def take_numbers(letter: Any) -> None:
    """Freeze the date and the signature block; then, last, take the numbers of the year of the letter's date."""
    letter.letter_date = letter.letter_date or today_here()
    session = db.session()
    # An approved letter has its numbers: the row must not be written before they are taken.
    with session.no_autoflush:
        unit = unit_code(letter)
        block = signature_of(letter)
        letter.signatory_lines, letter.signatory_kind = "\n".join(block.lines), block.kind
        letter.signatory_name, letter.signatory_rank, letter.signatory_nip = block.name, block.rank, block.nip
        words = {"unit": unit or "", "class_code": letter.class_code or ""}
        letter.agenda_number = next_number(session, AGENDA, letter.letter_date)
        letter.number = next_number(session, NUMBER, letter.letter_date, register=unit, **words)


def require_sending(letter: Any) -> None:
    """A letter is sent by some way, not before its date and not in the future."""
    letter.sent_on = letter.sent_on or today_here()
    if not letter.channel:
        raise _refused("channel", _l("Say how the letter was sent."))
    if letter.sent_on < letter.letter_date:
        raise _refused("sent_on", _l("A letter cannot be sent before its date."))
    if letter.sent_on > today_here():
        raise _refused("sent_on", _l("A letter cannot be sent in the future."))


def signature_of(letter: Any) -> SignatureBlock:
    """The signature block of the letter on its date, or today while it has none; who signs holds the post today."""
    today = today_here()
    return signature_block(letter.signing_position, letter.letter_date or today, letter.on_behalf_of, signed_on=today)


def unit_code(letter: Any) -> str | None:
    """The code of the unit that signs, or of the nearest one above it with a code."""
    unit, passed = letter.signing_position.unit, 0
    while unit is not None and not unit.code and passed < 20:
        unit, passed = unit.parent, passed + 1
    return unit.code if unit is not None else None


def _refused(column: str, message: object) -> Invalid:
    return Invalid(message, {column: [message]}, code="not_ready")
