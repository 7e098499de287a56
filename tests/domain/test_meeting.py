"""Meetings between units, and the SIP: needed, consent, called, held, followed up."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain import command as cmd
from domain import event as ev
from domain.calendar import DAY, local_midnight
from domain.clock import ClockKind
from domain.facts import Protection
from domain.meeting import (
    MeetingKind,
    MeetingOutcome,
    MeetingState,
    Sip,
    SipContent,
    SipItem,
    Summons,
)
from domain.refusal import Refusal
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, CHARLIE, TOOK_PART, Case, unit

HOUR = timedelta(hours=1)
FOLLOW_UP = date(2026, 12, 1)


def call(
    case: Case,
    kind: MeetingKind = MeetingKind.TEAM,
    *units: str,
    meeting_id: str = "m-1",
    **change: Any,
) -> cmd.CallMeeting:
    """A summons for the day after tomorrow."""
    called = units or (ALICE, BOB)
    given: dict[str, Any] = {"starts_at": case.now + 2 * DAY, "mode": "video"}
    return cmd.CallMeeting(
        meeting_id=meeting_id,
        summons=Summons(kind=kind, units=called, **(given | change)),
        units=tuple(unit(u) for u in called),
    )


def cancel(meeting_id: str = "m-1") -> cmd.CancelMeeting:
    return cmd.CancelMeeting(meeting_id=meeting_id, reason="Patienten är sjuk.")


def hold(
    case: Case, sip: SipContent | None = None, ago: timedelta = timedelta()
) -> cmd.HoldMeeting:
    outcome = MeetingOutcome(
        participants=(ALICE, BOB), participation=TOOK_PART, decisions="Hem på fredag.", sip=sip
    )
    return cmd.HoldMeeting(meeting_id="m-1", at=case.now - ago, outcome=outcome)


def sip_content(**change: Any) -> SipContent:
    item = {
        "need": "Klara morgonen.",
        "goal_own_words": "Klä mig själv.",
        "goal_professional": "Självständig påklädning.",
        "effort": "Träning varje dag.",
        "responsible": change.pop("responsible", BOB),
    }
    given: dict[str, Any] = {
        "items": (SipItem(**item),),
        "main_responsibility": "municipality",
        "plan_owner": BOB,
        "follow_up_on": FOLLOW_UP,
    }
    return SipContent(**(given | change))


def need(needed: bool = True) -> cmd.DecideSip:
    return cmd.DecideSip(needed=needed, reason="Insatser från båda.")


def consent(case: Case, given: bool = True) -> cmd.RecordSipConsent:
    return cmd.RecordSipConsent(given=given, at=case.now)


def close() -> cmd.CloseSip:
    return cmd.CloseSip(reason="Insatserna är klara.")


def shared() -> Case:
    """Alice holds the coordination, Bob the rehab."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    case.send()
    case.accept()
    return case


def called(kind: MeetingKind = MeetingKind.TEAM, **change: Any) -> Case:
    """A meeting waits to be held; for a SIP, the patient has said yes."""
    case = shared()
    if kind is MeetingKind.SIP:
        case.do(need(), ALICE)
        case.do(consent(case), ALICE)
    case.do(call(case, kind, **change), ALICE)
    return case


def held_sip() -> Case:
    """The SIP is made, and its follow-up is promised."""
    case = called(MeetingKind.SIP)
    case.wait(2 * DAY + HOUR)
    case.do(hold(case, sip_content()), ALICE)
    return case


def runs(case: Case, kind: ClockKind, subject: str) -> bool:
    clock = case.state.clock(kind, subject)
    return clock is not None and clock.stopped_at is None


def sip_runs(case: Case) -> bool:
    return runs(case, ClockKind.SIP, "sip")


def sip(case: Case) -> Sip:
    assert case.state.sip is not None
    return case.state.sip


