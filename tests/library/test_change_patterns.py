"""The change patterns and change support features of the literature, each shown by a run.

Barbara Weber, Manfred Reichert, Stefanie Rinderle-Ma: "Change patterns and change support features
- Enhancing flexibility in process-aware information systems", Data & Knowledge Engineering 66(3),
2008, pages 438-466, doi 10.1016/j.datak.2008.05.001.

A definition is written as a line, `assessment > home + call > plan`: each stage stands after all of
the stage before. What became of a running journey is a line as well: what was open together.
"""

from typing import Any

import pytest
from pydantic import ValidationError

from domain import command as cmd
from domain import event as ev
from domain.content import NeedLevel, StepContent
from domain.design.addition import Addition
from domain.design.compose import compose
from domain.design.diff import differences
from domain.design.publication import Draft, Published, approve, may_design, newest
from domain.design.rebase import rebase
from domain.evolve import fold
from domain.journey import Actor, Role, StepState
from domain.pathway import Definition
from domain.refusal import Refused
from domain.value import Labels
from tests.domain.design.test_conformance import figure, kinds
from tests.domain.test_begin import TEAM, case, days, done, met, state_of
from tests.domain.test_migration import dry_run, keeper, migrate
from tests.library.test_time_patterns import DAY, Row, lines, misfits, on_page
from tests.samples import (
    ALICE,
    BOB,
    MONDAY,
    Case,
    assessment,
    calendar_days,
    day,
    follow_up,
    intervention,
    pathway,
    plan,
    unit,
)

VERSION = "A new version, and the running journeys that are moved to it. "
CHANGE = (
    Row("AP1", "Insert Process Fragment", "lägg till", "yes",
        "`add_step`: in the row (`required_by`), beside, or with `when`. "
        "For one patient: add a step."),
    Row("AP2", "Delete Process Fragment", "ta bort", "yes",
        "`leave_out`; never what the base makes mandatory. For one patient: skip, with a reason."),
    Row("AP3", "Move Process Fragment", "flytta", "yes",
        VERSION + "Not by an addition, and not for one patient."),
    Row("AP4", "Replace Process Fragment", "byt ut", "yes",
        "`leave_out` and `add_step`. For one patient: skip one, add the other."),
    Row("AP5", "Swap Process Fragment", "byt plats", "yes",
        VERSION + "Not by an addition, and not for one patient."),
    Row("AP6", "Extract Sub Process", "bryt ut delprocess", "no",
        "The language has no sub processes: a pathway is one flat list of steps, for people to "
        "read. What several pathways share is a base with additions."),
    Row("AP7", "Inline Sub Process", "lös upp delprocess", "no",
        "There is no sub process to dissolve. An addition is already laid into its base when it "
        "is published."),
    Row("AP8", "Embed Process Fragment in Loop", "upprepa", "partly",
        VERSION + "One step (`repeat`), after which nothing stands; not several together. "
        "For one patient: once more (reopen)."),
    Row("AP9", "Parallelize Process Fragments", "gör samtidigt", "yes",
        VERSION + "Not by an addition, and not for one patient."),
    Row("AP10", "Embed Process Fragment in Conditional Branch", "villkora", "yes",
        VERSION + "What cannot be judged opens the step. For one patient a person skips."),
    Row("AP11", "Add Control Dependency", "lägg till beroende", "yes",
        VERSION + "An addition makes the base's steps wait for its own (`required_by`) alone."),
    Row("AP12", "Remove Control Dependency", "ta bort beroende", "yes",
        VERSION + "Not by an addition, which never weakens."),
    Row("AP13", "Update Condition", "ändra villkor", "yes",
        VERSION + "Not by an addition: it would weaken for somebody."),
    Row("AP14", "Copy Process Fragment", "kopiera", "yes",
        "`add_step` with the same content under a key of its own. "
        "For one patient: once more (reopen)."),
    Row("PP1", "Late Selection of Process Fragments", "välj sent", "no",
        "There are no placeholders. Alternatives are written out, with `when`. Chosen late is who: "
        "a handover's receiver; and at the start which version or addition holds for the unit."),
    Row("PP2", "Late Modeling of Process Fragments", "bestäm innehållet sent", "partly",
        "Within an open step the holder adds steps of this patient's own; they open at once. "
        "No order between them is written, and the frame does not wait for them."),
    Row("PP3", "Late Composition of Process Fragments", "bestäm ordningen sent", "partly",
        "Steps that stand beside each other are done in any order, optional ones not at all, "
        "others once more. Who does them cannot make one wait for another."),
    Row("PP4", "Multi-Instance Activity", "bestäm antalet sent", "partly",
        "Rounds until a step ends (`repeat`), and any number of visits; one after another, not "
        "side by side."),
    Row("F1", "Schema Evolution, Version Control and Instance Migration", "versioner och flytt",
        "yes", "Versions stand beside each other; chosen journeys are moved, and back."),
    Row("F2", "Support for Instance-Specific Changes", "avvikelse för en patient", "partly",
        "More time, skipped, once more, one step more; with a reason, for one period. "
        "Nothing is moved or replaced for one patient."),
    Row("F3", "Correctness of Change", "riktighet", "yes",
        "What does not hang together, weakens its base, or does not fit what goes on is refused "
        "by name. Ladders are proved (`coverage`)."),
    Row("F4", "Traceability and Analysis", "spårbarhet och analys", "partly",
        "Each change is an event: what, when, who, why; versions are compared, deviations counted. "
        "Nothing suggests a new version from them."),
    Row("F5", "Access Control for Changes", "behörighet", "yes",
        "Designers write, others say yes, the catalogue's keeper moves journeys, and who holds a "
        "part deviates."),
    Row("F6", "Change Reuse", "återanvändning", "partly",
        "An addition is kept, named and put on the next version of its base. A deviation for one "
        "patient is not suggested for the next."),
    Row("F7", "Change Concurrency Control", "samtidiga ändringar", "yes",
        "Stale commands are refused, a journey is moved as shown or not at all, and two edits of "
        "the same are a conflict that names both."),
)  # fmt: skip

