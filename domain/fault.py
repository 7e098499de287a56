"""A fault in a definition: what is wrong, where, and what to say of it in both languages."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.part import PartDefinition
from domain.step_definition import StepDefinition

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """One thing that is wrong, where, and what to say of it; `offset` within a value's text."""

    code: str
    path: Path
    sv: str
    en: str
    offset: int = 0


class Whole(NamedTuple):
    """The parts and steps of a definition, each step with its place in the file."""

    steps: Sequence[tuple[int, StepDefinition]]
    parts: Sequence[PartDefinition]


def of_step(code: str, place: int, step: StepDefinition, at: Path, sv: str, en: str) -> Fault:
    """A fault in a step, named by its key."""
    return Fault(code, ("steps", place, *at), f"steget {step.key}: {sv}", f"step {step.key}: {en}")
