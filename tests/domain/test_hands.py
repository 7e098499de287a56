"""Orders of commands in which a part could slip from the right hands, or a promise go silent."""

from datetime import timedelta

import pytest

from domain import command as cmd
from domain.call import PhoneCall
from domain.clock import ClockKind
from domain.handover import DeclineReason, HandoverState, Now, WithdrawReason
from domain.part import COORDINATION
from domain.pathway import Purpose
from domain.record import entry
from domain.template import LegalBasis
from tests import samples
from tests.samples import (
    ALICE,
    BOB,
    BOBS_NURSES,
    BOBS_TEAM,
    HEALTH_CENTRE,
    UNCONNECTED,
    Case,
    unit,
)

DAY = timedelta(days=1)
WRONG = WithdrawReason.WRONG_RECEIVER


def planned() -> Case:
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    return case


def decline(case: Case, handover_id: str, by: str) -> None:
    no = cmd.Decline(handover_id=handover_id, reason=DeclineReason.WRONG_UNIT)
    case.do(no, by)


def withdraw_wrong(case: Case, handover_id: str = "h-1", by: str = ALICE) -> None:
    case.do(cmd.Withdraw(handover_id=handover_id, reason=WRONG), by)


def call(case: Case, ago: timedelta) -> PhoneCall:
    return PhoneCall(
        name="Demo 1", function="Sjuksköterska", number="010-000 00 00", at=case.now - ago
    )


def test_an_old_no_is_not_disputed_when_the_part_has_gone_elsewhere() -> None:
    case = planned()
    case.send()
    decline(case, "h-1", BOB)
    case.send(BOBS_TEAM, handover_id="h-2")
    case.accept(by=BOBS_TEAM, handover_id="h-2")

    refused = case.refusal(cmd.Dispute(handover_id="h-1", reason="Fel."), ALICE)

    assert refused.code == "not_holder"
    assert case.state.holder("rehab") == BOBS_TEAM


def test_what_a_wrong_receiver_had_begun_to_pass_on_ceases() -> None:
    case = planned()
    case.send()
    case.accept()
    case.send(BOBS_TEAM, by=BOB, handover_id="h-2")

    withdraw_wrong(case)

    assert case.handover("h-2").state is HandoverState.CEASED
    assert not [c for c in case.state.running() if c.subject == "h-2"]
    case.send(BOBS_TEAM, handover_id="h-3")
    assert case.state.holder("rehab") == ALICE


def test_a_part_that_came_back_another_way_stays() -> None:
    case = planned()
    case.send()
    case.accept()
    case.wait(timedelta(minutes=1))
    case.send(BOBS_TEAM, by=BOB, handover_id="h-2")
    case.accept(by=BOBS_TEAM, handover_id="h-2")
    case.wait(timedelta(minutes=1))
    case.send(BOB, by=BOBS_TEAM, handover_id="h-3")
    case.accept(handover_id="h-3")

    withdraw_wrong(case)

    assert case.state.holder("rehab") == BOB


def test_a_wrong_receiver_that_has_passed_it_on_loses_its_access_and_the_holder_does_not() -> None:
    case = planned()
    case.send()
    case.accept()
    case.send(BOBS_TEAM, by=BOB, handover_id="h-2")
    case.accept(by=BOBS_TEAM, handover_id="h-2")
    before = case.state
    command = cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.WRONG_PATIENT)

    events = case.do(command, ALICE)

    written = entry(before, events, samples.envelope(command, ALICE))
    assert written.leaves == (BOB,)
    assert case.state.holder("rehab") == BOBS_TEAM


def test_the_heir_of_a_wrong_receiver_loses_its_access_too() -> None:
    case = planned()
    case.send()
    case.accept()
    case.do(cmd.ReportFirstContact(handover_id="h-1", at=case.now), BOB)
    succeed = cmd.Succeed(old=BOB, to=unit(BOBS_TEAM, version=2))
    case.do(succeed, BOB, roles=("catalogue",))
    before = case.state
    command = cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.WRONG_PATIENT)

    events = case.do(command, ALICE)

    written = entry(before, events, samples.envelope(command, ALICE))
    assert set(written.leaves) == {BOB, BOBS_TEAM}
    assert case.state.holder("rehab") == ALICE


def test_a_caller_that_the_journey_does_not_know_leaves_no_journey_waiting_for_ever() -> None:
    case = planned()
    silent = unit(UNCONNECTED)
    sent = samples.send(silent).model_copy(update={"stand_ins": ()})
    case.do(sent, ALICE)
    case.wait(2 * DAY)
    late = cmd.Accept(handover_id="h-1", takes_over=Now(), call=call(case, DAY))
    owner = silent.proxy_owner
    assert owner is not None and owner not in case.state.units

    case.do(late, owner)

    assert case.clock(ClockKind.CONFIRMATION, "h-1").owner == ALICE
    case.wait(30 * DAY)


def test_a_timely_yes_stands_by_itself_after_a_reading_that_was_entered_late() -> None:
    case = planned()
    case.send(UNCONNECTED)
    case.wait(2 * DAY)
    case.do(cmd.Acknowledge(handover_id="h-1", call=call(case, DAY)), ALICE)
    assert case.handover().provisional_since

    yes = cmd.Accept(handover_id="h-1", takes_over=Now(), call=call(case, timedelta()))
    case.do(yes, ALICE)

    assert case.handover().provisional_since is None
    assert case.clock(ClockKind.CONFIRMATION, "h-1").stopped_at
    assert case.state.holder("rehab") == UNCONNECTED


