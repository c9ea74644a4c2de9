"""What a password must be, and setting one."""

from __future__ import annotations

import re

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash
from zxcvbn import zxcvbn

from app.access.grants import grants_of
from app.database.text import is_storable
from app.errors import Invalid
from app.i18n import lazy_gettext as _l
from app.registry.institution import Institution
from app.users.sessions import end_sessions

SHORTEST = 12
LONGEST = 200
LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: about a hundred million guesses."""

LOCAL_WORDS = re.findall(
    r"\w+",
    "sinergi kerjasama rahasia bismillah alhamdulillah indonesia merdeka sayang cinta garuda pancasila katasandi sandi "
    "masuk admin jakarta surabaya bandung semarang persib persija",
)
"""Words that people here take first and that zxcvbn, made from English lists, does not know."""


def check_password(password: str, own_words: list[str]) -> None:
    """Raise `Invalid` for a password that is short, is easily guessed, or holds one of ``own_words``."""
    if len(password) < SHORTEST:
        raise _refusal(_l("The password needs at least %(count)d characters.", count=SHORTEST))
    if len(password) > LONGEST or not is_storable(password):
        raise _refusal(_l("The password has more than %(count)d characters, or one that cannot be.", count=LONGEST))
    plain = _letters(password)
    if any(_letters(word) in plain for word in own_words):
        raise _refusal(_l("The password must not hold your name, your address or the name of your institution."))
    if zxcvbn(password[:72], user_inputs=[*own_words, *LOCAL_WORDS])["score"] < LEAST_SCORE:
        raise _refusal(_l("This password is easily guessed. Take several words that do not belong together."))


def set_password(session: Session, user: User, password: str, *, but: int | None = None) -> None:
    """Give the person another password and end their sessions, except ``but``. Raises `Invalid` for a weak one."""
    check_password(password, own_words(session, user))
    if user.password and check_password_hash(user.password, password):
        raise _refusal(_l("This is your password already. Take another one."))
    user.password = generate_password_hash(password)
    session.flush()
    end_sessions(session, user.id, but=but)


def own_words(session: Session, user: User) -> list[str]:
    """What others know of the person: the words of names, address and institutions."""
    places = {grant.institution_id for grant in grants_of(session, user.id)}
    rows = session.execute(select(Institution.code, Institution.name).where(Institution.id.in_(places)))
    return words_of(user.first_name, user.last_name, user.username, user.email, *(text for row in rows for text in row))


def words_of(*texts: str) -> list[str]:
    """The words of ``texts`` that are long enough to be meant."""
    return sorted({word for text in texts for word in re.split(r"[^\w]+", text) if len(word) > 3})


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _refusal(sentence: object) -> Invalid:
    return Invalid(sentence, {"password": [sentence]}, code="weak_password")
