"""The handover: each command, when it may be given and by whom, and where the part is meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.content import CloseReason
from domain.handover import (
    WRONG,
    At,
    DeclineReason,
    Handover,
    HandoverState,
    Now,
    OnDischarge,
    WithdrawReason,
)
from domain.journey import Role, StepState
from domain.part import COORDINATION
from domain.pathway import Purpose
from domain.refusal import Kind
from domain.rules.answering import MAX_HOPS
from tests import samples
from tests.samples import (
    ALICE,
    BOB,
    BOBS_HOME_HELP,
    BOBS_NURSES,
    BOBS_TEAM,
    CHARLIE,
    EXPIRED,
    HEALTH_CENTRE,
    MONDAY,
    UNCONNECTED,
    Case,
    local,
    offered,
    things,
    unit,
)

REGION = [f"SE0000000000-TESTRVMVC{town}" for town in ("VAS", "KOP", "SAL", "FAG", "HAL")]
HOUR = timedelta(hours=1)


def acknowledge() -> cmd.Acknowledge:
    return cmd.Acknowledge(handover_id="h-1")


def accept(takes_over: Now | At | OnDischarge | None = None) -> cmd.Accept:
    return cmd.Accept(handover_id="h-1", takes_over=takes_over or Now())


def decline(
    reason: DeclineReason = DeclineReason.NO_CAPACITY,
    text: str | None = None,
    proposes: str | None = None,
) -> cmd.Decline:
    return cmd.Decline(handover_id="h-1", reason=reason, text=text, proposes=proposes)


def redirect(to: str = BOBS_TEAM) -> cmd.Redirect:
    return cmd.Redirect(handover_id="h-1", to=unit(to), reason="Teamet tar stroke.")


def ask() -> cmd.Ask:
    return cmd.Ask(handover_id="h-1", question="Finns hiss?")


def answer() -> cmd.Answer:
    return cmd.Answer(handover_id="h-1", answer="Ja.")


def withdraw(reason: WithdrawReason = WithdrawReason.WRONG_RECEIVER) -> cmd.Withdraw:
    return cmd.Withdraw(handover_id="h-1", reason=reason)


def first_contact(case: Case) -> cmd.ReportFirstContact:
    return cmd.ReportFirstContact(handover_id="h-1", at=case.now)


def left(case: Case, ago: timedelta = timedelta()) -> cmd.RecordDeparture:
    return cmd.RecordDeparture(at=case.now - ago, to="hemmet")


def planned(key: str = "stroke-rehab") -> Case:
    """A journey with assessment and plan, all in Alice's hands."""
    case = Case(key=key)
    case.complete("assessment")
    case.complete("plan")
    return case


def sent(to: str = BOB, discharge_in: timedelta | None = None) -> Case:
    """Rehab is on its way from Alice to Bob, as the pathway asks."""
    case = planned()
    estimate = case.now + discharge_in if discharge_in else None
    case.send(to, step="handover_rehab", estimated_discharge_at=estimate)
    return case


def is_open(case: Case, kind: ClockKind) -> bool:
    clock = case.state.clock(kind, "h-1")
    return clock is not None and clock.stopped_at is None


