"""On hold: while the patient is in hospital, open handovers wait for the holder's choice."""

from datetime import timedelta

from domain import command as cmd
from domain.clock import ClockKind
from domain.handover import At, HandoverState, OnDischarge
from domain.pathway import Purpose
from domain.template import LegalBasis
from tests import samples
from tests.domain.promises.offers import phone_call
from tests.samples import ALICE, BOB, UNCONNECTED, Case, unit


def admitted(case: Case) -> Case:
    """The patient is in hospital again."""
    case.do(cmd.RecordAdmission(at=case.now), ALICE)
    return case


def running(case: Case) -> list[ClockKind]:
    """The kinds of clocks that run about the handover."""
    return [c.kind for c in case.state.running() if c.subject == "h-1"]


def test_an_admission_holds_every_open_handover_and_runs_one_clock() -> None:
    case = Case()
    case.send()

    admitted(case)

    assert case.handover().state is HandoverState.ON_HOLD
    assert running(case) == [ClockKind.HOLD]
    assert case.clock(ClockKind.HOLD, "h-1").owner == ALICE
    assert case.state.holder("rehab") == ALICE


def test_nobody_decides_on_what_is_on_hold() -> None:
    case = Case()
    case.send()
    admitted(case)

    refused = case.refusal(cmd.Accept(handover_id="h-1", takes_over=OnDischarge()), BOB)

    assert refused.code == "handover_on_hold"


def test_a_resumed_handover_goes_on_where_it_stood() -> None:
    case = Case()
    case.send()
    left = case.clock(ClockKind.ACCEPTED, "h-1").due_at - case.now
    admitted(case)
    case.wait(timedelta(days=7))

    case.do(cmd.Resume(handover_id="h-1"), ALICE)

    clock = case.clock(ClockKind.ACCEPTED, "h-1")
    assert clock.running and clock.due_at - case.now == left
    assert ClockKind.HOLD not in running(case)


def test_ready_for_discharge_asks_for_the_choice_within_a_working_day() -> None:
    case = Case()
    case.send()
    admitted(case)

    case.do(cmd.RecordReady(at=case.now), ALICE)

    assert case.clock(ClockKind.HOLD, "h-1").due_at == case.now + timedelta(days=1)


def test_a_take_over_instant_that_passes_on_hold_moves_nothing() -> None:
    case = Case()
    case.send()
    case.accept(At(at=case.now + timedelta(hours=5)))
    admitted(case)

    case.wait(timedelta(days=2))

    assert case.state.holder("rehab") == ALICE
    case.do(cmd.Resume(handover_id="h-1"), ALICE)
    assert case.state.holder("rehab") == BOB


def test_a_departure_moves_nothing_that_is_on_hold() -> None:
    case = Case()
    case.send(estimated_discharge_at=case.now + timedelta(days=2))
    case.accept(OnDischarge())
    admitted(case)

    case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)

    assert case.state.holder("rehab") == ALICE


def test_a_confirmation_on_hold_moves_nothing() -> None:
    case = Case()
    case.send(to=UNCONNECTED)
    call = phone_call(case.now)
    case.wait(timedelta(days=1))
    case.do(
        cmd.Accept(handover_id="h-1", takes_over=At(at=case.now + timedelta(1)), call=call), ALICE
    )
    admitted(case)
    case.wait(timedelta(days=2))

    case.do(cmd.ConfirmAnswer(handover_id="h-1"), UNCONNECTED)

    assert case.state.holder("rehab") == ALICE
    assert running(case) == [ClockKind.HOLD]


def test_a_new_estimate_on_hold_starts_no_clock() -> None:
    case = Case()
    case.send(estimated_discharge_at=case.now + timedelta(days=2))
    case.accept(OnDischarge())
    admitted(case)

    later = case.now + timedelta(days=9)
    case.do(cmd.ChangeEstimate(handover_id="h-1", estimated_at=later), ALICE)

    assert running(case) == [ClockKind.HOLD]
    assert case.handover().estimated_discharge_at == later


def test_what_is_only_to_be_read_is_read_on_hold_and_done() -> None:
    case = Case()
    case.send(purpose=Purpose.INFORM)
    admitted(case)

    case.do(cmd.Acknowledge(handover_id="h-1"), BOB)

    assert case.handover().state is HandoverState.ACKNOWLEDGED
    assert running(case) == []


def test_a_first_contact_on_hold_ends_the_hold() -> None:
    case = Case()
    case.send()
    case.accept()
    admitted(case)
    assert case.clock(ClockKind.HOLD, "h-1").owner == BOB

    case.do(cmd.ReportFirstContact(handover_id="h-1", at=case.now), BOB)

    assert case.handover().state is HandoverState.FIRST_CONTACT
    assert running(case) == []


def test_an_unanswered_question_still_holds_the_answer_back_after_a_hold() -> None:
    case = Case()
    case.send()
    case.do(cmd.Ask(handover_id="h-1", question="Finns hiss?"), BOB)
    admitted(case)

    case.do(cmd.Resume(handover_id="h-1"), ALICE)

    assert not case.clock(ClockKind.ACCEPTED, "h-1").running
    assert case.clock(ClockKind.ANSWER, "h-1").running


def test_an_announced_handover_on_hold_waits_for_no_estimate() -> None:
    case = Case()
    announce = cmd.Announce(
        handover_id="h-1",
        part="rehab",
        purpose=Purpose.TAKE_PART,
        to=unit(BOB),
        estimated_at=case.now + timedelta(days=3),
        requested="Träning i hemmet.",
        legal_basis=LegalBasis.LAG_2017_612,
    )
    case.do(announce, ALICE)

    admitted(case)

    assert running(case) == [ClockKind.HOLD]
    sends = samples.send().model_copy(update={"announced": True})
    assert case.refusal(sends, ALICE).code == "handover_on_hold"
