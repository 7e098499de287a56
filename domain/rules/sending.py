"""Sending: one handover, a bundle, a pre-notice. Until the take-over the sender holds on."""

from domain import command as cmd
from domain import event as ev
from domain.calendar import STOCKHOLM
from domain.clock import ClockKind
from domain.draft import Draft
from domain.handover import Handover, HandoverState, Now, OnDischarge, TakesOver
from domain.part import COORDINATION
from domain.pathway import Purpose
from domain.profile import PROFILE_OF, Profile, restrict
from domain.refusal import FieldProblem, Refused
from domain.rules import alarm, before, clock, instants, promise, proxy, receiver, room, take_over
from domain.rules.receiver import deadlines
from domain.unit import Function, Sector, Unit


def send(draft: Draft, command: cmd.Send, bundle: str | None = None) -> None:
    """Send one part to a unit function; the part stays where it is.

    The receiver gets what its profile may hold; what is left out is named in the event.
    Raises `Refused`: handover_exists, pre_notice_differs, part_unknown, part_purpose_mismatch,
    not_holder, step_unknown, step_not_open, part_in_handover, content_invalid,
    guardian_consent_missing, and what `receiver` refuses.
    """
    _heed_earlier(draft, command)
    from_unit = receiver.check_part(draft, command.part, command.purpose, command.handover_id)
    command = receiver.with_step(draft, command)
    receiver.check_step(draft, command)
    receiver.check_unit(draft, command.to, command.part, command.purpose, from_unit)
    sender = draft.state.units[from_unit]
    profile = PROFILE_OF[command.to.sector]
    content, withheld = restrict(command.content, profile, protected=draft.state.protected)
    receiver.check_content(draft, command, content, sender)
    if command.purpose.moves and command.part not in draft.state.parts:
        draft.add(ev.PartStarted(part=command.part, holder=from_unit))
    draft.add(
        ev.HandoverSent(
            handover_id=command.handover_id,
            part=command.part,
            purpose=command.purpose,
            step=command.step,
            from_unit=from_unit,
            to=command.to,
            content=content,
            bundle=bundle or _bundle_of(draft, command),
            resends=command.resends,
            profile=profile,
            withheld=withheld,
            plan_version=_disclosed(draft, content.plan_version, sender, profile),
            stand_ins=command.stand_ins,
        )
    )
    sent = draft.state.handovers[command.handover_id]
    clock.stop(draft, ClockKind.PRE_NOTICE, sent.id)
    _await_answer(draft, sent)
    alarm.share_with(draft, sent)


def send_bundle(draft: Draft, command: cmd.SendBundle) -> None:
    """Send several at once: all, or none. A refusal names which one it is about."""
    parts = [s.part for s in command.sends if s.purpose.moves]
    if len(set(parts)) < len(parts):
        raise Refused("part_in_handover", FieldProblem(field="items", rule="part_twice"))
    for place, one in enumerate(command.sends):
        try:
            send(draft, one, command.bundle_id)
        except Refused as refused:
            fields = refused.refusal.fields or (FieldProblem(field="", rule="refused"),)
            named = (
                FieldProblem(field=f"items.{place}.{f.field}".rstrip("."), rule=f.rule)
                for f in fields
            )
            raise Refused(refused.refusal.code, *named) from None


def announce(draft: Draft, command: cmd.Announce) -> None:
    """Tell a unit beforehand; the sender owes the real handover by the estimated time."""
    if command.handover_id in draft.state.handovers:
        raise Refused("handover_exists")
    room.must_have(draft, "handovers")
    instants.must_lie_ahead(draft, command.estimated_at, "estimated_at")
    from_unit = receiver.check_part(draft, command.part, command.purpose, command.handover_id)
    receiver.check_unit(draft, command.to, command.part, command.purpose, from_unit)
    found = receiver.basis_problems(
        command.legal_basis, command.consent_ref, command.to, draft.state.units[from_unit]
    )
    if found:
        raise Refused("content_invalid", *found)
    receiver.check_guardians(draft.state, command.legal_basis)
    if command.purpose.moves and command.part not in draft.state.parts:
        draft.add(ev.PartStarted(part=command.part, holder=from_unit))
    draft.add(
        ev.HandoverAnnounced(
            handover_id=command.handover_id,
            part=command.part,
            purpose=command.purpose,
            from_unit=from_unit,
            to=command.to,
            estimated_at=command.estimated_at,
            requested=command.requested,
            legal_basis=command.legal_basis,
            profile=PROFILE_OF[command.to.sector],
            stand_ins=command.stand_ins,
        )
    )
    announced = draft.state.handovers[command.handover_id]
    await_sending(draft, announced)
    if not command.to.connected:
        proxy.open_task(draft, announced, "announced", Function.INBOX)