class TestSend:
    def test_the_part_stays_with_the_sender(self) -> None:
        case = sent()

        assert case.state.holder("rehab") == ALICE
        assert case.handover().state is HandoverState.RECEIVED

    def test_three_receipts_have_three_clocks_and_a_connected_inbox_has_received(self) -> None:
        case = sent()

        assert is_open(case, ClockKind.ACKNOWLEDGED)
        assert is_open(case, ClockKind.ACCEPTED)
        assert case.state.clock(ClockKind.RECEIVED, "h-1") is None

    def test_an_unconnected_unit_has_a_clock_on_receipt_and_has_not_received(self) -> None:
        case = sent(UNCONNECTED)

        clock = case.clock(ClockKind.RECEIVED, "h-1")
        assert case.handover().state is HandoverState.SENT
        assert (clock.running, clock.due_at) == (True, case.now + HOUR)

    def test_the_clocks_have_the_deadlines_of_the_step(self) -> None:
        case = sent()

        assert case.clock(ClockKind.ACCEPTED, "h-1").due_at == case.now + 24 * HOUR

    def test_without_a_step_the_clocks_have_the_deadlines_of_the_pathway(self) -> None:
        case = Case()
        case.send()

        assert case.clock(ClockKind.ACCEPTED, "h-1").due_at == MONDAY + timedelta(days=2)

    def test_the_one_open_step_that_asks_for_it_is_taken_when_none_is_named(self) -> None:
        case = planned()

        case.send()

        assert case.handover().step == "handover_rehab"

    @pytest.mark.parametrize(
        ("command", "by", "code"),
        [
            (samples.send(), BOB, "not_holder"),
            (samples.send(BOB), CHARLIE, "not_holder"),
            (samples.send(BOBS_HOME_HELP, "home_help"), CHARLIE, "not_holder"),
            (samples.send(part="no_such_part"), ALICE, "part_unknown"),
            (samples.send(part="aids"), ALICE, "receiver_kind_mismatch"),
            (samples.send(purpose=Purpose.TAKE_OVER), ALICE, "part_purpose_mismatch"),
            (samples.send(part=COORDINATION), ALICE, "part_purpose_mismatch"),
            (samples.send(ALICE), ALICE, "receiver_is_sender"),
            (samples.send(BOBS_HOME_HELP), ALICE, "receiver_kind_mismatch"),
            (samples.send(BOB, "home_help"), ALICE, "receiver_kind_mismatch"),
            (samples.send(EXPIRED), ALICE, "receiver_agreement_expired"),
            (samples.send(unit(BOB, contacts=())), ALICE, "receiver_without_contact"),
            (samples.send(step="nothing"), ALICE, "step_unknown"),
            (samples.send(step="plan"), ALICE, "step_unknown"),
            (samples.send(BOBS_HOME_HELP, "home_help", step="handover_home_help"), ALICE,
             "step_not_open"),
            (samples.send(part="rehab", purpose=Purpose.INFORM, step="handover_rehab"), ALICE,
             "part_purpose_mismatch"),
            (samples.send(BOBS_NURSES, step="handover_rehab"), ALICE, "receiver_kind_mismatch"),
        ],
    )  # fmt: skip
    def test_what_may_not_be_sent_is_refused(self, command: cmd.Send, by: str, code: str) -> None:
        assert planned().refusal(command, by).code == code

    def test_an_agreement_holds_to_the_end_of_its_last_day(self) -> None:
        case = planned()
        today = case.now.date()
        yesterday = today - timedelta(days=1)

        refusal = case.refusal(samples.send(unit(BOB, agreement_until=yesterday)), ALICE)
        case.do(samples.send(unit(BOB, agreement_until=today)), ALICE)

        assert refusal.code == "receiver_agreement_expired"

    def test_a_part_is_under_way_once_only(self) -> None:
        case = sent()

        refusal = case.refusal(samples.send(CHARLIE, handover_id="h-2"), ALICE)

        assert refusal.code == "part_in_handover"

    def test_the_same_handover_is_not_sent_twice(self) -> None:
        case = sent()

        assert case.refusal(samples.send(BOB), ALICE).code == "handover_exists"

    def test_two_parts_go_two_ways_at_once(self) -> None:
        case = sent()
        case.send(HEALTH_CENTRE, COORDINATION, Purpose.TAKE_OVER, handover_id="h-2")

        case.do(decline(), BOB)
        case.accept(by=HEALTH_CENTRE, handover_id="h-2")

        holders = {key: part.holder for key, part in case.state.parts.items()}
        assert holders == {COORDINATION: HEALTH_CENTRE, "rehab": ALICE}

    def test_a_new_part_begins_with_its_sender(self) -> None:
        case = planned()

        case.send(BOBS_HOME_HELP, "home_help")

        assert case.state.holder("home_help") == ALICE

    def test_a_social_unit_holds_the_parts_of_its_kind_only(self) -> None:
        case = planned()
        case.send(BOBS_HOME_HELP, "home_help")

        case.accept(by=BOBS_HOME_HELP)

        assert case.state.holder("home_help") == BOBS_HOME_HELP
        for part, purpose in (("rehab", Purpose.TAKE_PART), (COORDINATION, Purpose.TAKE_OVER)):
            command = samples.send(BOBS_HOME_HELP, part, purpose, "h-2")
            assert case.refusal(command, ALICE).code == "receiver_kind_mismatch"


