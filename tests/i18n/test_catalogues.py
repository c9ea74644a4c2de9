"""The Indonesian catalogues themselves: complete, in step with the code, and free of slips that a reader would meet."""

from __future__ import annotations

import ast
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po
from flask import Flask

from app.cli.i18n import (
    LANGUAGE,
    ROOT,
    catalogues,
    compile_catalogue,
    compile_catalogues,
    extract,
    repeated,
    updated,
    written,
)
from app.i18n.catalogues import translation_folders
from app.testing.catalogue_rules import (
    catalogue,
    in_one_word,
    keys,
    lost_placeholders,
    odd_shapes,
    out_of_step,
    texts,
    without_translation,
)

OURS = {
    folder.name: (folder, target / LANGUAGE / "LC_MESSAGES" / "messages.po") for folder, target in catalogues()
}  # fmt: skip
FOREIGN = {
    "flask_appbuilder": ROOT / "translations/flask_appbuilder/id/LC_MESSAGES/messages.po",
    "wtforms": ROOT / "translations/wtforms/id/LC_MESSAGES/wtforms.po",
}
KERNEL = {"app": OURS["app"]}
EVERY = {"app": OURS["app"][1]} | FOREIGN
"""What belongs to no addon: every addon's own tests look at its catalogue."""


@pytest.mark.parametrize("name", EVERY)
def test_every_text_is_translated_and_none_is_in_doubt(name: str) -> None:
    assert without_translation(EVERY[name]) == []


def test_a_case_alone_is_called_berkas() -> None:
    """The kernel knows no cases: what hangs on a record is a "dokumen", what is downloaded or read in a "file"."""
    assert [told for _text, told in texts(EVERY["app"]) if "berkas" in told.lower()] == []


@pytest.mark.parametrize("name", EVERY)
def test_translations_keep_the_placeholders(name: str) -> None:
    assert lost_placeholders(EVERY[name]) == []


@pytest.mark.parametrize("name", KERNEL)
def test_update_finds_nothing_new_and_nothing_gone(name: str) -> None:
    assert out_of_step(*OURS[name]) == [], "run: run.py i18n update"


@pytest.mark.parametrize("name", KERNEL)
def test_a_second_update_changes_nothing(name: str, tmp_path: Path) -> None:
    folder, path = OURS[name]
    again = tmp_path / "messages.po"
    again.write_bytes(written(updated(folder, path)))
    assert written(updated(folder, again)) == again.read_bytes()


def test_a_text_has_one_translation_wherever_it_stands() -> None:
    # All catalogues are merged into one, so a second translation would silently replace the first one elsewhere.
    found = defaultdict(set)
    for _folder, path in OURS.values():
        for text, told in texts(path):
            found[text].add(told)
    assert {text: told for text, told in found.items() if len(told) > 1} == {}


@pytest.mark.parametrize("name", KERNEL)
def test_sentences_end_as_they_do_in_english_and_carry_no_stray_spaces(name: str) -> None:
    assert odd_shapes(OURS[name][1]) == []


@pytest.mark.parametrize("name", EVERY)
def test_kerja_sama_is_written_in_two_words(name: str) -> None:
    assert in_one_word(EVERY[name]) == []


@pytest.mark.parametrize("name", EVERY)
def test_all_catalogues_agree_on_the_one_form_of_indonesian_nouns(name: str) -> None:
    # The plural rule of the catalogue that is merged last holds for all.
    assert catalogue(EVERY[name]).num_plurals == 1


def test_flask_appbuilders_catalogue_has_what_flask_appbuilder_translates_itself() -> None:
    with (_package("flask_appbuilder") / "translations/de/LC_MESSAGES/messages.po").open("rb") as file:
        assert keys(read_po(file)) - keys(catalogue(FOREIGN["flask_appbuilder"])) == set()


def test_wtforms_catalogue_has_every_text_of_wtforms() -> None:
    with (_package("wtforms") / "locale/wtforms.pot").open("rb") as file:
        assert keys(read_po(file)) - keys(catalogue(FOREIGN["wtforms"])) == set()


def test_ours_wins_over_flask_appbuilders_and_an_addon_over_the_kernel(application: Flask) -> None:
    from app.registry.enablement import registry

    compile_catalogues()  # a folder without a compiled catalogue stays out
    folders = [Path(folder) for folder in translation_folders(registry().manifests.values())]
    assert folders[:2] == [ROOT / "translations/flask_appbuilder", ROOT / "translations"]
    assert {folder.parent.name for folder in folders[2:]} == set(OURS) - {"app"}


def test_extraction_finds_texts_of_code_templates_manifest_and_roles(tmp_path: Path) -> None:
    files = {
        "models/a.py": 'A = _l("In code, "\n  "in two parts.")\nB = ngettext("%(num)d day", "%(num)d days", 2)\n',
        "templates/a/page.html": '{{ _("In a template") }}{{ ui.card(_("In a call")) }}',
        "templates/a/parts/more.html": "<p title=\"{{ gettext('In an attribute') }}\">",
        "__manifest__.py": '{"name": "a", "title": "Its title", "summary": "Its summary"}',
        "security/roles.csv": "id,title\nboss,The boss\n",
        "tests/test_a.py": '_("Not this one")\n',
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert {key for _context, key in keys(extract(tmp_path))} == {
        "In code, in two parts.", ("%(num)d day", "%(num)d days"), "In a template", "In a call", "In an attribute",
        "Its title", "Its summary", "The boss",
    }  # fmt: skip


def test_a_text_with_two_entries_is_refused_before_one_is_lost(tmp_path: Path) -> None:
    twice = tmp_path / "messages.po"
    twice.write_text('msgid "Hamlet"\nmsgstr ""\n\nmsgctxt "x"\nmsgid "Hamlet"\nmsgstr "B"\n', encoding="utf-8")
    assert catalogue(twice)["Hamlet"] is not None
    assert repeated(twice.read_text(encoding="utf-8")) == []
    with twice.open("a", encoding="utf-8") as file:
        file.write('\nmsgid "Hamlet"\nmsgstr "Dusun"\n')
    with pytest.raises(click.ClickException, match='"Hamlet" stands there twice'):
        compile_catalogue(twice)
    assert not twice.with_suffix(".mo").exists()


def test_no_text_is_put_together_before_it_is_translated() -> None:
    """``_(f"...")`` and ``_("a" + name)`` look up what no catalogue can know."""
    wrong = []
    for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "addons").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "_l", "gettext", "lazy_gettext"}:
                first = node.args[0] if node.args else None
                if isinstance(first, (ast.JoinedStr, ast.BinOp)):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert wrong == []


def _package(name: str) -> Path:
    found = find_spec(name)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent
