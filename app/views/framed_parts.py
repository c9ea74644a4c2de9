"""Parts of pages, opened as an address by a person: each is then a page with its frame, never a bare piece of one."""

from __future__ import annotations

from typing import Any

from flask import Response, g, render_template, request
from markupsafe import Markup

from app.database.session import db
from app.views.screen import views

_BEGINNING = 1000
"""Within so many bytes a whole page has said that it is one; templates leave empty lines before it."""


def frame_part(response: Response) -> Response:
    """Put the frame around a part that somebody opened by its address, without a script or before it was ready."""
    if not _is_bare(response) or not is_navigation():
        return response
    part = Markup(response.get_data(as_text=True))  # noqa: S704  # an answer of our own templates
    response.set_data(render_template("part_page.html", part=part, **_whose()))
    return response


def is_navigation() -> bool:
    """Whether the answer becomes a page of a browser: scripts ask otherwise. Browsers do not say so on plain HTTP, but
    ask for XHTML there, as no script of ours does.
    """
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "application/xhtml+xml" in request.headers.get("Accept", "")


def _is_bare(response: Response) -> bool:
    return (
        request.method == "GET"
        and response.status_code == 200
        and response.mimetype == "text/html"
        and bool(g.get("access"))
        and not response.is_streamed
        and "Content-Disposition" not in response.headers
        and b"<!doctype html" not in response.get_data()[:_BEGINNING].lower()
    )


def _whose() -> dict[str, Any]:
    """The record whose part it is, with its screens, when that is known from the address."""
    endpoint, pk = (request.endpoint or "").split(".")[0], (request.view_args or {}).get("pk")
    view = next((item for item in views.values() if item.endpoint == endpoint), None)
    if view is None or not isinstance(pk, int):
        return {"view": None, "record": None}
    return {"view": view, "record": db.session.get(view.model, pk)}
