"""The take-over: armed by an acceptance, and the way in which a part changes hands (promise 1)."""

from domain import event as ev
from domain.clock import Clock, ClockKind
from domain.draft import Draft
from domain.handover import At, Handover, Now, OnDischarge
from domain.journey import StepState
from domain.part import COORDINATION
from domain.rules import clock, promise, residence, step
from domain.rules.receiver import deadlines
from domain.rules.release import release


def arm(draft: Draft, handover: Handover) -> None:
    """Let the take-over come now, at its instant, or when the patient leaves."""
    match handover.takes_over:
        case At(at=at) if at > draft.now:
            owed = promise.within(handover, ClockKind.TAKE_OVER, promise.AT_ONCE, "take_over")
            clock.start(draft, owed.model_copy(update={"span": at - draft.now}))
        case OnDischarge() if not _has_left(draft, handover):
            await_discharge(draft, handover)
        case At() | OnDischarge() | Now() | None:
            take_over(draft, handover)


def await_discharge(draft: Draft, handover: Handover) -> None:
    """The sender owes the discharge: a clock runs to the estimate and some grace."""
    assert handover.estimated_discharge_at is not None
    budget = draft.state.definition.handovers.discharge.budget
    owed = promise.within(handover, ClockKind.TAKE_OVER, budget, "discharge", owner_is_sender=True)
    clock.start_until(draft, owed, handover.estimated_discharge_at)


def _has_left(draft: Draft, handover: Handover) -> bool:
    departure = draft.state.departure
    return departure is not None and departure.from_unit == handover.from_unit


def take_over(draft: Draft, handover: Handover) -> None:
    """The take-over instant: the part changes hands, its open steps and clocks with it.

    A cancellation that was asked for too late falls away.
    """
    draft.add(ev.HandoverTakenOver(handover_id=handover.id))
    clock.stop(draft, ClockKind.TAKE_OVER, handover.id)
    clock.stop(draft, ClockKind.CANCELLATION, handover.id, kept=False)
    if handover.purpose.moves:
        clock.stop(draft, ClockKind.ALARM, handover.part)
        residence.heed_move(draft, handover.part)
        release(draft, (h for h in draft.state.handovers.values() if h.part == handover.part))
        move_step_clocks(draft)
        _let_safety_net_go(draft)
    budget = deadlines(draft.state, handover.step).first_contact.budget
    owed = promise.within(handover, ClockKind.FIRST_CONTACT, budget, "first_contact")
    clock.start(draft, owed)
    step.complete_by_handover(draft, handover)


def _let_safety_net_go(draft: Draft) -> None:
    """The last part that rang has been taken over: nobody needs the net any more."""
    if not any(c.kind is ClockKind.ALARM for c in draft.state.running()):
        clock.stop(draft, ClockKind.SAFETY_NET, COORDINATION)


# What follows the parts, and not the unit that happened to hold them first.
FOLLOWS = (
    ClockKind.STEP,
    ClockKind.LIMIT,
    ClockKind.OPENS,
    ClockKind.PLAN_FOLLOW_UP,
    ClockKind.PERSON_ANSWER,
    ClockKind.SIP,
    ClockKind.MOVE,
    ClockKind.MEETING,
)
# These belong to whoever coordinates, and to nobody who did before.
COORDINATORS_OWN = (ClockKind.PERSON_ANSWER, ClockKind.SIP)


OF_STEPS = (ClockKind.STEP, ClockKind.LIMIT, ClockKind.OPENS)


def move_step_clocks(draft: Draft) -> None:
    """Open steps follow their part to its new holder; coordination is the counterpart of all.

    The follow-up of a plan stays with its author while that unit holds something.
    """
    for running in tuple(draft.state.running()):
        if running.kind not in FOLLOWS:
            continue
        sides = _sides(draft, running)
        if sides is not None and (running.owner, running.counterpart) != sides:
            owner, counterpart = sides
            moved = running.model_copy(update={"owner": owner, "counterpart": counterpart})
            draft.add(ev.ClockMoved(because="take_over", clock=moved))


def _sides(draft: Draft, running: Clock) -> tuple[str, str] | None:
    """Who owes now, and who waits."""
    state = draft.state
    coordination = state.holder(COORDINATION)
    if running.kind not in OF_STEPS:
        holders = [p.holder for p in state.parts.values()]
        held = state.sip is not None and state.sip.held_at is not None
        own = running.kind in COORDINATORS_OWN and not (running.kind is ClockKind.SIP and held)
        stays = running.owner in holders and not own
        return (running.owner if stays else coordination), coordination
    open_step = state.steps[running.subject]
    if open_step.state not in (StepState.OPEN, StepState.WAITING):
        return None
    return state.holder(open_step.part), coordination
