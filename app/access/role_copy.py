"""Giving a role the rights of another one: what would change, and changing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.access.access import ADMINISTRATOR, current_access, require, role_rights
from app.access.access_override import AccessOverride
from app.access.administration import institution_here, known_role
from app.access.column_rights import column_operations
from app.access.role_grid import ALL, SEVERAL, cell_of, rights_grid, set_right
from app.database.base import models
from app.i18n import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that copying would change; ``refusal`` says why it stays as it is."""

    model: str
    operation: str
    before: frozenset[str] | None
    after: frozenset[str] | None
    refusal: Any = None


def differences(session: Session, role: str, other: str) -> list[Difference]:
    """What would change if ``role`` got the rights of ``other``; what the person here does not hold is refused."""
    institution_id = institution_here(session)
    known_role(session, other, institution_id)
    found = []
    theirs = role_rights(session, other, institution_id)
    for row in rights_grid(session, role):
        columns = {name for model, name in current_access().named_columns if model == row.model}
        named = [name for name in column_operations(models[row.model]) if name.partition(".")[2] in columns]
        names = (*row.cells, *named)
        for name in names:
            cell = row.cells.get(name) or cell_of(session, role, row.model, name)
            after = theirs.get((row.model, name))
            if cell.reached != after:
                refusal = _copy_refusal(role, row.model, name, after, cell.shipped)
                found.append(Difference(row.model, name, cell.reached, after, refusal))
    return found


def _copy_refusal(
    role: str, model: str, operation: str, after: frozenset[str] | None, shipped: frozenset[str] | None
) -> Any:
    if role == ADMINISTRATOR and model.startswith("kernel.") and shipped not in (None, after):
        return _l("The administrator keeps the rights to administer, or nobody could.")
    if after is not None and after != shipped and not current_access().covers(model, operation, after):
        return _l("You cannot give a right that you do not have yourself.")
    if after is not None and after != shipped and len(after) > 1:
        return _l("It reaches several kinds of rows; give one of them by hand.")
    return None


def copy_rights(session: Session, role: str, other: str) -> int:
    """Give ``role`` the rights of ``other``, as far as they can be given; how many cells changed."""
    require(AccessOverride, "write", session)
    changed = [item for item in differences(session, role, other) if item.refusal is None]
    for item in changed:
        scope = None if item.after is None else next(iter(item.after)) or ALL
        shipped = cell_of(session, role, item.model, item.operation).shipped
        scope = SEVERAL.join(sorted(shipped)) if shipped and shipped == item.after else scope
        set_right(session, role, item.model, item.operation, item.after is not None, scope)
    return len(changed)
