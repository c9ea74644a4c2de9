"""Signing in by SAML 2.0: the answer of the other side, and how it meets the browser that asked.

The answer comes as a form from elsewhere, with which no browser sends our cookie (SameSite). So it is checked without
a session and sealed, and the browser fetches the result by GET, with its cookie: only the browser that asked has the
number of the request.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import make_response, redirect, request, session
from flask_appbuilder import expose
from flask_appbuilder.security.decorators import no_cache
from flask_appbuilder.security.saml.metadata import get_sp_metadata
from flask_appbuilder.security.saml.utils import map_saml_attributes
from werkzeug.wrappers import Response

from app.database.session import db
from app.errors import NotFound
from app.i18n import lazy_gettext as _l
from app.users.identity import SignInRefused, user_of
from app.users.sealed import open_sealed, sealed
from app.views.urls import local_target

if TYPE_CHECKING:
    from flask_appbuilder.security.sqla.models import User

REQUEST = "saml_request"
"""Where the cookie keeps the number of the request, and where the person wanted to go."""

SECONDS_TO_FETCH = 60
LONGEST_ANSWER = 200_000
PURPOSE = b"saml answer"
_CONFIRMED = (
    "/samlp:Response/saml:Assertion/saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData/@InResponseTo"
)


class SamlSignIn:
    """The addresses of SAML; for `LoginView`, which signs in and refuses."""

    appbuilder: Any

    if TYPE_CHECKING:

        def let_in(self, user: User, target: str) -> Response:
            """Of `LoginView`."""

        def refuse(self, provider: str, error: Exception, sentence: Any = None) -> Response:
            """Of `LoginView`."""

    def to_saml_provider(self, name: str) -> Response:
        """Send the browser to the identity provider."""
        auth = self.appbuilder.sm.saml_auth(name)
        address = auth.login()
        target = local_target(request.args.get("next")) or "/"
        session[REQUEST] = {"id": auth.get_last_request_id(), "provider": name, "next": target}
        return redirect(address)

    @expose("/saml/acs/<provider>", methods=["POST"])
    @no_cache
    def saml_acs(self, provider: str) -> Response:
        """Check the answer that the browser was told to bring. It touches no session."""
        sm = self._saml(provider)
        try:
            answer = sealed(PURPOSE, _checked(sm, provider))
        except Exception as error:  # whatever came: the reader gets one sentence, the log the reason
            sm.note_refusal(provider, error)
            answer = ""
        return redirect(f"/saml/finish/{provider}?" + urlencode({"answer": answer}), 303)

    @expose("/saml/finish/<provider>")
    @no_cache
    def saml_finish(self, provider: str) -> Response:
        """Let the browser in that asked."""
        sm: Any = self._saml(provider)
        asked = session.pop(REQUEST, None) or {}
        try:
            answer = open_sealed(PURPOSE, request.args.get("answer", ""), SECONDS_TO_FETCH)
            if asked.get("provider") != provider or not _is_answer_to(answer, asked.get("id")):
                raise ValueError("the answer belongs to no request of this browser")
            user = user_of(db.session(), answer["claims"], sm.auth_user_registration)
        except SignInRefused as refusal:
            return self.refuse(provider, refusal, refusal.message)
        except Exception as error:
            return self.refuse(provider, error)
        done = self.let_in(user, asked.get("next") or "/")
        db.session.commit()  # the browser came by GET, of which nothing is kept otherwise
        return done

    @expose("/saml/metadata/<provider>")
    def saml_metadata(self, provider: str) -> Response:
        """What the identity provider wants to know of us."""
        answer = make_response(get_sp_metadata(self._saml(provider).get_saml_settings(provider)))
        answer.mimetype = "application/samlmetadata+xml"
        return answer

    def _saml(self, provider: str) -> Any:
        if not self.appbuilder.sm.offers_saml(provider):
            raise NotFound(_l("This page does not exist."))
        return self.appbuilder.sm


def _checked(sm: Any, provider: str) -> dict[str, Any]:
    """What a valid answer says: whose request it answers, and who the person is. Raises ValueError."""
    if len(request.form.get("SAMLResponse", "")) > LONGEST_ANSWER:
        raise ValueError("the answer is too long")
    auth = sm.saml_auth(provider)
    auth.process_response()  # signature, issuer, audience, destination, recipient, dates, one assertion
    if auth.get_errors() or not auth.is_authenticated():
        raise ValueError(auth.get_last_error_reason() or "the answer does not hold")
    return {"to": _request_answered(auth), "provider": provider, "claims": _claims(sm, provider, auth)}


def _request_answered(auth: Any) -> str:
    """The number of the request, from inside the assertion: that of the response around it need not be signed."""
    from onelogin.saml2.xml_utils import OneLogin_Saml2_XML as Xml

    found = {str(item) for item in Xml.query(Xml.to_etree(auth.get_last_response_xml()), _CONFIRMED)}
    if len(found) != 1 or found != {auth.get_last_response_in_response_to()}:
        raise ValueError("the answer does not say which request it answers")
    return found.pop()


def _claims(sm: Any, provider: str, auth: Any) -> dict[str, Any]:
    told = map_saml_attributes(auth.get_attributes(), sm.get_saml_provider(provider)["attribute_mapping"])
    return {
        "email": told.get("email"),
        "email_verified": True,  # the identity provider vouches for what it says: there is no word for it in SAML
        "given_name": told.get("first_name"),
        "family_name": told.get("last_name"),
    }


def _is_answer_to(answer: dict[str, Any], number: Any) -> bool:
    return isinstance(number, str) and hmac.compare_digest(str(answer["to"]).encode(), number.encode())
