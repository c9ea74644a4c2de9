"""The order in which addons load: dependencies first, ties by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.errors import AddonError
from app.registry.manifest import Manifest, missing_packages


def ordered(available: Mapping[str, Manifest], wanted: Iterable[str] | None = None) -> list[Manifest]:
    """The closure of ``wanted`` (default: all installable addons), each after what it depends on.

    Raises `AddonError` for a missing dependency, a loop, an exclusion or a missing Python package.
    """
    names = sorted(wanted if wanted is not None else (name for name, item in available.items() if item.installable))
    result: list[Manifest] = []
    visiting: list[str] = []

    def visit(name: str, wanted_by: str | None) -> None:
        if name in visiting:
            loop = " → ".join([*visiting[visiting.index(name) :], name])
            raise AddonError(f"{name}: its dependencies form a loop: {loop}.")
        if name not in available:
            by = f"{wanted_by}: depends on " if wanted_by else ""
            raise AddonError(f"{by}{name}, which was not found." if by else f"{name}: no such addon was found.")
        manifest = available[name]
        if manifest in result:
            return
        visiting.append(name)
        for dependency in sorted(manifest.depends):
            visit(dependency, name)
        for extra in sorted(manifest.extras_depends):
            if extra in names:
                visit(extra, name)
        visiting.pop()
        result.append(manifest)

    for name in names:
        visit(name, None)
    _check_packages_and_exclusions(result)
    return result


def _check_packages_and_exclusions(manifests: list[Manifest]) -> None:
    names = {manifest.name for manifest in manifests}
    for manifest in manifests:
        if missing := missing_packages(manifest):
            raise AddonError(f"{manifest.name}: needs the Python package {missing[0]}, which is not installed.")
        if clash := sorted(names & set(manifest.excludes)):
            raise AddonError(f"{manifest.name}: cannot be installed together with {clash[0]}.")


def closure(manifests: Mapping[str, Manifest], name: str) -> set[str]:
    """``name`` and everything it depends on, directly or not."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current not in found and current in manifests:
            found.add(current)
            waiting.extend(manifests[current].depends)
    return found


def dependents(manifests: Mapping[str, Manifest], name: str) -> set[str]:
    """The addons that depend on ``name``, directly or not."""
    return {other for other in manifests if other != name and name in closure(manifests, other)}
