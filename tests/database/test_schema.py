"""What the kernel promises of every table, whichever addon declares it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, MetaData, Table

from app.database.base import AppBuilderModel, InstitutionOwned, models
from app.testing.schema_rules import schema_problems


@pytest.fixture(scope="module")
def tables(application: Flask) -> dict[str, Any]:
    """The tables of all models, by model key."""
    return {key: model.__table__ for key, model in models.items()}


def test_every_table_keeps_what_the_kernel_promises(tables: Any) -> None:
    assert len(tables) > 30
    assert [problem for key, model in models.items() for problem in schema_problems(key, model)] == []


def test_a_broken_promise_is_seen() -> None:
    table = Table(
        "wrong",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("institution_id", ForeignKey("institution.id"), nullable=True),
        Column("at", DateTime()),
        Index("uq_wrong", "at", unique=True),
    )

    class Wrong(InstitutionOwned):
        __table__ = table

    found = " ".join(schema_problems("rooms.Wrong", Wrong))  # type: ignore[arg-type]  # no mapped class is needed
    for sentence in (
        "without institution",
        "does not say what happens",
        "has no index",
        "uq_wrong is unique across",
        "at knows no time zone",
        "not called after its addon",
    ):
        assert sentence in found


def test_the_tables_of_flask_appbuilder_follow_the_naming_rule_too(application: Flask) -> None:
    table = AppBuilderModel.metadata.tables["ab_user"]
    assert table.primary_key.name == "pk_ab_user"
