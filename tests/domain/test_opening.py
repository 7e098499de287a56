"""When a unit is open: hours, weekends, days off, closures, and the nights when clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendar import STOCKHOLM
from domain.opening import closure_on, covered_by, is_open, opens_at
from domain.unit import Closure, Hours, Standing, Unit
from tests.samples import BOB, BOBS_TEAM, calendar, day, local, unit

WEEKDAYS = range(5)
SUNDAY = 6
NEVER = (Closure(first=date(2020, 1, 1), last=date(2035, 12, 31)),)
# 25 October 2026: 02:00–03:00 comes twice. 28 March 2027: it does not come at all.
AUTUMN, SPRING = day("2026-10-25"), day("2027-03-28")


def span(weekday: int, opens: str, closes: str) -> Hours:
    """Open on one day of the week."""
    return Hours(day=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))


def office(**change: Any) -> Unit:
    """A unit that is open on weekdays from eight to four."""
    hours = tuple(span(d, "08:00", "16:00") for d in WEEKDAYS)
    return unit(BOB, **{"hours": hours, "closures": (), **change})


def always(**change: Any) -> Unit:
    """A unit without hours."""
    return unit(BOB, **{"hours": (), "closures": (), **change})


def closed(first: str, last: str, cover: str | None = BOBS_TEAM) -> tuple[Closure, ...]:
    """One closure."""
    return (Closure(first=day(first), last=day(last), covered_by=cover),)


class TestOpen:
    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            ("2026-10-05T07:59:59", False),
            ("2026-10-05T08:00:00", True),
            ("2026-10-05T12:00:00", True),
            ("2026-10-05T15:59:59", True),
            ("2026-10-05T16:00:00", False),
            ("2026-10-05T23:00:00", False),
        ],
    )
    def test_it_is_open_from_opening_until_just_before_closing(
        self, at: str, expected: bool
    ) -> None:
        assert is_open(office(), local(at), calendar()) is expected

    @pytest.mark.parametrize("at", ["2026-10-03T10:00", "2026-10-04T10:00"])
    def test_a_weekend_without_hours_is_closed(self, at: str) -> None:
        assert not is_open(office(), local(at), calendar())

    def test_hours_on_a_saturday_hold(self) -> None:
        weekend = office(hours=(span(5, "10:00", "14:00"),))

        assert is_open(weekend, local("2026-10-03T10:00"), calendar())
        assert not is_open(weekend, local("2026-10-04T10:00"), calendar())

    @pytest.mark.parametrize("at", ["2026-12-24T10:00", "2026-12-25T10:00", "2027-01-06T10:00"])
    def test_a_day_off_in_the_week_is_closed(self, at: str) -> None:
        assert not is_open(office(), local(at), calendar())

    def test_a_lunch_break_is_closed(self) -> None:
        lunch = office(hours=(span(0, "13:00", "16:00"), span(0, "08:00", "12:00")))
        wall = ("11:59", "12:00", "12:59", "13:00")

        found = [is_open(lunch, local(f"2026-10-05T{at}"), calendar()) for at in wall]

        assert found == [True, False, False, True]

    def test_without_hours_it_never_closes(self) -> None:
        for at in ("2026-10-04T03:00", "2026-12-24T23:59", "2026-10-05T00:00"):
            assert is_open(always(), local(at), calendar())

    def test_the_instant_counts_and_not_how_it_is_written(self) -> None:
        at = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)

        assert is_open(office(), at, calendar())
        assert is_open(office(), at.astimezone(STOCKHOLM), calendar())
        assert not is_open(office(), at - timedelta(microseconds=1), calendar())

    @pytest.mark.parametrize("who", [office, always])
    def test_a_closure_closes_whole_days_with_both_ends(self, who: Any) -> None:
        away = who(closures=closed("2026-10-06", "2026-10-07"))

        found = [is_open(away, local(f"2026-10-0{d}T10:00"), calendar()) for d in range(5, 9)]

        assert found == [True, False, False, True]

    def test_a_closure_begins_and_ends_at_local_midnight(self) -> None:
        away = always(closures=closed("2026-10-06", "2026-10-06"))
        first = local("2026-10-06T00:00")

        assert is_open(away, first - timedelta(seconds=1), calendar())
        assert not is_open(away, first, calendar())
        assert not is_open(away, first + timedelta(hours=24, seconds=-1), calendar())
        assert is_open(away, first + timedelta(hours=24), calendar())


class TestCover:
    def test_a_closed_unit_names_who_covers(self) -> None:
        away = office(closures=closed("2026-10-06", "2026-10-07"))

        assert covered_by(away, local("2026-10-06T00:00")) == BOBS_TEAM
        assert covered_by(away, local("2026-10-07T23:59")) == BOBS_TEAM
        assert covered_by(away, local("2026-10-08T00:00")) is None

    def test_outside_its_hours_nobody_covers(self) -> None:
        assert covered_by(office(), local("2026-10-05T20:00")) is None

    def test_a_closure_may_lack_a_cover(self) -> None:
        away = office(closures=closed("2026-10-06", "2026-10-06", None))

        assert covered_by(away, local("2026-10-06T10:00")) is None
        assert closure_on(away, day("2026-10-06")) == away.closures[0]
        assert closure_on(away, day("2026-10-05")) is None


class TestOpens:
    @pytest.mark.parametrize(
        ("after", "expected"),
        [
            ("2026-10-05T05:00", "2026-10-05T08:00"),
            ("2026-10-05T08:00", "2026-10-05T08:00"),
            ("2026-10-05T10:30", "2026-10-05T10:30"),
            ("2026-10-05T16:00", "2026-10-06T08:00"),
            ("2026-10-02T16:00", "2026-10-05T08:00"),
            ("2026-12-23T17:00", "2026-12-28T08:00"),
            ("2026-10-23T18:00", "2026-10-26T08:00"),
        ],
    )
    def test_it_opens_at_the_first_instant_that_is_open(self, after: str, expected: str) -> None:
        assert opens_at(office(), local(after), calendar()) == local(expected)

    def test_it_opens_after_the_closure(self) -> None:
        away = office(closures=closed("2026-10-05", "2026-10-09"))

        assert opens_at(away, local("2026-10-05T09:00"), calendar()) == local("2026-10-12T08:00")

    def test_two_closures_in_a_row_are_one_wait(self) -> None:
        both = closed("2026-10-05", "2026-10-06") + closed("2026-10-07", "2026-10-08")

        found = opens_at(always(closures=both), local("2026-10-05T09:00"), calendar())

        assert found == local("2026-10-09T00:00")

    def test_it_opens_after_lunch(self) -> None:
        lunch = office(hours=(span(0, "13:00", "16:00"), span(0, "08:00", "12:00")))

        assert opens_at(lunch, local("2026-10-05T12:00"), calendar()) == local("2026-10-05T13:00")
        assert opens_at(lunch, local("2026-10-05T07:00"), calendar()) == local("2026-10-05T08:00")

    @pytest.mark.parametrize("who", [office, always])
    def test_a_unit_that_never_opens_has_no_opening(self, who: Any) -> None:
        assert opens_at(who(closures=NEVER), local("2026-10-05T09:00"), calendar()) is None

    def test_an_answer_is_given_in_utc(self) -> None:
        after = datetime(2026, 10, 5, 10, tzinfo=STOCKHOLM)

        found = opens_at(office(), after, calendar())

        assert found == after
        assert found is not None and found.tzinfo is UTC


class TestNights:
    def test_the_night_that_is_an_hour_longer_has_no_gap(self) -> None:
        midnight = local("2026-10-25T00:00")

        hours = [is_open(always(), midnight + timedelta(hours=h), calendar()) for h in range(26)]

        assert all(hours)

    def test_hours_across_the_hour_that_comes_twice_hold_both_times(self) -> None:
        night = always(hours=(span(SUNDAY, "01:00", "04:00"),))
        one = local("2026-10-25T01:00")

        found = [is_open(night, one + timedelta(hours=h), calendar()) for h in range(-1, 5)]

        assert found == [False, True, True, True, True, False]

    def test_an_opening_in_the_hour_that_comes_twice_comes_the_first_time(self) -> None:
        night = always(hours=(span(SUNDAY, "02:30", "06:00"),))
        second = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=STOCKHOLM).astimezone(UTC)

        assert opens_at(night, local("2026-10-25T00:00"), calendar()) == local("2026-10-25T02:30")
        assert is_open(night, second, calendar())
        assert opens_at(night, second, calendar()) == second

    def test_an_opening_in_the_hour_that_does_not_come_falls_at_its_end(self) -> None:
        night = always(hours=(span(SUNDAY, "02:30", "06:00"),))
        three = local("2027-03-28T03:00")

        assert opens_at(night, local("2027-03-28T00:00"), calendar()) == three
        assert is_open(night, three, calendar())
        assert not is_open(night, three - timedelta(seconds=1), calendar())

    def test_hours_inside_the_hour_that_does_not_come_open_a_week_later(self) -> None:
        night = always(hours=(span(SUNDAY, "02:10", "02:50"),))

        found = opens_at(night, local("2027-03-28T00:00"), calendar())

        assert found == local("2027-04-04T02:10")

    @pytest.mark.parametrize(("date_", "hours"), [(AUTUMN, 25), (SPRING, 23)])
    def test_a_closed_day_is_closed_for_as_long_as_the_day_is(
        self, date_: date, hours: int
    ) -> None:
        away = always(closures=(Closure(first=date_, last=date_),))
        midnight = local(f"{date_}T00:00")

        assert opens_at(away, midnight, calendar()) == midnight + timedelta(hours=hours)


INSTANTS = st.one_of(
    st.timedeltas(timedelta(), timedelta(days=1400)).map(lambda s: local("2026-01-01T00:00") + s),
    st.builds(
        lambda at, minutes: at + timedelta(minutes=minutes),
        st.sampled_from([local(f"{AUTUMN}T00:00"), local(f"{SPRING}T00:00")]),
        st.integers(-2000, 2000),
    ),
)
WALLS = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))
HOURS = st.builds(
    lambda weekday, walls: Hours(day=weekday, opens=min(walls), closes=max(walls)),
    st.integers(0, 6),
    st.lists(WALLS, min_size=2, max_size=2, unique=True),
)
CLOSURES = st.builds(
    lambda first, days: Closure(first=first, last=first + timedelta(days=days)),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    st.integers(0, 60),
)
UNITS = st.builds(
    lambda hours, closures: unit(BOB, hours=tuple(hours), closures=tuple(closures)),
    st.lists(HOURS, max_size=6),
    st.lists(CLOSURES, max_size=4),
)


class TestLaws:
    @settings(settings.get_profile("instants"))
    @given(who=UNITS, after=INSTANTS)
    def test_it_opens_never_before_and_is_open_then(self, who: Unit, after: datetime) -> None:
        found = opens_at(who, after, calendar())

        if found is not None:
            assert found >= after
            assert is_open(who, found, calendar())
            assert (found == after) is is_open(who, after, calendar())

    @settings(settings.get_profile("instants"))
    @given(who=UNITS, after=INSTANTS, permille=st.integers(0, 999))
    def test_until_it_opens_it_is_closed(self, who: Unit, after: datetime, permille: int) -> None:
        found = opens_at(who, after, calendar())

        if found is not None and found > after:
            assert not is_open(who, after + (found - after) * permille / 1000, calendar())


class TestFacts:
    def test_hours_that_close_before_they_open_are_refused(self) -> None:
        for opens, closes in (("16:00", "08:00"), ("08:00", "08:00")):
            with pytest.raises(ValidationError, match="closes_before_it_opens"):
                span(0, opens, closes)

    def test_a_closure_that_ends_before_it_begins_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="ends_before_it_begins"):
            Closure(first=day("2026-10-06"), last=day("2026-10-05"))

    def test_an_eighth_day_of_the_week_is_refused(self) -> None:
        with pytest.raises(ValidationError):
            span(7, "08:00", "16:00")

    def test_a_standing_acceptance_says_now_or_on_discharge(self) -> None:
        for takes_over in ("now", "on_discharge"):
            assert Standing.model_validate(
                {"part": "rehab", "organisation": "rvm", "takes_over": takes_over}
            )
        with pytest.raises(ValidationError):
            Standing.model_validate({"part": "rehab", "organisation": "rvm", "takes_over": "at"})

    def test_a_unit_of_the_release_before_still_reads(self) -> None:
        kept = {"hsa_id", "name", "kind", "organisation", "principal", "contacts"}
        facts = unit(BOB).model_dump(mode="json", include=kept)

        found = Unit.model_validate(facts)

        assert (found.version, found.hours, found.successor) == (1, (), None)

    def test_a_unit_with_a_life_is_the_same_after_json(self) -> None:
        whole = office(closures=closed("2026-10-06", "2026-10-07"), successor=BOBS_TEAM)

        assert Unit.model_validate_json(whole.model_dump_json()) == whole
