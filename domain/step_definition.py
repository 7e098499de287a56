"""The steps of a pathway as its language has them: a closed union, pure data, no code."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.calendar import Budget
from domain.profession import Profession
from domain.unit import UnitKind
from domain.value import Key, Labels, ShortText, Value

Instruments = Annotated[tuple[ShortText, ...], Field(max_length=30)]
Link = Annotated[str, Field(pattern=r"^https://[^\s<>\"']+$", max_length=500)]


class Source(StrEnum):
    """Where a figure comes from; the designer's page shows it."""

    LAW = "law"
    NATIONAL = "national"
    DOCUMENT = "document"
    CHOSEN = "chosen"


class Cited(Value):
    """Where a figure that is no time comes from, with a note on it."""

    source: Source
    note: str | None = None


class Deadline(Cited):
    """A budget with its source and a note on it."""

    budget: Budget


class Reference(Value):
    """The document that a step was transcribed from: its name, version, day and address."""

    document: ShortText
    version: ShortText | None = None
    dated: ShortText | None = None
    link: Link | None = None


class Guidance(Labels):
    """What helps whoever does the step, perhaps with a link to more."""

    link: Link | None = None


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


class Obligation(StrEnum):
    """How free whoever does a step is to leave it out.

    A mandatory step is never left out; an expected one with a reason, as a deviation; an optional
    one with a reason, and it is no deviation.
    """

    MANDATORY = "mandatory"
    EXPECTED = "expected"
    OPTIONAL = "optional"


class UntilDischarge(Value):
    """The step begins when the patient has left the ward; who waits is told after `at_most`."""

    until: Literal["discharge"]
    at_most: Deadline


class UntilVisits(Value):
    """The step begins at so many visits; who waits is told after `at_most`."""

    until: Literal["visits"]
    visits: int = Field(ge=1, le=100)
    at_most: Deadline


class UntilTime(Value):
    """The step begins no earlier than so long after everything before it has ended."""

    until: Literal["time"]
    at_least: Deadline


class UntilAge(Value):
    """The step begins so long before a birthday; calendar days."""

    until: Literal["age"]
    age: int = Field(ge=1, le=120)
    before: Deadline


Waits = Annotated[UntilDischarge | UntilVisits | UntilTime | UntilAge, Field(discriminator="until")]


class Limit(Value):
    """The farthest that a step may reach, from its beginning, without a decision.

    Past it no visit is recorded until the step is extended, with a reason, or ends. A `hard` one
    is never extended past.
    """

    due: Deadline
    hard: bool = False


class Repeat(Value):
    """Once done, the step comes again: due every so often, so many times, or until a step ends."""

    every: Deadline
    times: int | None = Field(default=None, ge=2, le=500)
    until: Key | None = None


class _Step(Value):
    key: Key
    label: Labels
    part: Key
    after: tuple[Key, ...] = ()
    due: Deadline
    guidance: Guidance | None = None
    when: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    obligation: Obligation = Obligation.EXPECTED
    waits: Waits | None = None
    limit: Limit | None = None
    repeat: Repeat | None = None
    professions: Annotated[tuple[Profession, ...], Field(max_length=11)] = ()
    ladder: Key | None = None
    rule: Key | None = None
    origin: Reference | None = None


class ReferralStep(_Step):
    """The way in; done by the start of the journey."""

    kind: Literal["referral"]


class AssessmentStep(_Step):
    """Assessment of need; `fields` and `instruments` are required on top of the content type."""

    kind: Literal["assessment"]
    fields: tuple[Literal["psychosocial_support", "comorbidity", "motivation", "summary"], ...] = ()
    instruments: Instruments = ()


class PlanStep(_Step):
    """The rehab plan, with the number of goals that the pathway asks for."""

    kind: Literal["plan"]
    goals_min: int = Field(default=1, ge=0, le=20)
    goals_max: int = Field(default=10, ge=1, le=20)
    goals_from: Cited | None = None


class InterventionStep(_Step):
    """The intervention; `due` is its planned end."""

    kind: Literal["intervention"]
    visits_per_week: tuple[int, int] | None = None
    visits_from: Cited | None = None
    instruments: Instruments = ()


class ChecklistItem(Value):
    """Something that is to be ready before a meeting."""

    key: Key
    label: Labels


class MeetingStep(_Step):
    """A meeting of the team, with what must be prepared before it."""

    kind: Literal["meeting"]
    meeting: Literal["team", "goal", "follow_up", "case"] = "team"
    minutes: int = Field(default=60, ge=5, le=480)
    minutes_from: Cited | None = None
    preparation: Annotated[tuple[ChecklistItem, ...], Field(max_length=30)] = ()
    participants: Annotated[tuple[UnitKind, ...], Field(max_length=18)] = ()


class HandoverStep(_Step):
    """A handover that the pathway expects: of which part, to what kind of unit, how soon.

    With `same_municipality` the receiver is the one of the municipality where the patient lives.
    """

    kind: Literal["handover"]
    purpose: Purpose
    hands: Key
    to: Annotated[tuple[UnitKind, ...], Field(min_length=1)]
    same_municipality: bool = False
    acknowledge: Deadline
    accept: Deadline
    first_contact: Deadline
    fields: tuple[
        Literal[
            "maintenance_advice",
            "aids",
            "risks",
            "current_function",
            "medication_note",
            "close_persons",
            "home_access",
            "weight_bearing",
            "housing",
            "diet_and_swallowing",
        ],
        ...,
    ] = ()
    instruments: Instruments = ()


class FollowUpStep(_Step):
    """Follow-up and evaluation."""

    kind: Literal["follow_up"]
    instruments: Instruments = ()


StepDefinition = Annotated[
    ReferralStep
    | AssessmentStep
    | PlanStep
    | InterventionStep
    | MeetingStep
    | HandoverStep
    | FollowUpStep,
    Field(discriminator="kind"),
]
StepKind = Literal[
    "referral", "assessment", "plan", "intervention", "meeting", "handover", "follow_up"
]
