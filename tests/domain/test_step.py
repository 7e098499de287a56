"""Steps: typed content of each kind, what the pathway asks on top, and what follows."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain import command as cmd
from domain import event as ev
from domain.calendar import DAY, local_midnight
from domain.clock import ClockKind
from domain.content import (
    CloseDecision,
    CloseReason,
    GoalAttainment,
    NeedLevel,
    NewPeriod,
    PatientAnswers,
    Place,
    RestUntil,
    StepContent,
)
from domain.instrument import INSTRUMENTS, Measurement
from domain.journey import StepState
from domain.participation import Participation, Took
from domain.pathway import Purpose
from domain.refusal import Refusal
from tests import samples
from tests.samples import (
    ALICE,
    BOB,
    BOBS_HOME_HELP,
    CHARLIE,
    MONDAY,
    SCORES,
    Case,
    assessment,
    day,
    follow_up,
    handover_content,
    intervention,
    plan,
    things,
    visit,
)


def state_of(case: Case, key: str) -> StepState:
    step = case.state.current(key)
    assert step is not None
    return step.state


def complete(step: str, content: StepContent) -> cmd.CompleteStep:
    return cmd.CompleteStep(step=step, content=content)


def problems(refusal: Refusal) -> dict[str, str]:
    assert refusal.code == "content_invalid"
    return {problem.field: problem.rule for problem in refusal.fields}


def scored(instrument: str, **result: Any) -> tuple[Measurement, ...]:
    """The required scores, one of them another."""
    others = [m for m in SCORES if m.instrument != instrument]
    return (*others, Measurement(instrument=instrument, **result))


def at_follow_up(key: str = "stroke-rehab") -> Case:
    """A journey whose intervention is done."""
    case = Case(key=key)
    case.complete("assessment")
    case.complete("plan")
    if key == "stroke-rehab":
        case.do(cmd.SkipStep(step="handover_rehab", reason="Stannar hos oss."), ALICE)
    case.complete("intervention")
    return case


class TestOpening:
    def test_the_referral_is_done_by_the_start_and_assessment_opens(self) -> None:
        case = Case()

        assert state_of(case, "referral") is StepState.DONE
        assert state_of(case, "assessment") is StepState.OPEN
        assert state_of(case, "plan") is StepState.WAITING

    def test_an_open_step_has_a_clock_on_the_holder_of_its_part(self) -> None:
        case = Case(now=MONDAY)

        clock = case.clock(ClockKind.STEP, "1.assessment")

        assert (clock.owner, clock.counterpart, clock.running) == (ALICE, ALICE, True)
        assert clock.due_at == MONDAY + timedelta(days=3)

    def test_two_steps_after_the_same_one_open_together(self) -> None:
        case = Case()
        case.complete("assessment")

        opened = [s.step for s in things(case.complete("plan"), ev.StepOpened)]

        assert opened == ["1.handover_rehab", "1.handover_coordination"]

    def test_an_ended_step_has_no_running_clock(self) -> None:
        case = Case()
        case.complete("assessment")

        assert case.clock(ClockKind.STEP, "1.assessment").stopped_at == case.now


class TestStart:
    def test_a_unit_starts_at_itself_only(self) -> None:
        case = Case()

        assert case.refusal(samples.start(), ALICE).code == "journey_exists"

    def test_who_only_cares_does_not_start(self) -> None:
        with pytest.raises(AssertionError, match="receiver_kind_mismatch"):
            Case(by=BOBS_HOME_HELP)


class TestWho:
    @pytest.mark.parametrize("stranger", [BOB, CHARLIE])
    def test_only_the_holder_completes(self, stranger: str) -> None:
        case = Case()

        assert case.refusal(complete("assessment", assessment()), stranger).code == "not_holder"

    def test_the_new_holder_completes_and_the_former_may_not(self) -> None:
        case = Case()
        case.complete("assessment")
        case.complete("plan")
        case.send(step="handover_rehab")
        case.accept()

        command = complete("intervention", intervention())

        assert case.refusal(command, ALICE).code == "not_holder"
        case.do(command, BOB)
        assert state_of(case, "intervention") is StepState.DONE

    def test_an_unknown_step_is_refused(self) -> None:
        case = Case()

        assert case.refusal(complete("nothing", plan(case.now)), ALICE).code == "step_unknown"

    def test_a_waiting_step_is_not_open(self) -> None:
        case = Case()

        assert case.refusal(complete("plan", plan(case.now)), ALICE).code == "step_not_open"

    def test_a_done_step_is_not_open(self) -> None:
        case = Case()
        case.complete("assessment")

        refusal = case.refusal(complete("assessment", assessment()), ALICE)

        assert refusal.code == "step_not_open"

    def test_content_of_another_kind_is_refused(self) -> None:
        case = Case()

        refusal = case.refusal(complete("assessment", plan(case.now)), ALICE)

        assert refusal.code == "step_kind_mismatch"

    def test_a_handover_step_is_done_by_a_handover_only(self) -> None:
        case = Case()
        case.complete("assessment")
        case.complete("plan")

        refusal = case.refusal(complete("handover_rehab", intervention()), ALICE)

        assert refusal.code == "step_needs_handover"


class TestAssessment:
    def test_every_field_that_the_pathway_asks_for_is_named_at_once(self) -> None:
        case = Case()
        empty = assessment(
            psychosocial_support=None, comorbidity=None, motivation=None, summary=None
        )

        found = problems(case.refusal(complete("assessment", empty), ALICE))

        assert found == dict.fromkeys(
            ["psychosocial_support", "comorbidity", "motivation", "summary"], "required_by_pathway"
        )

    def test_a_pathway_that_asks_for_less_takes_less(self) -> None:
        case = Case(key="generic-rehab")
        given = assessment(
            psychosocial_support=None, comorbidity=None, motivation=None, measurements=()
        )

        case.do(complete("assessment", given), ALICE)

        assert state_of(case, "assessment") is StepState.DONE

    def test_a_required_instrument_that_is_missing_is_named(self) -> None:
        case = Case()

        refusal = case.refusal(complete("assessment", assessment(measurements=SCORES[1:])), ALICE)

        assert problems(refusal) == {"measurements": "instrument_missing:nihss"}

    @pytest.mark.parametrize(
        ("instrument", "score", "possible"),
        [
            ("katz", "A", True),
            ("katz", "G", True),
            ("katz", "H", False),
            ("katz", "AB", False),
            ("katz", "a", False),
            ("katz", 3, False),
            ("berg", 0, True),
            ("berg", 56, True),
            ("berg", 57, False),
            ("berg", -1, False),
            ("berg", 40.5, False),
            ("berg", "40", False),
            ("barthel", 95, True),
            ("barthel", 96, False),
            ("fim", 17, False),
            ("fim", 18, True),
            ("tug", 12.3, True),
            ("tug", 12.34, False),
            ("tug", 0, False),
            ("10mwt", 1.25, True),
            ("copm_p", 0.9, False),
            ("copm_p", 10, True),
            ("mrs", 6, True),
            ("mrs", 7, False),
            ("nihss", 42, True),
            ("nihss", 43, False),
        ],
    )
    def test_a_score_lies_in_the_range_of_its_instrument(
        self, instrument: str, score: float | str, possible: bool
    ) -> None:
        case = Case()
        given = assessment(measurements=scored(instrument, score=score))

        if possible:
            case.do(complete("assessment", given), ALICE)
            return

        refusal = case.refusal(complete("assessment", given), ALICE)
        assert list(problems(refusal).values()) == ["score_out_of_range"]

    @pytest.mark.parametrize("instrument", sorted(INSTRUMENTS))
    def test_could_not_be_done_is_a_value_for_every_instrument(self, instrument: str) -> None:
        case = Case()
        given = assessment(measurements=scored(instrument, not_possible="Orkar inte."))

        case.do(complete("assessment", given), ALICE)

        assert state_of(case, "assessment") is StepState.DONE

    @pytest.mark.parametrize("result", [{}, {"score": 40, "not_possible": "Orkar inte."}])
    def test_a_score_or_a_reason_and_not_both(self, result: dict[str, Any]) -> None:
        case = Case()
        given = assessment(measurements=scored("berg", **result))

        refusal = case.refusal(complete("assessment", given), ALICE)

        assert problems(refusal) == {"measurements.3": "score_or_reason"}

    def test_an_unknown_instrument_is_refused(self) -> None:
        case = Case()
        given = assessment(measurements=scored("vibes", score=5))

        refusal = case.refusal(complete("assessment", given), ALICE)

        assert problems(refusal) == {"measurements.4": "instrument_unknown"}

    @pytest.mark.parametrize("score", [True, float("nan"), float("inf")])
    def test_what_is_no_score_is_not_taken(self, score: float) -> None:
        with pytest.raises(ValidationError):
            Measurement(instrument="berg", score=score)

    @pytest.mark.parametrize(("need", "level"), [(True, NeedLevel.NONE), (False, NeedLevel.LOW)])
    def test_the_level_must_fit_the_need(self, need: bool, level: NeedLevel) -> None:
        with pytest.raises(ValidationError, match="need_level_contradicts_need"):
            assessment(need=need, need_level=level)

    def test_the_level_of_need_is_never_left_out(self) -> None:
        with pytest.raises(ValidationError):
            assessment(need_level=None)

    def test_participation_that_was_not_possible_needs_a_reason(self) -> None:
        with pytest.raises(ValidationError, match="reason_missing"):
            Participation(patient=Took.TOOK_PART, close_person=Took.NOT_POSSIBLE)

    def test_no_need_leads_straight_to_follow_up(self) -> None:
        case = Case()

        case.do(complete("assessment", assessment(need=False)), ALICE)

        skipped = ["plan", "handover_rehab", "intervention", "handover_home_help"]
        assert {state_of(case, key) for key in skipped} == {StepState.NOT_NEEDED}
        assert state_of(case, "follow_up") is StepState.OPEN
        assert [c.subject for c in case.state.running()] == ["1.follow_up"]

    def test_without_need_follow_up_asks_for_no_instrument(self) -> None:
        case = Case()
        case.do(complete("assessment", assessment(need=False)), ALICE)

        case.do(complete("follow_up", follow_up(measurements=())), ALICE)

        assert not case.state.open


class TestPlan:
    @pytest.mark.parametrize(
        ("key", "goals", "taken"),
        [
            ("stroke-rehab", 1, False),
            ("stroke-rehab", 2, True),
            ("stroke-rehab", 5, True),
            ("stroke-rehab", 6, False),
            ("generic-rehab", 0, False),
            ("generic-rehab", 1, True),
            ("generic-rehab", 10, True),
            ("generic-rehab", 11, False),
        ],
    )
    def test_the_pathway_says_how_many_goals(self, key: str, goals: int, taken: bool) -> None:
        case = Case(key=key)
        case.complete("assessment")
        command = complete("plan", plan(case.now, goals=goals))

        if taken:
            case.do(command, ALICE)
            assert case.state.goals == goals
        else:
            bounds = "2-5" if key == "stroke-rehab" else "1-10"
            refusal = case.refusal(command, ALICE)
            assert problems(refusal) == {"goals": f"goals_between:{bounds}"}

    def test_a_goal_without_a_target_date_cannot_hold(self) -> None:
        case = Case()
        case.complete("assessment")
        first, second = plan(case.now).goals
        undated = first.model_copy(update={"target_date": None})
        given = plan(case.now).model_copy(update={"goals": (undated, second)})

        refusal = case.refusal(complete("plan", given), ALICE)

        assert problems(refusal) == {"goals.0.target_date": "required_if_active"}

    def test_a_completed_plan_holds_with_a_clock_to_its_follow_up(self) -> None:
        case = Case()
        case.complete("assessment")

        events = case.complete("plan")

        (activated,) = things(events, ev.PlanActivated)
        owed = case.clock(ClockKind.PLAN_FOLLOW_UP, "plan-1")
        assert (activated.version.number, activated.version.unit) == (1, ALICE)
        assert owed.due_at == local_midnight(plan(case.now).follow_up_on + DAY)
        assert (owed.owner, owed.running) == (ALICE, True)

    def test_dates_lie_ahead(self) -> None:
        case = Case()
        case.complete("assessment")
        today = case.now.date()
        goals = tuple(
            goal.model_copy(update={"target_date": date})
            for goal, date in zip(
                plan(case.now).goals, (today, today + timedelta(days=1)), strict=True
            )
        )
        given = plan(case.now, follow_up_on=today).model_copy(update={"goals": goals})

        refusal = case.refusal(complete("plan", given), ALICE)

        assert problems(refusal) == {
            "follow_up_on": "not_in_future",
            "goals.0.target_date": "not_in_future",
        }

    def test_a_plan_has_measures(self) -> None:
        with pytest.raises(ValidationError):
            plan(MONDAY, measures=())


class TestIntervention:
    def test_scores_are_checked_here_too(self) -> None:
        case = at_follow_up()
        case.do(complete("follow_up", follow_up(NewPeriod())), ALICE)
        case.complete("assessment")
        case.complete("plan")
        case.do(cmd.SkipStep(step="handover_rehab", reason="Stannar hos oss."), ALICE)
        given = intervention(measurements=(Measurement(instrument="katz", score="H"),))

        refusal = case.refusal(complete("intervention", given), ALICE)

        assert problems(refusal) == {"measurements.0": "score_out_of_range"}

    def test_visits_are_counted_and_true_from_when_they_were_made(self) -> None:
        case = Case(key="generic-rehab")
        case.complete("assessment")
        case.complete("plan")
        yesterday = case.now - timedelta(days=1)

        for _ in range(2):
            (event,) = case.do(cmd.RecordVisit(step="intervention", visit=visit(yesterday)), ALICE)

        assert case.state.visits == 2
        assert (event.effective_at, event.decided_at) == (yesterday, case.now)

    @pytest.mark.parametrize(
        ("step", "ahead", "by", "code"),
        [
            ("intervention", 1, ALICE, "instant_in_future"),
            ("intervention", 0, BOB, "not_holder"),
            ("plan", 0, ALICE, "step_not_open"),
            ("follow_up", 0, ALICE, "step_not_open"),
        ],
    )
    def test_a_visit_that_cannot_be_is_refused(
        self, step: str, ahead: int, by: str, code: str
    ) -> None:
        case = Case(key="generic-rehab")
        case.complete("assessment")
        case.complete("plan")
        given = visit(case.now + timedelta(seconds=ahead))

        assert case.refusal(cmd.RecordVisit(step=step, visit=given), by).code == code

    def test_visits_belong_to_interventions(self) -> None:
        case = Case()
        command = cmd.RecordVisit(step="assessment", visit=visit(case.now))

        assert case.refusal(command, ALICE).code == "step_kind_mismatch"

    @pytest.mark.parametrize(
        "change", [{"minutes": 0}, {"minutes": 601}, {"professions": ()}, {"place": "moon"}]
    )
    def test_a_visit_says_how_long_where_and_by_whom(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            visit(MONDAY, **change)

    def test_a_visit_may_be_digital(self) -> None:
        assert visit(MONDAY, place=Place.DIGITAL, mode="video").mode == "video"


class TestFollowUp:
    def test_closing_ends_the_journey_and_every_clock(self) -> None:
        case = at_follow_up()

        case.do(complete("follow_up", follow_up()), ALICE)

        assert case.state.close_reason is CloseReason.GOALS_MET
        assert not list(case.state.running())

    def test_a_new_period_opens_the_steps_again_with_clocks_of_their_own(self) -> None:
        case = at_follow_up()
        case.wait(timedelta(days=30))

        case.do(complete("follow_up", follow_up(NewPeriod())), ALICE)

        assert case.state.period == 2
        assert state_of(case, "referral") is StepState.NOT_NEEDED
        assert state_of(case, "assessment") is StepState.OPEN
        assert case.clock(ClockKind.STEP, "2.assessment").started_at == case.now
        assert (case.state.need, case.state.goals) == (None, 0)

    def test_a_new_period_leaves_no_step_behind_that_nobody_can_act_on(self) -> None:
        case = at_follow_up()
        assert state_of(case, "handover_coordination") is StepState.OPEN

        case.do(complete("follow_up", follow_up(NewPeriod())), ALICE)

        left = [s.id for s in case.state.steps.values() if s.state is StepState.OPEN]
        assert left == ["2.assessment"]
        assert [c.subject for c in case.state.running()] == left

    def test_rest_opens_follow_up_again_on_the_date(self) -> None:
        case = at_follow_up()
        until = case.now.date() + timedelta(days=180)

        case.do(complete("follow_up", follow_up(RestUntil(until=until))), ALICE)

        clock = case.clock(ClockKind.STEP, "1.follow_up")
        assert state_of(case, "follow_up") is StepState.OPEN
        assert clock.running and clock.due_at.date() == until

    @pytest.mark.parametrize("days", [-1, 0, 3651])
    def test_rest_ends_on_a_date_ahead_and_in_sight(self, days: int) -> None:
        case = at_follow_up()
        until = case.now.date() + timedelta(days=days)

        refusal = case.refusal(complete("follow_up", follow_up(RestUntil(until=until))), ALICE)

        assert problems(refusal) == {"next.until": "not_in_future"}

    def test_attainment_is_of_goals_that_the_plan_has(self) -> None:
        case = at_follow_up()
        given = follow_up(
            attainment=(GoalAttainment(goal=2, attained=1), GoalAttainment(goal=3, attained=0))
        )

        refusal = case.refusal(complete("follow_up", given), ALICE)

        assert problems(refusal) == {"attainment.1.goal": "goal_unknown"}

    @pytest.mark.parametrize("attained", [-3, 3])
    def test_attainment_lies_on_the_scale(self, attained: int) -> None:
        with pytest.raises(ValidationError):
            GoalAttainment(goal=1, attained=attained)

    @pytest.mark.parametrize("answer", [0, 6])
    def test_the_patients_answers_lie_on_the_scale(self, answer: int) -> None:
        with pytest.raises(ValidationError):
            PatientAnswers(participation=answer)

    def test_the_instruments_of_the_pathway_are_asked_for(self) -> None:
        case = at_follow_up()

        refusal = case.refusal(complete("follow_up", follow_up(measurements=())), ALICE)

        assert [p.rule for p in refusal.fields] == [
            f"instrument_missing:{key}" for key in ("katz", "berg", "mrs")
        ]

    def test_a_journey_is_not_closed_while_an_answer_is_owed(self) -> None:
        case = at_follow_up()
        case.send(part="rehab")
        decision = CloseDecision(reason=CloseReason.NEED_CEASED)

        assert case.refusal(complete("follow_up", follow_up(decision)), ALICE).code == (
            "handovers_open"
        )
        assert case.refusal(cmd.Close(reason=CloseReason.MOVED), ALICE).code == "handovers_open"

    def test_only_who_holds_coordination_closes(self) -> None:
        case = Case()
        close = cmd.Close(reason=CloseReason.MOVED)

        assert case.refusal(close, BOB).code == "not_holder"
        case.do(close, ALICE)
        assert case.refusal(close, ALICE).code == "journey_closed"


class TestSkip:
    def test_a_skipped_step_lets_the_next_one_open(self) -> None:
        case = Case(key="generic-rehab")
        case.complete("assessment")

        case.do(cmd.SkipStep(step="plan", reason="Plan finns redan."), ALICE)

        assert state_of(case, "plan") is StepState.SKIPPED
        assert state_of(case, "intervention") is StepState.OPEN

    @pytest.mark.parametrize("step", ["assessment", "follow_up"])
    def test_assessment_and_follow_up_are_never_skipped(self, step: str) -> None:
        case = Case() if step == "assessment" else at_follow_up()

        refusal = case.refusal(cmd.SkipStep(step=step, reason="Hinner inte."), ALICE)

        assert refusal.code == "step_not_skippable"

    @pytest.mark.parametrize(
        ("step", "by", "code"),
        [("plan", ALICE, "step_not_open"), ("none", ALICE, "step_unknown")]
        + [("assessment", unit, "not_holder") for unit in (BOB, CHARLIE)],
    )
    def test_what_may_not_be_completed_may_not_be_skipped(
        self, step: str, by: str, code: str
    ) -> None:
        assert Case().refusal(cmd.SkipStep(step=step, reason="Nej."), by).code == code

    def test_a_step_is_not_skipped_while_its_handover_is_open(self) -> None:
        case = Case()
        case.complete("assessment")
        case.complete("plan")
        case.send(step="handover_rehab")

        refusal = case.refusal(cmd.SkipStep(step="handover_rehab", reason="Nej."), ALICE)

        assert refusal.code == "handovers_open"

    def test_a_skip_needs_a_reason(self) -> None:
        with pytest.raises(ValidationError):
            cmd.SkipStep(step="plan", reason="  ")


class TestHandoverContent:
    @pytest.mark.parametrize("missing", ["what_matters", "patient_goals"])
    def test_the_patients_own_words_or_why_not(self, missing: str) -> None:
        with pytest.raises(ValidationError, match="own_words_or_reason"):
            handover_content(**{missing: None})

        given = handover_content(**{missing: None}, no_own_words_reason="Svår afasi.")
        assert given.no_own_words_reason

    def test_consent_has_a_reference(self) -> None:
        with pytest.raises(ValidationError, match="consent_ref_missing"):
            handover_content(consent_ref=None)

    @pytest.mark.parametrize(
        "field", ["reason", "summary_evaluation", "current_function", "risks", "requested"]
    )
    def test_what_the_template_demands_is_not_blank(self, field: str) -> None:
        with pytest.raises(ValidationError):
            handover_content(**{field: "  "})

    def test_the_instruments_of_the_step_are_there_or_explained(self) -> None:
        case = Case()
        case.complete("assessment")
        case.complete("plan")
        command = samples.send(step="handover_rehab", measurements=SCORES[:2])

        refusal = case.refusal(command, ALICE)

        assert [p.rule for p in refusal.fields] == [
            "instrument_missing:berg",
            "instrument_missing:mrs",
        ]

    def test_scores_of_a_handover_are_checked_without_a_step_too(self) -> None:
        case = Case()
        command = samples.send(
            purpose=Purpose.INFORM, measurements=(Measurement(instrument="katz", score="H"),)
        )

        refusal = case.refusal(command, ALICE)

        assert problems(refusal) == {"content.measurements.0": "score_out_of_range"}


def test_dates_of_samples_lie_in_the_calendar_of_the_tests() -> None:
    assert day("2026-12-24") in samples.calendar().days_off
