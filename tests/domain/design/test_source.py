"""Pathway files are read strictly: all that is wrong is said at once, with its line and column."""

from datetime import time
from pathlib import Path
from time import process_time
from typing import Annotated, Any, Literal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from domain.design.addition import Operation
from domain.design.problem import MOST_PROBLEMS, Problem, format_problems, problem
from domain.design.problem_words import BY_PREFIX, BY_TYPE, TEXTS
from domain.design.source import DEEPEST, MOST_BYTES, MOST_NODES, Source, problems_of, read
from domain.pathway import Definition
from domain.value import Day, Key, Value

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "pathways").rglob("v*.yaml"))
STROKE = (ROOT / "pathways" / "stroke-rehab" / "v1.yaml").read_text(encoding="utf-8")
# Seconds of the processor's own time, so that a busy machine does not matter.
QUICK = 5.0
Said = list[tuple[str, int, int]]


class Operations(Value):
    """Some operations of an addition."""

    operations: tuple[Operation, ...]


class Sample(Value):
    """One field of each kind."""

    text: Annotated[str, Field(min_length=1, max_length=4000)] = "x"
    whole: Annotated[int, Field(gt=0, lt=10)] = 1
    number: Annotated[float, Field(ge=0, le=9)] = 1.0
    day: Day | None = None
    wall: time | None = None
    instant: AwareDatetime | None = None
    few: Annotated[tuple[int, ...], Field(min_length=1, max_length=2)] = (1,)
    named: dict[Key, int] = Field(default_factory=dict)
    choice: Literal["a", "b"] = "a"
    nothing: None = None
    even: Annotated[int, Field(multiple_of=2)] = 2


def said(problems: list[Problem]) -> Said:
    """Which problems, and where."""
    return [(p.code, p.line, p.column) for p in problems]


def refused(text: str) -> Said:
    """What reading alone says of a text."""
    return said(read(text)[1])


def data(text: str) -> Any:
    """The data of a text with which nothing is wrong."""
    source, problems = read(text)
    assert source is not None
    assert not problems, problems
    return source.data


def judged(text: str, model: Any = Definition, known: tuple[str, ...] = ()) -> list[Problem]:
    """What a model says of a text that reads well."""
    source, _ = read(text)
    assert source is not None
    with pytest.raises(ValidationError) as error:
        TypeAdapter(model).validate_python(source.data)
    return problems_of(error.value, source, known)


