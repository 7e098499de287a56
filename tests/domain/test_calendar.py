"""Four kinds of time: hours, calendar and working days, opening hours; weekends, clock changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import STOCKHOLM, Calendar, Counting, Opening, advance, elapsed, open_spans
from tests import samples
from tests.domain.golden import OPENINGS, minutes, opening
from tests.samples import day, local

CLOCK_CHANGES = tuple(
    map(local, ["2026-10-25T00:00", "2027-03-28T00:00", "2027-10-31T00:00", "2028-03-26T00:00"])
)
ANY_TIME = st.timedeltas(timedelta(), timedelta(days=1700)).map(
    lambda since: local("2026-01-01T00:00") + since
)
NIGHTS = st.builds(
    lambda midnight, minutes: midnight + timedelta(minutes=minutes),
    st.sampled_from(CLOCK_CHANGES),
    st.integers(-3000, 3000),
)
INSTANTS = st.one_of(ANY_TIME, NIGHTS)
SPANS = st.one_of(
    st.timedeltas(timedelta(), timedelta(days=60)),
    st.integers(0, 40).map(lambda n: timedelta(days=n)),
    st.integers(0, 4000).map(lambda n: timedelta(minutes=n)),
)
COUNTINGS = st.sampled_from(Counting)
INSTANT_TESTS = settings.get_profile("instants")
OFFICE = opening(
    *((weekday, "08:00", "12:00") for weekday in range(5)),
    *((weekday, "13:00", "16:30") for weekday in range(4)),
    (6, "01:00", "04:00"),
    closed=(day("2027-07-05"), day("2027-07-30")),
)


def calendar() -> Calendar:
    """Sweden's days off, and a unit with lunch, short Fridays, a night watch and a holiday."""
    return samples.calendar().of(OFFICE)


def in_the_night_of_a_change(instant: datetime) -> bool:
    wall = instant.astimezone(STOCKHOLM)
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return wall.hour <= 3 and midnight.astimezone(UTC) in CLOCK_CHANGES


class TestLaws:
    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, span=SPANS, counting=COUNTINGS)
    def test_elapsed_is_the_inverse_of_advance(
        self, start: datetime, span: timedelta, counting: Counting
    ) -> None:
        end = advance(start, span, counting, calendar())

        off = abs(elapsed(start, end, counting, calendar()) - span)

        between = in_the_night_of_a_change(start) or in_the_night_of_a_change(end)
        assert off <= timedelta(hours=1 if between else 0)

    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, span=SPANS, more=SPANS, counting=COUNTINGS)
    def test_more_time_never_ends_earlier(
        self, start: datetime, span: timedelta, more: timedelta, counting: Counting
    ) -> None:
        end = advance(start, span, counting, calendar())

        later = advance(start, span + more, counting, calendar())

        assert start <= end <= later

    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, span=SPANS, later=SPANS, counting=COUNTINGS)
    def test_who_starts_later_never_ends_earlier(
        self, start: datetime, span: timedelta, later: timedelta, counting: Counting
    ) -> None:
        ends = [advance(s, span, counting, calendar()) for s in (start, start + later)]

        twice = timedelta(hours=1 if in_the_night_of_a_change(start + later) else 0)
        assert ends[0] <= ends[1] + twice, "but for the hour that comes twice"

    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, span=SPANS, counting=COUNTINGS)
    def test_time_in_two_parts_ends_where_time_in_one_ends(
        self, start: datetime, span: timedelta, counting: Counting
    ) -> None:
        end = advance(start, span, counting, calendar())
        half = advance(start, span / 2, counting, calendar())

        rest = span - elapsed(start, half, counting, calendar())
        again = advance(half, max(rest, timedelta()), counting, calendar())

        nights = any(map(in_the_night_of_a_change, (start, half, end)))
        assert abs(again - end) <= timedelta(hours=1 if nights else 0) or rest == timedelta()

    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, end=INSTANTS, counting=COUNTINGS)
    def test_no_time_has_passed_before_the_start(
        self, start: datetime, end: datetime, counting: Counting
    ) -> None:
        first, second = sorted((start, end))

        assert elapsed(first, second, counting, calendar()) >= timedelta()
        assert elapsed(first, first, counting, calendar()) == timedelta()

    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, span=SPANS, counting=COUNTINGS)
    def test_the_zone_of_an_instant_does_not_matter(
        self, start: datetime, span: timedelta, counting: Counting
    ) -> None:
        here = advance(start.astimezone(STOCKHOLM), span, counting, calendar())

        assert here == advance(start, span, counting, calendar())
        assert here.tzinfo is UTC


