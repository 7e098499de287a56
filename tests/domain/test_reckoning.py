"""From a beginning and a rule to an instant: what was reckoned with is told along with it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import STOCKHOLM, Budget, Calendar, Counting
from domain.pathway import Source
from domain.reckoning import nth_day, reckon
from domain.rulebook import Began, Cutoff, Ends, Rule
from domain.value import Labels
from tests.domain.golden import OPENINGS, agreed, minutes
from tests.samples import calendar, calendar_days, day, hours, local, rules, working_days

PAYMENT = next(r for r in rules().rules if r.name == "payment_start@1")
MORNING, AFTERNOON = local("2026-12-07T10:00"), local("2026-12-07T13:00")
NOON = Cutoff(at=time(12))
STARTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda n: minutes(local("2026-06-01T00:00"), n))


def rule(**change: Any) -> Rule:
    """A rule that nobody has made."""
    given: dict[str, Any] = {
        "key": "some",
        "version": 1,
        "label": Labels(sv="Regel", en="Rule"),
        "begins": (Began.DECISION,),
        "budget": calendar_days(1),
        "ladder": "step",
        "source": Source.CHOSEN,
        "valid_from": day("2020-01-01"),
    }
    return Rule(**{**given, **change})


def known() -> Calendar:
    """Sweden's days off, and an office."""
    return calendar().of(OPENINGS["office"])


class TestTold:
    def test_before_noon_nothing_is_added(self) -> None:
        found = reckon(PAYMENT, MORNING, calendar())

        assert (found.later, found.amount, found.cutoff) == (False, 3, PAYMENT.cutoff)
        assert found.budget == PAYMENT.budget

    def test_after_noon_the_day_more_is_told(self) -> None:
        found = reckon(PAYMENT, AFTERNOON, calendar())

        assert (found.later, found.amount, found.budget.amount) == (True, 4, 3)

    def test_what_was_agreed_stands_in_the_place_of_the_act(self) -> None:
        found = reckon(PAYMENT, AFTERNOON, calendar(), agreement=agreed(budget=working_days(2)))

        assert (found.budget, found.amount) == (working_days(2), 3)
        assert found.cutoff == PAYMENT.cutoff, "what is not agreed stays"

    def test_an_event_has_no_cutoff_and_no_days(self) -> None:
        before = rule(before=Began.DISCHARGE, cutoff=NOON, budget=hours(0))

        found = reckon(before, AFTERNOON, calendar(), event_at=AFTERNOON + timedelta(days=2))

        assert (found.later, found.amount, found.cutoff) == (False, 0, None)
        assert found.due_at == AFTERNOON + timedelta(days=2)

    def test_an_instant_is_in_utc_however_the_beginning_is_written(self) -> None:
        passed = rule(before=Began.DISCHARGE, budget=hours(0))
        wall = AFTERNOON.astimezone(STOCKHOLM)

        found = [
            reckon(passed, wall, calendar(), event_at=MORNING),
            reckon(passed, MORNING, calendar(), event_at=wall),
            reckon(rule(ends=Ends.DAY_BEGINS, budget=calendar_days(0)), wall, calendar()),
        ]

        assert {one.due_at for one in found} == {AFTERNOON}
        assert {one.due_at.tzinfo for one in found} == {UTC}


class TestEnds:
    @pytest.mark.parametrize(
        ("budget", "ends", "due"),
        [
            (hours(24), Ends.EXACT, "2026-12-05T15:00"),
            (hours(24), Ends.DAY_ENDS, "2026-12-06T00:00"),
            (hours(24), Ends.DAY_BEGINS, "2026-12-05T00:00"),
            (hours(8), Ends.DAY_BEGINS, "2026-12-04T15:00"),  # never before it began
            (calendar_days(1), Ends.DAY_ENDS, "2026-12-06T00:00"),
            (working_days(1), Ends.EXACT, "2026-12-07T15:00"),
            (working_days(1), Ends.DAY_ENDS, "2026-12-08T00:00"),
            (working_days(1), Ends.DAY_BEGINS, "2026-12-07T00:00"),
            (working_days(0), Ends.DAY_ENDS, "2026-12-05T00:00"),
            (Budget(amount=8, counting=Counting.OPENING_HOURS), Ends.EXACT, "2026-12-07T15:00"),
            (Budget(amount=8, counting=Counting.OPENING_HOURS), Ends.DAY_ENDS, "2026-12-08T00:00"),
            (
                Budget(amount=8, counting=Counting.OPENING_HOURS),
                Ends.DAY_BEGINS,
                "2026-12-07T00:00",
            ),
        ],
    )
    def test_from_a_friday_afternoon(self, budget: Budget, ends: Ends, due: str) -> None:
        found = reckon(rule(budget=budget, ends=ends), local("2026-12-04T15:00"), known())

        assert found.due_at == local(due)

    @pytest.mark.parametrize(
        ("budget", "due"),
        [
            (calendar_days(0), "2026-12-06T00:00"),
            (working_days(0), "2026-12-06T00:00"),  # the same day, off or not
            (working_days(1), "2026-12-08T00:00"),
        ],
    )
    def test_the_end_of_a_day_from_a_saturday(self, budget: Budget, due: str) -> None:
        found = reckon(
            rule(budget=budget, ends=Ends.DAY_ENDS), local("2026-12-05T10:00"), calendar()
        )

        assert found.due_at == local(due)


class TestLaws:
    ENDS = st.sampled_from(Ends)
    BUDGETS = st.builds(Budget, amount=st.integers(0, 40), counting=st.sampled_from(Counting))

    @settings(settings.get_profile("instants"))
    @given(began=STARTS, budget=BUDGETS, ends=ENDS)
    def test_nothing_is_due_before_it_began(
        self, began: datetime, budget: Budget, ends: Ends
    ) -> None:
        assert reckon(rule(budget=budget, ends=ends), began, known()).due_at >= began

    @settings(settings.get_profile("instants"))
    @given(began=STARTS, amount=st.integers(0, 20), ends=ENDS)
    def test_after_the_cutoff_is_never_earlier(
        self, began: datetime, amount: int, ends: Ends
    ) -> None:
        plain = rule(budget=calendar_days(amount), ends=ends)

        found = reckon(plain.model_copy(update={"cutoff": NOON}), began, calendar())

        added = timedelta(days=int(found.later))
        assert found.later is (began.astimezone(STOCKHOLM).time() > time(12))
        assert found.due_at >= reckon(plain, began, calendar()).due_at
        assert found.amount == amount + added.days

    @settings(settings.get_profile("instants"))
    @given(began=STARTS, amount=st.integers(1, 20))
    def test_who_begins_later_the_same_day_is_due_the_same_day_until_noon(
        self, began: datetime, amount: int
    ) -> None:
        first = began.astimezone(STOCKHOLM).replace(hour=0, minute=0, fold=0)
        noon = first.replace(hour=12)
        counted = PAYMENT.model_copy(update={"budget": calendar_days(amount)})

        found = {reckon(counted, at, calendar()).due_at for at in (first, noon)}

        assert len(found) == 1

    @pytest.mark.parametrize(
        ("first", "amount", "expected"),
        [
            ("2026-12-23", 0, "2026-12-23"),
            ("2026-12-23", 1, "2026-12-28"),
            ("2026-12-24", 1, "2026-12-28"),
            ("2027-05-05", 1, "2027-05-07"),
            ("2026-10-03", 3, "2026-10-07"),
        ],
    )
    def test_the_nth_working_day(self, first: str, amount: int, expected: str) -> None:
        found: date = nth_day(day(first), working_days(amount), calendar())

        assert found == day(expected)
