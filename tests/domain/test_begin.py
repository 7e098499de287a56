"""What the language says of when a step begins, and whether it comes again, on the pure core."""

from datetime import timedelta
from typing import Any

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.content import GoOn, Initiator, Referral, TeamMeeting
from domain.facts import Departure
from domain.journey import Journey, StepState
from domain.participation import Participation, Took
from domain.pathway import Definition
from domain.patient import identify
from domain.profession import Profession
from tests.samples import (
    ALICE,
    MONDAY,
    Case,
    assessment,
    follow_up,
    intervention,
    pathway,
    plan,
    start,
    visit,
)

DAYS = {"counting": "calendar_days"}
TEAM = {
    "key": "team",
    "kind": "meeting",
    "label": {"sv": "Teammöte", "en": "Team meeting"},
    "part": "rehab",
    "after": ["assessment"],
    "preparation": [
        {"key": "goals", "label": {"sv": "Mål uppdaterade", "en": "Goals brought up to date"}},
        {"key": "status", "label": {"sv": "Status bedömd", "en": "Status assessed"}},
    ],
}


def days(amount: int) -> dict[str, Any]:
    """So many calendar days, chosen."""
    return {"budget": {"amount": amount, **DAYS}, "source": "chosen"}


def defined(*more: dict[str, Any], **of_steps: dict[str, Any]) -> Definition:
    """The generic model with steps that are different, and more of them."""
    given = pathway("generic-rehab").model_dump(mode="json")
    kept = [s for s in given["steps"] if s["kind"] != "handover"]
    for step in kept:
        step |= of_steps.get(step["key"], {})
        step["after"] = [k for k in step["after"] if k != "handover"]
    given["steps"] = [*kept, *({"due": days(28), **step} for step in more)]
    return Definition.model_validate(given)


def case(definition: Definition, **change: Any) -> Case:
    return Case.of(start(ALICE, definition, **change), ALICE)


def done(case: Case, step: str, content: Any, **more: Any) -> tuple[Any, ...]:
    return case.do(cmd.CompleteStep(step=step, content=content, **more), ALICE)


def met(*prepared: str) -> TeamMeeting:
    took_part = Participation(patient=Took.TOOK_PART)
    return TeamMeeting(prepared=prepared, decisions="Fortsätt.", participation=took_part)


def state_of(state: Journey, key: str) -> StepState:
    found = state.current(key)
    assert found is not None
    return found.state


def test_a_step_whose_condition_does_not_hold_falls_away_and_what_follows_opens() -> None:
    old = case(defined(plan={"when": "age >= 18 && need"}))

    done(old, "assessment", assessment())

    assert state_of(old.state, "plan") is StepState.NOT_NEEDED, "no age is known"
    assert state_of(old.state, "intervention") is StepState.OPEN


def test_a_condition_on_a_score_that_nobody_took_opens_the_step() -> None:
    unknown = case(defined(plan={"when": "scores['tug'] > 12.0"}))

    done(unknown, "assessment", assessment())

    assert state_of(unknown.state, "plan") is StepState.OPEN


def test_a_condition_reads_the_newest_score() -> None:
    steady = case(defined(plan={"when": "scores['nihss'] > 6.0"}))

    done(steady, "assessment", assessment())

    assert steady.state.scores == {"nihss": 6, "katz": "C", "mrs": 3}
    assert state_of(steady.state, "plan") is StepState.NOT_NEEDED


def test_a_meeting_is_held_when_everything_is_prepared_and_comes_again() -> None:
    team = case(defined(TEAM | {"repeat": {"every": days(28), "until": "follow_up"}}))
    done(team, "assessment", assessment())

    refusal = team.refusal(cmd.CompleteStep(step="team", content=met("goals")), ALICE)
    done(team, "team", met("goals", "status"))

    assert [(f.field, f.rule) for f in refusal.fields] == [("prepared", "missing:status")]
    again = team.clock(ClockKind.STEP, "1.team")
    assert state_of(team.state, "team") is StepState.OPEN
    assert again.due_at - team.now == timedelta(days=28) or again.due_at.hour != team.now.hour
    assert team.state.deviations == 0


def test_a_repeated_step_ends_with_the_step_that_it_goes_on_until() -> None:
    team = case(defined(TEAM | {"repeat": {"every": days(28), "until": "intervention"}}))
    done(team, "assessment", assessment())
    done(team, "plan", plan(team.now))
    done(team, "team", met("goals", "status"))

    done(team, "intervention", intervention())

    assert state_of(team.state, "team") is StepState.DONE
    assert not team.clock(ClockKind.STEP, "1.team").running


def test_a_step_is_repeated_so_many_times() -> None:
    team = case(defined(TEAM | {"repeat": {"every": days(7), "times": 3}}))
    done(team, "assessment", assessment())

    for _ in range(3):
        done(team, "team", met("goals", "status"))

    assert state_of(team.state, "team") is StepState.DONE
    assert [r.round for r in team.happened(ev.StepRepeated)] == [2, 3]


def test_a_plan_waits_for_the_second_visit_and_is_made_earlier_with_a_reason() -> None:
    waits = {"until": "visits", "visits": 2, "at_most": days(14)}
    ways = defined(plan={"waits": waits}, intervention={"after": ["assessment"]})
    waiting, early = case(ways), case(ways)
    for journey in (waiting, early):
        done(journey, "assessment", assessment())
        assert state_of(journey.state, "plan") is StepState.WAITING
        assert journey.clock(ClockKind.STEP, "1.plan").running, "who waits is told in the end"

    refusal = early.refusal(cmd.CompleteStep(step="plan", content=plan(early.now)), ALICE)
    done(early, "plan", plan(early.now), early_reason="Patienten reser i morgon.")
    for _ in range(2):
        waiting.do(cmd.RecordVisit(step="intervention", visit=visit(waiting.now)), ALICE)

    assert refusal.code == "step_deferred"
    assert state_of(early.state, "plan") is StepState.DONE
    assert early.state.deviations == 1
    assert state_of(waiting.state, "plan") is StepState.OPEN
    assert waiting.state.deviations == 0


