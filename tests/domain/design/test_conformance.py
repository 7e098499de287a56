"""How far journeys went as their pathway says, from an exported log."""

import json
from datetime import timedelta
from typing import cast

import pytest

from domain import command as cmd
from domain.calendar import DAY
from domain.content import NewPeriod, RestUntil
from domain.design.conformance import Conformance, Deviation, conformance, versions
from domain.design.ocel import export
from domain.design.ocel_format import Ocel, OcelEvent
from domain.event import RepetitionEnded, StepRepeated
from domain.journey import Actor, Role
from domain.pathway import AssessmentStep, Deadline, Definition, Obligation, Repeat, Source
from domain.value import Labels
from tests import samples
from tests.samples import ALICE, BOB, Case, pathway

WHY = "För den här patienten."


def log_of(*cases: Case) -> Ocel:
    """An export, as it is read back from a file."""
    log = export((f"f-{n}", case.log) for n, case in enumerate(cases, start=1))
    return cast(Ocel, json.loads(json.dumps(log)))


def figure(*cases: Case) -> Conformance:
    """What a log of these journeys says of the pathway of the first."""
    return conformance(cases[0].state.definition, log_of(*cases))


def kinds(found: Conformance) -> dict[str, int]:
    """The deviations that there were."""
    return {str(kind): count for kind, count in found.deviations.items() if count}


def step_of(found: Conformance, key: str) -> dict[str, int]:
    """The figures of one step that are not zero, how often it was seen left aside."""
    step = next(s for s in found.steps if s.step == key)
    return {k: v for k, v in step.model_dump(exclude={"step", "seen"}).items() if v}


def changed(**change: object) -> Definition:
    """The pathway with another plan step."""
    definition = pathway()
    steps = tuple(s.model_copy(update=change) if s.key == "plan" else s for s in definition.steps)
    return definition.model_copy(update={"steps": steps})


def repeating() -> Definition:
    """The pathway with an assessment that comes again until rehabilitation is handed over."""
    definition = pathway()
    budget = Deadline(budget=samples.calendar_days(30), source=Source.CHOSEN)
    again = AssessmentStep(
        kind="assessment",
        key="assessment_again",
        label=Labels(sv="Bedömning igen", en="Assessment again"),
        part="rehab",
        after=("plan",),
        due=budget,
        repeat=Repeat(every=budget, until="handover_rehab"),
    )
    return definition.model_copy(update={"steps": (*definition.steps, again)})


def planned(definition: Definition | None = None) -> Case:
    """A journey whose plan is made, all as the pathway says."""
    case = Case.of(samples.start(definition=definition), ALICE)
    case.complete("assessment")
    case.complete("plan")
    return case


def rehabilitated() -> Case:
    """A journey whose intervention has ended, all as the pathway says."""
    case = planned()
    case.send(step="handover_rehab")
    case.accept()
    case.do(cmd.ReportFirstContact(handover_id="h-1", at=case.now), BOB)
    case.complete("intervention", BOB)
    return case


def events_of(log: Ocel, kind: str, step: str) -> list[OcelEvent]:
    """Events of a type about a step."""
    return [
        e
        for e in log["events"]
        if e["type"] == kind and {"name": "step", "value": step} in e["attributes"]
    ]


def test_a_journey_as_the_pathway_says_is_whole() -> None:
    found = figure(rehabilitated())

    assert (found.journeys, found.followed, found.share, found.fitness) == (1, 1, 1.0, 1.0)
    assert kinds(found) == {}
    assert set(found.deviations) == set(Deviation), "also those that there were none of"


def test_no_need_is_no_deviation() -> None:
    case = Case()
    case.do(cmd.CompleteStep(step="assessment", content=samples.assessment(need=False)), ALICE)

    found = figure(case)

    assert found.share == 1.0
    assert step_of(found, "intervention") == {"not_needed": 1}


