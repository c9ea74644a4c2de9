"""The user guide inside the application: docs/panduan.md, and which of its sections a page is told in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import request, send_from_directory, url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.i18n import lazy_gettext as _l
from app.views.page_view import PageView, route

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "panduan.md"
PICTURES = GUIDE.parent / "pictures"
_MARK = re.compile(r"<!-- pages: (?P<pages>[A-Za-z0-9_. ]+) -->")
_PICTURE = re.compile(r"pictures/([\w-]+\.png)")


@dataclass(frozen=True, slots=True)
class Guide:
    """The guide as HTML, its headings as (level, anchor, words), and the anchor for each page that it names."""

    html: Markup
    headings: tuple[tuple[int, str, str], ...]
    anchors: dict[str, str]


@lru_cache(maxsize=1)
def guide() -> Guide | None:
    """The guide, read once; None where it was not installed."""
    return parse(GUIDE.read_text(encoding="utf-8")) if GUIDE.is_file() else None


def parse(source: str) -> Guide:
    """``<!-- pages: procedures_case rooms_room.list_page -->`` below a heading names the pages (blueprints or
    endpoints) which it tells of, ``.add`` those of every record. The text is ours; markup in it is shown as text all
    the same.
    """
    headings: list[tuple[int, str, str]] = []
    anchors: dict[str, str] = {}
    kept = []
    for line in source.splitlines():
        mark = _MARK.fullmatch(line.strip())
        if mark and headings:
            anchors |= dict.fromkeys(mark["pages"].split(), headings[-1][1])
            continue
        if line.startswith("#"):
            level, words = len(line) - len(line.lstrip("#")), line.lstrip("# ").strip()
            headings.append((level, _anchor(words), words))
        kept.append(line)
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse("\n".join(kept))
    _finish(tokens)
    # Safe: rendered from our own file, with markup in it escaped.
    html = Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704
    return Guide(html, tuple(item for item in headings if item[0] > 1), anchors)


def _anchor(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")


def _finish(tokens: list[Token]) -> None:
    """Give headings their anchors, pictures their addresses, tables their frame; the page has a title of its own."""
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(tokens[place + 1].content))
            if token.tag == "h1":
                token.hidden = tokens[place + 2].hidden = True
                tokens[place + 1].children, tokens[place + 1].content = [], ""
        for child in token.children or ():
            found = _PICTURE.fullmatch(str(child.attrGet("src") or "")) if child.type == "image" else None
            if found:
                child.attrSet("src", f"/kernel/help/pictures/{found[1]}")
                child.attrSet("loading", "lazy")


def help_url() -> str:
    """The section of the guide that tells of the present page, or the guide."""
    known, anchors = guide(), {}
    if known is not None:
        anchors = known.anchors
    page, of_any = request.endpoint or "", f".{(request.endpoint or '').rpartition('.')[2]}"
    anchor = anchors.get(page) or anchors.get(request.blueprint or "") or anchors.get(of_any)
    return url_for("kernel_help_page.index", _anchor=anchor)


class HelpPage(PageView):
    """``/kernel/help``."""

    path = "help"

    @route("/")
    def index(self) -> str:
        """The whole guide."""
        self.enter()
        return self.render("help.html", guide=_known())

    @route("/pictures/<name>")
    def picture(self, name: str) -> Response:
        """One of its pictures."""
        self.enter()
        return send_from_directory(PICTURES, name, mimetype="image/png")


def _known() -> Guide:
    found = guide()
    if found is None:
        raise NotFound(_l("The user guide was not installed here."))
    return found
