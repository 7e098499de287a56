"""Where the steps of a pathway stand in a drawing: in layers, each below what it waits for.

A layered drawing after Sugiyama, Tagawa and Toda (1981): layers by the longest way, long edges
through free slots, and an order within each layer that follows the neighbours (barycentre).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from domain.pathway import Definition

BOX, SLOT = (244.0, 112.0), 28.0
GAP, LAYER_GAP, MARGIN = 26.0, 56.0, 24.0
PASSES = 6


class Box(NamedTuple):
    """A step's place: its upper left corner and its size."""

    key: str
    x: float
    y: float
    width: float
    height: float


class Edge(NamedTuple):
    """A line from one step to one that waits for it, through its points."""

    begin: str
    end: str
    points: tuple[tuple[float, float], ...]


class Layout(NamedTuple):
    """A whole drawing."""

    boxes: dict[str, Box]
    edges: tuple[Edge, ...]
    width: float
    height: float


def layout(definition: Definition) -> Layout:
    """The same definition, the same drawing."""
    after = {step.key: tuple(dict.fromkeys(step.after)) for step in definition.steps}
    level = _levels(after)
    layers, chains = _layers(after, level)
    _order(layers, chains)
    return _placed(layers, chains)


def _levels(after: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest way from a step that waits for nothing."""
    level = dict[str, int]()
    for key, before in after.items():
        level[key] = max((level[k] + 1 for k in before), default=0)
    return level


Chains = dict[tuple[str, str], list[str]]


def _layers(
    after: Mapping[str, Sequence[str]], level: Mapping[str, int]
) -> tuple[list[list[str]], Chains]:
    """Steps and the slots of long edges, layer by layer; and each edge's way through them."""
    layers = [list[str]() for _ in range(max(level.values(), default=-1) + 1)]
    for key, at in level.items():
        layers[at].append(key)
    chains: Chains = {}
    for key, before in after.items():
        for begin in before:
            slots = [f"{begin}>{key}>{n}" for n in range(level[begin] + 1, level[key])]
            for n, slot in enumerate(slots, start=level[begin] + 1):
                layers[n].append(slot)
            chains[begin, key] = [begin, *slots, key]
    return layers, chains


def _order(layers: list[list[str]], chains: Chains) -> None:
    """Nearer to the neighbours above, then to those below, a few times over."""
    above, below = dict[str, list[str]](), dict[str, list[str]]()
    for chain in chains.values():
        for upper, lower in pairwise(chain):
            above.setdefault(lower, []).append(upper)
            below.setdefault(upper, []).append(lower)
    for turn in range(PASSES):
        down = turn % 2 == 0
        rows = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
        for row in rows:
            beside = layers[row - 1] if down else layers[row + 1]
            _sort(layers[row], beside, above if down else below)


def _sort(row: list[str], beside: list[str], neighbours: Mapping[str, list[str]]) -> None:
    place = {key: float(n) for n, key in enumerate(beside)}
    own = {key: float(n) for n, key in enumerate(row)}

    def middle(key: str) -> float:
        found = [place[k] for k in neighbours.get(key, ()) if k in place]
        return sum(found) / len(found) if found else own[key]

    row.sort(key=lambda key: (middle(key), own[key]))


def _width(key: str) -> float:
    return SLOT if ">" in key else BOX[0]


def _placed(layers: list[list[str]], chains: Chains) -> Layout:
    wide = max((_row_width(row) for row in layers), default=0.0)
    boxes, middles = dict[str, Box](), dict[str, tuple[float, float]]()
    for number, row in enumerate(layers):
        y = MARGIN + number * (BOX[1] + LAYER_GAP)
        x = MARGIN + (wide - _row_width(row)) / 2
        for key in row:
            width = _width(key)
            middles[key] = (x + width / 2, y)
            if ">" not in key:
                boxes[key] = Box(key, x, y, width, BOX[1])
            x += width + GAP
    edges = tuple(_edge(begin, end, chain, middles) for (begin, end), chain in chains.items())
    height = MARGIN * 2 + len(layers) * (BOX[1] + LAYER_GAP) - LAYER_GAP
    return Layout(boxes, edges, wide + 2 * MARGIN, max(height, 0.0))


def _row_width(row: Sequence[str]) -> float:
    return sum(map(_width, row)) + GAP * max(len(row) - 1, 0)


def _edge(
    begin: str, end: str, chain: Sequence[str], middles: Mapping[str, tuple[float, float]]
) -> Edge:
    """From the foot of one box through its slots to the head of the other."""
    points = [(middles[begin][0], middles[begin][1] + BOX[1])]
    for slot in chain[1:-1]:
        x, y = middles[slot]
        points += [(x, y), (x, y + BOX[1])]
    points.append(middles[end])
    return Edge(begin, end, tuple(points))