class TestAcknowledge:
    def test_reading_stops_the_clock_of_reading_and_no_other(self) -> None:
        case = sent()
        before = case.clock(ClockKind.ACCEPTED, "h-1")

        case.do(acknowledge(), BOB)

        assert case.handover().state is HandoverState.ACKNOWLEDGED
        assert not is_open(case, ClockKind.ACKNOWLEDGED)
        assert case.clock(ClockKind.ACCEPTED, "h-1") == before

    def test_reading_stops_the_clock_of_receipt(self) -> None:
        case = sent(UNCONNECTED)

        case.do(acknowledge(), UNCONNECTED)

        assert not is_open(case, ClockKind.RECEIVED)

    def test_receiver_may_not_acknowledge_twice(self) -> None:
        case = sent()
        case.do(acknowledge(), BOB)

        assert case.refusal(acknowledge(), BOB).code == "already_acknowledged"


class TestAccept:
    def test_now_moves_the_part_at_once(self) -> None:
        case = sent()

        events = case.do(accept(), BOB)

        kinds = [event.what.type for event in events]
        assert kinds.index("handover_accepted") < kinds.index("handover_taken_over")
        assert case.state.holder("rehab") == BOB
        assert case.handover().state is HandoverState.TAKEN_OVER

    def test_acceptance_implies_reading_and_closes_all_three_clocks(self) -> None:
        case = sent(UNCONNECTED)

        case.do(accept(), UNCONNECTED)

        assert case.handover().acknowledged_at == case.now
        for kind in (ClockKind.RECEIVED, ClockKind.ACKNOWLEDGED, ClockKind.ACCEPTED):
            assert case.clock(kind, "h-1").stopped_at == case.now

    def test_the_new_holder_owes_a_first_contact(self) -> None:
        case = sent()

        case.do(accept(), BOB)

        clock = case.clock(ClockKind.FIRST_CONTACT, "h-1")
        assert (clock.running, clock.owner, clock.counterpart) == (True, BOB, ALICE)
        assert clock.due_at == case.now + timedelta(days=1)

    def test_the_step_is_done_and_the_next_one_is_the_new_holders(self) -> None:
        case = sent()

        case.do(accept(), BOB)

        step = case.state.current("handover_rehab")
        assert step is not None and step.state is StepState.DONE
        assert case.clock(ClockKind.STEP, "1.intervention").owner == BOB

    def test_open_steps_follow_the_part(self) -> None:
        case = planned("generic-rehab")
        case.send()

        case.accept()

        clock = case.clock(ClockKind.STEP, "1.intervention")
        assert (clock.owner, clock.counterpart) == (BOB, ALICE)

    def test_later_leaves_the_part_until_then(self) -> None:
        case = sent()
        friday = case.now + timedelta(days=4)

        case.do(accept(At(at=friday)), BOB)

        assert case.handover().state is HandoverState.ACCEPTED
        case.wait_until(friday - timedelta(microseconds=1))
        assert case.state.holder("rehab") == ALICE
        case.wait_until(friday)
        assert case.state.holder("rehab") == BOB
        assert case.state.parts["rehab"].since == friday

    def test_a_take_over_during_an_outage_counts_from_its_instant(self) -> None:
        case = sent()
        friday = case.now + timedelta(days=4)
        case.do(accept(At(at=friday)), BOB)

        events = case.wait_until(friday + timedelta(days=6))

        (moved,) = [e for e in events if isinstance(e.what, ev.HandoverTakenOver)]
        assert (moved.effective_at, moved.decided_at) == (friday, case.now)
        assert case.clock(ClockKind.FIRST_CONTACT, "h-1").started_at == friday
        assert case.clock(ClockKind.STEP, "1.intervention").started_at == friday
        late = [r for r in things(events, ev.RungFired) if r.clock_id == "first_contact:h-1"]
        assert late[0].due_at == local("2026-10-09T21:00")  # half of a working day

    def test_what_a_take_over_ended_is_not_counted_past_it(self) -> None:
        case = sent()
        case.do(accept(At(at=case.now + timedelta(hours=30))), BOB)
        case.do(left(case), ALICE)

        events = case.wait(timedelta(days=3))

        alarms = [r for r in things(events, ev.RungFired) if r.clock_id == "alarm:rehab"]
        assert [(r.number, r.folded) for r in alarms] == [(7, 6)], "every four hours, 28 hours long"

    @pytest.mark.parametrize("ago", [timedelta(), HOUR])
    def test_an_instant_that_has_passed_is_refused(self, ago: timedelta) -> None:
        case = sent()

        refusal = case.refusal(accept(At(at=case.now - ago)), BOB)

        assert (refusal.code, refusal.fields[0].field) == ("instant_in_past", "takes_over.at")

    def test_on_discharge_waits_for_the_patient_to_leave(self) -> None:
        case = sent(discharge_in=48 * HOUR)

        case.do(accept(OnDischarge()), BOB)

        clock = case.clock(ClockKind.TAKE_OVER, "h-1")
        assert case.state.holder("rehab") == ALICE
        assert (clock.owner, clock.due_at) == (ALICE, case.now + 52 * HOUR)
        case.wait(48 * HOUR)
        case.do(left(case, HOUR), ALICE)
        assert case.state.holder("rehab") == BOB
        assert case.state.parts["rehab"].since == case.now - HOUR
        assert case.state.clock(ClockKind.ALARM, "rehab") is None

    def test_on_discharge_asks_the_sender_when_the_estimate_has_passed(self) -> None:
        case = sent(discharge_in=48 * HOUR)
        case.do(accept(OnDischarge()), BOB)

        events = case.wait(52 * HOUR)

        assert "take_over:h-1" in {r.clock_id for r in things(events, ev.RungFired)}
        assert case.state.holder("rehab") == ALICE

    def test_on_discharge_after_the_departure_is_at_once(self) -> None:
        case = sent(discharge_in=48 * HOUR)
        case.do(left(case), ALICE)

        case.do(accept(OnDischarge()), BOB)

        assert case.state.holder("rehab") == BOB

    def test_on_discharge_without_an_estimate_is_refused(self) -> None:
        assert sent().refusal(accept(OnDischarge()), BOB).code == "discharge_estimate_missing"

    def test_a_part_is_never_taken_over_before_it_was_accepted(self) -> None:
        case = sent(discharge_in=48 * HOUR)
        case.wait(5 * HOUR)
        case.do(accept(OnDischarge()), BOB)

        events = case.do(left(case, 3 * HOUR), ALICE)

        (moved,) = [e for e in events if isinstance(e.what, ev.HandoverTakenOver)]
        assert moved.effective_at == case.now


