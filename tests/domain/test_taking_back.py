"""Taking back: before the answer alone, after it by agreement, if wrong always."""

import pytest

from domain import command as cmd
from domain.clock import ClockKind
from domain.handover import HandoverState, OnDischarge, WithdrawReason
from tests.samples import ALICE, BOB, Case


def withdraw(reason: WithdrawReason) -> cmd.Withdraw:
    """Take it back."""
    return cmd.Withdraw(handover_id="h-1", reason=reason)


def accepted() -> Case:
    """A handover that is accepted for the discharge."""
    case = Case()
    case.send(estimated_discharge_at=case.now.replace(hour=20))
    case.accept(OnDischarge())
    return case


def test_what_is_not_answered_is_taken_back_by_the_sender_alone() -> None:
    case = Case()
    case.send()

    case.do(withdraw(WithdrawReason.NO_LONGER_NEEDED), ALICE)

    assert case.handover().state is HandoverState.WITHDRAWN
    assert case.state.holder("rehab") == ALICE
    assert not [c for c in case.state.running() if c.subject == "h-1"]


def test_what_is_agreed_needs_a_cancellation() -> None:
    case = accepted()

    refused = case.refusal(withdraw(WithdrawReason.NO_LONGER_NEEDED), ALICE)

    assert refused.code == "cancellation_needed"


def test_a_cancellation_that_is_asked_for_leaves_the_agreement_and_runs_a_clock() -> None:
    case = accepted()

    case.do(cmd.RequestCancellation(handover_id="h-1", reason="Ny bedömning."), ALICE)

    assert case.handover().state is HandoverState.CANCELLATION_REQUESTED
    assert case.clock(ClockKind.CANCELLATION, "h-1").owner == BOB
    assert case.clock(ClockKind.TAKE_OVER, "h-1").running


def test_a_receiver_lets_it_go_or_holds_on() -> None:
    case = accepted()
    ask = cmd.RequestCancellation(handover_id="h-1", reason="Ny bedömning.")
    case.do(ask, ALICE)

    case.do(cmd.AnswerCancellation(handover_id="h-1", agree=False), BOB)

    assert case.handover().state is HandoverState.ACCEPTED
    case.do(ask, ALICE)
    case.do(cmd.AnswerCancellation(handover_id="h-1", agree=True), BOB)
    assert case.handover().state is HandoverState.WITHDRAWN


def test_a_cancellation_that_came_too_late_falls_away() -> None:
    case = accepted()
    case.do(cmd.RequestCancellation(handover_id="h-1", reason="Ny bedömning."), ALICE)

    case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)

    assert case.state.holder("rehab") == BOB
    assert case.clock(ClockKind.CANCELLATION, "h-1").stopped_at is not None
    refused = case.refusal(cmd.AnswerCancellation(handover_id="h-1", agree=True), BOB)
    assert refused.code == "no_cancellation_open"


@pytest.mark.parametrize("reason", [WithdrawReason.WRONG_RECEIVER, WithdrawReason.WRONG_PATIENT])
def test_what_went_wrong_returns_to_the_sender_at_any_state(reason: WithdrawReason) -> None:
    case = Case()
    case.send()
    case.accept()

    case.do(withdraw(reason), ALICE)

    assert case.handover().state is HandoverState.WITHDRAWN
    assert case.state.holder("rehab") == ALICE
    assert case.clock(ClockKind.FIRST_CONTACT, "h-1").stopped_at is not None


def test_a_part_that_went_on_does_not_return() -> None:
    case = Case()
    case.send()
    case.accept()
    team = "SE0000000000-TESTK1980IHR"
    case.send(to=team, by=BOB, handover_id="h-2")
    case.accept(by=team, handover_id="h-2")

    case.do(withdraw(WithdrawReason.WRONG_PATIENT), ALICE)

    assert case.state.holder("rehab") == team


def test_a_part_that_returns_when_the_patient_has_left_is_an_alarm() -> None:
    case = Case()
    case.complete("assessment")
    case.send()
    case.accept()
    case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)

    case.do(withdraw(WithdrawReason.WRONG_PATIENT), ALICE)

    alarm = case.clock(ClockKind.ALARM, "rehab")
    assert alarm.running and alarm.owner == ALICE
