"""On hold: while the patient is in hospital, open handovers wait for the holder's choice."""

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.draft import Draft
from domain.handover import Handover, HandoverState
from domain.rules import before, clock, instants, promise, sending, take_over

# These begin anew when the handover goes on; all others go on where they stood.
BEGINS_ANEW = (ClockKind.TAKE_OVER, ClockKind.PRE_NOTICE)


def all_open(draft: Draft) -> None:
    """Every open handover waits; who must choose later is told if it takes long."""
    for handover in tuple(draft.state.handovers.values()):
        if handover.open and not handover.held_since:
            _hold(draft, handover)


def _hold(draft: Draft, handover: Handover) -> None:
    draft.add(ev.HandoverHeld(handover_id=handover.id))
    for running in tuple(draft.state.running()):
        if running.subject != handover.id:
            continue
        if running.kind in BEGINS_ANEW:
            clock.stop(draft, running.kind, handover.id, kept=False)
        else:
            clock.pause(draft, running.kind, handover.id, "hold")
    clock.start(
        draft,
        promise.on(draft, handover, ClockKind.HOLD, owner_is_sender=_sender_chooses(handover)),
    )


def ask_for_choice(draft: Draft) -> None:
    """The patient is ready for discharge: the choice is owed soon."""
    for handover in tuple(draft.state.handovers.values()):
        if not (handover.open and handover.held_since):
            continue
        clock.stop(draft, ClockKind.HOLD, handover.id, kept=False)
        owed = promise.on(
            draft, handover, ClockKind.HOLD, owner_is_sender=_sender_chooses(handover)
        )
        clock.start(draft, owed.model_copy(update={"budget": promise.CHOICE, "rule": None}))


def wait_again(draft: Draft) -> None:
    """Not ready after all: the choice can wait as before."""
    for handover in tuple(draft.state.handovers.values()):
        if handover.open and handover.held_since:
            clock.stop(draft, ClockKind.HOLD, handover.id, kept=False)
            chooses = _sender_chooses(handover)
            owed = promise.on(draft, handover, ClockKind.HOLD, owner_is_sender=chooses)
            clock.start(draft, owed)


def resume(draft: Draft, command: cmd.Resume) -> None:
    """Let it go on, perhaps with a new estimate; clocks go on where they stood.

    Raises `Refused`: not_holder, not_on_hold, instant_in_past.
    """
    handover = before.may(draft, "resume", command.handover_id)
    if command.estimated_at:
        instants.must_lie_ahead(draft, command.estimated_at, "estimated_at")
        draft.add(
            ev.EstimateChanged(
                handover_id=handover.id, estimated_at=command.estimated_at, reason=None
            )
        )
    draft.add(ev.HandoverResumed(handover_id=handover.id))
    clock.stop(draft, ClockKind.HOLD, handover.id)
    resumed = draft.state.handovers[handover.id]
    _go_on(draft, resumed)
    if resumed.stage is HandoverState.PRE_NOTICE:
        sending.await_sending(draft, resumed)
    elif resumed.awaits_take_over and not resumed.unconfirmed:
        take_over.arm(draft, resumed)


def _go_on(draft: Draft, handover: Handover) -> None:
    """What stood still for the stay alone; an unanswered question still holds the answer back."""
    asked = handover.stage in (HandoverState.QUESTION_OPEN, HandoverState.PROPOSED)
    for clock_ in tuple(draft.state.clocks.values()):
        if clock_.subject != handover.id or clock_.running or clock_.stopped_at:
            continue
        if not (asked and clock_.kind is ClockKind.ACCEPTED):
            clock.resume(draft, clock_.kind, handover.id, "resume")


def _sender_chooses(handover: Handover) -> bool:
    """Until it has been taken over the sender holds; after that the receiver does."""
    return handover.stage is not HandoverState.TAKEN_OVER
