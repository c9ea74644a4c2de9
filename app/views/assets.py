"""The files that browsers load: each address carries the hash of the content, so that it may be kept for ever."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import Response, current_app, request, url_for

STATIC = Path(__file__).resolve().parents[1] / "static"
KEPT_SECONDS = 31_536_000
TEXTS = (".js", ".css", ".svg")
"""What is sent packed; pages are not, because what somebody typed beside a secret would tell its length (BREACH)."""
_HASHED = re.compile(r"(?P<stem>.+)\.(?P<version>[0-9a-f]{12})(?P<ending>\.[a-z0-9]+)")


def asset(name: str) -> str:
    """The address of a static file: ``app.css`` → ``/static/app.0f3a….css``."""
    stem, dot, ending = name.rpartition(".")
    return url_for("static", filename=f"{stem}.{_version(name)}{dot}{ending}")


@lru_cache(maxsize=200)
def _version(name: str) -> str:
    """The hash of the file as it was when this process first named it."""
    path = STATIC / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "0" * 12


def send_asset(filename: str) -> Response:
    """A static file. By a hash that is the present one it is kept for a year, otherwise asked for again each time."""
    found = _HASHED.fullmatch(filename)
    name = found["stem"] + found["ending"] if found else filename
    answer = current_app.send_static_file(name)
    if name.endswith(TEXTS) and answer.status_code == 200:
        answer.vary.add("Accept-Encoding")  # whoever keeps it for others knows that there are two
        if request.accept_encodings.quality("gzip"):
            answer = _packed(answer, name)
    if found and found["version"] == _version(name):
        answer.cache_control.immutable = True
        answer.cache_control.max_age = KEPT_SECONDS
        answer.cache_control.public = True
    else:
        answer.cache_control.max_age = None
        answer.cache_control.public = False
        answer.cache_control.no_cache = True
    return answer


def _packed(answer: Response, name: str) -> Response:
    """The same answer with its body packed."""
    answer.direct_passthrough = False
    answer.set_data(_gzip(name, answer.get_data()))
    answer.content_encoding = "gzip"
    answer.set_etag(f"{answer.get_etag()[0]}-gzip")
    return answer


@lru_cache(maxsize=100)
def _gzip(_name: str, content: bytes) -> bytes:
    """Packed once per process."""
    return gzip.compress(content, mtime=0)
