"""A program: builds the application over one addon's closure, brings an empty database there, and all the way back.

Input: ``{addon: {"url": an empty database, "names": [...], "folders": [...]}}``; output: ``{addon: what was wrong}``.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import create_engine, inspect

from app.application import build
from app.database import migration
from app.database.provision import create_extensions
from app.registry.loader import load
from config import load_settings
from tests.forked import answer_all


def migrate(case: dict[str, Any]) -> str:
    """Empty when the screens are whole, the tables are what the models declare, and gone after the way back."""
    manifests = load(case["names"], extra_folders=[Path(item) for item in case["folders"]]).manifests.values()
    with TemporaryDirectory() as folder:
        build(load_settings({"SINERGI_DATA_DIR": folder}), case["url"])
    engine = create_engine(case["url"])
    trouble = []
    with engine.begin() as connection:
        create_extensions(connection)
        migration.upgrade(connection, manifests)
        trouble += [str(item) for item in migration.difference(connection)]
        migration.downgrade(connection, manifests, "base")
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
        trouble += [f"{table} is left" for table in sorted(left)]
    engine.dispose()
    return "\n".join(trouble)


if __name__ == "__main__":
    answer_all(migrate)
