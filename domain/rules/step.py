"""Steps: opening what is ready, completing with typed content, and what follows."""

from domain.calendar import STOCKHOLM, Budget, Counting
from domain.clock import ClockKind
from domain.command import CompleteStep, Prior, RecordVisit, SkipStep
from domain.content import (
    Assessment,
    CloseDecision,
    CloseReason,
    FollowUp,
    GoOn,
    NewPeriod,
    RestUntil,
    StepContent,
)
from domain.draft import Draft
from domain.event import (
    JourneyClosed,
    MeetingCancelled,
    PeriodStarted,
    StepCompleted,
    StepDoneBefore,
    StepNeeded,
    StepNotNeeded,
    StepSkipped,
    VisitRecorded,
)
from domain.handover import Handover, HandoverState
from domain.journey import Step, StepState, step_id
from domain.meeting import MeetingState
from domain.pathway import Obligation
from domain.plan import Plan
from domain.profession import Profession
from domain.refusal import FieldProblem, Refused
from domain.rules import access, alarm, begin, clock, instants, plan, step_content
from domain.rules.begin import ENDED
from domain.rules.release import release


def complete(draft: Draft, command: CompleteStep) -> None:
    """Complete an open step; the holder of the step's part does it.

    Raises `Refused`: step_unknown, not_holder, step_not_open, step_deferred, step_needs_handover,
    step_kind_mismatch, content_invalid, handovers_open.
    """
    step = _begun(draft, command)
    if step.kind == "handover":
        raise Refused("step_needs_handover")
    if step.kind != command.content.kind:
        raise Refused("step_kind_mismatch")
    step_content.check(draft, step, command)
    draft.add(
        StepCompleted(
            step=step.id,
            content=command.content,
            professions=command.professions,
            early_reason=command.early_reason,
        )
    )
    begin.stop_clocks(draft, step)
    _follow(draft, step, command.content)
    if draft.state.open:
        begin.open_ready(draft)


def _begun(draft: Draft, command: CompleteStep) -> Step:
    """The open step; one that still waits for something opens for whoever says why.

    A reason for a step that is not early would be kept for nothing, and is refused.
    """
    found = draft.state.current(command.step)
    definition = draft.state.step_definition(command.step)
    waits = (
        found is not None
        and definition is not None
        and found.state is StepState.WAITING
        and begin.is_ready(draft.state, definition)
        and begin.is_deferred(draft, definition)
    )
    if not waits or found is None or definition is None:
        return open_step_of(draft, command.step)
    access.must_hold(draft, found.part)
    if command.early_reason is None:
        raise Refused("step_deferred", FieldProblem(field="early_reason", rule="required"))
    begin.open_step(draft, found, definition.due.budget)
    return draft.state.steps[found.id]


def skip(draft: Draft, command: SkipStep) -> None:
    """Leave an open step out for this patient; follow-up is never left out.

    Raises `Refused`: step_unknown, not_holder, step_not_open, step_not_skippable.
    """
    step = open_step_of(draft, command.step)
    definition = draft.state.step_definition(step.key)
    mandatory = definition is not None and definition.obligation is Obligation.MANDATORY
    if mandatory or step.kind in ("assessment", "follow_up"):
        raise Refused("step_not_skippable")
    if any(
        h.open and (h.period, h.step) == (step.period, step.key)
        for h in draft.state.handovers.values()
    ):
        raise Refused("handovers_open")
    draft.add(StepSkipped(step=step.id, reason=command.reason))
    begin.stop_clocks(draft, step, kept=False)
    begin.open_ready(draft)


def record_visit(draft: Draft, command: RecordVisit) -> None:
    """Record a performed visit; a step may have waited for it.

    Raises `Refused` as `complete` does, and instant_in_future, limit_reached.
    """
    step = open_step_of(draft, command.step)
    if step.kind != "intervention":
        raise Refused("step_kind_mismatch")
    instants.must_have_been(draft, command.visit.at)
    limit = draft.state.clock(ClockKind.LIMIT, step.id)
    if limit is not None and limit.running and limit.due_at <= command.visit.at:
        raise Refused("limit_reached")
    number = draft.state.visits + 1
    draft.add(
        VisitRecorded(step=step.id, number=number, visit=command.visit),
        effective_at=command.visit.at,
    )
    begin.open_ready(draft)


def complete_by_handover(draft: Draft, handover: Handover) -> None:
    """The handover that a step waited for has been taken over or, to inform, been read."""
    step = draft.state.steps.get(step_id(handover.period, handover.step or ""))
    if step is None or step.state is not StepState.OPEN:
        return
    draft.add(StepCompleted(step=step.id))
    begin.stop_clocks(draft, step)
    begin.open_ready(draft)


