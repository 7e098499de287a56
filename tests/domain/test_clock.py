"""A clock: where its rungs fall, and what a pause does to them."""

from datetime import datetime, timedelta
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import clock as clocks
from domain import command as cmd
from domain import event as ev
from domain.calendar import Budget, Counting, advance, elapsed
from domain.clock import Clock, ClockKind, Promise
from domain.decide import pass_time
from domain.ladder import Audience, Ladder, Party, Rung
from domain.unit import Function
from tests.samples import (
    ALICE,
    BOB,
    Case,
    calendar,
    calendar_days,
    hours,
    ladder,
    local,
    things,
    working_days,
)

FRIDAY = local("2026-12-18T14:30")
MONDAY = local("2026-10-05T09:00")
DAY = timedelta(days=1)


def promise(budget: Budget, key: str = "handover", span: timedelta | None = None) -> Promise:
    return Promise(
        id="accepted:h-1",
        kind=ClockKind.ACCEPTED,
        subject="h-1",
        part="rehab",
        owner=BOB,
        counterpart=ALICE,
        budget=budget,
        ladder=key,
        span=span,
    )


def started(budget: Budget, now: datetime, key: str = "handover") -> Clock:
    return clocks.start(promise(budget, key), ladder(key), calendar(), now)


def rungs(clock: Clock, count: int) -> list[datetime]:
    known = ladder(clock.ladder)
    return [clocks.rung_at(clock, known, index, calendar()) for index in range(count)]


class TestRungs:
    def test_rungs_of_hours_fall_round_the_clock(self) -> None:
        clock = started(hours(24), MONDAY)

        assert clock.due_at == local("2026-10-06T09:00")
        assert rungs(clock, 7) == [
            local("2026-10-05T21:00"),
            local("2026-10-06T04:12"),
            local("2026-10-06T09:00"),
            local("2026-10-07T09:00"),
            local("2026-10-09T09:00"),
            local("2026-10-10T09:00"),
            local("2026-10-11T09:00"),
        ]

    def test_rungs_of_working_days_fall_on_working_days(self) -> None:
        clock = started(working_days(2), FRIDAY)

        assert clock.due_at == local("2026-12-22T14:30")
        assert rungs(clock, 7) == [
            local("2026-12-21T14:30"),
            local("2026-12-22T04:54"),
            local("2026-12-22T14:30"),
            local("2026-12-23T14:30"),
            local("2026-12-29T14:30"),
            local("2026-12-30T14:30"),
            local("2027-01-04T14:30"),
        ]

    def test_the_first_moment_is_the_first_rung(self) -> None:
        clock = started(hours(24), MONDAY)

        assert clock.next_at == rungs(clock, 1)[0]
        assert clock.next_rung == 0

    def test_an_alarm_is_due_at_once(self) -> None:
        clock = started(hours(0), MONDAY, "alarm")

        assert clock.due_at == clock.next_at == MONDAY

    def test_a_clock_that_acts_by_itself_has_one_moment_its_due(self) -> None:
        clock = started(hours(5), MONDAY, "take_over")

        assert clock.next_at == clock.due_at == MONDAY + timedelta(hours=5)

    def test_a_shorter_span_moves_shares_and_due(self) -> None:
        given = promise(hours(24), span=timedelta(hours=2))

        clock = clocks.start(given, ladder("handover"), calendar(), MONDAY)

        assert clock.due_at == MONDAY + timedelta(hours=2)
        assert clock.next_at == MONDAY + timedelta(hours=1)

    def test_a_clock_is_late_from_its_due_on(self) -> None:
        clock = started(hours(24), MONDAY)

        assert not clock.late(clock.due_at - timedelta(microseconds=1))
        assert clock.late(clock.due_at)


