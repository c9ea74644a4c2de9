"""Every error becomes an answer: a page in the reader's language, or JSON with an English sentence and a code."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, current_app, g, jsonify, make_response, render_template, request
from flask_babel import force_locale
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from app.database.session import db
from app.errors import Outdated, SinergiError, TooManyRequests
from app.i18n import lazy_gettext as _l
from app.views.request_cycle import wants_json

log = logging.getLogger("sinergi")

SENTENCES = {
    400: ("bad_request", _l("The request could not be understood.")),
    404: ("not_found", _l("This page does not exist.")),
    405: ("method_not_allowed", _l("This address does not take that kind of request.")),
    413: ("too_large", _l("What was sent is too large.")),
    415: ("unsupported_media_type", _l("The request must be JSON.")),
    429: ("too_many_requests", _l("Too many attempts. Wait a moment and try again.")),
}


def register_error_handlers(app: Flask) -> None:
    """Answer to every kind of error of ``app``."""
    app.register_error_handler(SinergiError, answer_refusal)
    app.register_error_handler(Outdated, answer_outdated)
    app.register_error_handler(CSRFError, answer_foreign_form)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(OperationalError, answer_database_away)
    app.register_error_handler(PoolTimeout, answer_database_away)
    app.register_error_handler(Exception, answer_failure)


def answer(status: int, code: str, message: Any, errors: dict[str, list[Any]] | None = None) -> Response:
    """The answer for people or for programs."""
    if wants_json():
        with force_locale("en"):
            body: dict[str, Any] = {"message": str(message), "code": code}
            if errors:
                body["errors"] = {field: [str(text) for text in texts] for field, texts in errors.items()}
        return make_response(jsonify(body), status)
    signed_in = bool(g.get("access"))
    return make_response(render_template("error.html", status=status, message=message, signed_in=signed_in), status)


def answer_refusal(error: SinergiError) -> Response:
    """A refusal uttered by the kernel or an addon."""
    db.session.rollback()
    refusal = answer(error.status, error.code, error.message, error.errors)
    if isinstance(error, TooManyRequests):
        refusal.headers["Retry-After"] = str(error.retry_after)
    return refusal


def answer_outdated(error: Outdated) -> Response:
    """This process must not touch the tables: not even the reader is looked up."""
    _forget_transaction()
    return _bare(error.status, error.code, error.message)


def answer_foreign_form(_error: CSRFError) -> Response:
    """A form without our token: from elsewhere, or from a page that was open for too long."""
    return answer(400, "csrf", _l("The form is out of date. Go back, reload the page and send it again."))


def answer_http_error(error: HTTPException) -> Response:
    """What Flask itself refuses."""
    db.session.rollback()
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    if isinstance(error, SecurityError):
        # For a host name that is not ours no address can be written, so no page can be drawn.
        return Response("400 Bad Request\n", 400, mimetype="text/plain")
    code, message = SENTENCES.get(error.code or 500, ("error", _l("The request could not be understood.")))
    return answer(error.code or 500, code, message)


def answer_database_away(error: Exception) -> Response:
    """PostgreSQL does not answer."""
    log.error("database: %s", type(error).__name__)
    _forget_transaction()
    return _bare(503, "database_unreachable", _l("The database cannot be reached right now. Try again in a moment."))


def answer_failure(error: Exception) -> Response:
    """A fault of ours: nothing is saved, the details go to the log, the reader gets a number to quote."""
    path = request.path.replace("\n", " ")
    log.error("request %s %s failed: %s", g.get("request_id"), path, type(error).__name__, exc_info=error)
    _forget_transaction()
    return _bare(
        500,
        "failure",
        _l(
            "Something went wrong on our side. Nothing was saved. Quote the number %(id)s.", id=g.get("request_id", "–")
        ),
    )


def _forget_transaction() -> None:
    try:
        db.session.rollback()
    except Exception:  # the connection itself may be what is broken
        db.session.remove()


def _bare(status: int, code: str, message: Any) -> Response:
    # No menu here, and nobody signed in: drawing the one and looking up the other would ask the database again.
    g.access = None
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # Flask-Login's place
    return answer(status, code, message)
