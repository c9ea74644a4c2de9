"""Enabling addons per institution: the rule that dependencies come along, and what everybody asks: is it on here?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.errors import AddonError
from app.i18n import gettext as _
from app.registry.addon_enablement import AddonEnablement
from app.registry.graph import closure, dependents
from app.registry.institution import Institution
from app.registry.manifest import Manifest

if TYPE_CHECKING:
    from app.access.rows import AccessRow, Role


@dataclass(slots=True)
class Registry:
    """What this process has loaded: addons in load order, their roles and access rows.

    ``version`` is the database's registry version at that time (0: not known), ``problem`` says why pages cannot be
    served by this code.
    """

    manifests: dict[str, Manifest] = field(default_factory=dict)
    roles: list[Role] = field(default_factory=list)
    access_rows: list[AccessRow] = field(default_factory=list)
    is_loaded: bool = False
    version: int = 0
    problem: str = ""


_registry = Registry()


def registry() -> Registry:
    """The registry of this process, filled once by `app.registry.loader.load`."""
    return _registry


def enabled_addons(institution_id: int, session: Session | None = None) -> frozenset[str]:
    """The loaded addons that the institution has enabled."""
    from app.access.cache import cached
    from app.database.session import db

    session = session or db.session()

    def look_up() -> frozenset[str]:
        rows = session.scalars(
            select(AddonEnablement.addon).where(
                AddonEnablement.institution_id == institution_id, AddonEnablement.enabled
            )
        )
        return frozenset(rows) & frozenset(_registry.manifests)

    return cached(session, ("enabled", institution_id), look_up)


def enable(session: Session, institution_id: int, addon: str) -> None:
    """Switch ``addon`` on for the institution and load its ``institution_data``.

    Raises `AddonError` when it is unknown or a dependency is not enabled here.
    """
    from app.records.data_files import load_institution_data

    manifest = _known(addon)
    if not belongs_to(session, manifest, institution_id):
        raise AddonError(_("%(addon)s belongs to another institution.", addon=_title(addon)), code="other_institution")
    missing = sorted(set(manifest.depends) - enabled_addons(institution_id, session))
    if missing:
        raise AddonError(
            _(
                "%(addon)s needs %(missing)s, which must be enabled first.",
                addon=_title(addon),
                missing=_titles(missing),
            ),
            code="dependency_missing",
        )
    _store(session, institution_id, addon, enabled=True)
    load_institution_data(session, manifest, institution_id)


def belongs_to(session: Session, manifest: Manifest, institution_id: int) -> bool:
    """Whether the institution may have the addon: one that names an ``institution`` is that institution's alone."""
    if not manifest.institution:
        return True
    code = session.scalar(select(Institution.code).where(Institution.id == institution_id))
    return code == manifest.institution


def enable_with_dependencies(session: Session, institution_id: int, addon: str) -> None:
    """Switch ``addon`` on together with everything it depends on, in load order."""
    wanted = closure(_registry.manifests, _known(addon).name)
    for name in _registry.manifests:
        if name in wanted and name not in enabled_addons(institution_id, session):
            enable(session, institution_id, name)


def disable(session: Session, institution_id: int, addon: str, *, forced: bool = False) -> None:
    """Switch ``addon`` off for the institution; its records stay.

    Raises `AddonError` while an enabled one needs it, and, unless ``forced``, while running work does (one sentence a
    line, code ``needed``).
    """
    _known(addon)
    needed_by = sorted(dependents(_registry.manifests, addon) & enabled_addons(institution_id, session))
    if needed_by:
        raise AddonError(
            _(
                "%(addon)s cannot be disabled: it is needed by %(others)s.",
                addon=_title(addon),
                others=_titles(needed_by),
            ),
            code="dependents_enabled",
        )
    needs = [] if forced else _needs(session, institution_id, addon)
    if needs:
        raise AddonError("\n".join(needs), code="needed")
    _store(session, institution_id, addon, enabled=False)


def _needs(session: Session, institution_id: int, addon: str) -> list[str]:
    from app.database.scope import as_system, current_scope
    from app.jobs.performing import working_in
    from app.registry.needs import needs_of

    scope = current_scope(session)
    if scope is not None and scope.institution_id == institution_id:
        with as_system(session, "what needs an addon is asked before it goes"):
            return needs_of(session, institution_id, addon)
    with working_in(session, institution_id, "what needs an addon is asked before it goes"):
        return needs_of(session, institution_id, addon)


def _store(session: Session, institution_id: int, addon: str, *, enabled: bool) -> None:
    # The row comes first, so that two administrators who switch at once wait for each other at it.
    made = insert(AddonEnablement).values(institution_id=institution_id, addon=addon, enabled=False, settings={})
    session.execute(made.on_conflict_do_nothing())
    row = session.scalars(
        select(AddonEnablement)
        .where(AddonEnablement.institution_id == institution_id, AddonEnablement.addon == addon)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row.enabled = enabled
    session.flush()


def _known(addon: str) -> Manifest:
    if addon not in _registry.manifests:
        raise AddonError(_("There is no addon %(addon)s.", addon=addon), code="addon_unknown")
    return _registry.manifests[addon]


def _title(addon: str) -> str:
    return _(_registry.manifests[addon].title)


def _titles(addons: list[str]) -> str:
    return ", ".join(_title(addon) for addon in addons)
