"""What a load refuses: every case is a small folder of addons, loaded in a process of its own."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from app.testing.forked import ask

THING = """
    from sqlalchemy import String
    from sqlalchemy.orm import Mapped
    from app.addon import Record, Transition, column, reference, relationship

    class Thing(Record):
        __title__ = "Thing"
        __transitions__ = (Transition("finish", "Finish", ("new",), "finished"),)
        name: Mapped[str] = column(String(20), label="Name")
        state: Mapped[str] = column(String(20), label="State", default="new")
        more_kept: Mapped[str | None] = column(String(20), label="Taken before anybody extends it")
"""
THING_VIEW = """
    from addons.base.models.thing import Thing
    from app.addon import ModelView

    class ThingView(ModelView):
        model = Thing
        resource = "thing"
        list_columns = ("name",)
        form_columns = ("name",)
        default_order = "name"
"""
ACCESS = "id,role,model,operations,scope\n"
BASE = {"models/thing.py": THING, "views/thing.py": THING_VIEW}
"""An addon with one model and one screen."""


def extension(body: str, target: str = "base.Thing", name: str = "More") -> str:
    """The source of an extension class."""
    header = "from sqlalchemy import String\nfrom sqlalchemy.orm import Mapped\nfrom app.addon import column, extends\n"
    return f'{header}\n@extends("{target}")\nclass {name}:\n' + "\n".join(f"    {line}" for line in body.splitlines())


def text_column(name: str) -> str:
    return f'{name}: Mapped[str | None] = column(String(20), label="Text")'


def more(**files: str) -> dict[str, str]:
    """An addon that depends on ``base``; ``extension`` and ``view`` stand for their files."""
    named = {"extension": "extensions/base.py", "view": "views/base.py", "access": "security/access.csv"}
    return {"__manifest__.py": '{"title": "More", "depends": ["base"]}'} | {
        named[key]: text for key, text in files.items()
    }


CASES: dict[str, dict[str, dict[str, str]]] = {
    "nothing wrong": {"base": BASE, "more": more(extension=extension(text_column("more_code")))},
    "imports its target": {
        "base": BASE,
        "more": more(extension="import addons.base.models.thing\n" + extension(text_column("more_code"))),
    },
    "typo in target": {"base": BASE, "more": more(extension=extension(text_column("more_code"), "base.Thnig"))},
    "same column twice": {
        "base": BASE,
        "more": more(extension=extension(text_column("more_or_less"))),
        "more_or": more(extension=extension(text_column("more_or_less"))),
    },
    "redefines": {"base": BASE, "more": more(extension=extension(text_column("more_kept")))},
    "unprefixed": {"base": BASE, "more": more(extension=extension(text_column("code")))},
    "prefix of another": {"base": BASE, "more": more(extension=extension(text_column("moreover")))},
    "special method": {"base": BASE, "more": more(extension=extension('def __str__(self):\n    return "mine"'))},
    "special attribute": {"base": BASE, "more": more(extension=extension('__display__ = "more_code"'))},
    "private method": {"base": BASE, "more": more(extension=extension("def _load(self):\n    return 1"))},
    "through a parent": {
        "base": BASE,
        "more": more(extension="class Parent:\n    code = 1\n" + extension("pass").replace("More:", "More(Parent):")),
    },
    "required column": {
        "base": BASE,
        "more": more(extension=extension('more_code: Mapped[str] = column(String(9), label="x", default="y")')),
    },
    "own private name": {"base": BASE, "more": more(extension=extension("def _more_load(self):\n    return 1"))},
    "constraints": {
        "base": BASE,
        "more": more(
            extension="from app.addon import check\n" + extension('__constraints__ = (check("m", "id > 0"),)')
        ),
    },
    "server default": {
        "base": BASE,
        "more": more(extension=extension('more_code: Mapped[str] = column(String(9), label="x", server_default="y")')),
    },
    "one table for two": {
        "base": {"models/thing_part.py": THING.replace("class Thing", "class ThingPart")},
        "base_thing": {"models/part.py": THING.replace("class Thing", "class Part")},
    },
    "one class name for two": {
        "base": {
            "models/thing.py": THING
            + "        parent_id: Mapped[int | None] = reference('base_thing.id', label='Parent')\n"
            + "        parent: Mapped['Thing | None'] = relationship('Thing', remote_side='Thing.id')\n",
        },
        "more": {"models/thing.py": THING},
    },
    "broken model": {"base": {"models/thing.py": "import no_such_module"}},
    "access rows": {
        "base": BASE
        | {
            "security/roles.csv": "id,title\nkeeper,Keeper\n",
            "security/access.csv": ACCESS
            + "fine,keeper,base.Thing,read finish,kernel.own\n"
            + "no_model,keeper,base.Thnig,read,\n"
            + "no_role,kepeer,base.Thing,read,\n"
            + "no_foreign_role,kernel.kepeer,base.Thing,read,\n"
            + "no_operation,keeper,base.Thing,read raed finihs,\n"
            + "no_scope,keeper,base.Thing,read,base.nowhere\n"
            + "no_addon,keeper,absent.Thing,read,\n"
            + "nothing,keeper,base.Thing,,\n"
            + "for_all,,base.Thing,,\n",
        },
    },
    "access of an optional addon": {
        "base": BASE
        | {
            "__manifest__.py": '{"title": "Base", "extras_depends": ["absent"]}',
            "security/access.csv": ACCESS + "optional,kernel.administrator,absent.Thing,read,\n",
        },
    },
    "access columns": {"base": BASE | {"security/access.csv": "id,role,model,scope\nx,y,z,\n"}},
    "short access line": {"base": BASE | {"security/access.csv": ACCESS + "one,kernel.administrator\n"}},
    "long access line": {
        "base": BASE | {"security/access.csv": ACCESS + "one,kernel.administrator,base.Thing,read,,too much\n"}
    },
    "same access id twice": {
        "base": BASE
        | {
            "security/roles.csv": "id,title\nkeeper,Keeper\nkeeper,Keeper again\n",
            "security/access.csv": ACCESS + "one,keeper,base.Thing,read,\none,keeper,base.Thing,write,\n",
        }
    },
    "unknown hook": {"base": {"services/thing.py": 'from app.addon import on\n@on("base.nothing")\ndef act(): pass\n'}},
    "hook twice": {
        "base": {"services/thing.py": 'from app.addon import declare_hook\ndeclare_hook("kernel.record_created", "")\n'}
    },
    "scope twice": {
        "base": {"services/thing.py": 'from app.addon import scope\n@scope("kernel.own")\ndef mine(a, b): pass\n'}
    },
    "wrong screens": {
        "base": BASE | {"views/thing.py": THING_VIEW.replace('list_columns = ("name",)', 'list_columns = ("nmae",)')},
        "more": more(
            view="from app.addon import after, extend_view\n"
            'extend_view("base.Thing", after("nowhere", "more_kept"), after("name", "more_gone"))\n'
            'extend_view("base.Thnig", after("name", "more_kept"))\n'
        ),
    },
}


def write_case(parent: Path, addons: dict[str, dict[str, str]]) -> Path:
    """The folder with the addons of a case; every package gets its ``__init__``."""
    for addon, files in addons.items():
        for path, text in {"__manifest__.py": f'{{"title": "{addon}"}}', "__init__.py": "", **files}.items():
            target = parent / addon / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text if path == "__manifest__.py" else dedent(text))
            if target.parent != parent / addon:
                (target.parent / "__init__.py").touch()
    return parent


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the load of every case said."""
    wishes: dict[str, dict[str, Any]] = {
        name: {
            "folders": [str(write_case(tmp_path_factory.mktemp("case"), addons))],
            "names": sorted(addons),
            "with_app": name == "wrong screens",
        }
        for name, addons in CASES.items()
    }
    return ask(Path(__file__).with_name("load_cases.py"), wishes)


