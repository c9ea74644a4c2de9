"""The bell: what one person was told, as a page, as the newest lines below the bell, and for programs."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request
from flask_appbuilder import AppBuilder
from flask_appbuilder.api import BaseApi, expose
from werkzeug.wrappers import Response

from app.database.session import db
from app.i18n import lazy_gettext as _l
from app.jobs.own_jobs import own_jobs
from app.notifications.notification import Notification
from app.notifications.notifications import (
    PAGE_SIZE,
    choose_mail,
    mark_all_read,
    mark_read,
    my_notifications,
    unread_count,
    wants_mail,
)
from app.views.listing import whole_number
from app.views.my_jobs import page_values
from app.views.page_view import PageView, route
from app.views.urls import local_target

NEWEST = 8
ADDRESS = "/kernel/notifications/"


class NotificationsPage(PageView):
    """``/kernel/notifications``."""

    path = "notifications"

    @route("/")
    def index(self) -> str:
        """Everything, newest first."""
        self.enter()
        unread = request.args.get("unread") == "1"
        before = whole_number(request.args.get("before"), 0) or None
        found = my_notifications(unread=unread, before=before, limit=PAGE_SIZE + 1)
        return self.render(
            "notifications/page.html",
            found=found[:PAGE_SIZE],
            has_more=len(found) > PAGE_SIZE,
            before=before,
            unread=unread,
            waiting=unread_count(),
            by_mail=wants_mail(),
        )

    @route("/count")
    def count(self) -> Response:
        """How many are unread: for the bell, which asks after the page is there."""
        self.enter()
        return jsonify({"unread": unread_count()})

    @route("/newest")
    def newest(self) -> str:
        """What opens below the bell."""
        self.enter()
        under_way = own_jobs(db.session(), under_way=True, limit=NEWEST)
        found = my_notifications(limit=NEWEST)
        return self.render("notifications/newest.html", found=found, under_way=under_way, **page_values())

    @route("/<int:pk>/open", methods=["POST"])
    def open(self, pk: int) -> Response:
        """Go where it leads; it is read then."""
        self.enter()
        return redirect(local_target(mark_read(pk).url) or ADDRESS)

    @route("/<int:pk>/read", methods=["POST"])
    def read(self, pk: int) -> Response:
        """Mark it as read, or with ``unread`` as not read."""
        self.enter()
        mark_read(pk, read="unread" not in request.form)
        return redirect(local_target(request.form.get("next")) or ADDRESS)

    @route("/read", methods=["POST"])
    def read_all(self) -> Response:
        """Mark everything as read."""
        self.enter()
        mark_all_read()
        flash(_l("All notifications are marked as read."), "success")
        return redirect(ADDRESS)

    @route("/mail", methods=["POST"])
    def mail(self) -> Response:
        """Have copies sent by mail, or not."""
        self.enter()
        choose_mail(request.form.get("by_mail") == "1")
        flash(_l("Your choice was saved."), "success")
        return redirect(ADDRESS)


class NotificationApi(BaseApi):
    """The same for programs: ``/api/v1/notification/``."""

    resource_name = "notification"
    openapi_spec_tag = "kernel"
    csrf_exempt = False
    allow_browser_login = True

    @expose("/", methods=["GET"])
    def get_list(self) -> Response:
        """One's own notifications, newest first; ``unread=1`` and ``before`` (an id) narrow them
        ---
        get:
          parameters:
          - in: query
            name: unread
            schema:
              type: integer
          - in: query
            name: before
            schema:
              type: integer
          responses:
            200:
              description: The notifications and how many are unread
            401:
              $ref: '#/components/responses/401'
        """
        before = whole_number(request.args.get("before"), 0) or None
        found = my_notifications(unread=request.args.get("unread") == "1", before=before)
        return self.response(200, unread=unread_count(), result=[told(item) for item in found])

    @expose("/<int:pk>/read", methods=["POST"])
    def read(self, pk: int) -> Response:
        """Mark one as read
        ---
        post:
          parameters:
          - in: path
            name: pk
            schema:
              type: integer
          responses:
            200:
              description: The notification
            404:
              $ref: '#/components/responses/404'
        """
        return self.response(200, result=told(mark_read(pk)))

    @expose("/read", methods=["POST"])
    def read_all(self) -> Response:
        """Mark all as read
        ---
        post:
          responses:
            200:
              description: How many were unread
        """
        return self.response(200, count=mark_all_read())


def told(item: Notification) -> dict[str, Any]:
    """A notification as JSON."""
    return {
        "id": item.id,
        "text": item.text,
        "url": item.url or None,
        "created_at": item.created_at.isoformat(),
        "read_at": item.read_at.isoformat() if item.read_at else None,
    }


def register_notifications(appbuilder: AppBuilder) -> None:
    """Register the API; the page registers itself."""
    appbuilder.add_view_no_menu(NotificationApi(), endpoint="api_notification")
