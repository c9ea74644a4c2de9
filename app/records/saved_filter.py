"""What people keep of a list: filters of their own and shared ones, the one they begin with, and chosen columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, String, and_, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session

from app.access.access import current_access
from app.database.base import Audited, InstitutionOwned, Model
from app.database.columns import column, reference, unique
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.records.free_text import read_text
from app.registry.roles import role_choices

SHARING = {"own": _l("Only for me"), "role": _l("For a role"), "institution": _l("For the institution")}
PAGES = ("list", "board", "calendar", "graph", "pivot")
KEPT = ("q", "order", "group", "by", "rows", "of", "as")
"""The arguments of a page that are kept beside its filters (``f_…``)."""
MOST = 50
LONGEST = 300


class SavedFilter(InstitutionOwned, Audited, Model):
    """What a list was narrowed to, under a name: for oneself, for those with a role, or for the institution."""

    __title__ = _l("Saved filter")
    __plural__ = _l("Saved filters")
    __actions__: ClassVar[dict[str, Any]] = {"share": _l("Share with others")}
    __constraints__ = (unique("model", "user_id", "name"),)

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    model: Mapped[str] = column(String(100), label=_l("Model"))
    name: Mapped[str] = column(String(100), label=_l("Name"))
    page: Mapped[str] = column(String(20), label=_l("Page"), default="list", server_default="list")
    arguments: Mapped[dict[str, str]] = column(JSONB, label=_l("Filter"))
    sharing: Mapped[str] = column(String(20), label=_l("Shared"), choices=SHARING, default="own", server_default="own")
    role: Mapped[str] = column(String(100), label=_l("Role"), default="", server_default="")

    @property
    def is_mine(self) -> bool:
        """Whether the present person keeps it."""
        return self.user_id == current_access().user_id


class ListPreference(InstitutionOwned, Model):
    """How one person wants the list of one model: its columns (None: the usual ones) and the filter to begin with."""

    __display__ = "model"
    __constraints__ = (unique("user_id", "model"),)

    user_id: Mapped[int] = reference("ab_user.id", label=_l("Person"), ondelete="CASCADE")
    model: Mapped[str] = column(String(100), label=_l("Model"))
    columns: Mapped[list[str] | None] = column(JSONB(none_as_null=True), label=_l("Columns"))
    default_filter_id: Mapped[int | None] = reference(
        "saved_filter.id", label=_l("Filter to begin with"), ondelete="SET NULL"
    )


def saved_filters(session: Session, model: str) -> list[SavedFilter]:
    """The filters that the present person may use for lists of ``model``: own ones first, then by name."""
    statement = select(SavedFilter).where(SavedFilter.model == model, _usable()).order_by(SavedFilter.name)
    return sorted(session.scalars(statement), key=lambda item: not item.is_mine)


def saved_filter(session: Session, model: str, filter_id: int) -> SavedFilter:
    """One of `saved_filters`. Raises `NotFound`."""
    statement = select(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.model == model, _usable())
    found = session.scalar(statement) if 0 < filter_id < 2**31 else None
    if found is None:
        raise NotFound(_l("This filter does not exist, or it is not shared with you."))
    return found


def _usable() -> ColumnElement[bool]:
    access = current_access()
    shared = and_(SavedFilter.sharing == "role", SavedFilter.role.in_(sorted(access.roles)))
    return or_(SavedFilter.user_id == access.user_id, SavedFilter.sharing == "institution", shared)


def may_share() -> bool:
    """Whether the present person may share filters with others, and take shared ones away."""
    return current_access().may(SavedFilter, "share")


def keep_filter(
    session: Session,
    model: str,
    name: str,
    page: str,
    arguments: Mapping[str, Any],
    sharing: str = "own",
    role: str = "",
) -> SavedFilter:
    """Keep ``arguments`` under ``name``; the person's own filter of that name is replaced.

    Raises `Invalid` for what cannot be kept, `Forbidden` for sharing without the right.
    """
    name, kept = _name(name), _arguments(page, arguments)
    _check_sharing(sharing, role)
    user_id, known = current_access().user_id, saved_filters(session, model)
    mine = [item for item in known if item.is_mine]
    found = next((item for item in mine if item.name == name), None)
    if found is None and len(mine) >= MOST:
        raise Conflict(_l("You keep %(most)s filters of this list already; remove one first.", most=MOST))
    if found is None:
        found = SavedFilter(user_id=user_id, model=model, name=name)
        session.add(found)
    found.page, found.arguments, found.sharing, found.role = page, kept, sharing, role if sharing == "role" else ""
    session.flush()
    return found


def _name(name: str) -> str:
    found = read_text(name, "name", longest=100)
    if found is None:
        raise Invalid(_l("Give the filter a name."), {"name": [_l("This field is required.")]})
    return found


def _arguments(page: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    kept = {name: value for name, value in arguments.items() if (name in KEPT or name.startswith("f_")) and value}
    if page not in PAGES or len(kept) > 40 or not all(_fits(name) and _fits(value) for name, value in kept.items()):
        raise Invalid(_l("These filters cannot be kept."))
    if not kept:
        raise Invalid(_l("Search or filter first; then what you see can be kept under a name."))
    return kept


def _fits(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= LONGEST and "\x00" not in text


def _check_sharing(sharing: str, role: str) -> None:
    if sharing not in SHARING or (sharing == "role" and role not in role_choices(current_access().institution_id)):
        raise Invalid(_l("Choose with whom the filter is shared."), {"role": [_l("Not a valid choice.")]})
    if sharing != "own" and not may_share():
        raise Forbidden(_l("You may not share filters with others."))


def drop_filter(session: Session, model: str, filter_id: int) -> None:
    """Forget a filter: one's own, or a shared one by those who may share. Raises `Forbidden`, `NotFound`."""
    found = saved_filter(session, model, filter_id)
    if not found.is_mine and not may_share():
        raise Forbidden(_l("Only who keeps a filter may remove it."))
    session.delete(found)
    session.flush()


def preference_of(session: Session, model: str) -> ListPreference | None:
    """How the present person wants the list of ``model``."""
    mine = ListPreference.user_id == current_access().user_id
    return session.scalar(select(ListPreference).where(mine, ListPreference.model == model))


def prefer(session: Session, model: str, **values: Any) -> None:
    """Keep ``columns`` or ``default_filter_id`` for the present person and the list of ``model``."""
    found = preference_of(session, model)
    try:
        with session.begin_nested():
            if found is None:
                found = ListPreference(user_id=current_access().user_id, model=model)
                session.add(found)
            for attribute, value in values.items():
                setattr(found, attribute, value)
    except IntegrityError:
        raise Conflict(_l("Somebody else changed this record in the meantime."), code="stale") from None
