"""Which roles let nobody work in an institution without a second factor."""

from __future__ import annotations

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, Session

from app.access.access_override import AccessOverride
from app.access.cache import cached
from app.database.base import Audited, Model
from app.database.columns import column, reference, unique
from app.i18n import lazy_gettext as _l


class SecondFactorRole(Audited, Model):
    """A role whose people need a second factor here; without the row, each decides for themselves."""

    __not_institution_owned__ = "read before an institution is active; the service confines writes to the active one"
    __affects_access__ = True
    __display__ = "role"
    __constraints__ = (unique("institution_id", "role"),)

    institution_id: Mapped[int] = reference("institution.id", label=_l("Institution"))
    role: Mapped[str] = column(String(100), label=_l("Role"))


def roles_with_second_factor(session: Session, institution_id: int) -> frozenset[str]:
    """The roles that demand a second factor in the institution."""

    def look_up() -> frozenset[str]:
        wanted = select(SecondFactorRole.role).where(SecondFactorRole.institution_id == institution_id)
        return frozenset(session.scalars(wanted))

    return cached(session, ("second factor", institution_id), look_up)


def demand_second_factor(session: Session, role: str, *, on: bool) -> None:
    """Let the active institution demand a second factor of whoever has ``role``, or demand it no more.

    Raises `NotFound` for a role that does not exist here.
    """
    from app.access.access import require
    from app.access.administration import institution_here, known_role

    require(AccessOverride, "write", session)
    institution_id = institution_here(session)
    known_role(session, role, institution_id)
    # Two who switch the same role at once wait for each other here.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"second_factor {institution_id} {role}"))))
    here = (SecondFactorRole.institution_id == institution_id, SecondFactorRole.role == role)
    row = session.scalar(select(SecondFactorRole).where(*here))
    if on and row is None:
        session.add(SecondFactorRole(institution_id=institution_id, role=role))
    elif not on and row is not None:
        session.delete(row)
    session.flush()
