"""The tests that every addon gets, for the addons of this repository that do not ask for them themselves."""

from __future__ import annotations

from app.testing.addon_tests import addon_tests
from app.testing.forked import ROOT

NAMES = sorted(
    path.parent.name
    for path in ROOT.glob("addons/*/__manifest__.py")
    if not (path.parent / "tests" / "test_addon.py").exists()
)

globals().update({f"Test{name.title().replace('_', '')}": addon_tests(name) for name in NAMES})


def test_the_base_addons_are_among_them() -> None:
    assert {"kendal", "organization", "partners", "procedures"} <= set(NAMES)
