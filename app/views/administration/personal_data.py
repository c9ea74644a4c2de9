"""Personal data: who was shown them, and erasing a person's data on request."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.access.access import current_access
from app.access.disclosure import KINDS, Disclosure
from app.database.base import models
from app.database.session import db
from app.errors import Conflict, Invalid
from app.i18n import lazy_gettext as _l
from app.records.erasing import find_person, request_erasure
from app.records.erasure import Erasure
from app.views.fields import field_of
from app.views.history import names_of
from app.views.menu import MenuLink, add_menu_link
from app.views.page_view import PageView, route

MOST = 200
"""So many lines of each log are shown, the newest first."""

add_menu_link(
    MenuLink(
        _l("Personal data"), "kernel_personal_data_page.index", "user-shield", sequence=96, model="kernel.Disclosure"
    )
)


class PersonalDataPage(PageView):
    """``/kernel/personal``."""

    path = "personal"

    @route("/")
    def index(self) -> str:
        """Who was shown personal data, and the requests for erasure."""
        self.enter(Disclosure)
        shown = list(db.session.scalars(select(Disclosure).order_by(Disclosure.id.desc()).limit(MOST)))
        erasures = []
        if current_access().may(Erasure, "read"):
            erasures = list(db.session.scalars(select(Erasure).order_by(Erasure.id.desc()).limit(MOST)))
        people = names_of({item.user_id for item in shown} | {item.created_by_id for item in erasures})
        return self.render(
            "administration/personal.html",
            shown=shown,
            erasures=erasures,
            people=people,
            kinds=KINDS,
            model_title=_model_title,
            labels=_labels,
            may_erase=current_access().may(Erasure, "create"),
        )

    @route("/erase")
    def erase(self) -> str:
        """Look for a person."""
        self.enter(Erasure, "create")
        return self._page()

    @route("/erase", methods=["POST"])
    def find(self) -> str | tuple[str, int]:
        """What there is of the person; sent as a form, so that no name stands in an address or a log."""
        self.enter(Erasure, "create")
        words = request.form.get("q", "")[:100]
        try:
            return self._page(words, find_person(db.session(), words))
        except Invalid as refusal:
            return self._page(words, refusal=refusal.message), refusal.status

    @route("/request", methods=["POST"])
    def ask(self) -> Response | tuple[str, int]:
        """Ask the operator to erase the chosen records."""
        self.enter(Erasure, "create")
        words, chosen = request.form.get("q", "")[:100], request.form.getlist("target")[:500]
        try:
            files = request.form.getlist("files")[:500]
            made = request_erasure(db.session(), chosen, request.form.get("reason", ""), files)
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            found = find_person(db.session(), words) if words else []
            return self._page(words, found, refusal.message), refusal.status
        flash(_l("Request %(number)d was written down. The operator carries it out.", number=made.id), "success")
        return redirect("/kernel/personal/")

    def _page(self, words: str = "", found: list[Any] | None = None, refusal: Any = None) -> str:
        return self.render(
            "administration/erase.html",
            words=words,
            found=found,
            refusal=refusal,
            reason=request.form.get("reason", ""),
            chosen=request.form.getlist("target"),
            with_files=request.form.getlist("files"),
            model_title=_model_title,
            labels=_labels,
        )


def _model_title(key: str) -> str:
    model = models.get(key)
    return str(model.__title__ or key) if model is not None else key


def _labels(key: str, names: list[str]) -> str:
    model = models.get(key)
    return ", ".join(str(field_of(model, name).label) if model is not None else name for name in names)
