"""Taking back: before the answer by the sender alone, after it by agreement, if wrong always."""

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.draft import Draft
from domain.handover import WRONG, Handover, HandoverState, WithdrawReason
from domain.refusal import Refused
from domain.rules import alarm, before, clock, promise, residence, take_over
from domain.rules.allowed import AGREED
from domain.value import HsaId


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
    clock.start(draft, promise.on(handover, ClockKind.CANCELLATION))


def answer_cancellation(draft: Draft, command: cmd.AnswerCancellation) -> None:
    """Let it go, or hold on to what was agreed."""
    handover = before.may(draft, "answer-cancellation", command.handover_id)
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
    if moved and held and held.holder == _heir(draft, handover.to_unit):
        _return_part(draft, handover)
    alarm.take_back(draft, handover)


def _return_part(draft: Draft, handover: Handover) -> None:
    """A unit without access cannot hold: the sender, whose mistake it was, holds again.

    If the patient has left meanwhile, that is an alarm now (promise 2).
    """
    to = _heir(draft, handover.from_unit)
    draft.add(ev.PartReturned(handover_id=handover.id, part=handover.part, to=to))
    take_over.move_step_clocks(draft)
    residence.heed_move(draft, handover.part)
    if draft.state.need and draft.state.departure and not draft.state.deceased_at:
        alarm.raise_for(draft, to)


def _heir(draft: Draft, unit: HsaId) -> HsaId:
    """What has ended names the units as they were; one may have gone up in another since."""
    return draft.state.units[unit].successor or unit
