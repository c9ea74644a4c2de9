"""How the institution looks: its logo and its colour."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import flash, redirect, request, send_file
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.appearance.colours import parse, stylesheet
from app.appearance.institution_appearance import InstitutionAppearance
from app.appearance.institution_appearances import appearance_here, change_appearance, logo_file
from app.database.session import db
from app.errors import Invalid, NotFound
from app.i18n import lazy_gettext as _l
from app.records.attachment import path_of
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

add_menu_link(
    MenuLink(
        _l("Appearance"),
        "kernel_appearance_page.index",
        "palette",
        sequence=97,
        model="kernel.InstitutionAppearance",
    )
)


class AppearancePage(PageView):
    """``/kernel/appearance``."""

    path = "appearance"

    @route("/", methods=["GET", "POST"])
    def index(self) -> Response | str | tuple[str, int]:
        """The form."""
        self.enter(InstitutionAppearance, "read" if request.method == "GET" else "write")
        colour, refusal = appearance_here(db.session()).colour, None
        if request.method == "POST":
            colour = request.form.get("colour", "")[:20]
            try:
                self._change(colour)
                flash(_l("The appearance was saved."), "success")
                return redirect("/kernel/appearance/")
            except Invalid as error:
                db.session.rollback()
                refusal = error
        page = self.render(
            "administration/appearance.html",
            colour=colour.removeprefix("#"),
            logo_id=appearance_here(db.session()).logo_id,
            errors=refusal.errors or {} if refusal else {},
            manages=current_access().may(InstitutionAppearance, "write"),
        )
        return page, 422 if refusal else 200

    def _change(self, colour: str) -> None:
        file = request.files.get("logo")
        has_file = file is not None and bool(file.filename)
        change_appearance(
            db.session(),
            colour=colour,
            logo=file.stream if file is not None and has_file else None,
            name=(file.filename or "logo") if file is not None else "logo",
            remove="remove" in request.form,
        )

    @route("/logo/<int:pk>")
    def logo(self, pk: int) -> Response:
        """The present logo, for everybody who works here."""
        self.enter()
        found = logo_file(db.session(), pk)
        if found is None:
            raise NotFound(_l("This page does not exist."))
        return send_file(path_of(found), mimetype=found.kind, max_age=0)


def colours(colour: str) -> FlaskResponse:
    """The palette of a colour. It tells nothing of anybody, so it may be kept by browsers."""
    parsed = parse(colour)
    if parsed is None:
        raise NotFound(_l("This page does not exist."))
    answer = FlaskResponse(stylesheet(parsed), mimetype="text/css")
    answer.cache_control.public = True
    answer.cache_control.max_age = 31_536_000
    answer.cache_control.immutable = True
    return answer
