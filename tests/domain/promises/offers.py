"""The view's `available_actions` are true: `decide` takes each, and refuses what is not there."""

from datetime import datetime, timedelta

from domain import command as cmd
from domain.call import PhoneCall
from domain.decide import decide
from domain.handover import DeclineReason, Handover, Now, WithdrawReason
from domain.journey import Actor, Journey, Role
from domain.refusal import Refusal
from domain.rules import allowed
from domain.view import handover_view, known, seer
from tests import samples
from tests.samples import CHARLIE

# Resending and sending for real ask for the part as well, which may be elsewhere by now.
OF_THE_PART = {
    "not_holder",
    "part_in_handover",
    "receiver_succeeded",
    "receiver_without_contact",
    "receiver_agreement_expired",
    "guardian_consent_missing",
    "receiver_is_sender",
    "receiver_kind_mismatch",
}
MAY_REFUSE = {
    "send": {*OF_THE_PART, "handover_on_hold"},
    "resend": OF_THE_PART,
    "dispute": {"part_in_handover"},
}


def offers_are_true(state: Journey, handover: Handover, unit: str, now: datetime) -> None:
    """Every action, for one unit before one handover."""
    somebody_else = Actor(subject="u-9", unit=unit, roles=(Role.COORDINATOR,))
    looks = seer(somebody_else, state.units, now)
    offered = handover_view(known(state), handover, looks).available_actions
    scene = looks.scene(handover)
    if unit == CHARLIE:
        assert offered == ()
    for name, command in well_formed(state, handover, now, scene.receives).items():
        envelope = samples.envelope(command, unit, actor=somebody_else)
        decided = decide(state, envelope, now)
        if name in offered:
            taken = not isinstance(decided, Refusal) or decided.code in MAY_REFUSE.get(name, ())
            assert taken, f"{name} was offered and refused: {decided}"
        else:
            assert isinstance(decided, Refusal), f"{name} was not offered and taken"
            # Sending for real is judged by the part first, and then by the pre-notice.
            assert name == "send" or decided.code == _why_not(state, name, scene), name


def _why_not(state: Journey, name: str, scene: allowed.Scene) -> str | None:
    if not state.open:
        return "journey_closed"
    if state.deceased_at and name != "withdraw":
        return "patient_deceased"
    return allowed.refusal(name, scene)


def phone_call(at: datetime) -> PhoneCall:
    """Somebody at a unit without a system answered the telephone."""
    return PhoneCall(name="Vakthavande", function="Mottagning", number="021-12345", at=at)


def well_formed(
    state: Journey, handover: Handover, now: datetime, in_person: bool
) -> dict[str, cmd.Command]:
    """One command of each action that nothing but the handover's state could refuse."""
    key = handover.id
    call = None if in_person else phone_call(now)
    later = now + timedelta(days=2)
    commands: dict[str, cmd.Command] = {
        "acknowledge": cmd.Acknowledge(handover_id=key, call=call),
        "accept": cmd.Accept(handover_id=key, takes_over=Now(), call=call),
        "decline": cmd.Decline(handover_id=key, reason=DeclineReason.NO_CAPACITY, call=call),
        "ask": cmd.Ask(handover_id=key, question="Finns hiss?"),
        "propose": cmd.Propose(handover_id=key, takes_over=Now()),
        "assign": cmd.Assign(handover_id=key, to=f"at-{state.seq}"),
        "release": cmd.Release(handover_id=key),
        "answer-cancellation": cmd.AnswerCancellation(handover_id=key, agree=False, call=call),
        "first-contact": cmd.ReportFirstContact(handover_id=key, at=now, call=call),
        "complete": cmd.CompleteHandover(handover_id=key, outcome="Klart.", goals="met", call=call),
        "answer": cmd.Answer(handover_id=key, answer="Ja."),
        "take-proposal": cmd.TakeProposal(handover_id=key),
        "refuse-proposal": cmd.RefuseProposal(handover_id=key, reason="För sent."),
        "change-estimate": cmd.ChangeEstimate(handover_id=key, estimated_at=later),
        "withdraw": cmd.Withdraw(handover_id=key, reason=WithdrawReason.WRONG_PATIENT),
        "request-cancellation": cmd.RequestCancellation(handover_id=key, reason="Bättre."),
        "dispute": cmd.Dispute(handover_id=key, reason="Inte vårt ansvar."),
        "call": cmd.RecordCall(handover_id=key, outcome="no_answer", at=now),
        "confirm": cmd.ConfirmAnswer(handover_id=key),
        "resume": cmd.Resume(handover_id=key),
    }
    return commands | _sendings(state, handover)


def _sendings(state: Journey, handover: Handover) -> dict[str, cmd.Command]:
    """Sending for real what was announced; `resend` is left to a handover of its own."""
    if handover.sent_at is not None:
        return {}
    to = state.units[handover.to_unit]
    send = samples.send(to, handover.part, handover.purpose, handover.id)
    return {"send": send.model_copy(update={"announced": True})}
