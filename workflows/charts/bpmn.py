"""A chart as BPMN 2.0 (OMG formal/2011-01-03) with its diagram, so that it opens, drawn, in any BPMN tool.

Valid against BPMN20.xsd; a test holds that, and that an independent engine reads it.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from django.utils.translation import get_language

from pilots.rules import Rules
from pilots.rules.parts import Period, Words

from .chart import Chart, Node, chart_of, seat_name
from .layout import LABEL, MARGIN, Layout, lay_out

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
# The library knows one prefix per process: `dc` is Dublin Core's, and certificates are written with it.
PREFIXES = {"bpmn": BPMN, "bpmndi": DI, "omgdc": DC, "omgdi": DD, "xsi": XSI}
TARGET = "urn:pilotage:programme"
_ELEMENTS = {
    "start": "startEvent", "task": "userTask", "gateway": "exclusiveGateway", "timer": "intermediateCatchEvent",
    "end": "endEvent",
}  # fmt: skip


def export(rules: Rules) -> bytes:
    """The BPMN document of a programme, UTF-8, in the reader's language. The same rules give the same bytes."""
    for prefix, uri in PREFIXES.items():
        ET.register_namespace(prefix, uri)
    chart = chart_of(rules)
    layout = lay_out(chart)
    root = ET.Element(f"{{{BPMN}}}definitions", {"id": f"definitions_{rules.code}", "targetNamespace": TARGET,
                      "exporter": "Pilotage", "exporterVersion": rules.version})  # fmt: skip
    collaboration = ET.SubElement(root, f"{{{BPMN}}}collaboration", {"id": "collaboration"})
    ET.SubElement(collaboration, f"{{{BPMN}}}participant",
                  {"id": "pool", "name": str(rules.name), "processRef": rules.code})  # fmt: skip
    _process(root, rules, chart)
    _diagram(root, chart, layout)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _tag(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def _process(root: ET.Element, rules: Rules, chart: Chart) -> None:
    process = ET.SubElement(root, _tag("process"), {"id": rules.code, "name": str(rules.name), "isExecutable": "true"})
    lanes = ET.SubElement(process, _tag("laneSet"), {"id": "lanes"})
    for name in chart.lanes:
        lane = ET.SubElement(lanes, _tag("lane"), {"id": f"lane_{name}", "name": seat_name(name)})
        for node in chart.nodes.values():
            if node.lane == name:
                ET.SubElement(lane, _tag("flowNodeRef")).text = node.id
    for node in chart.nodes.values():
        _node(process, chart, node)
    default = _defaults(chart)
    for number, edge in enumerate(chart.edges):
        flow = {"id": f"flow_{number}", "sourceRef": edge.source, "targetRef": edge.target}
        if edge.name:
            flow["name"] = str(edge.name)
        element = ET.SubElement(process, _tag("sequenceFlow"), flow)
        if chart.nodes[edge.source].kind == "gateway" and default[edge.source] != number:
            condition = ET.SubElement(
                element, _tag("conditionExpression"), {f"{{{XSI}}}type": "bpmn:tFormalExpression"}
            )
            condition.text = f'outcome == "{edge.target}"'


def _defaults(chart: Chart) -> dict[str, int]:
    """The flow each question takes where nothing else is said: the last one, so that an engine always finds a way."""
    return {
        edge.source: number for number, edge in enumerate(chart.edges) if chart.nodes[edge.source].kind == "gateway"
    }


def _node(process: ET.Element, chart: Chart, node: Node) -> None:
    given = {"id": node.id, "name": str(node.name)}
    if node.kind == "gateway":
        given["default"] = f"flow_{_defaults(chart)[node.id]}"
    element = ET.SubElement(process, _tag(_ELEMENTS[node.kind]), given)
    if node.due is not None and node.kind == "task":
        ET.SubElement(element, _tag("documentation")).text = _time(node.due)
    for number, edge in enumerate(chart.edges):
        if edge.target == node.id:
            ET.SubElement(element, _tag("incoming")).text = f"flow_{number}"
    for number, edge in enumerate(chart.edges):
        if edge.source == node.id:
            ET.SubElement(element, _tag("outgoing")).text = f"flow_{number}"
    if node.kind == "timer":
        event = ET.SubElement(element, _tag("timerEventDefinition"), {"id": f"timer_{node.id}"})
        duration = ET.SubElement(event, _tag("timeDuration"), {f"{{{XSI}}}type": "bpmn:tFormalExpression"})
        duration.text = iso_duration(node.due)


def iso_duration(period: Period | None) -> str:
    """ISO 8601 of a period, as an expression; working days are days here, their calendar is the system's."""
    if period is None:
        return '"P1Y"'
    return f'"P{period.n}{ {"working": "D", "calendar": "D", "month": "M", "year": "Y"}[period.unit] }"'


def _time(period: Period) -> str:
    words = Words(zh=period.basis, en=period.basis) if period.basis else None
    unit = {"working": ("个工作日", "working days"), "calendar": ("日", "days"), "month": ("个月", "months"),
            "year": ("年", "years")}[period.unit][(get_language() or "").startswith("en")]  # fmt: skip
    return f"{period.n} {unit}" + (f"；{words}" if words else "")


def _diagram(root: ET.Element, chart: Chart, layout: Layout) -> None:
    diagram = ET.SubElement(root, f"{{{DI}}}BPMNDiagram", {"id": "diagram"})
    plane = ET.SubElement(diagram, f"{{{DI}}}BPMNPlane", {"id": "plane", "bpmnElement": "collaboration"})
    _shape(plane, "pool", MARGIN - 10, MARGIN, layout.width - MARGIN, layout.height - 2 * MARGIN, horizontal=True)
    for name, (top, height) in layout.lanes.items():
        _shape(plane, f"lane_{name}", MARGIN + 20, top, layout.width - 2 * MARGIN - 20, height, horizontal=True)
    for box in layout.boxes.values():
        _shape(plane, box.node.id, box.x, box.y, box.w, box.h, marker=box.node.kind == "gateway")
    for number, line in enumerate(layout.lines):
        edge = ET.SubElement(plane, f"{{{DI}}}BPMNEdge", {"id": f"edge_{number}", "bpmnElement": f"flow_{number}"})
        for x, y in line.points:
            ET.SubElement(edge, f"{{{DD}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})


def _shape(plane: ET.Element, key: str, x: float, y: float, w: float, h: float, *, horizontal: bool = False,
           marker: bool = False) -> None:  # fmt: skip
    given = {"id": f"shape_{key}", "bpmnElement": key}
    if horizontal:
        given["isHorizontal"] = "true"
    if marker:
        given["isMarkerVisible"] = "true"
    shape = ET.SubElement(plane, f"{{{DI}}}BPMNShape", given)
    ET.SubElement(shape, f"{{{DC}}}Bounds", {"x": f"{x:g}", "y": f"{y:g}", "width": f"{w:g}", "height": f"{h:g}"})


__all__ = ["LABEL", "export", "iso_duration"]
