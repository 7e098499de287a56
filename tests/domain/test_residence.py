"""A patient moves: who holds goes on holding, and owes a handover where the patient lives now."""

from domain import command as cmd
from domain.clock import ClockKind
from domain.handover import WithdrawReason
from domain.journey import StepState
from tests.samples import ALICE, BOB, CHARLIE, Case, assessment

SALA, VASTERAS, KOPING = "1981", "1980", "1983"


def held_by_bob() -> Case:
    """The rehab is Bob's, in Västerås."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    case.send()
    case.accept()
    return case


def move(case: Case, to: str) -> None:
    case.do(cmd.RecordMove(at=case.now, municipality=to), ALICE)


def owes(case: Case) -> str | None:
    """Who owes the rehab part to a unit elsewhere."""
    clock = case.state.clock(ClockKind.MOVE, "rehab")
    return clock.owner if clock and clock.stopped_at is None else None


def test_a_municipal_holder_owes_the_handover_and_the_region_does_not() -> None:
    case = held_by_bob()

    move(case, SALA)

    assert owes(case) == BOB
    assert case.state.clock(ClockKind.MOVE, "coordination") is None
    assert case.state.holder("rehab") == BOB


def test_it_is_kept_by_a_unit_where_the_patient_lives() -> None:
    case = held_by_bob()
    move(case, SALA)

    case.send(CHARLIE, by=BOB, handover_id="h-2")
    case.accept(by=CHARLIE, handover_id="h-2")

    assert owes(case) is None
    assert case.state.holder("rehab") == CHARLIE


def test_taken_over_in_a_third_municipality_it_is_owed_on() -> None:
    case = held_by_bob()
    move(case, KOPING)

    case.send(CHARLIE, by=BOB, handover_id="h-2")
    case.accept(by=CHARLIE, handover_id="h-2")

    assert owes(case) == CHARLIE


def test_returned_from_a_wrong_receiver_it_is_owed_again() -> None:
    case = held_by_bob()
    move(case, SALA)
    case.send(CHARLIE, by=BOB, handover_id="h-2")
    case.accept(by=CHARLIE, handover_id="h-2")

    case.do(cmd.Withdraw(handover_id="h-2", reason=WithdrawReason.WRONG_RECEIVER), BOB)

    assert (case.state.holder("rehab"), owes(case)) == (BOB, BOB)


def test_moving_back_it_is_owed_no_more() -> None:
    case = held_by_bob()
    move(case, SALA)

    move(case, VASTERAS)

    assert owes(case) is None


def test_a_part_that_came_back_during_a_mistaken_death_rings_when_that_is_undone() -> None:
    case = held_by_bob()
    case.do(cmd.RecordDeparture(at=case.now, to="Hemmet"), ALICE)
    case.do(cmd.RecordDeath(at=case.now), ALICE)
    case.do(cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.WRONG_RECEIVER), ALICE)
    assert not case.clock(ClockKind.CLOSING, "coordination").stopped_at

    case.do(cmd.UndoDeath(reason="Fel person."), ALICE)

    assert case.clock(ClockKind.ALARM, "rehab").running


def test_a_need_after_all_brings_back_what_had_fallen_away() -> None:
    case = Case()
    case.do(cmd.CompleteStep(step="assessment", content=assessment(need=False)), ALICE)
    states = {s.key: s.state for s in case.state.steps.values()}
    assert states["plan"] is StepState.NOT_NEEDED
    case.do(cmd.ReopenStep(step="assessment", reason="Nya uppgifter."), ALICE)

    case.do(cmd.CompleteStep(step="assessment", content=assessment()), ALICE)

    after = {s.key: s.state for s in case.state.steps.values()}
    assert after["plan"] is StepState.OPEN
    assert after["handover_rehab"] is StepState.WAITING
    assert case.clock(ClockKind.STEP, "1.plan").running
