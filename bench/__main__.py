"""`python -m bench`: start the servers, measure ours and raw in one run, print the ratios."""

import argparse
import logging
from dataclasses import dataclass

import uvloop
from rich.console import Console

from bench import contestants as who
from bench import core, many, report
from bench.contest import Plan, contest, warm_up
from bench.history import Histories
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


FULL = Counts(Plan(3, 64, AT_ONCE), Plan(3, 12, 1), Plan(3, 4, 1), 6.0)
QUICK = Counts(Plan(1, 32, AT_ONCE), Plan(1, 6, 1), Plan(1, 1, 1), 0.4)


def main() -> None:
    """Measure and print; a missed aim is said, and is no error."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke test: too few to mean much")
    quick = parser.parse_args().quick
    logging.basicConfig(level=logging.ERROR)
    console = Console()
    lines = uvloop.run(_measured(QUICK if quick else FULL, console))
    report.show(lines, console)
    if quick:
        console.print("A quick run: the figures show that it works, not how fast it is.")


async def _measured(counts: Counts, console: Console) -> list[Line]:
    console.print("Starting the servers ...")
    async with running() as rig:
        console.print("Warming up ...")
        everybody = (who.Accepts(rig), who.RawUpdates(rig), who.RawStartsWithUpdate(rig))
        await warm_up(rig, everybody, counts.wide)
        console.print("Accepting ...")
        lines = await _accepts(rig, counts)
        console.print("Starting journeys ...")
        lines += await _starts(rig, counts)
        console.print("Many at once ...")
        lines += await _many(rig, counts)
        console.print("Counting history ...")
        histories = Histories(rig)
        await histories.count()
    console.print("Deciding ...")
    return [*lines, *report.history(histories), *report.core(core.measure(counts.core_seconds))]


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


if __name__ == "__main__":
    main()