def test_what_falls_away_and_is_needed_after_all_is_no_deviation_of_its_own() -> None:
    case = Case()
    no_need = samples.assessment(need=False)
    case.do(cmd.CompleteStep(step="assessment", content=no_need), ALICE)
    case.do(cmd.ReopenStep(step="assessment", reason=WHY), ALICE)
    case.complete("assessment")
    case.complete("plan")

    found = figure(case)

    assert kinds(found) == {"reopened": 1}
    assert step_of(found, "plan") == {"reached": 1, "done": 1, "not_needed": 1}


def test_each_kind_of_deviation_is_counted_by_its_name() -> None:
    case = planned()
    case.do(cmd.ReopenStep(step="plan", reason=WHY), ALICE)
    case.do(cmd.ExtendStep(step="plan", until=(case.now + 20 * DAY).date(), reason=WHY), ALICE)
    case.complete("plan")
    case.do(cmd.SkipStep(step="handover_coordination", reason=WHY), ALICE)
    case.do(
        cmd.AddStep(
            key="extra",
            kind="intervention",
            label=Labels(sv="Extra", en="Extra"),
            part="rehab",
            due=samples.calendar_days(5),
            reason=WHY,
        ),
        ALICE,
    )
    case.do(cmd.CompleteStep(step="extra", content=samples.intervention()), ALICE)

    found = figure(case)

    assert kinds(found) == {"reopened": 1, "extended": 1, "skipped": 1, "added": 1}
    assert sum(found.deviations.values()) == case.state.deviations
    assert (found.followed, found.share) == (0, 0.0)
    each = found.each[0]
    assert each.fitness == pytest.approx(1 - 4 / each.events)


def test_the_fitness_is_the_share_of_step_events_that_fit() -> None:
    case = planned()
    case.do(cmd.SkipStep(step="handover_coordination", reason=WHY), ALICE)

    found = figure(case)

    # Opened and done three times; two handovers opened, one of them skipped.
    assert [(j.journey, j.events, j.deviations) for j in found.each] == [("f-1", 9, 1)]
    assert found.fitness == pytest.approx(8 / 9)


def test_the_mean_weighs_each_journey_the_same() -> None:
    short, long = Case(), rehabilitated()
    short.complete("assessment")
    short.do(cmd.SkipStep(step="plan", reason=WHY), ALICE)

    found = figure(short, long)

    assert found.fitness == pytest.approx((found.each[0].fitness + 1.0) / 2)
    assert found.share == 0.5


def test_an_optional_step_is_skipped_without_deviation() -> None:
    begin = samples.start(definition=changed(obligation=Obligation.OPTIONAL))
    case = Case.of(begin, ALICE)
    case.complete("assessment")
    case.do(cmd.SkipStep(step="plan", reason=WHY), ALICE)

    found = figure(case)

    assert kinds(found) == {} and step_of(found, "plan") == {"reached": 1, "skipped": 1}


def test_a_step_done_while_its_forerunner_is_open_again_is_out_of_order() -> None:
    case = Case()
    case.complete("assessment")
    case.do(cmd.ReopenStep(step="assessment", reason=WHY), ALICE)
    case.complete("plan")

    found = figure(case)

    assert kinds(found) == {"reopened": 1, "out_of_order": 1}


def test_a_step_that_opens_again_is_not_out_of_order_as_well() -> None:
    case = planned()
    case.do(cmd.ReopenStep(step="assessment", reason=WHY), ALICE)
    case.do(cmd.ReopenStep(step="plan", reason=WHY), ALICE)

    assert kinds(figure(case)) == {"reopened": 2}


def test_a_repeated_step_that_comes_again_is_not_out_of_order_as_well() -> None:
    case = planned(repeating())
    case.do(cmd.ReopenStep(step="plan", reason=WHY), ALICE)
    case.complete("assessment_again")

    found = figure(case)

    assert case.happened(StepRepeated)
    assert kinds(found) == {"reopened": 1, "out_of_order": 1}, "done too early, and come again"