class TestDecline:
    def test_the_part_stays_and_the_clocks_end(self) -> None:
        case = sent()

        case.do(decline(proposes=CHARLIE), BOB)

        assert case.handover().state is HandoverState.DECLINED
        assert case.handover().proposed_unit == CHARLIE
        assert case.state.holder("rehab") == ALICE
        assert not any(is_open(case, kind) for kind in (ClockKind.ACKNOWLEDGED, ClockKind.ACCEPTED))

    def test_the_step_stays_open_with_its_clock_and_may_be_sent_again(self) -> None:
        case = sent()
        case.do(decline(), BOB)

        assert case.clock(ClockKind.STEP, "1.handover_rehab").running
        case.send(BOBS_TEAM, step="handover_rehab", handover_id="h-2")
        assert case.handover("h-2").state is HandoverState.RECEIVED

    def test_another_reason_needs_a_text(self) -> None:
        case = sent()

        assert case.refusal(decline(DeclineReason.OTHER), BOB).code == "decline_text_missing"
        case.do(decline(DeclineReason.OTHER, text="Flyttar."), BOB)
        assert case.handover().decline_reason is DeclineReason.OTHER


class TestRedirect:
    def test_a_colleague_gets_it_with_the_time_that_is_left(self) -> None:
        case = sent()
        case.wait(10 * HOUR)
        before = case.clock(ClockKind.ACCEPTED, "h-1")

        case.do(redirect(), BOB)

        after = case.clock(ClockKind.ACCEPTED, "h-1")
        assert case.handover().to_unit == BOBS_TEAM
        assert after == before.model_copy(update={"owner": BOBS_TEAM})
        assert case.refusal(accept(), BOB).code == "not_receiver"
        case.do(accept(), BOBS_TEAM)

    def test_the_new_receiver_has_not_read_it(self) -> None:
        case = sent()
        case.do(acknowledge(), BOB)

        case.do(redirect(), BOB)

        clock = case.clock(ClockKind.ACKNOWLEDGED, "h-1")
        assert case.handover().state is HandoverState.RECEIVED
        assert clock.running and clock.owner == BOBS_TEAM

    def test_reading_is_due_no_later_than_before(self) -> None:
        case = sent()
        due = case.clock(ClockKind.ACKNOWLEDGED, "h-1").due_at
        case.wait(10 * HOUR)

        case.do(redirect(), BOB)

        assert case.clock(ClockKind.ACKNOWLEDGED, "h-1").due_at == due

    def test_a_late_answer_stays_late(self) -> None:
        case = sent()
        case.wait(30 * HOUR)
        due = case.clock(ClockKind.ACCEPTED, "h-1").due_at

        case.do(redirect(), BOB)

        assert case.clock(ClockKind.ACCEPTED, "h-1").due_at == due < case.now

    def test_another_organisation_is_not_reached_by_passing_on(self) -> None:
        case = sent()

        assert case.refusal(redirect(CHARLIE), BOB).code == "redirect_crosses_organisation"

    @pytest.mark.parametrize(
        ("to", "code"),
        [(BOB, "receiver_is_sender"), (BOBS_HOME_HELP, "receiver_kind_mismatch")],
    )
    def test_a_colleague_who_may_not_hold_the_part_is_refused(self, to: str, code: str) -> None:
        assert sent().refusal(redirect(to), BOB).code == code

    def test_a_loop_stays_with_the_receiver_and_is_recorded(self) -> None:
        case = sent()
        case.do(redirect(), BOB)
        before = case.state

        (event,) = case.do(redirect(BOB), BOBS_TEAM)

        assert isinstance(event.what, ev.RedirectStopped) and event.what.because == "loop"
        assert case.state == before.model_copy(update={"seq": event.seq})

    def test_back_to_the_sender_is_a_loop_too(self) -> None:
        case = planned()
        case.send(HEALTH_CENTRE)

        (event,) = case.do(redirect(ALICE), HEALTH_CENTRE)

        assert isinstance(event.what, ev.RedirectStopped)
        assert case.handover().to_unit == HEALTH_CENTRE

    def test_too_many_hops_stay_where_they_are(self) -> None:
        case = planned()
        case.send(REGION[0])
        for here, there in pairwise(REGION[: MAX_HOPS + 1]):
            case.do(redirect(there), here)

        (event,) = case.do(redirect(REGION[MAX_HOPS + 1]), REGION[MAX_HOPS])

        assert isinstance(event.what, ev.RedirectStopped)
        assert event.what.because == "too_many_hops"
        assert len(case.handover().earlier_receivers) == MAX_HOPS

    def test_not_while_a_question_is_open(self) -> None:
        case = sent()
        case.do(ask(), BOB)

        assert case.refusal(redirect(), BOB).code == "question_open"


