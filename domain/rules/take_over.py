"""The take-over: armed by an acceptance, and the only way a part changes hands (promise 1)."""

from domain import event as ev
from domain.calendar import Budget, elapsed
from domain.clock import ClockKind, Promise
from domain.draft import Draft
from domain.handover import At, Handover, Now, OnDischarge
from domain.journey import StepState, clock_id
from domain.pathway import COORDINATION
from domain.rules import clock, step
from domain.rules.receiver import deadlines
from domain.rules.release import release


def arm(draft: Draft, handover: Handover) -> None:
    """Let the take-over come now, at its instant, or when the patient leaves."""
    match handover.takes_over:
        case At(at=at):
            promise = promise_of(handover, ClockKind.TAKE_OVER, clock.AT_ONCE, "take_over")
            clock.start(draft, promise.model_copy(update={"span": at - draft.now}))
        case OnDischarge() if not _has_left(draft, handover):
            _await_discharge(draft, handover)
        case OnDischarge() | Now() | None:
            take_over(draft, handover)


def _await_discharge(draft: Draft, handover: Handover) -> None:
    """The sender owes the discharge: a clock runs to the estimate and some grace."""
    assert handover.estimated_discharge_at is not None
    budget = draft.state.definition.handovers.discharge.budget
    until = max(draft.now, handover.estimated_discharge_at)
    ahead = elapsed(draft.now, until, budget.counting, draft.state.calendar)
    promise = promise_of(handover, ClockKind.TAKE_OVER, budget, "discharge", owner_is_sender=True)
    clock.start(draft, promise.model_copy(update={"span": ahead + budget.span}))


def _has_left(draft: Draft, handover: Handover) -> bool:
    departure = draft.state.departure
    return departure is not None and departure.from_unit == handover.from_unit


def take_over(draft: Draft, handover: Handover) -> None:
    """The take-over instant: the part changes hands, its open steps and clocks with it."""
    draft.add(ev.HandoverTakenOver(handover_id=handover.id))
    clock.stop(draft, ClockKind.TAKE_OVER, handover.id)
    if handover.purpose.moves:
        clock.stop(draft, ClockKind.ALARM, handover.part)
        release(draft, (h for h in draft.state.handovers.values() if h.part == handover.part))
        _move_step_clocks(draft)
    budget = deadlines(draft.state, handover.step).first_contact.budget
    clock.start(draft, promise_of(handover, ClockKind.FIRST_CONTACT, budget, "first_contact"))
    step.complete_by_handover(draft, handover)


def _move_step_clocks(draft: Draft) -> None:
    """Open steps follow their part to its new holder; coordination is the counterpart of all."""
    state = draft.state
    for open_step in state.steps.values():
        running = state.clock(ClockKind.STEP, open_step.id)
        if open_step.state is not StepState.OPEN or running is None or not running.running:
            continue
        owner, counterpart = state.holder(open_step.part), state.holder(COORDINATION)
        if (running.owner, running.counterpart) != (owner, counterpart):
            moved = running.model_copy(update={"owner": owner, "counterpart": counterpart})
            draft.add(ev.ClockMoved(because="take_over", clock=moved))


def promise_of(
    handover: Handover,
    kind: ClockKind,
    budget: Budget,
    ladder: str,
    *,
    owner_is_sender: bool = False,
) -> Promise:
    """The promise that one side of a handover makes to the other."""
    sides = (handover.to_unit, handover.from_unit)
    owner, counterpart = reversed(sides) if owner_is_sender else sides
    return Promise(
        id=clock_id(kind, handover.id),
        kind=kind,
        subject=handover.id,
        part=handover.part,
        owner=owner,
        counterpart=counterpart,
        budget=budget,
        ladder=ladder,
    )