PLAIN = "referral > assessment > plan > intervention > follow_up"
HOME = "referral > assessment > home > plan > intervention > follow_up"
BOTH = "referral > assessment > home > call > plan > intervention > follow_up"
BESIDE = "referral > assessment > home + call > plan > intervention > follow_up"


def test_the_table_is_the_published_one_nothing_missing_and_nothing_twice() -> None:
    published = [("AP", 14), ("PP", 4), ("F", 7)]
    ids = [f"{kind}{n}" for kind, last in published for n in range(1, last + 1)]

    assert [row.id for row in CHANGE] == ids
    assert misfits(CHANGE, globals()) == []
    assert all(row.note for row in CHANGE), "what a row does not get, or why not, is said"


def test_the_page_has_the_same_table() -> None:
    assert on_page(CHANGE) == lines(CHANGE, globals())


def drawn(line: str, version: int = 1, **of_steps: dict[str, Any]) -> Definition:
    """The generic model with its steps in such an order; steps that it lacks are meetings."""
    given = pathway("generic-rehab").model_dump(mode="json") | {"version": version}
    known = {step["key"]: step for step in given["steps"]}
    steps, before = [], list[str]()
    for stage in (part.split(" + ") for part in line.split(" > ")):
        steps += [_made(key, before, known, of_steps.get(key, {})) for key in stage]
        before = stage
    return Definition.model_validate(given | {"steps": steps})


def _made(key: str, after: list[str], known: dict[str, Any], given: dict[str, Any]) -> Any:
    meeting = TEAM | {"due": days(28), "preparation": []}
    return {**known.get(key, meeting), "key": key, "after": after, **given}


def added(base: Definition, *operations: dict[str, Any]) -> Addition:
    """A local addition."""
    label = {"sv": "Tillägg (demo)", "en": "Addition (demo)"}
    given = {"language": 1, "extends": base.name, "key": "local", "version": 1, "label": label}
    return Addition.model_validate(given | {"owned_by": "Demo", "operations": list(operations)})


def composed(base: Definition, *operations: dict[str, Any]) -> Definition:
    """The base with an addition on it."""
    found = compose(base, added(base, *operations))
    assert found.definition is not None, found.faults
    return found.definition


