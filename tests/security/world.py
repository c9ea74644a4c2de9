"""A filled database for tests of screens and API: one record of every model per institution, each text carrying a
mark.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, make_url, select
from werkzeug.security import generate_password_hash

from app import clock
from app.cli.demo import DEMO_PASSWORD
from app.testing.client import Browserish
from app.testing.databases import TestServer
from app.testing.plugin import DATABASE
from tests.security.maker import Maker

KENDAL_MARK = "QZMARK"
UNAIR_MARK = "UVMARK"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
"""One empty page, without a table of its objects: readers put up with that."""
LOGO = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=")


def is_of_another(key: str, institution: str = "kendal") -> bool:
    """Whether the model ``key``, or the addon of that name, is one institution's own: it is off for all others."""
    from app.registry.enablement import registry

    manifest = registry().manifests.get(key.split(".", maxsplit=1)[0])
    return manifest is not None and manifest.institution not in ("", institution)


def screens_of(institution: str = "kendal") -> dict[str, Any]:
    """Model → its screen, for what an institution can have."""
    from app.views.model_view import views

    return {key: view for key, view in views.items() if not is_of_another(key, institution)}


def _something_planned(session: Any, record: Any, mark: str, user_id: int) -> int:
    from app.thread.record_activity import RecordActivity

    planned = RecordActivity(
        model=record.__model_key__,
        record_id=record.id,
        summary=f"{mark} to do"[:200],
        deadline=today(),
        assignee_id=user_id,
    )
    session.add(planned)
    session.flush()
    return planned.id


def _logo(session: Any) -> dict[str, int]:
    from app.appearance.institution_appearances import appearance_here, change_appearance

    change_appearance(session, colour="", logo=io.BytesIO(LOGO), name="logo.png", remove=False)
    return {"kernel.Attachment": appearance_here(session).logo_id or 0}


@dataclass
class World:
    """What the tests of a module share: the application over a filled database, and the ids of what is in it."""

    app: Flask
    postgres: TestServer
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    children: dict[str, dict[str, int]] = field(default_factory=dict)
    archived: dict[str, dict[str, int]] = field(default_factory=dict)
    files: dict[str, dict[str, int]] = field(default_factory=dict)
    planned: dict[str, dict[str, int]] = field(default_factory=dict)
    people: dict[str, Browserish] = field(default_factory=dict)
    programs: dict[str, Browserish] = field(default_factory=dict)

    def person(self, username: str) -> Browserish:
        """``username`` in a browser, signed in once per module."""
        if username not in self.people:
            self.people[username] = Browserish(self.app).sign_in(username)
        return self.people[username]

    def program(self, username: str) -> Browserish:
        """A script of ``username`` with an access token."""
        if username not in self.programs:
            self.programs[username] = Browserish(self.app).with_token(username)
        return self.programs[username]

    def owner(self) -> Any:
        """A connection of the owner, who sees every row."""
        address = make_url(self.postgres.named(DATABASE).owner).set(drivername="postgresql")
        return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)

    def fingerprint(self, *ignored: str) -> str:
        """A checksum over every row of every table, without the tables ``ignored`` and the traces of signing in."""
        ignored = (*ignored, "user_session", "sign_in_attempt")
        with self.owner() as connection:
            found = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            ).fetchall()
            digest = hashlib.sha256()
            for (table,) in found:
                if table not in ignored:
                    rows = connection.execute(f'SELECT md5(t::text) FROM "{table}" t ORDER BY 1').fetchall()
                    digest.update(f"{table} {rows}".encode())
        return digest.hexdigest()

    def fill(self, institution: str, mark: str, *, more: int = 0) -> None:
        """One record of every model in ``institution``, one archived, a child where records form trees, files; and
        ``more``.
        """
        from app.access.acting import acting_as_system
        from app.database.base import models
        from app.database.session import db
        from app.records.attachment import attach
        from app.registry.enablement import enable_with_dependencies, registry
        from app.views.model_view import views

        with self.app.app_context(), acting_as_system(institution, "records for tests") as scope:
            session = db.session()
            for name in set(registry().manifests) - {"kendal", "unair", "polibatam"}:
                enable_with_dependencies(session, scope.institution_id, name)
            _allow_everything(session, scope.institution_id)
            user_id = session.scalar(select(User.id).where(User.username == f"{institution}.admin"))
            maker = Maker(session, mark, user_id)
            mine = {key: maker.one(key).id for key in views}
            maker.one("procedures.KeptRecord")  # without screens of its own; the page of a case lists it
            self.ids[institution] = mine | _mail_and_its_job(session, mark) | _logo(session)
            self.children[institution] = {
                key: maker.new(key, **{name: mine[key]}).id for key in views if (name := _tree_link(models[key]))
            }
            for key in views:
                _change_a_text(maker.made[key], mark)
            self.archived[institution] = {key: maker.new(key, active=False).id for key in views}
            self.files[institution], self.planned[institution] = {}, {}
            for key, view in views.items():
                self.planned[institution][key] = _something_planned(session, maker.made[key], mark, user_id)
                if view.attachments:
                    file = attach(session, maker.made[key], f"{mark} file.pdf", io.BytesIO(PDF))
                    self.files[institution][key] = file.id
                for _turn in range(more):
                    maker.new(key)
            session.commit()

    def make(self, institution: str, key: str, **given: Any) -> int:
        """One more record of ``key``, below all rules, with links to the marked records."""
        from app.access.acting import acting_as_system
        from app.database.base import models
        from app.database.session import db

        with self.app.app_context(), acting_as_system(institution, "a record for a test"):
            session = db.session()
            user_id = session.scalar(select(User.id).where(User.username == f"{institution}.admin"))
            maker = Maker(session, KENDAL_MARK if institution == "kendal" else UNAIR_MARK, user_id)
            maker.count = session.scalar(select(func.max(models[key].id))) + 1000
            maker.made = {known: session.get(models[known], pk) for known, pk in self.ids[institution].items()}
            record_id = int(maker.new(key, **given).id)
            session.commit()
        return record_id

    def newcomer(self, username: str, institution: str, *roles: str) -> Browserish:
        """A new person of ``institution`` with ``roles`` besides being a member, signed in."""
        from app.access.acting import acting_as_system
        from app.database.session import db
        from app.records.people import load_user

        with self.app.app_context(), acting_as_system(institution, "a person for a test"):
            values = {"username": username, "first_name": "Orang", "last_name": "Baru", "roles": roles}
            load_user(db.session(), "", values, lambda _name: 0)
            db.session.commit()
        return self.person(username)

    def value(self, institution: str, statement: Any) -> Any:
        """The first column of the first row of ``statement``, read in ``institution``."""
        from app.access.acting import acting_as_system
        from app.database.session import db

        with self.app.app_context(), acting_as_system(institution, "look at what a test did"):
            return db.session.scalar(statement)

    def column(self, institution: str, key: str, name: str, record_id: int | None = None) -> Any:
        """One stored value of a record, by default the marked one."""
        from app.database.base import models

        model = models[key]
        return self.value(
            institution, select(getattr(model, name)).where(model.id == (record_id or self.ids[institution][key]))
        )


