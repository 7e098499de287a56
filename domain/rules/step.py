"""Steps: opening what is ready, completing with typed content, and what follows."""

from datetime import timedelta

from domain import instrument
from domain.calendar import STOCKHOLM, Budget, Counting
from domain.clock import ClockKind, Promise
from domain.command import CompleteStep, RecordVisit, SkipStep
from domain.content import (
    Assessment,
    CloseDecision,
    FollowUp,
    NewPeriod,
    Plan,
    RestUntil,
    StepContent,
)
from domain.draft import Draft
from domain.event import (
    JourneyClosed,
    PeriodStarted,
    StepCompleted,
    StepNotNeeded,
    StepOpened,
    StepSkipped,
    VisitRecorded,
)
from domain.handover import Handover, HandoverState
from domain.journey import Journey, Step, StepState, step_id
from domain.pathway import (
    COORDINATION,
    AssessmentStep,
    FollowUpStep,
    PlanStep,
    StepDefinition,
)
from domain.refusal import FieldProblem, Refused
from domain.rules import access, alarm, clock
from domain.rules.release import release

ENDED = (StepState.DONE, StepState.NOT_NEEDED, StepState.SKIPPED)


def complete(draft: Draft, command: CompleteStep) -> None:
    """Complete an open step; the holder of the step's part does it.

    Raises `Refused`: step_unknown, not_holder, step_not_open, step_needs_handover,
    step_kind_mismatch, content_invalid, handovers_open.
    """
    step = _open_step(draft, command.step)
    if step.kind == "handover":
        raise Refused("step_needs_handover")
    if step.kind != command.content.kind:
        raise Refused("step_kind_mismatch")
    _check(draft, step, command.content)
    draft.add(StepCompleted(step=step.id, content=command.content))
    clock.stop(draft, ClockKind.STEP, step.id)
    _follow(draft, step, command.content)
    if draft.state.open:
        open_ready(draft)


def skip(draft: Draft, command: SkipStep) -> None:
    """Leave an open step out for this patient; follow-up is never left out.

    Raises `Refused`: step_unknown, not_holder, step_not_open, step_not_skippable.
    """
    step = _open_step(draft, command.step)
    if step.kind in ("assessment", "follow_up"):
        raise Refused("step_not_skippable")
    if any(
        h.open and (h.period, h.step) == (step.period, step.key)
        for h in draft.state.handovers.values()
    ):
        raise Refused("handovers_open")
    draft.add(StepSkipped(step=step.id, reason=command.reason))
    clock.stop(draft, ClockKind.STEP, step.id, kept=False)
    open_ready(draft)


def record_visit(draft: Draft, command: RecordVisit) -> None:
    """Record a performed visit. Raises `Refused` as `complete` does, and instant_in_future."""
    step = _open_step(draft, command.step)
    if step.kind != "intervention":
        raise Refused("step_kind_mismatch")
    if command.visit.at > draft.now:
        raise Refused("instant_in_future", FieldProblem(field="at", rule="in_future"))
    number = draft.state.visits + 1
    draft.add(
        VisitRecorded(step=step.id, number=number, visit=command.visit),
        effective_at=command.visit.at,
    )


def complete_by_handover(draft: Draft, handover: Handover) -> None:
    """The handover that a step waited for has been taken over or, to inform, been read."""
    step = draft.state.steps.get(step_id(handover.period, handover.step or ""))
    if step is None or step.state is not StepState.OPEN:
        return
    draft.add(StepCompleted(step=step.id))
    clock.stop(draft, ClockKind.STEP, step.id)
    open_ready(draft)


def open_ready(draft: Draft) -> None:
    """Open every waiting step of this period whose forerunners have all ended."""
    for definition in draft.state.definition.steps:
        step = draft.state.current(definition.key)
        if step and step.state is StepState.WAITING and _is_ready(draft.state, definition):
            open_step(draft, step, definition.due.budget)


def open_step(draft: Draft, step: Step, budget: Budget) -> None:
    """Open one step, with a clock on the unit that holds its part (promise 2)."""
    draft.add(StepOpened(step=step.id))
    promise = Promise(
        id=f"{ClockKind.STEP}:{step.id}",
        kind=ClockKind.STEP,
        subject=step.id,
        part=step.part,
        owner=draft.state.holder(step.part),
        counterpart=draft.state.holder(COORDINATION),
        budget=budget,
        ladder="step",
    )
    clock.start(draft, promise)


def _is_ready(state: Journey, definition: StepDefinition) -> bool:
    before = [state.current(key) for key in definition.after]
    return all(step is not None and step.state in ENDED for step in before)


def _open_step(draft: Draft, key: str) -> Step:
    step = draft.state.current(key)
    if step is None:
        raise Refused("step_unknown")
    access.must_hold(draft, step.part)
    if step.state is not StepState.OPEN:
        raise Refused("step_not_open")
    return step


