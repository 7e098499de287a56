"""The handover: sending, answering, taking over. Until the take-over the sender holds on."""

from domain import command as cmd
from domain import event as ev
from domain.calendar import elapsed
from domain.clock import Clock, ClockKind
from domain.draft import Draft
from domain.handover import At, DeclineReason, Handover, HandoverState, OnDischarge
from domain.pathway import Purpose
from domain.refusal import FieldProblem, Refused
from domain.rules import access, alarm, clock, receiver, step, take_over
from domain.rules.receiver import FARTHEST, deadlines
from domain.rules.take_over import promise_of

MAX_HOPS = 3
ANSWER_CLOCKS = (ClockKind.RECEIVED, ClockKind.ACKNOWLEDGED, ClockKind.ACCEPTED)


def send(draft: Draft, command: cmd.Send) -> None:
    """Send one part to a unit function; the part stays where it is.

    Raises `Refused`: handover_exists, part_unknown, part_purpose_mismatch, not_holder,
    step_unknown, step_not_open, part_in_handover, content_invalid, and what `receiver` refuses.
    """
    if command.handover_id in draft.state.handovers:
        raise Refused("handover_exists")
    receiver.check_part(draft, command)
    command = receiver.with_step(draft, command)
    receiver.check_step(draft, command)
    receiver.check_unit(draft, command.to, command.part, command.purpose)
    receiver.check_content(draft, command)
    sender = access.acting_unit(draft)
    if command.purpose.moves and command.part not in draft.state.parts:
        draft.add(ev.PartStarted(part=command.part, holder=sender))
    draft.add(
        ev.HandoverSent(
            handover_id=command.handover_id,
            part=command.part,
            purpose=command.purpose,
            step=command.step,
            from_unit=sender,
            to=command.to,
            content=command.content,
        )
    )
    _await_answer(draft, draft.state.handovers[command.handover_id])
    alarm.share_with(draft, draft.state.handovers[command.handover_id])


def acknowledge(draft: Draft, command: cmd.Acknowledge) -> None:
    """A person has read it; with `inform` that is all that was asked for."""
    handover = _for_receiver(draft, command.handover_id)
    if handover.acknowledged_at and handover.unanswered:
        raise Refused("already_acknowledged")
    _must_be_unanswered(handover)
    _note_reading(draft, handover)
    if handover.purpose is Purpose.INFORM:
        step.complete_by_handover(draft, handover)


def accept(draft: Draft, command: cmd.Accept) -> None:
    """Promise to take over, and say when; closes the three clocks of the answer.

    Raises `Refused`: not_receiver, handover_not_open, instant_in_past,
    discharge_estimate_missing.
    """
    handover = _for_receiver(draft, command.handover_id)
    _must_await_decision(handover)
    takes_over = command.takes_over
    if isinstance(takes_over, At) and takes_over.at <= draft.now:
        raise Refused("instant_in_past", FieldProblem(field="takes_over.at", rule="in_past"))
    if isinstance(takes_over, At) and takes_over.at > draft.now + FARTHEST:
        raise Refused("instant_too_far", FieldProblem(field="takes_over.at", rule="too_far"))
    if isinstance(takes_over, OnDischarge) and handover.estimated_discharge_at is None:
        raise Refused("discharge_estimate_missing")
    _note_reading(draft, handover)
    draft.add(ev.HandoverAccepted(handover_id=handover.id, takes_over=takes_over))
    clock.stop(draft, ClockKind.ACCEPTED, handover.id)
    clock.stop(draft, ClockKind.ANSWER, handover.id, kept=False)
    take_over.arm(draft, draft.state.handovers[handover.id])


