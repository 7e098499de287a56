"""A pathway as a drawn graph in SVG; what an addition brought is apart, also without colour."""

from collections.abc import Collection, Mapping
from textwrap import wrap
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from domain.design.layout import Box, Edge, Layout, layout
from domain.design.wording import KINDS, Language, length, marks, part_of, say
from domain.pathway import Definition, StepDefinition

SVG = "http://www.w3.org/2000/svg"
INK, LINE, PAPER = "#1a1a1a", "#4a4a4a", "#ffffff"
BASE_FILL, ADDED_FILL, ADDED_LINE = "#f2f5f8", "#fff3d6", "#7a4b00"
LETTERS, SMALL_LETTERS, LINE_HEIGHT = 28, 40, 15
MOST_LABEL, MOST_MARKS = 2, 2


def draw(
    definition: Definition,
    added: Collection[str] = (),
    changed: Mapping[str, Collection[str]] | None = None,
    language: Language = "sv",
) -> str:
    """The drawing. `added` are steps of an addition, `changed` what it changed in others."""
    found = layout(definition)
    root = _root(definition, found, language)
    for edge in found.edges:
        _edge(root, edge)
    for step in definition.steps:
        _box(root, found.boxes[step.key], definition, step, added, changed or {}, language)
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def _root(definition: Definition, found: Layout, language: Language) -> Element:
    width, height = f"{found.width:.0f}", f"{found.height:.0f}"
    root = Element(
        "svg",
        {
            "xmlns": SVG,
            "viewBox": f"0 0 {width} {height}",
            "width": width,
            "height": height,
            "role": "img",
            "aria-labelledby": "title desc",
            "font-family": "system-ui, 'Segoe UI', Arial, sans-serif",
            "lang": language,
        },
    )
    SubElement(root, "title", {"id": "title"}).text = say(definition.label, language)
    steps = ", ".join(say(s.label, language) for s in definition.steps)
    SubElement(root, "desc", {"id": "desc"}).text = f"{definition.name}: {steps}"
    head = SubElement(
        SubElement(root, "defs"),
        "marker",
        {
            "id": "arrow",
            "viewBox": "0 0 10 10",
            "refX": "9",
            "refY": "5",
            "markerWidth": "8",
            "markerHeight": "8",
            "orient": "auto-start-reverse",
        },
    )
    SubElement(head, "path", {"d": "M0 0 L10 5 L0 10 z", "fill": LINE})
    SubElement(root, "rect", {"width": width, "height": height, "fill": PAPER})
    return root


def _edge(root: Element, edge: Edge) -> None:
    """Straight through the slots, bent between the layers."""
    (x, y), *rest = edge.points
    path = [f"M{x:.1f} {y:.1f}"]
    for at, (to_x, to_y) in enumerate(rest):
        if at % 2:
            path.append(f"L{to_x:.1f} {to_y:.1f}")
        else:
            middle = (y + to_y) / 2
            path.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    drawn = {"d": " ".join(path), "fill": "none", "stroke": LINE, "stroke-width": "1.5"}
    SubElement(root, "path", drawn | {"marker-end": "url(#arrow)"})


def _box(
    root: Element,
    box: Box,
    definition: Definition,
    step: StepDefinition,
    added: Collection[str],
    changed: Mapping[str, Collection[str]],
    language: Language,
) -> None:
    own = step.key in added
    group = SubElement(root, "g", {"id": f"step-{step.key}"})
    _frame(group, box, own)
    lines = _lines(definition, step, language)
    if own:
        lines.append(("+ TILLÄGG" if language == "sv" else "+ ADDITION", True))
    elif changed.get(step.key):
        word = "ändrat" if language == "sv" else "changed"
        lines.append((f"~ {word}: {', '.join(changed[step.key])}", True))
    for number, (line, strong) in enumerate(lines):
        text = SubElement(
            group,
            "text",
            {
                "x": f"{box.x + 10:.1f}",
                "y": f"{box.y + 19 + number * LINE_HEIGHT:.1f}",
                "font-size": "13" if strong else "11",
                "fill": INK,
            },
        )
        if strong:
            text.set("font-weight", "600")
        text.text = line


def _frame(group: Element, box: Box, own: bool) -> None:
    """An addition has another colour, a broken frame and a second line inside it."""
    frame = {
        "x": f"{box.x:.1f}",
        "y": f"{box.y:.1f}",
        "width": f"{box.width:.1f}",
        "height": f"{box.height:.1f}",
        "rx": "8",
        "fill": ADDED_FILL if own else BASE_FILL,
        "stroke": ADDED_LINE if own else LINE,
        "stroke-width": "2" if own else "1.2",
    }
    if own:
        frame["stroke-dasharray"] = "7 4"
    SubElement(group, "rect", frame)


def _lines(
    definition: Definition, step: StepDefinition, language: Language
) -> list[tuple[str, bool]]:
    label = wrap(say(step.label, language), LETTERS)
    shown = label[:MOST_LABEL]
    if len(label) > MOST_LABEL:
        shown[-1] = f"{shown[-1][: LETTERS - 1]}…"
    what = f"{say(KINDS[step.kind], language)} · {part_of(definition, step.part, language)}"
    word = "tid" if language == "sv" else "due"
    lines = [(line, True) for line in shown]
    lines += [(_cut(what), False), (_cut(f"{word}: {length(step.due, language)}"), False)]
    found = list(marks(step, language))
    lines += [(_cut(mark), False) for mark in found[:MOST_MARKS]]
    return lines


def _cut(text: str) -> str:
    return text if len(text) <= SMALL_LETTERS else f"{text[: SMALL_LETTERS - 1]}…"