def open_step_of(draft: Draft, key: str) -> Step:
    """The open step of that key, whose part the caller holds. Raises `Refused`."""
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
    if isinstance(content, Plan):
        plan.activate_new(draft, content)
    if not isinstance(content, FollowUp):
        begin.repeat(draft, step)
    if isinstance(content, FollowUp):
        plan.end_follow_ups(draft)
        _decide_what_is_next(draft, step, content)


def _heed_need(draft: Draft, content: Assessment) -> None:
    """A need that is written down after the patient has left rings at once; no need, never.

    What fell away when there was no need comes back when there is one after all.
    """
    if not content.rehab_need:
        alarm.end_all(draft)
        _let_the_rest_fall_away(draft)
        return
    for step in tuple(draft.state.steps.values()):
        fell_away = step.state is StepState.NOT_NEEDED and step.kind != "referral"
        if fell_away and step.period == draft.state.period:
            draft.add(StepNeeded(step=step.id))
    if draft.state.departure:
        alarm.raise_for(draft, draft.state.departure.from_unit)


def _let_the_rest_fall_away(draft: Draft, *, follow_up: bool = False) -> None:
    """What has not ended is not needed any more, but for the follow-up.

    Generic model for rehabilitation: no need leads straight to follow-up. And a new period leaves
    no step behind that nobody can act on.
    """
    for step in tuple(draft.state.steps.values()):
        if step.period != draft.state.period or step.state in ENDED:
            continue
        if follow_up or step.kind != "follow_up":
            begin.fall_away(draft, step)


def _decide_what_is_next(draft: Draft, step: Step, content: FollowUp) -> None:
    match content.next:
        case CloseDecision(reason=reason):
            close(draft, reason)
        case NewPeriod():
            begin_period(draft)
        case RestUntil(until=until):
            today = draft.now.astimezone(STOCKHOLM).date()
            budget = Budget(amount=(until - today).days, counting=Counting.CALENDAR_DAYS)
            begin.open_step(draft, step, budget)
        case GoOn():
            begin.repeat(draft, step)


def close(
    draft: Draft,
    reason: CloseReason,
    *,
    profession: Profession | None = None,
    merged_into: str | None = None,
) -> None:
    """Close the journey. Raises `Refused("handovers_open")` while an answer or a start is owed."""
    nothing_may_be_under_way(draft)
    _no_stay_may_go_on(draft)
    for meeting in tuple(draft.state.meetings.values()):
        if meeting.state is MeetingState.PLANNED:
            draft.add(MeetingCancelled(meeting_id=meeting.id, reason="Förloppet är avslutat."))
    draft.add(JourneyClosed(reason=reason, profession=profession, merged_into=merged_into))
    release(draft, draft.state.handovers.values())
    clock.stop_all(draft)


def nothing_may_be_under_way(draft: Draft) -> None:
    """Raises `Refused("handovers_open")` while somebody owes an answer or a start."""
    handovers = draft.state.handovers.values()
    if any(h.open and h.stage is not HandoverState.TAKEN_OVER for h in handovers):
        raise Refused("handovers_open")


def _no_stay_may_go_on(draft: Draft) -> None:
    """Units that were told of a stay wait for its end. Raises `Refused("stay_open")`."""
    stay = draft.state.admitted
    if stay and stay.judged_at and draft.state.deceased_at is None:
        raise Refused("stay_open")


def begin_period(draft: Draft) -> None:
    """Enter the pathway again, with clocks of its own (R-120)."""
    nothing_may_be_under_way(draft)
    alarm.end_all(draft)
    _let_the_rest_fall_away(draft, follow_up=True)
    period = draft.state.period + 1
    draft.add(PeriodStarted(period=period))
    for step in tuple(draft.state.steps.values()):
        if step.kind == "referral" and step.period == period:
            draft.add(StepNotNeeded(step=step.id))


def record_prior(draft: Draft, prior: tuple[Prior, ...]) -> None:
    """What was done before the journey began here is recorded as such, and opens what follows.

    Raises `Refused`: step_unknown, step_not_skippable, instant_in_future.
    """
    today = draft.now.astimezone(STOCKHOLM).date()
    for done in prior:
        found = draft.state.current(done.step)
        if found is None or found.kind == "referral":
            raise Refused("step_unknown", FieldProblem(field="prior", rule=done.step))
        if found.kind == "follow_up":
            raise Refused("step_not_skippable", FieldProblem(field="prior", rule=done.step))
        if done.ended_on > today:
            raise Refused("instant_in_future", FieldProblem(field="prior", rule=done.step))
        if found.state in ENDED:
            raise Refused("step_not_open", FieldProblem(field="prior", rule=done.step))
        draft.add(StepDoneBefore(step=found.id, ended_on=done.ended_on, by=done.by, note=done.note))
