"""An institution that has an addon enabled, with one person per role: where an addon's own tests happen."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Flask

from app.access.acting import acting_as_system, institutions
from app.cli.user import create_user
from app.database.scope import enter_scope
from app.database.session import db
from app.registry.enablement import enable_with_dependencies, registry
from app.testing.client import Browserish

PASSWORD = "sinergi-addon-test"


@dataclass
class AddonWorld:
    """``person(role)`` and ``program(role)`` are somebody who has that one role here; ``institution`` is a code."""

    app: Flask
    addon: str
    institution: str
    _known: dict[str, str] = field(default_factory=dict)

    def person(self, role: str) -> Browserish:
        """A browser of somebody with ``role``, signed in."""
        return Browserish(self.app).sign_in(self._username(role), PASSWORD)

    def program(self, role: str) -> Browserish:
        """A script of somebody with ``role``, with an access token."""
        return Browserish(self.app).with_token(self._username(role), self.institution, PASSWORD)

    def _username(self, role: str) -> str:
        if role not in self._known:
            name = f"test.{role}"
            with self.app.app_context():
                create_user(name, f"Contoh {role}", f"{name}@example.test", self.institution, (role,), PASSWORD)
            self._known[role] = name
        return self._known[role]


def addon_world_of(app: Flask, addon: str) -> AddonWorld:
    """Enable ``addon`` and what it needs in its own institution, or in the first there is."""
    wanted = registry().manifests[addon].institution
    with app.app_context():
        session = db.session()
        enter_scope(session, None)
        if not institutions():
            raise LookupError("there is no institution to try the addon in")
        code = wanted or next(iter(institutions().values()))[0]
        with acting_as_system(code, "an addon is tried in its institution") as scope:
            enable_with_dependencies(session, scope.institution_id, addon)
        session.commit()
    return AddonWorld(app, addon, code)
