"""What is wrong with a procedure before it is put to work: every problem with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import inspect

from addons.procedures.models.joins_case import joining_models, joining_models_here
from addons.procedures.models.procedure import Procedure
from addons.procedures.models.step_output import FILE
from addons.procedures.services.condition import condition_problem
from addons.procedures.services.procedure_document import document_of, position_names, ways_of
from addons.procedures.services.procedure_graph import Graph
from app.addon import current_scope, db, models
from app.addon import gettext as _


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (``step`` and ``part``) and what. A warning does not keep from approving; what
    ``breaks`` the document cannot even be kept as a draft.
    """

    message: str
    step: str = ""
    part: str = ""
    is_error: bool = True
    path: tuple[str | int, ...] = ()
    breaks: bool = False

    @property
    def place(self) -> str:
        """The place for people."""
        return " · ".join(part for part in (_("Step %(key)s", key=self.step) if self.step else "", self.part) if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def problems_of(procedure: Procedure) -> list[Problem]:
    """What is wrong with ``procedure`` as it stands."""
    return check_document(document_of(procedure, position_names()))


def check_document(document: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a document of the right shape."""
    found = [*_check_head(document), *_check_executors(document)]
    if not document["steps"]:
        return [*found, Problem(_("The procedure has no steps."), part=_("Steps"), path=("steps",), breaks=True)]
    found += _check_steps(document)
    found += _check_ways(document)
    return sorted(found, key=lambda problem: not problem.is_error)


def _check_head(document: Mapping[str, Any]) -> Iterator[Problem]:
    if not str(document.get("title") or "").strip():
        yield Problem(_("The title is missing."), part=_("Identity"), path=("title",))
    keys = {str(step["key"]) for step in document["steps"]}
    for number, doubt in enumerate(document.get("confirmations", ())):
        if doubt.get("step") is not None and str(doubt["step"]) not in keys:
            message = _("The step %(key)s does not exist.", key=doubt["step"])
            yield Problem(message, part=_("Values to confirm"), path=("confirmations", number, "step"), breaks=True)


def _check_executors(document: Mapping[str, Any]) -> Iterator[Problem]:
    used = Counter(step["executor"] for step in document["steps"])
    for number, item in enumerate(document["executors"]):
        part = _("Executor %(name)s", name=item["name"] or item["key"])
        if not item.get("position") and not item.get("external"):
            message = _("No position: nobody could do the steps of this executor.")
            yield Problem(message, part=part, is_error=bool(used[item["key"]]), path=("executors", number))
        elif item.get("external") and used[item["key"]]:
            message = _("An outside party does no step here: name the position that records what they do.")
            yield Problem(message, part=part, path=("executors", number))
        elif not used[item["key"]]:
            yield Problem(_("Carries out no step."), part=part, is_error=False, path=("executors", number))
    for key in _repeated(item["key"] for item in document["executors"]):
        yield Problem(
            _("The key %(key)s is used twice.", key=key), part=_("Executors"), path=("executors",), breaks=True
        )


def _check_steps(document: Mapping[str, Any]) -> Iterator[Problem]:
    executors = {item["key"] for item in document["executors"]}
    for key in _repeated(str(step["key"]) for step in document["steps"]):
        yield Problem(_("The number %(key)s is used twice.", key=key), part=_("Steps"), path=("steps",), breaks=True)
    for number, step in enumerate(document["steps"]):
        key, path = str(step["key"]), ("steps", number)
        if not str(step["activity"] or "").strip():
            yield Problem(_("The activity is missing."), key, path=(*path, "activity"))
        if step["executor"] not in executors:
            message = _("The executor %(name)s is not declared.", name=step["executor"])
            yield Problem(message, key, _("Executor"), path=(*path, "executor"), breaks=True)
        yield from _check_outputs(step, key, path)
        for message in condition_problems(step):
            yield Problem(message, key, path=path, breaks=True)
        yield from _check_choices(step, key, path)


def condition_problems(step: Mapping[str, Any]) -> list[str]:
    """What is wrong with the conditions and gates of a step, in sentences."""
    found = [condition_problem(way["condition"]) for way in ways_of(step) if way.get("condition")]
    for gate in step.get("gates", ()):
        model = joining_models().get(gate["model"])
        if model is None:
            found.append(_("There are no records of the kind %(kind)s here.", kind=gate["model"]))
        elif gate["transition"] not in {item.name for item in getattr(model, "__transitions__", ())}:
            found.append(_("%(kind)s has no step %(name)s.", kind=gate["model"], name=gate["transition"]))
        elif gate.get("condition"):
            found.append(condition_problem(gate["condition"], model))
    return [text for text in found if text]


def _check_outputs(step: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
    choices = {way["key"] for way in ways_of(step)}
    for number, output in enumerate(step.get("outputs", ())):
        part, here = _("Output “%(name)s”", name=output["name"]), (*path, "outputs", number)
        if output.get("when") is not None and output["when"] not in choices:
            message = _("It is asked for on the choice %(key)s, which does not exist.", key=output["when"])
            yield Problem(message, key, part, path=(*here, "when"))
        yield from check_kind(output, key, part, here)


def check_kind(output: Mapping[str, Any], key: str, part: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
    """Whether records of the kind can be given here, in the states that are asked for."""
    kind = output.get("kind", FILE)
    states = output.get("state", [])
    states = [states] if isinstance(states, str) else states
    if kind == FILE:
        if states:
            yield Problem(_("A file has no states."), key, part, path=(*path, "state"))
        return
    model = joining_models().get(kind)
    if model is None:
        # Institutions work without the rooms addon, say, where what its records stand for is kept on paper.
        is_wrong = kind in models or bool(output.get("mandatory", True))
        message = _("There are no records of the kind %(kind)s here.", kind=kind)
        yield Problem(message, key, part, is_wrong, (*path, "kind"))
        return
    if current_scope(db.session()) is not None and kind not in joining_models_here():
        message = _("%(kind)s: of an addon that is not used here. The step does not ask for it.", kind=model.__title__)
        yield Problem(message, key, part, is_error=False, path=(*path, "kind"))
    known = inspect(model).columns["state"].info["choices"] if "state" in inspect(model).columns else {}
    if known and not states:
        message = _("No state is asked for: the case can be closed while this is still a draft.")
        yield Problem(message, key, part, is_error=False, path=(*path, "state"))
    for state in states:
        if state not in known:
            message = _("%(kind)s has no state %(state)s.", kind=kind, state=state)
            yield Problem(message, key, part, path=(*path, "state"))


def _check_choices(step: Mapping[str, Any], key: str, path: tuple[str | int, ...]) -> Iterator[Problem]:
    ways = ways_of(step)
    for repeated in _repeated(way["key"] for way in ways):
        yield Problem(_("The choice %(key)s is there twice.", key=repeated), key, path=(*path, "branches"), breaks=True)
    if len(ways) > 1:
        for number, way in enumerate(ways):
            if not way.get("label"):
                message = _("A choice has no words.")
                yield Problem(message, key, _("Goes on to"), path=(*path, "branches", number))
        if not step.get("question"):
            yield Problem(_("There are choices, but no question."), key, _("Question"), False, (*path, "branches"))


def _check_ways(document: Mapping[str, Any]) -> Iterator[Problem]:
    graph = Graph.of(document)
    places = {key: ("steps", number) for number, key in enumerate(graph.order)}
    start = str(document["start"])
    if start not in places:
        yield Problem(
            _("The first step %(key)s does not exist.", key=start), part=_("Steps"), path=("start",), breaks=True
        )
    for origin, target in graph.nowhere:
        message = _("Leads to step %(key)s, which does not exist.", key=target or "?")
        yield Problem(message, origin, _("Goes on to"), path=places[origin], breaks=True)
    for key in graph.unreachable(start):
        yield Problem(_("No way leads to this step."), key, path=places[key])
    lost, loops = graph.without_end()
    for loop in loops:
        message = _("An endless loop: %(steps)s never leads to the end.", steps=" → ".join([*loop, loop[0]]))
        yield Problem(message, loop[0], _("Goes on to"), path=places[loop[0]])
    for key in lost:
        if not any(key in loop for loop in loops):
            yield Problem(_("No way leads from here to the end."), key, _("Goes on to"), path=places[key])
    yield from _check_offers(document)


def _check_offers(document: Mapping[str, Any]) -> Iterator[Problem]:
    outputs = {str(step["key"]): {item["name"] for item in step.get("outputs", ())} for step in document["steps"]}
    for number, step in enumerate(document["steps"]):
        for way in ways_of(step):
            for offer in way.get("also", ()):
                key, path = str(step["key"]), ("steps", number, "branches")
                unknown = set(offer.get("outputs", ())) - outputs.get(str(offer["step"]), set())
                for name in sorted(unknown) if str(offer["step"]) in outputs else ():
                    message = _("The optional step %(step)s has no output “%(name)s”.", step=offer["step"], name=name)
                    yield Problem(message, key, _("Goes on to"), path=path, breaks=True)


def _repeated(keys: Iterable[str]) -> list[str]:
    return [key for key, count in Counter(keys).items() if count > 1]
