"""An invented procedure in Kendal, and the ways to work on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.access.acting import acting_as_system
from app.database.session import db
from app.records.data_files import record_by_external_id

PROCEDURE = yaml.safe_load((Path(__file__).parent / "invented_procedure.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def invented(app: Any) -> int:
    """The id of the invented procedure, loaded for Kendal."""
    return load(app, PROCEDURE)


def load(app: Any, values: dict[str, Any]) -> int:
    """Load a procedure for Kendal; returns its id."""
    from addons.organization.models.position import Position
    from addons.procedures.services.procedure import load_procedure

    with app.app_context():
        with acting_as_system("kendal", "test procedure") as scope:

            def resolve(name: str) -> int:
                found = record_by_external_id(db.session(), Position, name, scope.institution_id)
                assert found is not None
                return found.id

            procedure = load_procedure(db.session(), "invented", values, resolve)
            procedure_id = procedure.id
        db.session.commit()
    return procedure_id


@pytest.fixture
def start_case(invented: int, program: Callable[..., Any]) -> Callable[[], dict[str, Any]]:
    """Open a case under the invented procedure; returns its id and number."""

    def start() -> dict[str, Any]:
        answer = program("kendal.staf").api("POST", "case/", {"title": "Pinjam globe", "procedure": invented})
        assert answer.status_code == 201, answer.text
        result: dict[str, Any] = answer.json["result"]
        return result

    return start
