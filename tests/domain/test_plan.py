"""The plan that travels: versions, whose each is, and what lets one hold."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain import command as cmd
from domain import event as ev
from domain.calendar import DAY, local_midnight
from domain.clock import ClockKind
from domain.handover import DeclineReason
from domain.plan import PlanState, PlanVersion
from domain.profession import Profession
from domain.refusal import FieldProblem, Refusal
from domain.rules.receiver import was_disclosed
from tests import samples
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, BOBS_TEAM, CHARLIE, HEALTH_CENTRE, Case


def drafted(case: Case, by: str = ALICE, follows: int | None = None, **content: Any) -> int:
    """The number of a version that was written just now."""
    command = cmd.DraftPlan(content=samples.plan(case.now, **content), follows=follows)
    (event,) = case.do(command, by)
    assert isinstance(event.what, ev.PlanDrafted)
    return event.what.version.number


def activate(case: Case, number: int, **content: Any) -> cmd.ActivatePlan:
    return cmd.ActivatePlan(number=number, content=samples.plan(case.now, **content))


def close(number: int = 1) -> cmd.ClosePlan:
    return cmd.ClosePlan(number=number, reason="Målen är nådda.")


def version(case: Case, number: int) -> PlanVersion:
    found = case.state.plan(number)
    assert found is not None
    return found


def follow_up_runs(case: Case, number: int) -> bool:
    clock = case.state.clock(ClockKind.PLAN_FOLLOW_UP, f"plan-{number}")
    return clock is not None and clock.stopped_at is None


def planned() -> Case:
    """Alice's first version holds: it came with the plan step."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    return case


def shared() -> Case:
    """Rehab is Bob's; the handover disclosed Alice's version that held."""
    case = planned()
    case.send()
    case.accept()
    return case


def undisclosed() -> Case:
    """Rehab is Bob's; Alice's version began to hold afterwards, so no handover brought it."""
    case = Case()
    case.send()
    case.accept()
    case.do(activate(case, drafted(case)), ALICE)
    return case


def helped() -> Case:
    """Bob's home help holds its part, and nothing else."""
    case = planned()
    case.send(BOBS_HOME_HELP, part="home_help")
    case.accept(by=BOBS_HOME_HELP)
    return case


def rules(refusal: Refusal) -> list[tuple[str, str]]:
    assert refusal.code == "content_invalid"
    return [(f.field, f.rule) for f in refusal.fields]


class TestDraft:
    def test_a_draft_holds_for_nobody_and_waits_for_no_follow_up(self) -> None:
        case = Case()

        number = drafted(case)

        assert version(case, number).state is PlanState.DRAFT
        assert case.state.active_plan("rvm") is None
        assert not follow_up_runs(case, number)

    def test_a_version_belongs_to_the_provider_whose_professional_made_it(self) -> None:
        case = shared()

        number = drafted(case, BOB, author_profession=Profession.FT)

        made = version(case, number)
        assert (made.organisation, made.unit) == (samples.unit(BOB).organisation, BOB)
        assert (made.profession, made.at, made.goals) == (Profession.FT, case.now, 2)

    def test_a_draft_may_have_goals_without_a_date(self) -> None:
        case = Case()
        goal = samples.plan(case.now).goals[0].model_copy(update={"target_date": None})

        number = drafted(case, goals=0)
        command = cmd.DraftPlan(
            content=samples.plan(case.now).model_copy(update={"goals": (goal,)})
        )
        case.do(command, ALICE)

        assert version(case, number + 1).goals == 1

    def test_it_follows_the_newest_version_that_its_author_knows_of(self) -> None:
        case = planned()

        number = drafted(case)

        assert version(case, number).follows == 1

    def test_it_follows_what_a_handover_has_disclosed(self) -> None:
        case = shared()

        number = drafted(case, BOB)

        assert version(case, number).follows == 1
        assert version(case, 1).state is PlanState.ACTIVE

    def test_a_version_that_nobody_disclosed_is_not_followed(self) -> None:
        case = undisclosed()

        number = drafted(case, BOB)

        assert version(case, number).follows is None

    def test_a_draft_is_followed_by_none_unless_it_is_named(self) -> None:
        case = Case()
        first = drafted(case)

        second, third = drafted(case), drafted(case, follows=first)

        assert version(case, second).follows is None
        assert version(case, third).follows == first

    @pytest.mark.parametrize("follows", [1, 9])
    def test_a_version_that_the_author_does_not_know_of_does_not_exist(self, follows: int) -> None:
        case = undisclosed()
        command = cmd.DraftPlan(content=samples.plan(case.now), follows=follows)

        refusal = case.refusal(command, BOB)

        assert refusal.code == "plan_unknown"
        assert refusal.fields == (FieldProblem(field="follows", rule="unknown"),)


