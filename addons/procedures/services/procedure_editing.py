"""Writing a draft: its head, executors and steps, one part at a time, so that two people can write in it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from addons.procedures.models.kept_record import KeptRecord
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.procedure_executor import ProcedureExecutor
from addons.procedures.models.procedure_step import ProcedureStep
from addons.procedures.services.procedure import END, confirmation_of, fill_branches, fill_step
from addons.procedures.services.procedure_check import condition_problems
from addons.procedures.services.procedure_document import Document, doubt_item, step_item, ways_of
from addons.procedures.services.procedure_heading import DAYS, heading_day
from addons.procedures.services.procedure_part import (
    free_key,
    mark_of,
    position_of,
    read_alike,
    read_part,
    read_parts,
    renamed,
)
from addons.procedures.services.procedure_shape import DoubtShape, ExecutorShape, RecordShape, StepShape
from addons.procedures.services.procedure_version import refuse_unless_draft
from app.addon import Conflict, Invalid, NotFound, db, require
from app.addon import lazy_gettext as _l


class Editing:
    """A draft being written by somebody who may. Raises `Conflict` for any other version, `Forbidden` without right."""

    def __init__(self, procedure: Procedure) -> None:
        require(Procedure, "write", db.session(), procedure)
        refuse_unless_draft(procedure)
        self.procedure = procedure
        self.steps = {step.key: step for step in procedure.steps}
        self.executors = {item.key: item for item in procedure.executors}

    # ---- what stands there, for the marks ---------------------------------------------------------------------------

    def head(self) -> Document:
        """Title, kind, identity, kept records and doubts about them."""
        procedure = self.procedure
        return {
            "title": procedure.title,
            "kind": procedure.kind,
            "identity": procedure.identity,
            "start": procedure.start_key,
            "records": [{"name": item.name, "kind": item.kind} for item in procedure.kept_records],
            "doubts": self.doubts(None),
        }

    def doubts(self, step: ProcedureStep | None) -> list[Document]:
        """The values of ``step``, or of the head, that still need confirmation."""
        found = [item for item in self.procedure.confirmations if item.step is step and item.state == "open"]
        return [
            {name: value for name, value in doubt_item(item).items() if name != "step"}
            for item in sorted(found, key=lambda item: item.id)
        ]

    def people(self) -> list[Document]:
        """The executors."""
        return [
            {"key": item.key, "name": item.name, "position": item.position_id, "external": item.is_external}
            for item in self.procedure.executors
        ]

    def order(self) -> list[list[str]]:
        """The steps in order, with who carries them out."""
        return [[step.key, step.executor.key] for step in self.procedure.steps]

    def step(self, key: str) -> Document:
        """A step with its doubts. Raises `NotFound`."""
        found = self._step(key)
        return {**step_item(found), "doubts": self.doubts(found)}

    # ---- writing ----------------------------------------------------------------------------------------------------

    def save_head(self, values: Mapping[str, Any], mark: str) -> None:
        """Write title, kind, first step, identity block, kept records and doubts about them."""
        self._refuse_stale(mark, self.head())
        records = read_parts(RecordShape, values["records"], "records")
        doubts = read_parts(DoubtShape, values["doubts"], "doubts")
        if not values["title"]:
            raise Invalid(_l("The title is missing."), {"title": [_l("This is missing.")]})
        if values["start"] and self.steps and values["start"] not in self.steps:
            message = _l("The first step %(key)s does not exist.", key=values["start"])
            raise Invalid(message, {"start": [message]})
        procedure, identity = self.procedure, self._identity(values["identity"])
        procedure.title, procedure.kind = values["title"], values["kind"] or "SOP AP"
        procedure.identity = {**procedure.identity, **identity}
        procedure.start_key = values["start"] or procedure.start_key
        if records != [{k: v for k, v in item.items() if v is not None} for item in self.head()["records"]]:
            procedure.kept_records.clear()
            db.session.flush()
            procedure.kept_records.extend(
                KeptRecord(name=item["name"], kind=item.get("kind"), place=place) for place, item in enumerate(records)
            )
        self._write_doubts(None, doubts)
        db.session.flush()

    def _identity(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The identity block with its days as papers write them. Raises `Invalid` with the field of every other."""
        read, errors = dict(values), dict[str, list[Any]]()
        for key in DAYS:
            if isinstance(read.get(key), str) and read[key] != self.procedure.identity.get(key):
                try:
                    read[key] = heading_day(read[key]) or None
                except Invalid as refusal:
                    errors[f"identity-{key}"] = [refusal.message]
        if errors:
            raise Invalid(next(iter(errors.values()))[0], errors)
        return read

    def save_executors(self, rows: Sequence[Mapping[str, Any]], mark: str) -> None:
        """Write the columns of the form. One that carries out steps is not taken away."""
        self._refuse_stale(mark, self.people())
        rows = [row for row in rows if row["name"]]
        taken = {*self.executors, *(row["key"] for row in rows)}
        shapes = []
        for row in rows:
            key = row["key"] or free_key(row["name"], taken)
            taken.add(key)
            shapes.append({"key": key, "name": row["name"]})
        read_parts(ExecutorShape, shapes, "executors")
        kept = {item["key"] for item in shapes}
        for key in [key for key in self.executors if key not in kept]:
            used = [step.key for step in self.procedure.steps if step.executor.key == key]
            if used:
                message = _l("%(name)s carries out step %(keys)s.", name=self.executors[key].name, keys=", ".join(used))
                raise Conflict(message, {"executors": [message]}, code="in_use")
            self.procedure.executors.remove(self.executors.pop(key))
        for place, (row, shape) in enumerate(zip(rows, shapes, strict=True)):
            executor = self.executors.get(shape["key"])
            if executor is None:
                executor = self.executors[shape["key"]] = ProcedureExecutor(key=shape["key"])
                self.procedure.executors.append(executor)
            executor.name, executor.place, executor.is_external = shape["name"], place, bool(row["external"])
            executor.position_id = None if row["external"] else position_of(row["position"])
        db.session.flush()

    def save_step(self, key: str, item: Mapping[str, Any], doubts: Sequence[Mapping[str, Any]], mark: str) -> str:
        """Write the step ``key``; returns its number, which may be a new one."""
        step = self._step(key)
        self._refuse_stale(mark, self.step(key))
        return self._write_step(step, item, doubts)

    def add_step(self, item: Mapping[str, Any], doubts: Sequence[Mapping[str, Any]], behind: str = "") -> str:
        """A new step behind the step ``behind``, or at the end; returns its number."""
        place = self._step(behind).place + 1 if behind else len(self.procedure.steps)
        step = ProcedureStep(key="", place=place)
        return self._write_step(step, item, doubts)

    def remove_step(self, key: str, mark: str) -> list[str]:
        """Take a step away; ways that led to it lead to where it led first. Returns the numbers of the steps whose
        ways were turned.
        """
        self._refuse_stale(mark, self.order())
        step = self._step(key)
        follower = step.branches[0].next_step if step.branches else None
        follower = None if follower is step else follower
        turned = []
        for other in self.procedure.steps:
            for branch in other.branches if other is not step else ():
                if branch.next_step is step:
                    branch.next_step = follower
                    turned.append(other.key)
                for offer in [offer for offer in branch.optional_steps if offer.step is step]:
                    branch.optional_steps.remove(offer)
        for doubt in [item for item in self.procedure.confirmations if item.step is step]:
            self.procedure.confirmations.remove(doubt)
        db.session.flush()
        if self.procedure.start_key == key and follower is not None:
            self.procedure.start_key = follower.key
        self.procedure.steps.remove(step)
        self._place([item for item in self.procedure.steps if item is not step])
        return list(dict.fromkeys(turned))

    def move_step(self, key: str, place: int, mark: str) -> None:
        """Put a step to the place ``place``, counted from 0; numbers and ways stay."""
        self._refuse_stale(mark, self.order())
        step = self._step(key)
        others = [item for item in self.procedure.steps if item is not step]
        others.insert(max(0, min(place, len(others))), step)
        self._place(others)

    def give_step(self, key: str, executor: str, mark: str) -> None:
        """Another executor for a step."""
        self._refuse_stale(mark, self.order())
        if executor not in self.executors:
            raise NotFound(_l("The executor %(name)s is not declared.", name=executor))
        self._step(key).executor = self.executors[executor]
        db.session.flush()

    def number_anew(self, mark: str) -> None:
        """Number the steps 1, 2, 3 in their order; ways lead where they led."""
        self._refuse_stale(mark, self.order())
        start = self.steps.get(self.procedure.start_key)
        steps = sorted(self.procedure.steps, key=lambda step: step.place)
        for number, step in enumerate(steps, 1):
            step.key = f"~{number}"  # two steps have no number in common on the way
        db.session.flush()
        for number, step in enumerate(steps, 1):
            step.key = str(number)
        self.procedure.start_key = start.key if start is not None else "1"
        db.session.flush()

    # ---- helpers ----------------------------------------------------------------------------------------------------

    def read_step(self, item: Mapping[str, Any], key: str = "") -> Document:
        """``item`` as a step of this draft. Raises `Invalid` with its problems by field."""
        shape = read_part(StepShape, item, "")
        others = self.steps.keys() - {key}
        problems: dict[str, list[Any]] = {}
        if shape["key"] in others:
            problems["key"] = [_l("The number %(key)s is used twice.", key=shape["key"])]
        if shape["key"] == END:
            problems["key"] = [_l("This is not of the right kind.")]
        if shape["executor"] not in self.executors:
            problems["executor"] = [_l("Choose who carries out the step.")]
        known = {*others, key, shape["key"]}
        for number, way in enumerate(ways_of(shape)):
            targets = [way["to"], *way.get("parallel", ()), *(offer["step"] for offer in way.get("also", ()))]
            for target in targets:
                if target != END and target not in known:
                    message = _l("Leads to step %(key)s, which does not exist.", key=target)
                    problems.setdefault(f"branches.{number}.to", []).append(message)
        keys = [way["key"] for way in ways_of(shape)]
        problems |= self._offer_problems(shape, key)
        problems |= {f"conditions.{n}": [text] for n, text in enumerate(condition_problems(shape))}
        if len(set(keys)) < len(keys):
            problems["branches"] = [_l("Two choices have the same words.")]
        if problems:
            raise Invalid(_l("The step was not saved yet."), problems)
        return shape

    def _offer_problems(self, shape: Document, key: str) -> dict[str, list[Any]]:
        """What the step ``key``, written as ``shape``, asks of optional steps that these do not have, by field."""
        outputs = {other: [output.name for output in step.outputs] for other, step in self.steps.items()}
        own = [item["name"] for item in shape.get("outputs", ())]
        outputs |= {key: own, str(shape["key"]): own}
        problems: dict[str, list[Any]] = {}
        for number, way in enumerate(ways_of(shape)):
            for offer in way.get("also", ()):
                asked = offer.get("outputs", ())
                known = outputs.get(str(offer["step"]), asked)  # a step that does not exist is told of by itself
                for name in (name for name in asked if name not in known):
                    message = _l("The optional step %(step)s has no output “%(name)s”.", step=offer["step"], name=name)
                    problems.setdefault(f"branches.{number}.also", []).append(message)
        return problems

    def _follow_names(self, step: ProcedureStep, shape: Document) -> None:
        """Optional steps elsewhere that ask for an output of ``step`` ask for it by its new name."""
        old, new = [output.name for output in step.outputs], [str(item["name"]) for item in shape.get("outputs", ())]
        if len(old) != len(new):
            return
        names = {before: after for before, after in zip(old, new, strict=True) if before not in new}
        branches = [branch for other in self.steps.values() for branch in other.branches]
        for offer in (offer for branch in branches for offer in branch.optional_steps if offer.step is step):
            offer.output_names = [names.get(name, name) for name in offer.output_names]

    def _write_step(self, step: ProcedureStep, item: Mapping[str, Any], doubts: Sequence[Mapping[str, Any]]) -> str:
        before = step.key
        shape = self.read_step(item, before)
        read_doubts = read_parts(DoubtShape, doubts, "doubts")
        key = shape["key"]
        # What leads to the step by its old number leads to it by the new one.
        shape = renamed(shape, before, key) if before and before != key else shape
        step.key = key
        self._follow_names(step, shape)
        if step.gates:
            step.gates = []
            db.session.flush()  # the new ones may be the same ones
        fill_step(step, shape, self.executors)
        if step.procedure is None:
            self._insert(step)
        self.steps.pop(before, None)
        self.steps[key] = step
        if self.procedure.start_key == before or len(self.steps) == 1:
            self.procedure.start_key = key
        step.branches = []
        db.session.flush()
        fill_branches(self.procedure.code, self.steps, shape)
        self._write_doubts(step, read_doubts)
        db.session.flush()
        return key

    def _insert(self, step: ProcedureStep) -> None:
        steps = sorted(self.procedure.steps, key=lambda item: item.place)
        steps.insert(step.place, step)
        self.procedure.steps.append(step)
        self._place(steps)

    def _write_doubts(self, step: ProcedureStep | None, doubts: Sequence[Mapping[str, Any]]) -> None:
        """What reads as before stays the same record; the rest is written anew."""
        found = [item for item in self.procedure.confirmations if item.step is step and item.state == "open"]
        kept = {read_alike({**doubt_item(item), "step": None}): item for item in found}
        wanted = {read_alike(item): item for item in doubts}
        for alike, old in kept.items():
            if alike not in wanted:
                self.procedure.confirmations.remove(old)
        for alike, item in wanted.items():
            if alike not in kept:
                confirmation = confirmation_of(item, {})
                confirmation.step = step
                self.procedure.confirmations.append(confirmation)

    def _place(self, steps: Sequence[ProcedureStep]) -> None:
        for place, step in enumerate(steps):
            step.place = place
        db.session.flush()
        db.session.expire(self.procedure, ["steps"])

    def _step(self, key: str) -> ProcedureStep:
        if key not in self.steps:
            raise NotFound(_l("The step %(key)s does not exist.", key=key))
        return self.steps[key]

    def _refuse_stale(self, mark: str, part: Any) -> None:
        if mark != mark_of(part):
            message = _l("Somebody else changed this part in the meantime. Look at it and do it once more.")
            raise Conflict(message, code="stale")
