"""docs/addons.md names whatever an author can use: a new hook, command, setting or public name must be told there."""

from __future__ import annotations

import re
from dataclasses import fields
from inspect import signature

import click
import pytest
from flask import Flask

import app.addon
from app.cli import main
from app.database.columns import column
from app.records.transitions import Transition
from app.registry.hooks import hooks
from app.registry.manifest import Manifest
from app.testing.forked import ROOT
from app.views.screen import Screen

GUIDE = (ROOT / "docs" / "addons.md").read_text(encoding="utf-8")
CODE = re.findall(r"^```\w*\n(.*?)^```$|`([^`]+)`", GUIDE, re.MULTILINE | re.DOTALL)
WORDS = set(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", " ".join(block or span for block, span in CODE)))
"""The words that stand as code: "label" in a sentence tells nobody of a parameter."""
HOOKS = re.compile(r"<!-- hooks.*?-->\n(.*?)\n<!-- end of hooks -->", re.DOTALL)


def commands() -> list[str]:
    """Every command with its group: ``addons list``."""
    found = []
    for name in main.list_commands(click.Context(main)):
        command = main.get_command(click.Context(main), name)
        assert command is not None
        found += [f"{name} {item}" for item in command.commands] if isinstance(command, click.Group) else [name]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_told(command: str) -> None:
    assert re.search(rf"`{command}( [^`]*)?`", GUIDE), command


def test_every_public_name_of_app_addon_is_told() -> None:
    assert sorted(set(app.addon.__all__) - WORDS) == []


def test_every_hook_is_told_with_its_paragraph(application: Flask) -> None:
    section = HOOKS.search(GUIDE)
    assert section
    ours = [hook for hook in sorted(hooks.values(), key=lambda hook: hook.name) if not hook.name.startswith("dummy.")]
    wanted = "\n".join(f"**`{hook.name}`** — {hook.purpose}\n" for hook in ours).rstrip()
    assert section[1] == wanted, "put the output of `python run.py addons hooks` there"


def test_every_setting_of_manifests_transitions_columns_and_screens_is_told() -> None:
    settings = {field.name for field in fields(Manifest)} - {"name", "folder"}
    settings |= {field.name for field in fields(Transition)}
    settings |= set(signature(column).parameters) - {"type_", "options"}
    settings |= set(vars(Screen)["__annotations__"])
    assert len(settings) > 40
    assert sorted(settings - WORDS) == []


def test_every_operation_and_setting_of_the_kernel_is_told(application: Flask) -> None:
    from app.access.rows import RECORD_OPERATIONS
    from app.database.base import models
    from app.registry.loader import operations_of
    from app.settings.declared import settings_of

    keys = [key for key in models if key.startswith("kernel.")]
    named = {operation for key in keys for operation in operations_of(key)} - set(RECORD_OPERATIONS)
    named |= {item.name for item in settings_of("kernel")}
    assert sorted(name for name in named if name.split(".")[0] not in {"read", "write"} and name not in WORDS) == []


def test_the_test_would_see_what_is_missing() -> None:
    assert "an_invented_name" not in WORDS
    assert not re.search(r"`addons invented( [^`]*)?`", GUIDE)


def test_its_python_can_be_read() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 6
    for block in blocks:
        compile(block, "docs/addons.md", "exec")
