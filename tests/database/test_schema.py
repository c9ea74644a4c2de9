"""What the kernel promises of every table, whichever addon declares it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import DateTime

from app.database.base import AppBuilderModel, InstitutionOwned, models


@pytest.fixture(scope="module")
def tables(application: Flask) -> dict[str, Any]:
    """The tables of all models, by model key."""
    return {key: model.__table__ for key, model in models.items()}


def test_every_model_belongs_to_institutions_or_says_why_not(tables: Any) -> None:
    for key, model in models.items():
        if not issubclass(model, InstitutionOwned):
            assert len(model.__not_institution_owned__) > 10, key
            assert key.startswith("kernel."), f"{key}: only the kernel has tables of all institutions"


def test_every_owned_row_has_an_institution(tables: Any) -> None:
    # The trail also tells of tables that have no institution; no institution reads those rows.
    assert [
        key
        for key, model in models.items()
        if issubclass(model, InstitutionOwned) and tables[key].c.institution_id.nullable
    ] == ["kernel.AuditEntry"]


def test_every_link_says_what_happens_to_it_and_has_an_index(tables: Any) -> None:
    for table in tables.values():
        indexed = {next(iter(index.columns)).name for index in table.indexes if len(index.columns)}
        for foreign_key in table.foreign_keys:
            assert foreign_key.ondelete in {"RESTRICT", "CASCADE", "SET NULL"}, foreign_key
            assert foreign_key.parent.name in indexed, f"{table}.{foreign_key.parent.name} has no index"


def test_nothing_is_unique_across_institutions(tables: Any) -> None:
    for key, model in models.items():
        if issubclass(model, InstitutionOwned):
            for index in tables[key].indexes:
                if index.unique:
                    assert next(iter(index.columns)).name == "institution_id", index.name


def test_every_moment_knows_its_time_zone(tables: Any) -> None:
    for table in tables.values():
        for column in table.columns:
            if isinstance(column.type, DateTime):
                assert column.type.timezone, f"{table}.{column.name}"


def test_tables_are_called_after_their_addon(tables: Any) -> None:
    for key, table in tables.items():
        addon = key.split(".")[0]
        assert addon == "kernel" or table.name.startswith(f"{addon}_"), key


def test_the_tables_of_flask_appbuilder_follow_the_naming_rule_too(application: Flask) -> None:
    table = AppBuilderModel.metadata.tables["ab_user"]
    assert table.primary_key.name == "pk_ab_user"
