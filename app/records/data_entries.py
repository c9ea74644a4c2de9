"""Reading data files: their records, and where in the file each word stands, so that refusals can name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from app.errors import AddonError
from app.registry.manifest import Manifest


class DataFileError(AddonError):
    """A data file asks for what cannot be; ``word`` is what is wrong in it, so that its place can be found."""

    def __init__(self, message: object, word: str = "") -> None:
        super().__init__(message)
        self.word = word


class DataEntry(dict[str, Any]):
    """One record of a data file, and where it stands in it."""

    def __init__(self, values: dict[str, Any], file: str = "", node: yaml.Node | None = None) -> None:
        super().__init__(values)
        self._file, self._node = file, node

    def place_of(self, word: str = "") -> str:
        """`` (data/thing.yaml, line 3, column 9)``: where ``word`` stands in the record, or where the record does."""
        if self._node is None:
            return ""
        return place(self._file, next(_named(self._node, word), self._node).start_mark)


def place(file: str, mark: Any) -> str:
    """`` (file, line 3, column 9)``, as people count."""
    return f" ({file}, line {mark.line + 1}, column {mark.column + 1})"


def _named(node: yaml.Node, word: str) -> Iterator[yaml.Node]:
    """The places below ``node`` where ``word`` stands, keys and values, in the order of the file."""
    if isinstance(node, yaml.ScalarNode):
        if word and node.value == word:
            yield node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _named(key, word)
            yield from _named(value, word)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _named(item, word)


def read_entries(manifest: Manifest, name: str) -> list[DataEntry]:
    """The records that the data file ``name`` of the addon declares. Raises `AddonError` for a file that is none."""
    path = manifest.folder / name
    if not path.exists():
        raise AddonError(f"{manifest.name}: the data file {path.name} does not exist.")
    try:
        entries, nodes = _read(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = place(name, mark) if mark is not None else ""
        reason = getattr(error, "problem", None) or str(error)
        raise AddonError(f"{manifest.name}: {path.name} is not valid YAML: {reason}{where}.") from None
    if not isinstance(entries, list):
        raise AddonError(f"{manifest.name}: {path.name} must hold a list of records.")
    for entry, node in zip(entries, nodes, strict=True):
        if not isinstance(entry, dict) or not {"model", "id"} <= entry.keys():
            where = place(name, node.start_mark)
            raise AddonError(f"{manifest.name}: every record of {path.name} needs a model and an id{where}.")
        if not isinstance(entry.get("values") or {}, dict):
            where = place(name, node.start_mark)
            raise AddonError(f"{manifest.name}: the values of {entry['id']} are no names with values{where}.")
    return [DataEntry(entry, name, node) for entry, node in zip(entries, nodes, strict=True)]


def _read(text: str) -> tuple[Any, list[yaml.Node]]:
    """What the file says, and the node of each of its records."""
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, []
        _refuse_doubles(root)
        nodes = list(root.value) if isinstance(root, yaml.SequenceNode) else []
        return loader.construct_document(root), nodes
    finally:
        loader.dispose()


def _refuse_doubles(node: yaml.Node) -> None:
    """YAML would silently take the last of two values with one name."""
    if isinstance(node, yaml.MappingNode):
        seen: set[Any] = set()
        for key, value in node.value:
            if key.value.__hash__ is not None and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} stands twice", problem_mark=key.start_mark)
            seen.add(key.value if key.value.__hash__ is not None else id(key))
            _refuse_doubles(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_doubles(item)
