"""PDF through typst: a template and its data, compiled in memory without network and without a path of anybody's."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app import clock
from app.errors import AddonError, Conflict
from app.i18n import lazy_gettext as _l
from app.prints.printed import PDF, Printed, plain_text, template_path
from app.prints.typesetter import typeset, typeset_apart

LIBRARY = Path(__file__).with_name("sinergi.typ")
PARTS = {".typ", ".png", ".jpg", ".svg"}
_PACKAGE = re.compile(rb'"@|\beval\b')
LARGE = 150_000
"""A text of so many signs, about a thousand lines of a book, is typeset by a process of its own."""


def render_pdf(template: str, data: Mapping[str, Any], name: str) -> Printed:
    """The PDF of ``reports/<report>.typ`` (``template`` is ``addon.report``) with ``data``.

    The template reads the data by ``#import "sinergi.typ": *`` as ``data``; a text in it stays text, whatever signs it
    holds. Beside the library it sees the files of its own folder and nothing else.
    """
    main = template_path(template, "typ")
    files = {path.name: path.read_bytes() for path in sorted(main.parent.iterdir()) if path.suffix in PARTS}
    files[LIBRARY.name] = LIBRARY.read_bytes()
    if strange := [name for name, content in files.items() if name.endswith(".typ") and _PACKAGE.search(content)]:
        raise AddonError(f"{template}: {strange[0]} uses a package or eval; templates stand on their own.")
    files["main.typ"] = files.pop(main.name)
    text, moment = json.dumps(_plain(data), ensure_ascii=False), int(clock.now().timestamp())
    if len(text) < LARGE:
        return Printed(typeset(files, text, moment), PDF, name)
    try:
        return Printed(typeset_apart(files, text, moment), PDF, name)
    except subprocess.TimeoutExpired:
        raise Conflict(_l("This paper is too long to be printed at once."), code="paper_too_long") from None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return plain_text(value)