def decline(draft: Draft, command: cmd.Decline) -> None:
    """Send it back with a coded reason; the part has not moved."""
    handover = _for_receiver(draft, command.handover_id)
    _must_await_decision(handover)
    if command.reason is DeclineReason.OTHER and not command.text:
        raise Refused("decline_text_missing", FieldProblem(field="text", rule="missing"))
    draft.add(
        ev.HandoverDeclined(
            handover_id=handover.id,
            reason=command.reason,
            text=command.text,
            proposes=command.proposes,
        )
    )
    for kind in ANSWER_CLOCKS:
        clock.stop(draft, kind, handover.id)
    clock.stop(draft, ClockKind.ANSWER, handover.id, kept=False)
    alarm.take_back(draft, handover)


def redirect(draft: Draft, command: cmd.Redirect) -> None:
    """Pass on inside the organisation; due never moves later (promise 4).

    A loop or too many hops stays with the present receiver, and a named function is told.
    Raises `Refused`: not_receiver, handover_not_open, question_open,
    redirect_crosses_organisation, and what `receiver` refuses.
    """
    handover = _for_receiver(draft, command.handover_id)
    _must_await_decision(handover)
    if handover.question_since:
        raise Refused("question_open")
    if command.to.organisation != draft.state.units[handover.to_unit].organisation:
        raise Refused("redirect_crosses_organisation")
    receiver.check_unit(draft, command.to, handover.part, handover.purpose)
    seen = {handover.from_unit, handover.to_unit, *handover.earlier_receivers}
    if command.to.hsa_id in seen or len(handover.earlier_receivers) >= MAX_HOPS:
        because = "loop" if command.to.hsa_id in seen else "too_many_hops"
        draft.add(
            ev.RedirectStopped(handover_id=handover.id, to=command.to.hsa_id, because=because)
        )
        return
    receiver.check_kind(draft.state, command.to, handover.step)
    draft.add(ev.HandoverRedirected(handover_id=handover.id, to=command.to, reason=command.reason))
    _pass_clocks_on(draft, draft.state.handovers[handover.id])
    alarm.share_with(draft, draft.state.handovers[handover.id])


def ask(draft: Draft, command: cmd.Ask) -> None:
    """Ask the sender: the receiver's clock stands still, the sender's begins."""
    handover = _for_receiver(draft, command.handover_id)
    _must_await_decision(handover)
    if handover.question_since:
        raise Refused("question_open")
    _note_reading(draft, handover)
    draft.add(ev.QuestionAsked(handover_id=handover.id, question=command.question))
    clock.pause(draft, ClockKind.ACCEPTED, handover.id)
    budget = draft.state.definition.handovers.answer.budget
    promise = promise_of(handover, ClockKind.ANSWER, budget, "answer", owner_is_sender=True)
    clock.start(draft, promise)


def answer(draft: Draft, command: cmd.Answer) -> None:
    """Answer the question: the sender's clock ends, the receiver's goes on."""
    handover = _for_sender(draft, command.handover_id)
    if handover.state is not HandoverState.QUESTION_OPEN:
        raise Refused("no_question_open")
    draft.add(ev.QuestionAnswered(handover_id=handover.id, answer=command.answer))
    clock.stop(draft, ClockKind.ANSWER, handover.id)
    clock.resume(draft, ClockKind.ACCEPTED, handover.id)


def withdraw(draft: Draft, command: cmd.Withdraw) -> None:
    """Take it back before the take-over; the receiver's access ends."""
    handover = _for_sender(draft, command.handover_id)
    if not handover.unanswered and handover.state is not HandoverState.ACCEPTED:
        raise Refused("handover_not_open")
    draft.add(
        ev.HandoverWithdrawn(handover_id=handover.id, reason=command.reason, text=command.text)
    )
    for kind in (*ANSWER_CLOCKS, ClockKind.ANSWER, ClockKind.TAKE_OVER):
        clock.stop(draft, kind, handover.id, kept=False)
    alarm.take_back(draft, handover)


