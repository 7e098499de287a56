"""Answering: reading, yes, no, passing on, asking, other terms, and whose it is at all."""

from datetime import timedelta

from domain import command as cmd
from domain import event as ev
from domain.call import Entry, PaperAnswer, PhoneCall
from domain.clock import Clock, ClockKind
from domain.draft import Draft
from domain.handover import At, DeclineReason, Handover, OnDischarge, TakesOver
from domain.pathway import Purpose
from domain.refusal import FieldProblem, Refused
from domain.rules import (
    access,
    alarm,
    before,
    clock,
    instants,
    promise,
    proxy,
    receiver,
    sending,
    step,
)
from domain.rules import take_over as taking_over
from domain.rules.receiver import deadlines

MAX_HOPS = 3
ANSWER_CLOCKS = (ClockKind.RECEIVED, ClockKind.ACKNOWLEDGED, ClockKind.ACCEPTED)
SENDER_CLOCKS = (ClockKind.ANSWER, ClockKind.PROPOSAL, ClockKind.DISPUTE)


def acknowledge(draft: Draft, command: cmd.Acknowledge) -> None:
    """A person has read it; with `inform` that is all that was asked for."""
    handover = _answering(draft, "acknowledge", command)
    note_reading(draft, handover, command.entered)
    if handover.purpose is Purpose.INFORM:
        clock.stop(draft, ClockKind.HOLD, handover.id, kept=False)
        step.complete_by_handover(draft, handover)
    await_confirmation(draft, handover)


def accept(draft: Draft, command: cmd.Accept) -> None:
    """Promise to take over, and say when; closes the three clocks of the answer.

    An acceptance that was written down late moves nothing until it is confirmed.
    Raises `Refused`: not_receiver, handover_not_open, instant_in_past,
    discharge_estimate_missing, and what a call is refused for.
    """
    handover = _answering(draft, "accept", command)
    check_terms(draft, handover, command.takes_over, command.entered)
    note_reading(draft, handover, command.entered)
    _agree(draft, handover, command)


def _agree(draft: Draft, handover: Handover, command: cmd.Accept) -> None:
    answered_at = command.entered.at if command.entered else None
    draft.add(
        ev.HandoverAccepted(
            handover_id=handover.id,
            takes_over=command.takes_over,
            delay=command.delay,
            call=command.call,
            paper=command.paper,
            provisional=proxy.is_late(draft, command.entered),
        ),
        effective_at=answered_at,
    )
    clock.stop(draft, ClockKind.ACCEPTED, handover.id, at=answered_at)
    for kind in SENDER_CLOCKS:
        clock.stop(draft, kind, handover.id, kept=False)
    accepted = draft.state.handovers[handover.id]
    await_confirmation(draft, accepted)
    if not accepted.unconfirmed:
        taking_over.arm(draft, accepted)


def check_terms(
    draft: Draft, handover: Handover, takes_over: TakesOver, entered: Entry | None = None
) -> None:
    """When: at an instant that lies ahead, or on a discharge that is estimated.

    What is written down afterwards was ahead when it was said; passed meanwhile, it means at once.
    """
    passed = isinstance(takes_over, At) and takes_over.at <= draft.now
    if isinstance(takes_over, At) and not (entered and passed and takes_over.at >= entered.at):
        instants.must_lie_ahead(draft, takes_over.at, "takes_over.at")
    if isinstance(takes_over, OnDischarge) and handover.estimated_discharge_at is None:
        raise Refused("discharge_estimate_missing")


def decline(draft: Draft, command: cmd.Decline) -> None:
    """Send it back with a coded reason; the part has not moved."""
    handover = _answering(draft, "decline", command)
    if command.reason is DeclineReason.OTHER and not command.text:
        raise Refused("decline_text_missing", FieldProblem(field="text", rule="missing"))
    _vouch(draft, handover, command.entered)
    answered_at = command.entered.at if command.entered else None
    draft.add(
        ev.HandoverDeclined(
            handover_id=handover.id,
            reason=command.reason,
            text=command.text,
            proposes=command.proposes,
            delay=command.delay,
            call=command.call,
            paper=command.paper,
            provisional=proxy.is_late(draft, command.entered),
        ),
        effective_at=answered_at,
    )
    for kind in ANSWER_CLOCKS:
        clock.stop(draft, kind, handover.id, at=answered_at)
    for kind in SENDER_CLOCKS:
        clock.stop(draft, kind, handover.id, kept=False)
    await_confirmation(draft, handover)
    alarm.take_back(draft, handover)


