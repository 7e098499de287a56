"""Other terms, and whose responsibility it is at all."""

from datetime import timedelta

from domain import command as cmd
from domain.clock import ClockKind
from domain.handover import At, DeclineReason, HandoverState, Now
from domain.notice import notices
from domain.unit import Function
from tests.samples import ALICE, BOB, Case


def sent() -> Case:
    """A handover of the rehab part."""
    case = Case()
    case.send()
    return case


def propose(case: Case, hours: int = 48) -> None:
    """Bob can take over in some hours."""
    at = At(at=case.now + timedelta(hours=hours))
    case.do(cmd.Propose(handover_id="h-1", takes_over=at, text="Först då."), BOB)


def dispute(case: Case, by: str) -> None:
    """Not our responsibility."""
    case.do(cmd.Dispute(handover_id="h-1", reason="Inte vårt ansvar."), by)


def test_other_terms_stop_the_receivers_clock_and_run_the_senders() -> None:
    case = sent()

    propose(case)

    assert case.handover().state is HandoverState.PROPOSED
    assert not case.clock(ClockKind.ACCEPTED, "h-1").running
    assert case.clock(ClockKind.PROPOSAL, "h-1").owner == ALICE
    assert case.state.holder("rehab") == ALICE


def test_terms_that_are_taken_are_an_acceptance() -> None:
    case = sent()
    propose(case)

    case.do(cmd.TakeProposal(handover_id="h-1"), ALICE)

    assert case.handover().state is HandoverState.ACCEPTED
    assert case.clock(ClockKind.TAKE_OVER, "h-1").due_at == case.now + timedelta(hours=48)


def test_terms_whose_instant_has_passed_mean_at_once() -> None:
    case = sent()
    propose(case, hours=2)
    case.wait(timedelta(hours=5))

    case.do(cmd.TakeProposal(handover_id="h-1"), ALICE)

    assert case.state.holder("rehab") == BOB


def test_terms_that_are_refused_let_the_receivers_clock_go_on() -> None:
    case = sent()
    due = case.clock(ClockKind.ACCEPTED, "h-1").due_at
    propose(case)
    case.wait(timedelta(hours=3))

    case.do(cmd.RefuseProposal(handover_id="h-1", reason="För sent."), ALICE)

    clock = case.clock(ClockKind.ACCEPTED, "h-1")
    assert clock.running and clock.due_at == due + timedelta(hours=3)
    assert not case.clock(ClockKind.PROPOSAL, "h-1").running


def test_one_matter_waits_for_its_answer_at_a_time() -> None:
    case = sent()
    propose(case)

    refused = case.refusal(cmd.Ask(handover_id="h-1", question="Finns hiss?"), BOB)

    assert refused.code == "proposal_open"


def test_a_receiver_that_proposed_may_still_say_yes_or_no() -> None:
    case = sent()
    propose(case)

    case.accept(Now())

    assert case.state.holder("rehab") == BOB
    assert not case.clock(ClockKind.PROPOSAL, "h-1").running


def test_a_dispute_runs_a_short_clock_and_tells_both_sides_operations() -> None:
    case = sent()
    before = len(case.log)

    dispute(case, BOB)

    assert case.handover().state is HandoverState.DISPUTED
    assert case.clock(ClockKind.DISPUTE, "h-1").running
    assert case.clock(ClockKind.ACCEPTED, "h-1").running
    found = notices(tuple(case.log[before:]), case.state)
    told = {n.unit for n in found if n.function is Function.OPERATIONS}
    assert told == {ALICE, BOB}


def test_a_no_that_is_disputed_stands_open_again_once() -> None:
    case = sent()
    no = cmd.Decline(handover_id="h-1", reason=DeclineReason.WRONG_UNIT)
    case.do(no, BOB)

    dispute(case, ALICE)

    assert case.handover().unanswered
    assert case.clock(ClockKind.DISPUTE, "h-1").running
    case.do(no, BOB)
    again = cmd.Dispute(handover_id="h-1", reason="Jo.")
    assert case.refusal(again, ALICE).code == "already_disputed"


def test_an_answer_ends_a_dispute() -> None:
    case = sent()
    dispute(case, BOB)

    case.accept(Now())

    assert case.handover().state is HandoverState.TAKEN_OVER
    assert not case.clock(ClockKind.DISPUTE, "h-1").running


def test_a_no_is_not_disputed_while_the_part_is_on_its_way_elsewhere() -> None:
    case = sent()
    case.do(cmd.Decline(handover_id="h-1", reason=DeclineReason.WRONG_UNIT), BOB)
    case.send(to="SE0000000000-TESTK1980IHR", handover_id="h-2")

    refused = case.refusal(cmd.Dispute(handover_id="h-1", reason="Jo."), ALICE)

    assert refused.code == "part_in_handover"
