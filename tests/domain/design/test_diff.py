"""What differs between two definitions: every kind of change, as data and in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.design.diff import NAMES, Difference, as_text, differences
from domain.pathway import Definition
from tests.samples import pathway

Made = dict[str, Any]
Change = Callable[[Made], None]


def changed(*changes: Change) -> Definition:
    """Stroke rehab with some changes."""
    made = pathway().model_dump(mode="json")
    for change in changes:
        change(made)
    return Definition.model_validate(made)


def of(key: str, **fields: Any) -> Change:
    def change(made: Made) -> None:
        next(s for s in made["steps"] if s["key"] == key).update(fields)

    return change


def whole(**fields: Any) -> Change:
    return lambda made: made.update(fields)


def days(amount: int, note: str | None = None) -> Made:
    budget = {"amount": amount, "counting": "calendar_days"}
    return {"budget": budget, "source": "chosen", "note": note}


def without(key: str) -> Change:
    def change(made: Made) -> None:
        made["steps"] = [s for s in made["steps"] if s["key"] != key]

    return change


def moved(made: Made) -> None:
    """Both follow the plan, so that either may stand first."""
    steps = made["steps"]
    steps.insert(3, steps.pop(4))


def with_part(made: Made) -> None:
    label = {"sv": "Hjälpmedel", "en": "Aids"}
    made["parts"].append({"key": "aids", "label": label, "held_by": ["home_health_care"]})


def wider_part(made: Made) -> None:
    made["parts"][1]["held_by"].append("short_term_housing")


def fewer_parts(made: Made) -> None:
    without("handover_home_help")(made)
    made["parts"].pop()


def retargeted(made: Made) -> None:
    made["target"]["sv"] = "Alla"


def renamed(made: Made) -> None:
    made["steps"][1]["key"] = "first_look"
    made["steps"][2]["after"] = ["first_look"]


def sooner(made: Made) -> None:
    made["handovers"]["accept"]["budget"] = {"amount": 8, "counting": "hours"}


def said(*changes: Change) -> list[tuple[str, str | None, str]]:
    return [(d.what, d.step, d.field) for d in differences(pathway(), changed(*changes))]


OF_ONE: tuple[tuple[Change, tuple[str, str | None, str]], ...] = (
    (without("handover_home_help"), ("removed", "handover_home_help", "")),
    (renamed, ("added", "first_look", "")),
    (renamed, ("removed", "assessment", "")),
    (of("plan", goals_min=3), ("changed", "plan", "goals_min")),
    (of("plan", when="need"), ("added", "plan", "when")),
    (of("plan", guidance=None), ("removed", "plan", "guidance")),
    (of("plan", label={"sv": "Plan", "en": "Rehab plan"}), ("changed", "plan", "label.sv")),
    (of("intervention", limit={"due": days(91)}), ("added", "intervention", "limit")),
    (of("intervention", visits_per_week=[3, 7]), ("changed", "intervention", "visits_per_week")),
    (of("follow_up", instruments=["katz"]), ("changed", "follow_up", "instruments")),
    (of("follow_up", instruments=[]), ("removed", "follow_up", "instruments")),
    (of("follow_up", professions=["FT"]), ("added", "follow_up", "professions")),
    (of("follow_up", obligation="optional"), ("changed", "follow_up", "obligation")),
    (retargeted, ("changed", None, "target.sv")),
    (whole(owned_by="Egen enhet (demo)"), ("added", None, "owned_by")),
    (whole(sources=[]), ("removed", None, "sources")),
    (whole(owner="region"), ("changed", None, "owner")),
    (sooner, ("changed", None, "handovers.accept.budget")),
    (with_part, ("added", None, "parts.aids")),
    (wider_part, ("changed", None, "parts.home_help.held_by")),
    (fewer_parts, ("removed", None, "parts.home_help")),
    (moved, ("changed", None, "steps")),
)


@pytest.mark.parametrize(("change", "expected"), OF_ONE)
def test_each_kind_of_change_is_found_where_it_is(
    change: Change, expected: tuple[str, str | None, str]
) -> None:
    found = said(change)

    assert expected in found
    further = 2 if change is renamed else 1 if change is fewer_parts else 0
    assert len(found) == 1 + further


def test_a_time_is_one_change_and_its_note_another() -> None:
    note, time = differences(pathway(), changed(of("follow_up", due=days(60, "Ny."))))

    assert (time.field, note.field) == ("due.budget", "due.note")
    assert (time.was["amount"], time.now["amount"]) == (90, 60)
    assert note.now == "Ny."


def test_how_a_definition_is_named_is_no_difference() -> None:
    assert differences(pathway(), changed(whole(version=9, key="other"))) == ()


def test_the_same_does_not_differ() -> None:
    assert differences(pathway(), changed()) == ()
    assert as_text(()) == "Ingen skillnad.\n"
    assert as_text((), "en") == "No difference.\n"


def test_what_goes_one_way_comes_back_the_other() -> None:
    new = changed(without("handover_home_help"), of("plan", when="need", goals_min=3), sooner)
    turn = {"added": "removed", "removed": "added", "changed": "changed"}

    there, back = differences(pathway(), new), differences(new, pathway())

    turned = [(turn[d.what], d.step, d.field, d.now, d.was) for d in there]
    assert sorted(map(str, turned)) == sorted(
        str((d.what, d.step, d.field, d.was, d.now)) for d in back
    )


def test_it_stands_in_both_languages_with_one_line_for_each() -> None:
    new = changed(
        sooner,
        without("handover_home_help"),
        of("plan", when="need", goals_min=3),
        of("intervention", limit={"due": days(91), "hard": True}),
        moved,
    )
    found = differences(pathway(), new)

    swedish, english = as_text(found).splitlines(), as_text(found, "en").splitlines()

    assert len(swedish) == len(english) == len(found)
    assert swedish == [
        "förloppet: handovers.accept.budget ändrat: 2 working_days → 8 hours",
        f"förloppet: steps ändrat: {_keys(pathway())} → {_keys(new)}",
        "steget plan: when tillagt: need",
        "steget plan: goals_min ändrat: 2 → 3",
        "steget intervention: limit tillagt: due: 91 calendar_days, hard: true",
        "steget handover_home_help borttaget: handover",
    ]
    assert english[0] == "pathway: handovers.accept.budget changed: 2 working_days → 8 hours"
    assert english[-1] == "step handover_home_help removed: handover"
    assert english[2] == "step plan: when added: need"


def _keys(definition: Definition) -> str:
    return ", ".join(s.key for s in definition.steps if s.key != "handover_home_help")


def test_a_text_of_several_lines_is_said_on_one() -> None:
    new = changed(of("plan", guidance={"sv": "En.\n\nTvå.", "en": "One."}))

    text = as_text(differences(pathway(), new))

    assert all(line.startswith("steget plan: guidance.") for line in text.splitlines())
    assert "→ En. Två." in text


def test_nothing_and_false_and_zero_are_said_as_they_are() -> None:
    def line(was: Any, now: Any) -> str:
        return as_text((Difference(what="changed", step=None, field="x", was=was, now=now),))

    assert line(None, 0) == "förloppet: x ändrat: – → 0\n"
    assert line(False, True) == "förloppet: x ändrat: false → true\n"
    assert line([], ["a", "b"]) == "förloppet: x ändrat: – → a, b\n"
    assert line({"a": 0, "b": None}, {"a": 1}) == "förloppet: x ändrat: a: 0 → a: 1\n"


# In the order of the list: what takes a part away stands after what changes it.
several = st.sets(st.sampled_from(range(len(OF_ONE)))).map(
    lambda chosen: list(dict.fromkeys(OF_ONE[n][0] for n in sorted(chosen)))
)


@settings(deadline=None)
@given(several, several)
def test_two_definitions_differ_exactly_when_their_contents_do(
    some: list[Change], others: list[Change]
) -> None:
    one, other = changed(*some), changed(*others)

    same = one.model_dump(exclude=set(NAMES)) == other.model_dump(exclude=set(NAMES))
    assert (differences(one, other) == ()) is same
    assert differences(one, one) == ()
