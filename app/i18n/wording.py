"""Wording of an institution: texts that an addon says in other words wherever it is enabled.

An addon keeps them in ``wording/id/LC_MESSAGES/messages.po``: any text of the kernel or an addon with the translation
that its institution uses.
"""

from __future__ import annotations

from functools import lru_cache

from flask import current_app
from flask_babel import Domain

from app.registry.enablement import registry


def use_wording(enabled: frozenset[str]) -> None:
    """Speak in the words of the ``enabled`` addons for the rest of this request or job; later addons win."""
    folders = tuple(
        str(manifest.folder / "wording")
        for name, manifest in registry().manifests.items()
        if name in enabled and any((manifest.folder / "wording").glob("*/LC_MESSAGES/messages.mo"))
    )
    if folders:
        _domain(current_app.config["BABEL_TRANSLATION_DIRECTORIES"], folders).as_default()


@lru_cache(maxsize=100)
def _domain(general: str, folders: tuple[str, ...]) -> Domain:
    # Kept, because a domain reads its catalogues once.
    return Domain(translation_directories=[*general.split(";"), *folders])