def insert(key: str, after: str, before: str, **more: Any) -> dict[str, Any]:
    """The operation that puts a meeting into the row; `required_by` nobody: beside it."""
    step = _made(key, [after], {}, more.pop("step", {}))
    return {"op": "add_step", "step": step, "before": before, "required_by": [before]} | more


def open_now(journey: Case) -> list[str]:
    """The steps that are open, in the order of the definition; those of one patient come last."""
    order = [step.key for step in journey.state.definition.steps]
    found = [s.key for s in journey.state.steps.values() if s.state is StepState.OPEN]
    return sorted(found, key=lambda key: order.index(key) if key in order else len(order))


def do(journey: Case, key: str, **change: Any) -> None:
    """A step is done with content that fits."""
    step = journey.state.current(key)
    assert step is not None
    contents: dict[str, StepContent] = {
        "assessment": assessment(**change),
        "plan": plan(journey.now),
        "intervention": intervention(),
        "meeting": met(),
        "follow_up": follow_up(),
    }
    done(journey, key, contents[step.kind])


def walked(journey: Case) -> str:
    """The journey goes on to its end: what was open together, stage by stage."""
    stages = []
    while journey.state.open:
        together = open_now(journey)
        assert together, "somebody always has something to do"
        stages.append(" + ".join(together))
        for key in together:
            do(journey, key)
    return " > ".join(stages)


def moved(was: Definition, now: Definition) -> str:
    """A journey in its assessment goes over to another definition, and on to its end."""
    journey = case(was)
    migrate(journey, now)
    return walked(journey)


def test_ap1_a_step_is_inserted_in_the_row_beside_it_or_on_a_condition() -> None:
    base = drawn(PLAIN)
    serial = insert("home", "assessment", "plan")
    on_condition = serial | {"step": serial["step"] | {"when": "need_level == 'low'"}}
    own = case(base)
    own.do(a_step("own"), ALICE)

    ways = [serial, serial | {"required_by": []}, on_condition]
    found = [moved(base, composed(base, way)) for way in ways]

    assert found == [
        "assessment > home > plan > intervention > follow_up",
        "assessment > home + plan > intervention > follow_up",
        "assessment > plan > intervention > follow_up",
    ]
    assert open_now(own) == ["assessment", "own"]


def a_step(key: str) -> cmd.AddStep:
    """One step more, for one patient."""
    return cmd.AddStep(
        key=key,
        kind="intervention",
        label=Labels(sv="Egen träning", en="Training of one's own"),
        part="rehab",
        due=calendar_days(14),
        reason="Patienten vill simma.",
    )


def test_ap2_a_step_is_deleted_and_what_stood_after_it_closes_up() -> None:
    base = drawn(HOME, home={"obligation": "optional"})
    gone = {"op": "leave_out", "step": "home", "because": "Görs av kommunen."}
    own = case(base)
    do(own, "assessment")

    found = moved(base, composed(base, gone))
    own.do(cmd.SkipStep(step="home", reason="Redan gjort."), ALICE)
    kept = drawn(HOME, home={"obligation": "mandatory"})
    refused = compose(kept, added(kept, gone)).faults

    assert found == "assessment > plan > intervention > follow_up"
    assert open_now(own) == ["plan"]
    assert [fault.code for fault in refused] == ["mandatory_left_out"]


def test_ap3_a_step_is_moved() -> None:
    later = "referral > assessment > plan > home > intervention > follow_up"

    found = moved(drawn(HOME), drawn(later, version=2))

    assert f"referral > {found}" == later


def test_ap4_a_step_is_replaced() -> None:
    base = drawn(HOME)
    gone = {"op": "leave_out", "step": "home", "because": "Görs på telefon."}
    own = case(base)
    do(own, "assessment")

    found = moved(base, composed(base, gone, insert("call", "assessment", "plan")))
    own.do(a_step("own"), ALICE)
    own.do(cmd.SkipStep(step="home", reason="Simning i stället."), ALICE)

    assert found == "assessment > call > plan > intervention > follow_up"
    assert open_now(own) == ["plan", "own"]


