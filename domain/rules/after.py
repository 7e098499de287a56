"""Work with a handover after the answer: who sees to it, the first contact, the outcome."""

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.draft import Draft
from domain.handover import HandoverState
from domain.refusal import Refused
from domain.rules import answering, before, clock, instants, proxy
from domain.rules.answering import note_reading


def assign(draft: Draft, command: cmd.Assign) -> None:
    """Somebody at the unit sees to it; the unit still answers (R-005)."""
    handover = before.may(draft, "assign", command.handover_id)
    if handover.assigned_to == command.to:
        raise Refused("already_assigned")
    draft.add(ev.HandoverAssigned(handover_id=handover.id, to=command.to))


def release(draft: Draft, command: cmd.Release) -> None:
    """Nobody in particular sees to it any more; the unit does."""
    handover = before.may(draft, "release", command.handover_id)
    draft.add(ev.AssignmentEnded(handover_id=handover.id))


def report_first_contact(draft: Draft, command: cmd.ReportFirstContact) -> None:
    """The new holder has met or spoken to the patient. Raises `Refused`: not_receiver, …"""
    handover = before.may(draft, "first-contact", command.handover_id)
    proxy.must_be_credible(draft, handover, command.call)
    instants.must_have_been(draft, command.at)
    note_reading(draft, handover)
    draft.add(
        ev.FirstContactReported(
            handover_id=handover.id,
            at=command.at,
            call=command.call,
            provisional=proxy.is_late(draft, command.call),
        ),
        effective_at=command.at,
    )
    answering.await_confirmation(draft, handover)
    clock.stop(draft, ClockKind.FIRST_CONTACT, handover.id, at=command.at)
    clock.stop(draft, ClockKind.ACKNOWLEDGED, handover.id)
    clock.stop(draft, ClockKind.HOLD, handover.id, kept=False)


def complete(draft: Draft, command: cmd.CompleteHandover) -> None:
    """What was asked for is done; the sender is told the outcome. The holder does not change."""
    handover = before.may(draft, "complete", command.handover_id)
    proxy.must_be_credible(draft, handover, command.call)
    draft.add(
        ev.HandoverCompleted(
            handover_id=handover.id,
            outcome=command.outcome,
            goals=command.goals,
            call=command.call,
            provisional=proxy.is_late(draft, command.call),
        )
    )
    kept = handover.stage is HandoverState.TAKEN_OVER
    clock.stop(draft, ClockKind.FIRST_CONTACT, handover.id, kept=kept)
    clock.stop_about(draft, handover.id)
    answering.await_confirmation(draft, handover)
