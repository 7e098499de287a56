"""Pathways that nobody wrote: each file is answered, and what passes can be lived by."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.design.case import Case
from domain.design.check import Checked, Library, check
from domain.design.problem import MOST_PROBLEMS
from domain.design.schema import schema
from domain.design.simulation import simulate
from domain.pathway import Definition, Obligation
from tests.domain.design import made_up
from tests.domain.design.from_schema import follows
from tests.domain.design.made_up import WORLD, Made, written
from tests.samples import pathway

SCHEMA = schema()
VALIDATOR: Any = jsonschema.Draft202012Validator(SCHEMA)
BASES = {d.name: d for d in (pathway("generic-rehab", 2), pathway("stroke-rehab", 2))}
LIBRARY = Library(BASES, WORLD)
OPERATIONS = SCHEMA["$defs"]["Addition"]["properties"]["operations"]["items"]["oneOf"]
often = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def answered(text: str) -> Checked:
    """The answer to a file: a definition, or what is wrong, in its place and in both languages."""
    checked = check(text, LIBRARY)
    assert checked.sound == (checked.definition is not None)
    assert len(checked.problems) <= 2 * MOST_PROBLEMS
    last = text.count("\n") + 1
    for one in checked.problems:
        assert 1 <= one.line <= last and one.column >= 1, one
        assert one.code and one.message.sv and one.message.en, one
    places = [(one.line, one.column) for one in checked.problems]
    assert places == sorted(places)
    return checked


@often
@given(follows(SCHEMA, SCHEMA))
def test_whatever_follows_the_schema_is_answered(made: Any) -> None:
    assert VALIDATOR.is_valid(made)
    assert not answered(written(made)).sound, "a journey needs more than can be had by chance"


@often
@given(made_up.gone_wrong())
def test_what_passes_follows_the_schema(made: Made) -> None:
    if answered(written(made)).sound:
        assert VALIDATOR.is_valid(made)


@often
@given(st.one_of(made_up.definitions(), made_up.gone_wrong()), made_up.cases())
def test_what_passes_never_stands_still(made: Made, case: Case) -> None:
    definition = answered(written(made)).definition
    if definition is None:
        return

    played = simulate(definition, WORLD, case)

    assert [m.refused for m in played.moves if m.refused] == []
    assert played.ended != "stands_still"
    assert played.ended == "closed" or played.state.running(), "somebody is waited for, by a clock"


@often
@given(made_up.definitions())
def test_a_plain_case_of_what_passes_comes_to_its_end(made: Made) -> None:
    definition = answered(written(made)).definition
    if definition is not None:
        assert simulate(definition, WORLD, Case(days=3650)).ended == "closed"


@st.composite
def additions(draw: st.DrawFn) -> Made:
    """One to four operations of the schema, mostly on steps that the base has."""
    base = BASES[draw(st.sampled_from(sorted(BASES)))]
    keys = [step.key for step in base.steps]
    given_ops = draw(st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=4))
    operations = [_on(draw, keys, draw(follows(one, SCHEMA))) for one in given_ops]
    return {
        "language": 1,
        "extends": base.name,
        "key": "made-up-addition",
        "version": 1,
        "label": {"sv": "Tillägg", "en": "Addition"},
        "owned_by": "Testägare",
        "operations": operations,
    }


def _on(draw: st.DrawFn, keys: list[str], operation: Made) -> Made:
    if operation["op"] != "add_step":
        return operation | {"step": draw(st.sampled_from(keys))}
    step = operation["step"] | {"label": {"sv": "Nytt", "en": "New"}}
    step |= {"after": [draw(st.sampled_from(keys))], "part": "rehab"}
    return {"op": "add_step", "step": step}


@often
@given(additions())
def test_an_addition_that_passes_has_all_that_the_base_makes_mandatory(made: Made) -> None:
    checked = answered(written(made))

    if checked.definition is not None:
        assert simulate(checked.definition, WORLD, Case(days=3650)).ended == "closed"
        assert lost(BASES[made["extends"]], checked.definition) == []


def lost(base: Definition, composed: Definition) -> list[str]:
    """What the base makes mandatory and the composed one does not."""
    theirs = {step.key: step for step in composed.steps}
    must = [step for step in base.steps if step.obligation is Obligation.MANDATORY]
    return [
        step.key
        for step in must
        if step.key not in theirs
        or theirs[step.key].obligation is not Obligation.MANDATORY
        or not set(step.after) <= set(theirs[step.key].after)
        or not _no_later(step.due.budget, theirs[step.key].due.budget)
    ]


def _no_later(base: Any, composed: Any) -> bool:
    """Whether a time is as short as it was, where both are counted in the same way."""
    return bool(base.counting is not composed.counting or composed.amount <= base.amount)
