"""How large a pathway may be, and what a file may not contain: up to the limit, and one over it."""

from copy import deepcopy

import pytest

from domain.design.check import Library, check
from domain.design.source import MOST_BYTES
from domain.pathway_faults import MOST_STEPS
from tests.domain.design.made_up import WORLD, Made, deadline, shipped, step_of, written

ABREAST = 10


def large(steps: int, abreast: int) -> Made:
    """The generic model with interventions in so many rows side by side."""
    given = shipped()
    place = given["steps"].index(step_of(given, "intervention")) + 1
    more = []
    for number in range(steps - len(given["steps"])):
        before = f"more_{number - abreast}" if number >= abreast else "intervention"
        one = deepcopy(step_of(given, "intervention")) | {"key": f"more_{number}"}
        more.append(one | {"after": [before], "due": deadline(5, "hours")})
    last = [step["key"] for step in more[-abreast:]]
    given["steps"][place:place] = more
    step_of(given, "follow_up")["after"] = ["intervention", *last]
    return given


def codes(text: str, library: Library = Library()) -> list[tuple[str, int, int]]:  # noqa: B008
    """What is wrong with a file, and where."""
    return [(p.code, p.line, p.column) for p in check(text, library).problems]


def test_five_hundred_steps_are_lived_through() -> None:
    checked = check(written(large(MOST_STEPS, ABREAST)), Library(world=WORLD))

    assert checked.problems == ()
    assert checked.definition is not None
    assert len(checked.definition.steps) == MOST_STEPS == 500


def test_one_step_more_is_refused_clearly() -> None:
    text = written(large(MOST_STEPS + 1, ABREAST))

    assert [code for code, _, _ in codes(text)] == ["too_many_steps"]
    said = check(text).problems[0]
    assert "500" in said.message.sv and "500" in said.message.en
    assert text.splitlines()[said.line - 2].startswith("steps:")


def test_a_megabyte_is_read_and_a_byte_more_is_not() -> None:
    text = written(shipped())
    fits = f"{text}# {'x' * (MOST_BYTES - len(text.encode()) - 3)}\n"

    assert len(fits.encode()) == MOST_BYTES == 1_000_000
    assert codes(fits) == []
    assert codes(f"{fits}\n") == [("file_too_large", 1, 1)]


BOMB = """a: &a [x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]
"""


@pytest.mark.parametrize(
    ("put", "expected"),
    [
        pytest.param(BOMB, {"anchor", "alias"}, id="bomb"),
        pytest.param("key: &k generic-rehab\n", {"anchor"}, id="anchor"),
        pytest.param("key: *k\n", {"alias"}, id="alias"),
        pytest.param("<<: {key: x}\n", {"merge_key"}, id="merge"),
        pytest.param("key: !!python/object/apply:os.system [ls]\n", {"tag"}, id="tag"),
        pytest.param("key: !secret x\n", {"tag"}, id="own-tag"),
    ],
)
def test_bombs_aliases_and_tags_are_refused_in_a_pathway(put: str, expected: set[str]) -> None:
    sound = "".join(line for line in written(shipped()).splitlines(True) if line[:4] != "key:")
    found = {code for code, line, _ in codes(put + sound) if line <= put.count("\n")}

    assert expected <= found, found
    assert check(put + sound).definition is None
