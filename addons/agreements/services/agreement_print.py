"""The paper of an agreement: PDF as it is signed, DOCX to be edited further (layout: formats 3.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date as babel_date
from num2words import num2words

from addons.agreements.models.agreement import Agreement
from addons.agreements.models.agreement_party import AgreementParty
from addons.agreements.services.agreement_steps import refuse_incomplete
from app.addon import Printed, format_date, format_nip, official_language, render_docx, render_pdf
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

TEMPLATE = "agreements.agreement"
UNKNOWN = "........................"
SIDES = (_l("FIRST PARTY"), _l("SECOND PARTY"), _l("THIRD PARTY"), _l("FOURTH PARTY"), _l("FIFTH PARTY"))
LOCALE = "id"


def agreement_pdf(agreement: Agreement) -> Printed:
    """The agreement as PDF; a draft says so across the page."""
    with official_language():
        return _pdf(agreement, draft=agreement.state == "draft")


def agreement_original(agreement: Agreement) -> Printed:
    """The paper that both sides sign: without the mark of a draft, and with room to write the day by hand.

    Raises `Invalid` or `Conflict` while our number or a signatory is missing.
    """
    refuse_incomplete(agreement)
    with official_language():
        return _pdf(agreement, draft=False)


def _pdf(agreement: Agreement, *, draft: bool) -> Printed:
    between = {"other_names": _names(agreement)[1:], "parties": _parties(agreement)}
    return render_pdf(TEMPLATE, {**_values(agreement), **between, "draft": draft}, _name(agreement))


def agreement_docx(agreement: Agreement) -> Printed:
    """The agreement as DOCX; the names of its fields are the README's list."""
    with official_language():
        first, second, *further = _parties(agreement)
        fields = {
            **_values(agreement),
            "partner_name": "\nDAN\n".join(_names(agreement)[1:]),
            **{f"first_{name}": value for name, value in first.items()},
            **{f"second_{name}": value for name, value in second.items()},
            "further_parties": "\n".join(f"{party['signatory']}, {party['text']}" for party in further),
            "further_signatures": "\n\n".join(
                f"{party['side']}\n{party['name']}\n\n\n\n{party['signatory']}" for party in further
            ),
            "mark": _("DRAFT") if agreement.state == "draft" else "",
        }
        return render_docx(TEMPLATE, fields, _name(agreement))


def _values(agreement: Agreement) -> dict[str, str]:
    count = len(_in_order(agreement))
    return {
        "kind": agreement.kind.name,
        "title": _matter(agreement),
        "own_name": _names(agreement)[0],
        "number": agreement.number or UNKNOWN,
        "partner_number": agreement.partner_number or UNKNOWN,
        "place": agreement.signing_place or UNKNOWN,
        "subject": agreement.subject or UNKNOWN,
        "term": _term(agreement),
        "contacts": "\n".join(_contact(side, party) for side, party in zip(SIDES, _in_order(agreement), strict=False)),
        "copies": f"{count} ({num2words(count, lang=LOCALE)})",
        **_day_in_words(agreement.signed_on if agreement.state != "draft" else None),
    }


def _matter(agreement: Agreement) -> str:
    """What the agreement is about: a title that begins with the kind would say it twice."""
    about = f"{agreement.kind.name} tentang "
    return agreement.title[len(about) :] if agreement.title.casefold().startswith(about.casefold()) else agreement.title


def _day_in_words(day: date | None) -> dict[str, str]:
    """``Senin``, ``tiga``, ``Maret``, ``dua ribu dua puluh lima``; dots to be filled in by hand before the day."""
    if day is None:
        return dict.fromkeys(("weekday", "day", "month", "year"), UNKNOWN)
    return {
        "weekday": babel_date(day, "EEEE", locale=LOCALE),
        "day": num2words(day.day, lang=LOCALE),
        "month": babel_date(day, "MMMM", locale=LOCALE),
        "year": num2words(day.year, lang=LOCALE),
    }


def _term(agreement: Agreement) -> str:
    words = {
        "kind": agreement.kind.name,
        "first": format_date(agreement.starts_on) if agreement.starts_on else UNKNOWN,
        "last": format_date(agreement.ends_on) if agreement.ends_on else UNKNOWN,
    }
    if agreement.starts_on is not None and agreement.ends_on is None:
        return _("This %(kind)s is in force from %(first)s until the parties end it.", **words)
    return _(
        "This %(kind)s is in force from %(first)s until %(last)s and may be extended when the parties agree.", **words
    )


def _in_order(agreement: Agreement) -> list[AgreementParty | None]:
    """Our side, the partner's, then third parties; a side that is missing keeps its place."""
    third = [party for party in agreement.parties if party.role == "third" and party.active]
    return [agreement.side("own"), agreement.side("partner"), *third]


def _parties(agreement: Agreement) -> list[dict[str, str]]:
    return [_party(side, party) for side, party in zip(SIDES, _in_order(agreement), strict=False)]


def _party(side: Any, party: AgreementParty | None) -> dict[str, str]:
    """One side as the opening and the signatures name it."""
    if party is None:
        party = AgreementParty(name=UNKNOWN)
    nip = format_nip(party.signatory_nip)
    parts = [
        party.signatory_position or UNKNOWN,
        _("domiciled at %(address)s", address=" ".join(party.address.split())) if party.address else "",
        _("on the authority of %(authority)s", authority=party.authority) if party.authority else "",
        _("in this matter acting for and on behalf of %(name)s", name=party.name),
        _("hereinafter called %(side)s.", side=side),
    ]
    return {
        "side": str(side),
        "name": party.name,
        "signatory": party.signatory or UNKNOWN,
        "position": party.signatory_position or UNKNOWN,
        "nip": f"NIP {nip}" if nip else "",
        "text": ", ".join(part for part in parts if part),
    }


def _names(agreement: Agreement) -> list[str]:
    """Between whom the agreement is made, in order."""
    return [party.name if party is not None else UNKNOWN for party in _in_order(agreement)]


def _contact(side: Any, party: AgreementParty | None) -> str:
    told = (party.responsible, party.responsible_position, party.responsible_contact) if party is not None else ()
    return f"{side}: {', '.join(part for part in told if part) or UNKNOWN}"


def _name(agreement: Agreement) -> str:
    return agreement.number or agreement.title
