"""Workers, then Temporal, then PostgreSQL are away while rungs become due: late, and honest.

Nothing is lost, nothing happens twice, no due instant moves, and each late rung says for how
long and why. The outages are real and last for seconds: a journey's clock that tests can move
stands still while there is no worker.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

import pytest
from temporalio.worker import Replayer

from domain.event import Event, HandoverTakenOver, RungFired
from domain.evolve import fold
from domain.lateness import ON_TIME
from runtime.keyring import Keyring
from runtime.temporal import handslag_plugin
from store import overdue
from tests.stories import journeys as tale
from tests.world import World, until
from workflows.journey import JourneyWorkflow

PATIENCE = 60.0
ANSWER = timedelta(hours=24)
# Rungs become due one after the other from so far ahead, and the outage outlasts the last.
AHEAD = timedelta(seconds=3.5)
APART = timedelta(seconds=0.3)
JOURNEYS = 3
AFTER = ON_TIME + timedelta(seconds=1)
SLACK = timedelta(seconds=40)
# What has fired before an answer is due, and what fires then: acknowledged and accepted.
REMINDERS = 3
AT_DUE = 2


class Line(NamedTuple):
    """One line of the report: which rung, how late, and why."""

    journey: str
    clock: str
    rung: str
    late: timedelta
    cause: str


async def report(world: World, journeys: Sequence[str]) -> list[Line]:
    """Every rung that has fired, as PostgreSQL has it, in order."""
    rows = await world.rows(
        "SELECT journey_id, clock_id, rung, fired_at - due_at AS late, cause FROM firing"
        " WHERE journey_id = ANY (:journeys) ORDER BY journey_id, seq",
        journeys=list(journeys),
    )
    return [Line(*row.values()) for row in rows]


async def have_fired(world: World, count: int, journeys: Sequence[str]) -> bool:
    """Whether each journey has fired so many rungs."""
    counts = Counter(line.journey for line in await report(world, journeys))
    return all(counts[journey] == count for journey in journeys)


async def waiting(world: World) -> str:
    """A journey whose handover waits for its answer, which will be late in an hour."""
    journey, _ = await tale.sent(world)
    await world.fast_forward(journey, ANSWER - timedelta(hours=1))
    await until(partial(have_fired, world, REMINDERS, [journey]))
    return journey


async def due_in(world: World, journey: str, ahead: timedelta) -> None:
    """Move a journey's clock to just before its answer is due."""
    clock = next(c for c in (await world.state(journey)).clocks.values() if c.kind == "accepted")
    await world.fast_forward(journey, clock.due_at - ahead - await world.now(journey))


async def taken_over_in(world: World, ahead: timedelta) -> tuple[str, datetime]:
    """A journey whose part changes hands at a real instant ahead."""
    journey, handover = await tale.sent(world)
    at = datetime.now(UTC) + ahead
    when = {"takes_over": {"when": "at", "at": at.isoformat()}}
    await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/accept", when)
    return journey, at


async def take_away(world: World, name: str) -> None:
    """End one of the servers, at once."""
    if name == world.house.postgres.name:
        world.house.postgres.kill()
    for entry in world.house.ledger.entries():
        if entry.name == name:
            os.killpg(entry.pid, signal.SIGKILL)
    service = world.servers.services[name]
    await until(lambda: not service.alive())
    await service.stop()
    # Our own connections have died with it.
    await world.owner.dispose()


