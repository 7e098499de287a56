"""A pathway drawn, written and interchanged: complete, readable without colour, and harmless."""

from itertools import combinations
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.design.addition import Addition
from domain.design.bpmn import BPMN, BPMNDI, DC, DI, bpmn, iso_duration
from domain.design.compose import compose
from domain.design.drawing import draw
from domain.design.layout import Layout, layout
from domain.design.markdown import markdown
from domain.pathway import Definition
from tests.samples import ROOT, hours, pathway, working_days

SHIPPED = sorted((ROOT / "pathways").glob("*/v*.yaml"))
ADDITION = ROOT / "pathways/stroke-rehab/additions/vastmanland/v1.yaml"
SVG = "{http://www.w3.org/2000/svg}"
NASTY = "</text><script>alert(1)</script> | **x** [a](b)"


def shipped(path: Any) -> Definition:
    return Definition.model_validate(yaml.safe_load(path.read_text("utf-8")))


def composed() -> Definition:
    addition = Addition.model_validate(yaml.safe_load(ADDITION.read_text("utf-8")))
    found = compose(pathway(), addition).definition
    assert found is not None
    return found


def nasty() -> Definition:
    given = pathway().model_dump(mode="json")
    given["steps"][1]["label"] = {"sv": NASTY, "en": NASTY}
    given["steps"][1]["guidance"] = {"sv": NASTY, "en": NASTY}
    return Definition.model_validate(given)


