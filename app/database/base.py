"""The base of every model: composition of extensions, table names, constraints, and the mixins a record needs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar

from flask_appbuilder.models.sqla import Model as AppBuilderModel
from sqlalchemy import DateTime, ForeignKey, func, inspect
from sqlalchemy.orm import DeclarativeMeta, Mapped, declared_attr, mapped_column
from sqlalchemy.schema import SchemaItem

from app import clock
from app.registry.extensions import addon_of, extension_bases, model_key

# Set before FAB's security models are imported, so that their constraints are named by it too.
AppBuilderModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ConstraintMaker = Callable[[Any], SchemaItem]

models: dict[str, type[Model]] = {}
"""Every mapped model by its key, such as ``rooms.Booking``."""


class ModelMeta(DeclarativeMeta):
    """Puts the extensions of a model among its bases at creation, so that no class is altered afterwards."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        """Compose and name the model; abstract classes pass unchanged."""
        if namespace.get("__abstract__"):
            return super().__new__(mcs, name, bases, namespace, **options)
        key = model_key(namespace["__module__"], name)
        namespace["__model_key__"] = key
        mixins = extension_bases(key, namespace["__module__"], namespace, bases)
        created: Any = super().__new__(mcs, name, (*mixins, *bases), namespace, **options)
        models[key] = created
        return created


def snake_case(name: str) -> str:
    """``RoomBooking`` → ``room_booking``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class Model(AppBuilderModel, metaclass=ModelMeta):
    """A mapped class with an ``id``. Tables are called ``<addon>_<model>``; the kernel's have no prefix."""

    __abstract__ = True
    __model_key__: ClassVar[str]
    __title__: ClassVar[Any] = None
    __plural__: ClassVar[Any] = None
    __display__: ClassVar[str] = "name"
    __constraints__: ClassVar[tuple[ConstraintMaker, ...]] = ()
    __affects_access__: ClassVar[bool] = False
    __not_institution_owned__: ClassVar[str] = ""
    __reads__: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Property → the columns it is made of (``"agreement.number"``: of a linked record): hidden with them."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-10)

    @declared_attr.directive
    def __tablename__(cls) -> str:
        """The table's name, from the addon and the class name."""
        addon = addon_of(cls.__module__)
        return f"{addon}_{snake_case(cls.__name__)}" if addon else snake_case(cls.__name__)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        """Constraints of the class, its mixins and its extensions together: SQLAlchemy itself would keep only one
        list.
        """
        makers = [maker for base in reversed(cls.__mro__) for maker in base.__dict__.get("__constraints__", ())]
        # FAB's base sets extend_existing, under which two addons with one table name would silently share it.
        return (*(maker(cls) for maker in makers), {"extend_existing": False})

    def __str__(self) -> str:
        return str(getattr(self, self.__display__, None) or f"#{self.id}")

    __repr__ = __str__

    def keeps_personal(self) -> Any:
        """Why the personal data of this record stay even when their erasure is asked for, such as an official archive;
        None when they may go.
        """
        return None

    @property
    def is_stored(self) -> bool:
        """Whether the row exists in the database."""
        return bool(inspect(self).persistent)


class InstitutionOwned:
    """Rows belong to one institution; the session guard filters and checks every access by it."""

    @declared_attr
    def institution_id(cls) -> Mapped[int]:
        """The owning institution; its former value is always known, so that no row is moved unseen."""
        return mapped_column(
            ForeignKey("institution.id", ondelete="RESTRICT"),
            nullable=False,
            index=True,
            sort_order=-9,
            active_history=True,
        )


class Archivable:
    """Rows are archived, not deleted; names are unique among the active ones, official numbers among all."""

    active: Mapped[bool] = mapped_column(default=True, server_default="true", nullable=False, sort_order=90)


class Versioned:
    """Optimistic lock: a save over somebody else's newer save is refused."""

    version: Mapped[int] = mapped_column(default=1, server_default="1", nullable=False, sort_order=91)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """Let SQLAlchemy compare and count the version on every update."""
        return {"version_id_col": cls.version}


class Audited:
    """Who created and last changed the row, and when (UTC). Filled by the session; None is the system."""

    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=clock.now, server_default=func.now(), nullable=False, sort_order=92
    )
    changed_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), default=clock.now, server_default=func.now(), nullable=False, sort_order=94
    )

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        """The user who created the row."""
        return mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"), index=True, sort_order=93)

    @declared_attr
    def changed_by_id(cls) -> Mapped[int | None]:
        """The user who changed the row last."""
        return mapped_column(ForeignKey("ab_user.id", ondelete="SET NULL"), index=True, sort_order=95)


class Record(InstitutionOwned, Archivable, Versioned, Audited, Model):
    """What an addon's model ordinarily is: owned by an institution, archived instead of deleted, versioned, audited."""

    __abstract__ = True
