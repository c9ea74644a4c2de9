"""What a role may do, as one grid per role and institution: changing cells, comparing with what is shipped, copying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.access import (
    ADMINISTRATOR,
    current_access,
    overrides_of,
    require,
    role_rights,
    rows_in_force,
    shipped_rights,
)
from app.access.access_override import AccessOverride
from app.access.administration import institution_here, known_role
from app.access.column_rights import (
    ALL_ROWS,
    PERSONAL_OPERATIONS,
    column_names,
    column_operations,
    hideable_columns,
    settle_columns,
)
from app.access.scopes import scope_titles
from app.database.base import models
from app.errors import Conflict, Forbidden, NotFound
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.registry.enablement import enabled_addons
from app.registry.loader import operations_of

NO, ALL, SEVERAL = "no", "all", "+"
"""How the grid writes what a cell allows: nothing, every row; otherwise scopes with a plus between them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one operation reaches for a role and as shipped (None is nothing, ``""`` every row), and whether the
    institution changed it.
    """

    reached: frozenset[str] | None
    shipped: frozenset[str] | None
    changed: bool

    @property
    def allowed(self) -> bool:
        """Whether the operation is allowed at all."""
        return self.reached is not None

    @property
    def state(self) -> str:
        """The cell as forms write it."""
        return state_of(self.reached)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A model in the grid of a role: its cells by operation, and how many of its columns the institution changed."""

    model: str
    title: str
    addon: str
    cells: dict[str, Cell]
    changed_columns: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether anything of the row differs from what is shipped."""
        return bool(self.changed_columns) or any(cell.changed for cell in self.cells.values())


def state_of(reached: frozenset[str] | None) -> str:
    """``reached`` as forms write it."""
    return NO if reached is None else ALL if "" in reached else SEVERAL.join(sorted(reached))


def described(reached: frozenset[str] | None) -> str:
    """``reached`` for people."""
    if reached is None:
        return _("no")
    return _("all rows") if "" in reached else ", ".join(str(scope_titles.get(name, name)) for name in sorted(reached))


def scope_choices(session: Session, model: str, operation: str) -> dict[str, str]:
    """The rows that an operation on ``model`` can be confined to: those that shipped rows name, and people's own."""
    if operation in PERSONAL_OPERATIONS or operation == "create":
        return {ALL: described(ALL_ROWS)}
    known = {row.scope for row in rows_in_force(session, institution_here(session)) if row.model == model and row.scope}
    if hasattr(models[model], "created_by_id"):
        known.add("kernel.own")
    return {ALL: described(ALL_ROWS)} | {name: described(frozenset({name})) for name in sorted(known)}


def rights_grid(session: Session, role: str, words: str = "", *, only_changed: bool = False) -> list[GridRow]:
    """The models of the enabled addons whose names hold ``words``, with what ``role`` may do in the institution."""
    institution_id = institution_here(session)
    known_role(session, role, institution_id)
    changes = overrides_of(session, institution_id).get(role, {})
    now = role_rights(session, role, institution_id)
    shipped = shipped_rights(role, rows_in_force(session, institution_id))
    visible = enabled_addons(institution_id, session) | {"kernel"}
    rows = []
    for key, model in models.items():
        addon, title = key.split(".")[0], str(model.__plural__ or model.__title__)
        if addon not in visible or model.__title__ is None or not _fits(words, key, title):
            continue
        cells = {
            name: Cell(now.get((key, name)), shipped.get((key, name)), (key, name) in changes)
            for name in operations_of(key, visible)
        }
        columns = sum("." in operation for changed, operation in changes if changed == key)
        row = GridRow(key, title, addon, cells, columns)
        if row.is_changed or not only_changed:
            rows.append(row)
    return sorted(rows, key=lambda row: (row.addon == "kernel", row.addon, row.title))


def _fits(words: str, key: str, title: str) -> bool:
    return all(word in f"{key} {title}".casefold() for word in words.casefold().split())


def column_cells(session: Session, role: str, model: str) -> dict[str, tuple[Cell | None, Cell]]:
    """For each column of ``model``, whether ``role`` reads it (None: whoever reads the record does), and whether it
    changes it.
    """
    institution_id = institution_here(session)
    known_role(session, role, institution_id)
    rows = rows_in_force(session, institution_id)
    changes, now, shipped = (
        overrides_of(session, institution_id).get(role, {}),
        dict(role_rights(session, role, institution_id)),
        shipped_rights(role, rows),
    )
    every = frozenset((model, name) for name in column_names(models[model]))
    settle_columns(now, rows, every, {key: reached is not None for key, reached in changes.items()})
    settle_columns(shipped, rows, every, {})

    def cell(kind: str, name: str) -> Cell:
        key = (model, f"{kind}.{name}")
        return Cell(now.get(key), shipped.get(key), key in changes)

    hideable = hideable_columns(models[model])
    return {
        name: (cell("read", name) if name in hideable else None, cell("write", name))
        for name in column_names(models[model])
    }