def _follow(draft: Draft, step: Step, content: StepContent) -> None:
    if isinstance(content, Assessment):
        _heed_need(draft, content)
    if isinstance(content, FollowUp):
        _decide_what_is_next(draft, step, content)


def _heed_need(draft: Draft, content: Assessment) -> None:
    """A need that is written down after the patient has left rings at once; no need, never."""
    if not content.rehab_need:
        alarm.end_all(draft)
        _let_the_rest_fall_away(draft)
    elif draft.state.departure:
        alarm.raise_for(draft, draft.state.departure.from_unit)


def _let_the_rest_fall_away(draft: Draft) -> None:
    """What has not ended is not needed any more, but for the follow-up.

    Generic model for rehabilitation: no need leads straight to follow-up. And a new period leaves
    no step behind that nobody can act on.
    """
    for definition in draft.state.definition.steps:
        step = draft.state.current(definition.key)
        if step and step.kind != "follow_up" and step.state not in ENDED:
            draft.add(StepNotNeeded(step=step.id))
            clock.stop(draft, ClockKind.STEP, step.id, kept=False)


def _decide_what_is_next(draft: Draft, step: Step, content: FollowUp) -> None:
    match content.next:
        case CloseDecision(reason=reason):
            close(draft, reason)
        case NewPeriod():
            _begin_period(draft)
        case RestUntil(until=until):
            today = draft.now.astimezone(STOCKHOLM).date()
            budget = Budget(amount=(until - today).days, counting=Counting.CALENDAR_DAYS)
            open_step(draft, step, budget)


def close(draft: Draft, reason: str) -> None:
    """Close the journey. Raises `Refused("handovers_open")` while an answer or a start is owed."""
    _nothing_may_be_under_way(draft)
    draft.add(JourneyClosed(reason=reason))
    release(draft, draft.state.handovers.values())
    clock.stop_all(draft)


def _nothing_may_be_under_way(draft: Draft) -> None:
    handovers = draft.state.handovers.values()
    if any(h.unanswered or h.state is HandoverState.ACCEPTED for h in handovers):
        raise Refused("handovers_open")


def _begin_period(draft: Draft) -> None:
    _nothing_may_be_under_way(draft)
    alarm.end_all(draft)
    _let_the_rest_fall_away(draft)
    period = draft.state.period + 1
    draft.add(PeriodStarted(period=period))
    for step in tuple(draft.state.steps.values()):
        if step.kind == "referral" and step.period == period:
            draft.add(StepNotNeeded(step=step.id))


def _check(draft: Draft, step: Step, content: StepContent) -> None:
    definition = draft.state.definition.step(step.key)
    found = list(instrument.problems(getattr(content, "measurements", ()), "measurements"))
    match definition, content:
        case AssessmentStep(), Assessment():
            found += _assessment_problems(definition, content)
        case PlanStep(), Plan():
            found += _plan_problems(draft, definition, content)
        case FollowUpStep(), FollowUp():
            found += _follow_up_problems(draft, definition, content)
        case _:
            pass
    if found:
        raise Refused("content_invalid", *found)


def _assessment_problems(definition: AssessmentStep, content: Assessment) -> list[FieldProblem]:
    found = [
        FieldProblem(field=name, rule="required_by_pathway")
        for name in definition.fields
        if getattr(content, name) is None
    ]
    return found + instrument.missing(content.measurements, definition.instruments, "measurements")


def _plan_problems(draft: Draft, definition: PlanStep, content: Plan) -> list[FieldProblem]:
    found = []
    today = draft.now.astimezone(STOCKHOLM).date()
    if not definition.goals_min <= len(content.goals) <= definition.goals_max:
        rule = f"goals_between:{definition.goals_min}-{definition.goals_max}"
        found.append(FieldProblem(field="goals", rule=rule))
    if content.follow_up_on <= today:
        found.append(FieldProblem(field="follow_up_on", rule="not_in_future"))
    for index, goal in enumerate(content.goals):
        if goal.target_date <= today:
            found.append(FieldProblem(field=f"goals.{index}.target_date", rule="not_in_future"))
    return found


def _follow_up_problems(
    draft: Draft, definition: FollowUpStep, content: FollowUp
) -> list[FieldProblem]:
    required = definition.instruments if draft.state.need else ()
    found = instrument.missing(content.measurements, required, "measurements")
    for index, attained in enumerate(content.attainment):
        if attained.goal > draft.state.goals:
            found.append(FieldProblem(field=f"attainment.{index}.goal", rule="goal_unknown"))
    if isinstance(content.next, RestUntil):
        today = draft.now.astimezone(STOCKHOLM).date()
        if not today < content.next.until <= today + timedelta(days=3650):
            found.append(FieldProblem(field="next.until", rule="not_in_future"))
    return found
