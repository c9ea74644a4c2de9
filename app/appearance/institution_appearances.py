"""Reading and changing how an institution looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.access import require
from app.access.cache import cached
from app.appearance.colours import parse
from app.appearance.institution_appearance import InstitutionAppearance
from app.database.scope import current_scope
from app.errors import Invalid
from app.i18n import lazy_gettext as _l
from app.records.attachment import Attachment, attach, kind_of

PICTURES = ("image/png", "image/jpeg")
LARGEST_LOGO = 512 * 1024
"""Every page loads it."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """What pages need of it: six hexadecimal digits or nothing, and the id of the logo's file."""

    colour: str = ""
    logo_id: int | None = None


def appearance_here(session: Session) -> Appearance:
    """How the active institution looks; no statement is needed but the first after a change."""
    scope = current_scope(session)
    if scope is None:
        return Appearance()

    def look_up() -> Appearance:
        row = _row(session)
        return Appearance(row.colour, row.logo_id) if row is not None else Appearance()

    return cached(session, ("appearance", scope.institution_id), look_up)


def logo_file(session: Session, logo_id: int) -> Attachment | None:
    """The file of the present logo, if ``logo_id`` is the one."""
    if appearance_here(session).logo_id != logo_id:
        return None
    return session.get(Attachment, logo_id)


def change_appearance(session: Session, *, colour: str, logo: IO[bytes] | None, name: str, remove: bool) -> None:
    """Set colour and logo. Raises `Invalid` for what is no colour, and for a file that is no PNG or JPEG of 512 kB."""
    require(InstitutionAppearance, "write", session)
    colour = colour.strip().lstrip("#").lower()
    if colour and parse(colour) is None:
        sentence = _l("A colour is # and six hexadecimal digits, such as #0f6b5f.")
        raise Invalid(sentence, {"colour": [sentence]})
    row = _row(session)
    if row is None:
        row = InstitutionAppearance()
        session.add(row)
    row.colour = colour
    session.flush()
    if logo is not None:
        _check_logo(logo)
        row.logo_id = attach(session, row, name, logo).id
    elif remove:
        row.logo_id = None
    session.flush()


def _check_logo(logo: IO[bytes]) -> None:
    content = logo.read(LARGEST_LOGO + 1)
    logo.seek(0)
    if len(content) > LARGEST_LOGO or kind_of(content) not in PICTURES:
        sentence = _l("A logo is a PNG or JPEG file of at most 512 kB.")
        raise Invalid(sentence, {"logo": [sentence]})


def _row(session: Session) -> InstitutionAppearance | None:
    scope = current_scope(session)
    wanted = select(InstitutionAppearance)
    if scope is not None:
        wanted = wanted.where(InstitutionAppearance.institution_id == scope.institution_id)
    return session.scalar(wanted)
