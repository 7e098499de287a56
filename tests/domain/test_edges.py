"""The journey's edges: self-referral, what was done before, periods, duplicates."""

from datetime import timedelta

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.content import CloseReason, Initiator, NewPeriod, Referral
from domain.decide import decide
from domain.event import Event
from domain.evolve import fold
from domain.journey import Journey, StepState
from domain.refusal import Refusal
from tests import samples
from tests.samples import ALICE, BOB, CHARLIE, HEALTH_CENTRE, MONDAY, Case, things


def started(command: cmd.Start, by: str) -> Journey:
    """The journey that a start begins."""
    decided = decide(None, samples.envelope(command, by), MONDAY)
    assert not isinstance(decided, Refusal), decided
    state = fold(decided)
    assert state is not None
    return state


def refused(command: cmd.Start, by: str) -> str:
    """The code of the no to a start."""
    decided = decide(None, samples.envelope(command, by), MONDAY)
    assert isinstance(decided, Refusal)
    return decided.code


def asked_for(by: str = HEALTH_CENTRE, who: Initiator = Initiator.PATIENT) -> cmd.Start:
    """What a patient asks for."""
    return samples.start(by, referral=Referral(reason="Vill träna.", initiator=who))


def again(case: Case) -> tuple[Event, ...]:
    """The need is back."""
    return case.do(cmd.StartPeriod(reason="Nytt behov."), ALICE)


def test_the_intake_holds_a_self_referral_from_its_registration_and_owes_an_answer() -> None:
    state = started(asked_for(), CHARLIE)

    assert {p.holder for p in state.parts.values()} == {HEALTH_CENTRE}
    owed = state.clock(ClockKind.PERSON_ANSWER, "coordination")
    assert owed is not None and owed.owner == HEALTH_CENTRE


def test_a_unit_without_intake_takes_no_self_referral_written_by_others() -> None:
    assert refused(asked_for(ALICE, Initiator.CLOSE_PERSON), BOB) == "no_intake"


def test_staff_start_journeys_at_their_own_unit_alone() -> None:
    assert refused(asked_for(HEALTH_CENTRE, Initiator.HOSPITAL), BOB) == "not_your_unit"


def test_the_person_who_asked_is_answered_once() -> None:
    case = Case(by=HEALTH_CENTRE)
    answer = cmd.AnswerPerson(at=case.now, by="phone", answer="Välkommen.")

    assert case.refusal(answer, HEALTH_CENTRE).code == "no_answer_owed"


def test_what_was_done_before_is_recorded_and_opens_what_follows() -> None:
    done = cmd.Prior(step="assessment", ended_on=MONDAY.date(), by="Annan vårdgivare")

    state = started(samples.start(prior=(done,)), ALICE)

    steps = {s.key: s.state for s in state.steps.values()}
    assert (steps["assessment"], steps["plan"]) == (StepState.DONE, StepState.OPEN)
    assert state.need


def test_a_follow_up_is_never_done_before_nor_anything_tomorrow() -> None:
    tomorrow = MONDAY.date() + timedelta(days=1)
    early = cmd.Prior(step="assessment", ended_on=tomorrow, by="Annan vårdgivare")
    late = cmd.Prior(step="follow_up", ended_on=MONDAY.date(), by="Annan vårdgivare")

    codes = [refused(samples.start(prior=(done,)), ALICE) for done in (early, late)]

    assert codes == ["instant_in_future", "step_not_skippable"]


def test_a_new_period_opens_its_first_step_with_a_clock() -> None:
    case = Case()

    again(case)

    found = case.state.current("assessment")
    assert found is not None and found.state is StepState.OPEN
    assert case.clock(ClockKind.STEP, "2.assessment").running


def test_a_new_period_leaves_no_step_of_the_old_one_behind() -> None:
    case = Case(key="generic-rehab")
    for key in ("assessment", "plan", "intervention"):
        case.complete(key)
    assert case.clock(ClockKind.STEP, "1.follow_up").running

    again(case)

    old = [s for s in case.state.steps.values() if s.period == 1 and s.state is StepState.OPEN]
    assert old == []
    assert not case.clock(ClockKind.STEP, "1.follow_up").running


def test_a_follow_up_starts_a_period_as_the_command_does() -> None:
    case = Case(key="generic-rehab")
    case.do(cmd.CompleteStep(step="assessment", content=samples.assessment(need=False)), ALICE)

    renewed = samples.follow_up(NewPeriod())
    events = case.do(cmd.CompleteStep(step="follow_up", content=renewed), ALICE)

    assert [p.period for p in things(events, ev.PeriodStarted)] == [2]
    assert case.clock(ClockKind.STEP, "2.assessment").running


def test_no_period_begins_while_an_answer_is_owed() -> None:
    case = Case()
    case.send()

    assert case.refusal(cmd.StartPeriod(reason="Nytt."), ALICE).code == "handovers_open"


def test_a_duplicate_ends_when_every_part_has_hands_in_the_other() -> None:
    case = Case()
    holders = {"coordination": ALICE, "rehab": BOB}

    case.do(cmd.Merge(into="j-2", reason="Dubblett.", holders=holders), ALICE)

    assert case.state.close_reason is CloseReason.MERGED
    assert case.state.merged_into == "j-2"
    assert not list(case.state.running())


def test_a_duplicate_does_not_end_when_a_part_would_be_nobodys() -> None:
    case = Case()
    lost = cmd.Merge(into="j-2", reason="Dubblett.", holders={"coordination": ALICE})

    found = case.refusal(lost, ALICE)

    assert (found.code, [f.rule for f in found.fields]) == ("merge_loses_part", ["rehab"])


def test_a_journey_is_not_merged_with_itself() -> None:
    case = Case()
    itself = cmd.Merge(into="j-1", reason="Dubblett.", holders={})
    absorbs = cmd.Absorb(duplicate="j-1", reason="Dubblett.")

    codes = [case.refusal(command, ALICE).code for command in (itself, absorbs)]

    assert codes == ["merge_with_itself", "merge_with_itself"]


def test_a_journey_is_not_closed_as_merged_by_hand() -> None:
    case = Case()

    found = case.refusal(cmd.Close(reason=CloseReason.MERGED), ALICE)

    assert found.fields[0].rule == "use_merge"
