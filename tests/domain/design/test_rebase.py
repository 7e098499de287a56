"""An addition when its base has moved: what is kept, and which edits stand against each other."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.design.addition import Addition
from domain.design.compose import compose
from domain.design.rebase import Merged, Rebased, describe, rebase
from domain.pathway import Definition
from tests.samples import ROOT, pathway

Made = dict[str, Any]
Edit = Callable[[Made], None]
VASTMANLAND = ROOT / "pathways/stroke-rehab/additions/vastmanland/v1.yaml"


def deadline(amount: int, counting: str = "hours", note: str | None = None) -> Made:
    made: Made = {"budget": {"amount": amount, "counting": counting}, "source": "chosen"}
    return made | ({"note": note} if note else {})


def texts(said: str) -> Made:
    return {"sv": said, "en": said}


def base(*edits: Edit, version: int = 1) -> Definition:
    made = pathway().model_dump(mode="json")
    made["version"] = version
    for edit in edits:
        edit(made)
    return Definition.model_validate(made)


def edit(key: str, **fields: Any) -> Edit:
    def change(made: Made) -> None:
        next(s for s in made["steps"] if s["key"] == key).update(fields)

    return change


def without(key: str) -> Edit:
    """The step goes, and what waited for it waits for what it waited for."""

    def change(made: Made) -> None:
        gone = next(s for s in made["steps"] if s["key"] == key)
        made["steps"].remove(gone)
        for step in made["steps"]:
            if key in step["after"]:
                step["after"] = gone["after"]

    return change


def with_step(step: Made, *required_by: str) -> Edit:
    def change(made: Made) -> None:
        at = next(n for n, s in enumerate(made["steps"]) if s["key"] == "intervention")
        made["steps"].insert(at, step)
        for waiting in made["steps"]:
            if waiting["key"] in required_by:
                waiting["after"] = [*waiting["after"], step["key"]]

    return change


def handovers(**fields: Any) -> Edit:
    return lambda made: made["handovers"].update(fields)


def home_visit(**change: Any) -> Made:
    return {
        "key": "home_visit",
        "kind": "intervention",
        "label": texts("Hembesök"),
        "part": "rehab",
        "after": ["handover_rehab"],
        "due": deadline(5, "working_days"),
    } | change


def add(step: Made, **change: Any) -> Made:
    return {"op": "add_step", "step": step, "before": "intervention"} | change


def of(op: str, step: str, **given: Any) -> Made:
    return {"op": op, "step": step} | given


def tighten(key: str | None, what: str, amount: int, counting: str = "hours") -> Made:
    made: Made = {"op": "tighten", "what": what, "to": deadline(amount, counting)}
    return made | ({"step": key} if key else {})


def addition(*operations: Made) -> Addition:
    return Addition.model_validate(
        {
            "language": 1,
            "extends": "stroke-rehab@1",
            "key": "local",
            "version": 1,
            "label": texts("Lokalt tillägg"),
            "owned_by": "Egen enhet (demo)",
            "operations": operations,
        }
    )


def rebased(*operations: Made, old: Edit | None = None, new: tuple[Edit, ...]) -> Rebased:
    """The addition, which composes on the old base, on a new one."""
    before = (old,) if old else ()
    mine = addition(*operations)
    assert compose(base(*before), mine).definition is not None
    return rebase(base(*before), base(*before, *new, version=2), mine)


def only(found: Rebased) -> Merged:
    (merged,) = found.merged
    return merged


def theirs(merged: Merged) -> list[tuple[str | None, str]]:
    return [(d.step, d.field) for d in merged.base_says]


def composes(found: Rebased, *new: Edit) -> bool:
    return compose(base(*new, version=2), found.addition).definition is not None


LEFT_OUT = of("leave_out", "handover_home_help", because="Görs inte här.")
ELSEWHERE = edit("plan", label=texts("Annan plan"))
MOCA = of("require_instruments", "assessment", instruments=["moca"])
GOALS = of("set_goals", "plan", goals_min=3, goals_max=4)
CALL = of("add_guidance", "plan", guidance=texts("Ring."))
WITH_MOCA = edit("assessment", instruments=["nihss", "katz", "berg", "mrs", "moca"])


class TestOutcomes:
    def test_what_the_base_did_not_touch_is_kept(self) -> None:
        found = rebased(tighten("handover_rehab", "accept", 24), MOCA, new=(ELSEWHERE,))

        assert [m.outcome for m in found.merged] == ["kept", "kept"]
        assert all(m.base_says == () for m in found.merged)
        assert found.conflicts == ()
        assert composes(found, ELSEWHERE)

    def test_what_the_base_says_itself_now_is_absorbed_and_goes(self) -> None:
        found = rebased(MOCA, LEFT_OUT, new=(WITH_MOCA,))

        assert [m.outcome for m in found.merged] == ["absorbed", "kept"]
        assert theirs(found.merged[0]) == [("assessment", "instruments")]
        assert [o.op for o in found.addition.operations] == ["leave_out"]
        assert composes(found, WITH_MOCA)

    @pytest.mark.parametrize(
        ("operation", "change"),
        [
            (MOCA, WITH_MOCA),
            (of("make_mandatory", "plan"), edit("plan", obligation="mandatory")),
            (GOALS, edit("plan", goals_min=3, goals_max=4)),
            (of("set_ladder", "plan", ladder="statutory"), edit("plan", ladder="statutory")),
            (of("set_receivers", "handover_rehab", to=["municipal_rehab"]),
             edit("handover_rehab", to=["municipal_rehab"])),
            (of("require_professions", "intervention", professions=["FT"]),
             edit("intervention", professions=["FT", "AT"])),
            (CALL, edit("plan", guidance=texts("Läs. Ring."))),
            (tighten("plan", "due", 5, "calendar_days"),
             edit("plan", due=deadline(5, "calendar_days", "Nu nationellt."))),
            (tighten(None, "accept", 8), handovers(accept=deadline(8, "hours", "Nu nationellt."))),
        ],
    )  # fmt: skip
    def test_every_operation_may_be_absorbed(self, operation: Made, change: Edit) -> None:
        found = rebased(operation, new=(change,))

        assert only(found).outcome == "absorbed"
        assert only(found).base_says != ()
        assert found.addition.operations == ()

    @pytest.mark.parametrize(
        ("operation", "change", "field"),
        [
            (tighten("handover_rehab", "acknowledge", 8),
             edit("handover_rehab", acknowledge=deadline(12)), "acknowledge.budget"),
            (tighten(None, "accept", 4), handovers(accept=deadline(8)), "handovers.accept.budget"),
            (MOCA, edit("assessment", instruments=["katz"]), "instruments"),
            (GOALS, edit("plan", goals_max=6), "goals_max"),
            (of("set_receivers", "handover_rehab", to=["municipal_rehab"]),
             edit("handover_rehab", to=["municipal_rehab", "health_centre"]), "to"),
            (of("set_visits", "intervention", visits_per_week=[4, 4]),
             edit("intervention", visits_per_week=[3, 5]), "visits_per_week"),
            (CALL, edit("plan", guidance=texts("Läs.")), "guidance.sv"),
            (LEFT_OUT, edit("handover_home_help", due=deadline(9, "working_days")), "due.budget"),
        ],
    )  # fmt: skip
    def test_what_both_changed_and_still_holds_is_said_with_both_edits(
        self, operation: Made, change: Edit, field: str
    ) -> None:
        found = rebased(operation, new=(change,))

        merged = only(found)
        assert (merged.outcome, merged.why) == ("both", None)
        assert field in [f for _, f in theirs(merged)]
        assert merged.addition_says.startswith(operation["op"])
        assert composes(found, change)

    @pytest.mark.parametrize(
        ("operation", "changes", "edit_of_base", "why"),
        [
            (tighten("handover_rehab", "acknowledge", 12),
             (edit("handover_rehab", acknowledge=deadline(6)),),
             ("handover_rehab", "acknowledge.budget"), "the time acknowledge does not get shorter"),
            (tighten(None, "accept", 24), (handovers(accept=deadline(6)),),
             (None, "handovers.accept.budget"), "the time accept does not get shorter"),
            (tighten("handover_home_help", "accept", 24), (without("handover_home_help"),),
             ("handover_home_help", ""), "unknown step handover_home_help"),
            (LEFT_OUT, (edit("handover_home_help", obligation="mandatory"),),
             ("handover_home_help", "obligation"), "is mandatory"),
            (of("set_ladder", "plan", ladder="step"), (edit("plan", obligation="mandatory"),),
             ("plan", "obligation"), "is mandatory"),
            (of("set_goals", "plan", goals_min=2, goals_max=5), (edit("plan", goals_max=4),),
             ("plan", "goals_max"), "must lie within"),
            (of("set_visits", "intervention", visits_per_week=[2, 6]),
             (edit("intervention", visits_per_week=[3, 5]),),
             ("intervention", "visits_per_week"), "within 3–5"),
            (of("set_receivers", "handover_rehab", to=["private_rehab"]),
             (edit("handover_rehab", to=["municipal_rehab"]),),
             ("handover_rehab", "to"), "does not have: private_rehab"),
            (of("set_receivers", "handover_rehab", to=["private_rehab"]),
             (edit("handover_rehab", same_municipality=True),),
             ("handover_rehab", "same_municipality"), "other municipalities"),
            (add(home_visit()), (with_step(home_visit(due=deadline(9, "working_days"))),),
             ("home_visit", ""), "step home_visit exists"),
            (add(home_visit(after=["plan"]), before="handover_home_help"),
             (without("handover_home_help"),),
             ("handover_home_help", ""), "unknown step handover_home_help"),
            (add(home_visit(after=["handover_home_help"]), before="follow_up"),
             (without("handover_home_help"),),
             ("handover_home_help", ""), "after handover_home_help, which is not before"),
            (add(home_visit(), required_by=["handover_home_help"]),
             (without("handover_home_help"),),
             ("handover_home_help", ""), "unknown step handover_home_help"),
        ],
    )  # fmt: skip
    def test_a_conflict_names_both_edits_and_why(
        self, operation: Made, changes: tuple[Edit, ...], edit_of_base: Any, why: str
    ) -> None:
        found = rebased(operation, new=changes)

        merged = only(found)
        assert merged.outcome == "conflict"
        assert edit_of_base in theirs(merged)
        assert merged.addition_says.startswith(operation["op"])
        assert merged.why is not None and why in merged.why.en
        assert merged.why.sv != merged.why.en
        assert found.conflicts == (merged,)
        assert found.addition.operations == addition(operation).operations
        assert not composes(found, *changes)


class TestStepsThatComeAndGo:
    def test_a_step_that_the_base_has_added_word_by_word_is_absorbed(self) -> None:
        operation = add(home_visit(), required_by=["intervention"])

        found = rebased(operation, new=(with_step(home_visit(), "intervention"),))

        assert only(found).outcome == "absorbed"
        assert theirs(only(found)) == [("home_visit", "")]

    def test_a_step_that_the_base_has_added_but_nothing_waits_for_is_a_conflict(self) -> None:
        operation = add(home_visit(), required_by=["intervention"])

        found = rebased(operation, new=(with_step(home_visit()),))

        assert only(found).outcome == "conflict"
        assert theirs(only(found)) == [("home_visit", "")]

    def test_what_the_base_has_left_out_itself_is_absorbed(self) -> None:
        found = rebased(LEFT_OUT, new=(without("handover_home_help"),))

        assert only(found).outcome == "absorbed"

    def test_more_for_a_step_that_could_not_come_in_is_a_conflict_with_the_same_edit(self) -> None:
        other = with_step(home_visit(due=deadline(2, "working_days")))
        more = add(home_visit(key="second", after=["home_visit"]), before="follow_up")

        found = rebased(add(home_visit(), before="handover_home_help"), more, new=(
            without("handover_home_help"),
        ))  # fmt: skip
        met = rebased(
            add(home_visit()), tighten("home_visit", "due", 3, "working_days"), new=(other,)
        )

        assert [m.outcome for m in found.merged] == ["conflict", "conflict"]
        assert [theirs(m) for m in found.merged] == [[("handover_home_help", "")]] * 2
        assert [theirs(m) for m in met.merged] == [[("home_visit", "")]] * 2

    def test_what_no_longer_hangs_together_is_a_conflict_with_what_became_of_the_step(self) -> None:
        limited = edit("intervention", limit={"due": deadline(91, "calendar_days")})
        longer = edit("intervention", due=deadline(80, "calendar_days"))

        found = rebased(
            tighten("intervention", "limit", 60, "calendar_days"), MOCA, old=limited, new=(longer,)
        )

        assert [m.outcome for m in found.merged] == ["conflict", "kept"]
        assert ("intervention", "due.budget") in theirs(found.conflicts[0])
        why = found.conflicts[0].why
        assert why is not None and "yttersta gränsen kommer före planerat slut" in why.sv

    def test_steps_that_stand_in_another_order_are_named(self) -> None:
        def turned(made: Made) -> None:
            made["steps"].insert(3, made["steps"].pop(4))

        operation = add(
            home_visit(after=["plan"]),
            before="handover_coordination",
            required_by=["handover_coordination"],
        )
        late = add(home_visit(after=["handover_rehab"]), before="handover_coordination")

        sound, stuck = rebased(operation, new=(turned,)), rebased(late, new=(turned,))

        assert only(sound).outcome == "kept"
        assert only(stuck).outcome == "conflict"
        assert theirs(only(stuck)) == [(None, "steps")]

    def test_a_part_that_the_receiver_may_no_longer_hold_is_named(self) -> None:
        def narrower(made: Made) -> None:
            made["parts"][1]["held_by"] = ["home_help"]
            edit("handover_home_help", to=["home_help"])(made)

        to_home = pathway().step("handover_home_help")
        assert to_home is not None
        step = to_home.model_dump(mode="json") | {"key": "second", "to": ["care_assessment"]}

        found = rebased(add(step, before="follow_up"), new=(narrower,))

        assert only(found).outcome == "conflict"
        assert (None, "parts.home_help.held_by") in theirs(only(found))


@pytest.mark.parametrize(
    ("what", "within", "field"),
    [
        (
            "at_most",
            lambda time: {"waits": {"until": "discharge", "at_most": time}},
            "waits.at_most",
        ),
        ("every", lambda time: {"repeat": {"every": time, "times": 3}}, "repeat.every"),
        ("limit", lambda time: {"limit": {"due": time}}, "limit.due"),
    ],
)
def test_a_time_within_something_else_is_seen_when_the_base_moves_it(
    what: str, within: Callable[[Made], Made], field: str
) -> None:
    old = edit("follow_up", due=deadline(24), **within(deadline(90)))
    new = edit("follow_up", **within(deadline(60)))

    still, gone = (
        only(rebased(tighten("follow_up", what, amount), old=old, new=(new,)))
        for amount in (30, 70)
    )

    assert (still.outcome, theirs(still)) == ("both", [("follow_up", f"{field}.budget")])
    assert (gone.outcome, theirs(gone)) == ("conflict", [("follow_up", f"{field}.budget")])


class TestUnmoved:
    def test_on_an_unchanged_base_all_is_as_it_was_but_for_the_names(self) -> None:
        mine = Addition.model_validate(yaml.safe_load(VASTMANLAND.read_text("utf-8")))

        found = rebase(base(), base(version=2), mine)

        assert found.addition == mine.model_copy(update={"extends": "stroke-rehab@2", "version": 2})
        assert {m.outcome for m in found.merged} == {"kept"}

    def test_what_changed_nothing_before_is_no_more_absorbed_than_it_was(self) -> None:
        katz = of("require_instruments", "assessment", instruments=["katz"])

        found = rebased(katz, tighten("plan", "due", 7, "calendar_days"), MOCA, MOCA, new=())

        assert [m.outcome for m in found.merged] == ["kept"] * 4

    def test_neither_the_addition_nor_the_bases_are_touched(self) -> None:
        old, new, mine = base(), base(WITH_MOCA, version=2), addition(MOCA, LEFT_OUT)

        rebase(old, new, mine)

        assert (old, new, mine) == (base(), base(WITH_MOCA, version=2), addition(MOCA, LEFT_OUT))

    def test_vastmanland_goes_over_to_the_shipped_second_version(self) -> None:
        mine = Addition.model_validate(yaml.safe_load(VASTMANLAND.read_text("utf-8")))
        new = pathway("stroke-rehab", 2)

        found = rebase(pathway(), new, mine)

        assert found.conflicts == ()
        assert compose(new, found.addition).definition is not None


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (add(home_visit()), "add_step home_visit (intervention)"),
        (tighten(None, "accept", 8), "tighten what: accept, to: 8 hours"),
        (LEFT_OUT, "leave_out handover_home_help"),
        (of("set_receivers", "handover_rehab", to=["school", "home_help"]),
         "set_receivers handover_rehab to: school, home_help"),
        (of("set_receivers", "handover_rehab", to=["school"], same_municipality=True),
         "set_receivers handover_rehab to: school, same_municipality: true"),
        (GOALS, "set_goals plan goals_min: 3, goals_max: 4"),
        (of("add_guidance", "plan", guidance=texts("Ring\nsnart.")),
         "add_guidance plan guidance: Ring snart."),
        (of("require_preparation", "team", items=[{"key": "aids", "label": texts("Hjälpmedel")}]),
         "require_preparation team items: aids"),
    ],
)  # fmt: skip
def test_an_operation_is_said_in_a_line_in_the_words_of_the_file(
    operation: Made, said: str
) -> None:
    assert describe(addition(operation).operations[0]) == said


OPERATIONS: tuple[Made, ...] = (
    MOCA, LEFT_OUT, add(home_visit(), required_by=["intervention"]),
    add(home_visit(key="late", after=["handover_home_help"]), before="follow_up"),
    tighten("handover_rehab", "acknowledge", 12), tighten("handover_rehab", "due", 40),
    tighten("handover_coordination", "accept", 30), tighten(None, "answer", 4),
    tighten("home_visit", "due", 2, "working_days"), of("make_mandatory", "handover_home_help"),
    GOALS, CALL,
    of("set_receivers", "handover_rehab", to=["private_rehab", "health_centre"]),
    of("set_visits", "intervention", visits_per_week=[3, 5]),
    of("set_ladder", "follow_up", ladder="statutory"),
)  # fmt: skip
EDITS: tuple[Edit, ...] = (
    without("handover_home_help"), with_step(home_visit(), "intervention"),
    with_step(home_visit(label=texts("Annat")) | {"key": "home_visit"}), WITH_MOCA,
    edit("handover_rehab", acknowledge=deadline(6), accept=deadline(8)),
    edit("handover_rehab", accept=deadline(45)), edit("plan", goals_min=4),
    edit("intervention", visits_per_week=[4, 4]), edit("follow_up", obligation="mandatory"),
    edit("handover_rehab", to=["municipal_rehab", "health_centre"]),
    handovers(answer=deadline(2)), without("handover_coordination"),
)  # fmt: skip


def sound(edits: list[Edit]) -> Definition | None:
    try:
        return base(*edits, version=2)
    except (ValueError, StopIteration):
        return None


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=8, unique_by=str),
    st.lists(st.sampled_from(EDITS), max_size=5, unique_by=id).map(sound),
)
def test_without_conflicts_it_composes_on_the_new_base_and_with_them_both_edits_are_named(
    wanted: list[Made], new: Definition | None
) -> None:
    mine = addition(*wanted)
    if new is None or compose(base(), mine).definition is None:
        return

    found = rebase(base(), new, mine)

    assert [m.place for m in found.merged] == list(range(len(wanted)))
    assert all(m.addition_says and m.base_says and m.why for m in found.conflicts)
    if found.conflicts or not found.addition.operations:
        return
    composed = compose(new, found.addition).definition
    assert composed is not None
    assert compose(new, found.addition) == compose(new, found.addition)
