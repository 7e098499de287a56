"""What has happened: a closed union of events, in order, never changed."""

from typing import Annotated, Literal

from pydantic import Field

from domain.calendar import Calendar
from domain.clock import Clock
from domain.content import CloseReason, HandoverContent, Referral, StepContent, Visit
from domain.handover import DeclineReason, TakesOver, WithdrawReason
from domain.journey import Actor
from domain.ladder import Ladders
from domain.pathway import Definition, Purpose
from domain.unit import Function, Unit
from domain.value import HsaId, Instant, Key, ShortText, Value


class JourneyStarted(Value):
    """A journey began; pins pathway, calendar and ladders (promise 6)."""

    type: Literal["journey_started"] = "journey_started"
    journey_id: str
    patient_id: str
    definition: Definition
    calendar: Calendar
    ladders: Ladders
    unit: Unit
    referral: Referral
    overlap_reason: str | None = None


class CalendarAdopted(Value):
    """A newer calendar holds for clocks started or resumed from now on."""

    type: Literal["calendar_adopted"] = "calendar_adopted"
    calendar: Calendar


class StepOpened(Value):
    """A step can be worked on."""

    type: Literal["step_opened"] = "step_opened"
    step: str


class StepCompleted(Value):
    """A step is done; handover and referral steps carry no content of their own here."""

    type: Literal["step_completed"] = "step_completed"
    step: str
    content: StepContent | None = None


class StepNotNeeded(Value):
    """A step fell away because there is no need for it."""

    type: Literal["step_not_needed"] = "step_not_needed"
    step: str


class StepSkipped(Value):
    """A step was left out for this patient, with a reason."""

    type: Literal["step_skipped"] = "step_skipped"
    step: str
    reason: str


class VisitRecorded(Value):
    """A visit was performed."""

    type: Literal["visit_recorded"] = "visit_recorded"
    step: str
    number: int
    visit: Visit


class PeriodStarted(Value):
    """The pathway is entered again (R-120)."""

    type: Literal["period_started"] = "period_started"
    period: int


class PartStarted(Value):
    """A part came into being, in the hands of a unit."""

    type: Literal["part_started"] = "part_started"
    part: Key
    holder: HsaId


class HandoverSent(Value):
    """A handover was sent; the part stays with the sender."""

    type: Literal["handover_sent"] = "handover_sent"
    handover_id: str
    part: Key
    purpose: Purpose
    step: Key | None
    from_unit: HsaId
    to: Unit
    content: HandoverContent


class HandoverReceived(Value):
    """A machine at the receiver has it; stops nothing but its own clock (promise 3)."""

    type: Literal["handover_received"] = "handover_received"
    handover_id: str


class HandoverAcknowledged(Value):
    """A person at the receiver has read it."""

    type: Literal["handover_acknowledged"] = "handover_acknowledged"
    handover_id: str


class HandoverAccepted(Value):
    """The receiver has promised to take over; the holder has not changed yet."""

    type: Literal["handover_accepted"] = "handover_accepted"
    handover_id: str
    takes_over: TakesOver


class HandoverTakenOver(Value):
    """The take-over instant: the part changes hands (promise 1)."""

    type: Literal["handover_taken_over"] = "handover_taken_over"
    handover_id: str


class HandoverReleased(Value):
    """The part has gone on, or the journey has ended; no first contact is owed any more."""

    type: Literal["handover_released"] = "handover_released"
    handover_id: str


class HandoverDeclined(Value):
    """The receiver said no; the part is where it was."""

    type: Literal["handover_declined"] = "handover_declined"
    handover_id: str
    reason: DeclineReason
    text: str | None
    proposes: HsaId | None


class HandoverRedirected(Value):
    """Passed on inside the organisation; due did not move later (promise 4)."""

    type: Literal["handover_redirected"] = "handover_redirected"
    handover_id: str
    to: Unit
    reason: ShortText


class RedirectStopped(Value):
    """A loop or too many hops: it stays where it is, and a named function is told (promise 4)."""

    type: Literal["redirect_stopped"] = "redirect_stopped"
    handover_id: str
    to: HsaId
    because: Literal["loop", "too_many_hops"]


class QuestionAsked(Value):
    """The receiver asked the sender."""

    type: Literal["question_asked"] = "question_asked"
    handover_id: str
    question: str


class QuestionAnswered(Value):
    """The sender answered."""

    type: Literal["question_answered"] = "question_answered"
    handover_id: str
    answer: str


class HandoverWithdrawn(Value):
    """The sender took it back; the receiver's access ends."""

    type: Literal["handover_withdrawn"] = "handover_withdrawn"
    handover_id: str
    reason: WithdrawReason
    text: str | None


class FirstContactReported(Value):
    """The new holder has met the patient."""

    type: Literal["first_contact_reported"] = "first_contact_reported"
    handover_id: str
    at: Instant


class PatientLeft(Value):
    """The patient left a unit."""

    type: Literal["patient_left"] = "patient_left"
    from_unit: HsaId
    at: Instant
    to: ShortText


class JourneyClosed(Value):
    """The journey ended."""

    type: Literal["journey_closed"] = "journey_closed"
    reason: CloseReason


class ClockStarted(Value):
    """A promise runs."""

    type: Literal["clock_started"] = "clock_started"
    clock: Clock


class ClockMoved(Value):
    """A clock was paused, resumed or handed to another owner; the whole clock as it is now."""

    type: Literal["clock_moved"] = "clock_moved"
    because: Literal["question", "answer", "redirect", "take_over", "send"]
    clock: Clock


class ClockStopped(Value):
    """A promise was kept, or fell away."""

    type: Literal["clock_stopped"] = "clock_stopped"
    clock_id: str
    because: Literal["kept", "fell_away"]


class Told(Value):
    """A function at a unit, and whether anybody holds it."""

    unit: HsaId
    function: Function
    reached: bool


class RungFired(Value):
    """Somebody was told that a promise runs out, or that nobody could be told."""

    type: Literal["rung_fired"] = "rung_fired"
    clock_id: str
    number: int
    rung: Key
    due_at: Instant
    fired_at: Instant
    cause: Literal["on_time", "outage"]
    folded: int = 0
    alarm: bool
    told: tuple[Told, ...]
    outcome: Literal["told", "nobody_to_tell"]
    next_rung: int
    next_at: Instant


Happening = Annotated[
    JourneyStarted
    | CalendarAdopted
    | StepOpened
    | StepCompleted
    | StepNotNeeded
    | StepSkipped
    | VisitRecorded
    | PeriodStarted
    | PartStarted
    | HandoverSent
    | HandoverReceived
    | HandoverAcknowledged
    | HandoverAccepted
    | HandoverTakenOver
    | HandoverReleased
    | HandoverDeclined
    | HandoverRedirected
    | RedirectStopped
    | QuestionAsked
    | QuestionAnswered
    | HandoverWithdrawn
    | FirstContactReported
    | PatientLeft
    | JourneyClosed
    | ClockStarted
    | ClockMoved
    | ClockStopped
    | RungFired,
    Field(discriminator="type"),
]


class Event(Value):
    """One line of a journey's log: what happened, its number, when it became true, by whom.

    `effective_at` is when it was true, `decided_at` when the journey decided it; the store adds
    `recorded_at` and the hash chain.
    """

    seq: Annotated[int, Field(ge=1)]
    effective_at: Instant
    decided_at: Instant
    actor: Actor | None
    what: Happening
