"""The roles that a position of the active institution may carry, as the choices of a column."""

from collections.abc import Iterator, Mapping

from app.addon import current_scope, db, role_choices


class RoleTitles(Mapping[str, str]):
    """Role code → title, read anew at each use: roles depend on the addons that the institution has enabled."""

    def __getitem__(self, code: str) -> str:
        return self._titles()[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._titles())

    def __len__(self) -> int:
        return len(self._titles())

    def __bool__(self) -> bool:
        # Asked at start-up too, when there is no institution whose roles could be counted.
        return True

    def _titles(self) -> dict[str, str]:
        scope = current_scope(db.session())
        return role_choices(scope.institution_id if scope else None)
