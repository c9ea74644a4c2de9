"""A procedure as BPMN 2.0 with its picture: a lane for each executor, steps from left to right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from addons.procedures.services.procedure import END
from addons.procedures.services.procedure_document import ways_of
from app.addon import gettext as _

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
PREFIXES = {"bpmn": BPMN, "bpmndi": DI, "dc": DC, "di": DD}

LANE, MARGIN, NAME = 170, 40, 30
"""Height of a lane; room at the ends; width of the names of pool and lanes."""
STEP, TASK = 260, (140, 84)
"""From one step to the next; size of a task."""
GATEWAY, EVENT = 50, 36


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

    @property
    def middle(self) -> float:
        """The height of its middle."""
        return MARGIN + LANE * self.lane + LANE / 2 + self.drop


@dataclass(slots=True)
class Picture:
    """The nodes and flows of one procedure."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[tuple[str, str, str, str]] = field(default_factory=list)
    """(id, from, to, words)"""

    def add(self, node: Node) -> Node:
        """Put ``node`` into the picture."""
        self.nodes[node.id] = node
        return node

    def connect(self, origin: Node, target: Node, words: str = "") -> None:
        """A flow between two nodes; one pair is connected once for each choice."""
        self.flows.append((f"Flow_{len(self.flows) + 1}", origin.id, target.id, words))


def as_bpmn(document: Mapping[str, Any]) -> str:
    """The XML of ``document``, as bpmn-js opens it."""
    for prefix, uri in PREFIXES.items():
        ElementTree.register_namespace(prefix, uri)
    picture = _picture(document)
    root = ElementTree.Element(
        _tag(BPMN, "definitions"),
        {"id": "Definitions_1", "targetNamespace": "urn:sinergi:procedure", "exporter": "Sinergi"},
    )
    collaboration = _under(root, BPMN, "collaboration", id="Collaboration_1")
    _under(collaboration, BPMN, "participant", id="Pool", name=document["title"], processRef="Process")
    _process(root, document, picture)
    _diagram(root, document, picture)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _picture(document: Mapping[str, Any]) -> Picture:
    picture = Picture()
    lanes = {item["key"]: number for number, item in enumerate(document["executors"])}
    tasks: dict[str, Node] = {}
    for number, step in enumerate(document["steps"]):
        key = str(step["key"])
        x, lane = NAME * 2 + MARGIN + EVENT + 60 + STEP * number, lanes[step["executor"]]
        name = f"{key}. {step['activity']}"
        node = Node(f"Step_{_slug(key)}_{number}", "userTask", name, lane, x, *TASK, text=_documentation(step))
        tasks[key] = picture.add(node)
    first = tasks[str(document["start"])]
    begin = picture.add(Node("Begin", "startEvent", _("Begin"), first.lane, NAME * 2 + MARGIN, EVENT, EVENT))
    picture.connect(begin, first)
    for step in document["steps"]:
        _ways(picture, tasks, step)
    return picture


def _ways(picture: Picture, tasks: Mapping[str, Node], step: Mapping[str, Any]) -> None:
    origin, ways = tasks[str(step["key"])], ways_of(step)
    x = origin.x + TASK[0] + 30
    if len(ways) > 1:
        gateway = Node(
            f"{origin.id}_choice", "exclusiveGateway", step.get("question", ""), origin.lane, x, GATEWAY, GATEWAY
        )
        picture.connect(origin, picture.add(gateway))
        origin, x = gateway, x + GATEWAY
    for number, way in enumerate(ways):
        source, words = origin, way.get("label", "")
        beside = [tasks[str(offer["step"])] for offer in way.get("also", ()) if str(offer["step"]) in tasks]
        if beside:
            # The choice brings optional tasks along: each of them may be done.
            drop = -(LANE / 2 - GATEWAY / 2 - 4)
            fork = Node(f"{origin.id}_beside_{number}", "inclusiveGateway", "", origin.lane, x, GATEWAY, GATEWAY, drop)
            picture.connect(origin, picture.add(fork), words)
            source, words = fork, ""
            for task in beside:
                picture.connect(fork, task, _("if needed"))
        if str(way["to"]) == END:
            place = Node(f"{source.id}_end_{number}", "endEvent", _("Case ends"), source.lane, x + 10, EVENT, EVENT, 54)
            picture.connect(source, picture.add(place), words)
        elif str(way["to"]) in tasks:
            picture.connect(source, tasks[str(way["to"])], words)


