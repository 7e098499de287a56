"""Individual deviation: more time, once more, one step more; with a reason, and counted."""

from datetime import timedelta

from domain import command as cmd
from domain.calendar import STOCKHOLM
from domain.clock import ClockKind
from domain.delay import Delay, DelayReason
from domain.journey import StepState
from domain.part import COORDINATION
from domain.value import Labels
from tests import samples
from tests.samples import ALICE, BOB, Case, working_days

AIDS = Delay(reason=DelayReason.AWAITS_AIDS)


def extend(case: Case, days: int) -> cmd.ExtendStep:
    """More time for the assessment."""
    until = case.now.date() + timedelta(days=days)
    return cmd.ExtendStep(step="assessment", until=until, reason="Väntar på stol.", delay=AIDS)


def add(part: str = "rehab", key: str = "swallowing") -> cmd.AddStep:
    """One assessment more."""
    return cmd.AddStep(
        key=key,
        kind="assessment",
        label=Labels(sv="Sväljbedömning", en="Swallowing assessment"),
        part=part,
        due=working_days(3),
        reason="Sväljsvårigheter.",
    )


def test_more_time_lasts_to_the_end_of_the_day_with_its_reason() -> None:
    case = Case()

    case.do(extend(case, 10), ALICE)

    due = case.clock(ClockKind.STEP, "1.assessment").due_at.astimezone(STOCKHOLM)
    assert due.date() == case.now.date() + timedelta(days=11)
    assert (due.hour, due.minute) == (0, 0)
    assert case.state.delays["1.assessment"] == AIDS
    assert case.state.deviations == 1


def test_rungs_that_lie_behind_are_not_told_again_after_more_time() -> None:
    case = Case()
    case.wait(timedelta(days=4))

    case.do(extend(case, 20), ALICE)

    clock = case.clock(ClockKind.STEP, "1.assessment")
    assert clock.next_at > case.now
    assert not clock.late(case.now)


def test_more_time_is_later_and_not_for_ever() -> None:
    case = Case()

    codes = [case.refusal(extend(case, days), ALICE).code for days in (1, 500)]

    assert codes == ["instant_in_past", "instant_too_far"]


def test_only_the_holder_gives_more_time() -> None:
    case = Case()

    assert case.refusal(extend(case, 10), BOB).code == "not_holder"


def test_a_step_that_was_done_opens_again_with_a_clock_from_now() -> None:
    case = Case()
    case.complete("assessment")
    case.wait(timedelta(days=2))

    case.do(cmd.ReopenStep(step="assessment", reason="Nytt besked."), ALICE)

    step = case.state.current("assessment")
    assert step is not None and step.state is StepState.OPEN and step.ended_at is None
    assert case.clock(ClockKind.STEP, "1.assessment").started_at == case.now


def test_neither_handovers_nor_follow_ups_nor_what_is_open_opens_again() -> None:
    case = Case()

    codes = [
        case.refusal(cmd.ReopenStep(step=key, reason="Nytt besked."), ALICE).code
        for key in ("follow_up", "handover_rehab", "referral", "assessment")
    ]

    assert codes == ["step_not_reopenable"] * 3 + ["step_not_ended"]


def test_an_added_step_opens_at_once_with_its_own_clock() -> None:
    case = Case()

    case.do(add(), ALICE)

    step = case.state.current("swallowing")
    assert step is not None and step.state is StepState.OPEN
    assert case.clock(ClockKind.STEP, "1.swallowing").owner == ALICE


def test_an_added_assessment_is_completed_like_any_other() -> None:
    case = Case()
    case.do(add(), ALICE)

    case.do(cmd.CompleteStep(step="swallowing", content=samples.assessment()), ALICE)

    assert case.state.need
    assert not case.clock(ClockKind.STEP, "1.swallowing").running


def test_a_step_is_added_once_and_by_the_holder_of_its_part() -> None:
    case = Case()
    case.do(add(), ALICE)

    codes = [
        case.refusal(add(), ALICE).code,
        case.refusal(add(key="plan"), ALICE).code,
        case.refusal(add(COORDINATION, "other"), BOB).code,
        case.refusal(add("no_such_part", "other"), ALICE).code,
    ]

    assert codes == ["step_exists", "step_exists", "not_holder", "not_holder"]


def test_an_added_step_falls_away_with_the_period() -> None:
    case = Case()
    case.do(add(), ALICE)

    case.do(cmd.StartPeriod(reason="Nytt behov."), ALICE)

    assert case.state.steps["1.swallowing"].state is StepState.NOT_NEEDED
    assert not case.clock(ClockKind.STEP, "1.swallowing").running
