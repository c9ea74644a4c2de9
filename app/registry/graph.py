"""The order in which addons load: dependencies first, ties by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.errors import AddonError
from app.registry.manifest import Manifest, missing_packages


def ordered(available: Mapping[str, Manifest], wanted: Iterable[str] | None = None) -> list[Manifest]:
    """The closure of ``wanted`` (default: all installable addons), each after what it depends on.

    Raises `AddonError`, one sentence a line, for missing dependencies, loops, exclusions and missing Python packages.
    """
    names = sorted(wanted if wanted is not None else (name for name, item in available.items() if item.installable))
    walk = _Walk(available, names)
    for name in names:
        walk.visit(name, None)
    problems = [*walk.problems, *_packages_and_exclusions(walk.result)]
    if problems:
        raise AddonError("\n".join(problems))
    return walk.result


class _Walk:
    """A walk through the dependencies that collects the order and every problem."""

    def __init__(self, available: Mapping[str, Manifest], names: list[str]) -> None:
        self._available, self._names = available, names
        self._visiting: list[str] = []
        self._in_loops: set[str] = set()
        self.result: list[Manifest] = []
        self.problems: list[str] = []

    def visit(self, name: str, wanted_by: str | None) -> None:
        """Put ``name`` behind what it depends on."""
        if name in self._visiting:
            self._note_loop(name)
        elif name not in self._available:
            by = f"{wanted_by}: depends on {name}, which was not found."
            self.problems.append(by if wanted_by else f"{name}: no such addon was found.")
        elif name not in self._in_loops and self._available[name] not in self.result:
            manifest = self._available[name]
            self._visiting.append(name)
            for other in (*sorted(manifest.depends), *sorted(set(manifest.extras_depends) & set(self._names))):
                self.visit(other, name)
            self._visiting.pop()
            self.result.append(manifest)

    def _note_loop(self, name: str) -> None:
        members = self._visiting[self._visiting.index(name) :]
        if not self._in_loops & set(members):
            self.problems.append(f"{name}: its dependencies form a loop: {' → '.join([*members, name])}.")
        self._in_loops.update(members)


def _packages_and_exclusions(manifests: list[Manifest]) -> list[str]:
    names = {manifest.name for manifest in manifests}
    problems = []
    for manifest in manifests:
        problems += [
            f"{manifest.name}: needs the Python package {package}, which is not installed."
            for package in missing_packages(manifest)
        ]
        problems += [
            f"{manifest.name}: cannot be installed together with {other}."
            for other in sorted(names & set(manifest.excludes))
        ]
    return problems


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
