"""The language in which a pathway is written: a definition, and what must hang together in it."""

from typing import Literal, Self

from pydantic import Field, model_validator

from domain.fault import Whole
from domain.part import STANDARD_PARTS, PartDefinition
from domain.pathway_faults import faults
from domain.step_definition import (
    AssessmentStep,
    ChecklistItem,
    Cited,
    Deadline,
    FollowUpStep,
    Guidance,
    HandoverStep,
    InterventionStep,
    Limit,
    MeetingStep,
    Obligation,
    PlanStep,
    Purpose,
    Reference,
    ReferralStep,
    Repeat,
    Source,
    StepDefinition,
    StepKind,
    UntilAge,
    UntilDischarge,
    UntilTime,
    UntilVisits,
)
from domain.value import Key, Labels, ShortText, Value

__all__ = [
    "AssessmentStep",
    "ChecklistItem",
    "Cited",
    "Deadline",
    "Definition",
    "FollowUpStep",
    "Guidance",
    "HandoverDeadlines",
    "HandoverStep",
    "InterventionStep",
    "Layer",
    "Limit",
    "MeetingStep",
    "Obligation",
    "PlanStep",
    "Purpose",
    "Reference",
    "ReferralStep",
    "Repeat",
    "Source",
    "StepDefinition",
    "StepKind",
    "UntilAge",
    "UntilDischarge",
    "UntilTime",
    "UntilVisits",
]


class HandoverDeadlines(Value):
    """Deadlines of a handover that no step describes, and of what follows any handover."""

    received: Deadline
    acknowledge: Deadline
    accept: Deadline
    answer: Deadline
    discharge: Deadline
    first_contact: Deadline


class Layer(Value):
    """A local addition within a definition: whose, and which steps it added or changed.

    `hash` is that of the addition's own content, `on` that of the definition it was put on.
    """

    name: ShortText
    label: Labels
    owned_by: ShortText
    hash: ShortText
    on: ShortText
    on_hash: ShortText
    added: tuple[Key, ...] = ()
    changed: dict[Key, tuple[ShortText, ...]] = Field(default_factory=dict)
    left_out: tuple[Key, ...] = ()


class Definition(Value):
    """One version of a pathway. Immutable once published; the meaning is that of `language`."""

    language: Literal[1]
    key: Key
    version: int = Field(ge=1)
    label: Labels
    kind: Literal["rehabilitation", "habilitation"]
    owner: Literal["municipality", "region", "joint"]
    target: Labels
    sources: tuple[str, ...] = ()
    parts: tuple[PartDefinition, ...] = ()
    handovers: HandoverDeadlines
    steps: tuple[StepDefinition, ...]

    owned_by: ShortText | None = None
    transcribed_by: ShortText | None = None
    layers: tuple[Layer, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if found := faults(Whole(tuple(enumerate(self.steps)), self.parts)):
            raise ValueError("; ".join(fault.en for fault in found))
        return self

    @property
    def name(self) -> str:
        """Key and version, as commands name it."""
        return f"{self.key}@{self.version}"

    @property
    def family(self) -> str:
        """The key of the pathway at the bottom: who asks for it may get an addition to it."""
        return self.layers[0].on.partition("@")[0] if self.layers else self.key

    @property
    def added(self) -> tuple[str, ...]:
        """Steps that came with an addition, and that none above it has left out."""
        there = {step.key for step in self.steps}
        return tuple(key for layer in self.layers for key in layer.added if key in there)

    @property
    def changed(self) -> dict[str, tuple[str, ...]]:
        """What additions have changed, step by step."""
        found = dict[str, tuple[str, ...]]()
        for layer in self.layers:
            for key, names in layer.changed.items():
                found[key] = (*found.get(key, ()), *names)
        return found

    def step(self, key: str) -> "StepDefinition | None":
        """The step of that key."""
        return next((s for s in self.steps if s.key == key), None)

    def part(self, key: str) -> PartDefinition | None:
        """The part of that key: the pathway's own, or one that any sender may name."""
        own = next((p for p in self.parts if p.key == key), None)
        return own or STANDARD_PARTS.get(key)
