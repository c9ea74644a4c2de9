"""A program: one addon with nothing but what it depends on, from an empty database to its screens and back.

Input: ``{addon: {"owner": an empty database, "application": the same, "names": [...], "folders": [...]}}``; output:
``{addon: what was wrong}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, inspect, text

from app.application import build
from app.database import migration
from app.database.addresses import Addresses
from app.registry.loader import load
from app.registry.manifest import Manifest
from app.registry.sync import sync
from app.testing.addon_world import AddonWorld, addon_world_of
from app.testing.databases import TestServer
from app.testing.forked import answer_all, ask
from config import load_settings


def alone(postgres: TestServer, names: list[str]) -> dict[str, str]:
    """What was wrong with each of ``names`` (``kernel`` is the kernel by itself) on a database of its own."""
    questions = {}
    for name in names:
        addresses = postgres.empty(f"alone_{name}")
        questions[name] = {
            "owner": addresses.owner,
            "application": addresses.application,
            "names": [] if name == "kernel" else [name],
            "folders": [str(folder) for folder in postgres.settings.addons_path],
        }
    try:
        return ask(Path(__file__), questions)
    finally:
        for name in names:
            postgres.drop(f"alone_{name}")


def try_alone(case: dict[str, Any]) -> str:
    """Empty when all of it works: tables as the models declare, data, enabling, screens, and the way back."""
    manifests = list(load(case["names"], extra_folders=[Path(item) for item in case["folders"]]).manifests.values())
    with TemporaryDirectory() as folder:
        settings = load_settings({"SINERGI_DATA_DIR": folder})
        app = build(settings, case["application"])
        sync(settings, Addresses(owner=case["owner"], application=case["application"]))
        _make_institutions(case["owner"], {manifest.institution or "contoh" for manifest in manifests})
        trouble = [line for name in case["names"] for line in _closed_screens(app, name)]
    return "\n".join([*trouble, *_back(case["owner"], manifests)])


def _make_institutions(owner: str, codes: set[str]) -> None:
    """Those that no addon of this closure brings."""
    engine = create_engine(owner)
    insert = text("INSERT INTO institution (code, name) VALUES (:code, :code) ON CONFLICT DO NOTHING")
    with engine.begin() as connection:
        for code in sorted(codes):
            connection.execute(insert, {"code": code})
    engine.dispose()


def _closed_screens(app: Flask, name: str) -> Iterator[str]:
    from app.views.model_view import views

    world: AddonWorld = addon_world_of(app, name)
    person = world.person("kernel.administrator")
    for key, view in views.items():
        status = person.get(f"{view.route_base}/").status_code
        if key.startswith(f"{name}.") and status not in {200, 403}:
            yield f"{view.route_base}/ answers {status}"


def _back(owner: str, manifests: list[Manifest]) -> Iterator[str]:
    engine = create_engine(owner)
    with engine.begin() as connection:
        yield from (str(item) for item in migration.difference(connection))
        migration.downgrade(connection, manifests, "base")
        left = set(inspect(connection).get_table_names()) - {"alembic_version"}
        yield from (f"{table} is left" for table in sorted(left))
    engine.dispose()


if __name__ == "__main__":
    answer_all(try_alone)
