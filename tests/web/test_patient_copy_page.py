"""The patient's copy as a page: everything there, everything escaped, readable for everybody."""

import re
from itertools import pairwise

import pytest

from domain.patient_copy import PatientCopy
from tests.web.copies import HOSTILE, goal, patient_copy, plan
from tests.web.reading import page
from web.patient_copy import as_html
from web.printing import TEMPLATES

CSS = (TEMPLATES / "patient_copy.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", CSS))


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_page_is_swedish_and_has_one_title() -> None:
    read = page(patient_copy())

    assert ("html", "lang", "sv") in read.attributes
    assert [said for level, said in read.headings if level == 1] == ["Din plan"]
    assert read.elements.count("main") == 1


def test_headings_never_skip_a_level() -> None:
    levels = [level for level, _ in page(patient_copy()).headings]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_goal_and_measure_is_there() -> None:
    read = page(patient_copy())

    for said in plan().goals:
        assert said.own_words in read.text
        assert said.target in read.text
    for measure in plan().measures:
        assert measure.text in read.text
        assert measure.frequency in read.text
    assert "fredag 26 februari 2027" in read.text


def test_it_says_who_answers_whom_to_call_and_what_waits() -> None:
    text = page(patient_copy()).text

    assert "Ring Strokeenheten, telefon 010-000 00 00." in text
    assert "måndag 2 november 2026" in text
    assert (
        "Strokeenheten har frågat Kommunrehab Köping om de kan ta över din träning. "
        "Det var måndag 23 november 2026. De har inte svarat än." in text
    )
    assert "Du ska inte behöva vänta utan svar." in text
    assert (2, "Planen är din") in page(patient_copy()).headings


def test_a_meeting_is_told_by_the_clock_on_the_wall() -> None:
    text = page(patient_copy()).text

    assert "tisdag 1 december 2026 klockan 13.15" in text
    assert "1 timme och 30 minuter" in text
    assert "Hemma hos dig" in text


def test_where_the_patient_is_can_be_read_without_colours() -> None:
    read = page(patient_copy())

    assert "Rehabilitering i hemmet: här är du nu" in read.text
    assert "Bedömning på strokeenheten: klart" in read.text
    assert "Hjälp med att prata: görs inte för dig" in read.text
    assert "Uppföljning: kommer senare" in read.text
    assert ("li", "aria-current", "step") in read.attributes


def test_without_a_plan_it_says_so_kindly() -> None:
    text = page(patient_copy(plan=None)).text

    assert "Du har ingen plan än. Det är inget du har missat." in text
    assert "Dina mål" not in text


def test_an_empty_copy_still_says_whom_to_ask() -> None:
    bare = PatientCopy(
        pathway="Stroke", patient_name="Testpatient 01", printed_on=patient_copy().printed_on
    )

    text = page(bare).text

    assert "Ring 1177." in text
    assert "Du har ingen plan än." in text
    assert "Det finns inget bokat möte just nu." in text


def test_a_unit_without_a_telephone_is_asked_for_one() -> None:
    first, *others = patient_copy().responsible
    silent = first.model_copy(update={"phone": None})

    text = page(patient_copy(responsible=(silent, *others))).text

    assert "Säg till Strokeenheten. Be dem om ett telefonnummer." in text


def test_what_somebody_wrote_is_never_markup() -> None:
    hostile = patient_copy(
        patient_name=HOSTILE,
        pathway=HOSTILE,
        what_matters=HOSTILE,
        plan=plan(summary=HOSTILE, goals=(goal(HOSTILE),)),
    )

    read = page(hostile)

    assert read.text.count(HOSTILE) == 5
    assert "script" not in read.elements
    assert read.elements == page(patient_copy(plan=plan(goals=(goal(),)))).elements


def test_nothing_is_run_and_nothing_is_fetched() -> None:
    read = page(patient_copy())

    assert not {"script", "link", "img", "iframe", "object", "form"} & set(read.elements)
    assert not {"href", "src", "action", "style"} & {name for _, name, _ in read.attributes}
    assert not [name for _, name, _ in read.attributes if name.startswith("on")]
    assert "//" not in as_html(patient_copy())
    assert "url(" not in CSS
    assert "@import" not in CSS


@pytest.mark.parametrize("ink", ["ink", "quiet", "leaf"])
@pytest.mark.parametrize("ground", ["paper", "box"])
def test_every_colour_of_text_has_contrast_enough(ink: str, ground: str) -> None:
    dark, light = luminance(COLOURS[ink]), luminance(COLOURS[ground])

    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_letters_grow_with_the_readers_setting() -> None:
    sizes = re.findall(r"font-size: ([^;]+);", CSS.split("@media print")[0])

    assert sizes
    assert all(size.endswith(("rem", "%")) for size in sizes)