@pytest.mark.parametrize(("rounds", "end"), [(0, "not_needed"), (1, "done")])
def test_a_repetition_that_ends_is_done_if_it_ever_was(rounds: int, end: str) -> None:
    case = planned(repeating())
    for _ in range(rounds):
        case.complete("assessment_again")
    case.do(cmd.SkipStep(step="handover_rehab", reason=WHY), ALICE)

    found = figure(case)

    assert case.happened(RepetitionEnded)
    assert step_of(found, "assessment_again") == {"reached": 1, end: 1}


def test_a_step_that_is_needed_after_all_has_yet_to_open() -> None:
    case = Case()
    no_need = samples.assessment(need=False)
    case.do(cmd.CompleteStep(step="assessment", content=no_need), ALICE)
    case.do(cmd.ReopenStep(step="assessment", reason=WHY), ALICE)
    case.complete("assessment")
    case.complete("plan")
    log = log_of(case)
    [opened] = events_of(log, "step_opened", "plan")
    log["events"].remove(opened)

    assert kinds(conformance(pathway(), log)) == {"reopened": 1, "not_open": 1}


def test_a_log_in_another_order_than_the_pathways_is_out_of_order() -> None:
    case = Case()
    case.complete("assessment")
    stricter = changed(after=("follow_up",))

    found = conformance(stricter, log_of(case))

    assert kinds(found) == {"out_of_order": 1}, "the plan was opened before the follow-up"


def test_a_step_that_the_pathway_does_not_have_is_unknown() -> None:
    definition = pathway()
    fewer = definition.model_copy(update={"steps": definition.steps[:2]})

    found = conformance(fewer, log_of(planned()))

    assert kinds(found) == {"unknown_step": 4}, "the plan opened and done, two handovers opened"
    assert [s.step for s in found.steps] == ["referral", "assessment"]


def test_a_step_that_ends_without_being_open_is_found() -> None:
    log = log_of(planned())
    [opened] = events_of(log, "step_opened", "plan")
    log["events"].remove(opened)

    found = conformance(pathway(), log)

    assert kinds(found) == {"not_open": 1}


def test_a_step_done_early_is_a_deviation_of_its_own_kind() -> None:
    log = log_of(planned())
    [done] = events_of(log, "step_completed", "plan")
    next(a for a in done["attributes"] if a["name"] == "early")["value"] = True

    assert kinds(conformance(pathway(), log)) == {"early": 1}


def test_the_order_is_the_logs_own_and_not_that_of_the_file() -> None:
    log = log_of(rehabilitated())
    log["events"].reverse()

    assert conformance(pathway(), log) == figure(rehabilitated())


def test_a_new_period_and_a_rest_are_no_deviations() -> None:
    case = rehabilitated()
    rest = RestUntil(until=(case.now + 30 * DAY).date())
    case.do(cmd.SkipStep(step="handover_home_help", reason=WHY), BOB)
    for then in (rest, NewPeriod()):
        content = samples.follow_up(then)
        case.do(cmd.CompleteStep(step="follow_up", content=content), ALICE)

    found = figure(case)

    assert case.state.period == 2
    assert kinds(found) == {"skipped": 1}
    assessment = next(s for s in found.steps if s.step == "assessment")
    assert (assessment.seen, assessment.reached, assessment.done) == (2, 2, 1)


def test_what_was_done_before_fits_and_opens_what_follows() -> None:
    prior = cmd.Prior(step="assessment", ended_on=samples.MONDAY.date(), by=WHY)
    case = Case.of(samples.start(prior=(prior,)), ALICE)
    case.complete("plan")

    found = figure(case)

    assert found.share == 1.0 and step_of(found, "assessment") == {"done": 1}


def test_a_step_that_ended_late_is_late() -> None:
    late, in_time = Case(), planned()
    late.complete("assessment")
    late.wait(timedelta(days=8))
    late.complete("plan")

    found = figure(late, in_time)

    assert step_of(found, "plan") == {"reached": 2, "done": 2, "late": 1}


