"""Events of the journey itself: its start, its steps, its end."""

from datetime import date
from typing import Literal

from domain.calendar import Calendar
from domain.content import CloseReason, Referral, StepContent, Visit
from domain.delay import Delay, Pause
from domain.facts import Protection
from domain.ladder import Ladders
from domain.pathway import Definition, StepDefinition
from domain.profession import Profession
from domain.rulebook import Rulebook
from domain.unit import Unit
from domain.value import HsaId, Instant, Key, Value


class JourneyStarted(Value):
    """A journey began; pins pathway, calendar and ladders (promise 6)."""

    type: Literal["journey_started"] = "journey_started"
    journey_id: str
    patient_id: str
    definition: Definition
    calendar: Calendar
    ladders: Ladders
    rules: Rulebook | None = None
    unit: Unit
    referral: Referral
    stand_ins: tuple[Unit, ...] = ()
    reserve_number: bool = False
    protection: Protection = Protection.NONE
    came_from: str | None = None
    overlap_reason: str | None = None
    born: date | None = None


class CalendarAdopted(Value):
    """A newer calendar holds for clocks started or resumed from now on."""

    type: Literal["calendar_adopted"] = "calendar_adopted"
    calendar: Calendar


class RulesAdopted(Value):
    """A newer rulebook holds for clocks that begin from now on; running ones keep their rule."""

    type: Literal["rules_adopted"] = "rules_adopted"
    rules: Rulebook


class StepOpened(Value):
    """A step can be worked on."""

    type: Literal["step_opened"] = "step_opened"
    step: str


class StepCompleted(Value):
    """A step is done; handover and referral steps carry no content of their own here."""

    type: Literal["step_completed"] = "step_completed"
    step: str
    content: StepContent | None = None
    professions: tuple[Profession, ...] = ()
    early_reason: str | None = None


class StepNotNeeded(Value):
    """A step fell away because there is no need for it."""

    type: Literal["step_not_needed"] = "step_not_needed"
    step: str


class StepNeeded(Value):
    """A step that had fallen away is needed after all."""

    type: Literal["step_needed"] = "step_needed"
    step: str


class StepSkipped(Value):
    """A step was left out for this patient, with a reason."""

    type: Literal["step_skipped"] = "step_skipped"
    step: str
    reason: str


class StepRepeated(Value):
    """A repeated step was done, and comes again: its next round."""

    type: Literal["step_repeated"] = "step_repeated"
    step: str
    round: int


class RepetitionEnded(Value):
    """A repeated step comes no more; what it has been, it stays."""

    type: Literal["repetition_ended"] = "repetition_ended"
    step: str


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


class JourneyClosed(Value):
    """The journey ended."""

    type: Literal["journey_closed"] = "journey_closed"
    reason: CloseReason
    profession: Profession | None = None
    merged_into: str | None = None


class PersonAnswered(Value):
    """The person who asked has got an answer."""

    type: Literal["person_answered"] = "person_answered"
    at: Instant
    by: str
    answer: str


class StepDoneBefore(Value):
    """A step was done before the journey began here, and is recorded as such."""

    type: Literal["step_done_before"] = "step_done_before"
    step: str
    ended_on: date
    by: str
    note: str | None


class StepExtended(Value):
    """A step got more time for this patient, with a reason."""

    type: Literal["step_extended"] = "step_extended"
    step: str
    until: date
    reason: str
    delay: Delay | None


class StepReopened(Value):
    """A step that had ended is open again, with a reason."""

    type: Literal["step_reopened"] = "step_reopened"
    step: str
    reason: str


class StepAdded(Value):
    """A step was added for this patient alone, with a reason."""

    type: Literal["step_added"] = "step_added"
    definition: StepDefinition
    reason: str


class DelayRecorded(Value):
    """Why a step or a handover comes late."""

    type: Literal["delay_recorded"] = "delay_recorded"
    subject: str
    delay: Delay


class WaitingBegan(Value):
    """The patient waits by choice, or for medical reasons."""

    type: Literal["waiting_began"] = "waiting_began"
    why: Pause
    since: Instant


class WaitingEnded(Value):
    """That waiting is over."""

    type: Literal["waiting_ended"] = "waiting_ended"
    at: Instant


class GuidanceOpened(Value):
    """The guidance of a step was opened."""

    type: Literal["guidance_opened"] = "guidance_opened"
    step: str


class JourneyAbsorbed(Value):
    """This journey goes on for a duplicate, too."""

    type: Literal["journey_absorbed"] = "journey_absorbed"
    duplicate: str
    reason: str


JourneyHappening = (
    JourneyStarted
    | CalendarAdopted
    | RulesAdopted
    | PersonAnswered
    | StepOpened
    | StepCompleted
    | StepNotNeeded
    | StepNeeded
    | StepSkipped
    | StepDoneBefore
    | StepExtended
    | StepReopened
    | StepAdded
    | StepRepeated
    | RepetitionEnded
    | VisitRecorded
    | DelayRecorded
    | WaitingBegan
    | WaitingEnded
    | GuidanceOpened
    | PeriodStarted
    | PartStarted
    | JourneyAbsorbed
    | JourneyClosed
)