def test_a_step_waits_for_the_discharge() -> None:
    home = case(defined(intervention={"waits": {"until": "discharge", "at_most": days(30)}}))
    done(home, "assessment", assessment())
    done(home, "plan", plan(home.now))
    assert state_of(home.state, "intervention") is StepState.WAITING

    left = home.now
    home.do(cmd.RecordDeparture(at=left, to="home"), ALICE)

    assert isinstance(home.state.departure, Departure)
    assert state_of(home.state, "intervention") is StepState.OPEN


def test_a_step_opens_by_itself_when_its_time_has_come() -> None:
    later = case(defined(follow_up={"waits": {"until": "time", "at_least": days(60)}}))
    done(later, "assessment", assessment())
    done(later, "plan", plan(later.now))
    done(later, "intervention", intervention())
    assert state_of(later.state, "follow_up") is StepState.WAITING

    before = later.wait(timedelta(days=59))
    after = later.wait(timedelta(days=2))

    assert not [e for e in before if isinstance(e.what, ev.StepOpened)]
    (opened,) = [e for e in after if isinstance(e.what, ev.StepOpened)]
    assert opened.effective_at - (later.now - timedelta(days=61)) in (
        timedelta(days=60),
        timedelta(days=60, hours=1),
    )


def test_a_step_opens_before_a_birthday_and_only_such_a_pathway_knows_the_day() -> None:
    child = identify("200510162381", "Testpatient 07")
    half_a_year = {"until": "age", "age": 23, "before": days(365)}
    grown = case(defined(follow_up={"waits": half_a_year}), patient=child)
    other = case(defined(), patient=child)
    done(grown, "assessment", assessment())
    done(grown, "plan", plan(grown.now))
    done(grown, "intervention", intervention())

    grown.wait(timedelta(days=700))

    assert (str(grown.state.born), other.state.born) == ("2005-10-16", None)
    (opened,) = [
        e for e in grown.log if isinstance(e.what, ev.StepOpened) and "follow_up" in e.what.step
    ]
    assert opened.effective_at.isoformat() == "2027-10-16T22:00:00+00:00", "2028 has a day more"


def test_past_its_limit_no_visit_is_made_before_somebody_has_decided() -> None:
    limited = case(defined(intervention={"due": days(42), "limit": {"due": days(91)}}))
    done(limited, "assessment", assessment())
    done(limited, "plan", plan(limited.now))
    limited.wait(timedelta(days=92))
    late = cmd.RecordVisit(step="intervention", visit=visit(limited.now))

    refusal = limited.refusal(late, ALICE)
    until = (limited.now + timedelta(days=30)).date()
    limited.do(cmd.ExtendStep(step="intervention", until=until, reason="Nära målet."), ALICE)
    limited.do(late, ALICE)

    assert refusal.code == "limit_reached"
    assert limited.state.visits == 1
    told = [f for f in limited.happened(ev.RungFired) if f.clock_id == "limit:1.intervention"]
    assert told, "the decision was asked for"


def test_a_hard_limit_is_not_extended_past() -> None:
    hard = {"due": days(91), "hard": True}
    limited = case(defined(intervention={"due": days(42), "limit": hard}))
    done(limited, "assessment", assessment())
    done(limited, "plan", plan(limited.now))
    within, past = (MONDAY.date() + timedelta(days=n) for n in (60, 120))

    limited.do(cmd.ExtendStep(step="intervention", until=within, reason="Sjuk."), ALICE)
    refusal = limited.refusal(
        cmd.ExtendStep(step="intervention", until=past, reason="Nära målet."), ALICE
    )

    assert refusal.code == "limit_is_hard"


def test_an_optional_step_is_left_out_without_deviating_and_a_mandatory_one_never() -> None:
    free = case(defined(TEAM | {"obligation": "optional"}, plan={"obligation": "mandatory"}))
    done(free, "assessment", assessment())

    free.do(cmd.SkipStep(step="team", reason="Behövs inte."), ALICE)
    refusal = free.refusal(cmd.SkipStep(step="plan", reason="Behövs inte."), ALICE)

    assert free.state.deviations == 0
    assert refusal.code == "step_not_skippable"


def test_the_professions_that_a_step_asks_for_are_named() -> None:
    both = case(defined(assessment={"professions": ["FT", "AT"]}))
    given = cmd.CompleteStep(step="assessment", content=assessment(), professions=(Profession.FT,))

    refusal = both.refusal(given, ALICE)
    done(both, "assessment", assessment(), professions=(Profession.FT, Profession.AT))

    assert [(f.field, f.rule) for f in refusal.fields] == [("professions", "missing:AT")]


def test_a_follow_up_goes_on_while_there_is_more_to_come() -> None:
    yearly = defined(follow_up={"repeat": {"every": days(365), "times": 2}})
    lung = case(yearly, referral=Referral(reason="KOL.", initiator=Initiator.LICENSED_STAFF))
    done(lung, "assessment", assessment(need=False))

    done(lung, "follow_up", follow_up(GoOn()))
    refusal = lung.refusal(cmd.CompleteStep(step="follow_up", content=follow_up(GoOn())), ALICE)
    done(lung, "follow_up", follow_up())

    assert [(f.field, f.rule) for f in refusal.fields] == [("next", "nothing_left")]
    assert not lung.state.open
