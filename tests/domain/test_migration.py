"""Running journeys go over to another version: done steps, fired clocks, several at once, undo."""

from datetime import timedelta
from typing import Any

import pytest
import yaml

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.command import Choices, LateStep
from domain.content import NewPeriod
from domain.decide import decide
from domain.design.addition import Addition
from domain.design.compose import compose
from domain.effect import Effect, effect, refused
from domain.evolve import fold
from domain.explanation import explanations
from domain.explanation_words import Known, sentences
from domain.journey import Actor, Journey, Role, StepState
from domain.pathway import Definition
from domain.refusal import Refusal
from domain.value import Labels
from tests.samples import (
    ALICE,
    BOB,
    ROOT,
    Case,
    calendar_days,
    envelope,
    follow_up,
    pathway,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATE = ("leave_out", "at_migration", "from_origin")


def changed(**of_steps: dict[str, Any]) -> Definition:
    """The next version of stroke rehab, with steps that are different."""
    given = pathway().model_dump(mode="json")
    given["version"] = 2
    for step in given["steps"]:
        step |= of_steps.get(step["key"], {})
    return Definition.model_validate(given)


def budget(amount: int, counting: str = "calendar_days") -> dict[str, Any]:
    return {"budget": {"amount": amount, "counting": counting}, "source": "chosen"}


def vastmanland() -> Definition:
    path = ROOT / "pathways/stroke-rehab/additions/vastmanland/v1.yaml"
    addition = Addition.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    composed = compose(pathway(), addition).definition
    assert composed is not None
    return composed


def migrate(case: Case, to: Definition, **choices: Any) -> tuple[Any, ...]:
    command = cmd.Migrate(migration="m-1", definition=to, choices=Choices(**choices))
    return case.do(command, ALICE, actor=keeper())


def keeper() -> Actor:
    return Actor(subject="catalogue", unit=ALICE, roles=(Role.CATALOGUE,))


def dry_run(state: Journey, to: Definition, now: Any, **choices: Any) -> Effect:
    command = cmd.Migrate(migration="m-1", definition=to, choices=Choices(**choices))
    decided = decide(state, envelope(command, ALICE, actor=keeper()), now)
    if isinstance(decided, Refusal):
        return refused(decided)
    after = fold(decided, state)
    assert after is not None
    return effect(state, after)


def in_intervention() -> Case:
    """Rehabilitation is with Bob, who trains with the patient; coordination is Alice's still."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    case.send(step="handover_rehab")
    case.accept()
    return case


def test_an_open_step_of_the_patients_own_comes_along() -> None:
    case = in_intervention()
    label = Labels(sv="Simning", en="Swimming")
    own = cmd.AddStep(
        key="intervention_own",
        kind="intervention",
        label=label,
        part="rehab",
        due=calendar_days(14),
        reason="För den här patienten.",
    )
    case.do(own, BOB)
    due = case.clock(ClockKind.STEP, "1.intervention_own").due_at

    shown = dry_run(case.state, vastmanland(), case.now)
    migrate(case, vastmanland())

    assert shown.cannot is None
    assert case.clock(ClockKind.STEP, "1.intervention_own").due_at == due
    case.complete("intervention_own", BOB)
    assert case.state.steps["1.intervention_own"].state is StepState.DONE


def test_a_clock_keeps_its_due_unless_it_was_chosen() -> None:
    kept, moved = Case(), Case()
    shorter = changed(assessment={"due": budget(1)})
    before = kept.clock(ClockKind.STEP, "1.assessment")

    migrate(kept, shorter)
    migrate(moved, shorter, recompute=("step:assessment",))

    assert kept.clock(ClockKind.STEP, "1.assessment") == before
    after = moved.clock(ClockKind.STEP, "1.assessment")
    assert before.due_at - after.due_at == 2 * DAY
    assert after.started_at == before.started_at
    assert (kept.state.definition.version, moved.state.definition.version) == (2, 2)


def test_what_has_fired_is_not_told_again_and_what_is_late_now_is_told_at_once() -> None:
    case = Case()
    case.wait(35 * HOUR)
    fired = [f.rung for f in case.happened(ev.RungFired)]

    migrate(case, changed(assessment={"due": budget(2)}), recompute=("step:assessment",))
    again = [f.rung for f in case.happened(ev.RungFired)]
    case.wait(14 * HOUR)

    ladder = case.state.ladders.get("step")
    keys = [rung.key for rung in ladder.rungs]
    told = [f.rung for f in case.happened(ev.RungFired) if f.clock_id == "step:1.assessment"]
    assert fired == again == keys[: len(fired)], "nothing new, nothing twice"
    assert told == keys[: len(told)] and "due" in told


def test_a_clock_that_has_rung_for_long_keeps_ringing_and_its_rungs_are_not_told_again() -> None:
    case = Case()
    case.wait(20 * DAY)
    before = case.clock(ClockKind.STEP, "1.assessment")
    fired = len(case.happened(ev.RungFired))

    migrate(case, changed(assessment={"due": budget(2)}), recompute=("step:assessment",))
    after = case.clock(ClockKind.STEP, "1.assessment")

    assert len(case.happened(ev.RungFired)) == fired
    assert after.next_at >= before.next_at
    assert case.wait(60 * DAY), "the last rung goes on until somebody acts"


def test_longer_time_moves_the_rungs_and_says_the_reminder_anew() -> None:
    case = Case()
    case.wait(60 * HOUR)
    told = [f.rung for f in case.happened(ev.RungFired)]

    migrate(case, changed(assessment={"due": budget(30)}), recompute=("step:assessment",))
    case.wait(30 * DAY)

    later = [f.rung for f in case.happened(ev.RungFired)][len(told) :]
    assert later[0] == told[0], "half of thirty days lies ahead"


def test_clocks_of_a_handover_are_chosen_by_its_step() -> None:
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    case.send(step="handover_rehab")
    before = case.clock(ClockKind.ACCEPTED, "h-1")

    tight = changed(
        handover_rehab={"accept": budget(12, "hours"), "acknowledge": budget(6, "hours")}
    )
    migrate(case, tight, recompute=("accepted:handover_rehab",))

    assert before.due_at - case.clock(ClockKind.ACCEPTED, "h-1").due_at == 12 * HOUR
    assert case.clock(ClockKind.ACKNOWLEDGED, "h-1").budget.amount == 24


@pytest.mark.parametrize("choice", LATE)
def test_a_new_step_whose_window_has_passed_goes_by_the_choice(choice: str) -> None:
    case = in_intervention()
    case.wait(30 * DAY)
    chosen = {"late_steps": {"home_visit": LateStep(choice)}} if choice != "leave_out" else {}

    migrate(case, vastmanland(), **chosen)

    step = case.state.current("home_visit")
    assert step is not None
    if choice == "leave_out":
        assert step.state is StepState.NOT_NEEDED
        return
    clock = case.clock(ClockKind.STEP, step.id)
    assert step.state is StepState.OPEN
    assert clock.late(case.now) is (choice == "from_origin")
    late = [f for f in case.happened(ev.RungFired) if f.clock_id == clock.id]
    assert bool(late) is (choice == "from_origin"), "what is late is told at once"


def test_a_new_step_whose_window_is_open_counts_from_its_origin() -> None:
    case = in_intervention()
    case.wait(2 * DAY)

    migrate(case, vastmanland())

    meeting = case.clock(ClockKind.STEP, "1.team_meeting")
    assert case.state.current("team_meeting").state is StepState.OPEN  # type: ignore[union-attr]
    assert meeting.owner == BOB


def test_steps_done_stay_done_and_several_come_at_once() -> None:
    case = in_intervention()
    done = [s.id for s in case.state.steps.values() if s.state is StepState.DONE]

    migrate(case, vastmanland())

    states = {s.key: s.state for s in case.state.steps.values()}
    assert all(case.state.steps[i].state is StepState.DONE for i in done)
    assert states["home_visit"] is StepState.OPEN
    assert states["team_meeting"] is StepState.OPEN
    assert states["follow_up_3m"] is StepState.WAITING
    assert case.clock(ClockKind.OPENS, "1.follow_up_3m").running


def test_the_journey_runs_to_its_end_by_the_new_version() -> None:
    case = in_intervention()
    migrate(case, vastmanland())

    case.complete("intervention", BOB)

    assert case.state.current("team_meeting").state is StepState.NOT_NEEDED  # type: ignore[union-attr]


def test_what_goes_on_cannot_go_away_or_become_something_else() -> None:
    case = Case()
    without = pathway().model_dump(mode="json") | {"version": 2}
    without["steps"] = [s for s in without["steps"] if s["key"] != "assessment"]
    for step in without["steps"]:
        step["after"] = [k if k != "assessment" else "referral" for k in step["after"]]
    without["steps"].append({**pathway().model_dump(mode="json")["steps"][1], "key": "other"})

    found = dry_run(case.state, Definition.model_validate(without), case.now)

    assert (found.verdict, found.cannot) == ("cannot_move", "step_under_way")
    assert found.because == ("assessment: open",)


def test_another_pathway_the_same_version_and_a_closed_journey_are_refused() -> None:
    case = Case()
    other = pathway("generic-rehab")

    codes = [dry_run(case.state, d, case.now).cannot for d in (other, pathway())]
    case.do(cmd.Close(reason="registered_in_error"), ALICE)
    codes.append(dry_run(case.state, changed(), case.now).cannot)

    assert codes == ["pathway_differs", "version_already", "journey_closed"]


def test_only_the_keeper_of_the_catalogue_moves_a_journey() -> None:
    case = Case()

    refusal = case.refusal(cmd.Migrate(migration="m-1", definition=changed()), ALICE)

    assert refusal.code == "role_not_enough"


def test_undo_brings_back_the_version_and_the_clocks_as_they_were() -> None:
    case = in_intervention()
    before = case.state
    tight = vastmanland().model_dump(mode="json")
    for step in tight["steps"]:
        if step["key"] == "intervention":
            step["due"]["budget"]["amount"] = 30
    migrate(case, Definition.model_validate(tight), recompute=("step:intervention",))
    assert case.clock(ClockKind.STEP, "1.intervention").budget.amount == 30

    case.do(cmd.UndoMigration(migration="m-1"), ALICE, actor=keeper())

    assert case.state.definition == before.definition
    assert case.state.steps == before.steps
    assert list(case.state.running()) == list(before.running())


def test_undo_is_refused_when_a_new_step_has_begun() -> None:
    case = in_intervention()
    migrate(case, vastmanland())
    case.do(cmd.SkipStep(step="home_visit", reason="Redan gjort."), BOB)

    refusal = case.refusal(cmd.UndoMigration(migration="m-1"), ALICE, actor=keeper())

    assert refusal.code == "migration_begun"
    assert [f.rule for f in refusal.fields] == ["home_visit"]


def test_undo_is_for_the_migration_that_it_names() -> None:
    case = Case()
    migrate(case, changed())

    other = case.refusal(cmd.UndoMigration(migration="m-2"), ALICE, actor=keeper())

    assert other.code == "not_migrated"


def test_what_is_shown_is_what_is_done_and_if_it_is_not_nothing_is_done() -> None:
    case = in_intervention()
    shown = dry_run(case.state, vastmanland(), case.now)
    case.wait(DAY)
    same = cmd.Migrate(migration="m-1", definition=vastmanland(), effect=shown.hash)
    before = case.state

    case.do(same, ALICE, actor=keeper())
    done = effect(before, case.state)
    late = in_intervention()
    late.wait(30 * DAY)
    refusal = late.refusal(same, ALICE, actor=keeper())

    assert done.model_dump_json() == shown.model_dump_json()
    assert refusal.code == "migration_differs"


def test_a_new_period_goes_by_the_new_version() -> None:
    case = in_intervention()
    migrate(case, vastmanland())
    case.complete("intervention", BOB)
    step = case.state.current("follow_up")
    assert step is not None and step.state is StepState.OPEN

    case.do(cmd.CompleteStep(step="follow_up", content=follow_up(NewPeriod())), ALICE)

    assert {s.key for s in case.state.steps.values() if s.period == 2} == {
        d.key for d in vastmanland().steps
    }


def test_replaying_the_log_gives_the_same_journey() -> None:
    case = in_intervention()
    migrate(case, vastmanland())
    case.do(cmd.UndoMigration(migration="m-1"), ALICE, actor=keeper())

    assert fold(case.log) == case.state


def test_a_due_that_was_counted_anew_is_explained() -> None:
    case = Case()
    migrate(case, changed(assessment={"due": budget(1)}), recompute=("step:assessment",))

    (found,) = (e for e in explanations(case.log).values() if e.clock_id == "step:1.assessment")

    assert found.agrees
    assert [line.kind for line in found.lines][-2:] == ["migrated", "due"]
    assert sentences(found, Known(None, {}))[-2].sv == (
        "Ny version av förloppet måndag 2026-10-05 09:00:00 (händelse 9): 1 kalenderdag från "
        "starten, till tisdag 2026-10-06 09:00:00."
    )


def test_what_a_person_has_given_more_time_stays_so() -> None:
    case = Case()
    until = (case.now + 20 * DAY).date()
    case.do(cmd.ExtendStep(step="assessment", until=until, reason="Sjuk."), ALICE)
    before = case.clock(ClockKind.STEP, "1.assessment")

    migrate(case, changed(assessment={"due": budget(1)}), recompute=("step:assessment",))

    assert case.clock(ClockKind.STEP, "1.assessment") == before