class TestQuestion:
    def test_the_receivers_clock_stands_still_and_the_senders_runs(self) -> None:
        case = sent()

        case.do(ask(), BOB)

        clock = case.clock(ClockKind.ANSWER, "h-1")
        assert case.handover().state is HandoverState.QUESTION_OPEN
        assert not case.clock(ClockKind.ACCEPTED, "h-1").running
        assert (clock.running, clock.owner, clock.counterpart) == (True, ALICE, BOB)

    def test_asking_is_reading(self) -> None:
        case = sent()

        case.do(ask(), BOB)

        assert not is_open(case, ClockKind.ACKNOWLEDGED)

    def test_the_answer_gives_back_just_the_time_that_it_took(self) -> None:
        case = sent()
        due = case.clock(ClockKind.ACCEPTED, "h-1").due_at
        case.wait(5 * HOUR)
        case.do(ask(), BOB)
        case.wait(7 * HOUR)

        case.do(answer(), ALICE)

        assert case.clock(ClockKind.ACCEPTED, "h-1").due_at == due + 7 * HOUR
        assert not is_open(case, ClockKind.ANSWER)
        assert case.handover().state is HandoverState.ACKNOWLEDGED

    def test_a_question_never_stops_the_alarm_or_the_step(self) -> None:
        case = sent()
        case.do(left(case), ALICE)

        case.do(ask(), BOB)

        assert case.clock(ClockKind.ALARM, "rehab").running
        assert case.clock(ClockKind.STEP, "1.handover_rehab").running

    def test_one_question_at_a_time(self) -> None:
        case = sent()
        case.do(ask(), BOB)

        assert case.refusal(ask(), BOB).code == "question_open"

    def test_no_answer_without_a_question(self) -> None:
        assert sent().refusal(answer(), ALICE).code == "no_question_open"

    @pytest.mark.parametrize("command", [accept(), decline()])
    def test_the_receiver_may_decide_without_waiting_for_the_answer(
        self, command: cmd.Accept | cmd.Decline
    ) -> None:
        case = sent()
        case.do(ask(), BOB)

        case.do(command, BOB)

        assert not is_open(case, ClockKind.ANSWER)
        assert not is_open(case, ClockKind.ACCEPTED)