@pytest.mark.parametrize(
    "case", ["nothing wrong", "server default", "own private name", "constraints", "access of an optional addon"]
)
def test_what_is_right_loads(said: dict[str, str], case: str) -> None:
    assert said[case] == ""


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (
            "imports its target",
            "more: the extension of base.Thing is imported after base.Thing itself; it must not import its target.",
        ),
        ("typo in target", "more: extends base.Thnig, which no installed addon declares."),
        ("same column twice", "more_or: base.Thing.more_or_less is already added by more."),
        ("redefines", "more: base.Thing already has 'more_kept'; extensions add and never redefine."),
        ("unprefixed", "more: the extension of base.Thing adds 'code'; its names must start with 'more_'."),
        ("prefix of another", "more: the extension of base.Thing adds 'moreover'; its names must start with 'more_'."),
        ("special method", "more: the extension of base.Thing adds '__str__'; its names must start with 'more_'."),
        (
            "special attribute",
            "more: the extension of base.Thing adds '__display__'; its names must start with 'more_'.",
        ),
        ("private method", "more: the extension of base.Thing adds '_load'; its names must start with 'more_'."),
        ("through a parent", "more: the extension of base.Thing adds 'code'; its names must start with 'more_'."),
        ("required column", "more: base.Thing.more_code must be nullable or have a server default."),
        ("unknown hook", "addons.base.services.thing: there is no hook base.nothing."),
        ("hook twice", "The hook kernel.record_created is declared twice."),
        ("scope twice", "The scope kernel.own is declared twice."),
        (
            "access columns",
            "base: security/access.csv must have the columns id, model, operations, role, scope in line 1.",
        ),
        ("short access line", "base: line 2 of security/access.csv has not as many values as there are columns."),
        ("long access line", "base: line 2 of security/access.csv has not as many values as there are columns."),
    ],
)
def test_what_is_wrong_is_one_sentence(said: dict[str, str], case: str, sentence: str) -> None:
    assert said[case] == sentence


