"""A procedure as BPMN 2.0 with its picture: a lane for each executor, steps from left to right.

Choices are exclusive gateways, with the conditions on their flows; steps that begin together a parallel gateway, with
optional ones an inclusive one. A step that waits for all ways stands behind an inclusive gateway: it waits for what can
still come, as the engine does, where a parallel one would wait for ways that were not taken. A repeating step is a
loop; what waits for a step of the case (a gate) is told by an annotation, for it is no part of the flow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from addons.procedures.models.procedure_step import ONCE_MORE
from addons.procedures.services.procedure_bpmn_picture import LANE, MARGIN, NAME, Node, Picture, path_of, picture_of

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PREFIXES = {"bpmn": BPMN, "bpmndi": DI, "dc": DC, "di": DD, "xsi": XSI}


def as_bpmn(document: Mapping[str, Any]) -> str:
    """The XML of ``document``, as bpmn-js opens it."""
    for prefix, uri in PREFIXES.items():
        ElementTree.register_namespace(prefix, uri)
    picture = picture_of(document)
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


def _process(root: ElementTree.Element, document: Mapping[str, Any], picture: Picture) -> None:
    process = _under(root, BPMN, "process", id="Process", isExecutable="false")
    lanes = _under(process, BPMN, "laneSet", id="Lanes")
    for number, executor in enumerate(document["executors"]):
        lane = _under(lanes, BPMN, "lane", id=f"Lane_{number + 1}", name=executor["name"])
        for node in picture.nodes.values():
            if node.lane == number:
                _under(lane, BPMN, "flowNodeRef").text = node.id
    incoming: dict[str, list[str]] = {}
    outgoing: dict[str, list[str]] = {}
    for flow in picture.flows:
        incoming.setdefault(flow.target, []).append(flow.id)
        outgoing.setdefault(flow.origin, []).append(flow.id)
    for node in picture.nodes.values():
        _node(process, node, incoming.get(node.id, []), outgoing.get(node.id, []))
    for flow in picture.flows:
        named = {"name": _plain(flow.words)} if flow.words else {}
        line = _under(process, BPMN, "sequenceFlow", id=flow.id, sourceRef=flow.origin, targetRef=flow.target, **named)
        _document(line, flow.text)
        if flow.condition:
            _expression(line, "conditionExpression", flow.condition)
    for note, about in picture.notes:
        _under(_under(process, BPMN, note.tag, id=note.id), BPMN, "text").text = _plain(note.name)
        _under(process, BPMN, "association", id=f"{note.id}_line", sourceRef=about, targetRef=note.id)


def _node(process: ElementTree.Element, node: Node, incoming: list[str], outgoing: list[str]) -> None:
    given = {"default": node.default} if node.default else {}
    element = _under(process, BPMN, node.tag, id=node.id, name=_plain(node.name), **given)
    _document(element, node.text)
    for name in incoming:
        _under(element, BPMN, "incoming").text = name
    for name in outgoing:
        _under(element, BPMN, "outgoing").text = name
    if node.repeats:
        loop = _under(element, BPMN, "standardLoopCharacteristics", testBefore="false")
        _expression(loop, "loopCondition", str(ONCE_MORE))


def _document(element: ElementTree.Element, text: str) -> None:
    if text:
        _under(element, BPMN, "documentation").text = _plain(text)


def _expression(parent: ElementTree.Element, tag: str, text: str) -> None:
    expression = _under(parent, BPMN, tag)
    expression.set(_tag(XSI, "type"), "bpmn:tFormalExpression")
    expression.text = _plain(text)


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
    for number, flow in enumerate(picture.flows):
        _edge(plane, flow.id, path_of(picture.nodes[flow.origin], picture.nodes[flow.target], number))
    for note, about in picture.notes:
        _shape(plane, note.id, note.x, note.middle - note.height / 2, note.width, note.height)
        x, task = note.x + note.width / 2, picture.nodes[about]
        ends = [(x, task.middle + task.height / 2), (x, note.middle - note.height / 2)]
        _edge(plane, f"{note.id}_line", ends)


def _edge(plane: ElementTree.Element, element: str, corners: list[tuple[float, float]]) -> None:
    edge = _under(plane, DI, "BPMNEdge", id=f"{element}_di", bpmnElement=element)
    for x, y in corners:
        _under(edge, DD, "waypoint", x=f"{x:g}", y=f"{y:g}")


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


def _plain(text: str) -> str:
    """``text`` without the signs that XML cannot hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
