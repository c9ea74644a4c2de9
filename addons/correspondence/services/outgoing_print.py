"""The printed letter: PDF as it is signed, DOCX to be edited further (layout: formats 3.4)."""

from __future__ import annotations

from typing import Any

from addons.correspondence.models.letter import NATURES, URGENCIES
from addons.correspondence.models.outgoing_letter import OutgoingLetter
from addons.correspondence.services.outgoing_steps import signature_of
from addons.organization.services.letterhead import letterhead_lines, letterhead_of
from app.addon import (
    Printed,
    SinergiError,
    as_system,
    db,
    format_date,
    official_language,
    render_docx,
    render_pdf,
    today_here,
)

TEMPLATE = "correspondence.outgoing_letter"
UNKNOWN = "........................"
APPROVED = ("approved", "sent")


def letter_pdf(letter: OutgoingLetter) -> Printed:
    """The letter as PDF; a draft says so across the page."""
    with official_language():
        values = _values(letter)
        head = letterhead_lines(*values.pop("head"))
        data = {**values, "letterhead": head, "draft": letter.state not in APPROVED}
        return render_pdf(TEMPLATE, data, _name(letter))


def letter_docx(letter: OutgoingLetter) -> Printed:
    """The letter as DOCX."""
    with official_language():
        values = _values(letter)
        head, signature = letterhead_lines(*values.pop("head")), values.pop("signature")
        copies = values.pop("copies")
        fields = {
            **values,
            **{f"letterhead_{name}": head[name] or "" for name in head},
            "signature_lines": "\n".join(signature["lines"]),
            "signatory_name": signature["name"] or "",
            "signatory_rank": signature["rank"] or "",
            "signatory_nip": f"NIP {signature['nip']}" if signature["nip"] else "",
            "copies": "\n".join(["Tembusan:", *(f"{place}. {line}" for place, line in enumerate(copies, 1))])
            if copies
            else "",
        }
        return render_docx(TEMPLATE, {name: value or "" for name, value in fields.items()}, _name(letter))


def _values(letter: OutgoingLetter) -> dict[str, Any]:
    with as_system(db.session(), "a letter is printed whole for whoever may read it"):
        unit = letter.signing_position.unit
        head = (unit, letterhead_of(unit.id))
        signature = _signature(letter)
    return {
        "head": head,
        "place": letter.place,
        "letter_date": format_date(letter.letter_date or today_here()) if letter.letter_date else UNKNOWN,
        "number": letter.number or UNKNOWN,
        "nature": nature_line(letter.nature, letter.urgency),
        "enclosure": letter.enclosure or "-",
        "subject": letter.subject,
        "addressee_name": letter.addressee_name,
        "addressee_address": letter.addressee_address,
        "body": letter.body,
        "signature": signature,
        "copies": [line.strip() for line in (letter.copies or "").splitlines() if line.strip()],
    }


def nature_line(nature: str, urgency: str) -> str:
    """What stands behind "Sifat": what is out of the ordinary, or that nothing is."""
    told = [str(labels[value]) for labels, value in ((NATURES, nature), (URGENCIES, urgency)) if value != "ordinary"]
    return " / ".join(told) or str(NATURES["ordinary"])


def _signature(letter: OutgoingLetter) -> dict[str, Any]:
    if letter.state in APPROVED:
        return {
            "lines": (letter.signatory_lines or "").split("\n"),
            "name": letter.signatory_name,
            "rank": letter.signatory_rank,
            "nip": letter.signatory_nip,
        }
    try:
        block = signature_of(letter)
    except SinergiError:
        # Nobody holds the position yet; the draft is printed all the same.
        return {"lines": [f"{letter.signing_position.title},"], "name": UNKNOWN, "rank": None, "nip": None}
    return {"lines": block.lines, "name": block.name, "rank": block.rank, "nip": block.nip}


def _name(letter: OutgoingLetter) -> str:
    return letter.number or letter.subject
