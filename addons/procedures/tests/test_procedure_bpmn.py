"""What is exported as BPMN 2.0 opens in bpmn-js without a warning, and shows every step in its lane."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings

from addons.procedures.tests.test_procedure_file import documents
from app.database.session import db

BPMN_JS = Path(__file__).resolve().parents[3] / "node_modules" / "bpmn-js" / "dist" / "bpmn-viewer.production.min.js"
OPEN = """async (xml) => {
  const viewer = new BpmnJS({ container: document.body });
  const { warnings } = await viewer.importXML(xml);
  const elements = viewer.get("elementRegistry").filter((element) => !element.labelTarget);
  const shapes = elements.filter((element) => element.width);
  const lane = (element) => element.businessObject.$parent && shapes.find((other) =>
    other.type === "bpmn:Lane" && (other.businessObject.flowNodeRef || []).includes(element.businessObject));
  const outside = shapes.filter((element) => {
    const home = element.type.endsWith("Task") && lane(element);
    return home && (element.y < home.y || element.y + element.height > home.y + home.height);
  });
  const symbols = shapes.filter((element) => !["bpmn:Participant", "bpmn:Lane"].includes(element.type));
  const upon = symbols.filter((one) => symbols.some((other) => one !== other &&
    one.x < other.x + other.width && other.x < one.x + one.width &&
    one.y < other.y + other.height && other.y < one.y + one.height));
  const of = (type) => elements.filter((element) => element.type === type).map((element) => element.businessObject);
  const result = {
    warnings: warnings.map(String),
    outside: outside.map((element) => element.id),
    upon: upon.map((element) => element.id),
    tasks: elements.filter((element) => element.type === "bpmn:UserTask").map((element) => element.businessObject.name),
    lanes: elements.filter((element) => element.type === "bpmn:Lane").map((element) => element.businessObject.name),
    gateways: of("bpmn:ExclusiveGateway").length,
    forks: of("bpmn:ParallelGateway").map((gateway) => gateway.outgoing.map((flow) => flow.targetRef.name)),
    joins: of("bpmn:InclusiveGateway").filter((gateway) => gateway.outgoing.length === 1)
      .map((gateway) => (gateway.incoming || []).map((flow) => flow.sourceRef.name)),
    conditions: of("bpmn:SequenceFlow").filter((flow) => flow.conditionExpression)
      .map((flow) => [flow.name, flow.conditionExpression.body]),
    defaults: of("bpmn:ExclusiveGateway").filter((gateway) => gateway.default).map((gateway) => gateway.default.name),
    loops: of("bpmn:UserTask").filter((task) => task.loopCharacteristics)
      .map((task) => [task.name, task.loopCharacteristics.loopCondition.body]),
    notes: of("bpmn:TextAnnotation").map((note) => note.text),
    lines: of("bpmn:Association").map((line) => line.sourceRef.name),
  };
  viewer.destroy();
  return result;
}"""


def test_kendals_sop_opens_in_bpmn_js(acting: Callable[..., Any], chromium: Any) -> None:
    from addons.procedures.models.procedure import Procedure
    from addons.procedures.services.procedure_export import EXPORTS

    with acting("kendal.admin", "kendal"):
        procedure = db.session.query(Procedure).one()
        xml = EXPORTS["bpmn"].write(procedure)
        activities = [f"{step.key}. {step.activity}" for step in procedure.steps]
        lanes = [item.name for item in procedure.executors]
    page = chromium.new_page()
    page.add_script_tag(path=str(BPMN_JS))
    shown = page.evaluate(OPEN, xml)
    broken = page.evaluate(OPEN, xml.replace('targetRef="Step_2_1"', 'targetRef="Step_nowhere"'))
    page.close()
    drawn = {name: shown[name] for name in ("warnings", "outside", "upon", "tasks", "lanes", "gateways")}
    assert drawn == {
        "warnings": [], "outside": [], "upon": [], "tasks": activities, "lanes": lanes, "gateways": 4,
    }  # fmt: skip
    assert broken["warnings"], "the test would see a flow that leads nowhere"


def test_parallel_steps_joins_conditions_gates_and_repeats_are_drawn(app: Any, chromium: Any) -> None:
    from addons.procedures.services.procedure_bpmn import as_bpmn

    document = yaml.safe_load((Path(__file__).parent / "branching_procedure.yaml").read_text(encoding="utf-8"))
    with app.test_request_context(), force_locale("en"):
        xml = as_bpmn(document)
    page = chromium.new_page()
    page.add_script_tag(path=str(BPMN_JS))
    shown = page.evaluate(OPEN, xml)
    page.close()
    assert (shown["warnings"], shown["outside"], shown["upon"]) == ([], [], [])
    assert shown["forks"] == [["3. Menyiapkan ruang", "4. Melapor ke atas"]]
    assert shown["joins"] == [["3. Menyiapkan ruang", "4. Melapor ke atas"]]
    intern, abroad = "Partner is a unit of our own institution: yes", "Country of the partner: not Indonesia"
    assert shown["conditions"] == [[f"Mitra internal [{intern}]", intern], [f"Luar negeri [{abroad}]", abroad]]
    assert shown["defaults"] == ["Dalam negeri"]
    assert shown["loops"] == [["2. Merundingkan", "Once more"]]
    assert shown["notes"] == ["Comes before “Put into force” of Agreement (Code: MoU)"]
    assert shown["lines"] == ["4. Melapor ke atas"]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=documents())
def test_whatever_the_ways_nothing_is_complained_of(app: Any, chromium: Any, document: dict[str, Any]) -> None:
    from addons.procedures.services.procedure_bpmn import as_bpmn

    with app.test_request_context():
        xml = as_bpmn(document)
    page = chromium.new_page()
    page.add_script_tag(path=str(BPMN_JS))
    shown = page.evaluate(OPEN, xml)
    page.close()
    assert (shown["warnings"], shown["outside"], shown["upon"]) == ([], [], [])
    assert len(shown["loops"]) == sum("may_repeat" in step for step in document["steps"])
    assert len(shown["joins"]) == sum("waits_for_all" in step for step in document["steps"])
    assert len(shown["notes"]) == sum("gates" in step for step in document["steps"])
    assert len(shown["tasks"]) == len(document["steps"])