@pytest.mark.parametrize(
    ("victim", "cause"),
    [("worker", "worker_down"), ("temporal", "engine_down"), ("postgres", "store_down")],
)
async def test_what_is_due_in_an_outage_comes_late_once_and_says_why(
    world: World, victim: str, cause: str
) -> None:
    journeys = await asyncio.gather(*(waiting(world) for _ in range(JOURNEYS)))
    taken, at = await taken_over_in(world, AHEAD)
    ahead = [AHEAD + number * APART for number in range(JOURNEYS)]
    await asyncio.gather(*(due_in(world, *pair) for pair in zip(journeys, ahead, strict=True)))
    last_due = datetime.now(UTC) + AHEAD + JOURNEYS * APART

    await take_away(world, victim)
    await until(lambda: datetime.now(UTC) >= last_due + AFTER, within=PATIENCE)
    await world.servers.services[victim].start()
    await until(partial(have_fired, world, REMINDERS + AT_DUE, journeys), within=PATIENCE)

    lines = await report(world, journeys)
    late = [line for line in lines if line.cause != "on_time"]
    assert Counter((line.rung, line.cause) for line in late) == {("due", cause): 6}, lines
    assert all(AFTER <= line.late < AFTER + SLACK for line in late), lines
    assert len(lines) == JOURNEYS * (REMINDERS + AT_DUE)
    for journey in journeys:
        must_be_honest(await must_be_whole(world, journey))
        await must_say_so_on_the_board(world, journey, cause)
        await must_replay(world, journey)
    await must_be_taken_over(world, taken, at)


async def must_be_whole(world: World, journey: str) -> list[Event]:
    """The log has no gap, nobody is told twice, and the workflow holds the fold of the log."""
    await until(partial(agrees, world, journey), within=PATIENCE)
    events = await world.events(journey)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    told = await world.rows(
        "SELECT clock_id, rung, unit, function, channel, kind, subject FROM notice"
        " WHERE journey_id = :journey",
        journey=journey,
    )
    assert max(Counter(tuple(row.values()) for row in told).values()) == 1
    return events


async def agrees(world: World, journey: str) -> bool:
    """Whether the workflow's state is what PostgreSQL's events say."""
    return await world.state(journey) == fold(await world.events(journey))


def must_be_honest(events: Sequence[Event]) -> None:
    """Each rung once, in the order of due; due has not moved; decided when it was written."""
    fired = [e.what for e in events if isinstance(e.what, RungFired)]
    assert [r.due_at for r in fired] == sorted(r.due_at for r in fired)
    assert len({(r.clock_id, r.number) for r in fired}) == len(fired)
    began = next(e for e in events if e.what.type == "handover_sent").decided_at
    hours = [round((r.due_at - began) / timedelta(hours=1), 3) for r in fired]
    assert hours == [12.0, 12.0, 19.2, 24.0, 24.0]
    decided = {e.what.clock_id: e.decided_at for e in events if isinstance(e.what, RungFired)}
    assert all(decided[r.clock_id] == r.fired_at for r in fired if r.rung == "due")


async def must_say_so_on_the_board(world: World, journey: str, cause: str) -> None:
    """Just told, people have not had their chance; when as much time has passed, they have."""
    told = max(
        r.fired_at
        for r in [e.what for e in await world.events(journey)]
        if isinstance(r, RungFired)
    )
    for later, because in ((1, "we_were_down"), (300, "nobody_answered")):
        now = told + timedelta(seconds=later)
        async with world.owner.connect() as connection:
            rows = await overdue.page(connection, [tale.REHAB], now, after=None, limit=200)
        found = [row for row in rows if row.journey_id == journey]
        assert [row.because for row in found] == [because] * AT_DUE
        assert [row.tellings[-1]["cause"] for row in found] == [cause] * AT_DUE


async def must_replay(world: World, journey: str) -> None:
    """What history holds of an outage leads to the same commands again."""
    plugin = handslag_plugin(Keyring.load(world.house.keyring_file))
    history = await world.handle(journey).fetch_history()
    await Replayer(workflows=[JourneyWorkflow], plugins=[plugin]).replay_workflow(history)


async def must_be_taken_over(world: World, journey: str, at: datetime) -> None:
    """A part has changed hands, once, and as of its own instant, however late it was done."""

    async def moved() -> list[Event]:
        return [e for e in await world.events(journey) if isinstance(e.what, HandoverTakenOver)]

    (taken,) = await until(moved, within=PATIENCE)
    assert taken in await must_be_whole(world, journey)
    assert (await world.state(journey)).holder("rehab") == tale.REHAB
    assert taken.effective_at == at
    assert taken.decided_at >= at + ON_TIME
