"""The addons of the institution: switched on and off by its administrator."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.access.administration import institution_here
from app.database.session import db
from app.errors import AddonError
from app.i18n import gettext as _
from app.i18n import lazy_gettext as _l
from app.registry.addon_enablement import AddonEnablement
from app.registry.enablement import belongs_to, disable, enable, enabled_addons, registry
from app.registry.graph import dependents
from app.settings.administration import addons_with_settings
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

Answer = Response | tuple[str, int]

add_menu_link(MenuLink(_l("Addons"), "kernel_addons_page.index", "puzzle", sequence=92, model="kernel.AddonEnablement"))


class AddonsPage(PageView):
    """``/kernel/addons``."""

    path = "addons"

    @route("/")
    def index(self) -> str:
        """A card per installed addon: what it is, what it needs, whether it is on."""
        self.enter(AddonEnablement)
        enabled = enabled_addons(institution_here(db.session()))
        manifests = registry().manifests
        titles = {name: _(manifest.title) for name, manifest in manifests.items()}
        cards = [
            (
                manifest,
                name in enabled,
                [titles[other] for other in manifest.depends if other not in enabled],
                [titles[other] for other in manifests if other in dependents(manifests, name) & enabled],
            )
            for name, manifest in manifests.items()
            if belongs_to(db.session(), manifest, institution_here(db.session()))
        ]
        manages = current_access().may(AddonEnablement, "write")
        return self.render(
            "administration/addons.html",
            cards=cards,
            titles=titles,
            manages=manages,
            is_platform=current_access().is_platform,
            with_settings=addons_with_settings(db.session()),
        )

    @route("/<addon>/enable", methods=["POST"])
    def enable(self, addon: str) -> Answer:
        """Switch an addon on."""
        return self._switch(addon, on=True)

    @route("/<addon>/disable", methods=["POST"])
    def disable(self, addon: str) -> Answer:
        """Switch an addon off; its records stay. What needs it is shown first."""
        return self._switch(addon, on=False)

    def _switch(self, addon: str, *, on: bool) -> Answer:
        self.enter(AddonEnablement, "write")
        session = db.session()
        try:
            if on:
                enable(session, institution_here(session), addon)
                flash(_l("The addon is enabled."), "success")
            else:
                disable(session, institution_here(session), addon, forced=request.form.get("forced") == "1")
                flash(_l("The addon is disabled. Its records are kept."), "success")
        except AddonError as refusal:
            session.rollback()
            if refusal.code == "needed":
                title, needs = _(registry().manifests[addon].title), str(refusal.message).splitlines()
                return self.render("administration/addon_needed.html", addon=addon, title=title, needs=needs), 409
            flash(str(refusal.message), "danger")
        return redirect("/kernel/addons/")
