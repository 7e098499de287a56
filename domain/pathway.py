"""The language in which a pathway is written: a closed union of steps, checked whole."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.calendar import Budget
from domain.instrument import INSTRUMENTS
from domain.part import COORDINATION, STANDARD_PARTS, PartDefinition
from domain.unit import UnitKind
from domain.value import Key, Labels, ShortText, Value


class Source(StrEnum):
    """Where a figure comes from; the designer's page shows it."""

    LAW = "law"
    NATIONAL = "national"
    DOCUMENT = "document"
    CHOSEN = "chosen"


class Deadline(Value):
    """A budget with its source and a note on it."""

    budget: Budget
    source: Source
    note: str | None = None


class Purpose(StrEnum):
    """What a handover asks for."""

    TAKE_OVER = "take_over"
    TAKE_PART = "take_part"
    CARRY_OUT = "carry_out"
    INFORM = "inform"

    @property
    def moves(self) -> bool:
        """Whether a part changes hands."""
        return self in (Purpose.TAKE_OVER, Purpose.TAKE_PART)


class _Step(Value):
    key: Key
    label: Labels
    part: Key
    after: tuple[Key, ...] = ()
    due: Deadline
    guidance: Labels | None = None


class ReferralStep(_Step):
    """The way in; done by the start of the journey."""

    kind: Literal["referral"]


class AssessmentStep(_Step):
    """Assessment of need; `fields` and `instruments` are required on top of the content type."""

    kind: Literal["assessment"]
    fields: tuple[Literal["psychosocial_support", "comorbidity", "motivation", "summary"], ...] = ()
    instruments: tuple[ShortText, ...] = ()


class PlanStep(_Step):
    """The rehab plan, with the number of goals that the pathway asks for."""

    kind: Literal["plan"]
    goals_min: int = Field(default=1, ge=0)
    goals_max: int = Field(default=10, ge=1)


class InterventionStep(_Step):
    """The intervention; `due` is its planned end."""

    kind: Literal["intervention"]
    visits_per_week: tuple[int, int] | None = None


class HandoverStep(_Step):
    """A handover that the pathway expects: of which part, to what kind of unit, how soon."""

    kind: Literal["handover"]
    purpose: Purpose
    hands: Key
    to: Annotated[tuple[UnitKind, ...], Field(min_length=1)]
    acknowledge: Deadline
    accept: Deadline
    first_contact: Deadline
    instruments: tuple[ShortText, ...] = ()


class FollowUpStep(_Step):
    """Follow-up and evaluation."""

    kind: Literal["follow_up"]
    instruments: tuple[ShortText, ...] = ()


StepDefinition = Annotated[
    ReferralStep | AssessmentStep | PlanStep | InterventionStep | HandoverStep | FollowUpStep,
    Field(discriminator="kind"),
]


class HandoverDeadlines(Value):
    """Deadlines of a handover that no step describes, and of what follows any handover."""

    received: Deadline
    acknowledge: Deadline
    accept: Deadline
    answer: Deadline
    discharge: Deadline
    first_contact: Deadline


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

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        found = [
            *_wrong_keys(self.steps),
            *_wrong_parts(self.parts),
            *_wrong_ranges(self.steps),
            *_wrong_order(self.steps),
            *_missing_kinds(self.steps),
            *_unknown_parts(self),
            *_unknown_instruments(self.steps),
        ]
        if found:
            raise ValueError("; ".join(found))
        return self

    def step(self, key: str) -> "StepDefinition | None":
        """The step of that key."""
        return next((s for s in self.steps if s.key == key), None)

    def part(self, key: str) -> PartDefinition | None:
        """The part of that key: the pathway's own, or one that any sender may name."""
        own = next((p for p in self.parts if p.key == key), None)
        return own or STANDARD_PARTS.get(key)


def _wrong_keys(steps: tuple[StepDefinition, ...]) -> list[str]:
    keys = [s.key for s in steps]
    return [f"step {k}: key is used twice" for k in sorted({k for k in keys if keys.count(k) > 1})]


def _wrong_parts(parts: tuple[PartDefinition, ...]) -> list[str]:
    keys = [COORDINATION, *(p.key for p in parts)]
    twice = sorted({k for k in keys if keys.count(k) > 1})
    return [f"part {k}: key is used twice; coordination always exists" for k in twice]


def _wrong_ranges(steps: tuple[StepDefinition, ...]) -> list[str]:
    found = []
    for step in steps:
        if isinstance(step, PlanStep) and step.goals_min > step.goals_max:
            found.append(f"step {step.key}: more goals at least than at most")
        if isinstance(step, InterventionStep) and step.visits_per_week:
            low, high = step.visits_per_week
            if not 0 <= low <= high:
                found.append(f"step {step.key}: visits per week run from low to high")
    return found


def _wrong_order(steps: tuple[StepDefinition, ...]) -> list[str]:
    """A step may only stand after steps before it in the file; so there can be no circle."""
    found, seen = [], set[str]()
    for step in steps:
        found += [
            f"step {step.key}: after {k}, which is not before" for k in step.after if k not in seen
        ]
        seen.add(step.key)
    return found


def _missing_kinds(steps: tuple[StepDefinition, ...]) -> list[str]:
    """Generic model for rehabilitation: need, plan, intervention and follow-up (R-082)."""
    kinds = [s.kind for s in steps]
    wanted = ("referral", "assessment", "plan", "intervention", "follow_up")
    found = [f"no step of kind {kind}" for kind in wanted if kind not in kinds]
    if kinds.count("referral") > 1 or (steps and steps[0].kind != "referral"):
        found.append("the referral is the first step, and the only one of its kind")
    if kinds.count("follow_up") > 1:
        found.append("one follow-up at most")
    return found


def _unknown_parts(definition: Definition) -> list[str]:
    known = {COORDINATION, *(p.key for p in definition.parts)}
    from_start = {COORDINATION, *(p.key for p in definition.parts if p.from_start)}
    found = [
        f"step {s.key}: part {s.part} is not held from the start"
        for s in definition.steps
        if s.part not in from_start
    ]
    for step in definition.steps:
        if not isinstance(step, HandoverStep):
            continue
        if step.hands not in known:
            found.append(f"step {step.key}: unknown part {step.hands}")
        if (step.purpose is Purpose.TAKE_OVER) != (step.hands == COORDINATION):
            found.append(f"step {step.key}: take_over moves coordination, and nothing else does")
    return found


def _unknown_instruments(steps: tuple[StepDefinition, ...]) -> list[str]:
    return [
        f"step {step.key}: unknown instrument {key}"
        for step in steps
        for key in getattr(step, "instruments", ())
        if key not in INSTRUMENTS
    ]
