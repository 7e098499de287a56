"""The benchmark's arithmetic, and that its journey is still one that the rules take."""

from bench import core
from bench.contest import Contest, Plan
from bench.load import Load, at_once


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
