"""Kendal's settings, and where they are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest

from app.access import cache
from app.database.addresses import Addresses, libpq_address


@pytest.fixture
def administrator(acting: Callable[..., AbstractContextManager[Any]]) -> Callable[[], AbstractContextManager[Any]]:
    """``with administrator():`` acts as Kendal's administrator."""
    return lambda: acting("kendal.admin", "kendal")


@pytest.fixture
def stored(addresses: Addresses) -> Callable[..., Any]:
    """``stored("rooms")`` is what the database keeps for Kendal; ``stored("rooms", {...})`` writes past all rules."""

    def look(addon: str, values: Any = None) -> Any:
        where = "addon = %s AND institution_id = (SELECT id FROM institution WHERE code = 'kendal')"
        with psycopg.connect(libpq_address(addresses.owner)) as owner:
            if values is not None:
                owner.execute(f"UPDATE addon_enablement SET settings = %s WHERE {where}", [json.dumps(values), addon])
                cache.forget()
            (found,) = owner.execute(f"SELECT settings FROM addon_enablement WHERE {where}", [addon]).fetchone()
        return found

    return look
