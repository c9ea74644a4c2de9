"""What a print is, where its template stands, and the language of official papers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Response, send_file
from flask_babel import force_locale

from app.errors import AddonError

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
ENDINGS = {PDF: "pdf", DOCX: "docx", XLSX: "xlsx", CSV: "csv"}

_TEMPLATE = re.compile(r"(?P<addon>[a-z][a-z0-9_]*)\.(?P<report>[a-z][a-z0-9_]*)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished paper: its bytes, its kind and the name under which it is saved, without the ending."""

    content: bytes
    kind: str
    name: str

    @property
    def file_name(self) -> str:
        """``005/12/PERPUS`` → ``005-12-PERPUS.pdf``."""
        plain = unicodedata.normalize("NFC", self.name)
        safe = re.sub(r"[^\w.() -]+", "-", plain).strip(" .-")[:120] or "print"
        return f"{safe}.{ENDINGS[self.kind]}"


@dataclass(frozen=True, slots=True)
class Print:
    """A paper that a record's page offers; ``render(record)`` makes it, for whoever may read the record.

    ``offered(record)`` says when the page shows it; ``render`` refuses by itself what cannot be printed.
    ``personal`` are the models of other records whose personal data stand on it: that it was printed is written down.
    """

    name: str
    label: Any
    render: Callable[[Any], Printed]
    icon: str = "printer"
    offered: Callable[[Any], bool] = lambda _record: True
    personal: tuple[str, ...] = ()


def answer_with(printed: Printed) -> Response:
    """The answer of a page that hands out ``printed``: a PDF opens in the browser, everything else is saved."""
    inline = printed.kind == PDF
    answer = send_file(
        BytesIO(printed.content),
        mimetype=printed.kind,
        as_attachment=not inline,
        download_name=printed.file_name,
        max_age=0,
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def report_folder(addon: str) -> Path:
    """Where the templates of ``addon`` stand; those of the kernel stand beside this module."""
    from app.registry.enablement import registry

    if addon == "kernel":
        return Path(__file__).parent
    return registry().manifests[addon].folder / "reports"


def template_path(template: str, ending: str) -> Path:
    """The file of ``addon.report``. Raises `AddonError`: a template is named by code, never by a reader."""
    from app.registry.enablement import registry

    match = _TEMPLATE.fullmatch(template)
    if match is None or match["addon"] not in {"kernel", *registry().manifests}:
        raise AddonError(f"{template}: a template is called addon.report.")
    path = report_folder(match["addon"]) / f"{match['report']}.{ending}"
    if not path.is_file():
        raise AddonError(f"{template}: there is no {path.parent.name}/{path.name}.")
    return path


def plain_text(value: object) -> str:
    """``value`` without the control characters that no paper can hold; lines stay lines."""
    return _CONTROL.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))


@contextmanager
def official_language() -> Iterator[None]:
    """Inside, texts and dates are Indonesian, whatever the reader chose: what is printed is an official paper."""
    with force_locale("id"):
        yield
