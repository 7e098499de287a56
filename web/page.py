"""The shape of a page to read: sections of texts, quotes, cards and phases.

A page is said once, in words, and drawn twice, as HTML and as PDF; so the two never differ.
"""

from typing import Literal

from domain.patient_copy import PhaseState
from domain.value import Value


class Row(Value):
    """A label, and what it says."""

    label: str
    text: str


class Text(Value):
    """A paragraph; a strong one is what to do."""

    kind: Literal["text"] = "text"
    text: str
    strong: bool = False


class Quote(Value):
    """Somebody's own words."""

    kind: Literal["quote"] = "quote"
    text: str


class Card(Value):
    """One thing with a title: a unit, a goal, a measure, a meeting."""

    kind: Literal["card"] = "card"
    title: str
    quote: str | None = None
    rows: tuple[Row, ...]


class PhaseRow(Value):
    """A phase, its state, and the state in words: colour and sign never speak alone."""

    label: str
    state: PhaseState
    said: str


class Phases(Value):
    """The way through the programme, in order."""

    kind: Literal["phases"] = "phases"
    rows: tuple[PhaseRow, ...]


Block = Text | Quote | Card | Phases


class Section(Value):
    """A heading and what stands under it; a boxed one is found at a glance."""

    heading: str
    blocks: tuple[Block, ...]
    boxed: bool = False


class Page(Value):
    """A whole page; `title` is the document's name and says nothing about a person."""

    title: str
    name: str
    about: str
    as_of: str
    sections: tuple[Section, ...]