def _documentation(step: Mapping[str, Any]) -> str:
    minutes = step.get("standard_minutes")
    lines = [_("Standard time (minutes)") + f": {minutes}"] if minutes else []
    lines += [_("Papers") + ": " + "; ".join(item["name"] for item in step["papers"])] if step.get("papers") else []
    lines += [_("Output") + ": " + "; ".join(item["name"] for item in step["outputs"])] if step.get("outputs") else []
    return "\n".join([*lines, *([step["remark"]] if step.get("remark") else [])])


def _process(root: ElementTree.Element, document: Mapping[str, Any], picture: Picture) -> None:
    process = _under(root, BPMN, "process", id="Process", isExecutable="false")
    lanes = _under(process, BPMN, "laneSet", id="Lanes")
    for number, executor in enumerate(document["executors"]):
        lane = _under(lanes, BPMN, "lane", id=f"Lane_{number + 1}", name=executor["name"])
        for node in picture.nodes.values():
            if node.lane == number:
                _under(lane, BPMN, "flowNodeRef").text = node.id
    for node in picture.nodes.values():
        element = _under(process, BPMN, node.tag, id=node.id, name=_plain(node.name))
        if node.text:
            _under(element, BPMN, "documentation").text = _plain(node.text)
        for flow, origin, target, _words in picture.flows:
            if target == node.id:
                _under(element, BPMN, "incoming").text = flow
            if origin == node.id:
                _under(element, BPMN, "outgoing").text = flow
    for flow, origin, target, words in picture.flows:
        named = {"name": _plain(words)} if words else {}
        _under(process, BPMN, "sequenceFlow", id=flow, sourceRef=origin, targetRef=target, **named)


def _diagram(root: ElementTree.Element, document: Mapping[str, Any], picture: Picture) -> None:
    plane = _under(
        _under(root, DI, "BPMNDiagram", id="Diagram_1"), DI, "BPMNPlane", id="Plane_1", bpmnElement="Collaboration_1"
    )
    right = max(node.x + node.width for node in picture.nodes.values()) + MARGIN * 3
    count = max(len(document["executors"]), 1)
    _shape(plane, "Pool", MARGIN, MARGIN, right - MARGIN, LANE * count, horizontal=True)
    for number in range(len(document["executors"])):
        y = MARGIN + LANE * number
        _shape(plane, f"Lane_{number + 1}", MARGIN + NAME, y, right - MARGIN - NAME, LANE, horizontal=True)
    for node in picture.nodes.values():
        _shape(plane, node.id, node.x, node.middle - node.height / 2, node.width, node.height)
    for number, (flow, origin, target, _words) in enumerate(picture.flows):
        edge = _under(plane, DI, "BPMNEdge", id=f"{flow}_di", bpmnElement=flow)
        for x, y in _path(picture.nodes[origin], picture.nodes[target], number):
            _under(edge, DD, "waypoint", x=f"{x:g}", y=f"{y:g}")


def _path(origin: Node, target: Node, number: int) -> list[tuple[float, float]]:
    """The corners of a flow: straight on, or with a step between lanes, or round above for a way back."""
    start, end = (origin.x + origin.width, origin.middle), (target.x, target.middle)
    if target.tag == "endEvent":
        bottom = origin.middle + origin.height / 2
        return [(origin.x + origin.width / 2, bottom), (origin.x + origin.width / 2, end[1]), end]
    if end[0] > start[0]:
        bend = end[0] - 12 - 4 * (number % 3)
        return [start, end] if start[1] == end[1] else [start, (bend, start[1]), (bend, end[1]), end]
    over = min(origin.middle, target.middle) - LANE / 2 + 10 + 6 * (number % 4)
    return [
        (origin.x + origin.width / 2, origin.middle - origin.height / 2),
        (origin.x + origin.width / 2, over),
        (target.x + target.width / 2, over),
        (target.x + target.width / 2, target.middle - target.height / 2),
    ]


def _shape(
    plane: ElementTree.Element, element: str, x: float, y: float, width: float, height: float, horizontal: bool = False
) -> None:
    options = {"isHorizontal": "true"} if horizontal else {}
    shape = _under(plane, DI, "BPMNShape", id=f"{element}_di", bpmnElement=element, **options)
    _under(shape, DC, "Bounds", x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{height:g}")


def _under(parent: ElementTree.Element, namespace: str, tag: str, /, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, _tag(namespace, tag), attributes)


def _tag(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"


def _slug(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", key)


def _plain(text: str) -> str:
    """``text`` without the signs that XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
