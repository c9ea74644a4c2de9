"""The editor's forms hold the whole document: what is saved unchanged stays, and every word has a field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from marshmallow import fields

from addons.procedures.tests.test_procedure_editor import EDITOR, fields_of
from app.database.session import db

ADDONS = Path(__file__).parents[2]
GIVEN_ONCE = {"code", "edition", "steps.branches.key", "executors.key"}
"""Code and edition are given when a version begins; keys of ways and executors are kept, not typed."""
FIELDS = {
    "identity": ("head", "identity-"),
    "records": ("head", "records-0-"),
    "confirmations": ("head", "doubts-0-"),
    "confirmations.step": ("step", "doubts-0-field"),
    "steps.confirmations": ("step", "doubts-0-"),
    "executors": ("executors", "executors-0-"),
    "executors.external": ("executors", "executors-0-position"),
    "steps": ("step", ""),
    "steps.next": ("step", "ways-0-to"),
    "steps.parallel": ("step", "ways-0-parallel"),
    "steps.printed": ("step", "not_printed"),
    "steps.branches": ("step", "ways-0-"),
    "steps.branches.printed": ("step", "ways-0-not_printed"),
    "steps.branches.condition": ("step", "ways-0-"),
    "steps.branches.also": ("step", "also-0-"),
    "steps.papers": ("step", "papers-0-"),
    "steps.outputs": ("step", "outputs-0-"),
    "steps.gates": ("step", "gates-0-"),
    "steps.gates.model": ("step", "gates-0-which"),
    "steps.gates.transition": ("step", "gates-0-which"),
    "steps.gates.condition": ("step", "gates-0-"),
}
"""Where a word of the document stands: in which form, under which name. What is not named here is called alike."""


def words(shape: Any, path: str = "") -> Iterator[str]:
    """Every word that a document may have, with its path."""
    for name, field in shape._declared_fields.items():
        inner = field.inner if isinstance(field, fields.List) else field
        below = f"{path}.{name}" if path else name
        if isinstance(inner, fields.Nested):
            yield from words(inner.nested, below)
        else:
            yield below


def place_of(word: str) -> tuple[str, str]:
    """The form and the field of ``word``."""
    above, _dot, name = word.rpartition(".")
    return (
        FIELDS.get(word) or (FIELDS[above][0], FIELDS[above][1] + name) if above else FIELDS.get(word, ("head", word))
    )


def draft(acting: Callable[..., Any], path: Path) -> tuple[int, dict[str, Any]]:
    """What stands in the file as a draft of Kendal: its id, and the document."""
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_document import document_of
    from addons.procedures.services.procedure_file import import_procedure, read_file

    with acting("kendal.admin", "kendal"):
        content = re.sub(r"position: [\w.]+", "position: kendal.position_staf_pustakawan", path.read_text("utf-8"))
        document, _problems = read_file(content.encode())
        pk = import_procedure({**document, "code": f"SALIN-{document['code']}"}).id
        db.session.commit()
        db.session.expire_all()
        return pk, document_of(db.session.get(Procedure, pk))


def told(acting: Callable[..., Any], pk: int) -> dict[str, Any]:
    """The document of the draft as it stands now."""
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_document import document_of

    with acting("kendal.admin", "kendal"):
        return document_of(db.session.get(Procedure, pk))


SHIPPED = [*sorted(ADDONS.glob("*/data/procedure*.yaml")), Path(__file__).parent / "branching_procedure.yaml"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parts[-3])
def test_what_is_saved_unchanged_stays_to_the_letter(
    path: Path, acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    pk, before = draft(acting, path)
    admin, at = person("kendal.admin"), f"{EDITOR}/{pk}"
    for part in ("head", "executors"):
        sent = fields_of(admin.get(f"{at}?part={part}").text, f"{part}-form")
        assert admin.send(f"{at}/{part}", sent, form_at=at).status_code == 302
    for step in before["steps"]:
        sent = fields_of(admin.get(f"{at}?step={step['key']}").text)
        assert admin.send(f"{at}/step", sent, form_at=at).status_code == 302
    after = told(acting, pk)
    for name in before:
        assert after[name] == before[name], name


def test_every_word_of_a_document_has_a_field(acting: Callable[..., Any], person: Callable[[str], Any]) -> None:
    from addons.procedures.models.procedure import IDENTITY, TABLE_CELLS
    from addons.procedures.services.procedure_shape import DoubtShape, ProcedureShape

    pk, _document = draft(acting, SHIPPED[-1])
    page = person("kendal.admin").get(f"{EDITOR}/{pk}?step=4").text
    found = re.findall(r'<form[^>]*id="(head|executors|step)-form"(.*?)</form>', page, re.DOTALL)
    forms = {name: set(re.findall(r'name="([\w-]+)"', inside)) for name, inside in found}
    wanted = {*words(ProcedureShape), *(f"steps.confirmations.{word}" for word in words(DoubtShape))} - GIVEN_ONCE
    wanted -= {"identity", "steps.confirmations.step"}
    missing = {word for word in wanted for form, name in [place_of(word)] if name not in forms[form]}
    assert missing == set()
    assert {f"identity-{key}" for key in IDENTITY} <= forms["head"]
    cells = {f"table-{key}-0-{at}" for key, names in TABLE_CELLS.items() for at in range(len(names))}
    assert cells <= forms["head"]


def test_the_tables_and_lists_of_the_identity_block_are_written(
    acting: Callable[..., Any], person: Callable[[str], Any]
) -> None:
    unair = next(path for path in SHIPPED if path.parts[-3] == "unair")
    pk, before = draft(acting, unair)
    admin, at = person("kendal.admin"), f"{EDITOR}/{pk}"
    page = admin.get(f"{at}?part=head").text
    sent = fields_of(page, "head-form")
    assert (sent["table-signers-1-0"], sent["table-sections-0-1"]) == ("Penetapan", "Kerjasama Dalam Negeri:")
    sent |= {
        "identity-authority": "Kementerian Contoh\n\nPerpustakaan",
        "identity-purpose": "Satu kalimat.\nDua kalimat.",
        "table-signers-1-1": "Pejabat Contoh",
        "table-signers-1-2": "000000000000000000",
        "table-signers-0-0": "",
        "table-indicators-0-0": "B.1",
        "table-indicators-0-1": "Lima belas menit",
        "records-1-kind": "agreements.Agreement",
        "records-2-name": "",
    }
    assert admin.send(f"{at}/head", sent, form_at=at).status_code == 302
    after = told(acting, pk)
    assert after["identity"] == {
        **before["identity"],
        "authority": ["Kementerian Contoh", "Perpustakaan"],
        "purpose": "Satu kalimat.\nDua kalimat.",
        "signers": [
            {"role": "Penetapan", "name": "Pejabat Contoh", "nip": "000000000000000000"},
            {"role": "Pengendalian"},
        ],
        "indicators": [{"code": "B.1", "text": "Lima belas menit"}],
    }
    assert after["records"] == [before["records"][0], {**before["records"][1], "kind": "agreements.Agreement"}]
    stale = admin.send(f"{at}/head", {**sent, "table-indicators-0-1": "Tiga puluh menit"}, form_at=at)
    assert stale.status_code == 409
    assert "Tiga puluh menit" in stale.text
    assert "Pejabat Contoh" in stale.text
