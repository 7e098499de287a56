"""Commands on the journey itself: its start, its steps, its end."""

from typing import Annotated, Literal

from pydantic import Field

from domain.calendar import Budget, Calendar
from domain.content import CloseReason, Referral, StepContent, Visit
from domain.delay import Delay, Pause
from domain.facts import Protection
from domain.ladder import Ladders
from domain.pathway import Definition
from domain.patient import Patient
from domain.profession import Profession
from domain.rulebook import Rulebook
from domain.unit import Unit
from domain.value import Day, HsaId, Instant, Key, Labels, LongText, ShortText, Value


class Prior(Value):
    """A step that was done before the journey began here, and by whom."""

    step: Key
    ended_on: Day
    by: ShortText
    note: LongText | None = None


class Start(Value):
    """Start a journey: everything that it depends on, resolved and pinned."""

    type: Literal["start"] = "start"
    journey_id: str
    patient_id: str
    patient: Patient
    definition: Definition
    calendar: Calendar
    ladders: Ladders
    rules: Rulebook | None = None
    unit: Unit
    referral: Referral
    stand_ins: tuple[Unit, ...] = ()
    protection: Protection = Protection.NONE
    prior: Annotated[tuple[Prior, ...], Field(max_length=30)] = ()
    came_from: ShortText | None = None
    overlap_reason: ShortText | None = None


class AnswerPerson(Value):
    """Tell the person who asked for rehabilitation what comes of it."""

    type: Literal["answer_person"] = "answer_person"
    at: Instant
    by: Literal["letter", "phone", "meeting", "digital"]
    answer: LongText


class CompleteStep(Value):
    """Complete an open step with its typed content.

    A step that still waits for something may be done early, with a reason.
    """

    type: Literal["complete_step"] = "complete_step"
    step: Key
    content: StepContent
    professions: Annotated[tuple[Profession, ...], Field(max_length=11)] = ()
    early_reason: LongText | None = None


class SkipStep(Value):
    """Leave an open step out for this patient, with a reason (R-113)."""

    type: Literal["skip_step"] = "skip_step"
    step: Key
    reason: LongText


class ExtendStep(Value):
    """Give an open step more time for this patient, with a reason (R-113)."""

    type: Literal["extend_step"] = "extend_step"
    step: Key
    until: Day
    reason: LongText
    delay: Delay | None = None


class ReopenStep(Value):
    """Open a step of this period again that was done or skipped, with a reason."""

    type: Literal["reopen_step"] = "reopen_step"
    step: Key
    reason: LongText


class AddStep(Value):
    """Add an assessment or an intervention for this patient alone, with a reason (R-113)."""

    type: Literal["add_step"] = "add_step"
    key: Key
    kind: Literal["assessment", "intervention"]
    label: Labels
    part: Key
    due: Budget
    reason: LongText


class RecordVisit(Value):
    """Record a performed visit in an open intervention."""

    type: Literal["record_visit"] = "record_visit"
    step: Key
    visit: Visit


class RecordDelay(Value):
    """Say why a step or a handover comes late, also where nothing was declined (R-010)."""

    type: Literal["record_delay"] = "record_delay"
    subject: ShortText
    delay: Delay


class BeginWaiting(Value):
    """The patient chose to wait, or has to for medical reasons."""

    type: Literal["begin_waiting"] = "begin_waiting"
    why: Pause
    since: Instant


class EndWaiting(Value):
    """That waiting is over."""

    type: Literal["end_waiting"] = "end_waiting"
    at: Instant


class OpenGuidance(Value):
    """Somebody opened the guidance of a step: opened, not used (E2.3)."""

    type: Literal["open_guidance"] = "open_guidance"
    step: Key


class StartPeriod(Value):
    """The need is back: enter the pathway again, in the same journey (R-120)."""

    type: Literal["start_period"] = "start_period"
    reason: LongText


class Close(Value):
    """Close the journey with a coded reason; lack of staff names the profession."""

    type: Literal["close"] = "close"
    reason: CloseReason
    profession: Profession | None = None


class Absorb(Value):
    """Take over what a duplicate of this journey was for; its log stays where it is."""

    type: Literal["absorb"] = "absorb"
    duplicate: str
    reason: LongText


class Merge(Value):
    """End this duplicate; the journey that goes on has taken it in."""

    type: Literal["merge"] = "merge"
    into: str
    reason: LongText
    holders: dict[Key, HsaId]


JourneyCommand = (
    Start
    | AnswerPerson
    | CompleteStep
    | SkipStep
    | ExtendStep
    | ReopenStep
    | AddStep
    | RecordVisit
    | RecordDelay
    | BeginWaiting
    | EndWaiting
    | OpenGuidance
    | StartPeriod
    | Close
    | Absorb
    | Merge
)