class TestWithdraw:
    @pytest.mark.parametrize(
        "before",
        [None, acknowledge(), ask(), accept(At(at=MONDAY + timedelta(days=9)))],
        ids=["sent", "acknowledged", "question_open", "accepted"],
    )
    def test_before_the_take_over_it_can_be_taken_back(self, before: cmd.Command | None) -> None:
        case = sent()
        if before:
            case.do(before, BOB)

        case.do(withdraw(), ALICE)

        assert case.handover().state is HandoverState.WITHDRAWN
        assert case.state.holder("rehab") == ALICE
        assert not [c for c in case.state.running() if c.subject == "h-1"]
        case.wait(timedelta(days=10))
        assert case.state.holder("rehab") == ALICE

    @pytest.mark.parametrize("reason", [r for r in WithdrawReason if r not in WRONG])
    @pytest.mark.parametrize("before", [None, acknowledge(), ask()])
    def test_before_the_answer_any_reason_will_do(
        self, before: cmd.Command | None, reason: WithdrawReason
    ) -> None:
        case = sent()
        if before:
            case.do(before, BOB)

        case.do(withdraw(reason), ALICE)

        assert case.handover().state is HandoverState.WITHDRAWN

    @pytest.mark.parametrize("reason", [r for r in WithdrawReason if r not in WRONG])
    @pytest.mark.parametrize(
        "takes_over", [Now(), At(at=MONDAY + timedelta(days=9))], ids=["taken_over", "accepted"]
    )
    def test_what_was_agreed_is_not_taken_back_by_one_side(
        self, takes_over: Now | At, reason: WithdrawReason
    ) -> None:
        case = sent()
        case.accept(takes_over)

        assert case.refusal(withdraw(reason), ALICE).code == "cancellation_needed"

    @pytest.mark.parametrize("reason", WRONG)
    @pytest.mark.parametrize("met", [False, True], ids=["taken_over", "first_contact"])
    def test_after_the_take_over_what_was_wrong_returns_to_the_sender(
        self, reason: WithdrawReason, met: bool
    ) -> None:
        case = sent()
        case.accept()
        if met:
            case.do(first_contact(case), BOB)

        events = case.do(withdraw(reason), ALICE)

        assert things(events, ev.PartReturned) == [
            ev.PartReturned(handover_id="h-1", part="rehab", to=ALICE)
        ]
        assert case.handover().state is HandoverState.WITHDRAWN
        assert case.state.holder("rehab") == ALICE
        assert case.clock(ClockKind.STEP, "1.intervention").owner == ALICE
        assert not [c for c in case.state.running() if c.subject == "h-1"]

    def test_what_returns_after_the_patient_has_left_rings_at_once(self) -> None:
        case = sent()
        case.accept()
        case.do(left(case), ALICE)

        case.do(withdraw(), ALICE)

        assert case.clock(ClockKind.ALARM, "rehab").owner == ALICE
        assert [f.fired_at for f in case.happened(ev.RungFired) if f.alarm][-1] == case.now

    @pytest.mark.parametrize("ended", [decline(), withdraw()], ids=["declined", "withdrawn"])
    def test_what_has_ended_cannot_be_taken_back(self, ended: cmd.Command) -> None:
        case = sent()
        case.do(ended, ALICE if isinstance(ended, cmd.Withdraw) else BOB)

        assert case.refusal(withdraw(), ALICE).code == "handover_not_open"


class TestFirstContact:
    def test_a_first_contact_ends_the_handover(self) -> None:
        case = sent()
        case.accept()
        case.wait(HOUR)

        case.do(first_contact(case), BOB)

        assert case.handover().state is HandoverState.FIRST_CONTACT
        assert not case.handover().open
        assert case.clock(ClockKind.FIRST_CONTACT, "h-1").stopped_at

    def test_it_is_true_from_when_it_was_made(self) -> None:
        case = sent()
        case.accept()
        case.wait(5 * HOUR)
        at = case.now - 2 * HOUR

        events = case.do(cmd.ReportFirstContact(handover_id="h-1", at=at), BOB)

        assert (events[0].effective_at, events[0].decided_at) == (at, case.now)

    def test_it_cannot_be_reported_ahead(self) -> None:
        case = sent()
        case.accept()
        command = cmd.ReportFirstContact(handover_id="h-1", at=case.now + HOUR)

        assert case.refusal(command, BOB).code == "instant_in_future"

    def test_it_cannot_come_before_the_take_over(self) -> None:
        case = sent()

        assert case.refusal(first_contact(case), BOB).code == "handover_not_open"


