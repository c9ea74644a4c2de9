"""The second factor: enrolling an authenticator app, judging codes, recovery codes."""

from __future__ import annotations

import hashlib
import hmac
import secrets

import pyotp
import segno
from cryptography.fernet import InvalidToken
from flask import current_app
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app import clock
from app.errors import Conflict, Invalid
from app.i18n import lazy_gettext as _l
from app.users.sealed import cipher, key_for
from app.users.second_factor import RecoveryCode, SecondFactor
from app.users.throttle import begin_attempt, take_back

STEP_SECONDS = 30
STEPS_AHEAD = 10
"""A last code from further in the future was taken by a clock that has been put back since."""

RECOVERY_CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def has_second_factor(session: Session, user_id: int) -> bool:
    """Whether the person is asked for a code after the password."""
    return session.scalar(_confirmed(user_id)) is not None


def begin_enrolment(session: Session, user: User) -> None:
    """A new secret, which counts only when `confirm_enrolment` saw a code made with it. Raises `Conflict`."""
    if has_second_factor(session, user.id):
        raise Conflict(_l("The second factor is on already."), code="second_factor_on")
    session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    session.add(
        SecondFactor(user_id=user.id, secret=cipher(b"second factor").encrypt(pyotp.random_base32().encode()).decode())
    )
    session.flush()


def enrolment(session: Session, user: User) -> tuple[str, str] | None:
    """The secret in letters and as a QR picture (an address for an image), while it is not confirmed."""
    row = session.scalar(select(SecondFactor).where(SecondFactor.user_id == user.id))
    secret = None if row is None or row.confirmed_at else _plain(row)
    if secret is None:
        return None
    address = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=current_app.config["APP_NAME"])
    return secret, segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff")


def confirm_enrolment(session: Session, user: User, code: str, address: str) -> list[str]:
    """Switch the second factor on; the recovery codes, to be shown this once. Raises `Invalid`."""
    attempt = begin_attempt(session, "code", str(user.id), address)
    row = session.scalar(
        select(SecondFactor)
        .where(SecondFactor.user_id == user.id, SecondFactor.confirmed_at.is_(None))
        .with_for_update()
    )
    if row is None:
        raise Conflict(_l("Begin anew: there is nothing to confirm."), code="nothing_to_confirm")
    step = _step_of(row, code)
    if step is None:
        sentence = _l("This code does not fit. Check the clock of your phone and take the next code.")
        raise Invalid(sentence, {"code": [sentence]}, code="wrong_code")
    take_back(session, attempt)
    row.confirmed_at, row.last_step = clock.now(), step
    return new_recovery_codes(session, user.id)


def new_recovery_codes(session: Session, user_id: int) -> list[str]:
    """Ten new codes instead of whatever is left of the former ones."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    codes = ["".join(secrets.choice(_ALPHABET) for _letter in range(10)) for _code in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_code_hash(user_id, code)) for code in codes)
    session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def codes_left(session: Session, user_id: int) -> int:
    """How many recovery codes were not used yet."""
    unused = select(RecoveryCode.id).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return len(session.scalars(unused).all())


def is_right_code(session: Session, user_id: int, code: str, address: str) -> bool:
    """Judge a code of the app or a recovery code, and use it up. Raises `TooManyRequests`."""
    attempt = begin_attempt(session, "code", str(user_id), address)
    row = session.scalar(_confirmed(user_id).with_for_update())
    if row is None:
        return False
    step = _step_of(row, code)
    if step is not None:
        row.last_step = step
        session.flush()
    elif not _use_recovery_code(session, user_id, code):
        return False
    take_back(session, attempt)
    return True


def switch_off(session: Session, user_id: int) -> None:
    """Ask this person for no codes any more, and forget the secret."""
    row = session.scalar(select(SecondFactor).where(SecondFactor.user_id == user_id))
    if row is not None:
        session.delete(row)
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.flush()


def _confirmed(user_id: int) -> Select[SecondFactor]:
    return select(SecondFactor).where(SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))


def _step_of(row: SecondFactor, code: str) -> int | None:
    """The half minute whose code it is: the present one or a neighbour, later than the last one used."""
    digits = "".join(code.split())
    secret = _plain(row)
    if secret is None or len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    now = int(clock.now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    last = row.last_step if row.last_step <= now + STEPS_AHEAD else 0
    for step in (now, now - 1, now + 1):
        if step > last and hmac.compare_digest(totp.at(step * STEP_SECONDS), digits):
            return step
    return None


def _use_recovery_code(session: Session, user_id: int, code: str) -> bool:
    letters = "".join(letter for letter in code.lower() if letter.isalnum())
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == _code_hash(user_id, letters),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
    )
    return session.execute(used).first() is not None


def _code_hash(user_id: int, code: str) -> str:
    message = f"{user_id}:{code}".encode("utf-8", "surrogatepass")
    return hmac.new(key_for(b"recovery codes"), message, hashlib.sha256).hexdigest()


def _plain(row: SecondFactor) -> str | None:
    """The secret; None when it was encrypted with another secret key of the installation."""
    try:
        return cipher(b"second factor").decrypt(row.secret.encode()).decode()
    except InvalidToken:
        return None
