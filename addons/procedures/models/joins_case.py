"""What lets records of other addons join a case."""

from typing import Any

from sqlalchemy.orm import Mapped, declared_attr, relationship

from addons.procedures.models.case import Case
from app.addon import current_scope, db, enabled_addons, models, reference
from app.addon import lazy_gettext as _l


class JoinsCase:
    """Mixed into a model, its records can belong to a case and be the output of a step. The case page finds them
    by it.
    """

    __outlives_case__: tuple[str, ...] = ()
    """The states in which a record still changes after its case was closed: an agreement goes on until it ends."""
    __steps_after_case__: tuple[str, ...] = ()
    """The transitions that remain possible then: what was given as work is finished."""
    __void_states__: tuple[str, ...] = ()
    """The states in which a record stands for nothing any more, such as cancelled: it does not count as kept."""

    @declared_attr
    def case_id(cls) -> Mapped[int | None]:
        """The case the record belongs to."""
        return reference("procedures_case.id", label=_l("Case"), nullable=True)

    @declared_attr
    def case(cls) -> Mapped[Case | None]:
        """The case the record belongs to."""
        return relationship(Case, foreign_keys=[cls.case_id])  # type: ignore[list-item]  # resolved by the mapper


def joining_models() -> dict[str, Any]:
    """The models whose records can join a case, by key: the kinds of output a step can ask for."""
    return {key: model for key, model in models.items() if issubclass(model, JoinsCase)}


def joining_models_here() -> dict[str, Any]:
    """Those of the addons that the institution uses: what people choose from."""
    scope = current_scope(db.session())
    enabled = enabled_addons(scope.institution_id) if scope else frozenset()
    return {key: model for key, model in joining_models().items() if key.partition(".")[0] in enabled}
