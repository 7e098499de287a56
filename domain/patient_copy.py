"""The patient's own copy of the plan: what it says, before anybody has given it a shape.

It is for the patient and those close to them (R-062), in words that everybody understands (R-106).
Health care has to plan together with the patient and inform in an adapted way: patientlagen
(2014:821) 3 kap. 6 § and 5 kap. 1 §; hälso- och sjukvårdslagen (2017:30) 8 kap. 7 § and
12 kap. 5 §.
Every text here is Swedish and is read as it stands: labels, never keys or codes.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.profession import Profession
from domain.value import LongText, ShortText, Value


class PhaseState(StrEnum):
    """Where a phase of the programme is, as seen by the patient."""

    DONE = "done"
    NOW = "now"
    LATER = "later"
    SKIPPED = "skipped"


class Responsible(Value):
    """A part, by its Swedish label, and the unit that answers for it since a day."""

    part: ShortText
    unit: ShortText
    phone: ShortText | None = None
    since: date


class Phase(Value):
    """A step of the programme, by its Swedish label."""

    label: ShortText
    state: PhaseState


class GoalCopy(Value):
    """A goal: the patient's own words first."""

    own_words: LongText
    baseline: ShortText
    target: ShortText
    target_date: date


class MeasureCopy(Value):
    """What will be done, by which profession, how often."""

    text: ShortText
    who: Profession
    frequency: ShortText


class PlanCopy(Value):
    """The active version of the plan; `number` is its place in the chain of versions."""

    number: Annotated[int, Field(ge=1)]
    author_profession: Profession
    unit: ShortText | None
    decided_on: date
    summary: LongText
    goals: tuple[GoalCopy, ...] = ()
    measures: tuple[MeasureCopy, ...] = ()
    follow_up_on: date


class NextMeeting(Value):
    """A meeting to come, by its kind's Swedish label; the place as the patient finds it."""

    kind: ShortText
    starts_at: AwareDatetime
    minutes: Annotated[int, Field(ge=1, le=600)]
    place: ShortText


class WaitingHandover(Value):
    """A question to another unit that has no answer yet.

    `what` follows the words *om de kan*: "ta över din träning", "hjälpa dig med maten".
    """

    what: ShortText
    from_unit: ShortText
    to_unit: ShortText
    since: date


class PatientCopy(Value):
    """All that the copy says.

    The first of `responsible` is the one to call first: the holder of the coordination. With
    `protected` no reader is shown where the patient can be found.
    """

    pathway: ShortText
    patient_name: ShortText
    printed_on: date
    responsible: tuple[Responsible, ...] = ()
    phases: tuple[Phase, ...] = ()
    plan: PlanCopy | None = None
    what_matters: LongText | None = None
    meetings: tuple[NextMeeting, ...] = ()
    handovers_waiting: tuple[WaitingHandover, ...] = ()
    protected: bool = False

    def as_shown(self) -> "PatientCopy":
        """The copy as it may be shown: a protected patient's holds no unit, phone or meeting.

        Free texts (summary, goals, what matters) stand as they were written, so whoever hands
        over a protected patient's copy reads them first.
        """
        if not self.protected:
            return self
        plan = self.plan and self.plan.model_copy(update={"unit": None})
        nowhere = {"responsible": (), "meetings": (), "handovers_waiting": (), "plan": plan}
        return self.model_copy(update=nowhere)
