"""Translation catalogues: the kernel's, Flask-AppBuilder's, WTForms', and one per addon; later folders win."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask_babel import Domain
from wtforms import Form
from wtforms.meta import DefaultMeta

from app.registry.manifest import Manifest

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "translations"


def translation_folders(manifests: Iterable[Manifest]) -> list[str]:
    """Every folder with a ``messages`` catalogue, in the order in which later ones win."""
    folders = [TRANSLATIONS / "flask_appbuilder", TRANSLATIONS, *(item.folder / "translations" for item in manifests)]
    # A folder without a compiled catalogue must stay out: merged last, it would bring English plurals along.
    return [str(folder) for folder in folders if any(folder.glob("*/LC_MESSAGES/messages.mo"))]


_wtforms = Domain(translation_directories=[str(TRANSLATIONS / "wtforms")], domain="wtforms")


class _FormTranslations:
    """Hands WTForms its messages from our catalogue: it ships none in Indonesian."""

    def gettext(self, text: str) -> str:
        # WTForms fills the placeholders itself, so the message must come back unfilled.
        return str(_wtforms.get_translations().gettext(text))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(_wtforms.get_translations().ngettext(singular, plural, n))


class BaseForm(Form):
    """The base of every form: WTForms' own messages in the reader's language, CSRF checked before by the request
    cycle.
    """

    class Meta(DefaultMeta):
        """Where messages come from."""

        def get_translations(self, form: Any) -> Any:
            """Our catalogue instead of WTForms' own."""
            return _FormTranslations()