class TestOtherPurposes:
    def test_to_carry_out_leaves_the_part_with_its_holder(self) -> None:
        case = planned()
        case.send(BOBS_HOME_HELP, "rehab", Purpose.CARRY_OUT)

        case.accept(by=BOBS_HOME_HELP)

        assert case.state.holder("rehab") == ALICE
        assert case.handover().state is HandoverState.TAKEN_OVER
        assert case.clock(ClockKind.FIRST_CONTACT, "h-1").owner == BOBS_HOME_HELP

    def test_to_carry_out_may_go_beside_a_handover_of_the_same_part(self) -> None:
        case = sent()

        case.send(BOBS_HOME_HELP, "rehab", Purpose.CARRY_OUT, handover_id="h-2")

        assert case.handover("h-2").unanswered

    def test_to_inform_asks_for_reading_and_no_more(self) -> None:
        case = planned()
        case.send(HEALTH_CENTRE, purpose=Purpose.INFORM)
        assert case.state.clock(ClockKind.ACCEPTED, "h-1") is None
        assert offered(case.handover(), HEALTH_CENTRE) == ("acknowledge", "assign")

        case.do(acknowledge(), HEALTH_CENTRE)

        assert not case.handover().open
        assert not [c for c in case.state.running() if c.subject == "h-1"]

    @pytest.mark.parametrize("command", [accept(), decline(), redirect(REGION[1]), ask()])
    def test_who_is_only_informed_has_nothing_to_answer(self, command: cmd.Command) -> None:
        case = planned()
        case.send(HEALTH_CENTRE, purpose=Purpose.INFORM)

        assert case.refusal(command, HEALTH_CENTRE).code == "handover_not_open"


class TestDeparture:
    def test_with_need_each_part_that_was_not_taken_over_is_an_alarm_at_once(self) -> None:
        case = sent()
        case.now = local("2026-10-10T03:00")  # a Saturday night

        events = case.do(left(case), ALICE)

        rungs = [r for r in things(events, ev.RungFired) if r.alarm]
        assert {(r.clock_id, r.number, r.due_at) for r in rungs} == {
            ("alarm:coordination", 0, case.now),
            ("alarm:rehab", 0, case.now),
        }

    def test_the_alarm_goes_on_every_four_hours_until_the_part_is_taken_over(self) -> None:
        case = sent()
        case.do(left(case), ALICE)

        fired = [
            r.due_at
            for _ in range(3)
            for r in things(case.wait(4 * HOUR), ev.RungFired)
            if r.clock_id == "alarm:rehab"
        ]
        case.accept()

        assert fired == [case.now - 8 * HOUR, case.now - 4 * HOUR, case.now]
        assert not case.clock(ClockKind.ALARM, "rehab").running
        assert case.clock(ClockKind.ALARM, COORDINATION).running

    def test_without_need_nobody_is_alarmed(self) -> None:
        case = Case()

        case.do(left(case), ALICE)

        assert case.state.clock(ClockKind.ALARM, "rehab") is None

    def test_what_was_taken_over_before_is_no_alarm(self) -> None:
        case = sent()
        case.accept()

        case.do(left(case), ALICE)

        assert case.state.clock(ClockKind.ALARM, "rehab") is None

    def test_the_receiver_shares_the_alarm_from_the_sending_on(self) -> None:
        case = planned()
        case.do(left(case), ALICE)
        assert case.clock(ClockKind.ALARM, "rehab").counterpart == ALICE

        case.send()
        case.do(redirect(), BOB)

        assert case.clock(ClockKind.ALARM, "rehab").counterpart == BOBS_TEAM

    @pytest.mark.parametrize("purpose", [Purpose.INFORM, Purpose.CARRY_OUT])
    def test_who_is_not_to_take_it_over_does_not_share_the_alarm(self, purpose: Purpose) -> None:
        case = sent()
        case.do(left(case), ALICE)

        case.send(HEALTH_CENTRE, purpose=purpose, handover_id="h-2")

        assert case.clock(ClockKind.ALARM, "rehab").counterpart == BOB

    def test_it_is_recorded_once_by_a_unit_of_the_journey_and_not_ahead(self) -> None:
        case = sent()
        ahead = cmd.RecordDeparture(at=case.now + HOUR, to="hemmet")

        assert case.refusal(ahead, ALICE).code == "instant_in_future"
        assert case.refusal(left(case), BOB).code == "not_holder"
        case.do(left(case), ALICE)
        assert case.refusal(left(case), ALICE).code == "already_left"


