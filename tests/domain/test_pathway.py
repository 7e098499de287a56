"""The language of pathways: a definition is checked whole, and every fault is named at once."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.pathway import Definition
from tests.samples import pathway


def written(key: str = "generic-rehab") -> dict[str, Any]:
    """A shipped pathway as it stands in its file."""
    return pathway(key).model_dump(mode="json")


def faults(definition: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as found:
        Definition.model_validate(definition)
    (error,) = found.value.errors()
    return str(error["msg"]).removeprefix("Value error, ").split("; ")


def step(definition: dict[str, Any], key: str) -> dict[str, Any]:
    return next(s for s in definition["steps"] if s["key"] == key)


def test_a_shipped_pathway_says_the_same_when_written_and_read() -> None:
    assert Definition.model_validate(written()) == pathway("generic-rehab")


def test_several_faults_are_all_listed() -> None:
    given = written("stroke-rehab")
    step(given, "plan")["after"] = ["intervention", "nothing"]
    step(given, "handover_rehab")["hands"] = "aids"
    step(given, "handover_coordination")["purpose"] = "take_part"
    step(given, "intervention")["part"] = "home_help"
    step(given, "assessment")["instruments"] = ["katz", "vibes", "aura"]
    given["steps"] = [s for s in given["steps"] if s["kind"] != "follow_up"]

    assert faults(given) == [
        "step plan: after intervention, which is not before",
        "step plan: after nothing, which is not before",
        "no step of kind follow_up",
        "step intervention: part home_help is not held from the start",
        "step handover_rehab: unknown part aids",
        "step handover_coordination: take_over moves coordination, and nothing else does",
        "step assessment: unknown instrument vibes",
        "step assessment: unknown instrument aura",
    ]


@pytest.mark.parametrize("kind", ["assessment", "plan", "intervention", "follow_up"])
def test_the_generic_model_has_no_step_to_spare(kind: str) -> None:
    given = written()
    given["steps"] = [s for s in given["steps"] if s["kind"] != kind]

    assert f"no step of kind {kind}" in faults(given)


def test_a_pathway_without_steps_names_every_kind_that_is_missing() -> None:
    given = {**written(), "steps": []}

    assert len(faults(given)) == 5


def test_the_referral_comes_first() -> None:
    given = written()
    given["steps"] = [*given["steps"][1:], given["steps"][0]]
    step(given, "assessment")["after"] = []

    assert faults(given) == ["the referral is the first step, and the only one of its kind"]


def test_a_key_is_used_once() -> None:
    given = written()
    given["steps"].append(step(given, "handover"))

    assert faults(given) == ["step handover: key is used twice"]


def test_a_step_never_stands_after_itself() -> None:
    given = written()
    step(given, "plan")["after"] = ["plan"]

    assert faults(given) == ["step plan: after plan, which is not before"]


def test_there_may_be_several_follow_ups() -> None:
    given = written()
    given["steps"].append({**step(given, "follow_up"), "key": "second"})

    assert [s.key for s in Definition.model_validate(given).steps][-2:] == ["follow_up", "second"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("language",), 2),
        (("version",), 0),
        (("key",), "Generic Rehab"),
        (("code",), "import os"),
        (("steps", 1, "kind"), "magic"),
        (("steps", 1, "run"), "rm"),
        (("steps", 1, "due", "budget", "counting"), "days"),
        (("steps", 1, "due", "budget", "amount"), -1),
        (("steps", 1, "due", "source"), "hearsay"),
    ],
)
def test_what_the_language_does_not_know_is_refused(
    path: tuple[str | int, ...], value: object
) -> None:
    given: Any = written()
    place = given
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value

    with pytest.raises(ValidationError):
        Definition.model_validate(given)


def test_a_part_that_is_named_twice_and_a_range_that_runs_backwards_are_both_named() -> None:
    given = pathway("stroke-rehab").model_dump(mode="json")
    given["parts"].append(given["parts"][0])
    plan = next(step for step in given["steps"] if step["kind"] == "plan")
    plan |= {"goals_min": 6, "goals_max": 5}

    with pytest.raises(ValidationError) as refused:
        Definition.model_validate(given)

    assert "part rehab: key is used twice" in str(refused.value)
    assert "step plan: more goals at least than at most" in str(refused.value)
