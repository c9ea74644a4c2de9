"""The formats in which a procedure leaves Sinergi."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from addons.procedures.models.procedure import Procedure
from addons.procedures.services.procedure_bpmn import as_bpmn
from addons.procedures.services.procedure_document import document_of
from addons.procedures.services.procedure_file import as_json, as_yaml


@dataclass(frozen=True, slots=True)
class Export:
    """How the file ends, what browsers call it, and how it is made."""

    ending: str
    mimetype: str
    write: Callable[[Procedure], str]


EXPORTS = {
    "yaml": Export("yaml", "application/yaml", as_yaml),
    "json": Export("json", "application/json", as_json),
    "bpmn": Export("bpmn", "application/xml", lambda procedure: as_bpmn(document_of(procedure))),
}
