"""Where addons are found: the `addons/` folder, extra folders, and entry points of installed distributions."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import addons
from app.errors import AddonError
from app.registry.manifest import Manifest, read_manifest

ENTRY_POINT_GROUP = "sinergi.addons"


def discover(extra_folders: Iterable[Path] = ()) -> dict[str, Manifest]:
    """Every addon that can be seen, by name. Raises `AddonError` when one name is found twice."""
    found: dict[str, Manifest] = {}
    for folder in _addon_folders(extra_folders):
        manifest = read_manifest(folder)
        if manifest.name in found:
            raise AddonError(
                f"{manifest.name}: two addons have this name, in {found[manifest.name].folder} and {folder}."
            )
        found[manifest.name] = manifest
    return found


def _addon_folders(extra_folders: Iterable[Path]) -> list[Path]:
    parents = [Path(path) for path in addons.__path__]
    for extra in extra_folders:
        # Extra folders become part of the package, so that every addon is imported as addons.<name>.
        if str(extra) not in addons.__path__:
            addons.__path__.append(str(extra))
            parents.append(Path(extra))
    folders = [path.parent for parent in parents for path in sorted(parent.glob("*/__manifest__.py"))]
    # Asked a second time, the folder around a distribution's package is known to `addons` and was looked into above.
    return list(dict.fromkeys(folder.resolve() for folder in (*folders, *_entry_point_folders())))


def _entry_point_folders() -> list[Path]:
    folders = []
    for entry_point in metadata.entry_points(group=ENTRY_POINT_GROUP):
        spec = importlib.util.find_spec(entry_point.value)
        if spec is None or not spec.submodule_search_locations:
            raise AddonError(f"{entry_point.name}: its entry point names {entry_point.value}, which is not a package.")
        folder = Path(next(iter(spec.submodule_search_locations)))
        if str(folder.parent) not in addons.__path__:
            addons.__path__.append(str(folder.parent))
        folders.append(folder)
    return folders