def test_two_addons_with_one_table_name_do_not_share_it(said: dict[str, str]) -> None:
    assert said["one table for two"].startswith("base_thing: its models cannot be imported: ")
    assert "'base_thing_part' is already defined" in said["one table for two"]


def test_two_models_with_one_class_name_that_a_link_names_are_both_named(said: dict[str, str]) -> None:
    told = "The links between models cannot be resolved: these have one class name: base.Thing, more.Thing."
    assert said["one class name for two"] == told


def test_a_model_that_cannot_be_imported_names_its_addon_its_file_and_its_line(said: dict[str, str]) -> None:
    sentence = "base: its models cannot be imported: ModuleNotFoundError: No module named 'no_such_module'"
    assert said["broken model"] == f"{sentence} (models/thing.py, line 1)"


def test_all_wrong_access_rows_are_listed_at_once(said: dict[str, str]) -> None:
    assert said["access rows"].splitlines() == [
        "base.no_model (security/access.csv, line 3): there is no model base.Thnig.",
        "base.no_role (security/access.csv, line 4): there is no role base.kepeer.",
        "base.no_foreign_role (security/access.csv, line 5): there is no role kernel.kepeer.",
        "base.no_operation (security/access.csv, line 6): base.Thing has no operation raed.",
        "base.no_operation (security/access.csv, line 6): base.Thing has no operation finihs.",
        "base.no_scope (security/access.csv, line 7): there is no scope base.nowhere.",
        "base.no_addon (security/access.csv, line 8): there is no model absent.Thing.",
        "base.nothing (security/access.csv, line 9): it names no operation.",
        "base.for_all (security/access.csv, line 10): without a role it restricts, and needs a scope.",
    ]


def test_a_role_and_an_access_row_have_their_id_once(said: dict[str, str]) -> None:
    assert said["same access id twice"].splitlines() == [
        "base.keeper (security/roles.csv, line 3): this role is declared twice.",
        "base.one (security/access.csv, line 3): this access row is declared twice.",
    ]


def test_all_wrong_screens_are_listed_at_once(said: dict[str, str]) -> None:
    sentences = said["wrong screens"].splitlines()
    assert "base.Thing has no attribute 'nmae'." in sentences
    assert "more: no screen of base.Thing has 'nowhere' to put 'more_kept' after." in sentences
    assert "more: base.Thing has no attribute 'more_gone'." in sentences
    assert "more: changes the screens of base.Thnig, which does not exist." in sentences
