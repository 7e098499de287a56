"""Ours against raw, in alternating rounds, so that a noisy minute meets both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median

from bench.contestants import Contestant
from bench.load import Load, at_once
from bench.rig import Rig

Cpu = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many rounds, and how many calls in each."""

    rounds: int
    calls: int
    width: int

    def __str__(self) -> str:
        """For the report."""
        each = "one after the other" if self.width == 1 else f"{self.width} at once"
        return f"{self.rounds} x {self.calls}, {each}"


@dataclass(frozen=True, slots=True)
class Contest:
    """The rounds of both, and the milliseconds of CPU that one call cost each process."""

    plan: Plan
    ours: list[Load] = field(default_factory=list)
    raw: list[Load] = field(default_factory=list)
    ours_cpu: list[Cpu] = field(default_factory=list)
    raw_cpu: list[Cpu] = field(default_factory=list)

    def throughput(self) -> float:
        """Ours as a share of raw: the median over the rounds."""
        return median(o.per_second / r.per_second for o, r in self._pairs())

    def p50(self) -> float:
        """Ours as a multiple of raw: the median over the rounds."""
        return median(o.p50 / r.p50 for o, r in self._pairs())

    def spread(self) -> tuple[float, float]:
        """The lowest and the highest round: share of throughput, or multiple of p50."""
        alone = self.plan.width == 1
        ratios = [o.p50 / r.p50 if alone else o.per_second / r.per_second for o, r in self._pairs()]
        return min(ratios), max(ratios)

    def _pairs(self) -> Iterable[tuple[Load, Load]]:
        return zip(self.ours, self.raw, strict=True)


async def contest(rig: Rig, ours: Contestant, raw: Contestant, plan: Plan) -> Contest:
    """Run the rounds; who goes first changes every time."""
    result = Contest(plan)
    for number in range(plan.rounds):
        sides = [(ours, result.ours, result.ours_cpu), (raw, result.raw, result.raw_cpu)]
        for side, loads, cpu in sides if number % 2 else reversed(sides):
            load, cost = await _round(rig, side, plan)
            loads.append(load)
            cpu.append(cost)
    return result


async def warm_up(rig: Rig, contestants: Iterable[Contestant], plan: Plan) -> None:
    """A round of each that does not count: imports, connections, caches."""
    for contestant in contestants:
        await _round(rig, contestant, plan)


def cpu_per_call(costs: list[Cpu]) -> Cpu:
    """The median of the rounds, by process."""
    return {name: median(cost[name] for cost in costs) for name in costs[0]}


def cpu_each(before: Cpu, after: Cpu, count: int) -> Cpu:
    """Milliseconds of each process for one of `count`, from the seconds before and after."""
    return {name: (after[name] - before[name]) / count * 1000 for name in after}


async def _round(rig: Rig, contestant: Contestant, plan: Plan) -> tuple[Load, Cpu]:
    calls = await contestant.prepare(plan.calls)
    await rig.quiet()
    before = rig.cpu_seconds()
    load = await at_once(calls, plan.width)
    return load, cpu_each(before, rig.cpu_seconds(), plan.calls)
