"""Two versions side by side: whatever one of them says otherwise is shown."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from addons.procedures.tests.test_case_promise import promised
from addons.procedures.tests.test_procedure_editor import marks
from addons.procedures.tests.test_procedure_file import documents

OTHERS = {
    "clock_mode": "calendar_days",
    "confidence": "high",
    "on_return": "changed",
    "operator": "not in",
}
"""Other values of what has only certain ones."""
SAID_OTHERWISE = {"mandatory", "edition"}
"""What says the same when it is left out (mandatory), and what tells versions apart (edition)."""
NEEDED = {"code", "title", "kind", "identity", "executors", "start", "steps", "key", "activity", "executor", "name"}
NEEDED |= {"to", "next", "step", "field", "operator", "value", "model", "transition", "confidence", "branches"}
"""What a document cannot be without; a step reads the same on the first of two ways and on its only one."""

Path = tuple[Any, ...]


def leaves(part: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value of a document with its path."""
    below = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, item in below:
        yield from leaves(item, (*path, name))
    if not isinstance(part, dict | list):
        yield path, part


def optional(part: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of what a document could be without."""
    below = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, item in below:
        is_said = item is not None and item != []
        if is_said and name not in NEEDED | SAID_OTHERWISE and (isinstance(part, dict) or len(path) > 1):
            yield (*path, name)
        yield from optional(item, (*path, name))


def otherwise(document: dict[str, Any], path: Path, value: Any) -> Any:
    """Another value for ``value``."""
    name = path[-1] if isinstance(path[-1], str) else path[-2]
    steps, executors = ([item["key"] for item in document[part]] for part in ("steps", "executors"))
    if name in {"to", "next", "start", "step", "parallel"}:
        return next((key for key in [*steps, "end"] if key != value), "end")
    if name == "executor" and path[0] == "steps":
        return next(key for key in executors if key != value)
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else OTHERS.get(str(name)) or f"{value or ''}x"


def placed(document: dict[str, Any], path: Path) -> tuple[dict[str, Any], Any]:
    """A copy of ``document``, and what holds the last part of ``path`` in it."""
    changed = copy.deepcopy(document)
    part: Any = changed
    for name in path[:-1]:
        part = part[name]
    return changed, part


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), document=documents())
def test_whatever_is_changed_is_shown(app: Any, data: Any, document: dict[str, Any]) -> None:
    from addons.procedures.services.procedure_comparison import compare

    path, value = data.draw(st.sampled_from([item for item in leaves(document) if item[0][-1] != "edition"]))
    changed, part = placed(document, path)
    part[path[-1]] = otherwise(document, path, value)
    with app.test_request_context(), force_locale("en"):
        assert compare(document, copy.deepcopy(document)).is_same
        assert not compare(document, changed).is_same, f"{path}: {value!r} became {part[path[-1]]!r}"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), document=documents())
def test_whatever_is_left_out_or_added_is_shown(app: Any, data: Any, document: dict[str, Any]) -> None:
    from addons.procedures.services.procedure_comparison import compare

    path = data.draw(st.sampled_from(list(optional(document))))
    changed, part = placed(document, path)
    del part[path[-1]]
    with app.test_request_context(), force_locale("en"):
        assert not compare(document, changed).is_same, f"{path} was left out"
        assert not compare(changed, document).is_same, f"{path} was added"


def test_two_executors_and_two_choices_of_one_name_are_told_apart(app: Any) -> None:
    from addons.procedures.services.procedure_comparison import compare

    old: dict[str, Any] = {
        "code": "SOP", "edition": 1, "title": "A title", "kind": "SOP AP", "identity": {}, "start": "1",
        "executors": [{"key": "tata_usaha", "name": "Staf"}, {"key": "layanan", "name": "Staf"}],
        "steps": [{
            "key": "1", "activity": "Read the letter", "executor": "tata_usaha",
            "outputs": [{"name": "A note", "when": "here"}],
            "branches": [{"key": "here", "label": "Yes", "to": "end"}, {"key": "there", "label": "Yes", "to": "end"}],
        }],
    }  # fmt: skip
    new = copy.deepcopy(old)
    new["steps"][0]["executor"] = "layanan"
    new["steps"][0]["outputs"][0]["when"] = "there"
    with app.test_request_context(), force_locale("en"):
        (row,) = compare(old, new).rows
    assert [(cell.before, cell.after) for cell in row.cells if cell.is_changed] == [
        ("Staf (tata_usaha)", "Staf (layanan)"),
        ("A note * (only on: Yes (here))", "A note * (only on: Yes (there))"),
    ]


def test_conditions_gates_parallel_and_repeated_steps_are_told_in_words(app: Any) -> None:
    from pathlib import Path as File

    import yaml

    from addons.procedures.services.procedure_comparison import compare

    document = yaml.safe_load((File(__file__).parent / "branching_procedure.yaml").read_text(encoding="utf-8"))
    changed = copy.deepcopy(document)
    steps = {step["key"]: step for step in changed["steps"]}
    steps["1"]["branches"][1]["condition"]["value"] = "MY"
    steps["2"].update(may_repeat=False, parallel=["3"])
    steps["4"].pop("gates")
    steps["6"]["waits_for_all"] = False
    whole = {"edition": 1, "identity": {}, "records": [], "confirmations": []}
    with app.test_request_context(), force_locale("en"):
        rows = compare({**whole, **document}, {**whole, **changed}).rows
        found = {
            (row.after, cell.label): (cell.before, cell.after) for row in rows for cell in row.cells if cell.is_changed
        }
    assert set(found) == {("1", "Goes on to"), ("2", "Goes on to"), ("2", "Rules"), ("4", "Rules"), ("6", "Rules")}
    assert "Luar negeri → 5 (Country of the partner: not Indonesia)" in found["1", "Goes on to"][0]
    assert "(Country of the partner: not Malaysia)" in found["1", "Goes on to"][1]
    assert found["2", "Goes on to"] == ("→ 3 (at the same time: 4)", "→ 3 (at the same time: 3)")
    assert found["2", "Rules"] == ("May be done once more", "")
    assert found["4", "Rules"] == ("Comes before “Put into force” of Agreement (Code: MoU)", "")
    assert found["6", "Rules"] == ("Begins when all ways have come in", "")


def test_states_kinds_and_candidates_are_told_by_their_titles(app: Any) -> None:
    from addons.procedures.services.procedure_comparison import compare

    old: dict[str, Any] = {
        "code": "SOP", "edition": 1, "title": "A title", "kind": "SOP AP", "start": "1",
        "identity": {"signers": [{"role": "Dibuat", "name": "Nama Contoh"}]},
        "executors": [{"key": "tata_usaha", "name": "Staf TU"}],
        "records": [{"name": "Buku", "kind": "correspondence.incoming_book"}],
        "confirmations": [{"step": "1", "field": "executor", "confidence": "low", "candidates": ["tata_usaha"]}],
        "steps": [
            {
                "key": "1", "activity": "Read the letter", "executor": "tata_usaha",
                "branches": [{"key": "a", "label": "Yes", "to": "end", "also": [{"step": "2", "state": ["sent"]}]}],
            },
            {
                "key": "2", "activity": "Answer", "executor": "tata_usaha", "next": "end",
                "outputs": [{"name": "Reply", "kind": "correspondence.OutgoingLetter", "state": "sent"}],
            },
        ],
    }  # fmt: skip
    with app.test_request_context(), force_locale("id"):
        found = compare(old, old)
    told = "\n".join(cell.after for row in [*found.rows] for cell in row.cells) + "\n".join(
        cell.after for cell in found.head
    )
    assert "dalam keadaan Terkirim" in told
    assert "Surat keluar" in told
    assert "Staf TU" in told
    assert "Peran: Dibuat" in told
    for key in ("tata_usaha", "sent", "correspondence", "OutgoingLetter", "role"):
        assert key not in told, key


def test_the_lines_that_differ_are_marked_on_both_sides() -> None:
    from addons.procedures.services.procedure_cells import Cell

    cell = Cell("Papers", "Letter *\nPen\nPhone", "Letter *\nPhone\nStamp")
    assert cell.lines_before == [(False, "Letter *"), (True, "Pen"), (False, "Phone")]
    assert cell.lines_after == [(False, "Letter *"), (False, "Phone"), (True, "Stamp")]
    assert Cell("Papers", "", "").lines_before == []


def test_a_promise_is_told_when_its_step_is_another_in_the_new_version(app: Any, person: Callable[[str], Any]) -> None:
    promised(app, "Cepat dijawab", "step.done/1", "step.done/4", procedure_id=1)
    admin = person("kendal.admin")
    at = admin.send("/procedures/version/draft/1", {}, form_at="/procedures/procedure/1").headers["Location"]
    removed = admin.send(f"{at}/order", {"act": "remove:4", "mark": marks(admin.get(at).text)["order"]}, form_at=at)
    assert removed.status_code == 302
    page = admin.get(f"/procedures/version/compare/{at.rsplit('/', 1)[1]}").text
    assert "Cepat dijawab" in page
    assert "step 4 (Melakukan Koordinasi dengan Pemohon)" in page
    assert "step 4 (there is no such step)" in page
    assert page.count('<tbody class="compare-removed">') == 1
    assert "no longer in this version" in page
    assert "Ramah" not in page
    assert "Ramah" in admin.get(f"/procedures/version/compare/{at.rsplit('/', 1)[1]}?all=1").text
