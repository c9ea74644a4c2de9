"""The search over everything, as a page and as what opens with Ctrl+K."""

from __future__ import annotations

from flask import request

from app.views.global_search import LONGEST, find_everywhere
from app.views.page_view import PageView, route


class SearchPage(PageView):
    """``/kernel/search``."""

    path = "search"

    @route("/")
    def index(self) -> str:
        """The page: it works without JavaScript."""
        self.enter()
        words = _words()
        return self.render("search/page.html", words=words, found=find_everywhere(words))

    @route("/found")
    def found(self) -> str:
        """The lines alone, for the dialog."""
        self.enter()
        words = _words()
        return self.render("search/found.html", words=words, found=find_everywhere(words))


def _words() -> str:
    return request.args.get("q", "").strip()[:LONGEST]
