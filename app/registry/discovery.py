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
    """Every addon that can be seen, by name. Raises `AddonError` with one sentence a line for all that is wrong."""
    found, problems = survey(extra_folders)
    if problems:
        raise AddonError("\n".join(problems))
    return found


def survey(extra_folders: Iterable[Path] = ()) -> tuple[dict[str, Manifest], list[str]]:
    """Every addon whose manifest can be read, and one sentence for each that cannot: the rest still runs."""
    found: dict[str, Manifest] = {}
    folders, problems = _addon_folders(extra_folders)
    for folder in folders:
        try:
            manifest = read_manifest(folder)
        except AddonError as error:
            problems.append(str(error))
            continue
        if manifest.name in found:
            problems.append(
                f"{manifest.name}: two addons have this name, in {found[manifest.name].folder} and {folder}."
            )
        else:
            found[manifest.name] = manifest
    return found, problems


def _addon_folders(extra_folders: Iterable[Path]) -> tuple[list[Path], list[str]]:
    parents = [Path(path) for path in addons.__path__]
    for extra in extra_folders:
        # Extra folders become part of the package, so that every addon is imported as addons.<name>.
        if str(extra) not in addons.__path__:
            addons.__path__.append(str(extra))
            parents.append(Path(extra))
    folders = [path.parent for parent in parents for path in sorted(parent.glob("*/__manifest__.py"))]
    installed, problems = _entry_point_folders()
    # Asked a second time, the folder around a distribution's package is known to `addons` and was looked into above.
    return list(dict.fromkeys(folder.resolve() for folder in (*folders, *installed))), problems


def _entry_point_folders() -> tuple[list[Path], list[str]]:
    folders, problems = [], []
    for entry_point in metadata.entry_points(group=ENTRY_POINT_GROUP):
        spec = importlib.util.find_spec(entry_point.value)
        if spec is None or not spec.submodule_search_locations:
            problems.append(f"{entry_point.name}: its entry point names {entry_point.value}, which is not a package.")
            continue
        folder = Path(next(iter(spec.submodule_search_locations)))
        if str(folder.parent) not in addons.__path__:
            addons.__path__.append(str(folder.parent))
        folders.append(folder)
    return folders, problems