class TestPause:
    @pytest.mark.parametrize("budget", [hours(24), working_days(2)], ids=["hours", "working_days"])
    def test_a_pause_of_nothing_changes_nothing(self, budget: Budget) -> None:
        clock = started(budget, MONDAY)
        later = MONDAY + timedelta(hours=3)

        still = clocks.pause(clock, calendar(), later)
        again = clocks.resume(still, ladder("handover"), calendar(), later)

        assert rungs(again, 6) == rungs(clock, 6)
        assert (again.due_at, again.next_at) == (clock.due_at, clock.next_at)

    @settings(settings.get_profile("instants"))
    @given(before=st.integers(0, 24 * 60), pause=st.integers(0, 60 * 24 * 30))
    def test_a_pause_of_hours_moves_due_and_next_by_just_that(
        self, before: int, pause: int
    ) -> None:
        clock = started(hours(24), MONDAY)
        asked = MONDAY + timedelta(minutes=before)
        fired = [r for r in rungs(clock, 3) if r <= asked]
        clock = clock.model_copy(update={"next_rung": len(fired)})
        expected = rungs(clock, len(fired) + 1)[-1]

        still = clocks.pause(clock, calendar(), asked)
        gone = timedelta(minutes=pause)
        again = clocks.resume(still, ladder("handover"), calendar(), asked + gone)

        assert not still.running
        assert again.due_at == clock.due_at + (gone if asked < clock.due_at else timedelta())
        assert again.next_at == expected + gone

    def test_a_pause_over_the_weekend_costs_no_working_day(self) -> None:
        clock = started(working_days(2), local("2026-10-09T12:00"))

        still = clocks.pause(clock, calendar(), local("2026-10-09T18:00"))
        again = clocks.resume(still, ladder("handover"), calendar(), local("2026-10-12T06:00"))

        # Six hours of Friday and six of Monday went by while the question was open.
        assert again.due_at == clock.due_at + timedelta(hours=12)

    def test_what_was_late_before_the_pause_stays_late(self) -> None:
        clock = started(hours(24), MONDAY)
        late = clock.due_at + timedelta(hours=1)

        still = clocks.pause(clock, calendar(), late)
        again = clocks.resume(still, ladder("handover"), calendar(), late + timedelta(days=2))

        assert again.due_at == clock.due_at
        assert again.late(late + timedelta(days=2))

    def test_two_pauses_add_up(self) -> None:
        clock = started(hours(24), MONDAY)

        for begin, end in ((2, 5), (8, 18)):
            clock = clocks.pause(clock, calendar(), MONDAY + timedelta(hours=begin))
            later = MONDAY + timedelta(hours=end)
            clock = clocks.resume(clock, ladder("handover"), calendar(), later)

        assert clock.due_at == MONDAY + timedelta(hours=24 + 3 + 10)

    def test_a_stopped_clock_neither_runs_nor_is_late(self) -> None:
        clock = started(hours(1), MONDAY).model_copy(update={"stopped_at": MONDAY})

        assert not clock.running
        assert not clock.late(MONDAY + timedelta(days=9))


class TestCalendar:
    def test_a_newer_calendar_is_adopted_by_the_command_that_brings_it(self) -> None:
        case = Case()
        case.complete("assessment")
        newer = calendar("2027-1")
        send = cmd.RecordDeparture(at=case.now, to="hemmet")

        events = case.do(send, ALICE, calendar_version=newer.version, calendar=newer)

        assert [e.calendar.version for e in things(events, ev.CalendarAdopted)] == ["2027-1"]
        assert case.clock(ClockKind.ALARM, "rehab").calendar_version == "2027-1"
        assert case.clock(ClockKind.STEP, "1.plan").calendar_version == calendar().version

    def test_an_older_calendar_is_not_taken_back(self) -> None:
        case = Case()

        events = case.do(
            cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE, calendar=calendar("2025-1")
        )

        assert not things(events, ev.CalendarAdopted)

    def test_a_command_that_speaks_of_an_unknown_calendar_must_bring_it(self) -> None:
        case = Case()
        left = cmd.RecordDeparture(at=case.now, to="hemmet")

        assert case.refusal(left, ALICE, calendar_version="2027-1").code == "calendar_stale"


class TestOwnKind:
    """A rung whose offset is in another kind of time than the budget."""

    def test_the_first_rung_counts_its_offset_in_its_own_kind(self) -> None:
        boss = Audience(party=Party.OWNER, function=Function.MANAGER)
        rung = Rung(key="late", after=DAY, counting=Counting.WORKING_DAYS, tell=(boss,))
        known = Ladder(key="handover", every=DAY, rungs=(rung,))

        clock = clocks.start(promise(hours(4)), known, calendar(), local("2026-10-09T09:00"))

        assert clock.due_at == local("2026-10-09T13:00")
        assert clock.next_at == local("2026-10-12T13:00")

    @pytest.mark.parametrize("rung", [3, 4, 9])
    def test_a_pause_of_nothing_changes_nothing(self, rung: int) -> None:
        clock = late(rung)
        asked = clock.next_at - timedelta(hours=1)

        again = paused(clock, asked, asked)

        assert again.next_at == clock.next_at

    def test_a_pause_after_due_does_not_count_the_offset_anew(self) -> None:
        clock = late(3)

        again = paused(clock, MONDAY + timedelta(hours=20), MONDAY + timedelta(hours=21))

        assert again.next_at == local("2026-10-06T13:00")

    def test_what_would_have_come_in_a_pause_comes_at_the_resumption(self) -> None:
        resumed = MONDAY + timedelta(days=10)

        again = paused(late(3), MONDAY + timedelta(hours=20), resumed)

        assert again.next_at == resumed

    def test_a_pause_before_due_moves_it_with_due(self) -> None:
        clock = started(hours(4), MONDAY, "statutory")
        noon = MONDAY + timedelta(hours=3)

        again = paused(clock, noon, noon + timedelta(hours=2))

        assert again.due_at == local("2026-10-05T15:00")
        assert clocks.rung_at(again, ladder("statutory"), 3, calendar()) == local(
            "2026-10-06T15:00"
        )


