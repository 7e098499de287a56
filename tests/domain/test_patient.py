"""Person identifiers (domain.md 3.7): kinds, checks, one canonical form, and silence in errors."""

import pytest

from domain.patient import IdentifierSystem, identify
from domain.refusal import Refused


@pytest.mark.parametrize(
    ("number", "system"),
    [
        ("194408139089", IdentifierSystem.PERSONNUMMER),
        ("200512312398", IdentifierSystem.PERSONNUMMER),
        ("196109732393", IdentifierSystem.SAMORDNINGSNUMMER),
        ("98240301AA06", IdentifierSystem.NATIONAL_RESERVE),
        ("991981000010", IdentifierSystem.STOCKHOLM_RESERVE),
    ],
)
def test_each_kind_is_told_from_the_others(number: str, system: IdentifierSystem) -> None:
    patient = identify(number, "Testpatient 01")

    assert (patient.system, patient.value) == (system, number)


@pytest.mark.parametrize("number", ["991981000010", "991945000023", "991993000032"])
def test_the_published_examples_of_stockholm_are_taken(number: str) -> None:
    assert identify(number, "Testpatient 01").system is IdentifierSystem.STOCKHOLM_RESERVE


@pytest.mark.parametrize(
    "number", ["194408139089", "19440813-9089", " 19440813 9089 ", "19 44 08 13-90 89"]
)
def test_ways_of_writing_a_number_become_one(number: str) -> None:
    assert identify(number, "Testpatient 01").value == "194408139089"


def test_a_reserve_number_in_small_letters_is_the_same_number() -> None:
    assert identify("98240301aa06", "Testpatient 01").value == "98240301AA06"


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        ("194408139088", "check_digit"),
        ("196109732394", "check_digit"),
        ("991981000011", "check_digit"),
        ("194413139089", "check_digit"),  # no thirteenth month
        ("4408139089", "format"),  # the century is part of the number
        ("440813-9089", "format"),
        ("19440813908", "format"),
        ("1944081390890", "format"),
        ("98240301IA06", "format"),  # I is no letter of a reserve number
        ("98240301AV06", "format"),
        ("194408T39089", "format"),
        ("", "format"),
        ("Testpatient", "format"),
        ("１９４４０８１３９０８９", "format"),  # digits, but not these digits
        ("٩٩٢٠٠٤٣٩١٠١٣", "format"),
        ("٩٨٢٤٠٣٠١AA٠٦", "format"),
    ],
)
def test_a_wrong_number_is_refused_with_the_rule_that_it_breaks(number: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        identify(number, "Testpatient 01")

    (problem,) = refused.value.refusal.fields
    assert (refused.value.refusal.code, problem.field, problem.rule) == (
        "patient_invalid",
        "person",
        rule,
    )


def test_a_refused_number_is_not_shown() -> None:
    number = "194408139088"

    with pytest.raises(Refused) as refused:
        identify(number, "Testpatient 01")

    assert number not in f"{refused.value!r} {refused.value.refusal!r}"
