"""Procedures as files: exported so that an addon can ship them, read in as drafts, checked line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from addons.organization.models.position import Position
from addons.organization.models.unit import Unit
from addons.procedures.models.procedure import Procedure
from addons.procedures.services.procedure import fill_procedure
from addons.procedures.services.procedure_check import Problem, check_document
from addons.procedures.services.procedure_document import Document, document_of, position_names
from addons.procedures.services.procedure_shape import Path, is_checkable, read_shape, told
from addons.procedures.services.procedure_version import free_edition, in_force
from app.addon import (
    AddonError,
    Invalid,
    Model,
    current_access,
    current_scope,
    db,
    defer,
    record_by_external_id,
    require,
)
from app.addon import gettext as _
from app.addon import lazy_gettext as _l

MODEL = "procedures.Procedure"
LARGEST_FILE = 600_000
"""In bytes: an SOP of 500 steps takes at most half of it, and reading it takes less than two seconds."""
AT_ONCE = 150
"""So many steps are taken over at once: about a second's work. More are taken over by a job."""
JOB = "procedures.import_procedure"
Resolve = Callable[[str], int]


def as_yaml(procedure: Procedure) -> str:
    """A data file: `run.py procedure import` reads it, and an addon can ship it."""
    return yaml.safe_dump(
        [_entry(procedure)], allow_unicode=True, sort_keys=False, width=120, default_flow_style=False, indent=2
    )


def as_json(procedure: Procedure) -> str:
    """The same, for programs."""
    return json.dumps([_entry(procedure)], ensure_ascii=False, indent=2) + "\n"


def _entry(procedure: Procedure) -> dict[str, Any]:
    name = re.sub(r"[^a-z0-9]+", "_", procedure.code.lower()).strip("_") or "procedure"
    return {"model": MODEL, "id": name, "values": document_of(procedure, position_names())}


def read_file(content: bytes) -> tuple[Document, list[Problem]]:
    """The document in a file, YAML or JSON, and every problem with its place and line. The document is empty when the
    file has none.
    """
    if len(content) > LARGEST_FILE:
        return {}, [Problem(_("The file is too large."), breaks=True)]
    try:
        text = content.decode("utf-8-sig")
        loader = yaml.CSafeLoader(text)
        tree = loader.get_single_node()
        if _has_alias(tree):
            return {}, [Problem(_("Aliases are not read: a few can stand for a text of any size."), breaks=True)]
        values = loader.construct_document(tree) if tree is not None else None
    except UnicodeDecodeError:
        return {}, [Problem(_("The file is not a text in UTF-8."), breaks=True)]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        return {}, [
            Problem(_("The file is neither YAML nor JSON."), part=_line(mark.line + 1) if mark else "", breaks=True)
        ]
    prefix, values = _inside(values)
    document, problems = read_shape(values)
    is_read, told = not problems, {problem.path for problem in problems}
    if is_checkable(document):
        problems += [problem for problem in check_document(document) if problem.path not in told]
    return document if is_read else {}, [_with_line(problem, tree, prefix) for problem in problems]


def import_procedure(document: Document) -> Procedure:
    """Read ``document`` in as a draft, the next version of its code. Raises `Invalid` with every problem."""
    session = db.session()
    require(Procedure, "create", session)
    problems: list[Problem] = []
    resolve = resolver(session, problems)
    draft = draft_of(session, document)
    session.add(draft)
    try:
        fill_procedure(session, draft, document["code"], document, resolve)
    except AddonError as refusal:
        raise Invalid(str(refusal)) from None
    if problems:
        refuse(problems)
    return draft


def import_later(document: Document) -> Any:
    """Have ``document`` read in by a job; None while the same one is being read in. Raises `Invalid` for positions that
    do not exist.
    """
    session = db.session()
    require(Procedure, "create", session)
    if problems := missing_positions(session, document):
        refuse(problems)
    code, person = str(document["code"]), current_access().user_id
    content = sha256(json.dumps(document, sort_keys=True, default=str).encode()).hexdigest()
    return defer(session, JOB, key=f"{person} {code} {content}"[:250], lock=code, about=code, document=document)


def missing_positions(session: Session, document: Document) -> list[Problem]:
    """The positions that ``document`` names and the institution does not have."""
    problems: list[Problem] = []
    resolve = resolver(session, problems)
    for item in document["executors"]:
        if item.get("position"):
            resolve(item["position"])
    return problems


def refuse(problems: list[Problem]) -> None:
    """Raise `Invalid` that names every one of ``problems``."""
    message = _l("The file was not taken over.")
    raise Invalid(message, {"file": [str(problem) for problem in problems]})


def draft_of(session: Session, document: Document) -> Procedure:
    """A draft without parts, the next version of the document's code."""
    return Procedure(
        code=document["code"],
        edition=free_edition(session, document["code"], document.get("edition", 1)),
        title=document["title"],
        kind=document.get("kind", "SOP AP"),
        identity=document.get("identity", {}),
        start_key=str(document["start"]),
        state="draft",
        previous=in_force(session, document["code"]),
    )


def resolver(session: Session, problems: list[Problem]) -> Resolve:
    """Finds positions by the data file's name or by title; what is not found becomes a problem."""
    scope = current_scope(session)
    known = {name: key for key, name in position_names().items()}

    def resolve(name: str) -> int:
        found: Model | None = None
        if scope is not None and "." in name:
            found = record_by_external_id(session, Position, name, scope.institution_id)
        key = found.id if found is not None else known.get(name) or _by_title(session, name)
        if key is None:
            problems.append(Problem(_("The position %(name)s does not exist here.", name=name), part=_("Executors")))
        return key  # type: ignore[return-value]  # the problem keeps it from being written

    return resolve


def _by_title(session: Session, name: str) -> int | None:
    title, _at, unit = name.partition(" @ ")
    statement = select(Position.id).where(Position.active, Position.title == title)
    if unit:
        statement = statement.join(Position.unit).where(Unit.name == unit)
    found = session.scalars(statement.limit(2)).all()
    return found[0] if len(found) == 1 else None


def _inside(values: Any) -> tuple[Path, Any]:
    """Where the procedure's values are: alone, or in the entry of a data file."""
    if isinstance(values, list):
        for place, entry in enumerate(values):
            if isinstance(entry, Mapping) and entry.get("model") == MODEL:
                return (place, "values"), entry.get("values")
    if isinstance(values, Mapping) and values.get("model") == MODEL:
        return ("values",), values.get("values")
    return (), values


def _with_line(problem: Problem, tree: Any, prefix: Path) -> Problem:
    line = _line_of(tree, (*prefix, *problem.path))
    part = problem.part or ("" if problem.step else told(problem.path))
    words = " · ".join(item for item in (_line(line) if line else "", part) if item)
    return Problem(problem.message, problem.step, words, problem.is_error, problem.path, problem.breaks)


def _has_alias(tree: Any) -> bool:
    """Whether a part stands at two places: an alias is the same node once more."""
    seen, waiting = set[int](), [tree] if tree is not None else []
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            return True
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            waiting.extend(part for pair in node.value for part in pair)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
    return False


def _line(number: int) -> str:
    return _("line %(number)s", number=number)


def _line_of(tree: Any, path: Path) -> int:
    """The line of the innermost part of ``path`` that the file has."""
    node, line = tree, tree.start_mark.line + 1 if tree is not None else 0
    for part in path:
        below = None
        if isinstance(node, yaml.MappingNode):
            below = next(((key, value) for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            below = (node.value[part], node.value[part])
        if below is None:
            break
        line, node = below[0].start_mark.line + 1, below[1]
    return line
