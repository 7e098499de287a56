"""The copy speaks so that everybody understands (R-106), and tells nobody where to look."""

import re
from collections.abc import Callable
from datetime import date, datetime

import pytest

from domain.calendar import STOCKHOLM
from domain.patient_copy import PatientCopy, PhaseState
from domain.profession import WORDS, Profession
from tests.web.copies import goal, patient_copy, plan
from tests.web.reading import page, printed
from web.swedish import day, length, moment

SHORTENED = re.compile(r"\b(?:bl|dvs|ev|ex|ffa|inkl|kl|resp|tel|tfn|tom|osv)\b\.?", re.IGNORECASE)
PLACES = ("Strokeenheten", "Kommunrehab", "Hemtjänsten", "010-", "Hemma hos dig", "klockan")


def with_everybody() -> PatientCopy:
    """A plan where each profession does something."""
    one = plan().measures[0]
    return patient_copy(
        plan=plan(measures=tuple(one.model_copy(update={"who": p}) for p in Profession))
    )


def test_no_code_is_shown() -> None:
    text = page(with_everybody()).text

    codes = {*Profession, *PhaseState, "take_part", "take_over", "carry_out", "None", "True"}

    assert not [code for code in codes if re.search(rf"\b{code}\b", text)]
    assert not re.search(r"\w_\w", text)


def test_every_profession_is_said_in_words() -> None:
    text = page(with_everybody()).text

    assert set(WORDS) == set(Profession)
    assert all(word in text for word in WORDS.values())


def test_no_date_is_written_in_figures_alone() -> None:
    for text in (page(patient_copy()).text, printed(patient_copy())):
        assert not re.search(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}|T\d{2}:\d{2}", text)


def test_nothing_is_shortened() -> None:
    assert not SHORTENED.findall(page(patient_copy()).text)


def test_sentences_are_short_and_say_du() -> None:
    said = [line for line in page(patient_copy()).text.splitlines() if line.strip()]
    sentences = [s for line in said for s in re.split(r"(?<=[.?!]) ", line)]

    assert max(len(s.split()) for s in sentences) <= 15
    assert sum(bool(re.search(r"\b[Dd](u|ig|in|itt|ina)\b", s)) for s in sentences) >= 10
    assert not re.search(r"\b(patienten|brukaren|klienten)\b", page(patient_copy()).text, re.I)


@pytest.mark.parametrize("read", [lambda copy: page(copy).text, printed])
def test_a_protected_patients_copy_names_no_place(read: Callable[[PatientCopy], str]) -> None:
    text = read(patient_copy(protected=True))

    assert not [place for place in PLACES if place in text]
    assert "Fråga den i vården som gav dig den här kopian." in text
    assert goal().own_words in text


def test_a_protected_patients_copy_does_not_say_that_anybody_is_protected() -> None:
    assert not re.search("skydd|sekretess|hemlig", page(patient_copy(protected=True)).text, re.I)


def test_days_and_times_are_said_as_people_say_them() -> None:
    winter = datetime.fromisoformat("2026-12-01T12:05:00+00:00")
    summer = datetime(2026, 7, 1, 8, 30, tzinfo=STOCKHOLM)

    assert day(date(2026, 11, 24)) == "tisdag 24 november 2026"
    assert moment(winter) == "tisdag 1 december 2026 klockan 13.05"
    assert moment(summer) == "onsdag 1 juli 2026 klockan 08.30"
    assert [length(m) for m in (1, 45, 60, 61, 120)] == [
        "1 minut",
        "45 minuter",
        "1 timme",
        "1 timme och 1 minut",
        "2 timmar",
    ]