def test_an_outcome_that_was_entered_late_waits_for_a_second_person() -> None:
    case = planned()
    case.send(UNCONNECTED)
    yes = cmd.Accept(handover_id="h-1", takes_over=Now(), call=call(case, timedelta()))
    case.do(yes, ALICE)
    case.wait(3 * DAY)
    at = case.now - 2 * DAY

    met = cmd.ReportFirstContact(handover_id="h-1", at=at, call=call(case, 2 * DAY))
    case.do(met, ALICE)

    assert case.handover().provisional_since
    assert case.clock(ClockKind.CONFIRMATION, "h-1").running
    refused = case.refusal(cmd.ConfirmAnswer(handover_id="h-1"), ALICE)
    assert refused.code == "second_person_missing"


def test_a_cancellation_is_answered_by_telephone_where_there_is_no_system() -> None:
    case = planned()
    case.send(UNCONNECTED, estimated_discharge_at=case.now + 3 * DAY)
    yes = cmd.Accept(
        handover_id="h-1",
        takes_over={"when": "on_discharge"},
        call=call(case, timedelta()),
    )
    case.do(yes, ALICE)
    case.do(cmd.RequestCancellation(handover_id="h-1", reason="Stannar."), ALICE)

    plain = cmd.AnswerCancellation(handover_id="h-1", agree=True)
    assert case.refusal(plain, ALICE).code == "call_missing"
    case.do(plain.model_copy(update={"call": call(case, timedelta())}), ALICE)

    assert case.handover().state is HandoverState.WITHDRAWN


def test_the_answer_to_the_person_is_owed_by_whoever_coordinates_now() -> None:
    asked = samples.start().referral.model_copy(update={"initiator": "patient"})
    case = Case.of(samples.start(referral=asked), ALICE)
    case.complete("assessment")
    case.complete("plan")
    case.send(HEALTH_CENTRE, COORDINATION, Purpose.TAKE_OVER)
    case.accept(by=HEALTH_CENTRE)

    owed = case.clock(ClockKind.PERSON_ANSWER, COORDINATION)

    assert (owed.owner, owed.counterpart) == (HEALTH_CENTRE, HEALTH_CENTRE)


def test_a_call_that_was_promised_before_the_need_was_known_is_a_promise_then() -> None:
    case = Case()
    net = {"caller": "Samordnare", "call_at": case.now + DAY, "number": "010-000 00 00"}
    left = cmd.RecordDeparture.model_validate({"at": case.now, "to": "Hemmet", "safety_net": net})
    case.do(left, ALICE)

    case.complete("assessment")

    assert case.clock(ClockKind.SAFETY_NET, COORDINATION).due_at == case.now + DAY


def test_an_alarm_points_at_nobody_who_is_out_of_it_when_a_death_is_undone() -> None:
    case = planned()
    case.send()
    case.do(cmd.RecordDeparture(at=case.now, to="Hemmet"), ALICE)
    assert case.clock(ClockKind.ALARM, "rehab").counterpart == BOB
    case.do(cmd.RecordDeath(at=case.now), ALICE)
    case.do(cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.SENT_IN_ERROR), ALICE)

    case.do(cmd.UndoDeath(reason="Fel person."), ALICE)

    assert case.clock(ClockKind.ALARM, "rehab").counterpart == ALICE


def test_an_announced_part_is_held_and_follows_nobody_else() -> None:
    case = planned()
    announced = cmd.Announce(
        handover_id="h-1",
        part="home_health_care",
        purpose=Purpose.TAKE_PART,
        to=unit(BOBS_NURSES),
        estimated_at=case.now + 9 * DAY,
        requested="Omläggning.",
        legal_basis=LegalBasis.HARM_TEST,
    )

    case.do(announced, ALICE)

    assert case.state.holder("home_health_care") == ALICE


@pytest.mark.parametrize(
    ("basis", "rule"),
    [(LegalBasis.SAME_PROVIDER, "not_same_provider"), (LegalBasis.CONSENT, "required")],
)
def test_a_pre_notice_is_a_disclosure_and_needs_its_ground(basis: LegalBasis, rule: str) -> None:
    case = planned()
    announced = cmd.Announce(
        handover_id="h-1",
        part="rehab",
        purpose=Purpose.INFORM,
        to=unit(BOB),
        estimated_at=case.now + DAY,
        requested="För kännedom.",
        legal_basis=basis,
    )

    refused = case.refusal(announced, ALICE)

    assert (refused.code, [f.rule for f in refused.fields]) == ("content_invalid", [rule])


def test_a_journey_that_ends_calls_off_its_meetings() -> None:
    case = planned()
    summons = {
        "kind": "team",
        "starts_at": case.now + DAY,
        "mode": "video",
        "units": (ALICE, BOB),
    }
    called = cmd.CallMeeting.model_validate(
        {"meeting_id": "m-1", "summons": summons, "units": (unit(ALICE), unit(BOB))}
    )
    case.do(called, ALICE)

    case.do(cmd.Close(reason="patient_declines"), ALICE)

    assert case.state.meetings["m-1"].state == "cancelled"