def overlap(found: Layout) -> list[tuple[str, str]]:
    return [
        (a.key, b.key)
        for a, b in combinations(found.boxes.values(), 2)
        if a.x < b.x + b.width and b.x < a.x + a.width
        if a.y < b.y + b.height and b.y < a.y + a.height
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_shipped_pathway_is_drawn_written_and_interchanged(path: Any) -> None:
    definition = shipped(path)

    svg, text, process = draw(definition), markdown(definition), bpmn(definition)

    assert overlap(layout(definition)) == []
    drawn = {g.get("id") for g in fromstring(svg).iter(f"{SVG}g")}
    assert drawn == {f"step-{s.key}" for s in definition.steps}
    assert all(f"(`{s.key}`)" in text for s in definition.steps)
    tasks = {f"task_{s.key}" for s in definition.steps}
    assert tasks <= {e.get("id") for e in fromstring(process).iter()}
    assert (svg, text, process) == (draw(definition), markdown(definition), bpmn(definition))


def test_an_addition_is_apart_without_colour() -> None:
    whole = composed()

    root = fromstring(draw(whole, whole.added, whole.changed))

    for group in root.iter(f"{SVG}g"):
        key = str(group.get("id")).removeprefix("step-")
        (frame,) = group.iter(f"{SVG}rect")
        words = [t.text for t in group.iter(f"{SVG}text")]
        assert (frame.get("stroke-dasharray") is not None) is (key in whole.added)
        assert ("+ TILLÄGG" in words) is (key in whole.added)
        assert any(str(w).startswith("~ ändrat") for w in words) is (key in whole.changed)
    text = markdown(whole, whole.added, whole.changed, "en")
    assert text.count("**+ Addition**") == 1 + len(whole.added)
    assert "**~ Changed by addition**: acknowledge" in text


def test_what_somebody_wrote_is_text_and_nothing_else() -> None:
    definition = nasty()

    svg, process, text = draw(definition), bpmn(definition), markdown(definition)

    for document in (svg, process):
        assert "<script" not in document
        assert not [e for e in fromstring(document).iter() if "script" in e.tag]
    assert r"\*\*x\*\* \[a\](b)" in text and "<script" not in text.replace("\\<", "")


def test_the_drawing_says_what_it_is_to_who_cannot_see_it() -> None:
    root = fromstring(draw(pathway()))

    assert root.get("role") == "img"
    assert root.find(f"{SVG}title") is not None
    assert "Rehabiliteringsplan" in str(root.findtext(f"{SVG}desc"))


def test_every_figure_stands_with_its_source() -> None:
    text = markdown(pathway("eskilstuna-ihr"))

    assert "- Mål: 2–5 (ur dokumentet, Två till fem mål i det ursprungliga projektet" in text
    assert "yttersta gräns 91 kalenderdagar" in text
    assert "- Ur: Rehabilitering i hemmet" in text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_reference_of_the_process_resolves_and_everything_has_a_place(path: Any) -> None:
    root = fromstring(bpmn(shipped(path)))
    ids = [str(e.get("id")) for e in root.iter() if e.get("id")]
    process = root.find(f"{{{BPMN}}}process")
    assert process is not None
    nodes = [e for e in process if not e.tag.endswith("sequenceFlow")]
    flows = list(process.iter(f"{{{BPMN}}}sequenceFlow"))

    shapes = {e.get("bpmnElement") for e in root.iter(f"{{{BPMNDI}}}BPMNShape")}
    edges = {e.get("bpmnElement") for e in root.iter(f"{{{BPMNDI}}}BPMNEdge")}

    assert len(ids) == len(set(ids))
    assert shapes == {e.get("id") for e in nodes}
    assert edges == {f.get("id") for f in flows}
    known = {e.get("id") for e in nodes}
    assert all({f.get("sourceRef"), f.get("targetRef")} <= known for f in flows)
    drawn = [list(e.iter(f"{{{DI}}}waypoint")) for e in root.iter(f"{{{BPMNDI}}}BPMNEdge")]
    assert all(len(points) >= 2 for points in drawn)
    assert all(float(b.get("width", 0)) > 0 for b in root.iter(f"{{{DC}}}Bounds"))
    for node in nodes:
        _flows_agree(node, flows)


def _flows_agree(node: Element, flows: list[Element]) -> None:
    """What a node says of its flows is what the flows say; all but the ends have both."""
    told = [e.text for e in node.iter(f"{{{BPMN}}}outgoing")]
    assert told == [f.get("id") for f in flows if f.get("sourceRef") == node.get("id")]
    told = [e.text for e in node.iter(f"{{{BPMN}}}incoming")]
    assert told == [f.get("id") for f in flows if f.get("targetRef") == node.get("id")]
    if not node.tag.endswith(("endEvent", "boundaryEvent")):
        assert any(f.get("sourceRef") == node.get("id") for f in flows), node.get("id")
    if not node.tag.endswith(("startEvent", "boundaryEvent")):
        assert any(f.get("targetRef") == node.get("id") for f in flows), node.get("id")


def test_a_condition_has_a_gateway_with_a_way_past_the_step() -> None:
    root = fromstring(bpmn(pathway("copd-follow-up")))

    (condition,) = root.iter(f"{{{BPMN}}}conditionExpression")
    loops = f"{{{BPMN}}}standardLoopCharacteristics"
    (loop,) = {e.get("id") for e in root.iter() if e.find(loops) is not None}
    assert condition.text == "scores['6mwt'] < 350.0"
    assert loop == "task_follow_up"


def test_lengths_are_in_iso_8601() -> None:
    assert (iso_duration(hours(24)), iso_duration(working_days(2))) == ("PT24H", "P2D")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), max_size=3), min_size=1, max_size=25))
def test_no_two_steps_overlap_whatever_waits_for_what(waits: list[list[int]]) -> None:
    given = pathway("generic-rehab").model_dump(mode="json")
    known = [s["key"] for s in given["steps"]]
    for number, before in enumerate(waits):
        after = sorted({known[n % len(known)] for n in before}) or ["referral"]
        given["steps"].append({**given["steps"][3], "key": f"more_{number}", "after": after})
        known.append(f"more_{number}")

    found = layout(Definition.model_validate(given))

    assert overlap(found) == []
    assert {(e.begin, e.end) for e in found.edges} == {
        (b, s["key"]) for s in given["steps"] for b in s["after"]
    }


def test_five_hundred_steps_are_drawn() -> None:
    given = pathway("generic-rehab").model_dump(mode="json")
    more = [{**given["steps"][3], "key": f"more_{n}", "after": ["plan"]} for n in range(494)]
    definition = Definition.model_validate(given | {"steps": [*given["steps"], *more]})

    assert draw(definition).count("<g ") == 500
