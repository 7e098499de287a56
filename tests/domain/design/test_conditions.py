"""Whether a condition can hold and can fail: never wrongly called dead, and quickly answered."""

from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.condition import FACTS, NotACondition, judge
from domain.content import Initiator, NeedLevel
from domain.design.conditions import verdict
from domain.instrument import INSTRUMENTS

Known = dict[str, Any]
# Seconds of the processor's own time, so that a busy machine does not matter.
QUICK = 5.0

NEVER = (
    "need && !need",
    "need && need_level == 'none'",
    "!need && need_level in ['low', 'high']",
    "need_level == 'severe'",
    "initiator == 'nobody'",
    "age > 18 && age < 19",
    "age < -1",
    "!(age >= -1)",
    "visits < 0 || goals < 0 || period < 1",
    "age == 0x10 && age == 17",
    "municipality == '1980' && municipality == \"1981\"",
    "municipality < ''",
    "scores['berg'] > 56.0",
    "scores.berg < 0.0",
    "scores['berg'] == 20.5",
    "scores['berg'] == 1e300",
    "scores['roag'] > 1.0 && scores['roag'] < 2.0",
    "letters['katz'] == 'H'",
    "letters.katz in ['a', 'H']",
    "'berg' in scores && !('berg' in scores)",
    "has(scores.berg) ? scores.berg > 60.0 : false",
    "scores['no_such'] > 1.0",
    "need ? age < -1 : visits < 0",
    "need == admitted && need != admitted",
    "false",
    "false // need",
)
ALWAYS = (
    "need || !need",
    "need || need_level == 'none'",
    "age >= -1",
    "age > -5",
    "age < 9223372036854775807",
    "period != 0",
    "goals >= 0 && visits >= 0",
    "age > 18 || age <= 18",
    "municipality >= ''",
    "scores['berg'] <= 56.0",
    "!('berg' in scores) || scores['berg'] >= 0.0",
    "(need ? age : visits) >= -1",
    "initiator in ['patient', 'close_person', 'home_help', 'care_assessor', 'hospital',"
    " 'licensed_staff', 'other_provider']",
    "admitted ? true : !admitted",
    "true",
)
EITHER = (
    "need",
    "!left",
    "age >= 65",
    "age == -1",
    "age == 0x10",
    "18 <= age && age <= 20",
    "age in [7, 8,]",
    "need_level in ['moderate', 'high']",
    "initiator != 'hospital'",
    "municipality == '1980'",
    "municipality == '9999'",
    "municipality == '' || municipality == '1980' || municipality == '9999'",
    "municipality > '2' && municipality < '3'",
    "municipality == '''1980'''",
    "R'1980' == municipality",
    "scores['berg'] < 45.0",
    "scores.berg == 1e1",
    "scores['tug'] == 0.3",
    "scores['tug'] > .5",
    "scores['10mwt'] > 0.995 && scores['10mwt'] < 1.005",
    "has(scores.berg)",
    "'katz' in letters && letters['katz'] > 'C'",
    "need ? age > 18 : visits > 2",
    "visits >= 3 && goals > 0 && period == 1",
    "need // it's\n && municipality == 'x'",
    "(age) > (18)",
)
# Each may hold and fail, where no constant in it says so.
RECKONED = (
    "age + 1 > 19",
    "age - 100 == 5",
    "age * 2 == 80",
    "age / 10 == 6",
    "age % 7 == 3",
    "-age < -70",
    "visits > goals",
    "goals == visits",
    "visits - goals == 40",
    "[goals] == [visits]",
    "age in [visits, 200]",
    "scores['tug'] == scores['berg']",
    "scores['berg'] > double(visits)",
    "scores[municipality] > 1.0",
    "size(scores) > 1",
    "scores.exists(key, scores[key] > 90.0)",
    "municipality.startsWith('19') && municipality.endsWith('80')",
    "municipality.matches('^19..$')",
    "size(municipality) == 4",
    "municipality + 'x' == '1980x'",
    "municipality == '\\x31980'",
)


@pytest.mark.parametrize("expression", NEVER)
def test_what_can_never_hold_is_dead(expression: str) -> None:
    assert verdict(expression) == "never"


@pytest.mark.parametrize("expression", ALWAYS)
def test_what_always_holds_says_nothing(expression: str) -> None:
    assert verdict(expression) == "always"


@pytest.mark.parametrize("expression", EITHER)
def test_what_can_hold_and_fail_tells(expression: str) -> None:
    assert verdict(expression) == "either"


@pytest.mark.parametrize("expression", RECKONED)
def test_what_reckons_with_facts_or_compares_them_is_not_called_dead(expression: str) -> None:
    assert verdict(expression) == "either"


@pytest.mark.parametrize("expression", ["age", "age >", "nothing == 1", "age > 1.5", "'a'", "x()"])
def test_what_is_no_condition_is_refused(expression: str) -> None:
    with pytest.raises(NotACondition):
        verdict(expression)


def test_too_many_combinations_are_taken_to_tell_and_at_once() -> None:
    numbers = [key for key, one in INSTRUMENTS.items() if one.numbers]
    expression = " || ".join(f"scores['{key}'] < -{n}.0" for n, key in enumerate(numbers))
    begun = process_time()

    assert len(expression) <= 500
    assert verdict(expression) == "either"
    assert process_time() - begun < QUICK


@pytest.mark.parametrize(
    "expression",
    [
        "!" * 400 + "need",
        " && ".join(f"age != {n}" for n in range(36)),
        " || ".join(["need", "admitted", "left", "age > 1", "visits > 1", "goals > 1"]),
        "'" + "a" * 400 + "' == municipality",
    ],
)
def test_the_longest_conditions_are_judged_quickly(expression: str) -> None:
    begun = process_time()

    assert verdict(expression) == "either"
    assert process_time() - begun < QUICK


