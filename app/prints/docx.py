"""DOCX through docxtpl, with a fixed flat list of fields: a template may name them and can do nothing else."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.errors import Invalid
from app.i18n import lazy_gettext as _l
from app.prints.printed import DOCX, Printed, plain_text, template_path

_MARK = re.compile(r"\{\{.*?(?:\}\}|$)|\{%.*?(?:%\}|$)|\{#.*?(?:#\}|$)", re.DOTALL)
_FIELD = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_TAG = re.compile(r"<[^>]*>")


def render_docx(template: str, fields: Mapping[str, str], name: str) -> Printed:
    """The DOCX of ``reports/<report>.docx`` (``template`` is ``addon.report``) with ``fields`` filled in.

    Raises `Invalid` when the template asks for anything but the names of ``fields``.
    """
    return Printed(fill_docx(template_path(template, "docx"), fields), DOCX, name)


def fill_docx(path: Path, fields: Mapping[str, str]) -> bytes:
    """The bytes of the template at ``path`` with ``fields`` filled in; the template is checked before anything runs."""
    from docxtpl import DocxTemplate  # late: it is heavy, and few requests print

    document = DocxTemplate(path)
    check_docx(path, fields)
    environment = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    document.render({key: plain_text(value) for key, value in fields.items()}, environment, autoescape=True)
    target = BytesIO()
    document.save(target)
    return target.getvalue()


def check_docx(path: Path, fields: Collection[str]) -> None:
    """Refuse a template that holds anything but ``{{ field }}`` with one of ``fields``. Raises `Invalid`."""
    for mark in _marks(path):
        match = _FIELD.fullmatch(mark)
        if match is None or match[1] not in fields:
            raise Invalid(
                _l("The template holds “%(field)s”, which is none of its fields.", field=mark[:60]),
                code="template_field",
            )


def _marks(path: Path) -> Iterator[str]:
    """Everything in any part of the file that the template language might take for its own."""
    from docxtpl import DocxTemplate

    reader: Any = DocxTemplate(path)
    with zipfile.ZipFile(path) as archive:
        for part in archive.namelist():
            if not part.endswith((".xml", ".rels")):
                continue
            source = archive.read(part).decode("utf-8", errors="replace")
            # Word cuts texts into runs, so a mark is looked for as it stands, as docxtpl joins it, and without any tag.
            for text in (source, reader.patch_xml(source), _TAG.sub("", source)):
                yield from (_TAG.sub("", mark) for mark in _MARK.findall(text))
