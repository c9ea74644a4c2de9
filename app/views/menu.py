"""The menu: made per request from the views that the person may read in this institution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for

from app.access.access import current_access
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.registry.enablement import registry


@dataclass(frozen=True, slots=True)
class MenuLink:
    """One line of the menu. ``model`` and ``operation`` say who sees it; ``badge`` counts what waits;
    ``is_offered`` says no where there is nothing to see.
    """

    label: Any
    endpoint: str
    icon: str
    addon: str = "kernel"
    sequence: int = 50
    model: str = ""
    operation: str = "read"
    top: bool = False
    badge: Callable[[], int] | None = None
    is_offered: Callable[[], bool] | None = None

    @property
    def url(self) -> str:
        """Where the line leads."""
        return url_for(self.endpoint)

    @property
    def is_active(self) -> bool:
        """Whether the present page belongs to this line."""
        blueprint = self.endpoint.split(".")[0]
        return request.endpoint == self.endpoint or (not self.top and request.blueprint == blueprint)


@dataclass(slots=True)
class MenuGroup:
    """The lines of one addon."""

    title: str
    addon: str
    links: list[MenuLink] = field(default_factory=list)


_links: list[MenuLink] = []


def add_menu_link(link: MenuLink) -> None:
    """Add a line for a page that is not a model's list."""
    _links.append(link)


def _all_links() -> list[MenuLink]:
    from app.views.model_view import views

    generated = [
        MenuLink(view.plural, f"{view.endpoint}.list_page", view.icon, view.key.split(".")[0], view.sequence, view.key)
        for view in views.values()
        if view.in_menu
    ]
    return [*_links, *generated]


def menu() -> tuple[list[MenuLink], list[MenuGroup]]:
    """The lines on top and the groups by addon, in load order; the kernel's administration comes last."""
    access = current_access()
    visible = [
        link
        for link in sorted(_all_links(), key=lambda link: link.sequence)
        if access.sees_addon(link.addon)
        and (not link.model or access.may(link.model, link.operation))
        and (link.is_offered is None or link.is_offered())
    ]
    titles = {name: _(manifest.title) for name, manifest in registry().manifests.items()} | {
        "kernel": str(_l("Settings"))
    }
    groups = [
        MenuGroup(titles[addon], addon, [link for link in visible if link.addon == addon and not link.top])
        for addon in titles
    ]
    return [link for link in visible if link.top], [group for group in groups if group.links]