def redirect(draft: Draft, command: cmd.Redirect) -> None:
    """Pass on inside the organisation; due never moves later (promise 4).

    A loop or too many hops stays with the present receiver, and a named function is told.
    Raises `Refused`: not_receiver, handover_not_open, question_open,
    redirect_crosses_organisation, and what `receiver` refuses.
    """
    handover = before.may(draft, "redirect", command.handover_id)
    if command.to.organisation != draft.state.units[handover.to_unit].organisation:
        raise Refused("redirect_crosses_organisation")
    receiver.check_unit(draft, command.to, handover.part, handover.purpose, handover.to_unit)
    if command.to.sector is not draft.state.units[handover.to_unit].sector:
        raise Refused("redirect_crosses_sector")
    seen = {handover.from_unit, handover.to_unit, *handover.earlier_receivers}
    if command.to.hsa_id in seen or len(handover.earlier_receivers) >= MAX_HOPS:
        because = "loop" if command.to.hsa_id in seen else "too_many_hops"
        draft.add(
            ev.RedirectStopped(handover_id=handover.id, to=command.to.hsa_id, because=because)
        )
        return
    receiver.check_kind(draft.state, command.to, handover.step)
    _vouch(draft, handover, None)
    # A reading that nobody has confirmed is void: the new receiver reads it anew.
    clock.stop(draft, ClockKind.CONFIRMATION, handover.id, kept=False)
    draft.add(
        ev.HandoverRedirected(
            handover_id=handover.id,
            to=command.to,
            reason=command.reason,
            stand_ins=command.stand_ins,
        )
    )
    _pass_clocks_on(draft, draft.state.handovers[handover.id])
    alarm.share_with(draft, draft.state.handovers[handover.id])


def ask(draft: Draft, command: cmd.Ask) -> None:
    """Ask the sender: the receiver's clock stands still, the sender's begins."""
    handover = before.may(draft, "ask", command.handover_id)
    note_reading(draft, handover)
    draft.add(ev.QuestionAsked(handover_id=handover.id, question=command.question))
    clock.pause(draft, ClockKind.ACCEPTED, handover.id)
    budget = draft.state.definition.handovers.answer.budget
    owed = promise.within(handover, ClockKind.ANSWER, budget, "answer", owner_is_sender=True)
    clock.start(draft, owed)


def answer(draft: Draft, command: cmd.Answer) -> None:
    """Answer the question: the sender's clock ends, the receiver's goes on."""
    handover = before.may(draft, "answer", command.handover_id)
    draft.add(ev.QuestionAnswered(handover_id=handover.id, answer=command.answer))
    clock.stop(draft, ClockKind.ANSWER, handover.id)
    if not handover.held_since:
        clock.resume(draft, ClockKind.ACCEPTED, handover.id)


def propose(draft: Draft, command: cmd.Propose) -> None:
    """Offer other terms: only the sender's clock runs until it answers."""
    handover = before.may(draft, "propose", command.handover_id)
    check_terms(draft, handover, command.takes_over)
    note_reading(draft, handover)
    draft.add(
        ev.HandoverProposed(
            handover_id=handover.id, takes_over=command.takes_over, text=command.text
        )
    )
    clock.pause(draft, ClockKind.ACCEPTED, handover.id, "proposal")
    clock.start(draft, promise.on(draft, handover, ClockKind.PROPOSAL, owner_is_sender=True))


def take_proposal(draft: Draft, command: cmd.TakeProposal) -> None:
    """Say yes to the receiver's terms. An instant that has passed meanwhile means at once."""
    handover = before.may(draft, "take-proposal", command.handover_id)
    terms = handover.proposal
    assert terms is not None, "what is proposed has terms"
    clock.stop(draft, ClockKind.PROPOSAL, handover.id)
    draft.add(ev.HandoverAccepted(handover_id=handover.id, takes_over=terms))
    for kind in (ClockKind.ACCEPTED, ClockKind.DISPUTE):
        clock.stop(draft, kind, handover.id, kept=kind is ClockKind.ACCEPTED)
    taking_over.arm(draft, draft.state.handovers[handover.id])


def refuse_proposal(draft: Draft, command: cmd.RefuseProposal) -> None:
    """Say no to the terms: the receiver still owes a yes or a no."""
    handover = before.may(draft, "refuse-proposal", command.handover_id)
    draft.add(ev.ProposalRefused(handover_id=handover.id, reason=command.reason))
    clock.stop(draft, ClockKind.PROPOSAL, handover.id)
    clock.resume(draft, ClockKind.ACCEPTED, handover.id)


def dispute(draft: Draft, command: cmd.Dispute) -> None:
    """Say that it is the other side's: named functions of both are told, and a short clock runs.

    A no that is disputed stands open again; disputed once, the next no stands.
    """
    handover = before.may(draft, "dispute", command.handover_id)
    if handover.declined_at:
        _must_still_be_ours(draft, handover)
        clock.stop(draft, ClockKind.CONFIRMATION, handover.id, kept=False)
    if access.acts(draft, handover.to_unit):
        note_reading(draft, handover)
    by = handover.to_unit if access.acts(draft, handover.to_unit) else handover.from_unit
    draft.add(ev.HandoverDisputed(handover_id=handover.id, by=by, reason=command.reason))
    clock.start(draft, promise.on(draft, handover, ClockKind.DISPUTE))
    alarm.share_with(draft, draft.state.handovers[handover.id])


