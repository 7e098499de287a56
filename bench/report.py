"""The figures as a table: ratios first, which travel between machines, absolute figures beside."""

from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.burst import Burst, Spread
from bench.contest import Contest, cpu_per_call
from bench.core import Core
from bench.design import Designed
from bench.history import Histories
from bench.load import Load
from bench.moving import Moved

TIMER_EVENTS = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its name, what it is, what it should be, and whether it is."""

    name: str
    figure: str
    aim: str
    kept: bool | None
    beside: str


def throughput(name: str, contest: Contest, at_least: float | None = None) -> Line:
    """A share of raw throughput."""
    share = contest.throughput()
    low, high = contest.spread()
    beside = f"{_rate(contest.ours)} against {_rate(contest.raw)}; rounds {low:.2f}-{high:.2f}"
    return Line(
        f"{name}, throughput",
        f"{share:.2f} of raw",
        f"at least {at_least:g}" if at_least else "",
        share >= at_least if at_least else None,
        f"{beside}; {contest.plan}",
    )


def p50(name: str, contest: Contest, at_most: float | None = None) -> Line:
    """A multiple of the raw median wait."""
    multiple = contest.p50()
    low, high = contest.spread()
    beside = f"{_wait(contest.ours)} against {_wait(contest.raw)}; rounds {low:.2f}-{high:.2f}"
    return Line(
        f"{name}, p50",
        f"{multiple:.2f} x raw",
        f"at most {at_most:g}" if at_most else "",
        multiple <= at_most if at_most else None,
        f"{beside}; {contest.plan}",
    )


def against(name: str, contest: Contest, other: str) -> Line:
    """One call against several that do the same: how long the whole takes, as a multiple."""
    low, high = contest.spread()
    beside = f"{_wait(contest.ours)} against {_wait(contest.raw)}; rounds {low:.2f}-{high:.2f}"
    figure = f"{contest.p50():.2f} x {other}"
    return Line(f"{name}, p50", figure, "", None, f"{beside}; {contest.plan}")


def cpu(name: str, contest: Contest) -> list[Line]:
    """What one call costs, process by process."""
    sides = (("ours", contest.ours_cpu), ("raw", contest.raw_cpu))
    return [_cpu_line(f"{name}, {side}", dict(cpu_per_call(cost))) for side, cost in sides]


def history(found: Histories) -> list[Line]:
    """Events in the engine's history."""
    name, most = max(found.highest.items(), key=lambda item: item[1])
    each = ", ".join(f"{name} {count}" for name, count in found.highest.items())
    return [
        Line(
            "history, the longest command",
            f"{most} events",
            f"at most {TIMER_EVENTS}",
            most <= TIMER_EVENTS,
            f"{name}; by command: {each}",
        ),
        Line("history, a whole journey", f"{found.whole_journey} events", "", None, "to its close"),
    ]


def burst(found: Burst, at_most: float) -> list[Line]:
    """What was due at one instant: how late it came, as a multiple of bare timers."""
    name, ours, raw = f"burst of {found.wanted:,}", found.ours, found.raw
    ratio = ours.late.share(0.95) / raw.late.share(0.95)
    causes = ", ".join(f"{cause} {count}" for cause, count in sorted(found.causes.items()))
    return [
        Line(
            f"{name}, lateness, p95",
            f"{ratio:.2f} x raw",
            f"at most {at_most:g}",
            ratio <= at_most,
            f"{_late(ours.late)} against {_late(raw.late)}",
        ),
        Line(
            f"{name}, rungs that fired once",
            f"{found.once:,} of {found.wanted:,}",
            "each",
            found.once == found.wanted,
            f"minutes of the clock: {found.minutes}; {causes}",
        ),
        Line(
            f"{name}, told in an inbox, p95",
            f"{found.told.share(0.95):.1f} s after due",
            "",
            None,
            f"{_late(found.told)}; {len(found.told.seconds):,} notices",
        ),
        _cpu_line("a rung of the burst, ours", dict(ours.cpu)),
        _cpu_line("a timer of the burst, raw", dict(raw.cpu)),
    ]


def core(found: Core) -> list[Line]:
    """The rules by themselves."""
    return [
        Line("decide and evolve", f"{found.decisions:,.0f} per CPU second", "", None, "an accept"),
        Line(
            "simulated time",
            f"{found.years:,.2f} years per CPU second",
            "",
            None,
            f"a silent handover; {found.moments_in_a_year} moments in its first year",
        ),
    ]


def design(found: Designed) -> list[Line]:
    """What a designer waits for; the diff as a multiple of reading the journeys' logs alone."""
    verdicts = ", ".join(f"{name} {count:,}" for name, count in sorted(found.verdicts.items()))
    return [
        Line(
            "check, compose, a year of stroke",
            f"{found.tried:,.1f} per CPU second",
            "",
            None,
            f"Västmanland's addition; {found.moves} moves in the year",
        ),
        Line(
            f"fleet diff of {found.journeys:,}",
            f"{found.fleet_seconds / max(found.reading_seconds, 0.001):.2f} x reading the logs",
            "",
            None,
            f"{found.fleet_seconds:.1f} CPU seconds to {found.reading_seconds:.1f}; {verdicts}",
        ),
    ]


def moving(found: Moved) -> list[Line]:
    """Journeys moved one after the other, as a share of raw updates made so."""
    rates = f"{found.moved:.1f} to {found.raw:.1f} a second"
    return [
        Line(
            f"migration of {found.journeys:,} / raw updates, one by one",
            f"{found.moved / found.raw:.2f} of raw",
            "",
            None,
            f"{rates}; compared {found.compared:.1f} a second",
        )
    ]


def show(lines: list[Line], console: Console) -> None:
    """Print the figures, then how each was measured, then which aims were missed."""
    table = Table("what", "figure", "aim", "")
    for line in lines:
        verdict = {True: "[green]kept[/]", False: "[red]missed[/]", None: ""}[line.kept]
        table.add_row(line.name, line.figure, line.aim, verdict)
    console.print(table)
    for line in lines:
        console.print(f"{line.name}: {line.beside}", highlight=False)
    missed = [line for line in lines if line.kept is False]
    for line in missed:
        console.print(f"Missed: {line.name} is {line.figure}; the aim is {line.aim}.")
    if not missed:
        console.print("Every aim is kept.")


def _cpu_line(name: str, spent: dict[str, float]) -> Line:
    parts = ", ".join(f"{process} {ms:.1f}" for process, ms in spent.items() if ms >= 0.1)
    return Line(f"CPU, {name}", f"{sum(spent.values()):.1f} ms", "", None, parts)


def _late(spread: Spread) -> str:
    shares = (("median", 0.5), ("p95", 0.95), ("max", 1))
    return ", ".join(f"{name} {spread.share(part):.1f} s" for name, part in shares)


def _rate(loads: list[Load]) -> str:
    return f"{median(load.per_second for load in loads):.1f}/s"


def _wait(loads: list[Load]) -> str:
    return f"{median(load.p50 for load in loads):.1f} ms"
