"""Sinergi's kernel: it knows addons, records, rights and screens; what a partner or a letter is, it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from config import Settings


def create_app(settings: Settings, database_url: str) -> Flask:
    """The web application over the addons found, as the application role of ``database_url``."""
    from app.application import build

    return build(settings, database_url)
