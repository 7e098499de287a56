"""A local addition on its base: what each operation does, what is refused, and what is said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Budget, Counting, Opening, advance
from domain.design.addition import Addition, Operation
from domain.design.compose import DEEPEST, Composed, compose, faults_of
from domain.design.digest import digest
from domain.fault import Fault, Path
from domain.pathway import Definition, HandoverStep, MeetingStep
from domain.step_definition import Deadline, Obligation, StepDefinition
from domain.unit import Hours
from tests.samples import ALICE, ROOT, calendar, pathway

Made = dict[str, Any]
VASTMANLAND = ROOT / "pathways/stroke-rehab/additions/vastmanland/v1.yaml"
LIMITED = {"due": {"budget": {"amount": 91, "counting": "calendar_days"}, "source": "chosen"}}


def deadline(amount: int, counting: str = "hours") -> Made:
    return {"budget": {"amount": amount, "counting": counting}, "source": "chosen"}


def texts(said: str) -> Made:
    return {"sv": said, "en": said}


def addition(*operations: Made, **change: Any) -> Addition:
    head: Made = {
        "language": 1,
        "extends": "stroke-rehab@1",
        "key": "local",
        "version": 1,
        "label": {"sv": "Lokalt tillägg", "en": "Local addition"},
        "owned_by": "Egen enhet (demo)",
        "operations": operations,
    }
    return Addition.model_validate(head | change)


def base(**of_steps: Made) -> Definition:
    """Stroke rehab, with some steps that are different."""
    made = pathway().model_dump(mode="json")
    for step in made["steps"]:
        step |= of_steps.get(step["key"], {})
    return Definition.model_validate(made)


def composed(*operations: Made, on: Definition | None = None) -> Definition:
    found = compose(on or base(), addition(*operations))
    assert found.definition is not None, found.faults
    return found.definition


def refused(*operations: Made, on: Definition | None = None) -> Fault:
    """The only fault of an addition."""
    found = compose(on or base(), addition(*operations))
    assert found.definition is None
    (fault,) = found.faults
    return fault


def step(definition: Definition, key: str) -> Any:
    found = definition.step(key)
    assert found is not None
    return found


def home_visit(**change: Any) -> Made:
    return {
        "key": "home_visit",
        "kind": "intervention",
        "label": texts("Hembesök"),
        "part": "rehab",
        "after": ["handover_rehab"],
        "due": deadline(5, "working_days"),
    } | change


def team_meeting(**change: Any) -> Made:
    item = {"key": "goals", "label": texts("Mål")}
    more = {"key": "team", "kind": "meeting", "preparation": [item]}
    return home_visit() | more | change


def add(made: Made, **change: Any) -> Made:
    return {"op": "add_step", "step": made} | change


def tighten(key: str | None, what: str, amount: int, counting: str = "hours") -> Made:
    made: Made = {"op": "tighten", "what": what, "to": deadline(amount, counting)}
    return made | ({"step": key} if key else {})


def leave_out(key: str) -> Made:
    return {"op": "leave_out", "step": key, "because": "Görs inte här."}


def of(kind: str, key: str, **given: Any) -> Made:
    return {"op": kind, "step": key} | given


def vastmanland() -> Addition:
    return Addition.model_validate(yaml.safe_load(VASTMANLAND.read_text("utf-8")))


class TestEffects:
    def test_a_step_comes_in_before_another_which_waits_for_it(self) -> None:
        found = composed(add(home_visit(), before="intervention", required_by=["intervention"]))

        keys = [s.key for s in found.steps]
        assert keys.index("home_visit") == keys.index("intervention") - 1
        assert step(found, "intervention").after == ("handover_rehab", "home_visit")
        assert found.layers[-1].changed == {"intervention": ("after",)}

    def test_without_a_place_a_step_comes_last(self) -> None:
        assert composed(add(home_visit())).steps[-1].key == "home_visit"

    @pytest.mark.parametrize(
        ("what", "amount"), [("due", 72), ("acknowledge", 8), ("accept", 24), ("first_contact", 0)]
    )
    def test_a_time_of_a_step_gets_shorter(self, what: str, amount: int) -> None:
        was = step(base(), "handover_coordination")

        found = composed(tighten("handover_coordination", what, amount))

        now = step(found, "handover_coordination")
        assert getattr(now, what).budget == Budget(amount=amount, counting=Counting.HOURS)
        assert was.model_dump(exclude={what}) == now.model_dump(exclude={what})

    def test_a_limit_gets_shorter_and_stays_as_hard(self) -> None:
        on = base(intervention={"limit": {**LIMITED, "hard": True}})

        limit = step(
            composed(tighten("intervention", "limit", 60, "calendar_days"), on=on), "intervention"
        ).limit

        assert (limit.due.budget.amount, limit.hard) == (60, True)

    def test_a_repeat_comes_more_often_and_until_the_same(self) -> None:
        again = {"every": deadline(28, "calendar_days"), "times": 4}
        on = base(assessment={"repeat": again}, plan={"after": ["referral"]})

        found = composed(tighten("assessment", "every", 14, "calendar_days"), on=on)

        assert step(found, "assessment").repeat.every.budget.amount == 14
        assert step(found, "assessment").repeat.times == 4

    @pytest.mark.parametrize("until", [{"until": "discharge"}, {"until": "visits", "visits": 3}])
    def test_a_wait_gets_shorter(self, until: Made) -> None:
        waits = until | {"at_most": deadline(90, "calendar_days")}
        on = base(follow_up={"after": ["handover_rehab"], "waits": waits})

        found = composed(tighten("follow_up", "at_most", 30, "calendar_days"), on=on)

        assert step(found, "follow_up").waits.at_most.budget.amount == 30

    @pytest.mark.parametrize(
        "what", ["received", "acknowledge", "accept", "answer", "discharge", "first_contact"]
    )
    def test_a_time_of_other_handovers_gets_shorter_and_is_named(self, what: str) -> None:
        found = composed(tighten(None, what, 0))

        assert getattr(found.handovers, what).budget == Budget(amount=0, counting=Counting.HOURS)
        assert found.layers[-1].changed == {"handovers": (what,)}

    def test_more_is_required_and_nothing_that_was_goes(self) -> None:
        found = composed(
            of("require_instruments", "assessment", instruments=["moca", "katz"]),
            of("require_fields", "handover_rehab", fields=["risks", "aids"]),
            of("require_professions", "intervention", professions=["FT", "AT"]),
        )

        assert step(found, "assessment").instruments == ("nihss", "katz", "berg", "mrs", "moca")
        assert step(found, "handover_rehab").fields == ("risks", "aids")
        assert step(found, "intervention").professions == ("FT", "AT")

    def test_more_must_be_ready_before_a_meeting(self) -> None:
        item = {"key": "aids", "label": texts("Hjälpmedel")}
        known = {"key": "goals", "label": texts("Mål")}

        found = composed(
            add(team_meeting()), of("require_preparation", "team", items=[known, item])
        )

        assert [i.key for i in step(found, "team").preparation] == ["goals", "aids"]

    def test_receivers_get_fewer_and_may_be_those_of_the_municipality_alone(self) -> None:
        found = composed(
            of("set_receivers", "handover_rehab", to=["municipal_rehab"], same_municipality=True)
        )

        handover = step(found, "handover_rehab")
        assert (handover.to, handover.same_municipality) == (("municipal_rehab",), True)

    def test_goals_and_visits_get_narrower_with_their_sources(self) -> None:
        why = {"source": "national", "note": "Ett tal."}

        found = composed(
            of("set_goals", "plan", goals_min=3, goals_max=4, goals_from=why),
            of("set_visits", "intervention", visits_per_week=[3, 5], visits_from=why),
        )

        plan, training = step(found, "plan"), step(found, "intervention")
        assert (plan.goals_min, plan.goals_max, plan.goals_from.note) == (3, 4, "Ett tal.")
        assert (training.visits_per_week, training.visits_from.note) == ((3, 5), "Ett tal.")

    def test_where_the_base_has_no_number_of_visits_any_is_narrower(self) -> None:
        on = base(intervention={"visits_per_week": None})

        found = composed(of("set_visits", "intervention", visits_per_week=[9, 9]), on=on)

        assert step(found, "intervention").visits_per_week == (9, 9)

    def test_guidance_comes_after_that_of_the_base(self) -> None:
        found = composed(of("add_guidance", "plan", guidance={"sv": "Ring.", "en": "Call."}))

        was, now = step(base(), "plan").guidance, step(found, "plan").guidance
        assert (now.sv, now.en) == (f"{was.sv}\n\nRing.", f"{was.en}\n\nCall.")

    def test_the_base_keeps_its_link_and_that_of_the_addition_follows_its_text(self) -> None:
        on = base(plan={"guidance": texts("Läs.") | {"link": "https://example.se/a"}})
        more = texts("Läs mer:") | {"link": "https://example.se/b"}

        guidance = step(composed(of("add_guidance", "plan", guidance=more), on=on), "plan").guidance

        assert guidance.link == "https://example.se/a"
        assert guidance.sv == "Läs.\n\nLäs mer: https://example.se/b"

    def test_the_only_link_is_the_link(self) -> None:
        more = texts("Läs:") | {"link": "https://example.se/b"}
        on = base(plan={"guidance": None})

        guidance = step(composed(of("add_guidance", "plan", guidance=more), on=on), "plan").guidance

        assert (guidance.sv, guidance.link) == ("Läs:", "https://example.se/b")

    def test_a_step_becomes_mandatory(self) -> None:
        found = composed(of("make_mandatory", "follow_up"))

        assert step(found, "follow_up").obligation is Obligation.MANDATORY

    def test_a_step_gets_another_ladder(self) -> None:
        found = composed(of("set_ladder", "follow_up", ladder="statutory"))

        assert step(found, "follow_up").ladder == "statutory"

    def test_what_waited_for_a_step_that_is_left_out_waits_for_what_it_waited_for(self) -> None:
        found = composed(add(home_visit(), before="intervention"), leave_out("handover_rehab"))

        assert found.step("handover_rehab") is None
        assert step(found, "intervention").after == ("plan",)
        assert found.layers[-1].left_out == ("handover_rehab",)
        assert found.layers[-1].changed == {"intervention": ("after",)}


class TestNaming:
    def test_the_layer_says_whose_it_is_what_it_is_on_and_what_it_did(self) -> None:
        added = vastmanland()

        found = compose(base(), added).definition

        assert found is not None
        (layer,) = found.layers
        assert (layer.name, layer.owned_by) == ("stroke-rehab-vastmanland@1", added.owned_by)
        assert (layer.on, layer.on_hash) == ("stroke-rehab@1", digest(base()))
        assert layer.hash == digest(added)
        assert layer.added == ("home_visit", "team_meeting", "follow_up_3m")
        assert layer.changed == {"handover_rehab": ("acknowledge",), "assessment": ("instruments",)}
        assert layer.left_out == ()

    def test_the_whole_is_named_by_the_addition_and_is_of_the_family_of_the_base(self) -> None:
        found = composed(tighten(None, "accept", 8))

        assert (found.name, found.family, found.owned_by) == (
            "local@1",
            "stroke-rehab",
            "Egen enhet (demo)",
        )
        assert found.sources[: len(base().sources)] == base().sources

    def test_the_base_is_not_touched_and_its_steps_stand_word_by_word(self) -> None:
        on, before = base(), digest(base())
        touched = {"home_visit", "team_meeting", "follow_up_3m", "handover_rehab", "assessment"}

        found = compose(on, vastmanland()).definition

        assert found is not None
        assert (on, digest(on)) == (base(), before)
        assert [s for s in found.steps if s.key not in touched] == [
            s for s in on.steps if s.key not in touched
        ]

    def test_what_an_operation_did_not_change_is_not_called_changed(self) -> None:
        found = composed(
            of("require_instruments", "assessment", instruments=["katz"]),
            tighten("plan", "due", 5, "calendar_days"),
            tighten("plan", "due", 4, "calendar_days"),
        )

        assert found.layers[-1].changed == {"plan": ("due",)}

    def test_what_is_done_to_an_added_step_belongs_to_the_step(self) -> None:
        found = composed(
            add(home_visit()),
            tighten("home_visit", "due", 3, "working_days"),
            add(team_meeting(), before="home_visit", required_by=["home_visit"]),
        )

        assert found.layers[-1].added == ("home_visit", "team")
        assert found.layers[-1].changed == {}

    def test_a_step_that_is_added_and_left_out_is_neither(self) -> None:
        found = composed(
            add(home_visit(), before="intervention", required_by=["intervention"]),
            leave_out("home_visit"),
            tighten("plan", "due", 5, "calendar_days"),
        )

        layer = found.layers[-1]
        assert (layer.added, layer.left_out, layer.changed) == ((), (), {"plan": ("due",)})

    def test_a_step_that_is_changed_and_left_out_is_left_out_alone(self) -> None:
        found = composed(
            of("make_mandatory", "plan"),
            tighten("handover_home_help", "accept", 8),
            leave_out("handover_home_help"),
        )

        assert found.layers[-1].changed == {"plan": ("obligation",)}
        assert found.layers[-1].left_out == ("handover_home_help",)

    def test_an_addition_on_an_addition_has_two_layers(self) -> None:
        lower = composed(tighten("plan", "due", 5, "calendar_days"))
        upper = addition(
            tighten("plan", "due", 4, "calendar_days"), extends="local@1", key="clinic"
        )

        found = compose(lower, upper).definition

        assert found is not None
        assert [layer.on for layer in found.layers] == ["stroke-rehab@1", "local@1"]
        assert found.changed == {"plan": ("due", "due")}
        assert found.family == "stroke-rehab"

    def test_the_same_twice_comes_to_the_same(self) -> None:
        first, second = compose(base(), vastmanland()), compose(base(), vastmanland())

        assert first == second
        assert first.definition is not None and second.definition is not None
        assert digest(first.definition) == digest(second.definition)


MANDATORY: Made = {"obligation": "mandatory"}
ITEM = {"key": "aids", "label": texts("Hjälpmedel")}
WIDER = of("set_receivers", "handover_rehab", to=["municipal_rehab", "school"])
EVERYWHERE = of("set_receivers", "handover_rehab", to=["municipal_rehab"])
ABOUT_NOTHING = add(home_visit(), before="follow_up", required_by=["follow_up", "no"])
SMELL = of("require_fields", "assessment", fields=["summary", "smell"])
MOKA = of("require_instruments", "assessment", instruments=["moca", "moka"])


def visits(low_and_high: list[int]) -> Made:
    return of("set_visits", "intervention", visits_per_week=low_and_high)


REFUSED: tuple[tuple[str, Made, Path], ...] = (
    ("deadline_longer", tighten("handover_rehab", "accept", 25), ("to",)),
    ("deadline_longer", tighten("handover_rehab", "accept", 1, "working_days"), ("to",)),
    ("deadline_longer", tighten(None, "answer", 2, "working_days"), ("to",)),
    ("no_such_time", tighten("plan", "accept", 1), ("what",)),
    ("no_such_time", tighten("intervention", "limit", 1), ("what",)),
    ("no_such_time", tighten("intervention", "every", 1), ("what",)),
    ("no_such_time", tighten("plan", "at_most", 1), ("what",)),
    ("no_such_time", tighten(None, "due", 1), ("what",)),
    ("mandatory_left_out", leave_out("handover_home_help"), ("step",)),
    ("mandatory_left_out", leave_out("plan"), ("step",)),
    ("receivers_widened", WIDER, ("to",)),
    ("receivers_widened", EVERYWHERE, ("same_municipality",)),
    ("goals_widened", of("set_goals", "plan", goals_min=1, goals_max=5), ("goals_min",)),
    ("goals_widened", of("set_goals", "plan", goals_min=2, goals_max=6), ("goals_max",)),
    ("goals_widened", of("set_goals", "plan", goals_min=5, goals_max=2), ("goals_max",)),
    ("visits_widened", visits([1, 7]), ("visits_per_week",)),
    ("visits_widened", visits([2, 8]), ("visits_per_week",)),
    ("visits_widened", visits([5, 3]), ("visits_per_week",)),
    ("not_of_this_kind", of("require_fields", "plan", fields=["summary"]), ("step",)),
    ("not_of_this_kind", of("require_instruments", "plan", instruments=["berg"]), ("step",)),
    ("not_of_this_kind", of("set_goals", "intervention", goals_min=1, goals_max=2), ("step",)),
    ("not_of_this_kind", of("set_visits", "plan", visits_per_week=[1, 2]), ("step",)),
    ("not_of_this_kind", of("set_receivers", "plan", to=["school"]), ("step",)),
    ("not_of_this_kind", of("require_preparation", "plan", items=[ITEM]), ("step",)),
    ("mandatory_ladder", of("set_ladder", "handover_home_help", ladder="step"), ("ladder",)),
    ("key_twice", add(home_visit(key="plan")), ("step", "key")),
    ("step_unknown", tighten("nothing", "due", 1), ("step",)),
    ("step_unknown", leave_out("nothing"), ("step",)),
    ("step_unknown", add(home_visit(), before="nothing"), ("before",)),
    ("step_unknown", ABOUT_NOTHING, ("required_by", 1)),
    ("composed_invalid", SMELL, ("fields", 1)),
    ("composed_invalid", of("require_fields", "handover_rehab", fields=["summary"]), ("fields", 0)),
    ("composed_invalid", MOKA, ("instruments", 1)),
    ("composed_invalid", add(home_visit(), required_by=["intervention"]), ("required_by", 0)),
)  # fmt: skip


class TestRefusals:
    @pytest.mark.parametrize(("rule", "operation", "at"), REFUSED)
    def test_each_rule_is_named_with_its_place(self, rule: str, operation: Made, at: Path) -> None:
        on = base(handover_home_help=MANDATORY, handover_rehab={"same_municipality": True})

        fault = refused(operation, on=on)

        assert (fault.code, fault.path) == (rule, ("operations", 0, *at))
        assert fault.sv and fault.en and fault.sv != fault.en

    def test_everything_is_said_at_once_each_at_its_operation(self) -> None:
        operations = [made for _, made, _ in REFUSED]
        on = base(handover_home_help=MANDATORY, handover_rehab={"same_municipality": True})

        found = compose(on, addition(*operations))

        assert found.definition is None
        assert [f.code for f in found.faults] == [rule for rule, _, _ in REFUSED]
        assert [f.path[1] for f in found.faults] == list(range(len(REFUSED)))
        assert faults_of(on, enumerate(addition(*operations).operations)) == found.faults

    def test_a_refused_operation_leaves_nothing_behind(self) -> None:
        half = add(home_visit(), before="follow_up", required_by=["follow_up", "nothing"])

        found = compose(base(), addition(half, tighten("home_visit", "due", 1)))

        assert [(f.code, f.path[1]) for f in found.faults] == [
            ("step_unknown", 0),
            ("step_unknown", 1),
        ]

    def test_an_addition_to_something_else_is_refused(self) -> None:
        found = compose(base(), addition(leave_out("plan"), extends="stroke-rehab@2"))

        assert [(f.code, f.path) for f in found.faults] == [("base_unknown", ("extends",))]

    @pytest.mark.parametrize("key", ["stroke-rehab", "local"])
    def test_an_addition_has_a_key_of_its_own(self, key: str) -> None:
        lower = composed(tighten("plan", "due", 5, "calendar_days"))
        upper = addition(tighten("plan", "due", 4, "calendar_days"), extends="local@1", key=key)

        found = compose(lower, upper)

        assert [(f.code, f.path) for f in found.faults] == [("key_of_base", ("key",))]

    def test_what_an_addition_makes_mandatory_the_next_one_cannot_weaken(self) -> None:
        lower = composed(of("make_mandatory", "handover_home_help"))
        weaker = (
            leave_out("handover_home_help"),
            of("set_ladder", "handover_home_help", ladder="step"),
        )

        found = compose(lower, addition(*weaker, extends="local@1", key="clinic"))

        assert [f.code for f in found.faults] == ["mandatory_left_out", "mandatory_ladder"]

    def test_another_checklist_text_under_a_known_key_is_refused(self) -> None:
        other = {"key": "goals", "label": texts("Något annat")}

        fault = refused(add(team_meeting()), of("require_preparation", "team", items=[other]))

        assert (fault.code, fault.path) == ("key_twice", ("operations", 1, "items", 0, "key"))

    def test_more_than_a_step_can_have_is_refused_at_the_operation(self) -> None:
        items = [{"key": f"k{n}", "label": texts("Punkt")} for n in range(30)]

        fault = refused(add(team_meeting()), of("require_preparation", "team", items=items))

        assert (fault.code, fault.path) == ("composed_invalid", ("operations", 1, "items"))
        assert fault.sv == "steget team, preparation: listan är för lång; största antal är 30"

    def test_a_field_that_the_kind_lacks_is_answered_with_those_that_it_has(self) -> None:
        fault = refused(of("require_fields", "assessment", fields=["smell"]))

        assert fault.sv == (
            "steget assessment, fields: värdet är inte ett av de tillåtna: "
            "psychosocial_support, comorbidity, motivation, summary"
        )
        assert fault.en.startswith("step assessment, fields: the value is none of: psychosocial")

    def test_a_step_that_stands_before_what_it_should_wait_for_is_told_what_to_do(self) -> None:
        fault = refused(add(home_visit(), before="follow_up", required_by=["intervention"]))

        assert fault.path == ("operations", 0, "required_by", 0)
        assert "step intervention stands before home_visit and cannot wait for it" in fault.en
        assert "sätt before till intervention" in fault.sv


class TestTheWhole:
    @pytest.mark.parametrize(
        ("wrong", "at", "why"),
        [
            (add(home_visit(after=["follow_up"]), before="intervention"), ("step", "after", 0),
             "after follow_up, which is not before"),
            (add(home_visit(instruments=["moka"])), ("step", "instruments", 0), "instrument moka"),
            (add(home_visit(after=[]), before="referral"), ("step",), "the referral is the first"),
            (add(home_visit(part="home_help")), ("step", "part"), "part home_help is not held"),
            (tighten("handover_rehab", "due", 12), ("to",), "is due before the receiver"),
        ],
    )  # fmt: skip
    def test_what_does_not_hang_together_is_said_at_the_operation_that_brought_it(
        self, wrong: Made, at: Path, why: str
    ) -> None:
        sound = [tighten("plan", "due", 6 - n, "calendar_days") for n in range(3)]

        found = compose(base(), addition(*sound, wrong, of("make_mandatory", "plan")))

        (fault,) = found.faults
        assert (fault.code, fault.path) == ("composed_invalid", ("operations", 3, *at))
        assert why in fault.en
        assert fault.sv.startswith("helheten hänger inte ihop: ")

    def test_a_step_left_out_that_a_repeat_ends_with_is_said_where_it_is_left_out(self) -> None:
        until = {"every": deadline(9, "calendar_days"), "until": "handover_home_help"}

        fault = refused(
            of("make_mandatory", "plan"),
            add(team_meeting(repeat=until)),
            leave_out("handover_home_help"),
            tighten("plan", "due", 5, "calendar_days"),
        )

        assert (fault.code, fault.path) == ("composed_invalid", ("operations", 2, "step"))
        assert "okänt steg handover_home_help" in fault.sv

    def test_each_fault_of_the_whole_is_said(self) -> None:
        first, second = home_visit(key="a", after=["no"]), home_visit(key="b", instruments=["no"])

        found = compose(base(), addition(add(first), of("make_mandatory", "plan"), add(second)))

        assert [f.path for f in found.faults] == [
            ("operations", 0, "step", "after", 0),
            ("operations", 2, "step", "instruments", 0),
        ]

    def test_what_hangs_together_in_the_end_may_be_said_in_any_order(self) -> None:
        found = composed(
            add(home_visit(after=["team"]), before="intervention"),
            add(team_meeting(), before="home_visit"),
            tighten("handover_coordination", "due", 12),
            tighten("handover_coordination", "accept", 8),
            tighten("handover_coordination", "acknowledge", 8),
        )

        assert step(found, "home_visit").after == ("team",)

    def test_the_step_past_the_five_hundredth_is_the_one_that_is_too_many(self) -> None:
        room = 500 - len(base().steps)
        many = [add(home_visit(key=f"s{n}")) for n in range(room + 2)]

        full, over = compose(base(), addition(*many[:room])), compose(base(), addition(*many[:500]))

        assert full.definition is not None and len(full.definition.steps) == 500
        (fault,) = over.faults
        assert (fault.code, fault.path) == ("composed_invalid", ("operations", room, "step"))
        assert "fler än 500 steg" in fault.sv


def stacked(height: int) -> Composed:
    """So many additions on each other, each with a step of its own."""
    found = Composed(base(), ())
    for n in range(height):
        assert found.definition is not None
        upper = addition(
            add(home_visit(key=f"s{n}")), extends=found.definition.name, key=f"local-{n}"
        )
        found = compose(found.definition, upper)
    return found


def test_a_hundred_additions_stand_on_each_other_and_the_next_is_refused() -> None:
    deepest = stacked(DEEPEST)

    assert deepest.definition is not None
    assert len(deepest.definition.layers) == DEEPEST == 100
    assert deepest.definition.added == tuple(f"s{n}" for n in range(100))
    over = compose(deepest.definition, addition(of("make_mandatory", "plan"), extends="local-99@1"))
    assert over.definition is None
    assert [(f.code, f.path) for f in over.faults] == [("additions_too_deep", ("extends",))]


def test_what_an_addition_further_up_leaves_out_is_added_by_none() -> None:
    lower = stacked(2).definition
    assert lower is not None

    upper = compose(lower, addition(leave_out("s0"), extends=lower.name, key="upper")).definition

    assert upper is not None
    assert (lower.added, upper.added) == (("s0", "s1"), ("s1",))


class TestDigest:
    def test_the_order_of_fields_in_a_file_does_not_matter(self) -> None:
        made = yaml.safe_load(VASTMANLAND.read_text("utf-8"))
        turned = _turned(made)

        assert list(turned) != list(made)
        assert digest(Addition.model_validate(turned)) == digest(vastmanland())

    def test_a_default_said_or_not_said_is_the_same(self) -> None:
        silent = addition(add(home_visit()))
        said = addition(
            add(home_visit(obligation="expected", instruments=[], when=None), before=None)
        )

        assert digest(said) == digest(silent)

    def test_another_order_of_operations_is_another_addition(self) -> None:
        one, two = of("make_mandatory", "plan"), of("make_mandatory", "follow_up")

        assert digest(addition(one, two)) != digest(addition(two, one))

    def test_any_content_that_differs_makes_another_hash(self) -> None:
        hashes = [digest(addition(tighten("plan", "due", n, "calendar_days"))) for n in range(5)]

        assert len(set(hashes)) == 5


def _turned(made: Any) -> Any:
    if isinstance(made, dict):
        return {key: _turned(made[key]) for key in reversed(made)}
    return [_turned(one) for one in made] if isinstance(made, list) else made


TIMES = (
    "due",
    "acknowledge",
    "accept",
    "first_contact",
    "limit",
    "answer",
    "received",
    "discharge",
)
KEYS = (None, *(s.key for s in pathway().steps), "home_visit")
tightenings = st.builds(
    tighten,
    st.sampled_from(KEYS),
    st.sampled_from(TIMES),
    st.integers(0, 200),
    st.sampled_from([str(c) for c in Counting]),
)
others = st.one_of(
    st.sampled_from(KEYS[1:]).map(lambda key: leave_out(str(key))),
    st.sampled_from(KEYS[1:]).map(lambda key: of("make_mandatory", str(key))),
    st.sampled_from(["plan", "intervention", "follow_up"]).map(
        lambda key: add(home_visit(), before=key, required_by=[key])
    ),
)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
instants = st.integers(0, 4 * 366 * 24 * 4).map(lambda n: FIRST + n * timedelta(minutes=15))
RARELY_OPEN = Opening(
    unit=ALICE,
    version=1,
    hours=(Hours.model_validate({"day": 3, "opens": "10:00", "closes": "11:00"}),),
)


def deadlines(of_step: Any) -> dict[str, Deadline]:
    """Every time of a step or of other handovers."""
    found = {name: getattr(of_step, name) for name in type(of_step).model_fields}
    if getattr(of_step, "limit", None):
        found["limit"] = of_step.limit.due
    return {name: value for name, value in found.items() if isinstance(value, Deadline)}


def ends(budget: Budget, start: datetime) -> datetime:
    opened = calendar().of(RARELY_OPEN if budget.counting is Counting.OPENING_HOURS else None)
    return advance(start, budget.span, budget.counting, opened)


def as_far_as_allowed(on: Definition, wanted: list[Made]) -> tuple[Definition, list[Operation]]:
    """The definition with those of the operations that are taken, one after the other."""
    taken, found = list[Made](), on
    for operation in wanted:
        one = compose(on, addition(*taken, operation))
        if one.definition is not None:
            taken.append(operation)
            found = one.definition
    return found, list(addition(*taken).operations) if taken else []


@settings(deadline=None)
@given(st.lists(st.one_of(tightenings, tightenings, others), max_size=12), instants)
def test_no_tightening_makes_a_time_longer_and_no_mandatory_step_goes(
    wanted: list[Made], start: datetime
) -> None:
    limited = {"limit": LIMITED}
    on = base(plan=MANDATORY, handover_home_help=MANDATORY, intervention=limited)

    found, _ = as_far_as_allowed(on, wanted)

    was: dict[str, Any] = {s.key: s for s in on.steps} | {"": on.handovers}
    now: dict[str, Any] = {s.key: s for s in found.steps} | {"": found.handovers}
    mandatory = {k for k, s in was.items() if getattr(s, "obligation", None) == "mandatory"}
    assert mandatory == {"plan", "handover_home_help"}
    assert all(now[key].obligation is Obligation.MANDATORY for key in mandatory)
    for key in was.keys() & now.keys():
        before, after = deadlines(was[key]), deadlines(now[key])
        assert before.keys() == after.keys()
        for name in before:
            assert ends(after[name].budget, start) <= ends(before[name].budget, start), (key, name)


budgets = st.builds(Budget, amount=st.integers(0, 60), counting=st.sampled_from(Counting))


@settings(deadline=None)
@given(budgets, budgets, instants)
def test_a_time_of_another_kind_is_taken_only_when_it_surely_ends_no_later(
    was: Budget, then: Budget, start: datetime
) -> None:
    on = base(assessment={"due": {"budget": was.model_dump(mode="json"), "source": "chosen"}})

    found = compose(on, addition(tighten("assessment", "due", then.amount, str(then.counting))))

    if found.definition is None:
        assert [f.code for f in found.faults] == ["deadline_longer"]
    else:
        assert ends(then, start) <= ends(was, start)


@pytest.mark.parametrize(
    ("was", "then", "taken"),
    [
        ((5, "working_days"), (5, "calendar_days"), True),
        ((5, "calendar_days"), (5, "working_days"), False),
        ((24, "opening_hours"), (24, "hours"), True),
        ((3000, "hours"), (1, "opening_hours"), False),
        ((1, "calendar_days"), (23, "hours"), True),
        ((1, "calendar_days"), (24, "hours"), False),
    ],
)
def test_kinds_of_time_are_compared_by_their_worst(
    was: tuple[int, str], then: tuple[int, str], taken: bool
) -> None:
    on = base(assessment={"due": deadline(*was)})

    found = compose(on, addition(tighten("assessment", "due", *then)))

    assert (found.definition is not None) is taken


def test_steps_are_of_the_kinds_that_they_say() -> None:
    found = composed(add(team_meeting()))

    kinds: list[type[StepDefinition]] = [type(s) for s in found.steps]
    assert (kinds.count(HandoverStep), kinds[-1]) == (3, MeetingStep)
