"""What the BPMN of a procedure shows, and where: symbols in the lanes of their executors, ways between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from addons.organization.services.working_calendar import CLOCK_MODES
from addons.procedures.services.condition import condition_words
from addons.procedures.services.gate import gate_item_words
from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import ways_of
from app.addon import gettext as _

LANE, MARGIN, NAME = 210, 40, 30
"""Height of a lane; room at the ends; width of the names of pool and lanes."""
TASK, NOTE = (140, 84), (140, 54)
"""Size of a task; of an annotation."""
GATEWAY, EVENT, ROOM = 50, 36, 34
"""Size of a gateway, of an event; from one symbol to the next."""
FAR = 300
"""A way longer than this runs above the steps between."""
ABOVE, BELOW = -(LANE / 2 - GATEWAY / 2 - 14), LANE / 2 - NOTE[1] / 2 - 4
"""Where gateways of one choice, and ends and annotations stand, from the middle of the lane."""


@dataclass(slots=True)
class Node:
    """Something on the way: an element of the process and where it is drawn."""

    id: str
    tag: str
    name: str
    lane: int
    x: float
    width: int
    height: int
    drop: float = 0
    """How far below the middle of its lane."""
    text: str = ""
    repeats: bool = False
    default: str = ""
    """The flow that is taken when no condition holds."""

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return MARGIN + LANE * self.lane + LANE / 2 + self.drop


@dataclass(frozen=True, slots=True)
class Flow:
    """A way between two nodes, with its words, the condition under which it is taken and what else is said of it."""

    id: str
    origin: str
    target: str
    words: str = ""
    condition: str = ""
    text: str = ""


@dataclass(slots=True)
class Picture:
    """The nodes and flows of one procedure, and the annotations beside them."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    notes: list[tuple[Node, str]] = field(default_factory=list)
    """(annotation, id of what it is about)"""

    def add(self, node: Node) -> Node:
        """Put ``node`` into the picture."""
        self.nodes[node.id] = node
        return node

    def connect(self, origin: Node, target: Node, words: str = "", condition: str = "", text: str = "") -> Flow:
        """A flow between two nodes; one pair is connected once for each choice."""
        flow = Flow(f"Flow_{len(self.flows) + 1}", origin.id, target.id, words, condition, text)
        self.flows.append(flow)
        return flow


@dataclass(slots=True)
class Stop:
    """A step in the picture: where its flows come in, the task, and where the next symbol behind it stands."""

    entry: Node
    task: Node
    x: float


def picture_of(document: Mapping[str, Any]) -> Picture:
    """The whole picture of ``document``."""
    picture = Picture()
    lanes = {item["key"]: number for number, item in enumerate(document["executors"])}
    stops: dict[str, Stop] = {}
    x: float = NAME * 2 + MARGIN + EVENT + 2 * ROOM
    for number, step in enumerate(document["steps"]):
        stops[str(step["key"])] = stop = _stop(picture, step, number, lanes[step["executor"]], x)
        x = stop.x + _width(step) + 2 * ROOM
    first = stops[str(document["start"])]
    lane = first.entry.lane
    begin = picture.add(Node("Begin", "startEvent", _("Begin"), lane, NAME * 2 + MARGIN, EVENT, EVENT))
    picture.connect(begin, first.entry)
    for step in document["steps"]:
        _ways(picture, stops, step)
    return picture


def _stop(picture: Picture, step: Mapping[str, Any], number: int, lane: int, x: float) -> Stop:
    """The task of ``step``, behind a gateway where it waits for all ways, with its gates told below."""
    key = str(step["key"])
    name = f"Step_{_slug(key)}_{number}"
    entry = None
    if step.get("waits_for_all"):
        words = _("Begins when all ways have come in")
        entry = picture.add(Node(f"{name}_join", "inclusiveGateway", words, lane, x, GATEWAY, GATEWAY))
        x += GATEWAY + ROOM
    task = Node(name, "userTask", f"{key}. {step['activity']}", lane, x, *TASK, text=_documentation(step))
    task.repeats = bool(step.get("may_repeat"))
    picture.add(task)
    if entry is not None:
        picture.connect(entry, task)
    if gates := [gate_item_words(gate) for gate in step.get("gates", ())]:
        note = Node(f"{name}_gates", "textAnnotation", "\n".join(gates), lane, x, *NOTE, BELOW)
        picture.notes.append((note, task.id))
    return Stop(entry or task, task, x + TASK[0] + ROOM)


def _width(step: Mapping[str, Any]) -> float:
    """How much room the gateways and ends behind the task of ``step`` take, one behind another."""
    ways = ways_of(step)
    symbols = [len(ways) > 1, *(_forks(way) for way in ways), *(str(way["to"]) == END for way in ways)]
    return sum(symbols) * (GATEWAY + ROOM)


def _forks(way: Mapping[str, Any]) -> bool:
    return bool(way.get("parallel") or way.get("also"))


