"""A clock: where its rungs fall, and what a pause does to them."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import clock as clocks
from domain import command as cmd
from domain import event as ev
from domain.calendar import Budget
from domain.clock import Clock, ClockKind, Promise
from tests.samples import (
    ALICE,
    BOB,
    Case,
    calendar,
    hours,
    ladder,
    local,
    things,
    working_days,
)

FRIDAY = local("2026-12-18T14:30")
MONDAY = local("2026-10-05T09:00")


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
