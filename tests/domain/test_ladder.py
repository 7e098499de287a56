"""A ladder: who is told when a clock runs out, on time or after an outage, and for ever."""

from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from domain import event as ev
from domain.calendar import Counting
from domain.clock import ClockKind
from domain.ladder import Ladder, Rung
from domain.unit import Function
from tests.samples import (
    ALICE,
    BOB,
    NOBODY_HOLDS_OPERATIONS,
    Case,
    ladder,
    ladders,
    local,
    start,
    things,
)

FRIDAY = local("2026-12-18T14:30")
ANSWER = "accepted:h-1"


def sent(now: datetime = FRIDAY, to: str = BOB) -> Case:
    """A handover that no step describes: two working days to answer."""
    case = Case(now=now)
    case.send(to)
    return case


def answer_rungs(events: tuple[ev.Event, ...]) -> list[ev.RungFired]:
    return [r for r in things(events, ev.RungFired) if r.clock_id == ANSWER]


class TestPlaces:
    def test_places_follow_shares_then_offsets_then_repetition(self) -> None:
        known, budget = ladder("handover"), timedelta(days=2)

        positions = [known.place(index, budget).position for index in range(7)]

        assert positions == [timedelta(days=d) for d in (1, 1.6, 2, 3, 5, 6, 7)]

    def test_the_last_rung_is_the_one_that_repeats(self) -> None:
        known = ladder("handover")

        assert known.place(4, timedelta()).rung == known.place(400, timedelta()).rung

    def test_a_ladder_that_falls_silent_is_refused(self) -> None:
        rung = Rung(key="due", tell=())

        with pytest.raises(ValidationError):
            Ladder(key="once", rungs=(rung,))

    def test_a_ladder_that_never_stops_telling_is_refused(self) -> None:
        rung = Rung(key="due", tell=())

        with pytest.raises(ValidationError):
            Ladder(key="hammer", rungs=(rung,), every=timedelta(minutes=14))

    def test_another_kind_of_time_is_counted_from_due(self) -> None:
        with pytest.raises(ValidationError):
            Rung(key="half", share=0.5, counting=Counting.WORKING_DAYS, tell=())

    def test_an_unknown_ladder_is_an_error_and_not_silence(self) -> None:
        with pytest.raises(KeyError):
            ladders().get("none")


class TestFiring:
    def test_each_rung_fires_when_it_is_due_and_tells_whom_it_names(self) -> None:
        case = sent()

        told = []
        for instant in ("12-21T14:30", "12-22T04:54", "12-22T14:30", "12-23T14:30", "12-29T14:30"):
            (rung,) = answer_rungs(case.wait_until(local(f"2026-{instant}")))
            told.append((rung.number, rung.rung, [(t.unit, t.function) for t in rung.told]))
            assert (rung.cause, rung.folded, rung.due_at) == ("on_time", 0, case.now)

        assert told == [
            (0, "half", [(BOB, Function.INBOX)]),
            (1, "four_fifths", [(BOB, Function.INBOX), (ALICE, Function.INBOX)]),
            (2, "due", [(BOB, Function.MANAGER), (ALICE, Function.COORDINATOR)]),
            (3, "one_day_late", [(BOB, Function.OPERATIONS)]),
            (4, "three_days_late", [(BOB, Function.PRINCIPAL), (ALICE, Function.PRINCIPAL)]),
        ]

    def test_nothing_fires_before_its_time(self) -> None:
        case = sent()

        events = case.wait_until(local("2026-12-21T14:30") - timedelta(microseconds=1))

        assert not answer_rungs(events)

    def test_looking_twice_fires_once(self) -> None:
        case = sent()
        case.wait_until(local("2026-12-22T14:30"))

        assert case.wait(timedelta()) == ()

    def test_missed_rungs_are_fired_in_order_each_once_as_an_outage(self) -> None:
        case = sent()

        rungs = answer_rungs(case.wait_until(local("2026-12-23T15:00")))

        assert [(r.number, r.due_at) for r in rungs] == [
            (0, local("2026-12-21T14:30")),
            (1, local("2026-12-22T04:54")),
            (2, local("2026-12-22T14:30")),
            (3, local("2026-12-23T14:30")),
        ]
        assert {r.fired_at for r in rungs} == {case.now}
        assert {r.cause for r in rungs} == {"outage"}

    def test_ten_seconds_late_is_on_time(self) -> None:
        case = sent()

        (rung,) = answer_rungs(case.wait_until(local("2026-12-21T14:30:10")))

        assert rung.cause == "on_time"

    def test_missed_repetitions_are_folded_into_one_and_counted(self) -> None:
        case = sent()
        case.wait_until(local("2026-12-29T14:30"))  # the last rung, number 4

        (rung,) = answer_rungs(case.wait_until(local("2027-01-05T15:00")))

        # Missed: Wednesday 30 December, Monday 4 and Tuesday 5 January.
        assert (rung.number, rung.folded) == (7, 2)
        assert rung.due_at == local("2026-12-30T14:30")
        assert (rung.next_rung, rung.next_at) == (8, local("2027-01-07T14:30"))

    def test_the_last_rung_repeats_every_working_day_until_a_person_acts(self) -> None:
        case = sent(local("2026-10-05T09:00"))
        case.wait_until(local("2026-10-12T09:00"))

        dues = []
        for _ in range(5):
            (rung,) = answer_rungs(case.wait_until(case.clock(ClockKind.ACCEPTED, "h-1").next_at))
            dues.append(rung.due_at)
        case.accept()

        assert dues == [local(f"2026-10-{d}T09:00") for d in (13, 14, 15, 16, 19)]
        assert not answer_rungs(case.wait(timedelta(days=30)))

    def test_nobody_to_tell_is_an_event_of_its_own_and_the_next_rung_comes_at_once(self) -> None:
        case = sent(to=NOBODY_HOLDS_OPERATIONS)
        case.wait_until(local("2026-12-22T14:30"))

        nobody, above = answer_rungs(case.wait_until(local("2026-12-23T14:30")))

        assert (nobody.outcome, above.outcome) == ("nobody_to_tell", "told")
        assert [(t.function, t.reached) for t in nobody.told] == [(Function.OPERATIONS, False)]
        assert {t.function for t in above.told} == {Function.PRINCIPAL}
        assert above.due_at == nobody.due_at
        assert above.next_at > above.due_at

    def test_a_ladder_of_the_first_release_waits_for_the_next_rung(self) -> None:
        case = Case.of(start(ladders=ladders(1)), ALICE, FRIDAY)
        case.send(NOBODY_HOLDS_OPERATIONS)
        case.wait_until(local("2026-12-22T14:30"))

        (rung,) = answer_rungs(case.wait_until(local("2026-12-23T14:30")))

        assert rung.outcome == "nobody_to_tell"

    def test_the_sender_is_told_no_later_than_the_receivers_manager(self) -> None:
        case = sent()

        rungs = answer_rungs(case.wait_until(local("2027-01-20T12:00")))

        first: dict[tuple[str, Function], datetime] = {}
        for rung in rungs:
            for told in rung.told:
                first.setdefault((told.unit, told.function), rung.due_at)
        assert first[ALICE, Function.INBOX] <= first[BOB, Function.MANAGER]
