"""Templates see of a record what the person before the screen may see, whichever template it is."""

from __future__ import annotations

from typing import Any

from flask.templating import Environment

from app.access.column_rights import shown_value
from app.database.base import Model


class GuardedEnvironment(Environment):
    """Jinja's environment, in which columns that are hidden or masked for the present person are so."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``obj.attribute``."""
        found = super().getattr(obj, attribute)
        return shown_value(obj, attribute, found) if isinstance(obj, Model) else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        """``obj[argument]``."""
        found = super().getitem(obj, argument)
        return shown_value(obj, argument, found) if isinstance(obj, Model) and isinstance(argument, str) else found
