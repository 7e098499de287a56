"""The golden table: due instants worked out by hand, and a slow second opinion beside them."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Counting, Opening, advance
from domain.reckoning import reckon
from tests.domain.golden import (
    AGREEMENTS,
    OPENINGS,
    Case,
    begins_on,
    cases,
    given_calendar,
    given_rules,
    minutes,
)
from tests.domain.golden.walker import after_opening, after_working_days
from tests.samples import calendar, local

TABLE = tuple(cases())
OFF = frozenset(day.isoformat() for day in calendar().days_off)
STARTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda n: minutes(local("2026-01-01T00:00"), n))
# Those that a walker by the minute comes to an end with, and whose nights are whole hours.
WALKED = [name for name in OPENINGS if name not in ("never", "closes_for_ever")]
SLOW = settings(max_examples=60, deadline=None)


def reckoned(case: Case) -> datetime:
    """What the code says."""
    known = given_calendar(case)
    if case.budget is not None:
        return advance(case.began, case.budget.span, case.budget.counting, known)
    rule = given_rules(case).rule(case.what, begins_on(case), case.form)
    assert rule is not None, f"no rule {case.what} on that day"
    agreement = AGREEMENTS.get(case.given)
    return reckon(rule, case.began, known, agreement=agreement, event_at=case.event_at).due_at


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case.what}-{case.name}")
def test_it_is_due_when_the_almanac_says(case: Case) -> None:
    assert reckoned(case) == case.due_at, case.why


def test_the_table_is_long_and_says_everything_once() -> None:
    assert len(TABLE) >= 160
    asked = Counter((case.what, case.given, case.start) for case in TABLE)
    assert not [line for line, count in asked.items() if count > 1]
    assert all(case.why for case in TABLE)


def test_every_given_of_the_table_is_known() -> None:
    words = {case.given.split(" ")[0] for case in TABLE}

    known = {*OPENINGS, *AGREEMENTS, "", "before", "psychiatric", "compulsory", "changed_2027"}
    assert words <= known, "a misspelt word would be a line about nothing"


@SLOW
@given(start=STARTS, days=st.integers(0, 12))
def test_a_walk_by_the_minute_finds_the_same_working_days(start: datetime, days: int) -> None:
    found = advance(start, timedelta(days=days), Counting.WORKING_DAYS, calendar())

    assert found == after_working_days(start, days, OFF)


@SLOW
@given(start=STARTS, hours=st.integers(0, 40), name=st.sampled_from(WALKED))
def test_a_walk_by_the_minute_finds_the_same_opening(
    start: datetime, hours: int, name: str
) -> None:
    opening: Opening = OPENINGS[name]
    hours = min(hours, 8) if name in ("saturdays", "sunday_nights", "small_hours") else hours

    found = advance(start, timedelta(hours=hours), Counting.OPENING_HOURS, calendar().of(opening))

    assert found == after_opening(start, hours, opening, OFF)
