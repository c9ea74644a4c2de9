"""Copies what pages load from node_modules to app/static/vendor, with a version for each file."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import click

from app.errors import SinergiError

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "node_modules"
STATIC = ROOT / "app" / "static"
ICON_LIST = STATIC / "icons.txt"
VENDOR = STATIC / "vendor"
# The name that pages use, and where the package keeps the file.
FILES = {
    "chart.min.js": "chart.js/dist/chart.umd.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "flatpickr.min.css": "flatpickr/dist/flatpickr.min.css",
    "flatpickr.min.js": "flatpickr/dist/flatpickr.min.js",
    "flatpickr-id.js": "flatpickr/dist/l10n/id.js",
    "tom-select.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "tom-select.min.js": "tom-select/dist/js/tom-select.popular.min.js",
}
ICONS = "@tabler/icons/icons/outline"
_SVG = "http://www.w3.org/2000/svg"
_SOURCE_MAP = re.compile(r"(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")
_ICON_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class AssetError(SinergiError):
    """An asset cannot be built; the sentence names the file or icon."""


@click.command()
def assets() -> None:
    """Build app/static/vendor from node_modules."""
    try:
        versions = build()
    except AssetError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(versions)} asset files in {VENDOR.relative_to(ROOT)}")


def build(node_modules: Path = NODE_MODULES, icon_list: Path = ICON_LIST, vendor: Path = VENDOR) -> dict[str, str]:
    """Build the whole folder beside the old one and swap it in; return the version of each file."""
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=vendor.parent, prefix="vendor-") as name:
        made = Path(name) / "vendor"
        made.mkdir()
        for target, source in FILES.items():
            (made / target).write_text(_without_source_map(_read(node_modules / source)))
        (made / "icons.svg").write_text(sprite(icon_names(icon_list), node_modules / ICONS))
        versions = {path.name: _version(path) for path in sorted(made.iterdir())}
        (made / "manifest.json").write_text(json.dumps(versions, indent=2) + "\n")
        if vendor.exists():
            vendor.rename(Path(name) / "old")
        made.rename(vendor)
    return versions


def icon_names(icon_list: Path) -> list[str]:
    """Read the list of icons; lines that start with # are remarks."""
    names = []
    for line in _read(icon_list).splitlines():
        name = line.strip()
        if not name or name.startswith("#"):
            continue
        if not _ICON_NAME.fullmatch(name):
            raise AssetError(f"{icon_list.name} has a line that is no icon name: '{name}'.")
        names.append(name)
    return sorted(set(names))


def sprite(names: list[str], folder: Path) -> str:
    """One SVG with a symbol per icon, used as <use href="icons.svg#name">."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.Element(f"{{{_SVG}}}svg")
    for name in names:
        root.append(_symbol(name, folder / f"{name}.svg"))
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _symbol(name: str, path: Path) -> ElementTree.Element:
    if not path.exists():
        raise AssetError(f"The icon '{name}' in icons.txt does not exist in @tabler/icons.")
    symbol = ElementTree.Element(
        f"{{{_SVG}}}symbol",
        {
            "id": name,
            "viewBox": "0 0 24 24",
            "fill": "none",
            "stroke": "currentColor",
            "stroke-width": "2",
            "stroke-linecap": "round",
            "stroke-linejoin": "round",
        },
    )
    for shape in ElementTree.fromstring(_read(path)):  # noqa: S314  # of a package pinned by its checksum
        if shape.get("d") != "M0 0h24v24H0z":  # the empty frame that every icon carries
            shape.tail = None
            symbol.append(shape)
    return symbol


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise AssetError(f"{path} cannot be read ({error.strerror}): run 'make setup'.") from error


def _without_source_map(text: str) -> str:
    """A map that is not shipped would be a 404 in every developer's console."""
    return _SOURCE_MAP.sub("", text.rstrip()).rstrip() + "\n"


def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