def test_ap5_two_steps_change_places() -> None:
    neighbours = BOTH.replace("home > call", "call > home")
    far = BOTH.replace("call > plan", "plan > call")
    apart = far.replace("home > plan > call", "call > plan > home")

    found = [
        moved(drawn(BOTH), drawn(neighbours, version=2)),
        moved(drawn(far), drawn(apart, version=2)),
    ]

    assert found == [
        "assessment > call > home > plan > intervention > follow_up",
        "assessment > call > plan > home > intervention > follow_up",
    ]


def test_ap8_a_step_comes_again_until_another_has_ended() -> None:
    once, again = in_a_loop(version=1), in_a_loop(version=2, every=7)
    journey = case(once)
    do(journey, "assessment")
    migrate(journey, again)

    for _ in range(3):
        do(journey, "home")
    goes_on = state_of(journey.state, "home")
    do(journey, "plan")
    do(journey, "intervention")
    journey.do(cmd.ReopenStep(step="plan", reason="Nya mål."), ALICE)

    assert [r.round for r in journey.happened(ev.StepRepeated)] == [2, 3, 4]
    assert goes_on is StepState.OPEN
    assert state_of(journey.state, "home") is StepState.DONE
    assert "plan" in open_now(journey), "once more for one patient"


def in_a_loop(version: int, every: int | None = None) -> Definition:
    """A meeting beside the plan, which comes again until the intervention has ended."""
    line = "referral > assessment > home + plan > intervention > follow_up"
    repeat = {"repeat": {"every": days(every), "until": "intervention"}} if every else {}
    return drawn(line, version, home=repeat, intervention={"after": ["plan"]})


def test_ap9_steps_that_came_one_after_the_other_go_on_at_once() -> None:
    found = moved(drawn(BOTH), drawn(BESIDE, version=2))

    assert f"referral > {found}" == BESIDE


def test_ap10_a_step_comes_for_some_patients_alone() -> None:
    for_some = drawn(HOME, version=2, home={"when": "need_level == 'low'"})
    levels = {NeedLevel.LOW: "home", NeedLevel.HIGH: "plan"}

    found = {}
    for level in levels:
        journey = case(drawn(HOME))
        migrate(journey, for_some)
        do(journey, "assessment", need_level=level)
        found[level] = " + ".join(open_now(journey))

    assert found == levels


def test_ap11_a_step_waits_for_one_more() -> None:
    waits = drawn(BESIDE, version=2, call={"after": ["assessment", "home"]})

    found = moved(drawn(BESIDE), waits)

    assert f"referral > {found}" == BOTH


def test_ap12_a_step_waits_no_more_and_opens_at_once() -> None:
    waits = drawn(BESIDE, call={"after": ["assessment", "home"]})
    journey = case(waits)
    do(journey, "assessment")
    before = open_now(journey)

    migrate(journey, drawn(BESIDE, version=2))

    assert (before, open_now(journey)) == (["home"], ["home", "call"])


def test_ap13_a_condition_is_another_one() -> None:
    was = drawn(HOME, home={"when": "age >= 80"})
    now = drawn(HOME, version=2, home={"when": "need"})

    found = [walked(case(was)), moved(was, now)]

    assert found == [
        "assessment > plan > intervention > follow_up",
        "assessment > home > plan > intervention > follow_up",
    ]


def test_ap14_a_step_is_copied_to_another_place() -> None:
    base = drawn(HOME, home={"due": days(9), "obligation": "optional"})
    home = base.step("home")
    assert home is not None
    copy = home.model_dump(mode="json") | {"key": "home_again", "after": ["intervention"]}

    whole = composed(base, insert("home_again", "", "follow_up", step=copy))
    found = moved(base, whole)

    copied = whole.step("home_again")
    assert found == "assessment > home > plan > intervention > home_again > follow_up"
    assert copied == home.model_copy(update={"key": "home_again", "after": ("intervention",)})


def test_pp2_what_an_open_step_holds_is_decided_for_each_patient() -> None:
    mine, other = case(drawn(PLAIN)), case(drawn(PLAIN))
    for journey in (mine, other):
        do(journey, "assessment")
        do(journey, "plan")

    mine.do(a_step("swim"), ALICE)
    mine.do(a_step("garden"), ALICE)
    within = open_now(mine)
    do(mine, "garden")
    do(mine, "swim")

    assert within == ["intervention", "swim", "garden"]
    assert (walked(mine), walked(other)) == ("intervention > follow_up",) * 2
    assert mine.state.deviations == 2