def report_first_contact(draft: Draft, command: cmd.ReportFirstContact) -> None:
    """The new holder has met or spoken to the patient. Raises `Refused`: not_receiver, …"""
    handover = _for_receiver(draft, command.handover_id)
    if handover.state is not HandoverState.TAKEN_OVER or not handover.open:
        raise Refused("handover_not_open")
    if command.at > draft.now:
        raise Refused("instant_in_future", FieldProblem(field="at", rule="in_future"))
    draft.add(
        ev.FirstContactReported(handover_id=handover.id, at=command.at), effective_at=command.at
    )
    clock.stop(draft, ClockKind.FIRST_CONTACT, handover.id)


def _await_answer(draft: Draft, handover: Handover) -> None:
    """Three receipts, three clocks (promise 3); to inform needs no acceptance."""
    _await_receipt(draft, handover)
    wanted = deadlines(draft.state, handover.step)
    clock.start(
        draft,
        promise_of(handover, ClockKind.ACKNOWLEDGED, wanted.acknowledge.budget, "acknowledge"),
    )
    if handover.purpose is not Purpose.INFORM:
        clock.start(
            draft, promise_of(handover, ClockKind.ACCEPTED, wanted.accept.budget, "handover")
        )


def _await_receipt(draft: Draft, handover: Handover) -> None:
    """A connected unit's inbox stands in the same store: it has it when it is recorded."""
    if draft.state.units[handover.to_unit].connected:
        draft.add(ev.HandoverReceived(handover_id=handover.id))
        return
    budget = draft.state.definition.handovers.received.budget
    clock.start(draft, promise_of(handover, ClockKind.RECEIVED, budget, "received"))


def _note_reading(draft: Draft, handover: Handover) -> None:
    if handover.acknowledged_at is None:
        draft.add(ev.HandoverAcknowledged(handover_id=handover.id))
        clock.stop(draft, ClockKind.RECEIVED, handover.id)
        clock.stop(draft, ClockKind.ACKNOWLEDGED, handover.id)


def _pass_clocks_on(draft: Draft, handover: Handover) -> None:
    """What runs goes on with its due, to the new receiver; what was read is read anew.

    The new reading is never due later than the answer (promise 4).
    """
    clock.stop(draft, ClockKind.RECEIVED, handover.id, kept=False)
    _await_receipt(draft, handover)
    accepting = _hand_on(draft, ClockKind.ACCEPTED, handover)
    if _hand_on(draft, ClockKind.ACKNOWLEDGED, handover):
        return
    budget = deadlines(draft.state, handover.step).acknowledge.budget
    promise = promise_of(handover, ClockKind.ACKNOWLEDGED, budget, "acknowledge")
    span = budget.span
    if accepting is not None:
        until = max(accepting.due_at, draft.now)
        span = min(span, elapsed(draft.now, until, budget.counting, draft.state.calendar))
    clock.start(draft, promise.model_copy(update={"span": span}))


def _hand_on(draft: Draft, kind: ClockKind, handover: Handover) -> Clock | None:
    running = draft.state.clock(kind, handover.id)
    if running is None or not running.running:
        return None
    moved = running.model_copy(update={"owner": handover.to_unit})
    draft.add(ev.ClockMoved(because="redirect", clock=moved))
    return moved


def _for_receiver(draft: Draft, handover_id: str) -> Handover:
    handover = _known(draft, handover_id)
    access.must_receive(draft, handover)
    return handover


def _for_sender(draft: Draft, handover_id: str) -> Handover:
    handover = _known(draft, handover_id)
    access.must_send(draft, handover)
    return handover


def _known(draft: Draft, handover_id: str) -> Handover:
    handover = draft.state.handovers.get(handover_id)
    if handover is None:
        raise Refused("handover_unknown")
    return handover


def _must_be_unanswered(handover: Handover) -> None:
    if not handover.unanswered:
        raise Refused("handover_not_open")


def _must_await_decision(handover: Handover) -> None:
    """A yes or a no is owed; who is only informed owes none, and acknowledges."""
    _must_be_unanswered(handover)
    if handover.purpose is Purpose.INFORM:
        raise Refused("handover_not_open")