def _must_still_be_ours(draft: Draft, handover: Handover) -> None:
    """A no to something that the sender has given away since is of no matter any more."""
    if draft.state.pending(handover.part):
        raise Refused("part_in_handover")
    if handover.purpose.moves and handover.part in draft.state.parts:
        access.must_hold(draft, handover.part)


def confirm(draft: Draft, command: cmd.ConfirmAnswer) -> None:
    """An answer that was entered late holds: the receiver says so, or a second person.

    What stood on paper was entered by the receiver, so there it is the second person in any case.
    Raises `Refused`: nothing_provisional, second_person_missing.
    """
    handover = before.may(draft, "confirm", command.handover_id)
    receives = access.acts(draft, handover.to_unit)
    assert draft.actor is not None
    same = draft.actor.subject == handover.provisional_by
    if same and (handover.on_paper or not receives):
        raise Refused("second_person_missing")
    by = "receiver" if receives and not handover.on_paper else "second_person"
    draft.add(ev.AnswerConfirmed(handover_id=handover.id, by=by))
    clock.stop(draft, ClockKind.CONFIRMATION, handover.id)
    confirmed = draft.state.handovers[handover.id]
    if handover.unconfirmed and confirmed.awaits_take_over and not confirmed.held_since:
        taking_over.arm(draft, confirmed)


Answering = cmd.Acknowledge | cmd.Accept | cmd.Decline


def _answering(draft: Draft, action: str, command: Answering) -> Handover:
    handover = before.may(draft, action, command.handover_id)
    proxy.must_be_credible(draft, handover, command.entered)
    return handover


def await_confirmation(draft: Draft, handover: Handover) -> None:
    """Who wrote it down late owes the confirmation."""
    now = draft.state.handovers[handover.id]
    running = draft.state.clock(ClockKind.CONFIRMATION, handover.id)
    if now.provisional_since is None:
        clock.stop(draft, ClockKind.CONFIRMATION, handover.id)
        return
    if running and running.running:
        return
    caller = access.acting_unit(draft)
    if caller not in draft.state.units:
        caller = handover.from_unit
    owed = promise.of(
        draft, ClockKind.CONFIRMATION, handover.id, handover.part, caller, handover.from_unit
    )
    clock.start(draft, owed)


def _vouch(draft: Draft, handover: Handover, entered: Entry | None) -> None:
    """A receiver that acts in person confirms what was entered late on its behalf.

    What stood on paper was entered by the receiver itself: that takes a second person.
    """
    in_person = entered is None and access.acts(draft, handover.to_unit)
    assert draft.actor is not None
    alone = handover.on_paper and draft.actor.subject == handover.provisional_by
    if handover.provisional_since and in_person and not alone:
        draft.add(ev.AnswerConfirmed(handover_id=handover.id, by="receiver"))
        clock.stop(draft, ClockKind.CONFIRMATION, handover.id)


def note_reading(draft: Draft, handover: Handover, entered: Entry | None = None) -> None:
    """Whoever answers, or has met the patient, has read it."""
    _vouch(draft, handover, entered)
    if handover.acknowledged_at is not None:
        return
    read_at = entered.at if entered else None
    draft.add(
        ev.HandoverAcknowledged(
            handover_id=handover.id,
            call=entered if isinstance(entered, PhoneCall) else None,
            paper=entered if isinstance(entered, PaperAnswer) else None,
            provisional=proxy.is_late(draft, entered),
        ),
        effective_at=read_at,
    )
    clock.stop(draft, ClockKind.RECEIVED, handover.id, at=read_at)
    clock.stop(draft, ClockKind.ACKNOWLEDGED, handover.id, at=read_at)


def _pass_clocks_on(draft: Draft, handover: Handover) -> None:
    """What runs goes on with its due, to the new receiver; what was read is read anew.

    The new reading is never due later than the answer (promise 4).
    """
    clock.stop(draft, ClockKind.RECEIVED, handover.id, kept=False)
    sending.await_receipt(draft, handover)
    accepting = _hand_on(draft, ClockKind.ACCEPTED, handover)
    _hand_on(draft, ClockKind.DISPUTE, handover)
    if _hand_on(draft, ClockKind.ACKNOWLEDGED, handover):
        return
    budget = deadlines(draft.state, handover.step).acknowledge.budget
    owed = promise.within(handover, ClockKind.ACKNOWLEDGED, budget, "acknowledge")
    if accepting is not None:
        left = max(accepting.due_at - draft.now, timedelta())
        if clock.falls_due(draft, owed) > draft.now + left:
            owed = owed.model_copy(update={"budget": promise.AT_ONCE, "span": left})
    clock.start(draft, owed)


def _hand_on(draft: Draft, kind: ClockKind, handover: Handover) -> Clock | None:
    running = draft.state.clock(kind, handover.id)
    if running is None or not running.running:
        return None
    moved = running.model_copy(update={"owner": handover.to_unit})
    draft.add(ev.ClockMoved(because="redirect", clock=moved))
    return moved
