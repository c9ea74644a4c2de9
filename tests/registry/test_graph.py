"""The order in which addons load, and what cannot be ordered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import addons
from app.errors import AddonError
from app.registry.discovery import discover
from app.registry.graph import closure, dependents, ordered
from app.registry.manifest import Manifest


def shelf(**addons: Any) -> dict[str, Manifest]:
    """Manifests by name; a list stands for what the addon depends on."""
    return {
        name: Manifest(name, Path(), name, **(said if isinstance(said, dict) else {"depends": tuple(said)}))
        for name, said in addons.items()
    }


def names(manifests: list[Manifest]) -> list[str]:
    return [manifest.name for manifest in manifests]


def test_dependencies_come_first_and_ties_go_by_name() -> None:
    assert names(ordered(shelf(zebra=[], apple=["zebra"], mango=["zebra"]))) == ["zebra", "apple", "mango"]


def test_only_the_closure_of_what_is_wanted_is_loaded() -> None:
    assert names(ordered(shelf(base=[], wanted=["base"], other=["base"]), ["wanted"])) == ["base", "wanted"]


def test_an_optional_dependency_comes_first_when_it_is_there_and_is_not_needed_when_it_is_not() -> None:
    found = shelf(alpha={"extras_depends": ("rooms",)}, rooms=[])
    assert names(ordered(found)) == ["rooms", "alpha"]
    assert names(ordered(found, ["alpha"])) == ["alpha"]


def test_what_is_not_installable_is_left_alone() -> None:
    assert names(ordered(shelf(ready=[], draft={"installable": False}))) == ["ready"]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (shelf(one=["gone"]), "one: depends on gone, which was not found."),
        (
            shelf(one=["two"], two=["three"], three=["one"]),
            "one: its dependencies form a loop: one → two → three → one.",
        ),
        (shelf(one=["one"]), "one: its dependencies form a loop: one → one."),
        (shelf(one={"excludes": ("two",)}, two=[]), "one: cannot be installed together with two."),
        (
            shelf(one={"external_dependencies": ("no-such-package-9",)}),
            "one: needs the Python package no-such-package-9, which is not installed.",
        ),
    ],
)
def test_what_cannot_be_ordered_is_one_sentence(found: dict[str, Manifest], sentence: str) -> None:
    with pytest.raises(AddonError) as refusal:
        ordered(found)
    assert str(refusal.value) == sentence


def test_an_unknown_wish_is_one_sentence() -> None:
    with pytest.raises(AddonError, match="gone: no such addon was found"):
        ordered(shelf(one=[]), ["gone"])


def test_closure_and_dependents_look_through_several_steps() -> None:
    found = shelf(base=[], middle=["base"], top=["middle"], aside=[])
    assert closure(found, "top") == {"base", "middle", "top"}
    assert dependents(found, "base") == {"middle", "top"}


@given(st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=12))
def test_every_order_puts_dependencies_first(wishes: list[set[int]]) -> None:
    # An addon may depend on those with a smaller number only, so there is never a loop.
    found = shelf(**{f"addon{at}": [f"addon{other}" for other in wish if other < at] for at, wish in enumerate(wishes)})
    order = names(ordered(found))
    assert sorted(order) == sorted(found)
    for name, manifest in found.items():
        assert all(order.index(other) < order.index(name) for other in manifest.depends)


def test_one_name_in_two_folders_is_refused_and_both_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addons, "__path__", [])
    for parent in ("here", "there"):
        folder = tmp_path / parent / "twin"
        folder.mkdir(parents=True)
        (folder / "__manifest__.py").write_text('{"title": "Twin"}')
    with pytest.raises(AddonError) as refusal:
        discover([tmp_path / "here", tmp_path / "there"])
    assert "twin: two addons have this name" in str(refusal.value)
    assert str(tmp_path / "here/twin") in str(refusal.value)
    assert str(tmp_path / "there/twin") in str(refusal.value)


def test_a_folder_that_is_named_twice_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addons, "__path__", [])
    (tmp_path / "single").mkdir()
    (tmp_path / "single" / "__manifest__.py").write_text('{"title": "Single"}')
    assert list(discover([tmp_path])) == ["single"]
    assert list(discover([tmp_path, tmp_path])) == ["single"]
