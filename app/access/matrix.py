"""Every right of every role in an institution as one table: what tests compare and auditors ask for."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.access.access import overrides_of, role_rights, rows_in_force
from app.access.administration import institution_here
from app.database.base import models
from app.records.transitions import transitions_of
from app.registry.enablement import enabled_addons
from app.registry.roles import role_choices


def access_matrix(session: Session) -> list[dict[str, Any]]:
    """One cell per role, model and operation that is allowed in the active institution.

    ``states`` are those from which a transition starts (none for other operations), ``scope`` the scopes it reaches
    (none: every row), ``source`` the rows of access.csv or ``override`` for what the institution changed.
    """
    institution_id = institution_here(session)
    visible = enabled_addons(institution_id, session) | {"kernel"}
    rows, found = rows_in_force(session, institution_id), []
    shipped: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        for operation in row.operations:
            shipped.setdefault((row.role, row.model, operation), []).append(row.id)
    for role in role_choices(institution_id, session):
        changed = overrides_of(session, institution_id).get(role, {})
        for (model, operation), reached in sorted(role_rights(session, role, institution_id).items()):
            if model not in models or model.split(".")[0] not in visible:
                continue
            source = ["override"] if (model, operation) in changed else shipped.get((role, model, operation), [])
            found.append(
                {
                    "role": role,
                    "model": model,
                    "operation": operation,
                    "states": _states(model, operation),
                    "scope": sorted(reached - {""}) if "" not in reached else [],
                    "source": source or ["whoever may read or change the record"],
                }
            )
    return found


def _states(model: str, operation: str) -> list[str]:
    return [state for step in transitions_of(models[model]) if step.name == operation for state in step.from_states]
