"""Meetings between units, and the SIP: need, consent, summons, held, followed up."""

from datetime import timedelta

from domain import command as cmd
from domain import event as ev
from domain.calendar import DAY, STOCKHOLM, local_midnight
from domain.clock import ClockKind
from domain.draft import Draft
from domain.meeting import Meeting, MeetingKind, MeetingState, Sip, SipContent, Summons
from domain.part import COORDINATION
from domain.refusal import FieldProblem, Refused
from domain.rules import access, clock, instants, promise, room, stay
from domain.value import HsaId

SIP = "sip"


def call(draft: Draft, command: cmd.CallMeeting) -> None:
    """Call units to a meeting; the caller owes that it is held, or said not to be.

    Raises `Refused`: not_holder, instant_in_past, instant_too_far, sip_not_needed,
    sip_consent_missing, meeting_ended, content_invalid, unit_unknown.
    """
    by = access.must_hold_something(draft)
    summons = command.summons
    _check_summons(draft, summons)
    _must_be_known(draft, command)
    before = draft.state.meetings.get(command.meeting_id)
    if before is None:
        room.must_have(draft, "meetings")
    else:
        _may_be_called_anew(before, summons)
        clock.stop(draft, ClockKind.MEETING, before.id, kept=False)
    draft.add(
        ev.MeetingCalled(
            meeting_id=command.meeting_id,
            summons=summons,
            by=by,
            revision=before.revision + 1 if before else 0,
            units=tuple(u for u in command.units if u.hsa_id not in draft.state.units),
        )
    )
    _owe_meeting(draft, draft.state.meetings[command.meeting_id])
    if summons.kind is MeetingKind.SIP:
        clock.stop(draft, ClockKind.SIP, SIP)
        stay.heed(draft)


def _check_summons(draft: Draft, summons: Summons) -> None:
    instants.must_lie_ahead(draft, summons.starts_at, "starts_at")
    # Units that are only called read the place, and it may be where the patient can be found.
    if draft.state.protected and summons.place:
        raise Refused("content_invalid", FieldProblem(field="place", rule="patient_protected"))
    if summons.kind is MeetingKind.SIP:
        _must_have_consent(draft)


def _must_be_known(draft: Draft, command: cmd.CallMeeting) -> None:
    known = {*draft.state.units, *(u.hsa_id for u in command.units)}
    unknown = [
        FieldProblem(field=f"units.{place}", rule="unknown")
        for place, called in enumerate(command.summons.units)
        if called not in known
    ]
    if unknown:
        raise Refused("unit_unknown", *unknown)


def _may_be_called_anew(before: Meeting, summons: Summons) -> None:
    if before.state is not MeetingState.PLANNED:
        raise Refused("meeting_ended")
    # A SIP that became another meeting would be owed by nobody.
    if before.summons.kind is not summons.kind:
        raise Refused("content_invalid", FieldProblem(field="kind", rule="cannot_change"))


def _owe_meeting(draft: Draft, meeting: Meeting) -> None:
    owed = promise.of(
        draft,
        ClockKind.MEETING,
        meeting.id,
        COORDINATION,
        meeting.called_by,
        draft.state.holder(COORDINATION),
    )
    ends_at = meeting.summons.starts_at + timedelta(minutes=meeting.summons.minutes)
    clock.start_until(draft, owed, ends_at)


def hide_places(draft: Draft) -> None:
    """Where a protected patient will be is not read by who is only called: calls without place."""
    for meeting in tuple(draft.state.meetings.values()):
        if meeting.state is not MeetingState.PLANNED or meeting.summons.place is None:
            continue
        draft.add(
            ev.MeetingCalled(
                meeting_id=meeting.id,
                summons=meeting.summons.model_copy(update={"place": None}),
                by=meeting.called_by,
                revision=meeting.revision + 1,
                because="place_hidden",
            )
        )


def cancel(draft: Draft, command: cmd.CancelMeeting) -> None:
    """It will not be held; a SIP that is still needed must be called anew."""
    meeting = _planned(draft, command.meeting_id)
    draft.add(ev.MeetingCancelled(meeting_id=meeting.id, reason=command.reason))
    clock.stop(draft, ClockKind.MEETING, meeting.id, kept=False)
    if meeting.summons.kind is MeetingKind.SIP and _sip_waits_for_summons(draft):
        _owe_summons(draft)
    stay.heed(draft)


def hold(draft: Draft, command: cmd.HoldMeeting) -> None:
    """It was held; a SIP meeting makes the plan, and its follow-up date becomes a clock.

    Raises `Refused`: not_holder, meeting_unknown, meeting_ended, instant_in_future,
    content_invalid, sip_not_needed, sip_consent_missing.
    """
    meeting = _planned(draft, command.meeting_id)
    instants.must_have_been(draft, command.at)
    content = command.outcome.sip
    if (meeting.summons.kind is MeetingKind.SIP) != (content is not None):
        raise Refused("content_invalid", FieldProblem(field="outcome.sip", rule="sip_meeting"))
    if content is not None:
        _must_have_consent(draft)
        _check_sip(draft, content)
    draft.add(
        ev.MeetingHeld(meeting_id=meeting.id, at=command.at, outcome=command.outcome),
        effective_at=command.at,
    )
    clock.stop(draft, ClockKind.MEETING, meeting.id)
    if content is not None:
        _owe_follow_up(draft, content)


