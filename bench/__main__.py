"""`python -m bench`: start the servers, measure ours and raw in one run, print the ratios."""

import argparse
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import uvloop
from rich.console import Console

from bench import contestants as who
from bench import core, design, many, report
from bench.burst import burst
from bench.contest import Plan, contest, warm_up
from bench.history import Histories
from bench.moving import moved
from bench.report import Line
from bench.rig import Rig, running

AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is measured."""

    wide: Plan
    alone: Plan
    few: Plan
    core_seconds: float
    burst: int
    fleet: int
    moved: int


FULL = Counts(Plan(3, 64, AT_ONCE), Plan(3, 12, 1), Plan(3, 4, 1), 6.0, 2_000, 10_000, 500)
QUICK = Counts(Plan(1, 32, AT_ONCE), Plan(1, 6, 1), Plan(1, 1, 1), 0.4, 60, 100, 10)


Measure = Callable[[Rig, Counts], Awaitable[list[Line]]]


def main() -> None:
    """Measure and print; a missed aim is said, and is no error."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test: too few to mean much")
    parser.add_argument("--only", choices=[*PARTS, CORE, DESIGN], help="one part of it")
    given = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    console = Console()
    counts = QUICK if given.quick else FULL
    chosen = [given.only] if given.only else [*PARTS, CORE, DESIGN]
    report.show(uvloop.run(_measured(counts, chosen, console)), console)
    if given.quick:
        console.print("A quick run: the figures show that it works, not how fast it is.")


async def _measured(counts: Counts, chosen: Sequence[str], console: Console) -> list[Line]:
    lines = list[Line]()
    parts = [name for name in PARTS if name in chosen]
    if parts:
        lines += await _on_the_servers(counts, parts, console)
    if CORE in chosen:
        console.print("Deciding ...")
        lines += report.core(core.measure(counts.core_seconds))
    if DESIGN in chosen:
        console.print("Checking, trying out, comparing a fleet ...")
        lines += report.design(design.measure(counts.core_seconds, counts.fleet))
    return lines


async def _on_the_servers(counts: Counts, parts: Sequence[str], console: Console) -> list[Line]:
    lines = list[Line]()
    console.print("Starting the servers ...")
    async with running() as rig:
        console.print("Warming up ...")
        everybody = (who.Accepts(rig), who.RawUpdates(rig), who.RawStartsWithUpdate(rig))
        await warm_up(rig, everybody, counts.wide)
        for name in parts:
            says, measure = PARTS[name]
            console.print(f"{says} ...")
            lines += await measure(rig, counts)
    return lines


async def _accepts(rig: Rig, counts: Counts) -> list[Line]:
    ours, raw = who.Accepts(rig), who.RawUpdates(rig)
    wide = await contest(rig, ours, raw, counts.wide)
    alone = await contest(rig, ours, raw, counts.alone)
    return [
        report.throughput("accept / raw update", wide, at_least=0.8),
        report.p50("accept / raw update", alone, at_most=1.5),
        *report.cpu("accept / raw update", wide),
    ]


async def _many(rig: Rig, counts: Counts) -> list[Line]:
    bundles = await contest(rig, many.Bundles(rig), many.ThreeSends(rig), counts.alone)
    mondays = await contest(rig, many.Mondays(rig), many.FortyCalls(rig), counts.few)
    return [
        report.against("bundle of three / three sends", bundles, "three sends"),
        report.against("40 acknowledgements / 40 calls", mondays, "40 calls"),
    ]


async def _starts(rig: Rig, counts: Counts) -> list[Line]:
    ours, lines = who.Starts(rig), []
    for name, raw in (
        ("start / raw start with update", who.RawStartsWithUpdate(rig)),
        ("start / raw start, unanswered", who.RawStarts(rig)),
    ):
        wide = await contest(rig, ours, raw, counts.wide)
        alone = await contest(rig, ours, raw, counts.alone)
        lines += [report.throughput(name, wide), report.p50(name, alone)]
    return lines


async def _burst(rig: Rig, counts: Counts) -> list[Line]:
    return report.burst(await burst(rig, counts.burst), at_most=3)


async def _moving(rig: Rig, counts: Counts) -> list[Line]:
    return report.moving(await moved(rig, counts.moved))


async def _history(rig: Rig, _: Counts) -> list[Line]:
    histories = Histories(rig)
    await histories.count()
    return report.history(histories)


CORE, DESIGN = "core", "design"
PARTS: dict[str, tuple[str, Measure]] = {
    "accepts": ("Accepting", _accepts),
    "starts": ("Starting journeys", _starts),
    "many": ("Many at once", _many),
    "history": ("Counting history", _history),
    "moving": ("Moving running journeys", _moving),
    "burst": ("Letting a minute fall due", _burst),
}


if __name__ == "__main__":
    main()
