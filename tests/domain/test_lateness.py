"""Why a moment came late: from the spans in which our own parts were alive."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.lateness import (
    CAUSES,
    OURS,
    Cause,
    Source,
    Span,
    cause,
    minutes_lost,
    whole_minutes,
)
from tests.samples import local

DAY = local("2026-10-05T00:00")
HOURS = st.integers(min_value=0, max_value=24)


def at(clock: str) -> datetime:
    """A time of the day on which all of this happens."""
    return local(f"2026-10-05T{clock}")


def alive(source: str, *spans: str, worker: str = "w-1") -> list[Span]:
    """Spans such as "09:00-10:30"."""
    pairs = [span.split("-") for span in spans]
    return [
        Span(source=Source(source), worker=worker, from_at=at(begin), until_at=at(end))
        for begin, end in pairs
    ]


def whole(*sources: str) -> list[Span]:
    """Sources that were alive all day."""
    return [span for source in sources for span in alive(source, "00:00-23:59")]


def why(*spans: Span, due: str = "10:00", now: str = "10:30") -> Cause:
    return cause(at(due), at(now), spans)


class TestCause:
    def test_nobody_was_there(self) -> None:
        assert why() == "worker_down"

    def test_workers_were_stopped_over_several_due_times(self) -> None:
        stopped = [
            *alive("worker", "06:00-09:00", "12:00-13:00"),
            *alive("engine", "06:00-09:00", "12:00-13:00"),
            *alive("store", "06:00-09:00", "12:00-13:00"),
        ]
        for due in ("09:00", "10:00", "11:59"):
            assert why(*stopped, due=due, now="12:01") == "worker_down"

    def test_the_engine_did_not_answer_a_worker_that_ran(self) -> None:
        away = alive("engine", "06:00-09:58", "10:20-11:00")

        assert why(*whole("worker", "store"), *away) == "engine_down"

    def test_the_store_did_not_answer(self) -> None:
        away = alive("store", "06:00-09:58", "10:20-11:00")

        assert why(*whole("worker", "engine"), *away) == "store_down"

    def test_what_took_the_engine_with_it_is_the_cause(self) -> None:
        both = [*alive("store", "06:00-09:58"), *alive("engine", "06:00-09:58")]

        assert why(*whole("worker"), *both) == "store_down"

    def test_all_were_alive_and_still_it_was_late(self) -> None:
        assert why(*whole("worker", "engine", "store")) == "busy"

    def test_one_worker_is_enough(self) -> None:
        first = [*alive("worker", "06:00-10:10"), *alive("engine", "06:00-10:10")]
        second = [
            *alive("worker", "10:05-11:00", worker="w-2"),
            *alive("engine", "10:05-11:00", worker="w-2"),
        ]

        assert why(*first, *second, *whole("store")) == "busy"

    def test_what_was_away_longest_is_named(self) -> None:
        """The engine was away for twenty minutes; the worker started anew for one of them."""
        spans = [
            *alive("worker", "06:00-10:10", "10:11-11:00"),
            *alive("engine", "06:00-10:00", "10:20-11:00"),
        ]

        assert why(*spans, *whole("store")) == "engine_down"

    def test_what_was_away_before_due_is_no_reason(self) -> None:
        before = alive("worker", "06:00-08:00", "09:59-11:00")

        assert why(*before, *whole("engine", "store")) == "busy"

    def test_a_gap_that_nobody_notices_is_no_reason(self) -> None:
        early = alive("engine", "06:00-11:00")
        late = [early[0].model_copy(update={"from_at": at("10:00") + timedelta(seconds=0.9)})]

        assert why(*whole("worker", "store"), *late) == "busy"

    @given(st.lists(st.tuples(st.sampled_from(list(Source)), HOURS, HOURS), max_size=12))
    def test_the_order_of_spans_does_not_matter(self, drawn: list[tuple[Source, int, int]]) -> None:
        spans = list(_spans(drawn))

        assert why(*spans) == why(*reversed(spans)) == why(*spans, *spans)
        assert why(*spans) in OURS


def _spans(drawn: list[tuple[Source, int, int]]) -> Iterator[Span]:
    for source, begin, end in drawn:
        first, last = DAY + timedelta(hours=begin), DAY + timedelta(hours=end)
        yield Span(source=source, worker="w-1", from_at=first, until_at=last)


class TestMinutes:
    @pytest.mark.parametrize(
        ("late", "minutes"),
        [
            ([], 0),
            ([("10:00", "10:30")], 30),
            ([("09:00", "10:30")], 30),
            ([("10:00", "10:30"), ("10:15", "10:45")], 45),
            ([("10:00", "10:30"), ("11:00", "11:10")], 40),
            ([("10:00", "13:00")], 120),
            ([("08:00", "09:00")], 0),
        ],
    )
    def test_what_overlaps_counts_once_and_only_since_due(
        self, late: list[tuple[str, str]], minutes: int
    ) -> None:
        missed = [(at(begin), at(end)) for begin, end in late]

        assert minutes_lost(at("10:00"), at("12:00"), missed) == minutes

    def test_minutes_are_whole_and_never_fewer_than_none(self) -> None:
        assert whole_minutes(timedelta(seconds=59)) == 0
        assert whole_minutes(timedelta(seconds=61)) == 1
        assert whole_minutes(timedelta(seconds=-1)) == 0


def test_every_cause_is_known_and_the_old_one_can_still_be_read() -> None:
    assert get_args(Cause) == CAUSES
    assert "outage" in CAUSES
    assert set(CAUSES) - set(OURS) == {"on_time", "late_recorded"}