def changed(old: str, new: str, nth: int = 1) -> tuple[str, int]:
    """The stroke pathway with one text changed, and the line on which it stands."""
    start = -1
    for _ in range(nth):
        start = STROKE.index(old, start + 1)
    return STROKE[:start] + new + STROKE[start + len(old) :], STROKE.count("\n", 0, start) + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("empty_file", 1, 1)),
        ("# only a comment\n", ("empty_file", 1, 1)),
        ("---\n", ("empty_file", 1, 1)),
        ("- a\n- b\n", ("not_a_mapping", 1, 1)),
        ("\n  words\n", ("not_a_mapping", 2, 3)),
        ("a: *b\n", ("alias", 1, 4)),
        ("a: 1\nb: &b 2\n", ("anchor", 2, 4)),
        ("a: 1\n&b c: 2\n", ("anchor", 2, 1)),
        ("a: !!python/object:os.system x\n", ("tag", 1, 4)),
        ("a: !!str 5\n", ("tag", 1, 4)),
        ("a:\n  - !x {b: 1}\n", ("tag", 2, 5)),
        ("a: ! 5\n", ("tag", 1, 4)),
        ("!!int a: 5\n", ("tag", 1, 1)),
        ("a: 1\n---\nb: 2\n", ("several_documents", 2, 1)),
        ("%YAML 1.1\n---\na: 1\n", ("directive", 1, 1)),
        ("a: 1\nb: 2\na: 3\n", ("duplicate_key", 3, 1)),
        ("a: {b: 1, 'b': 2}\n", ("duplicate_key", 1, 11)),
        ("a:\n  <<: {b: 1}\n", ("merge_key", 2, 3)),
        ("a: 1\n2: b\n", ("key_not_text", 2, 1)),
        ("true: b\n", ("key_not_text", 1, 1)),
        ("~: b\n", ("key_not_text", 1, 1)),
        ("a: 1\n? [b, c]\n: d\n", ("key_not_text", 2, 3)),
        ("a: 1\nb:\tc\n", ("tab", 2, 3)),
        ("a:\n\tb: 1\n", ("tab", 2, 1)),
        ("a: b\x00c\n", ("control_character", 1, 5)),
        ("a: b\x07\n", ("control_character", 1, 5)),
        ("a: b\rc: d\n", ("control_character", 1, 5)),
        ("a: b\u2028c\n", ("control_character", 1, 5)),
        ("a: b\u202ec\n", ("control_character", 1, 5)),
        ("a: b\ud800c\n", ("control_character", 1, 5)),
        ('a: 1\nb: "x\\0y"\n', ("control_character", 2, 4)),
        ('a: "x\\ry"\n', ("control_character", 1, 4)),
        ("a: 'x\n", ("syntax", 2, 1)),
        ("a: b: c\n", ("syntax", 1, 5)),
        ("a:\n  b: 1\n c: 2\n", ("syntax", 3, 2)),
        ("é: ö*\nx: @y\n", ("syntax", 2, 4)),
        ('a: "\\q"\n', ("syntax", 1, 5)),
        ('a: "\\UFFFFFFFF"\n', ("syntax", 1, 7)),
        ('a: "\\uD800"\n', ("syntax", 1, 7)),
    ],
)
def test_what_is_refused_has_a_code_and_a_place(text: str, expected: tuple[str, int, int]) -> None:
    assert refused(text) == [expected]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: b: c", "ett kolon står där inget värde kan börja"),
        ("a: [1, 2", "ett kommatecken eller en avslutande klammer saknas"),
        ("a:\n  b: 1\n c: 2", "indraget stämmer inte"),
        ("a: 'x", "avslutas aldrig"),
        ("a: @x", "tecknet kan inte inleda ett värde"),
        ("a: *", "har en egen betydelse"),
        ("a: !a!b c", "inleder en tagg"),
    ],
)
def test_what_is_no_yaml_is_said_in_swedish(text: str, why: str) -> None:
    _, (found,) = read(text)

    assert why in found.message.sv


def test_all_that_is_wrong_is_said_at_once_from_the_top() -> None:
    text = "a: &x 1\nb: *x\nc: !y z\nd:\t1\na: 2\n3: e\nf: {<<: *x}\ng: b\x07\n---\nh: 1\n"

    source, problems = read(text)

    assert said(problems) == [
        ("anchor", 1, 4),
        ("alias", 2, 4),
        ("tag", 3, 4),
        ("tab", 4, 3),
        ("duplicate_key", 5, 1),
        ("key_not_text", 6, 1),
        ("merge_key", 7, 5),
        ("alias", 7, 9),
        ("control_character", 8, 5),
        ("several_documents", 9, 1),
    ]
    assert source is not None
    assert source.data == {"a": 1, "b": None, "c": "z", "d": 1, "f": {}, "g": "b"}


def test_problems_before_a_syntax_error_are_kept() -> None:
    assert refused("a: *x\nb: [1\n") == [("alias", 1, 4), ("syntax", 3, 1)]


def test_a_file_over_the_limit_is_refused_unread_in_bytes() -> None:
    fits = "a: " + "x" * (MOST_BYTES - 3)
    too_many_bytes = "a: " + "ö" * (MOST_BYTES // 2)

    assert read(fits)[1] == []
    assert refused(fits + "x") == [("file_too_large", 1, 1)]
    assert refused(too_many_bytes) == [("file_too_large", 1, 1)]
    assert refused("\ud800" * MOST_BYTES) == [("file_too_large", 1, 1)]


def test_nesting_is_bounded() -> None:
    fits = "a: " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    too_deep = "a: " + "[" * DEEPEST + "]" * DEEPEST

    assert read(fits)[1] == []
    assert refused(too_deep) == [("too_deep", 1, 3 + DEEPEST)]


def test_the_number_of_values_is_bounded() -> None:
    fits = "a: [" + "1," * (MOST_NODES - 3) + "]"
    too_many = "a: [" + "1," * (MOST_NODES - 2) + "]"

    assert read(fits)[1] == []
    assert [code for code, _, _ in refused(too_many)] == ["too_many_nodes"]


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 900_000,
        "a: " + "{a: " * 200_000,
        "- " * 400_000,
        "? " * 400_000,
        "a: [" + "[]," * 300_000 + "]",
        "a: [" + "*x," * 300_000 + "]",
        "".join(f"k{n}: v\n" for n in range(90_000)),
        "a: 1\n" * 190_000,
        "a: 'x" + "\t\x07" * 450_000,
        "\n" * 900_000 + "a: 1",
        "a: " + "x " * 490_000,
    ],
)
def test_a_large_file_is_answered_quickly(text: str) -> None:
    began = process_time()

    source, problems = read(text)

    assert process_time() - began < QUICK
    assert source is not None or problems
    assert len(problems) <= MOST_PROBLEMS + 1