def test_pp3_the_order_and_the_choice_among_steps_are_left_to_who_does_them() -> None:
    free = {"obligation": "optional"}
    ways = drawn(BESIDE, home=free, call=free)
    one, other = case(ways), case(ways)
    for journey in (one, other):
        do(journey, "assessment")

    do(one, "call")
    do(one, "home")
    other.do(cmd.SkipStep(step="call", reason="Behövs inte."), ALICE)
    do(other, "home")
    other.do(cmd.ReopenStep(step="home", reason="En gång till."), ALICE)
    do(other, "home")

    assert [walked(journey) for journey in (one, other)] == ["plan > intervention > follow_up"] * 2
    kept = [[c.step for c in j.happened(ev.StepCompleted)][2:4] for j in (one, other)]
    assert kept == [["1.call", "1.home"], ["1.home", "1.home"]]


@pytest.mark.parametrize("rounds", [2, 5])
def test_pp4_how_often_a_step_is_done_is_not_known_beforehand(rounds: int) -> None:
    journey = case(in_a_loop(version=1, every=7))
    do(journey, "assessment")
    do(journey, "plan")

    for _ in range(rounds):
        do(journey, "home")
    do(journey, "intervention")

    completed = [c.step for c in journey.happened(ev.StepCompleted)]
    assert completed.count("1.home") == rounds
    assert open_now(journey) == ["follow_up"]


def test_f1_versions_stand_beside_each_other_and_a_running_journey_is_moved_and_back() -> None:
    old, new = drawn(PLAIN), drawn(HOME, version=2)
    shelf = (
        Published(definition=old, valid_from=day("2026-01-01")),
        Published(definition=new, valid_from=day("2026-10-05")),
    )
    stays, goes, back = (case(old) for _ in range(3))
    begins = case(newest(shelf, old.key, unit(ALICE), MONDAY.date()).definition)

    shown = dry_run(goes.state, new, goes.now)
    for journey in (goes, back):
        migrate(journey, new)
    back.do(cmd.UndoMigration(migration="m-1"), ALICE, actor=keeper())

    with_home = "assessment > home > plan > intervention > follow_up"
    without = "assessment > plan > intervention > follow_up"
    assert [(s.step, s.begins) for s in shown.new_steps] == [("home", "later")]
    assert [walked(j) for j in (stays, back)] == [without] * 2
    assert [walked(j) for j in (goes, begins)] == [with_home] * 2


def test_f2_one_patient_deviates_and_nobody_else() -> None:
    definition = drawn(HOME)
    mine, other = case(definition), case(definition)
    until = (mine.now + 20 * DAY).date()

    mine.do(cmd.ExtendStep(step="assessment", until=until, reason="Sjuk."), ALICE)
    do(mine, "assessment")
    mine.do(cmd.ReopenStep(step="assessment", reason="Nytt besked."), ALICE)
    do(mine, "assessment")
    mine.do(cmd.SkipStep(step="home", reason="Redan gjort."), ALICE)
    mine.do(a_step("own"), ALICE)

    assert mine.state.deviations == 4
    assert mine.state.definition == definition, "the pathway is as it was"
    assert walked(mine) == "plan + own > intervention > follow_up"
    assert walked(other) == "assessment > home > plan > intervention > follow_up"
    assert other.state.deviations == 0


def test_f3_a_change_that_does_not_fit_is_refused_by_name() -> None:
    base = drawn(HOME)
    longer = {"op": "tighten", "step": "home", "what": "due", "to": days(60)}
    journey = case(base)
    do(journey, "assessment")

    with pytest.raises(ValidationError, match="which is not before"):
        drawn(HOME, assessment={"after": ["follow_up"]})
    weaker = compose(base, added(base, longer)).faults
    cannot = dry_run(journey.state, drawn(PLAIN, version=2), journey.now)

    assert [fault.code for fault in weaker] == ["deadline_longer"]
    assert (cannot.cannot, cannot.because) == ("step_under_way", ("home: open",))