class TestActivate:
    def test_a_draft_holds_with_its_last_words(self) -> None:
        case = Case()
        number = drafted(case, goals=1)

        case.do(activate(case, number, goals=3, author_profession=Profession.LOG), ALICE)

        active = case.state.active_plan("rvm")
        assert active is not None
        assert (active.number, active.goals, active.profession) == (number, 3, Profession.LOG)
        assert active.activated_at == case.now

    def test_the_follow_up_is_promised_for_the_end_of_its_day(self) -> None:
        case = Case()
        number = drafted(case)
        day = date(2026, 11, 20)

        case.do(activate(case, number, follow_up_on=day), ALICE)

        clock = case.clock(ClockKind.PLAN_FOLLOW_UP, f"plan-{number}")
        assert clock.due_at == local_midnight(day + DAY)
        assert (clock.owner, clock.counterpart) == (ALICE, ALICE)

    def test_a_follow_up_that_nobody_held_is_told(self) -> None:
        case = planned()
        due = case.clock(ClockKind.PLAN_FOLLOW_UP, "plan-1").due_at

        case.wait_until(due)

        told = [r for r in case.happened(ev.RungFired) if r.clock_id == "plan_follow_up:plan-1"]
        assert told[-1].due_at == due

    def test_the_own_providers_earlier_version_is_revised_and_its_follow_up_ends(self) -> None:
        case = planned()
        number = drafted(case)

        case.do(activate(case, number), ALICE)

        earlier = version(case, 1)
        assert (earlier.state, earlier.ended_at) == (PlanState.REVISED, case.now)
        assert not follow_up_runs(case, 1)
        assert follow_up_runs(case, number)

    def test_another_providers_version_holds_on(self) -> None:
        case = shared()
        number = drafted(case, BOB)

        case.do(activate(case, number), BOB)

        assert version(case, 1).state is PlanState.ACTIVE
        assert follow_up_runs(case, 1)
        assert follow_up_runs(case, number)

    def test_another_unit_of_the_same_provider_may_let_it_hold(self) -> None:
        case = shared()
        number = drafted(case, BOB)
        case.send(BOBS_TEAM, by=BOB, handover_id="h-2", legal_basis="same_provider")
        case.accept(by=BOBS_TEAM, handover_id="h-2")

        case.do(activate(case, number), BOBS_TEAM)

        assert version(case, number).unit == BOBS_TEAM

    def test_only_a_draft_can_begin_to_hold(self) -> None:
        case = planned()

        refusal = case.refusal(activate(case, 1), ALICE)

        assert refusal.code == "plan_not_draft"

    def test_a_goal_without_a_date_or_with_a_past_one_keeps_it_a_draft(self) -> None:
        case = Case()
        number = drafted(case)
        undated, passed = samples.plan(case.now).goals
        goals = (
            undated.model_copy(update={"target_date": None}),
            passed.model_copy(update={"target_date": case.now.date()}),
        )
        content = samples.plan(case.now).model_copy(update={"goals": goals})

        refusal = case.refusal(cmd.ActivatePlan(number=number, content=content), ALICE)

        assert rules(refusal) == [
            ("goals.0.target_date", "required_if_active"),
            ("goals.1.target_date", "not_in_future"),
        ]

    def test_the_pathway_says_how_many_goals_keep_it_a_draft(self) -> None:
        case = planned()
        number = drafted(case)

        refused = case.refusal(activate(case, number, goals=1), ALICE)

        assert rules(refused) == [("goals", "goals_between:2-5")]

    def test_a_version_that_came_with_a_declined_handover_is_not_known(self) -> None:
        case = planned()
        case.send()
        case.do(cmd.Decline(handover_id="h-1", reason=DeclineReason.WRONG_UNIT), BOB)

        assert not was_disclosed(case.state, 1, case.state.units[BOB])

    def test_a_follow_up_must_lie_ahead(self) -> None:
        case = Case()
        number = drafted(case)

        refusal = case.refusal(activate(case, number, follow_up_on=case.now.date()), ALICE)

        assert rules(refusal) == [("follow_up_on", "not_in_future")]


class TestClose:
    def test_a_version_that_holds_ends_and_stays_readable(self) -> None:
        case = planned()

        case.do(close(), ALICE)

        ended = version(case, 1)
        assert (ended.state, ended.ended_at) == (PlanState.CLOSED, case.now)
        assert not follow_up_runs(case, 1)

    def test_a_draft_that_will_never_hold_can_be_closed(self) -> None:
        case = Case()
        number = drafted(case)

        case.do(close(number), ALICE)

        assert version(case, number).state is PlanState.CLOSED

    def test_what_has_ended_does_not_end_again(self) -> None:
        case = planned()
        number = drafted(case)
        case.do(activate(case, number), ALICE)
        case.do(close(number), ALICE)

        refusals = [case.refusal(close(n), ALICE).code for n in (1, number)]

        assert refusals == ["plan_not_active"] * 2

    def test_a_follow_up_that_was_held_is_awaited_no_more(self) -> None:
        case = shared()
        case.wait(timedelta(days=1))
        case.complete("intervention", by=BOB)
        assert follow_up_runs(case, 1)

        case.complete("follow_up")

        assert not follow_up_runs(case, 1)


class TestWhose:
    def test_nobody_edits_another_providers_version(self) -> None:
        case = shared()

        refusals = [case.refusal(c, BOB).code for c in (activate(case, 1), close())]

        assert refusals == ["plan_not_yours"] * 2

    def test_a_version_that_was_not_disclosed_does_not_exist_for_others(self) -> None:
        case = undisclosed()

        refusals = [case.refusal(c, BOB).code for c in (activate(case, 1), close(), close(9))]

        assert refusals == ["plan_unknown"] * 3

    def test_a_holder_of_social_services_writes_no_plan(self) -> None:
        case = helped()
        commands = (
            cmd.DraftPlan(content=samples.plan(case.now)),
            activate(case, 1),
            close(),
        )

        refusals = [case.refusal(c, BOBS_HOME_HELP).code for c in commands]

        assert refusals == ["record_not_yours"] * 3

    @pytest.mark.parametrize("by", [CHARLIE, HEALTH_CENTRE])
    def test_only_holders_write(self, by: str) -> None:
        case = planned()
        commands = (
            cmd.DraftPlan(content=samples.plan(case.now)),
            activate(case, 1),
            close(),
        )

        refusals = [case.refusal(c, by).code for c in commands]

        assert refusals == ["not_holder"] * 3