# What a journey can come to: the facts that an assessment gives hang together.
def _scores(numbers: bool) -> st.SearchStrategy[Known]:
    results: dict[str, Any] = {}
    for key in ("berg", "tug", "barthel", "katz"):
        scale, letters = INSTRUMENTS[key].numbers, INSTRUMENTS[key].letters
        if numbers and scale:
            most = int((scale.high - scale.low) / scale.step)
            results[key] = st.builds(
                lambda n, low, step: float(low + n * step),
                st.one_of(st.integers(0, min(most, 12)), st.integers(0, most)),
                st.just(scale.low),
                st.just(scale.step),
            )
        elif letters and not numbers:
            results[key] = st.sampled_from(letters)
    return st.fixed_dictionaries({}, optional=results)


def _known(level: NeedLevel, rest: Known) -> Known:
    return {"need": level is not NeedLevel.NONE, "need_level": str(level)} | rest


few = st.one_of(st.integers(0, 12), st.integers(0, 120))
facts = st.builds(
    _known,
    st.sampled_from(NeedLevel),
    st.fixed_dictionaries(
        {
            "age": st.one_of(st.integers(-1, 12), st.integers(-1, 120)),
            "municipality": st.sampled_from(["", "0114", "1", "1980", "1981", "19800", "2", "25"]),
            "initiator": st.sampled_from([str(one) for one in Initiator]),
            "period": st.integers(1, 12),
            "visits": few,
            "goals": few,
            "admitted": st.booleans(),
            "left": st.booleans(),
            "scores": _scores(numbers=True),
            "letters": _scores(numbers=False),
        }
    ),
)


def _compared(names: list[str], constants: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    ways = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
    name = st.sampled_from(names)
    return st.one_of(
        st.builds("{} {} {}".format, name, ways, constants),
        st.builds("{} {} {}".format, constants, ways, name),
        st.builds("{} {} {}".format, name, ways, name),
        st.builds("{} in [{}, {}]".format, name, constants, constants),
    )


NUMBERS = ["age", "visits", "goals", "period"]
whole = st.integers(-2, 12).map(str)
reckoned = st.builds(
    "{} {} {}".format, st.sampled_from(NUMBERS), st.sampled_from(["+", "-", "*", "/", "%"]), whole
)
decimal = st.sampled_from(
    ["-1.0", "0.0", "0.1", "0.35", "1.0", "1e1", "5.0", "56.0", "56.5", "300.0"]
)
keys = ["scores['berg']", "scores.tug", 'scores["barthel"]']
atoms = st.one_of(
    st.sampled_from(["need", "admitted", "left", "true", "false", "'berg' in scores"]),
    st.sampled_from(["has(scores.tug)", "'katz' in letters", "need == left", "size(scores) > 1"]),
    _compared(NUMBERS, whole),
    st.builds("{} {} {}".format, reckoned, st.sampled_from(["==", "<", ">="]), whole),
    _compared(keys, decimal),
    _compared(["letters.katz", "letters['katz']"], st.sampled_from(["'A'", "'C'", "'G'", "'H'"])),
    _compared(["need_level"], st.sampled_from(["'none'", "'low'", "'high'", "'severe'"])),
    _compared(["initiator"], st.sampled_from(["'patient'", "'hospital'", "'nobody'"])),
    _compared(["municipality"], st.sampled_from(["''", "'1980'", "'1981'", "'2'", "'\\x31'"])),
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("!({})".format, inner),
        st.builds("({}) && ({})".format, inner, inner),
        st.builds("({}) || ({})".format, inner, inner),
        st.builds("({}) ? ({}) : ({})".format, inner, inner, inner),
        st.builds("({}) == ({})".format, inner, inner),
    ),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None)
@given(expressions, st.lists(facts, min_size=20, max_size=40))
def test_no_facts_ever_contradict_the_verdict(expression: str, cases: list[Known]) -> None:
    found = verdict(expression)

    judged = {judge(expression, case) for case in cases}
    assert not (found == "never" and True in judged)
    assert not (found == "always" and False in judged)


@settings(max_examples=200, deadline=None)
@given(_compared(NUMBERS, whole).filter(lambda one: not _of_two_facts(one)))
def test_a_comparison_with_a_constant_is_answered_exactly(expression: str) -> None:
    judged = {judge(expression, {**_PLAIN, **dict.fromkeys(NUMBERS, n)}) for n in range(1, 40)}
    lower = [{"age": -1}, {"age": 0}, {"visits": 0, "goals": 0}]
    judged |= {judge(expression, {**_PLAIN, "age": 1, **low}) for low in lower}

    assert (
        verdict(expression)
        == {1: "always" if True in judged else "never", 2: "either"}[len(judged)]
    )


_PLAIN: Known = {"period": 1, "visits": 0, "goals": 0, "age": -1}


def _of_two_facts(expression: str) -> bool:
    return sum(word in NUMBERS for word in expression.split()) > 1


def test_every_fact_is_known_to_the_one_who_judges() -> None:
    """A new fact must get its values, or conditions on it would be called dead."""
    asked = {
        "need": "need", "admitted": "admitted", "left": "left", "age": "age > 3",
        "visits": "visits > 3", "goals": "goals > 3", "period": "period > 3",
        "need_level": "need_level == 'low'",
        "municipality": "municipality == 'x'", "initiator": "initiator == 'patient'",
        "scores": "scores.berg > 3.0", "letters": "letters.katz == 'A'",
    }  # fmt: skip

    assert {name: verdict(asked[name]) for name in FACTS} == dict.fromkeys(FACTS, "either")
