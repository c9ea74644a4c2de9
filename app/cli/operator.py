"""What commands over an institution's records share, the kernel's own and those of addons."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.cli.runtime import application, refused
from app.errors import SinergiError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@contextmanager
def operating() -> Iterator[Operator]:
    """The application for a command; a refusal ends it with its sentences and a non-zero exit."""
    with application() as app, app.test_request_context(headers={"Accept-Language": "en"}):
        try:
            yield Operator()
        except SinergiError as refusal:
            told = [str(refusal), *(str(text) for texts in refusal.errors.values() for text in texts)]
            raise refused("\n".join(told)) from None


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever types commands: works in any institution, with nobody as author."""

    def institutions(self, addon: str) -> list[str]:
        """The codes of the institutions that have ``addon`` enabled."""
        from app.access.acting import institutions
        from app.registry.enablement import enabled_addons

        return [code for key, (code, _name, _zone) in institutions().items() if addon in enabled_addons(key)]

    @contextmanager
    def inside(self, institution: str, *, saving: bool = False) -> Iterator[Session]:
        """Work in ``institution``; with ``saving``, what was done is kept when the block ends well."""
        from app.access.acting import acting_as_system
        from app.database.session import db

        with acting_as_system(institution, "a command of the operator"):
            yield db.session()
            if saving:
                db.session.commit()
