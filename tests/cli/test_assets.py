"""What pages load: copied from node_modules, versioned, and refused in one sentence when something is missing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.cli import assets

pytestmark = pytest.mark.skipif(not assets.NODE_MODULES.is_dir(), reason="the front-end packages are not installed")


def test_every_file_has_a_version_made_of_its_content(tmp_path: Path) -> None:
    versions = assets.build(vendor=tmp_path / "vendor")
    assert json.loads((tmp_path / "vendor" / "manifest.json").read_text()) == versions
    for name, version in versions.items():
        assert hashlib.sha256((tmp_path / "vendor" / name).read_bytes()).hexdigest().startswith(version)


def test_building_again_changes_nothing_and_leaves_nothing_beside(tmp_path: Path) -> None:
    first = assets.build(vendor=tmp_path / "vendor")
    assert assets.build(vendor=tmp_path / "vendor") == first
    assert [path.name for path in tmp_path.iterdir()] == ["vendor"]


def test_no_file_points_to_a_source_map_that_is_not_there(tmp_path: Path) -> None:
    for name in assets.build(vendor=tmp_path / "vendor"):
        assert "sourceMappingURL" not in (tmp_path / "vendor" / name).read_text()


def test_the_sprite_holds_every_listed_icon_and_draws_in_the_colour_of_the_text() -> None:
    names = assets.icon_names(assets.ICON_LIST)
    symbols = list(ElementTree.fromstring(assets.sprite(names, assets.NODE_MODULES / assets.ICONS)))
    assert [symbol.get("id") for symbol in symbols] == names
    assert all(symbol.get("stroke") == "currentColor" and len(symbol) for symbol in symbols)


@pytest.mark.parametrize(
    ("line", "sentence"), [("hoome", "The icon 'hoome'"), ("../home", "no icon name"), ("Home", "no icon name")]
)
def test_an_unknown_icon_is_refused_in_one_sentence(tmp_path: Path, line: str, sentence: str) -> None:
    (tmp_path / "icons.txt").write_text(f"# remark\nhome\n{line}\n")
    with pytest.raises(assets.AssetError, match=sentence):
        assets.build(icon_list=tmp_path / "icons.txt", vendor=tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_missing_packages_are_named(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetError, match="make setup"):
        assets.build(node_modules=tmp_path, vendor=tmp_path / "vendor")
