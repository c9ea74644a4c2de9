"""What every addon must keep, as tests that an addon gets with two lines, inside this repository or outside.

from app.testing.addon_tests import addon_tests
TestAddon = addon_tests("library")
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.access import shipped_rights
from app.access.acting import acting_as_system
from app.access.rows import RECORD_OPERATIONS
from app.cli.i18n import LANGUAGE, updated, written
from app.database.base import models
from app.database.scope import across_institutions
from app.database.session import db
from app.records.actions import declared_actions
from app.records.data_entries import read_entries
from app.records.external_id import ExternalId
from app.registry.enablement import disable, registry
from app.registry.graph import dependents
from app.registry.hooks import hooks
from app.registry.loader import operations_of
from app.registry.manifest import Manifest
from app.settings.declared import settings_of
from app.testing import catalogue_rules
from app.testing.addon_rules import LONGEST_DECLARATION, declaration_lines, sources_of, unknown_icons, violations
from app.testing.addon_world import AddonWorld, addon_world_of
from app.testing.alone import alone
from app.testing.databases import TestServer
from app.testing.schema_rules import schema_problems
from app.testing.wall_rules import wall_problems

__all__ = ["AddonTests", "AddonWorld", "addon_tests", "addon_world_of", "addons_alone"]


@pytest.fixture(scope="session")
def addons_alone(request: pytest.FixtureRequest, application: Flask, postgres: TestServer) -> dict[str, str]:
    """What was wrong with each addon under test when it was tried alone; all of them in one go."""
    classes = [getattr(item, "cls", None) for item in request.session.items]
    names = {cls.addon for cls in classes if cls is not None and issubclass(cls, AddonTests)}
    return alone(postgres, sorted(names))


class AddonTests:
    """The tests of the addon called ``addon``."""

    addon: ClassVar[str] = ""

    @pytest.fixture
    def manifest(self, application: Flask) -> Manifest:
        """What the addon says of itself."""
        return registry().manifests[self.addon]

    @pytest.fixture
    def world(self, app: Flask) -> AddonWorld:
        """An institution that has the addon enabled."""
        return addon_world_of(app, self.addon)

    @property
    def views(self) -> dict[str, Any]:
        """The screens of the addon's models."""
        from app.views.model_view import views

        return {key: view for key, view in views.items() if key.split(".")[0] == self.addon}

    # Its files ----------------------------------------------------------------------------------------------

    def test_its_manifest_tells_a_title_a_summary_and_a_version_and_names_files_that_exist(
        self, manifest: Manifest
    ) -> None:
        assert manifest.title
        assert manifest.summary
        assert re.fullmatch(r"\d+\.\d+\.\d+", manifest.version)
        for name in (*manifest.data, *manifest.institution_data, *manifest.demo):
            assert read_entries(manifest, name) is not None

    def test_a_readme_tells_what_it_is_for(self, manifest: Manifest) -> None:
        assert len((manifest.folder / "README.md").read_text(encoding="utf-8")) > 200

    def test_its_readme_names_every_role_operation_setting_and_hook_of_its_own(self, manifest: Manifest) -> None:
        told = re.findall(r"`([^`]*)`", (manifest.folder / "README.md").read_text(encoding="utf-8"))
        words = {word for part in told for word in re.findall(r"[a-z0-9_.]+", part)}
        wanted = {role.code for role in registry().roles if role.addon == self.addon}
        wanted |= {operation for key in self._models() for operation in operations_of(key)} - set(RECORD_OPERATIONS)
        wanted -= {action.name for _key, action in declared_actions()}
        wanted |= {action.name for _key, action in declared_actions() if action.addon == self.addon}
        wanted |= {item.name for item in settings_of(self.addon)}
        wanted |= {name for name in hooks if name.split(".")[0] == self.addon}
        missing = [name for name in sorted(wanted) if not {name, name.removeprefix(f"{self.addon}.")} & words]
        assert not missing, f"README.md does not name in backticks: {', '.join(missing)}"

    def test_it_keeps_to_what_the_kernel_offers(self, manifest: Manifest) -> None:
        wrong = {path.name: violations(path.read_text(encoding="utf-8")) for path in sources_of(manifest.folder)}
        assert {name: words for name, words in wrong.items() if words} == {}

    def test_every_icon_that_it_names_can_be_drawn(self, manifest: Manifest) -> None:
        assert unknown_icons(manifest.folder) == set(), "app/static/icons.txt does not have them"

    def test_no_screen_takes_more_than_25_lines_of_declaration(self, manifest: Manifest) -> None:
        lines = [item for path in manifest.folder.glob("views/*.py") for item in declaration_lines(path).items()]
        assert [item for item in lines if item[1] > LONGEST_DECLARATION] == []

    def test_every_text_has_an_indonesian_translation(self, manifest: Manifest, tmp_path: Path) -> None:
        path = manifest.folder / "translations" / LANGUAGE / "LC_MESSAGES" / "messages.po"
        assert catalogue_rules.out_of_step(manifest.folder, path) == [], "run: run.py i18n update"
        missing = catalogue_rules.without_translation(path)
        assert not missing, f"without a translation: {'; '.join(map(str, missing))}"
        assert catalogue_rules.lost_placeholders(path) == []
        assert catalogue_rules.odd_shapes(path) == []
        assert catalogue_rules.in_one_word(path) == []
        assert catalogue_rules.catalogue(path).num_plurals == 1
        again = tmp_path / "messages.po"
        again.write_bytes(written(updated(manifest.folder, path)))
        assert written(updated(manifest.folder, again)) == again.read_bytes(), "run: run.py i18n update"

    # Its models ---------------------------------------------------------------------------------------------

    def test_its_tables_keep_the_promises_of_the_kernel(self, manifest: Manifest) -> None:
        problems = [line for key in self._models() for line in schema_problems(key, models[key])]
        assert problems == []

    def test_postgresql_itself_keeps_institutions_apart_in_its_tables(self, app: Flask) -> None:
        tables = [models[key].__table__ for key in self._models()]
        with app.app_context(), db.engine.connect() as connection:
            assert [line for table in tables for line in wall_problems(connection, table)] == []

    def test_every_model_with_screens_has_a_title_a_display_and_rights(self, manifest: Manifest) -> None:
        granted = {row.model for row in registry().access_rows if row.role and "read" in row.operations}
        for key in self.views:
            model = models[key]
            assert model.__title__, key
            assert model.__plural__, key
            assert hasattr(model, model.__display__), key
            assert key in granted, f"{key}: no row of security/access.csv lets anybody read it"

    def test_every_column_on_a_screen_has_a_label(self, manifest: Manifest) -> None:
        from app.views.fields import field_of

        for key, view in self.views.items():
            for name in (*view.form_columns, *view.list_columns, *(view.show_columns or ())):
                assert str(field_of(models[key], name).label), f"{key}.{name}"

    def _models(self) -> list[str]:
        return [key for key in models if key.split(".")[0] == self.addon]

    # Alone and with others ----------------------------------------------------------------------------------

    def test_with_nothing_but_its_dependencies_it_migrates_syncs_shows_its_screens_and_leaves(
        self, addons_alone: dict[str, str]
    ) -> None:
        assert addons_alone[self.addon] == ""

    def test_enabling_it_again_changes_nothing(self, world: AddonWorld) -> None:
        def count() -> int:
            statement = select(func.count()).select_from(ExternalId).where(ExternalId.addon == self.addon)
            with world.app.app_context(), across_institutions(db.session(), "what an addon loaded") as reader:
                return reader.scalar(statement) or 0

        before = count()
        addon_world_of(world.app, self.addon)
        assert count() == before

    def test_its_screens_answer_each_role_as_the_rows_of_access_csv_say(self, world: AddonWorld) -> None:
        wrong = []
        for role in ("kernel.administrator", *(item.code for item in registry().roles if item.addon == self.addon)):
            rights, person = {**shipped_rights("kernel.member"), **shipped_rights(role)}, world.person(role)
            for key, view in self.views.items():
                for path, status in expected_answers(key, view, rights).items():
                    answer = person.get(path).status_code
                    if answer != status:
                        wrong.append(f"{role}: {path} answers {answer} instead of {status}")
        assert wrong == []

    def test_where_it_is_off_its_screens_and_resources_do_not_exist(self, world: AddonWorld) -> None:
        if not self.views:
            pytest.skip("it has no screens of its own")  # institution addons bring data only
        person = world.person("kernel.administrator")
        leaving = {self.addon} | dependents(registry().manifests, self.addon)
        with world.app.app_context():
            with acting_as_system(world.institution, "an addon leaves its institution") as scope:
                for name in reversed(registry().manifests):
                    if name in leaving:
                        disable(db.session(), scope.institution_id, name)
            db.session.commit()
        for key, view in self.views.items():
            for path in expected_answers(key, view, {}):
                assert person.get(path).status_code == 404, path


def expected_answers(key: str, view: Any, rights: dict[tuple[str, str], Any]) -> dict[str, int]:
    """The addresses of a screen without a record, and how each answers somebody with ``rights``."""
    read = 200 if (key, "read") in rights else 403
    add = 403 if (key, "create") not in rights else 200 if view.may_add else 404
    expected = {f"{view.route_base}/": read, f"{view.route_base}/add": add}
    return expected | ({f"/api/v1/{view.resource}/": read} if view.resource else {})


def addon_tests(name: str) -> type[AddonTests]:
    """The tests of the addon ``name``, as a class that pytest collects under the name it is given."""
    return type(f"TestAddon{name.title().replace('_', '')}", (AddonTests,), {"addon": name})
