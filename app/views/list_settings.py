"""What people keep of a list: filters under a name, the one they begin with, and the columns they want to see."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import flash, redirect, request
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.database.session import db
from app.errors import Conflict, Invalid
from app.i18n import lazy_gettext as _l
from app.records.saved_filter import PAGES, drop_filter, keep_filter, prefer, preference_of, saved_filter
from app.views.list_page import ListPages
from app.views.urls import local_target


class ListSettings(ListPages):
    """Kept filters and chosen columns of a list."""

    @expose("/columns", methods=["POST"])
    def choose_columns(self) -> Response:
        """Remember the columns that the person wants to see; none is the usual ones again."""
        self._enter("read")
        known = {field.name for field in self.possible_fields()}
        chosen = [name for name in dict.fromkeys(request.form.getlist("column")) if name in known]
        usual = request.form.get("usual") or chosen == list(self.columns("list"))
        prefer(db.session(), self.key, columns=None if usual else chosen)
        return redirect(self._back())

    @expose("/filters", methods=["POST"])
    def keep_filter(self) -> Response:
        """Keep the words and filters of the page under a name."""
        self._enter("read")
        page = request.form.get("page", "list")
        arguments = dict(parse_qsl(request.form.get("arguments", "")[:5000]))
        try:
            self.narrowed(arguments)
            sharing, role = request.form.get("sharing", "own"), request.form.get("role", "")
            found = keep_filter(db.session(), self.key, request.form.get("name", ""), page, arguments, sharing, role)
            if not self.understands(found):
                raise Invalid(_l("These filters cannot be kept."))
            if request.form.get("begin"):
                prefer(db.session(), self.key, default_filter_id=found.id)
        except (Conflict, Invalid) as refusal:
            db.session.rollback()
            flash(str(refusal.message), "danger")
            return redirect(self._back())
        flash(_l("The filter “%(name)s” is kept. You find it under “Saved filters”.", name=found.name), "success")
        return redirect(self.saved_address(found))

    @expose("/filters/<int:filter_id>/begin", methods=["POST"])
    def begin_with_filter(self, filter_id: int) -> Response:
        """Begin the list with a kept filter, or no longer."""
        self._enter("read")
        found, preference = saved_filter(db.session(), self.key, filter_id), preference_of(db.session(), self.key)
        is_on = preference is not None and preference.default_filter_id == found.id
        prefer(db.session(), self.key, default_filter_id=None if is_on else found.id)
        told = _l("The list no longer begins with a filter.") if is_on else _l("The list begins with this filter now.")
        flash(told, "success")
        return redirect(self._back())

    @expose("/filters/<int:filter_id>/remove", methods=["POST"])
    def drop_filter(self, filter_id: int) -> Response:
        """Forget a kept filter."""
        self._enter("read")
        drop_filter(db.session(), self.key, filter_id)
        flash(_l("The filter was removed."), "success")
        return redirect(self._back())

    def _back(self) -> str:
        page = request.form.get("page", "list")
        usual = self.url(self.page_endpoint(page if page in PAGES else "list"), all=1)
        return local_target(request.form.get("next")) or usual
