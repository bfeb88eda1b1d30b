"""The road of every programme as a chart: complete, drawn without overlap, and BPMN that others read."""

from importlib.resources import files
from io import BytesIO

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser

from config import programme_pages
from pilots import catalogue
from pilots.rules.document import cached
from tests.world import _texts
from workflows.charts import chart_of
from workflows.charts.bpmn import export
from workflows.charts.layout import lay_out
from workflows.charts.matrix import differences, reference
from workflows.charts.svg import draw, wrap

CODES = catalogue.codes()


@pytest.fixture(scope="module")
def schema():
    """BPMN20.xsd as an independent engine ships it."""
    folder = files("SpiffWorkflow.bpmn.parser") / "schema"
    return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd")))


@pytest.mark.parametrize("code", CODES)
def test_the_export_is_valid_and_opens_elsewhere(code, schema):
    content = export(cached(_texts()[code]))
    document = etree.parse(BytesIO(content))
    assert schema.validate(document), schema.error_log
    parser = BpmnParser()
    parser.add_bpmn_io(BytesIO(content))
    spec = parser.get_spec(code)
    chart = chart_of(cached(_texts()[code]))
    assert set(chart.nodes) <= set(spec.task_specs)


def test_a_broken_export_would_be_noticed(schema):
    content = export(cached(_texts()[CODES[0]])).replace(b"exclusiveGateway", b"exclusiveGate")
    assert not schema.validate(etree.parse(BytesIO(content)))


@pytest.mark.parametrize("code", CODES)
def test_a_chart_is_whole(code):
    rules = cached(_texts()[code])
    chart = chart_of(rules)
    # Everything is reached from the start, and everything but ends leads on.
    reached, queue = {"start"}, ["start"]
    while queue:
        here = queue.pop()
        for edge in chart.edges:
            if edge.source == here and edge.target not in reached:
                reached.add(edge.target)
                queue.append(edge.target)
    assert reached == set(chart.nodes)
    leads_on = {edge.source for edge in chart.edges}
    assert {node.id for node in chart.nodes.values() if node.kind != "end"} == leads_on
    # Every stage with a step of its own is drawn.
    drawn = {node.stage for node in chart.nodes.values()}
    beside = {"CALL", "DRAFT", "CHG", "UPG", "REV", "REX", "PLAQ"}
    assert {stage.code for stage in rules.stages} - beside <= drawn


@pytest.mark.parametrize("code", CODES)
def test_boxes_do_not_lie_on_each_other(code):
    boxes = list(lay_out(chart_of(cached(_texts()[code]))).boxes.values())
    for index, a in enumerate(boxes):
        for b in boxes[index + 1 :]:
            apart = a.x + a.w <= b.x or b.x + b.w <= a.x or a.y + a.h <= b.y or b.y + b.h <= a.y
            assert apart, (a.node.id, b.node.id)


def test_the_picture_marks_where_a_case_stands():
    rules = cached(_texts()["service_cluster_trial_zone"])
    plain, marked = draw(rules), draw(rules, frozenset({"PROV"}))
    assert plain != marked
    assert marked.count("#fde68a") == 1
    root = etree.fromstring(marked.encode())
    assert not root.xpath("//*[local-name()='style' or local-name()='script'] | //@style | //@onclick")


def test_words_are_broken_by_the_word():
    assert wrap("国家知识产权试点城市", 5) == ["国家知识产", "权试点城市"]
    assert wrap("Division head confirms", 5) == ["Division", "head", "confirms"]


def test_pages_are_up_to_date():
    assert programme_pages.stale() == []


def test_every_difference_from_the_reference_has_its_reason():
    found = [item for text in _texts().values() for item in differences(cached(text))]
    assert [item for item in found if item.reason is None or not item.reason.en] == []
    # What was seen is required: no cell with R differs.
    assert [item for item in found if item.there == "R"] == []
    assert set(reference()) <= set(CODES)
