"""What is exported as BPMN 2.0 opens in bpmn-js without a warning, and shows every step in its lane."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

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
  const result = {
    warnings: warnings.map(String),
    outside: outside.map((element) => element.id),
    tasks: elements.filter((element) => element.type === "bpmn:UserTask").map((element) => element.businessObject.name),
    lanes: elements.filter((element) => element.type === "bpmn:Lane").map((element) => element.businessObject.name),
    gateways: elements.filter((element) => element.type === "bpmn:ExclusiveGateway").length,
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
    assert shown == {"warnings": [], "outside": [], "tasks": activities, "lanes": lanes, "gateways": 4}
    assert broken["warnings"], "the test would see a flow that leads nowhere"


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
    assert (shown["warnings"], shown["outside"]) == ([], [])
    assert len(shown["tasks"]) == len(document["steps"])
