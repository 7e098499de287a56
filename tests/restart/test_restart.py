"""Every process is killed in turn under load; nothing that was answered is lost or doubled."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from domain.event import RungFired, VisitRecorded
from domain.evolve import fold
from runtime.embedded.processes import Child
from tests.stories import journeys as tale
from tests.world import Json, World, until

JOURNEYS = 4
PATIENCE = 90.0


async def kill(world: World, name: str) -> None:
    """`kill -9` one of the servers, and start it again."""
    if name == world.house.postgres.name:
        world.house.postgres.kill()
    else:
        for entry in world.house.ledger.entries():
            if entry.name == name:
                os.killpg(entry.pid, signal.SIGKILL)
    service = world.servers.services[name]
    await until(lambda: not service.alive())
    await service.stop()
    await service.start()


def visit(number: int) -> Json:
    """A visit that can be told from the others by its length."""
    return {
        "step": "intervention",
        "at": "2026-11-01T10:00:00+01:00",
        "minutes": number,
        "place": "home",
        "professions": ["FT"],
    }


async def record_stubbornly(world: World, journey: str, number: int) -> int:
    """Record a visit under one key until somebody says yes; how often it took."""
    key, tries = uuid4().hex, 0
    async with asyncio.timeout(PATIENCE):
        while True:
            tries += 1
            try:
                response = await world.caller(tale.SENDER).try_post(
                    f"/journeys/{journey}/visits", visit(number), key
                )
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            if response.status_code == 200:
                return tries
            assert response.status_code == 503, response.text
            await asyncio.sleep(0.1)


async def stream(world: World, journey: str, stop: asyncio.Event) -> int:
    """One visit after the other, until told to stop; how many got a success."""
    number = 0
    while not stop.is_set():
        number += 1
        await record_stubbornly(world, journey, number)
    return number


async def must_be_whole(world: World, journey: str) -> None:
    """The log has no gap, rungs fired once each, and the workflow holds the fold of the log."""
    events = await world.events(journey)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    rungs = [(e.what.clock_id, e.what.number) for e in events if isinstance(e.what, RungFired)]
    assert max(Counter(rungs).values(), default=1) == 1
    assert await until(lambda: agrees(world, journey))


async def agrees(world: World, journey: str) -> bool:
    """Whether the workflow's state is what PostgreSQL's events say."""
    return await world.state(journey) == fold(await world.events(journey))


@pytest.mark.parametrize("victim", ["worker", "api", "temporal", "postgres"])
async def test_nothing_answered_is_lost_when_a_server_is_killed(world: World, victim: str) -> None:
    name = next(n for n in world.servers.services if n.lower().startswith(victim))
    journeys = [await tale.planned(world, "generic-rehab") for _ in range(JOURNEYS)]
    silent, handover = await tale.sent(world)
    stop = asyncio.Event()
    streams = [asyncio.create_task(stream(world, j, stop)) for j in journeys]
    await world.fast_forward(silent, timedelta(hours=12, minutes=1))

    await kill(world, name)
    await asyncio.gather(*(record_stubbornly(world, j, 500) for j in journeys))
    await world.fast_forward(silent, timedelta(hours=36))
    stop.set()
    answered = await asyncio.gather(*streams)

    for journey, count in zip(journeys, answered, strict=True):
        events = [e.what for e in await world.events(journey)]
        minutes = Counter(e.visit.minutes for e in events if isinstance(e, VisitRecorded))
        assert minutes == Counter([*range(1, count + 1), 500])
        await must_be_whole(world, journey)
    await until(lambda: has_fired(world, silent, f"accepted:{handover}", 4))
    await must_be_whole(world, silent)


async def has_fired(world: World, journey: str, clock: str, count: int) -> bool:
    """Whether a clock has fired so many rungs."""
    events = [e.what for e in await world.events(journey)]
    return sum(isinstance(e, RungFired) and e.clock_id == clock for e in events) == count


async def test_a_command_committed_by_a_dying_worker_is_answered_once(world: World) -> None:
    journey = await tale.planned(world, "generic-rehab")
    await world.servers.services["worker"].stop()
    doomed = Child.spawn(
        "doomed",
        [sys.executable, "-m", "tests.restart.doomed_worker"],
        world.house.home / "logs" / "doomed.log",
        env=world.house.environment("worker"),
    )
    key = uuid4().hex
    lost = asyncio.create_task(
        world.caller(tale.SENDER).try_post(f"/journeys/{journey}/visits", visit(7), key)
    )
    await until(lambda: not doomed.alive(), within=60)

    await kill(world, "temporal")
    await world.servers.services["worker"].start()
    await asyncio.wait([lost])
    async with asyncio.timeout(PATIENCE):
        while True:
            response = await world.caller(tale.SENDER).try_post(
                f"/journeys/{journey}/visits", visit(7), key
            )
            if response.status_code == 200:
                break
            await asyncio.sleep(0.2)
    later = await world.caller(tale.SENDER).post(f"/journeys/{journey}/visits", visit(8))

    assert response.json()["visits"] == 1
    assert later["visits"] == 2
    minutes = [
        e.what.visit.minutes
        for e in await world.events(journey)
        if isinstance(e.what, VisitRecorded)
    ]
    assert minutes == [7, 8]
    await must_be_whole(world, journey)