def _ways(picture: Picture, stops: Mapping[str, Stop], step: Mapping[str, Any]) -> None:
    stop, ways = stops[str(step["key"])], ways_of(step)
    origin, x = stop.task, stop.x
    if len(ways) > 1:
        name, question = f"{origin.id}_choice", step.get("question", "")
        gateway = Node(name, "exclusiveGateway", question, origin.lane, x, GATEWAY, GATEWAY)
        picture.connect(origin, picture.add(gateway))
        origin, x = gateway, x + GATEWAY + ROOM
    default = _default(ways)
    for number, way in enumerate(ways):
        name, lane, source = f"{origin.id}_{number}", origin.lane, origin
        told, flow = _told(way), None
        if _forks(way):
            tag = "inclusiveGateway" if way.get("also") else "parallelGateway"
            source = picture.add(Node(f"{name}_fork", tag, "", lane, x, GATEWAY, GATEWAY, ABOVE))
            flow, told, x = picture.connect(origin, source, *told), ("", "", ""), x + GATEWAY + ROOM
        if str(way["to"]) == END:
            end = picture.add(Node(f"{name}_end", "endEvent", _("Case ends"), lane, x, EVENT, EVENT, BELOW))
            last, x = picture.connect(source, end, *told), x + GATEWAY + ROOM
            flow = flow or last
        elif str(way["to"]) in stops:
            last = picture.connect(source, stops[str(way["to"])].entry, *told)
            flow = flow or last
        if way is default and flow is not None:
            origin.default = flow.id
        _beside(picture, stops, source, way)


def _beside(picture: Picture, stops: Mapping[str, Stop], source: Node, way: Mapping[str, Any]) -> None:
    """The steps that begin with ``way``: those that the case waits for, and those that are done if needed."""
    for key in way.get("parallel", ()):
        if str(key) in stops:
            picture.connect(source, stops[str(key)].entry)
    for offer in way.get("also", ()):
        if str(offer["step"]) in stops:
            words = " ".join(filter(None, [_("if needed"), offer.get("name")]))
            picture.connect(source, stops[str(offer["step"])].task, words, _("if needed"))


def _default(ways: list[dict[str, Any]]) -> Mapping[str, Any] | None:
    """The way that is taken where no condition holds; None where the executor chooses among several."""
    left = [way for way in ways if not way.get("condition")]
    return left[0] if len(left) == 1 < len(ways) else None


def _told(way: Mapping[str, Any]) -> tuple[str, str, str]:
    """The words, the condition and the documentation of a way."""
    label, condition = way.get("label", ""), condition_words(way["condition"]) if way.get("condition") else ""
    lines = [way.get("note"), _("needs a remark") if way.get("note_required") else None]
    lines.append(_("asks for no output when the step comes again") if way.get("nothing_on_return") else None)
    lines.append(_("our addition") if way.get("printed") is False else None)
    words = f"{label} [{condition}]".strip() if condition else label
    return words, condition, "\n".join(str(line) for line in lines if line)


def _documentation(step: Mapping[str, Any]) -> str:
    return "\n".join(_lines_of(step))


def _lines_of(step: Mapping[str, Any]) -> Iterator[str]:
    if minutes := step.get("standard_minutes"):
        mode = f" ({CLOCK_MODES[step['clock_mode']]})" if step.get("clock_mode") else ""
        yield _("Standard time (minutes)") + f": {minutes}{mode}"
    for title, items in ((_("Papers"), step.get("papers")), (_("Output"), step.get("outputs"))):
        if items:
            yield f"{title}: " + "; ".join(
                item["name"] + (" *" if item.get("mandatory", True) else "") for item in items
            )
    if step.get("remark"):
        yield str(step["remark"])
    if step.get("printed") is False:
        yield _("Our addition: does not stand in the written procedure")


def path_of(origin: Node, target: Node, number: int) -> list[tuple[float, float]]:
    """The corners of a flow: straight on, with a step between lanes, or above what lies between."""
    start, end = (origin.x + origin.width, origin.middle), (target.x, target.middle)
    if target.tag == "endEvent":
        bottom = origin.middle + origin.height / 2
        return [(origin.x + origin.width / 2, bottom), (origin.x + origin.width / 2, end[1]), end]
    bend = end[0] - 12 - 4 * (number % 3)
    if end[0] - start[0] > FAR:
        over = origin.middle - origin.drop - LANE / 2 + 3 + 3 * (number % 4)
        x, top = origin.x + origin.width / 2, origin.middle - origin.height / 2
        return [(x, top), (x, over), (bend, over), (bend, end[1]), end]
    if end[0] > start[0]:
        return [start, end] if start[1] == end[1] else [start, (bend, start[1]), (bend, end[1]), end]
    over = min(node.middle - node.drop for node in (origin, target)) - LANE / 2 + 3 + 3 * (number % 4)
    return [
        (origin.x + origin.width / 2, origin.middle - origin.height / 2),
        (origin.x + origin.width / 2, over),
        (target.x + target.width / 2, over),
        (target.x + target.width / 2, target.middle - target.height / 2),
    ]


def _slug(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", key)