def test_a_billion_laughs_are_refused_and_never_built() -> None:
    lines = ["a0: &a0 [ha, ha]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    began = process_time()

    source, problems = read("\n".join(lines))

    assert process_time() - began < QUICK
    assert {p.code for p in problems} == {"alias", "anchor"}
    assert source is not None
    assert source.data["a39"] == [None] * 9


def test_many_problems_end_with_one_that_says_so() -> None:
    problems = read("a: [" + "*x, " * (MOST_PROBLEMS * 2) + "]")[1]

    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].code == "too_many_problems"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("7", 7),
        ("-7", -7),
        ("0", 0),
        ("2.50", 2.5),
        *[
            (text, text)
            for text in (
                *("yes", "no", "on", "off", "Yes", "y", "True", "FALSE", "NULL", "Null"),
                *("0123", "0x1f", "0b1", "0o7", "1_000", "1:30", "190:20:30", "+46", "1e5", "1."),
                *(".5", ".inf", ".nan", "2026-10-05", "2026-10-05 08:00:00", "12:30", "=", "٣"),
                "9" * 19,
                "9" * 5000,
            )
        ],
        ("'true'", "true"),
        ('"7"', "7"),
        ("'~'", "~"),
        ("''", ""),
    ],
)
def test_a_word_means_what_it_says(written: str, meant: Any) -> None:
    found = data(f"a: {written}\n")["a"]

    assert found == meant
    assert type(found) is type(meant)


def test_a_key_that_old_yaml_takes_for_true_is_a_word() -> None:
    assert data("on: 1\nyes: 2\n") == {"on": 1, "yes": 2}