def change_estimate(draft: Draft, command: cmd.ChangeEstimate) -> None:
    """The discharge comes at another time: what waits for it waits until then."""
    handover = before.may(draft, "change-estimate", command.handover_id)
    instants.must_lie_ahead(draft, command.estimated_at, "estimated_at")
    draft.add(
        ev.EstimateChanged(
            handover_id=handover.id, estimated_at=command.estimated_at, reason=command.reason
        )
    )
    changed = draft.state.handovers[handover.id]
    if changed.held_since or changed.unconfirmed:
        return
    if changed.stage is HandoverState.PRE_NOTICE:
        await_sending(draft, changed)
    if isinstance(changed.takes_over, OnDischarge) and changed.awaits_take_over:
        take_over.await_discharge(draft, changed)


def _heed_earlier(draft: Draft, command: cmd.Send) -> None:
    """What was announced is what is sent, only the content is new; what is resent was declined."""
    if command.resends is not None:
        before.may(draft, "resend", command.resends)
    known = draft.state.handovers.get(command.handover_id)
    if not command.announced:
        if known is not None:
            raise Refused("handover_exists")
        room.must_have(draft, "handovers")
        return
    known = before.may(draft, "send", command.handover_id)
    if known.held_since:
        raise Refused("handover_on_hold")
    announced = (known.part, known.purpose, known.to_unit)
    if announced != (command.part, command.purpose, command.to.hsa_id):
        raise Refused("pre_notice_differs")


def _bundle_of(draft: Draft, command: cmd.Send) -> str | None:
    """What is sent anew for a declined part of a bundle takes its place there."""
    return draft.state.handovers[command.resends].bundle if command.resends else None


def _disclosed(draft: Draft, asked: int | None, sender: Unit, profile: Profile) -> int | None:
    """The one version of the plan that goes along: the sender's own that holds now (R-061)."""
    if profile is not Profile.HEALTH_CARE or sender.sector is not Sector.HEALTH:
        return None
    active = draft.state.active_plan(sender.organisation)
    return asked or (active.number if active else None)


def await_sending(draft: Draft, handover: Handover) -> None:
    """The sender owes the real handover by the estimated time."""
    assert handover.estimated_discharge_at is not None
    owed = promise.on(draft, handover, ClockKind.PRE_NOTICE, owner_is_sender=True)
    clock.start_until(draft, owed, handover.estimated_discharge_at)


def _await_answer(draft: Draft, handover: Handover) -> None:
    """Three receipts, three clocks (promise 3); to inform needs no acceptance."""
    await_receipt(draft, handover)
    wanted = deadlines(draft.state, handover.step)
    clock.start(
        draft,
        promise.within(handover, ClockKind.ACKNOWLEDGED, wanted.acknowledge.budget, "acknowledge"),
    )
    beforehand = _said_beforehand(draft, handover)
    if beforehand is not None:
        draft.add(
            ev.HandoverAccepted(handover_id=handover.id, takes_over=beforehand, standing=True)
        )
        take_over.arm(draft, draft.state.handovers[handover.id])
    elif handover.purpose is not Purpose.INFORM:
        clock.start(
            draft, promise.within(handover, ClockKind.ACCEPTED, wanted.accept.budget, "handover")
        )


def await_receipt(draft: Draft, handover: Handover) -> None:
    """A connected unit's inbox stands in the same store: it has it when it is recorded.

    One without a system is called by its proxy owner.
    """
    if draft.state.units[handover.to_unit].connected:
        draft.add(ev.HandoverReceived(handover_id=handover.id))
        return
    budget = draft.state.definition.handovers.received.budget
    clock.start(draft, promise.within(handover, ClockKind.RECEIVED, budget, "received"))
    proxy.open_task(draft, handover, "sent", Function.INBOX)


def _said_beforehand(draft: Draft, handover: Handover) -> TakesOver | None:
    """A standing acceptance for just this; never for a protected patient, nor coordination."""
    state = draft.state
    if state.protected or not handover.purpose.moves or handover.part == COORDINATION:
        return None
    sender = state.units[handover.from_unit]
    today = draft.now.astimezone(STOCKHOLM).date()
    for yes in state.units[handover.to_unit].standing:
        fits = (yes.part, yes.organisation) == (handover.part, sender.organisation)
        if not fits or (yes.until and yes.until < today):
            continue
        if yes.takes_over == "now":
            return Now()
        if handover.estimated_discharge_at:
            return OnDischarge()
    return None