def rules(refusal: Refusal) -> list[tuple[str, str]]:
    assert refusal.code == "content_invalid"
    return [(f.field, f.rule) for f in refusal.fields]


class TestCall:
    def test_a_meeting_is_called_by_a_holder_and_has_no_revision_yet(self) -> None:
        case = called()

        meeting = case.state.meetings["m-1"]

        assert (meeting.called_by, meeting.state) == (ALICE, MeetingState.PLANNED)
        assert (meeting.revision, meeting.called_at) == (0, case.now)
        assert meeting.summons.units == (ALICE, BOB)

    def test_the_caller_owes_that_it_is_held_or_said_not_to_be(self) -> None:
        case = shared()

        case.do(call(case, minutes=90), BOB)

        clock = case.clock(ClockKind.MEETING, "m-1")
        ends_at = case.now + 2 * DAY + timedelta(minutes=90)
        assert (clock.owner, clock.counterpart) == (BOB, ALICE)
        assert clock.due_at == ends_at + 24 * HOUR

    def test_a_meeting_of_which_nothing_is_heard_is_told(self) -> None:
        case = called()
        due = case.clock(ClockKind.MEETING, "m-1").due_at

        case.wait_until(due)

        told = [r for r in case.happened(ev.RungFired) if r.clock_id == "meeting:m-1"]
        assert told[-1].due_at == due

    def test_units_from_outside_are_pinned_with_the_summons_and_hold_nothing(self) -> None:
        case = shared()

        case.do(call(case, MeetingKind.TEAM, ALICE, BOBS_HOME_HELP), ALICE)

        (summons,) = case.happened(ev.MeetingCalled)
        assert [u.hsa_id for u in summons.units] == [BOBS_HOME_HELP]
        assert BOBS_HOME_HELP in case.state.units
        assert BOBS_HOME_HELP not in [p.holder for p in case.state.parts.values()]

    def test_calling_anew_counts_the_revision_and_moves_the_promise(self) -> None:
        case = called()

        case.do(call(case, starts_at=case.now + 5 * DAY), BOB)

        meeting = case.state.meetings["m-1"]
        clock = case.clock(ClockKind.MEETING, "m-1")
        assert (meeting.revision, meeting.called_by) == (1, BOB)
        assert clock.due_at == case.now + 6 * DAY + HOUR
        assert case.happened(ev.ClockStopped)[-1].because == "fell_away"

    def test_a_meeting_does_not_become_one_of_another_kind(self) -> None:
        case = called(MeetingKind.SIP)

        refusal = case.refusal(call(case, MeetingKind.TEAM), ALICE)

        assert rules(refusal) == [("kind", "cannot_change")]

    @pytest.mark.parametrize("ended", [MeetingState.CANCELLED, MeetingState.HELD])
    def test_what_has_ended_is_not_called_anew(self, ended: MeetingState) -> None:
        case = called()
        case.do(cancel() if ended is MeetingState.CANCELLED else hold(case), ALICE)

        refusal = case.refusal(call(case), ALICE)

        assert refusal.code == "meeting_ended"

    def test_it_lies_ahead_and_not_too_far(self) -> None:
        case = shared()

        now = case.refusal(call(case, starts_at=case.now), ALICE)
        farther = case.refusal(call(case, starts_at=case.now + 367 * DAY), ALICE)

        assert (now.code, farther.code) == ("instant_in_past", "instant_too_far")
        assert [f.field for f in (*now.fields, *farther.fields)] == ["starts_at"] * 2

    def test_a_place_that_was_named_is_taken_out_when_protection_begins(self) -> None:
        case = called(place="Stora salen")

        case.do(cmd.ChangeProtection(at=case.now, protection=Protection.SECRECY_MARKING), ALICE)

        meeting = case.state.meetings["m-1"]
        assert (meeting.summons.place, meeting.revision) == (None, 1)

    def test_a_protected_patients_meeting_names_no_place(self) -> None:
        case = shared()
        protection = Protection.PROTECTED_REGISTRATION
        case.do(cmd.ChangeProtection(protection=protection, at=case.now), ALICE)

        refusal = case.refusal(call(case, place="Hemma"), ALICE)

        assert rules(refusal) == [("place", "patient_protected")]
        assert case.do(call(case), ALICE)