def _allow_everything(session: Any, institution_id: int) -> None:
    """Give the administrator every operation on every model: a refusal must then come from the institution's wall."""
    from app.access.access import shipped_rights
    from app.access.access_override import AccessOverride
    from app.access.second_factor_role import SecondFactorRole
    from app.registry.loader import operations_of
    from app.views.model_view import views

    role = "kernel.administrator"
    shipped = shipped_rights(role)
    for key in views:
        for operation in operations_of(key):
            if (key, operation) not in shipped:
                session.add(
                    AccessOverride(
                        institution_id=institution_id, role=role, model=key, operation=operation, allowed=True
                    )
                )
    session.add(SecondFactorRole(institution_id=institution_id, role="dummy.nobody"))
    session.flush()


def _mail_and_its_job(session: Any, mark: str) -> dict[str, int]:
    """What the administrator's pages of mail and jobs show of an institution."""
    from app.jobs.job_run import JobRun
    from app.mail.outbox import send_mail

    mail = send_mail(session, to="penerima@contoh.test", subject=f"{mark} mail", body=f"{mark} text")
    run = JobRun(name="kernel.send_mail", state="failed", error=f"{mark} error", arguments={"mail_id": mail.id})
    session.add(run)
    session.flush()
    return {"kernel.OutgoingMail": mail.id, "kernel.JobRun": run.id}


def _change_a_text(record: Any, mark: str) -> None:
    """Give the record a history with the mark in it, where it has a text of its own."""
    for attribute in type(record).__mapper__.column_attrs:
        value = getattr(record, attribute.key)
        if isinstance(value, str) and value.startswith(mark) and attribute.key not in {"key", "start_key", "edition"}:
            setattr(record, attribute.key, value.replace(" ", "-"))


def _tree_link(model: Any) -> str | None:
    for column in model.__table__.columns:
        if any(key.column.table is model.__table__ for key in column.foreign_keys):
            return str(column.name)
    return None


def renew(application: Flask, postgres: TestServer) -> None:
    """Put a fresh copy of the demo behind the application."""
    from app.access import cache
    from app.database.session import db

    with application.app_context():
        db.session.remove()
        db.engine.dispose()
    addresses = postgres.copy(DATABASE)
    owner = make_url(addresses.owner).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(owner) as connection:
        # One round instead of many thousands: hundreds of sign-ins cost a tenth of a second each otherwise.
        connection.execute(
            "UPDATE ab_user SET password = %s", [generate_password_hash(DEMO_PASSWORD, "pbkdf2:sha256:1")]
        )
    cache.forget()


@pytest.fixture(scope="module")
def empty_world(application: Flask, postgres: TestServer) -> Iterator[World]:
    """The demo, shared by the tests of a module. A module that uses it asks for none of the fixtures made on
    ``app``.
    """
    from app.database.session import db

    renew(application, postgres)
    yield World(application, postgres)
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def world(empty_world: World) -> World:
    """Kendal and Unair with one marked record of every model each."""
    empty_world.fill("kendal", KENDAL_MARK)
    empty_world.fill("unair", UNAIR_MARK)
    return empty_world


_tokens: WeakKeyDictionary[Browserish, str] = WeakKeyDictionary()


def token_of(person: Browserish) -> str:
    """A CSRF token of the person's session, which lasts as long as the session does: asked for once."""
    if person not in _tokens:
        _tokens[person] = person.hidden("/kernel/my-jobs/").get("csrf_token", "")
    return _tokens[person]


def today() -> date:
    """The date it is now in the demo's institutions."""
    return clock.today("Asia/Jakarta")


def moment(day: date, hour: int) -> str:
    """What a form sends for a moment."""
    return f"{day.isoformat()}T{hour:02}:00"