def test_f4_every_change_says_what_when_who_and_why_and_they_are_counted() -> None:
    old, new = drawn(PLAIN), drawn(HOME, version=2)
    journey, mine = case(old), case(new)
    do(mine, "assessment")
    mine.wait(DAY)

    migrate(journey, new)
    mine.do(cmd.SkipStep(step="home", reason="Redan gjort."), ALICE)

    (skipped,) = (e for e in mine.log if isinstance(e.what, ev.StepSkipped))
    (migrated,) = journey.happened(ev.PathwayMigrated)
    assert isinstance(skipped.what, ev.StepSkipped) and skipped.what.reason == "Redan gjort."
    assert (skipped.decided_at, skipped.actor and skipped.actor.unit) == (mine.now, ALICE)
    assert (migrated.was, migrated.definition) == (old.name, new)
    said = [(d.what, d.step, d.field) for d in differences(old, new)]
    assert said == [("added", "home", ""), ("changed", "plan", "after")]
    assert kinds(figure(mine)) == {"skipped": 1}
    assert fold(journey.log) == journey.state


def test_f5_who_may_change_what() -> None:
    journey, now = case(drawn(HOME)), MONDAY
    author = Actor(subject="u-1", unit=ALICE, roles=(Role.DESIGNER,))
    draft = Draft(
        id="d-1", kind="definition", text="", definition=drawn(HOME), by="u-1", unit=ALICE,
        at=now, valid_from=now.date(), concerns=("region",),
    )  # fmt: skip
    codes = [
        journey.refusal(a_step("own"), BOB).code,
        journey.refusal(cmd.Migrate(migration="m-1", definition=drawn(HOME, 2)), ALICE).code,
    ]

    clinician = Actor(subject="u-2", unit=ALICE, roles=(Role.CLINICIAN,))
    second = author.model_copy(update={"subject": "u-2"})
    with pytest.raises(Refused) as writes:
        may_design(clinician)
    with pytest.raises(Refused) as says_yes_to_own:
        approve(draft, author, "region")
    with pytest.raises(Refused) as says_yes_for_others:
        approve(draft, second, "k1980")
    nos = (writes, says_yes_to_own, says_yes_for_others)
    codes += [no.value.refusal.code for no in nos]
    may_design(author)
    approve(draft, second, "region")

    assert codes == [
        "not_holder",
        "role_not_enough",
        "role_not_enough",
        "own_draft",
        "not_approver",
    ]


def test_f6_a_local_change_is_put_on_the_next_version_of_its_base() -> None:
    old, new = drawn(PLAIN), drawn(PLAIN, version=2, assessment={"due": days(5)})
    local = added(old, insert("home", "assessment", "plan"))

    again = rebase(old, new, local)

    whole = compose(new, again.addition).definition
    assert [m.outcome for m in again.merged] == ["kept"]
    assert (again.addition.extends, again.addition.version) == (new.name, 2)
    assert whole is not None
    assert walked(case(whole)) == "assessment > home > plan > intervention > follow_up"


def test_f7_two_changes_at_once_are_seen_and_neither_is_lost() -> None:
    old, new = drawn(HOME), drawn(BOTH, version=2)
    journey = case(old)
    seen, shown = journey.state.seq, dry_run(journey.state, new, journey.now)
    do(journey, "assessment")
    do(journey, "home")
    do(journey, "plan")

    stale = journey.refusal(a_step("own"), ALICE, expected_seq=seen)
    as_shown = cmd.Migrate(migration="m-1", definition=new, effect=shown.hash)
    differs = journey.refusal(as_shown, ALICE, actor=keeper())
    tighter = {"op": "tighten", "step": "home", "what": "due", "to": days(14)}
    (conflict,) = rebase(old, drawn(PLAIN, version=2), added(old, tighter)).conflicts

    assert (stale.code, differs.code) == ("sequence_stale", "migration_differs")
    assert conflict.addition_says == "tighten home what: due, to: 14 calendar_days"
    assert [(d.what, d.step) for d in conflict.base_says] == [("removed", "home")]