def test_a_step_that_rings_because_it_is_late_is_late_before_it_has_ended() -> None:
    case = Case()
    case.wait(timedelta(days=4))

    assert step_of(figure(case), "assessment") == {"reached": 1, "late": 1}


def test_another_promise_about_a_step_does_not_make_it_late() -> None:
    case = Case()
    case.wait(timedelta(days=4))
    log = log_of(case)
    for event in events_of(log, "rung_fired", "assessment"):
        next(a for a in event["attributes"] if a["name"] == "clock")["value"] = "limit"

    assert step_of(conformance(pathway(), log), "assessment") == {"reached": 1}


def test_a_step_that_is_reminded_of_before_it_is_due_is_not_late() -> None:
    case = Case()
    case.wait(timedelta(days=2, hours=20))

    assert "late" not in step_of(figure(case), "assessment")


def test_closed_journeys_are_counted() -> None:
    case = rehabilitated()
    case.do(cmd.SkipStep(step="handover_home_help", reason=WHY), BOB)
    case.complete("follow_up", ALICE)

    found = figure(case, Case())

    assert (found.journeys, found.closed) == (2, 1)


def test_each_version_has_its_own_figure() -> None:
    log = log_of(Case(), Case(key="generic-rehab"), Case())

    assert versions(log) == ("generic-rehab@1", "stroke-rehab@1")
    assert conformance(pathway(), log).journeys == 2
    assert conformance(pathway("generic-rehab"), log).journeys == 1


def test_a_version_without_journeys_has_no_figure() -> None:
    newer = pathway().model_copy(update={"version": 2})

    found = conformance(newer, log_of(Case()))

    assert (found.journeys, found.share, found.fitness) == (0, None, None)
    assert len(found.steps) == len(newer.steps)


def migrated(case: Case, to: Definition) -> None:
    """It goes over to another version."""
    actor = Actor(subject="catalogue", unit=ALICE, roles=(Role.CATALOGUE,))
    case.do(cmd.Migrate(migration="m-1", definition=to), ALICE, actor=actor)


def test_a_journey_that_migrated_is_judged_by_each_version_for_its_own_time() -> None:
    case = planned()
    newer = pathway().model_copy(update={"version": 2})
    migrated(case, newer)
    case.do(cmd.SkipStep(step="handover_rehab", reason=WHY), ALICE)

    log = log_of(case)
    old, new = conformance(pathway(), log), conformance(newer, log)

    assert versions(log) == ("stroke-rehab@1", "stroke-rehab@2")
    assert (old.journeys, old.share, kinds(old)) == (1, 1.0, {})
    assert (new.journeys, new.share) == (1, 0.0)
    assert kinds(new) == {"skipped": 1}
    assert step_of(old, "plan") == {"reached": 1, "done": 1}
    assert step_of(new, "plan") == {}
    assert step_of(new, "handover_rehab") == {"skipped": 1}
    (journey,) = (o for o in log["objects"] if o["type"] == "journey")
    assert [a["value"] for a in journey["attributes"] if a["name"] == "version"] == [1, 2]


def test_what_the_version_before_alone_had_fits_when_it_falls_away_or_lives_on() -> None:
    once = repeating().steps[-1].model_copy(update={"repeat": None})
    waiting = once.model_copy(update={"key": "assessment_last", "after": ("intervention",)})
    older = pathway().model_copy(update={"steps": (*pathway().steps, once, waiting)})
    newer = pathway().model_copy(update={"version": 2})
    case = planned(older)
    case.complete("assessment_again")
    migrated(case, newer)
    case.do(cmd.ReopenStep(step="assessment_again", reason=WHY), ALICE)

    found = conformance(newer, log_of(case))

    assert kinds(found) == {"reopened": 1}
    assert found.each[0].events == 3, "one fell away, one opened again"
