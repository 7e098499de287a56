"""The benchmark's arithmetic, and that its journey is still one that the rules take."""

from datetime import UTC, datetime

import pytest

from bench import core, design, report
from bench.burst import Burst, Side, Spread, lateness
from bench.contest import Contest, Plan, cpu_each
from bench.load import Load, at_once

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def load(seconds: float, *waits: float) -> Load:
    return Load(seconds, waits)


def test_ratios_are_medians_over_the_rounds() -> None:
    contest = Contest(
        Plan(rounds=3, calls=2, width=32),
        ours=[load(4, 0.4, 0.4), load(2, 0.2, 0.2), load(1, 0.1, 0.1)],
        raw=[load(1, 0.1, 0.1), load(1, 0.1, 0.1), load(1, 0.1, 0.1)],
    )
    assert contest.throughput() == 0.5
    assert contest.p50() == 2.0
    assert contest.spread() == (0.25, 1.0)


async def test_never_more_than_the_width_at_once_and_every_call_is_made() -> None:
    running, most, made = 0, 0, 0

    async def call() -> None:
        nonlocal running, most, made
        running, made = running + 1, made + 1
        most = max(most, running)
        running -= 1

    assert len((await at_once([call] * 10, 3)).waits) == 10
    assert made == 10
    assert most <= 3


def test_the_core_decides_and_lives_through_a_year() -> None:
    found = core.measure(0.05)
    assert found.decisions > 0
    assert found.moments_in_a_year > 300


def test_a_designers_file_is_tried_out_and_a_fleet_compared() -> None:
    found = design.measure(0.01, 40)

    assert found.tried > 0 and found.moves > 15
    assert sum(found.verdicts.values()) == found.journeys == 40
    assert set(found.verdicts) <= {"unaffected", "changed", "cannot_move"}


def test_lateness_counts_from_due_whatever_the_offset() -> None:
    late = lateness(["2026-11-23T08:00:04.5+01:00", "2026-11-23T07:00:01+00:00"], MONDAY)
    assert late.seconds == (1.0, 4.5)


def test_a_share_of_them_is_at_most_so_late() -> None:
    spread = Spread(tuple(float(second) for second in range(1, 21)))
    assert [spread.share(part) for part in (0.05, 0.5, 0.95, 1)] == [1, 10, 19, 20]
    assert Spread((3.0,)).share(0.5) == 3.0


def burst(once: int, slowest: float) -> Burst:
    return Burst(
        wanted=4,
        once=once,
        minutes=1,
        causes={"on_time": 3, "busy": 1},
        ours=Side(Spread((0.5, 1.0, 2.0, slowest)), {"worker": 20.0}),
        told=Spread((2.0, 3.0)),
        raw=Side(Spread((0.5, 1.0, 1.0, 2.0)), {"raw worker": 3.0}),
    )


@pytest.mark.parametrize(
    ("once", "slowest", "kept"), [(4, 6.0, True), (3, 6.0, False), (4, 6.1, False)]
)
def test_a_burst_is_kept_when_each_fired_once_and_not_much_later_than_bare_timers(
    once: int, slowest: float, kept: bool
) -> None:
    lines = report.burst(burst(once, slowest), at_most=3)
    assert all(line.kept is not False for line in lines) is kept
    assert "max 2.0 s" in lines[0].beside
    assert lines[1].figure == f"{once} of 4"
    assert lines[1].beside.endswith("busy 1, on_time 3")


def test_cpu_is_in_milliseconds_for_each() -> None:
    assert cpu_each({"api": 1.0}, {"api": 3.0}, 4) == {"api": 500.0}
