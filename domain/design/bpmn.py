"""A pathway as BPMN 2.0 (OMG, formal/2011-01-03) with its layout, for tools of others.

What BPMN has a word for is said by it: steps are tasks, several before or after one another meet in
parallel gateways, a condition has a gateway of its own, a repetition a loop, a time limit a timer.
What it has none for stands in the documentation of the task. It is for reading, not for running.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from domain.calendar import Budget, Counting
from domain.design.layout import Box, Layout, layout
from domain.design.wording import length, marks, say
from domain.pathway import Definition, StepDefinition

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PREFIXES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI}
EVENT, GATEWAY, SCALE = 36.0, 50.0, 1.9
TASKS = {"handover": "sendTask", "meeting": "userTask", "referral": "task"}


class Node(NamedTuple):
    """A flow node: its id, what it is, where it stands, and the step that it is for."""

    id: str
    tag: str
    x: float
    y: float
    width: float
    height: float
    step: StepDefinition | None = None


class Flow(NamedTuple):
    """A sequence flow from one node to another."""

    id: str
    begin: str
    end: str


def bpmn(definition: Definition) -> str:
    """The process with its diagram. The same definition gives the same text."""
    for prefix, uri in PREFIXES.items():
        register_namespace(prefix, uri)
    nodes, flows = _graph(definition)
    root = Element(
        f"{{{BPMN}}}definitions",
        {"id": "definitions", "targetNamespace": f"urn:handslag:pathway:{definition.name}"},
    )
    _process(root, definition, nodes, flows)
    _diagram(root, nodes, flows)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _graph(definition: Definition) -> tuple[dict[str, Node], list[Flow]]:
    """Tasks, with gateways before and after them where ways meet, part or depend."""
    found = layout(definition)
    nodes = {"start": Node("start", "startEvent", *_event_above(definition, found))}
    after = {s.key: tuple(dict.fromkeys(s.after)) for s in definition.steps}
    followers = {k: [s for s, b in after.items() if k in b] for k in after}
    entry, leave = dict[str, str](), dict[str, str]()
    flows = list[Flow]()
    for step in definition.steps:
        made = list(_of_step(step, found.boxes[step.key], after, followers))
        nodes |= {node.id: node for node in made}
        entry[step.key], leave[step.key] = made[0].id, made[-1].id
        flows += [_flow(a.id, b.id) for a, b in pairwise(made)]
        if step.when is not None:
            flows.append(_flow(f"when_{step.key}", f"past_{step.key}"))
    last = [k for k, later in followers.items() if not later]
    nodes |= {node.id: node for node in _ends(found, several=len(last) > 1)}
    flows += [_flow("start", entry[k]) for k, before in after.items() if not before]
    flows += [_flow(leave[b], entry[k]) for k, before in after.items() for b in before]
    into = "join_end" if len(last) > 1 else "end"
    flows += [_flow(leave[k], into) for k in last]
    flows += [_flow("join_end", "end")] if len(last) > 1 else []
    return nodes, list(dict.fromkeys(flows))


def _flow(begin: str, end: str) -> Flow:
    return Flow(f"flow_{begin}__{end}", begin, end)


def _of_step(
    step: StepDefinition,
    box: Box,
    after: dict[str, tuple[str, ...]],
    followers: dict[str, list[str]],
) -> Iterator[Node]:
    """The nodes that a step comes to, from its way in to its way out."""
    x, y, width, height = box.x, box.y * SCALE, box.width, box.height
    middle = x + width / 2 - GATEWAY / 2
    if len(after[step.key]) > 1:
        yield Node(f"join_{step.key}", "parallelGateway", middle, y - 2 * GATEWAY, GATEWAY, GATEWAY)
    if step.when is not None:
        where = (middle, y - GATEWAY * 0.9, GATEWAY * 0.7, GATEWAY * 0.7)
        yield Node(f"when_{step.key}", "exclusiveGateway", *where, step)
    yield Node(f"task_{step.key}", TASKS.get(step.kind, "userTask"), x, y, width, height, step)
    if step.when is not None:
        where = (middle, y + height + 8, GATEWAY * 0.7, GATEWAY * 0.7)
        yield Node(f"past_{step.key}", "exclusiveGateway", *where)
    if len(followers[step.key]) > 1:
        below = y + height + (GATEWAY if step.when is not None else 16)
        yield Node(f"split_{step.key}", "parallelGateway", middle, below, GATEWAY, GATEWAY)


def _event_above(definition: Definition, found: Layout) -> tuple[float, float, float, float]:
    first = found.boxes[definition.steps[0].key]
    x = first.x + first.width / 2 - EVENT / 2
    return (x, first.y * SCALE - 2 * EVENT, EVENT, EVENT)


def _ends(found: Layout, *, several: bool) -> Iterator[Node]:
    lowest = max(b.y * SCALE + b.height for b in found.boxes.values())
    middle = found.width / 2
    if several:
        yield Node(
            "join_end", "parallelGateway", middle - GATEWAY / 2, lowest + 60, GATEWAY, GATEWAY
        )
    yield Node("end", "endEvent", middle - EVENT / 2, lowest + 150, EVENT, EVENT)


def _process(
    root: Element, definition: Definition, nodes: dict[str, Node], flows: list[Flow]
) -> None:
    process = _sub(
        root,
        "process",
        id="process",
        name=say(definition.label, "sv"),
        isExecutable="false",
    )
    for node in nodes.values():
        _node(process, node, flows)
    for flow in flows:
        made = _sub(process, "sequenceFlow", id=flow.id, sourceRef=flow.begin, targetRef=flow.end)
        begin = nodes[flow.begin]
        if begin.tag == "exclusiveGateway" and begin.step and flow.end.startswith("task_"):
            expression = _sub(made, "conditionExpression")
            expression.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
            expression.text = begin.step.when


def _node(process: Element, node: Node, flows: list[Flow]) -> None:
    made = _sub(process, node.tag, id=node.id)
    is_task = node.step is not None and node.id.startswith("task_")
    if node.step is not None and is_task:
        made.set("name", say(node.step.label, "sv"))
        _sub(made, "documentation").text = _documentation(node.step)
    if node.tag == "exclusiveGateway" and node.step is not None:
        made.set("name", node.step.when or "")
        made.set("default", f"flow_{node.id}__past_{node.step.key}")
    for flow in flows:
        if flow.end == node.id:
            _sub(made, "incoming").text = flow.id
    for flow in flows:
        if flow.begin == node.id:
            _sub(made, "outgoing").text = flow.id
    if node.step is not None and is_task:
        if node.step.repeat is not None:
            _sub(made, "standardLoopCharacteristics", testBefore="false")
        _timer(process, node.step)


def _timer(process: Element, step: StepDefinition) -> None:
    """A non-interrupting timer at a task: when it is due, told in the documentation too."""
    event = _sub(
        process,
        "boundaryEvent",
        id=f"due_{step.key}",
        attachedToRef=f"task_{step.key}",
        cancelActivity="false",
    )
    definition = _sub(event, "timerEventDefinition", id=f"timer_{step.key}")
    duration = _sub(definition, "timeDuration")
    duration.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
    duration.text = iso_duration(step.due.budget)


def iso_duration(budget: Budget) -> str:
    """ISO 8601; days that only count when people work are days here: BPMN knows no calendar."""
    by_hour = budget.counting in (Counting.HOURS, Counting.OPENING_HOURS)
    return f"PT{budget.amount}H" if by_hour else f"P{budget.amount}D"


def _documentation(step: StepDefinition) -> str:
    lines = [f"{step.kind}; {length(step.due, 'sv')} ({step.due.source})", *marks(step, "sv")]
    if step.guidance is not None:
        lines.append(say(step.guidance, "sv"))
    return "\n".join(lines)


def _diagram(root: Element, nodes: dict[str, Node], flows: list[Flow]) -> None:
    diagram = SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": "diagram"})
    plane = SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", {"id": "plane", "bpmnElement": "process"})
    for node in nodes.values():
        _shape(plane, node.id, (node.x, node.y, node.width, node.height))
        if node.id.startswith("task_"):
            corner = (node.x + node.width - 30, node.y + node.height - EVENT / 2)
            _shape(plane, f"due_{node.id[5:]}", (*corner, EVENT, EVENT))
    for flow in flows:
        edge = SubElement(
            plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"di_{flow.id}", "bpmnElement": flow.id}
        )
        for x, y in _waypoints(nodes[flow.begin], nodes[flow.end]):
            SubElement(edge, f"{{{DI}}}waypoint", {"x": f"{x:.0f}", "y": f"{y:.0f}"})


def _shape(plane: Element, element: str, bounds: tuple[float, float, float, float]) -> None:
    shape = SubElement(
        plane, f"{{{BPMNDI}}}BPMNShape", {"id": f"di_{element}", "bpmnElement": element}
    )
    names = ("x", "y", "width", "height")
    drawn = {name: f"{value:.0f}" for name, value in zip(names, bounds, strict=True)}
    SubElement(shape, f"{{{DC}}}Bounds", drawn)


def _waypoints(begin: Node, end: Node) -> Iterator[tuple[float, float]]:
    """From the foot of one to the head of the other, by two right angles."""
    x, y = begin.x + begin.width / 2, begin.y + begin.height
    to_x, to_y = end.x + end.width / 2, end.y
    yield x, y
    if abs(x - to_x) > 1:
        middle = (y + to_y) / 2
        yield x, middle
        yield to_x, middle
    yield to_x, to_y


def _sub(parent: Element, tag: str, **attributes: str) -> Element:
    return SubElement(parent, f"{{{BPMN}}}{tag}", attributes)