def decide_sip(draft: Draft, command: cmd.DecideSip) -> None:
    """Whether a SIP is needed: one side's judgement is enough for yes (SoL 10:8, HSL 16:4).

    So only the principal that said yes may take it back, until the SIP is made; after that it is
    followed up and closed. Raises `Refused`: not_holder, sip_already_decided.
    """
    by = access.must_hold_something(draft)
    known = _open_sip(draft)
    if known and (known.needed == command.needed or _yes_stands(draft, known, by)):
        raise Refused("sip_already_decided")
    draft.add(ev.SipDecided(needed=command.needed, by=by, reason=command.reason))
    clock.stop(draft, ClockKind.SIP, SIP, kept=False)
    if command.needed:
        _owe_summons(draft)
    stay.heed(draft)


def record_sip_consent(draft: Draft, command: cmd.RecordSipConsent) -> None:
    """What the patient says; without a yes there is no SIP (lag 2017:612 4:2).

    A yes after a no owes the summons again. Raises `Refused`: not_holder, sip_not_needed,
    instant_in_future.
    """
    access.must_hold_something(draft)
    known = _needed_sip(draft)
    instants.must_have_been(draft, command.at)
    draft.add(ev.SipConsentRecorded(given=command.given, at=command.at), effective_at=command.at)
    if not command.given:
        clock.stop(draft, ClockKind.SIP, SIP, kept=False)
    elif known.consent is False and _sip_waits_for_summons(draft):
        _owe_summons(draft)
    stay.heed(draft)


def close_sip(draft: Draft, command: cmd.CloseSip) -> None:
    """It has been followed up, or will not be made.

    Raises `Refused`: not_holder, sip_not_needed.
    """
    access.must_hold_something(draft)
    known = _needed_sip(draft)
    draft.add(ev.SipClosed(reason=command.reason))
    clock.stop(draft, ClockKind.SIP, SIP, kept=known.held_at is not None)
    stay.heed(draft)


def _planned(draft: Draft, meeting_id: str) -> Meeting:
    access.must_hold_something(draft)
    meeting = draft.state.meetings.get(meeting_id)
    if meeting is None:
        raise Refused("meeting_unknown")
    if meeting.state is not MeetingState.PLANNED:
        raise Refused("meeting_ended")
    return meeting


def _open_sip(draft: Draft) -> Sip | None:
    """What is decided about a SIP and holds still."""
    known = draft.state.sip
    return known if known and known.closed_at is None else None


def _needed_sip(draft: Draft) -> Sip:
    known = _open_sip(draft)
    if known is None or not known.needed:
        raise Refused("sip_not_needed")
    return known


def _must_have_consent(draft: Draft) -> None:
    if not _needed_sip(draft).consent:
        raise Refused("sip_consent_missing")


def _yes_stands(draft: Draft, known: Sip, by: HsaId) -> bool:
    units = draft.state.units
    own = units[known.decided_by].principal == units[by].principal
    return known.needed and (known.held_at is not None or not own)


def _sip_waits_for_summons(draft: Draft) -> bool:
    """Needed and not refused by the patient, and no meeting is called."""
    known = _open_sip(draft)
    called = (m for m in draft.state.meetings.values() if m.summons.kind is MeetingKind.SIP)
    planned = any(m.state is MeetingState.PLANNED for m in called)
    return known is not None and known.needed and known.consent is not False and not planned


def _owe_summons(draft: Draft) -> None:
    coordinator = draft.state.holder(COORDINATION)
    owed = promise.of(draft, ClockKind.SIP, SIP, COORDINATION, coordinator, coordinator)
    clock.start(draft, owed)


def _owe_follow_up(draft: Draft, content: SipContent) -> None:
    owner = content.plan_owner
    owed = promise.of(
        draft, ClockKind.SIP, SIP, COORDINATION, owner, draft.state.holder(COORDINATION)
    )
    at_once = owed.model_copy(update={"budget": promise.AT_ONCE, "rule": None})
    clock.start_until(draft, at_once, local_midnight(content.follow_up_on + DAY))


def _check_sip(draft: Draft, content: SipContent) -> None:
    known = draft.state.units
    found = [
        FieldProblem(field=f"outcome.sip.items.{place}.responsible", rule="unit_not_here")
        for place, item in enumerate(content.items)
        if item.responsible not in known
    ]
    if content.plan_owner not in known:
        found.append(FieldProblem(field="outcome.sip.plan_owner", rule="unit_not_here"))
    if content.follow_up_on <= draft.now.astimezone(STOCKHOLM).date():
        found.append(FieldProblem(field="outcome.sip.follow_up_on", rule="not_in_future"))
    if found:
        raise Refused("content_invalid", *found)