def late(rung: int) -> Clock:
    """Four hours by a statutory ladder, of which some rungs have been told."""
    clock = started(hours(4), MONDAY, "statutory")
    next_at = clocks.rung_at(clock, ladder("statutory"), rung, calendar())
    return clock.model_copy(update={"next_rung": rung, "next_at": next_at})


def paused(clock: Clock, since: datetime, until: datetime) -> Clock:
    """It has stood still."""
    still = clocks.pause(clock, calendar(), since)
    return clocks.resume(still, ladder(clock.ladder), calendar(), until)


BUDGETS = st.sampled_from([hours(0), hours(24), calendar_days(3), working_days(2)])
LADDERS = st.sampled_from(["handover", "statutory", "payment", "alarm", "received"])


class TestLatest:
    """The last firing that was due by an instant, however long ago the clock was started."""

    @settings(settings.get_profile("instants"))
    @given(
        budget=BUDGETS,
        key=LADDERS,
        begins=st.integers(0, 60 * 24 * 400),
        rung=st.integers(0, 7),
        asked=st.integers(0, 60 * 24 * 60),
    )
    def test_leaping_finds_what_walking_finds(
        self, budget: Budget, key: str, begins: int, rung: int, asked: int
    ) -> None:
        known, clock = ladder(key), started(budget, MONDAY + timedelta(minutes=begins), key)
        next_at = clocks.rung_at(clock, known, rung, calendar())
        clock = clock.model_copy(update={"next_rung": rung, "next_at": next_at})
        until = next_at + timedelta(minutes=asked)

        found = clocks.latest(clock, known, until, calendar())

        number = rung
        while number >= len(known.rungs) - 1:
            if clocks.rung_at(clock, known, number + 1, calendar()) > until:
                break
            number += 1
        assert found == (number, clocks.rung_at(clock, known, number + 1, calendar()))

    @pytest.mark.parametrize("key", ["handover", "statutory"])
    def test_a_clock_that_is_ten_years_late_is_told_in_a_moment(self, key: str) -> None:
        case = Case(now=local("2016-10-05T09:00"))
        clock = started(working_days(3), case.now, key)
        case.adopt_state(clocks={clock.id: clock})

        spent = []
        for _ in range(3):
            began = process_time()
            events = pass_time(case.state, MONDAY)
            spent.append(process_time() - began)

        assert things(events, ev.RungFired)[-1].folded > 2500
        assert min(spent) < 0.05

    def test_a_last_rung_that_was_brought_forward_repeats_from_where_it_came(self) -> None:
        forward = started(working_days(2), FRIDAY).model_copy(
            update={"next_rung": 4, "next_at": local("2026-12-21T14:30")}
        )

        found = clocks.latest(forward, ladder("handover"), local("2026-12-29T15:00"), calendar())

        # Missed: Tuesday and Wednesday, and after Christmas Monday and Tuesday.
        assert found == (8, local("2026-12-30T14:30"))

    def test_brought_forward_and_paused_it_does_not_wait_for_its_place(self) -> None:
        forward = started(working_days(2), FRIDAY).model_copy(
            update={"next_rung": 5, "next_at": local("2026-12-22T14:30")}
        )
        morning = local("2026-12-22T09:00")

        again = paused(forward, local("2026-12-21T15:00"), morning)

        assert again.next_at == local("2026-12-23T09:00")


class TestLongWalks:
    """Working days over years, a week at a time, are those that are found day by day."""

    @settings(settings.get_profile("instants"))
    @given(
        begins=st.integers(0, 60 * 24 * 700),
        span=st.integers(0, 60 * 24 * 500) | st.integers(0, 500).map(lambda d: d * 60 * 24),
        midnight=st.booleans(),
    )
    def test_weeks_are_days(self, begins: int, span: int, midnight: bool) -> None:
        start = local("2025-12-01T00:00") + timedelta(minutes=0 if midnight else begins)
        wanted, known = timedelta(minutes=span), calendar()

        end = advance(start, wanted, Counting.WORKING_DAYS, known)

        assert elapsed(start, end, Counting.WORKING_DAYS, known) == wanted
        assert end == day_by_day(start, wanted)


def day_by_day(start: datetime, span: timedelta) -> datetime:
    """One working day after the other, and then what is left."""
    known = calendar()
    while span > DAY:
        start, span = advance(start, DAY, Counting.WORKING_DAYS, known), span - DAY
    return advance(start, span, Counting.WORKING_DAYS, known)
