"""Content that a pathway takes: made up for a simulation, with all that the definition asks for."""

from datetime import date, datetime, timedelta

from domain.calendar import STOCKHOLM
from domain.content import (
    Assessment,
    CloseDecision,
    FollowUp,
    GoOn,
    Intervention,
    NeedLevel,
    NewPeriod,
    Place,
    StepContent,
    TeamMeeting,
    Visit,
)
from domain.design.case import Case
from domain.handover_faults import least
from domain.instrument import INSTRUMENTS, Measurement
from domain.journey import Journey
from domain.participation import Participation, Took
from domain.pathway import (
    AssessmentStep,
    FollowUpStep,
    HandoverStep,
    InterventionStep,
    MeetingStep,
    PlanStep,
    StepDefinition,
)
from domain.plan import Goal, Measure, Plan
from domain.profession import Profession
from domain.template import HandoverContent, LegalBasis

MADE_UP = "Provkörning."
# As many as a visit or a handover can name.
MOST_PROFESSIONS = 10
FARTHEST_PLANNED = timedelta(days=3650)
TOOK_PART = Participation(patient=Took.TOOK_PART)


def measurements(case: Case, instruments: tuple[str, ...]) -> tuple[Measurement, ...]:
    """A result of each: what the case says, else the middle of its range."""
    wanted = dict.fromkeys((*instruments, *case.scores))
    return tuple(Measurement(instrument=key, score=_score(case, key)) for key in wanted)


def _score(case: Case, key: str) -> int | float | str:
    if key in case.scores:
        return case.scores[key]
    known = INSTRUMENTS[key]
    if known.numbers is None:
        return known.letters[0]
    low, high, step = known.numbers
    middle = low + (high - low) / 2 // step * step
    return int(middle) if middle == middle.to_integral_value() else float(middle)


def content(
    state: Journey, definition: StepDefinition, case: Case, now: datetime, decided: int
) -> StepContent | None:
    """What a step is completed with; None for a step that nobody completes so.

    `decided` counts the follow-ups before this one.
    """
    today = now.astimezone(STOCKHOLM).date()
    match definition:
        case AssessmentStep():
            return _assessment(definition, case)
        case PlanStep():
            return _plan(definition, today, _followed_up(state))
        case InterventionStep():
            taken = measurements(case, definition.instruments)
            return Intervention(result=MADE_UP, ended_because="planned_end", measurements=taken)
        case MeetingStep():
            prepared = tuple(item.key for item in definition.preparation)
            return TeamMeeting(prepared=prepared, decisions=MADE_UP, participation=TOOK_PART)
        case FollowUpStep():
            return _follow_up(state, definition, case, decided)
        case _:
            return None


def _assessment(definition: AssessmentStep, case: Case) -> Assessment:
    return Assessment(
        rehab_need=case.need,
        need_level=NeedLevel(case.need_level) if case.need else NeedLevel.NONE,
        participation=TOOK_PART,
        psychosocial_support=MADE_UP,
        comorbidity=MADE_UP,
        motivation=MADE_UP,
        summary=MADE_UP,
        measurements=measurements(case, definition.instruments),
    )


def _followed_up(state: Journey) -> timedelta:
    """When the plan itself is followed up: after the pathway's own follow-ups should be done."""
    ends = (s for s in state.definition.steps if s.kind in ("intervention", "follow_up"))
    ahead = sum((least(s.due.budget) for s in ends), timedelta(days=60))
    return min(ahead, FARTHEST_PLANNED)


def _plan(definition: PlanStep, today: date, ahead: timedelta) -> Plan:
    day = today + ahead
    goal = Goal(own_words=MADE_UP, baseline=MADE_UP, target=MADE_UP, target_date=day)
    author = definition.professions[0] if definition.professions else Profession.FT
    return Plan(
        summary_assessment=MADE_UP,
        goals=(goal,) * max(definition.goals_min, 1),
        measures=(Measure(text=MADE_UP, profession=author, frequency=MADE_UP),),
        follow_up_on=day,
        participation=TOOK_PART,
        author_profession=author,
    )


def _follow_up(state: Journey, definition: FollowUpStep, case: Case, decided: int) -> FollowUp:
    said = case.decisions[decided] if decided < len(case.decisions) else None
    others = (
        d
        for d in state.definition.steps
        if d.kind == "follow_up" and d.key != definition.key and _is_left(state, d)
    )
    go_on = said == "go_on" or (said is None and any(others))
    then: CloseDecision | NewPeriod | GoOn = CloseDecision(reason=case.close_reason)
    if go_on:
        then = GoOn()
    elif said == "new_period":
        then = NewPeriod()
    taken = measurements(case, definition.instruments)
    return FollowUp(measurements=taken, participation=TOOK_PART, next=then)


def _is_left(state: Journey, definition: StepDefinition) -> bool:
    """Whether it is still to come; one that has come and comes again without end is not missed."""
    step, again = state.current(definition.key), definition.repeat
    endless = again is not None and again.times is None
    return step is not None and step.ended_at is None and not (endless and step.round > 1)


def visit(at: datetime, definition: StepDefinition) -> Visit:
    """A home visit by the professions that the step asks for."""
    professions = _named(definition) or (Profession.FT,)
    return Visit(at=at, minutes=60, place=Place.HOME, professions=professions)


def _named(definition: StepDefinition) -> tuple[Profession, ...]:
    return tuple(dict.fromkeys(definition.professions))[:MOST_PROFESSIONS]


def handover_content(
    definition: HandoverStep, case: Case, leaves_at: datetime | None
) -> HandoverContent:
    """The template with every field filled that a step may ask for."""
    filled = dict.fromkeys(definition.fields, MADE_UP)
    return HandoverContent(
        what_matters=MADE_UP,
        patient_goals=MADE_UP,
        reason=MADE_UP,
        summary_evaluation=MADE_UP,
        requested=MADE_UP,
        **{"current_function": MADE_UP, "risks": MADE_UP, **filled},
        measurements=measurements(case, definition.instruments),
        professions=_named(definition),
        sip="not_needed",
        legal_basis=LegalBasis.CONSENT,
        consent_ref=MADE_UP,
        estimated_discharge_at=leaves_at,
    )