def cell_of(session: Session, role: str, model: str, operation: str) -> Cell:
    """One cell of the grid, as it stands in the database. Raises `NotFound` for a right that does not exist."""
    if model not in models or not _exists(model, operation):
        raise NotFound(_l("There is no such right."))
    institution_id = institution_here(session)
    shipped = _shipped(session, role, model, operation)
    row = session.scalar(select(AccessOverride).where(*_where(institution_id, role, model, operation)))
    if row is None:
        return Cell(shipped, shipped, False)
    return Cell(frozenset({row.scope}) if row.allowed else None, shipped, True)


def _exists(model: str, operation: str) -> bool:
    return operation in operations_of(model) or operation in column_operations(models[model])


def _shipped(session: Session, role: str, model: str, operation: str) -> frozenset[str] | None:
    rows = rows_in_force(session, institution_here(session))
    rights = shipped_rights(role, rows)
    if "." in operation and not any(row.model == model and operation in row.operations for row in rows):
        return ALL_ROWS
    return rights.get((model, operation))


def _where(institution_id: int, role: str, model: str, operation: str | None = None) -> tuple[Any, ...]:
    found = (
        AccessOverride.institution_id == institution_id, AccessOverride.role == role, AccessOverride.model == model,
    )  # fmt: skip
    return found if operation is None else (*found, AccessOverride.operation == operation)


def set_right(
    session: Session,
    role: str,
    model: str,
    operation: str,
    allowed: bool,
    scope: str | None = None,
    seen: str | None = None,
) -> None:
    """Allow or forbid one operation to ``role`` in the active institution; ``scope`` confines it to some rows, without
    one it reaches what is shipped, else all. With ``seen``, only if the cell still is in that state.

    Raises `Forbidden` when the administrator does not hold the right to be given, `Conflict` for what would lock
    everybody out or was changed meanwhile.
    """
    require(AccessOverride, "write", session)
    institution_id = institution_here(session)
    known_role(session, role, institution_id)
    # Two who tick the same cell at once wait for each other here; the second finds the first one's row.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"access_override {institution_id} {role}"))))
    cell = cell_of(session, role, model, operation)
    if seen is not None and seen != cell.state:
        raise Conflict(_l("Somebody else changed these rights in the meantime. Look at them again."), code="stale")
    wanted = _wanted(session, cell, model, operation, allowed, scope)
    # Going back to what is shipped gives nobody more than the addon's author did.
    if wanted is not None and wanted != cell.shipped and not current_access().covers(model, operation, wanted):
        raise Forbidden(_l("You cannot give a right that you do not have yourself."), code="not_held")
    if role == ADMINISTRATOR and model.startswith("kernel.") and cell.shipped not in (None, wanted):
        raise Conflict(_l("The administrator keeps the rights to administer, or nobody could."), code="lock_out")
    _store(session, (institution_id, role, model, operation), wanted, cell)


def _wanted(
    session: Session, cell: Cell, model: str, operation: str, allowed: bool, scope: str | None
) -> frozenset[str] | None:
    if not allowed:
        return None
    if scope is None or SEVERAL.join(sorted(cell.shipped or ())) == scope:
        return cell.shipped or ALL_ROWS
    if scope in (ALL, ""):
        return ALL_ROWS
    if scope not in scope_choices(session, model, operation) or "." in operation:
        raise NotFound(_l("There is no such right."))
    return frozenset({scope})


def _store(session: Session, key: tuple[int, str, str, str], wanted: frozenset[str] | None, cell: Cell) -> None:
    row = session.scalar(select(AccessOverride).where(*_where(*key)).execution_options(populate_existing=True))
    if wanted == cell.shipped:
        if row is not None:
            session.delete(row)
    else:
        if row is None:
            names = ("institution_id", "role", "model", "operation")
            row = AccessOverride(**dict(zip(names, key, strict=True)))
            session.add(row)
        row.allowed, row.scope = wanted is not None, next(iter(wanted or ALL_ROWS))
    session.flush()


def restore_shipped(session: Session, role: str, model: str | None = None, operation: str | None = None) -> None:
    """Forget the changes that the active institution made to ``role``: all, those over ``model``, or one."""
    require(AccessOverride, "write", session)
    institution_id = institution_here(session)
    known_role(session, role, institution_id)
    where: tuple[Any, ...] = (AccessOverride.institution_id == institution_id, AccessOverride.role == role)
    if model is not None:
        where = _where(institution_id, role, model, operation)
    for row in session.scalars(select(AccessOverride).where(*where)):
        session.delete(row)
    session.flush()
