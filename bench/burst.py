"""A burst: every clock is due at one instant, "Monday 08:00", against timers of the engine alone.

In real time. Each side has an instant of its own, so that neither holds up the other.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import uuid4

from temporalio.client import WorkflowHandle

from bench.contest import Cpu, cpu_each
from bench.contestants import some_at_once
from bench.journeys import SENDER, Json, announced, started
from bench.raw import TASK_QUEUE, RawSleeper
from bench.rig import Rig

AHEAD_SECONDS = 15
GLANCE_SECONDS = 1.0
PATIENCE = timedelta(minutes=15)
ASLEEP = "WorkflowType = 'RawSleeper' AND ExecutionStatus = 'Running'"
Sleeper = WorkflowHandle[RawSleeper, float]


class TooSlow(Exception):
    """Setting up took longer than there was time for, or the burst never came to its end."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How late each one came, in seconds, the earliest first."""

    seconds: tuple[float, ...]

    def share(self, part: float) -> float:
        """So late, at most, that part of them came; 1 is the last one."""
        return self.seconds[max(ceil(part * len(self.seconds)), 1) - 1]


@dataclass(frozen=True, slots=True)
class Side:
    """How late they came, and the milliseconds of CPU that one of them cost each process."""

    late: Spread
    cpu: Cpu


@dataclass(frozen=True, slots=True)
class Burst:
    """Rungs against bare timers. `told` is when what the rungs said lay in an inbox."""

    wanted: int
    once: int
    minutes: int
    causes: Mapping[str, int]
    ours: Side
    told: Spread
    raw: Side


@dataclass(frozen=True, slots=True)
class Promised:
    """A journey with a pre-notice, whose sender owes the handover at the instant of the burst."""

    journey: str
    handover: str


async def burst(rig: Rig, count: int) -> Burst:
    """First ours, then as many bare timers. Raises `TooSlow`."""
    began = time.monotonic()
    journeys = await some_at_once([started(rig.caller(SENDER)) for _ in range(count)])
    # What is set up next takes about as long as this did.
    ahead = 2 * (time.monotonic() - began) + AHEAD_SECONDS
    due, promised = await _announce(rig, journeys, ahead)
    cpu = await _through(rig, due, count)
    firings = await some_at_once([_firings(rig, one, due) for one in promised])
    told = await some_at_once([_told(rig, one, due) for one in promised])
    return Burst(
        wanted=count,
        once=sum(len(each) == 1 for each in firings),
        minutes=len({fired[:16] for each in firings for fired, _ in each}),
        causes=Counter(cause for each in firings for _, cause in each),
        ours=Side(lateness((fired for each in firings for fired, _ in each), due), cpu),
        told=lateness((at for each in told for at in each), due),
        # To start a bare timer takes a fraction of what a journey does.
        raw=await _raw(rig, count, ahead / 3),
    )


def lateness(instants: Iterable[str], due: datetime) -> Spread:
    """From ISO 8601 instants, how long after due they came."""
    late = (datetime.fromisoformat(at) - due for at in instants)
    return Spread(tuple(sorted(one.total_seconds() for one in late)))


async def _announce(rig: Rig, journeys: list[str], ahead: float) -> tuple[datetime, list[Promised]]:
    """A pre-notice in each; its estimate is the instant at which a rung falls."""
    due, sender = _instant(ahead), rig.caller(SENDER)
    made = await some_at_once([announced(sender, one, due) for one in journeys])
    await rig.quiet()
    _must_lie_ahead(due)
    return due, [Promised(*pair) for pair in zip(journeys, made, strict=True)]


async def _through(rig: Rig, due: datetime, count: int) -> Cpu:
    """Wait for every rung, and until everybody is told; what one rung cost."""
    wanted = await rig.rungs_fired() + count
    await _until(due)
    before = rig.cpu_seconds()
    while await rig.rungs_fired() < wanted:
        _must_not_last(due)
        await asyncio.sleep(GLANCE_SECONDS)
    await rig.quiet()
    return cpu_each(before, rig.cpu_seconds(), count)


async def _firings(rig: Rig, one: Promised, due: datetime) -> list[tuple[str, str]]:
    """When, and as late because of what, the rung of the instant fired, for each time it did."""
    log = await rig.caller(SENDER).get(f"/journeys/{one.journey}/events")
    return [
        (what["fired_at"], what["cause"])
        for what in (event["what"] for event in log["items"] if event["type"] == "rung_fired")
        if datetime.fromisoformat(what["due_at"]) == due
    ]


async def _told(rig: Rig, one: Promised, due: datetime) -> list[str]:
    """When what the rung said lay in an inbox. Mail may wait for its digest, so it is left out."""
    notices: list[Json] = await rig.caller(SENDER).get(f"/handovers/{one.handover}/notices")
    return [
        notice["delivered_at"]
        for notice in notices
        if notice["rung"] and notice["channel"] == "inbox" and notice["delivered_at"]
    ]


async def _raw(rig: Rig, count: int, ahead: float) -> Side:
    """As many workflows that sleep until an instant and write how late they woke."""
    due = _instant(ahead)
    asleep = await some_at_once([_asleep(rig, due) for _ in range(count)])
    await rig.quiet()
    _must_lie_ahead(due)
    await _until(due)
    before = rig.cpu_seconds()
    while (await rig.client.count_workflows(ASLEEP)).count:
        _must_not_last(due)
        await asyncio.sleep(GLANCE_SECONDS)
    cpu = cpu_each(before, rig.cpu_seconds(), count)
    late = await some_at_once([one.result() for one in asleep])
    return Side(Spread(tuple(sorted(late))), cpu)


async def _asleep(rig: Rig, due: datetime) -> Sleeper:
    return await rig.client.start_workflow(
        RawSleeper.run, due.timestamp(), id=f"sleeper-{uuid4().hex}", task_queue=TASK_QUEUE
    )


def _instant(ahead: float) -> datetime:
    """A whole second."""
    return (datetime.now(UTC) + timedelta(seconds=ahead)).replace(microsecond=0)


async def _until(due: datetime) -> None:
    await asyncio.sleep((due - datetime.now(UTC)).total_seconds())


def _must_lie_ahead(due: datetime) -> None:
    if datetime.now(UTC) >= due:
        raise TooSlow("setting up the burst took longer than there was time for")


def _must_not_last(due: datetime) -> None:
    if datetime.now(UTC) - due > PATIENCE:
        raise TooSlow(f"not everything had fired {PATIENCE} after it was due")
