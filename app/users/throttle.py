"""Growing delays for whoever tries passwords, codes or addresses; counted in the database, for all processes at once.

An attempt is counted before it is judged, in a transaction of its own, so that attempts sent at the same moment
count one after the other. What turns out well is taken back.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.database.session import GuardedSession
from app.errors import TooManyRequests
from app.i18n import lazy_gettext as _l
from app.users.sign_in_attempt import SignInAttempt


@dataclass(frozen=True, slots=True)
class Limit:
    """``free`` attempts, then one per delay: ``wait`` seconds, twice as long each time, up to ``longest``. Nothing is
    remembered ``forgotten_after`` seconds after the last one.
    """

    free: int
    wait: int
    longest: int
    forgotten_after: int

    def delay_after(self, count: int) -> timedelta | None:
        """How long nobody may try after ``count`` attempts."""
        if count < self.free:
            return None
        return timedelta(seconds=min(self.wait * 2 ** min(count - self.free, 20), self.longest))


LIMITS = {
    # what is tried: (per account, per address; a whole campus may stand behind one address)
    "password": (Limit(5, 30, 900, 86_400), Limit(50, 30, 900, 3_600)),
    "code": (Limit(5, 30, 900, 86_400), Limit(50, 30, 900, 3_600)),
    "reset": (Limit(3, 60, 3_600, 86_400), Limit(20, 60, 3_600, 3_600)),
}
LONGEST_MEMORY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that may be judged: the keys under which it was counted."""

    account: str
    address: str


def begin_attempt(session: Session, what: str, account: str, address: str) -> Attempt:
    """Count an attempt of ``what`` for ``account`` from ``address``. Raises `TooManyRequests` while one has to wait."""
    attempt = Attempt(_account_key(what, account), f"{what} from {_network(address)}")
    limits = dict(zip((attempt.account, attempt.address), LIMITS[what], strict=True))
    now = clock.now()
    with GuardedSession(bind=session.get_bind()) as counting, counting.begin():
        rows = [_locked(counting, key, now) for key in limits]
        for row in rows:
            _forgive_clock(row, limits[row.key], now)
        waits = [row.blocked_until - now for row in rows if row.blocked_until and row.blocked_until > now]
        if not waits:
            for row in rows:
                _count(row, limits[row.key], now)
    if waits:
        raise _refusal(max(waits))
    return attempt


def take_back(session: Session, attempt: Attempt) -> None:
    """It went well: the account starts anew, and the address has not tried."""
    with GuardedSession(bind=session.get_bind()) as counting, counting.begin():
        counting.execute(delete(SignInAttempt).where(SignInAttempt.key == attempt.account))
        counting.execute(
            update(SignInAttempt)
            .where(SignInAttempt.key == attempt.address, SignInAttempt.count > 0)
            .values(count=SignInAttempt.count - 1, blocked_until=None)
        )


def forget_old_attempts(session: Session) -> None:
    """Remove the rows that no longer count."""
    old = delete(SignInAttempt).where(SignInAttempt.last_at < clock.now() - LONGEST_MEMORY)
    session.execute(old.execution_options(synchronize_session=False))


def _account_key(what: str, account: str) -> str:
    # Hashed: what people type into the name field by mistake is sometimes their password.
    plain = account.strip().casefold().encode("utf-8", "surrogatepass")
    return f"{what} of {hashlib.sha256(plain).hexdigest()}"


def _network(address: str) -> str:
    """An IPv4 address, or the network of an IPv6 one: a household has more of those than anybody can count."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:45]
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def _locked(counting: Session, key: str, now: datetime) -> SignInAttempt:
    """The row of ``key``, held until the end: made, or written over, in one statement, since `take_back` may remove it
    between two.
    """
    made = insert(SignInAttempt).values(key=key, count=0, last_at=now)
    kept = made.on_conflict_do_update(index_elements=["key"], set_={"key": made.excluded.key})
    return counting.scalars(kept.returning(SignInAttempt), execution_options={"populate_existing": True}).one()


def _forgive_clock(row: SignInAttempt, limit: Limit, now: datetime) -> None:
    """Nobody waits longer than the longest delay: what was counted by a clock that has been put back since counts as
    counted now.
    """
    longest = now + timedelta(seconds=limit.longest)
    if row.last_at > now:
        row.last_at = now
    if row.blocked_until and row.blocked_until > longest:
        row.blocked_until = longest


def _count(row: SignInAttempt, limit: Limit, now: datetime) -> None:
    if now - row.last_at > timedelta(seconds=limit.forgotten_after):
        row.count = 0
    row.count += 1
    row.last_at = now
    delay = limit.delay_after(row.count)
    row.blocked_until = now + delay if delay else None


def _refusal(wait: timedelta) -> TooManyRequests:
    seconds = math.ceil(wait.total_seconds())
    minutes = math.ceil(seconds / 60)
    return TooManyRequests(_l("Too many attempts. Try again in %(minutes)d min.", minutes=minutes), retry_after=seconds)