class TestCancel:
    def test_it_will_not_be_held_and_nobody_owes_it(self) -> None:
        case = called()

        case.do(cancel(), BOB)

        meeting = case.state.meetings["m-1"]
        assert (meeting.state, meeting.ended_at) == (MeetingState.CANCELLED, case.now)
        assert not runs(case, ClockKind.MEETING, "m-1")
        assert not sip_runs(case)

    def test_a_sip_that_is_needed_must_be_called_anew(self) -> None:
        case = called(MeetingKind.SIP)
        assert not sip_runs(case)

        case.do(cancel(), ALICE)

        assert case.clock(ClockKind.SIP, "sip").due_at == case.now + 3 * DAY

    def test_a_sip_that_the_patient_no_longer_wants_is_not_called_anew(self) -> None:
        case = called(MeetingKind.SIP)
        case.do(consent(case, False), ALICE)

        case.do(cancel(), ALICE)

        assert not sip_runs(case)

    @pytest.mark.parametrize("end", [need(False), close()])
    def test_nor_is_one_that_is_not_needed_or_closed(
        self, end: cmd.DecideSip | cmd.CloseSip
    ) -> None:
        case = called(MeetingKind.SIP)
        case.do(end, ALICE)

        case.do(cancel(), ALICE)

        assert not sip_runs(case)

    def test_nor_is_one_that_another_meeting_is_called_for(self) -> None:
        case = called(MeetingKind.SIP)
        case.do(call(case, MeetingKind.SIP, meeting_id="m-2"), ALICE)

        case.do(cancel(), ALICE)

        assert not sip_runs(case)
        assert runs(case, ClockKind.MEETING, "m-2")


class TestHold:
    def test_what_was_decided_is_kept_and_the_promise_is_kept(self) -> None:
        case = called()
        case.wait(2 * DAY + HOUR)

        case.do(hold(case, ago=HOUR), BOB)

        (held,) = case.happened(ev.MeetingHeld)
        assert held.outcome.decisions == "Hem på fredag."
        assert case.state.meetings["m-1"].ended_at == case.now - HOUR
        assert case.happened(ev.ClockStopped)[-1].because == "kept"
        assert not runs(case, ClockKind.MEETING, "m-1")

    def test_a_meeting_is_not_held_in_the_future(self) -> None:
        case = called()

        refusal = case.refusal(hold(case, ago=-HOUR), ALICE)

        assert refusal.code == "instant_in_future"
        assert [f.field for f in refusal.fields] == ["at"]

    @pytest.mark.parametrize(
        ("kind", "content"), [(MeetingKind.SIP, None), (MeetingKind.TEAM, sip_content())]
    )
    def test_a_sip_meeting_and_no_other_makes_the_plan(
        self, kind: MeetingKind, content: SipContent | None
    ) -> None:
        case = called(kind)

        refusal = case.refusal(hold(case, content), ALICE)

        assert rules(refusal) == [("outcome.sip", "sip_meeting")]

    def test_the_plans_follow_up_becomes_its_owners_promise(self) -> None:
        case = held_sip()

        clock = case.clock(ClockKind.SIP, "sip")

        assert clock.due_at == local_midnight(FOLLOW_UP + DAY)
        assert (clock.owner, clock.counterpart) == (BOB, ALICE)
        assert sip(case).held_at == case.now
        assert (sip(case).plan_owner, sip(case).follow_up_on) == (BOB, FOLLOW_UP)
        assert sip(case).main_responsibility == "municipality"

    def test_whoever_answers_for_something_is_part_of_the_journey(self) -> None:
        case = called(MeetingKind.SIP)
        content = sip_content(responsible=CHARLIE, plan_owner=CHARLIE, follow_up_on=case.now.date())

        refusal = case.refusal(hold(case, content), ALICE)

        assert rules(refusal) == [
            ("outcome.sip.items.0.responsible", "unit_not_here"),
            ("outcome.sip.plan_owner", "unit_not_here"),
            ("outcome.sip.follow_up_on", "not_in_future"),
        ]

    def test_no_plan_is_made_when_the_patient_has_taken_the_yes_back(self) -> None:
        case = called(MeetingKind.SIP)
        case.do(consent(case, False), ALICE)

        refusal = case.refusal(hold(case, sip_content()), ALICE)

        assert refusal.code == "sip_consent_missing"

    @pytest.mark.parametrize("end", [need(False), close()])
    def test_no_plan_is_made_of_what_is_not_needed_any_more(
        self, end: cmd.DecideSip | cmd.CloseSip
    ) -> None:
        case = called(MeetingKind.SIP)
        case.do(end, ALICE)

        refusal = case.refusal(hold(case, sip_content()), ALICE)

        assert refusal.code == "sip_not_needed"

    @pytest.mark.parametrize("end", [MeetingState.CANCELLED, MeetingState.HELD])
    def test_what_has_ended_does_not_end_again(self, end: MeetingState) -> None:
        case = called()
        case.do(cancel() if end is MeetingState.CANCELLED else hold(case), ALICE)

        refusals = [case.refusal(c, ALICE).code for c in (cancel(), hold(case))]

        assert refusals == ["meeting_ended"] * 2

    def test_an_unknown_meeting_is_neither_held_nor_cancelled(self) -> None:
        case = shared()

        refusals = [case.refusal(c, ALICE).code for c in (cancel(), hold(case))]

        assert refusals == ["meeting_unknown"] * 2


