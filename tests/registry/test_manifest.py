"""What a manifest may say, and the one sentence for whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import AddonError
from app.registry.manifest import read_manifest


def written(parent: Path, text: str | bytes, name: str = "sample") -> Path:
    """The folder of an addon with this manifest."""
    folder = parent / name
    folder.mkdir()
    (folder / "__manifest__.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_a_manifest_is_read_with_its_defaults(tmp_path: Path) -> None:
    manifest = read_manifest(written(tmp_path, '{"title": "Sample", "depends": ["partners"], "application": True}'))
    assert (manifest.name, manifest.title, manifest.depends) == ("sample", "Sample", ("partners",))
    assert manifest.application
    assert manifest.installable
    assert manifest.data == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"title": "Sample", "depend": []}', "sample: unknown manifest key 'depend'."),
        ('{"title": "Sample", "name": "other"}', "sample: unknown manifest key 'name'."),
        ('{"title": "Sample", 3: []}', "sample: unknown manifest key '3'."),
        ("{}", "sample: the manifest needs a title."),
        ('{"title": ""}', "sample: the manifest needs a title."),
        ('{"title": ["Sample"]}', "sample: the manifest needs a title."),
        ('{"title": "Sample", "depends": "partners"}', "sample: manifest key 'depends' must be a list of strings."),
        ('{"title": "Sample", "data": [1]}', "sample: manifest key 'data' must be a list of strings."),
        ('{"title": "Sample", "application": "yes"}', "sample: manifest key 'application' must be a yes or no."),
        ('{"title": "Sample", "application": 1}', "sample: manifest key 'application' must be a yes or no."),
        ('{"title": "Sample", "summary": None}', "sample: manifest key 'summary' must be a string."),
        ('{"title": "Sample", "version": True}', "sample: manifest key 'version' must be a string."),
        ('{"title": "Sample", "version": 1.0}', "sample: manifest key 'version' must be a string."),
        ("dict(title='Sample')", "sample: __manifest__.py must hold one literal dict and nothing else."),
        (
            '{"title": open("/etc/passwd").read()}',
            "sample: __manifest__.py must hold one literal dict and nothing else.",
        ),
        ('import os\n{"title": "S"}', "sample: __manifest__.py must hold one literal dict and nothing else."),
        ('["title"]', "sample: __manifest__.py must hold one literal dict and nothing else."),
        ('{"title": ', "sample: __manifest__.py must hold one literal dict and nothing else."),
        ('{{}: "title"}', "sample: __manifest__.py must hold one literal dict and nothing else."),
        (b'{"title": "\xff"}', "sample: __manifest__.py must hold one literal dict and nothing else."),
        ("", "sample: __manifest__.py must hold one literal dict and nothing else."),
    ],
)
def test_a_wrong_manifest_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(AddonError) as refusal:
        read_manifest(written(tmp_path, text))
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("name", ["Sample", "s", "9lives", "with-dash", "a" * 41, "ünder"])
def test_a_bad_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AddonError, match="2 to 40 lower-case letters, digits and underscores"):
        read_manifest(written(tmp_path, '{"title": "Sample"}', name))


def test_a_name_that_the_kernel_uses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AddonError, match="kernel: this name belongs to the kernel"):
        read_manifest(written(tmp_path, '{"title": "Sample"}', "kernel"))
