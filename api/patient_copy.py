"""Fills the patient's copy: which words stand for what the store knows (R-062, R-106)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from api.catalogue import Catalogue
from domain.calendar import STOCKHOLM
from domain.handover import Handover
from domain.journey import Part, StepState
from domain.meeting import Meeting, MeetingKind, MeetingState
from domain.part import COORDINATION
from domain.pathway import Definition, Purpose
from domain.patient_copy import (
    GoalCopy,
    MeasureCopy,
    NextMeeting,
    PatientCopy,
    Phase,
    PhaseState,
    PlanCopy,
    Responsible,
    WaitingHandover,
)
from domain.plan import Goal, Plan, PlanState, PlanVersion
from domain.unit import Function
from domain.view import Known
from store.care import FoundPlan

PHASES = {
    StepState.DONE: PhaseState.DONE,
    StepState.OPEN: PhaseState.NOW,
    StepState.WAITING: PhaseState.LATER,
    StepState.NOT_NEEDED: PhaseState.SKIPPED,
    StepState.SKIPPED: PhaseState.SKIPPED,
}
MEETINGS = {
    MeetingKind.SIP: "Möte om din samordnade plan",
    MeetingKind.TEAM: "Möte med ditt team",
    MeetingKind.GOAL: "Möte om dina mål",
    MeetingKind.FOLLOW_UP: "Möte om hur det har gått",
    MeetingKind.CASE: "Möte om din vård",
}
PLACES = {
    "in_person": "Fråga mottagningen var ni ska ses",
    "video": "På video",
    "phone": "På telefon",
}
# Each follows the words "har frågat … om de kan".
ASKED = {
    COORDINATION: "ta över samordningen för dig",
    "rehab": "ta över din träning",
    "home_health_care": "ge dig vård hemma",
    "social_assessment": "bedöma vilket stöd du behöver",
    "home_help": "hjälpa dig hemma",
    "special_housing": "ge dig plats på ett boende",
    "short_term_housing": "ge dig plats på ett korttidsboende",
    "aids": "hjälpa dig med hjälpmedel",
    "school": "ge stöd i skolan",
    "habilitation": "ta över din habilitering",
}


class Found(NamedTuple):
    """What the store knows of a journey, as far as the caller may see it.

    `added` are the labels of the steps that the pathway does not know, by key.
    """

    known: Known
    name: str
    protected: bool
    plans: tuple[FoundPlan, ...]
    meetings: tuple[Meeting, ...]
    what_matters: str | None
    added: Mapping[str, str]


def patient_copy(found: Found, catalogue: Catalogue, now: datetime) -> PatientCopy:
    """The copy as of now."""
    line = found.known.summary
    definition = catalogue.pathways[(line.pathway_key, line.pathway_version)]
    return PatientCopy(
        pathway=definition.label.sv,
        patient_name=found.name,
        printed_on=now.astimezone(STOCKHOLM).date(),
        responsible=tuple(_responsible(found.known.parts, definition, catalogue)),
        phases=tuple(_phases(found, definition)),
        plan=_newest(found.plans, catalogue),
        what_matters=found.what_matters,
        meetings=tuple(_meetings(found.meetings, now)),
        handovers_waiting=tuple(_waiting(found.known.handovers, definition, catalogue)),
        protected=found.protected,
    )


def _responsible(
    parts: Iterable[Part], definition: Definition, catalogue: Catalogue
) -> Iterator[Responsible]:
    for part in sorted(parts, key=lambda p: (p.key != COORDINATION, p.key)):
        holder = catalogue.units[part.holder]
        inbox = holder.contact(Function.INBOX)
        yield Responsible(
            part=_label(definition, part.key),
            unit=holder.name,
            phone=inbox.phone if inbox else None,
            since=part.since.astimezone(STOCKHOLM).date(),
        )


def _label(definition: Definition, part: str) -> str:
    found = definition.part(part)
    return found.label.sv if found else "Annat stöd"


def _phases(found: Found, definition: Definition) -> Iterator[Phase]:
    known = found.known
    here = (s for s in known.steps if s.period == known.summary.period)
    for step in sorted(here, key=lambda s: s.place):
        own = definition.step(step.key)
        label = own.label.sv if own else found.added[step.key]
        yield Phase(label=label, state=PHASES[step.state])


def _newest(plans: Iterable[FoundPlan], catalogue: Catalogue) -> PlanCopy | None:
    """The version that began to hold last, of those that hold and may be seen."""
    holding = [
        (plan.version.activated_at, plan.version, plan.content)
        for plan in plans
        if plan.version.state is PlanState.ACTIVE and plan.version.activated_at and plan.content
    ]
    if not holding:
        return None
    at, version, content = max(holding, key=lambda held: held[0])
    return _plan(version, content, at, catalogue)


def _plan(version: PlanVersion, content: Plan, at: datetime, catalogue: Catalogue) -> PlanCopy:
    return PlanCopy(
        number=version.number,
        author_profession=content.author_profession,
        unit=catalogue.units[version.unit].name,
        decided_on=at.astimezone(STOCKHOLM).date(),
        summary=content.summary_assessment,
        goals=tuple(_goals(content.goals)),
        measures=tuple(
            MeasureCopy(text=m.text, who=m.profession, frequency=m.frequency)
            for m in content.measures
        ),
        follow_up_on=content.follow_up_on,
    )


def _goals(goals: Iterable[Goal]) -> Iterator[GoalCopy]:
    for goal in goals:
        assert goal.target_date is not None, "a plan that holds has a date for every goal"
        yield GoalCopy(
            own_words=goal.own_words,
            baseline=goal.baseline,
            target=goal.target,
            target_date=goal.target_date,
        )


def _meetings(meetings: Iterable[Meeting], now: datetime) -> Iterator[NextMeeting]:
    for meeting in meetings:
        summons = meeting.summons
        if meeting.state is MeetingState.PLANNED and summons.starts_at > now:
            yield NextMeeting(
                kind=MEETINGS[summons.kind],
                starts_at=summons.starts_at,
                minutes=summons.minutes,
                place=summons.place or PLACES[summons.mode],
            )


def _waiting(
    handovers: Iterable[Handover], definition: Definition, catalogue: Catalogue
) -> Iterator[WaitingHandover]:
    for handover in handovers:
        if not handover.unanswered or handover.purpose is Purpose.INFORM:
            continue
        assert handover.sent_at is not None, "a pre-notice asks for no answer"
        yield WaitingHandover(
            what=_asked(handover, definition),
            from_unit=catalogue.units[handover.from_unit].name,
            to_unit=catalogue.units[handover.to_unit].name,
            since=handover.sent_at.astimezone(STOCKHOLM).date(),
        )


def _asked(handover: Handover, definition: Definition) -> str:
    label = _label(definition, handover.part).lower()
    if handover.purpose is Purpose.CARRY_OUT:
        return f"hjälpa till med {label}"
    return ASKED.get(handover.part, f"ta över {label}")
