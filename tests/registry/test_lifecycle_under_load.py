"""People work while addons change: a small run of `tests/load/lifecycle.py`."""

from __future__ import annotations

from pathlib import Path

from app.testing.databases import TestServer
from tests.load.lifecycle import run


def test_no_request_fails_while_an_addon_is_installed_upgraded_enabled_disabled_and_retired(
    postgres: TestServer, tmp_path: Path
) -> None:
    figures = run(postgres, tmp_path, requests=100, clients=2, workers=2, pause=0.3)
    assert figures.failed == []
    assert figures.requests >= 100
    assert [step.split(":")[0] for step in figures.steps] == ["install", "enable", "upgrade", "disable", "retire"]
    assert figures.replaced >= 6, "two workers were replaced after each of install, upgrade and retire"