class TestByHand:
    @pytest.mark.parametrize(
        ("start", "days", "end"),
        [
            ("2026-12-18T14:30", 2, "2026-12-22T14:30"),  # Friday before Christmas
            ("2026-12-23T10:00", 1, "2026-12-28T10:00"),  # julafton, juldagen and a weekend
            ("2026-12-30T10:00", 1, "2027-01-04T10:00"),  # nyårsafton, nyårsdagen and a weekend
            ("2026-06-18T16:00", 1, "2026-06-22T16:00"),  # midsommarafton and a weekend
            ("2027-03-25T12:00", 1, "2027-03-30T12:00"),  # Easter, and the clock goes forward
            ("2026-10-23T12:00", 1, "2026-10-26T12:00"),  # a weekend when the clock goes back
            ("2026-10-03T10:00", 1, "2026-10-06T00:00"),  # from a Saturday: the whole of Monday
            ("2026-10-03T10:00", 0, "2026-10-05T00:00"),  # from a Saturday: not before Monday
            ("2026-10-05T09:00", 5, "2026-10-12T09:00"),  # a week
        ],
    )
    def test_working_days_leave_out_days_off(self, start: str, days: int, end: str) -> None:
        found = advance(local(start), timedelta(days=days), Counting.WORKING_DAYS, calendar())

        assert found == local(end)

    @pytest.mark.parametrize(
        ("counting", "end"),
        [
            (Counting.HOURS, "2026-10-25T11:00"),
            (Counting.CALENDAR_DAYS, "2026-10-25T12:00"),
            (Counting.WORKING_DAYS, "2026-10-27T00:00"),
        ],
    )
    def test_a_day_is_three_things_when_it_has_25_hours(self, counting: Counting, end: str) -> None:
        saturday = local("2026-10-24T12:00")

        assert advance(saturday, timedelta(days=1), counting, calendar()) == local(end)

    @pytest.mark.parametrize(
        ("counting", "end"),
        [
            (Counting.HOURS, "2027-03-28T13:00"),
            (Counting.CALENDAR_DAYS, "2027-03-28T12:00"),
            (Counting.WORKING_DAYS, "2027-03-31T00:00"),
        ],
    )
    def test_a_day_is_three_things_when_it_has_23_hours(self, counting: Counting, end: str) -> None:
        saturday = local("2027-03-27T12:00")

        assert advance(saturday, timedelta(days=1), counting, calendar()) == local(end)

    def test_what_falls_in_the_hour_that_is_skipped_falls_at_its_end(self) -> None:
        start = local("2027-03-27T02:30")

        end = advance(start, timedelta(days=1), Counting.CALENDAR_DAYS, calendar())

        assert end == local("2027-03-28T03:00")

    def test_the_hour_that_comes_twice_does_not_run_backwards(self) -> None:
        second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)

        end = advance(
            second_half_past_two, timedelta(minutes=10), Counting.CALENDAR_DAYS, calendar()
        )

        assert end == second_half_past_two

    @pytest.mark.parametrize(
        ("date", "works"),
        [
            ("2026-06-18", True),
            ("2026-06-19", False),  # midsommarafton
            ("2026-12-23", True),
            ("2026-12-24", False),  # julafton
            ("2026-12-31", False),  # nyårsafton
            ("2026-10-10", False),  # a Saturday
            ("2026-10-11", False),  # a Sunday
            ("2027-05-06", False),  # Kristi himmelsfärd
        ],
    )
    def test_a_working_day_is_a_weekday_that_is_not_off(self, date: str, works: bool) -> None:
        assert calendar().is_working(day(date)) is works


class TestOpeningHours:
    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, span=SPANS)
    def test_the_inverse_is_exact_in_every_night(self, start: datetime, span: timedelta) -> None:
        end = advance(start, span, Counting.OPENING_HOURS, calendar())

        assert elapsed(start, end, Counting.OPENING_HOURS, calendar()) == span

    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, span=SPANS)
    def test_what_ends_ends_while_somebody_is_there(self, start: datetime, span: timedelta) -> None:
        end = advance(start, span, Counting.OPENING_HOURS, calendar())

        today = end.astimezone(STOCKHOLM).date()
        spans = open_spans(OFFICE, today, calendar())
        assert span == timedelta() or any(opens < end <= closes for opens, closes in spans)

    @settings(INSTANT_TESTS)
    @given(start=INSTANTS, span=SPANS, first=st.integers(0, 1000), days=st.integers(0, 60))
    def test_one_more_closure_never_ends_earlier(
        self, start: datetime, span: timedelta, first: int, days: int
    ) -> None:
        begins = day("2026-01-01") + timedelta(days=first)
        shut = opening(closed=(begins, begins + timedelta(days=days))).closures
        fewer = OFFICE.model_copy(update={"closures": (*OFFICE.closures, *shut)})

        before = advance(start, span, Counting.OPENING_HOURS, calendar())
        after = advance(start, span, Counting.OPENING_HOURS, calendar().of(fewer))

        assert before <= after

    def test_the_law_of_closures_ends_where_a_unit_does_not_open_within_a_year(self) -> None:
        """Nobody waits for years: what is left runs round the clock, and may end earlier."""
        monday = local("2026-10-05T10:00")
        ends = [
            advance(
                monday,
                timedelta(hours=24),
                Counting.OPENING_HOURS,
                samples.calendar().of(OPENINGS[name]),
            )
            for name in ("office", "closes_for_ever")
        ]

        assert ends == [local("2026-10-08T10:00"), local("2026-10-06T10:00")]

    @pytest.mark.parametrize(("days", "waits"), [(365, True), (367, False)])
    def test_a_year_of_closure_is_waited_for_and_no_more(self, days: int, waits: bool) -> None:
        first = day("2026-10-05")
        shut = (first, first + timedelta(days=days - 1))
        hours = [(weekday, "08:00", "16:00") for weekday in range(7)]
        known = samples.calendar().of(opening(*hours, closed=shut))
        start = local("2026-10-05T10:00")

        end = advance(start, timedelta(hours=1), Counting.OPENING_HOURS, known)

        assert (end > minutes(start, 60)) is waits

    def test_hours_that_overlap_or_touch_are_one_stretch(self) -> None:
        hours = opening((0, "10:00", "16:00"), (0, "08:00", "12:00"), (0, "16:00", "18:00"))

        found = open_spans(hours, day("2026-10-05"), calendar())

        assert found == [(local("2026-10-05T08:00"), local("2026-10-05T18:00"))]

    def test_opening_hours_of_nobody_are_an_error_and_not_a_guess(self) -> None:
        nobody: Opening | None = None

        with pytest.raises(AssertionError):
            advance(
                local("2026-10-05T08:00"),
                timedelta(),
                Counting.OPENING_HOURS,
                samples.calendar().of(nobody),
            )
