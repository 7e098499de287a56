"""Taking back: before the answer by the sender alone, after it by agreement, if wrong always."""

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.draft import Draft
from domain.handover import WRONG, Handover, HandoverState, WithdrawReason
from domain.refusal import Refused
from domain.rules import alarm, before, clock, promise, proxy, residence, take_over
from domain.rules.allowed import AGREED
from domain.succession import heir


def withdraw(draft: Draft, command: cmd.Withdraw) -> None:
    """Take it back; the receiver's access ends at once.

    What reached the wrong receiver, or is on the wrong patient, is taken back at any state: a
    part that had been taken over returns to the sender, so that nobody's hands are empty.
    Raises `Refused`: not_sender, handover_not_open, cancellation_needed.
    """
    handover = before.may(draft, "withdraw", command.handover_id)
    agreed = handover.stage in AGREED or handover.stage is HandoverState.COMPLETED
    if agreed and command.reason not in WRONG:
        raise Refused("cancellation_needed")
    _take_back(draft, handover, command.reason, command.text)


def request_cancellation(draft: Draft, command: cmd.RequestCancellation) -> None:
    """Ask to be let off; what was agreed holds until the receiver has answered."""
    handover = before.may(draft, "request-cancellation", command.handover_id)
    draft.add(ev.CancellationRequested(handover_id=handover.id, reason=command.reason))
    clock.start(draft, promise.on(draft, handover, ClockKind.CANCELLATION))


def answer_cancellation(draft: Draft, command: cmd.AnswerCancellation) -> None:
    """Let it go, or hold on to what was agreed."""
    handover = before.may(draft, "answer-cancellation", command.handover_id)
    proxy.must_be_credible(draft, handover, command.call)
    clock.stop(draft, ClockKind.CANCELLATION, handover.id)
    if command.agree:
        _take_back(draft, handover, WithdrawReason.NO_LONGER_NEEDED, command.text)
    else:
        draft.add(ev.CancellationRefused(handover_id=handover.id, text=command.text))


def _take_back(draft: Draft, handover: Handover, reason: WithdrawReason, text: str | None) -> None:
    draft.add(ev.HandoverWithdrawn(handover_id=handover.id, reason=reason, text=text))
    clock.stop_about(draft, handover.id)
    held = draft.state.parts.get(handover.part)
    moved = handover.purpose.moves and handover.taken_over_at is not None
    receiver = heir(draft.state.units, handover.to_unit)
    if moved and held and held.holder == receiver and _was_the_latest(draft, handover):
        _return_part(draft, handover)
    alarm.take_back(draft, handover)


def _return_part(draft: Draft, handover: Handover) -> None:
    """A unit without access cannot hold: the sender, whose mistake it was, holds again.

    If the patient has left meanwhile, that is an alarm now (promise 2).
    """
    to = heir(draft.state.units, handover.from_unit)
    draft.add(ev.PartReturned(handover_id=handover.id, part=handover.part, to=to))
    _end_what_it_sent_on(draft, handover)
    take_over.move_step_clocks(draft)
    residence.heed_move(draft, handover.part)
    if draft.state.need and draft.state.departure and not draft.state.deceased_at:
        alarm.raise_for(draft, to)


def _was_the_latest(draft: Draft, handover: Handover) -> bool:
    """Whether the part is in the receiver's hands by this handover, and not by a later one."""
    assert handover.taken_over_at is not None
    return not any(
        other.taken_over_at and other.taken_over_at > handover.taken_over_at
        for other in draft.state.handovers.values()
        if other.part == handover.part and not other.withdrawn_at and other.purpose.moves
    )


def _end_what_it_sent_on(draft: Draft, handover: Handover) -> None:
    """What a unit without access had begun to pass on has nobody behind it any more."""
    pending = draft.state.pending(handover.part)
    if pending is not None:
        draft.add(ev.HandoverCeased(handover_id=pending.id))
        clock.stop_about(draft, pending.id)
