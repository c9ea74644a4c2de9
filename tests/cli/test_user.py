"""The first person of an installation is made by a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask_babel import force_locale

from app.cli.user import create_user
from app.errors import Conflict, Invalid

PASSWORD = "kata-sandi-yang-panjang"


def test_an_administrator_made_by_the_command_signs_in_and_administers(app: Any, visitor: Callable[[], Any]) -> None:
    with app.app_context():
        create_user("kepala.ti", "Contoh Admin", "kepala@example.test", "kendal", ("kernel.administrator",), PASSWORD)
    page = visitor().sign_in("kepala.ti", PASSWORD).get("/kernel/people/")
    assert page.status_code == 200
    assert "Contoh Admin" in page.text


def test_a_platform_administrator_works_in_every_institution(app: Any, visitor: Callable[[], Any]) -> None:
    with app.app_context():
        create_user("platform", "Contoh Platform", "platform@example.test", None, (), PASSWORD)
    person = visitor().with_token("platform", "unair", password=PASSWORD)
    assert person.api("GET", "partner/").status_code == 200


def test_a_short_password_a_taken_name_and_an_unknown_role_are_refused(app: Any) -> None:
    with app.app_context(), force_locale("en"):
        with pytest.raises(Invalid, match="12 characters"):
            create_user("baru", "Contoh Baru", "baru@example.test", "kendal", (), "pendek")
        with pytest.raises(Conflict, match="taken"):
            create_user("kendal.staf", "Contoh Baru", "baru@example.test", "kendal", (), PASSWORD)
        with pytest.raises(Invalid, match="no role"):
            create_user("baru", "Contoh Baru", "baru@example.test", "kendal", ("kendal.raja",), PASSWORD)
