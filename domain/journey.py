"""The whole state of one journey: what `evolve` builds and `decide` reads."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.calendar import Calendar
from domain.clock import Clock, ClockKind
from domain.content import CloseReason, Initiator, NeedLevel
from domain.delay import Delay, Waiting
from domain.facts import Departure, Guardian, Protection, SafetyNet
from domain.handover import Handover
from domain.ladder import Ladders
from domain.meeting import Meeting, Sip
from domain.migrated import Migrated
from domain.pathway import Definition, StepDefinition, StepKind
from domain.plan import PlanState, PlanVersion
from domain.rulebook import Rulebook
from domain.stay import Episode
from domain.unit import Unit
from domain.value import HsaId, Instant, Key, ShortText, Value


class Role(StrEnum):
    """What a user may be at a unit."""

    COORDINATOR = "coordinator"
    CLINICIAN = "clinician"
    UNIT_MANAGER = "unit_manager"
    OPERATIONS_MANAGER = "operations_manager"
    REGIONAL = "regional"
    DESIGNER = "designer"
    OPERATOR = "operator"
    CATALOGUE = "catalogue"


class Actor(Value):
    """Who acts: a pseudonymous subject, for one unit, in some roles."""

    subject: ShortText
    unit: HsaId
    roles: tuple[Role, ...]


class Part(Value):
    """A part of the journey and the one unit that holds it now."""

    key: Key
    holder: HsaId
    since: Instant


class StepState(StrEnum):
    """Where a step is."""

    WAITING = "waiting"
    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "not_needed"
    SKIPPED = "skipped"


class Step(Value):
    """A step of the pathway in one period; `place` is its place in the definition.

    `round` counts how often a repeated step has come.
    """

    id: str
    key: Key
    kind: StepKind
    part: Key
    period: int
    place: int
    state: StepState
    round: int = 1
    opened_at: Instant | None = None
    ended_at: Instant | None = None


class Journey(Value):
    """One patient's journey. Serialisable whole; grows only by `evolve`."""

    id: str
    patient_id: str
    seq: Annotated[int, Field(ge=0)] = 0
    definition: Definition
    calendars: dict[str, Calendar]
    ladders: Ladders
    rules: Rulebook | None = None
    units: dict[HsaId, Unit]
    started_by: HsaId
    started_at: Instant
    initiator: Initiator = Initiator.LICENSED_STAFF
    municipality: str | None = None
    age: int | None = None
    born: date | None = None
    period: int = 1
    need: bool | None = None
    need_since: Instant | None = None
    need_level: NeedLevel | None = None
    scores: dict[str, int | float | str] = Field(default_factory=dict)
    parts: dict[Key, Part] = Field(default_factory=dict)
    steps: dict[str, Step] = Field(default_factory=dict)
    handovers: dict[str, Handover] = Field(default_factory=dict)
    clocks: dict[str, Clock] = Field(default_factory=dict)
    added: tuple[StepDefinition, ...] = ()
    plans: tuple[PlanVersion, ...] = ()
    meetings: dict[str, Meeting] = Field(default_factory=dict)
    sip: Sip | None = None
    messages: int = 0
    read: dict[HsaId, int] = Field(default_factory=dict)
    delays: dict[str, Delay] = Field(default_factory=dict)
    waiting: Waiting | None = None
    departure: Departure | None = None
    safety_net: SafetyNet | None = None
    episodes: tuple[Episode, ...] = ()
    guardians: tuple[Guardian, ...] = ()
    protection: Protection = Protection.NONE
    reserve_number: bool = False
    deceased_at: Instant | None = None
    silenced: tuple[str, ...] = ()
    resting_until: date | None = None
    visits: int = 0
    visited_at: Instant | None = None
    goals: int = 0
    deviations: int = 0
    migrated: Migrated | None = None
    closed_at: Instant | None = None
    close_reason: CloseReason | None = None
    merged_into: str | None = None

    @property
    def calendar(self) -> Calendar:
        """The newest calendar: it holds for clocks that start now."""
        return self.calendars[max(self.calendars)]

    def calendar_of(self, clock: Clock) -> Calendar:
        """The calendar that a clock started with; a newer one does not move it (R-007)."""
        return self.calendars[clock.calendar_version].of(clock.opening)

    @property
    def open(self) -> bool:
        """Not closed yet."""
        return self.closed_at is None

    @property
    def protected(self) -> bool:
        """Whether the patient's personal data are protected."""
        return self.protection is not Protection.NONE

    @property
    def stay(self) -> Episode | None:
        """The newest hospital stay, also when it has ended."""
        return self.episodes[-1] if self.episodes else None

    @property
    def admitted(self) -> Episode | None:
        """The hospital stay that goes on now."""
        newest = self.episodes[-1] if self.episodes else None
        return newest if newest and newest.left_at is None else None

    def active_plan(self, organisation: str) -> PlanVersion | None:
        """The version that holds for one care provider."""
        mine = (p for p in self.plans if p.organisation == organisation)
        return next((p for p in mine if p.state is PlanState.ACTIVE), None)

    def plan(self, number: int) -> PlanVersion | None:
        """The version of that number."""
        return next((p for p in self.plans if p.number == number), None)

    def step_definition(self, key: str) -> StepDefinition | None:
        """What a step asks for: the pathway's, or what was added for this patient."""
        return self.definition.step(key) or next((d for d in self.added if d.key == key), None)

    def holder(self, part: str) -> HsaId:
        """The unit that holds a part now. Raises `KeyError` when the part has not begun."""
        return self.parts[part].holder

    def current(self, key: str) -> Step | None:
        """The step of that key in the present period."""
        return self.steps.get(step_id(self.period, key))

    def running(self) -> Iterator[Clock]:
        """Clocks that run now, in the order of their start."""
        return (clock for clock in self.clocks.values() if clock.running)

    def clock(self, kind: ClockKind, subject: str) -> Clock | None:
        """The clock of a kind for a step, handover or part, if it was ever started."""
        return self.clocks.get(clock_id(kind, subject))

    def pending(self, part: str) -> Handover | None:
        """The handover by which a part may move, if one is under way."""
        return next((h for h in self.handovers.values() if h.part == part and h.pending), None)


def step_id(period: int, key: str) -> str:
    """The id of a step: its period and its key."""
    return f"{period}.{key}"


def clock_id(kind: ClockKind, subject: str) -> str:
    """The id of a clock: what it promises, and for what."""
    return f"{kind}:{subject}"
