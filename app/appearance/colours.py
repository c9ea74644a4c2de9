"""Making a readable palette of one colour: contrast as WCAG 2 counts it."""

from __future__ import annotations

import re

READABLE = 4.5
"""The contrast of ordinary text with its ground (WCAG 2, level AA)."""

WHITE = (255, 255, 255)
DARK_SURFACE = (26, 34, 33)
LIGHT_TINT, DARK_TINT = 0.12, 0.24
_COLOUR = re.compile(r"[0-9a-f]{6}")

Colour = tuple[int, int, int]


def parse(text: str) -> Colour | None:
    """The colour that six lower-case hexadecimal digits mean."""
    if not _COLOUR.fullmatch(text):
        return None
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


def contrast(first: Colour, second: Colour) -> float:
    """From 1 (none) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    parts = [value / 255 for value in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """``second`` with ``share`` (0 to 1) of ``first``."""
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(first, second, strict=True))
    return red, green, blue


def readable_on(colour: Colour, ground: Colour, towards: Colour) -> Colour:
    """``colour``, moved ``towards`` another as far as it must be to be read on ``ground``."""
    for step in range(101):
        found = mixed(towards, colour, step / 100)
        if contrast(found, ground) >= READABLE:
            return found
    return towards


def stylesheet(colour: Colour) -> str:
    """The palette as CSS, for light and dark."""
    light_tint = mixed(colour, WHITE, LIGHT_TINT)
    light = readable_on(colour, light_tint, (0, 0, 0))
    dark_tint = mixed(colour, DARK_SURFACE, DARK_TINT)
    dark = readable_on(colour, dark_tint, WHITE)
    button = readable_on(colour, WHITE, (0, 0, 0))
    return (
        f':root, [data-bs-theme="light"] {{ {_variables(button, light, light_tint)} }}\n'
        f'[data-bs-theme="dark"] {{ {_variables(button, dark, dark_tint)} }}\n'
    )


def _variables(primary: Colour, link: Colour, tint: Colour) -> str:
    values = {
        "--tblr-primary": _hex(primary),
        "--tblr-primary-rgb": _list(primary),
        "--tblr-link-color": _hex(link),
        "--tblr-link-color-rgb": _list(link),
        "--tblr-link-hover-color": _hex(link),
        "--app-tint": _hex(tint),
        "--app-focus": _hex(link),
    }
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _list(colour: Colour) -> str:
    return ", ".join(map(str, colour))