class TestSip:
    def test_one_sides_yes_is_enough_and_the_coordinator_owes_the_summons(self) -> None:
        case = shared()

        case.do(need(), BOB)

        clock = case.clock(ClockKind.SIP, "sip")
        assert (sip(case).needed, sip(case).decided_by) == (True, BOB)
        assert (clock.owner, clock.due_at) == (ALICE, case.now + 3 * DAY)

    def test_a_no_owes_nothing_and_a_later_yes_does(self) -> None:
        case = shared()
        case.do(need(False), ALICE)
        assert not sip_runs(case)

        case.do(need(), BOB)

        assert sip_runs(case)

    def test_the_other_sides_no_does_not_undo_a_yes(self) -> None:
        case = shared()
        case.do(need(), BOB)

        refusal = case.refusal(need(False), ALICE)

        assert refusal.code == "sip_already_decided"
        assert sip_runs(case)

    def test_the_side_that_said_yes_may_take_it_back(self) -> None:
        case = shared()
        case.do(need(), BOB)

        case.do(need(False), BOB)

        assert not sip(case).needed
        assert not sip_runs(case)
        assert case.happened(ev.ClockStopped)[-1].because == "fell_away"

    @pytest.mark.parametrize("needed", [True, False])
    def test_the_same_is_not_decided_twice(self, needed: bool) -> None:
        case = shared()
        case.do(need(needed), ALICE)

        refusal = case.refusal(need(needed), BOB)

        assert refusal.code == "sip_already_decided"

    def test_a_plan_that_is_made_is_closed_and_not_unneeded(self) -> None:
        case = held_sip()

        refusal = case.refusal(need(False), ALICE)

        assert refusal.code == "sip_already_decided"

    def test_no_meeting_is_called_before_it_is_needed_and_the_patient_has_said_yes(self) -> None:
        case = shared()
        early = case.refusal(call(case, MeetingKind.SIP), ALICE)
        case.do(need(), ALICE)
        unasked = case.refusal(call(case, MeetingKind.SIP), ALICE)
        case.do(consent(case, False), ALICE)
        refused = case.refusal(call(case, MeetingKind.SIP), ALICE)

        codes = [r.code for r in (early, unasked, refused)]

        assert codes == ["sip_not_needed", "sip_consent_missing", "sip_consent_missing"]

    def test_the_summons_keeps_the_promise_of_it(self) -> None:
        case = called(MeetingKind.SIP)

        assert sip(case).called_at == case.now
        assert not sip_runs(case)
        assert [s.because for s in case.happened(ev.ClockStopped)][-1] == "kept"

    def test_a_summons_that_nobody_sends_is_told(self) -> None:
        case = shared()
        case.do(need(), ALICE)

        case.wait(3 * DAY)

        told = [r for r in case.happened(ev.RungFired) if r.clock_id == "sip:sip"]
        assert told[-1].due_at == case.now

    def test_a_no_from_the_patient_ends_the_promise_and_a_later_yes_owes_it_again(self) -> None:
        case = shared()
        case.do(need(), ALICE)
        case.do(consent(case, False), ALICE)
        assert not sip_runs(case)
        case.wait(DAY)

        case.do(consent(case), ALICE)

        assert case.clock(ClockKind.SIP, "sip").due_at == case.now + 3 * DAY

    def test_the_first_yes_does_not_give_the_summons_more_time(self) -> None:
        case = shared()
        case.do(need(), ALICE)
        due = case.clock(ClockKind.SIP, "sip").due_at
        case.wait(DAY)

        case.do(consent(case), ALICE)

        assert case.clock(ClockKind.SIP, "sip").due_at == due

    def test_a_yes_again_owes_no_second_summons_when_one_is_out(self) -> None:
        case = called(MeetingKind.SIP)
        case.do(consent(case, False), ALICE)

        case.do(consent(case), ALICE)

        assert not sip_runs(case)

    def test_what_the_patient_says_lies_not_in_the_future(self) -> None:
        case = shared()
        case.do(need(), ALICE)

        refusal = case.refusal(cmd.RecordSipConsent(given=True, at=case.now + HOUR), ALICE)

        assert refusal.code == "instant_in_future"

    def test_a_plan_that_was_followed_up_ends_and_keeps_its_promise(self) -> None:
        case = held_sip()

        case.do(close(), BOB)

        assert sip(case).closed_at == case.now
        assert not sip_runs(case)
        assert case.happened(ev.ClockStopped)[-1].because == "kept"

    def test_one_that_was_never_made_falls_away(self) -> None:
        case = shared()
        case.do(need(), ALICE)

        case.do(close(), ALICE)

        assert case.happened(ev.ClockStopped)[-1].because == "fell_away"

    @pytest.mark.parametrize("before", [(), (need(False),), (need(), close())])
    def test_there_is_nothing_to_consent_to_or_close_when_none_is_needed(
        self, before: tuple[cmd.Command, ...]
    ) -> None:
        case = shared()
        for command in before:
            case.do(command, ALICE)

        refusals = [case.refusal(c, ALICE).code for c in (consent(case), close())]

        assert refusals == ["sip_not_needed"] * 2

    def test_after_one_is_closed_another_may_be_needed(self) -> None:
        case = held_sip()
        case.do(close(), ALICE)

        case.do(need(), BOB)

        assert (sip(case).consent, sip(case).held_at, sip(case).closed_at) == (None, None, None)
        assert sip_runs(case)


def test_only_holders_call_hold_cancel_and_decide() -> None:
    case = called(MeetingKind.SIP)
    commands: tuple[cmd.Command, ...] = (
        call(case, meeting_id="m-2"),
        cancel(),
        hold(case, sip_content()),
        need(),
        consent(case),
        close(),
    )

    refusals = [case.refusal(c, CHARLIE).code for c in commands]

    assert refusals == ["not_holder"] * 6
