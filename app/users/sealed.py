"""What passes through a browser and is nobody's to read or change: encrypted with the installation's secret key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app


def cipher(purpose: bytes) -> Fernet:
    """The cipher for one purpose; what was sealed for another does not open."""
    return Fernet(base64.urlsafe_b64encode(key_for(purpose)))


def key_for(purpose: bytes) -> bytes:
    """32 bytes made of the secret key."""
    return hmac.new(current_app.config["SECRET_KEY"].encode(), purpose, hashlib.sha256).digest()


def sealed(purpose: bytes, content: dict[str, Any]) -> str:
    """``content`` as a text for an address."""
    return cipher(purpose).encrypt(json.dumps(content).encode()).decode()


def open_sealed(purpose: bytes, text: str, seconds: int) -> dict[str, Any]:
    """What `sealed` was given at most ``seconds`` ago. Raises ValueError for anything else."""
    try:
        found: dict[str, Any] = json.loads(cipher(purpose).decrypt(text.encode(), ttl=seconds))
    except InvalidToken:
        raise ValueError("the sealed text does not open, or is too old") from None
    return found