def test_what_editors_on_other_systems_write_is_read_the_same() -> None:
    assert data("\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\n") == {"a": 1, "b": "x\ny\n"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_what_is_shipped_reads_as_any_yaml_reader_reads_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert data(text) == yaml.safe_load(text)


def test_every_value_and_key_has_its_place() -> None:
    source, _ = read("a:\n  - b: 1\n    ccc: [x, y]\n")

    assert source is not None
    assert source.place(()) == (1, 1)
    assert source.place(("a",)) == (2, 3)
    assert source.place(("a", 0, "ccc", 1)) == (3, 14)
    assert source.key_place(("a", 0, "ccc")) == (3, 5)
    assert source.place(("a", 0, "missing", "deeper")) == (2, 5)
    assert source.key_place(("a", 0, "missing")) == (2, 5)


@pytest.mark.parametrize(
    ("old", "new", "nth", "path", "code"),
    [
        ("amount: 3,", "amount: -1,", 1, "steps.1.due.budget.amount", "too_small"),
        ("amount: 3,", "amount: many,", 1, "steps.1.due.budget.amount", "whole_number_wanted"),
        ("counting: hours", "counting: weeks", 1, "handovers.received.budget.counting", ""),
        ("source: chosen", "source: choosen", 7, "steps.0.due.source", "not_one_of"),
        ("kind: plan", "kind: plans", 1, "steps.2.kind", "not_one_of"),
        ("key: referral", "key: Referral", 1, "steps.0.key", "key_form"),
        ("language: 1", "language: 2", 1, "language", "not_one_of"),
        ("from_start: true", "from_start: often", 1, "parts.0.from_start", "true_or_false_wanted"),
        ("fields: [", "fieldz: [", 1, "steps.1.fieldz", "unknown_field"),
        ("after: [plan]", "after: plan", 1, "steps.3.after", "list_wanted"),
        ("goals_min: 2", "plan: 2", 1, "steps.2.plan", "unknown_field"),
    ],
)
def test_a_fault_in_a_definition_stands_on_its_line(
    old: str, new: str, nth: int, path: str, code: str
) -> None:
    text, line = changed(old, new, nth)

    found = [(p.path, p.code, p.line) for p in judged(text)]

    assert found == [(path, code or "not_one_of", line)]


def test_a_wrong_value_is_pointed_at_and_an_unknown_field_by_its_name() -> None:
    wrong, _ = changed("amount: 3,", "amount: -1,")
    unknown, _ = changed("fields: [", "fieldz: [")

    (value,), (key,) = judged(wrong), judged(unknown)

    assert wrong.splitlines()[value.line - 1][value.column - 1 :].startswith("-1")
    assert unknown.splitlines()[key.line - 1][key.column - 1 :].startswith("fieldz")


def test_a_missing_field_is_named_and_stands_at_what_lacks_it() -> None:
    text, line = changed("    part: coordination\n", "")

    (found,) = judged(text)

    assert (found.code, found.path) == ("missing_field", "steps.0.part")
    assert (found.line, found.column) == (line - 3, 5)
    assert found.message.sv == "Fältet part saknas."


def test_a_step_without_a_kind_lacks_a_field() -> None:
    text, line = changed("    kind: plan\n", "")

    (found,) = judged(text)

    assert (found.code, found.path, found.line) == ("missing_field", "steps.2.kind", line - 1)


def test_the_nearest_word_is_suggested() -> None:
    kind = judged(changed("kind: plan", "kind: plann")[0])[0]
    source = judged(changed("source: chosen", "source: choosen")[0])[0]
    field = judged(changed("fields: [", "fieldz: [")[0], known=("fields", "label"))[0]

    assert kind.message.sv.endswith("Menade du plan?")
    assert "law, national, document, chosen" in source.message.sv
    assert source.message.en.endswith("Did you mean chosen?")
    assert field.message.en == "Unknown field: fieldz. Did you mean fields?"


def test_a_rule_of_the_definition_is_said_as_it_stands() -> None:
    text, _ = changed("key: assessment", "key: referral")

    (found,) = judged(text)

    assert (found.code, found.path) == ("rule_broken", "")
    assert "key is used twice" in found.message.en
    assert found.message.sv.startswith("Regeln bryts: ")


def test_a_place_is_found_though_tags_of_unions_stand_between() -> None:
    text = """\
operations:
  - op: tighten
    step: plan
    what: due
    to: {budget: {amount: x, counting: hours}, source: chosen}
  - op: add_step
    step:
      kind: plan
      plan: {due: 1}
      due: 5
"""

    found = judged(text, Operations)

    assert [(p.path, p.code, p.line) for p in found] == [
        ("operations.0.to.budget.amount", "whole_number_wanted", 5),
        ("operations.1.step.key", "missing_field", 8),
        ("operations.1.step.label", "missing_field", 8),
        ("operations.1.step.part", "missing_field", 8),
        ("operations.1.step.plan", "unknown_field", 9),
        ("operations.1.step.due", "fields_wanted", 10),
    ]


def test_what_was_refused_already_is_not_said_again() -> None:
    text, line = changed("amount: 3,", "amount: *three,")
    text = text.replace("goals_max: 5", "goals_max: five")

    source, problems = read(text)

    assert source is not None
    assert said(problems) == [("alias", line, 24)]
    assert [p.path for p in judged(text)] == ["steps.2.goals_max"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("text: 5", "text_wanted"),
        ("text: ''", "text_too_short"),
        (f"text: {'x' * 4001}", "text_too_long"),
        ("whole: 1.5", "whole_number_wanted"),
        ("whole: 0", "not_above"),
        ("whole: 10", "not_below"),
        ("number: x", "number_wanted"),
        ("number: 99", "too_large"),
        ("day: x", "date_wanted"),
        ("day: 2026-02-30", "date_wanted"),
        ("day: 1066-01-01", "rule_broken"),
        ("wall: x", "time_wanted"),
        ("instant: x", "instant_wanted"),
        ("instant: 2026-10-05T08:00", "instant_wanted"),
        ("few: []", "too_few"),
        ("few: [1, 2, 3]", "too_many"),
        ("few: {}", "list_wanted"),
        ("named: []", "fields_wanted"),
        ("named: {Bad: 1}", "key_form"),
        ("choice: c", "not_one_of"),
        ("nothing: 1", "nothing_wanted"),
        ("even: 3", "not_accepted"),
    ],
)
def test_each_kind_of_error_has_its_words(line: str, code: str) -> None:
    (found,) = judged(f"# a comment\n{line}\n", Sample)

    assert (found.code, found.line) == (code, 2)
    assert found.path.split(".")[0] == line.split(":")[0]
    assert "{" not in found.message.sv + found.message.en


