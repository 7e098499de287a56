"""What the checker refuses: each at its own line and column, in both languages, and all at once."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.design.check import Library, check
from domain.design.simulation import World
from domain.unit import UnitKind
from tests.domain.design import made_up
from tests.domain.design.made_up import WORLD, Made, deadline, shipped, step_of, written

HOME_HELP: Made = {
    "key": "home_help",
    "kind": "handover",
    "label": {"sv": "Till hemtjänsten", "en": "To home help"},
    "part": "coordination",
    "after": ["plan"],
    "hands": "home_help",
    "purpose": "carry_out",
    "to": ["home_help"],
    "due": deadline(10),
    "acknowledge": deadline(2, "hours"),
    "accept": deadline(2),
    "first_contact": deadline(5),
}
MEETING: Made = {
    "key": "meeting",
    "kind": "meeting",
    "label": {"sv": "Teammöte", "en": "Team meeting"},
    "part": "rehab",
    "after": ["plan"],
    "due": deadline(10),
    "preparation": [{"key": "status", "label": {"sv": "Läge", "en": "Status"}}],
}
Path = tuple[str | int, ...]


class Wrong(NamedTuple):
    """An edit that nobody could live by, and the code and place that are answered."""

    name: str
    edit: Callable[[Made], None]
    code: str
    path: Path


def sound() -> Made:
    """The generic model with a meeting, and a handover to home help."""
    given = shipped()
    home_help = {"sv": "Hemtjänst", "en": "Home help"}
    given["parts"].append({"key": "home_help", "label": home_help, "held_by": ["home_help"]})
    place = given["steps"].index(step_of(given, "intervention"))
    given["steps"][place:place] = [dict(MEETING), dict(HOME_HELP)]
    return given


def step(key: str, /, **changes: Any) -> Callable[[Made], None]:
    """An edit of one step."""
    return lambda given: step_of(given, key).update(changes)


def at(given: Made, key: str, *rest: str | int) -> Path:
    """Where something of a step stands."""
    return ("steps", [s["key"] for s in given["steps"]].index(key), *rest)


def place_of(text: str, path: Path) -> tuple[int, int]:
    """The line and column of a value, read by another reader than ours."""
    node = yaml.compose(text)
    for part in path:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == part)
        else:
            assert isinstance(node, yaml.SequenceNode) and isinstance(part, int)
            node = node.value[part]
    assert node is not None
    return node.start_mark.line + 1, node.start_mark.column + 1


def drop_plan(given: Made) -> None:
    """No step of a kind that is wanted."""
    given["steps"].remove(step_of(given, "plan"))
    for one in given["steps"]:
        one["after"] = [k if k != "plan" else "assessment" for k in one.get("after", ())]


S = sound()
EVER = {"every": deadline(28)}
WRONG = [
    Wrong("circle", step("assessment", after=["plan"]), "after_unknown",
          at(S, "assessment", "after", 0)),
    Wrong("after itself", step("plan", after=["plan"]), "after_unknown", at(S, "plan", "after", 0)),
    Wrong("after nobody", step("plan", after=["plann"]), "after_unknown",
          at(S, "plan", "after", 0)),
    Wrong("unreachable", lambda d: (step("meeting", repeat=EVER)(d),
                                    step("home_help", after=["plan", "meeting"])(d))[0],
          "unreachable", at(S, "home_help", "after", 1)),
    Wrong("waits for visits that never come", step("plan", waits={"until": "visits", "visits": 2,
          "at_most": deadline(9)}), "never_begins", at(S, "plan", "waits")),
    Wrong("never true", step("meeting", when="age > 80 && age < 18"), "dead_condition",
          at(S, "meeting", "when")),
    Wrong("always true", step("meeting", when="age > 80 || age <= 80"), "condition_without_effect",
          at(S, "meeting", "when")),
    Wrong("no follow-up for some", step("follow_up", when="age > 80"), "nobody_decides",
          at(S, "follow_up", "when")),
    Wrong("no receiver may hold it", step("home_help", purpose="take_part",
          to=["municipal_rehab"]), "receiver_may_not_hold", at(S, "home_help", "to", 0)),
    Wrong("accept before acknowledge", step("home_help", acknowledge=deadline(9)),
          "accept_before_acknowledge", at(S, "home_help", "accept")),
    Wrong("due before the answer", step("home_help", due=deadline(1)), "due_before_answer",
          at(S, "home_help", "due")),
    Wrong("limit before due", step("intervention", limit={"due": deadline(5)}), "limit_before_due",
          at(S, "intervention", "limit", "due")),
    Wrong("comes again at once", step("meeting", repeat={"every": deadline(0), "times": 3}),
          "repeat_without_pause", at(S, "meeting", "repeat", "every", "budget", "amount")),
    Wrong("until nobody", step("meeting", repeat=EVER | {"until": "nobody"}), "until_unknown",
          at(S, "meeting", "repeat", "until")),
    Wrong("a plan comes again", step("plan", repeat=EVER), "not_repeatable",
          at(S, "plan", "repeat")),
    Wrong("no ladder", step("meeting", ladder="nowhere"), "ladder_unknown",
          at(S, "meeting", "ladder")),
    Wrong("no rule", step("meeting", rule="nowhere"), "rule_unknown", at(S, "meeting", "rule")),
    Wrong("no instrument", step("assessment", instruments=["ruler"]), "instrument_unknown",
          at(S, "assessment", "instruments", 0)),
    Wrong("goals backwards", step("plan", goals_min=5, goals_max=2), "range_backwards",
          at(S, "plan", "goals_min")),
    Wrong("no name", step("plan", label={"sv": " ", "en": "Plan"}), "label_empty",
          at(S, "plan", "label")),
    Wrong("two of a name", step("meeting", key="plan"), "key_twice", at(S, "meeting", "key")),
    Wrong("nobody's part", step("home_help", hands="keys"), "part_unknown",
          at(S, "home_help", "hands")),
    Wrong("no plan", drop_plan, "kind_missing", ("steps",)),
    Wrong("nothing at all", lambda d: d.update(steps=[]), "kind_missing", ("steps",)),
]  # fmt: skip


def test_the_one_that_is_edited_is_sound() -> None:
    assert check(written(sound()), Library(world=WORLD)).problems == ()


@pytest.mark.parametrize("wrong", WRONG, ids=lambda w: w.name)
def test_what_nobody_could_live_by_is_refused_where_it_stands(wrong: Wrong) -> None:
    given = sound()
    wrong.edit(given)
    text = written(given)

    checked = check(text, Library(world=WORLD))

    found = {p.code: (p.line, p.column) for p in checked.problems}
    assert found.get(wrong.code) == place_of(text, wrong.path), checked.problems
    assert checked.definition is None
    assert all(p.message.sv and p.message.en != p.message.sv for p in checked.problems)


def test_all_that_is_wrong_is_said_at_once_from_the_top() -> None:
    chosen = [w for w in WRONG if w.name in ALL_AT_ONCE]
    given = sound()
    for wrong in chosen:
        wrong.edit(given)
    text = written(given)

    problems = check(text, Library(world=WORLD)).problems

    expected = sorted((*place_of(text, w.path), w.code) for w in chosen)
    assert [(p.line, p.column, p.code) for p in problems] == expected


# What can be seen without trying the pathway out, in different steps.
ALL_AT_ONCE = {
    "circle", "accept before acknowledge", "limit before due", "until nobody", "no instrument",
    "goals backwards", "no name",
}  # fmt: skip


def test_what_the_world_lacks_is_said_with_what_is_dead_in_it() -> None:
    given = sound()
    for name in ("no ladder", "no rule", "never true"):
        next(w for w in WRONG if w.name == name).edit(given)

    found = [p.code for p in check(written(given), Library(world=WORLD)).problems]

    assert sorted(found) == ["dead_condition", "ladder_unknown", "rule_unknown"]


def without(kind: UnitKind) -> World:
    """A world without one kind of unit."""
    return WORLD._replace(units={i: u for i, u in WORLD.units.items() if u.kind is not kind})


def test_a_receiver_that_no_unit_matches_is_refused_where_there_is_none() -> None:
    text = written(sound())

    checked = check(text, Library(world=without(UnitKind.HOME_HELP)))

    assert [(p.code, p.line) for p in checked.problems] == [
        ("receiver_missing", place_of(text, at(S, "home_help", "to"))[0])
    ]
    assert check(text).sound, "nothing is known of the world, and nothing is said of it"


def test_an_impossible_start_is_refused() -> None:
    no_start = {i: u for i, u in WORLD.units.items() if u.kind is UnitKind.HOME_HELP}

    found = check(written(sound()), Library(world=WORLD._replace(units=no_start))).problems

    assert "nobody_can_begin" in [p.code for p in found]


@settings(deadline=None, max_examples=60)
@given(made_up.definitions(), st.data())
def test_a_circle_is_refused_wherever_it_is_tied(made: Made, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(made["steps"]) - 1))
    later = data.draw(st.integers(number, len(made["steps"]) - 1))
    made["steps"][number]["after"] = [made["steps"][later]["key"]]
    text = written(made)

    found = {(p.code, p.line) for p in check(text, Library(world=WORLD)).problems}

    assert ("after_unknown", place_of(text, ("steps", number, "after", 0))[0]) in found


@settings(deadline=None, max_examples=60)
@given(made_up.conditions(), st.integers(0, 100), st.integers(0, 100))
def test_a_condition_that_contradicts_itself_is_dead(some: str, low: int, more: int) -> None:
    given = sound()
    dead = f"({some}) && visits < {low} && visits > {low + more}"
    step_of(given, "meeting")["when"] = dead
    text = written(given)

    found = {(p.code, p.line) for p in check(text).problems}

    assert found == {("dead_condition", place_of(text, at(S, "meeting", "when"))[0])}
