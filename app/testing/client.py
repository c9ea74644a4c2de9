"""A test client that signs in, sends forms with their tokens, and speaks JSON."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.cli.demo import DEMO_PASSWORD

_HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|form_token|version)"[^>]*value="([^"]*)"')


class Browserish:
    """What a person with a browser does, without one: pages, forms, and the API with a token."""

    def __init__(self, app: Flask) -> None:
        self.http: FlaskClient = app.test_client()
        self.headers: dict[str, str] = {"Accept-Language": "en"}

    def sign_in(self, username: str, password: str = DEMO_PASSWORD) -> Browserish:
        """Sign in by the login page."""
        answer = self.send("/login/", {"username": username, "password": password})
        assert answer.status_code == 302, answer.text
        return self

    def with_token(self, username: str, institution: str | None = None, password: str = DEMO_PASSWORD) -> Browserish:
        """Sign in at the API."""
        body = {"username": username, "password": password, "provider": "db"}
        answer = self.http.post("/api/v1/security/login", json=body)
        assert answer.status_code == 200, answer.text
        self.headers["Authorization"] = f"Bearer {answer.json['access_token']}"  # type: ignore[index]  # the login answers an object
        if institution:
            self.headers["X-Institution"] = institution
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET ``path``."""
        return self.http.get(path, headers={**self.headers, **options.pop("headers", {})}, **options)

    def hidden(self, path: str) -> dict[str, str]:
        """The tokens of the form at ``path``."""
        page = self.get(path)
        return dict(reversed([(match[1], match[2]) for match in _HIDDEN.finditer(page.text)]))

    def send(self, path: str, fields: dict[str, Any], form_at: str | None = None, **options: Any) -> TestResponse:
        """POST ``fields`` to ``path`` with the tokens of the form at ``form_at`` (default: the same path)."""
        tokens = self.hidden(form_at or path)
        return self.http.post(path, data={**tokens, **fields}, headers=self.headers, **options)

    def api(self, method: str, path: str, body: Any = None) -> TestResponse:
        """Call the API with the token of `with_token`."""
        return self.http.open(f"/api/v1/{path}", method=method, json=body, headers=self.headers)