def test_a_wrong_name_within_fields_is_pointed_at_itself() -> None:
    (found,) = judged("named:\n  good: 1\n  Bad: 1\n", Sample)

    assert (found.path, found.line, found.column) == ("named.Bad", 3, 3)


def test_every_kind_of_error_that_is_known_has_a_text() -> None:
    assert {*BY_TYPE.values(), *(code for _, code in BY_PREFIX)} <= set(TEXTS)


def test_what_was_written_is_never_shown_at_length_nor_on_two_lines() -> None:
    long = "x" * 500
    text = f'"{long}": 1\n"two\\nlines": 2\nchoice: {long}\n'

    problems = judged(text, Sample)
    printed = format_problems("a.yaml", problems, "sv")

    assert len(problems) == 3
    assert len(printed.splitlines()) == 3
    assert "x" * 41 not in printed


def test_problems_are_printed_as_editors_find_them() -> None:
    found = [problem("missing_field", ("steps", 3, "due"), (12, 5), name="due")]

    assert found[0].path == "steps.3.due"
    assert format_problems("v1.yaml", found, "sv") == (
        "v1.yaml:12:5: Fältet due saknas. [missing_field]"
    )
    assert format_problems("v1.yaml", found, "en") == (
        "v1.yaml:12:5: The field due is missing. [missing_field]"
    )


def test_many_errors_of_a_model_are_answered_quickly_and_end_with_one_that_says_so() -> None:
    text = "".join(f"k{n}: 1\n" for n in range(60_000))
    began = process_time()

    problems = judged(text, Sample, tuple(f"known{n}" for n in range(200)))

    assert process_time() - began < QUICK
    assert len(problems) == MOST_PROBLEMS + 1
    assert problems[-1].code == "too_many_problems"


FRAGMENTS = (
    *(
        "a: ",
        "b",
        "- ",
        "\n",
        "\n  ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "? ",
        "&x ",
        "*x",
        "!t ",
        "<<",
    ),
    *(
        "'",
        '"',
        "\\",
        "|",
        ">",
        "#",
        "%",
        "---\n",
        "...\n",
        "\t",
        "\r",
        "\0",
        "\ufeff",
        "\x85",
        "\ud800",
    ),
    *("\U0001fffe", "ö", "1", "true", "~", "\\u", "\\UFFFFFFFF"),
)


@settings(max_examples=400, deadline=None)
@given(st.text() | st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))
def test_any_text_is_answered_with_data_or_problems(text: str) -> None:
    source, problems = read(text)

    assert source is not None or problems
    assert source is None or isinstance(source.data, dict)
    assert said(problems) == sorted(said(problems), key=lambda s: (s[1], s[2], s[0]))
    assert format_problems("any", problems, "sv").count("\n") == max(len(problems) - 1, 0)
    if source and not problems:
        assert leaves(source, ()) > 0


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(STROKE)), st.integers(0, 40), st.sampled_from(FRAGMENTS))
def test_any_slip_of_the_hand_in_a_pathway_is_answered(at: int, length: int, new: str) -> None:
    source, problems = read(STROKE[:at] + new + STROKE[at + length :])

    if source is not None:
        try:
            Definition.model_validate(source.data)
        except ValidationError as error:
            found = problems_of(error, source)
            assert found or problems
            assert all(1 <= p.line <= STROKE.count("\n") + 3 for p in found)


def leaves(source: Source, path: tuple[str | int, ...]) -> int:
    """How many values there are, each with a place of its own."""
    assert path in source.places
    value = source.data
    for part in path:
        value = value[part]
    inner = (
        value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    )
    return 1 + sum(leaves(source, (*path, part)) for part in inner)
