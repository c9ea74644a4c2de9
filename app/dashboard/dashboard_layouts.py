"""Arranging the overview: everybody their own, in each institution."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.dashboard.dashboard_layout import DashboardLayout
from app.database.scope import current_scope
from app.errors import NoActiveInstitution


def layout_of(session: Session) -> DashboardLayout | None:
    """The present person's arrangement here, if there is one."""
    return session.scalar(select(DashboardLayout).where(DashboardLayout.user_id == _person(session)))


def arranged(session: Session, names: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """``names`` of cards in the order of the present person, and which of them are hidden."""
    layout = layout_of(session)
    if layout is None:
        return list(names), frozenset()
    known = [name for name in layout.cards if name in names]
    return [*known, *(name for name in names if name not in known)], frozenset(layout.hidden) & frozenset(names)


def arrange(
    session: Session,
    names: Sequence[str],
    shown: Collection[str],
    *,
    order: Sequence[str] = (),
    moved: str = "",
    step: int = 0,
) -> DashboardLayout:
    """Show those of ``names`` that are in ``shown``, in the ``order`` given (the others after these, as they stood),
    and put ``moved`` one place up (-1) or down (1).
    """
    before, _hidden = arranged(session, names)
    wanted = list(dict.fromkeys([*(name for name in order if name in before), *before]))
    if moved in wanted and step:
        place = wanted.index(moved)
        wanted.insert(min(max(place + step, 0), len(wanted) - 1), wanted.pop(place))
    layout = layout_of(session)
    if layout is None:
        layout = DashboardLayout(user_id=_person(session))
        session.add(layout)
    layout.cards, layout.hidden = wanted, [name for name in wanted if name not in shown]
    session.flush()
    return layout


def forget_arrangement(session: Session) -> None:
    """Back to what the addons propose."""
    layout = layout_of(session)
    if layout is not None:
        session.delete(layout)
        session.flush()


def _person(session: Session) -> int:
    scope = current_scope(session)
    if scope is None or scope.user_id is None:
        raise NoActiveInstitution("an arrangement belongs to a person in an institution")
    return scope.user_id