Build = Callable[[Case], cmd.Command]
RECEIVERS: list[Build] = [
    lambda case: acknowledge(),
    lambda case: accept(),
    lambda case: decline(),
    lambda case: redirect(),
    lambda case: ask(),
    first_contact,
]
SENDERS: list[Build] = [lambda case: answer(), lambda case: withdraw()]
ENDS: list[Callable[[Case], object]] = [
    lambda case: case.do(decline(), BOB),
    lambda case: case.do(withdraw(), ALICE),
    lambda case: case.accept(),
]


class TestWhoAndWhen:
    @pytest.mark.parametrize("stranger", [ALICE, CHARLIE, BOBS_TEAM])
    @pytest.mark.parametrize("build", RECEIVERS)
    def test_only_the_receiver_answers(self, build: Build, stranger: str) -> None:
        case = sent()

        refusal = case.refusal(build(case), stranger)

        assert (refusal.code, refusal.text.kind) == ("not_receiver", Kind.FORBIDDEN)

    @pytest.mark.parametrize("stranger", [BOB, CHARLIE])
    @pytest.mark.parametrize("build", SENDERS)
    def test_only_the_sender_answers_questions_and_takes_back(
        self, build: Build, stranger: str
    ) -> None:
        case = sent()

        assert case.refusal(build(case), stranger).code == "not_sender"

    @pytest.mark.parametrize("end", ENDS, ids=["declined", "withdrawn", "taken_over"])
    @pytest.mark.parametrize("build", RECEIVERS[:5])
    def test_what_has_been_answered_is_not_answered_again(
        self, build: Build, end: Callable[[Case], object]
    ) -> None:
        case = sent()
        end(case)

        assert case.refusal(build(case), BOB).code == "handover_not_open"

    @pytest.mark.parametrize("build", [*RECEIVERS, *SENDERS])
    def test_an_unknown_handover_is_refused(self, build: Build) -> None:
        case = planned()

        assert case.refusal(build(case), BOB).code == "handover_unknown"

    @pytest.mark.parametrize("build", [*RECEIVERS, *SENDERS])
    def test_a_closed_journey_takes_nothing(self, build: Build) -> None:
        case = sent()
        case.accept()
        case.do(cmd.Close(reason=CloseReason.MOVED), ALICE)

        assert case.refusal(build(case), BOB).code == "journey_closed"

    @pytest.mark.parametrize(
        "role", [Role.OPERATIONS_MANAGER, Role.REGIONAL, Role.DESIGNER, Role.OPERATOR]
    )
    def test_who_does_not_work_with_patients_does_nothing(self, role: Role) -> None:
        case = sent()
        envelope = samples.envelope(accept(), BOB, roles=[role])

        refusal = case.refusal(accept(), BOB, actor=envelope.actor)

        assert refusal.code == "role_not_enough"

    def test_a_command_on_an_older_state_is_refused(self) -> None:
        case = sent()

        refusal = case.refusal(accept(), BOB, expected_seq=case.state.seq - 1)

        assert refusal.code == "sequence_stale"

    def test_a_third_unit_is_offered_nothing(self) -> None:
        case = sent()

        assert offered(case.handover(), CHARLIE) == ()


def test_a_state_is_the_last_thing_that_happened() -> None:
    case = sent()

    def now(handover: Handover) -> tuple[HandoverState, bool, bool, bool]:
        return handover.state, handover.unanswered, handover.pending, handover.open

    seen = [now(case.handover())]
    for command, by in (
        (acknowledge(), BOB),
        (ask(), BOB),
        (answer(), ALICE),
        (accept(At(at=case.now + HOUR)), BOB),
    ):
        case.do(command, by)
        seen.append(now(case.handover()))
    case.wait(HOUR)
    seen.append(now(case.handover()))
    case.do(first_contact(case), BOB)
    seen.append(now(case.handover()))

    assert seen == [
        (HandoverState.RECEIVED, True, True, True),
        (HandoverState.ACKNOWLEDGED, True, True, True),
        (HandoverState.QUESTION_OPEN, True, True, True),
        (HandoverState.ACKNOWLEDGED, True, True, True),
        (HandoverState.ACCEPTED, False, True, True),
        (HandoverState.TAKEN_OVER, False, False, True),
        (HandoverState.FIRST_CONTACT, False, False, False),
    ]
