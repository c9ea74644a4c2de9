"""Translation: the words every kernel module and addon uses for text that people read."""

from flask_babel import gettext, lazy_gettext, ngettext

__all__ = ["gettext", "lazy_gettext", "ngettext"]
