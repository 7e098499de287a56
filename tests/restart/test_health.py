"""Do the clocks go: a question that is answered also when engine or store is away."""

import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psutil

from runtime.embedded.postgres import WORKER
from store import database
from tests.store.book import Book
from tests.world import Json, World, until
from workflows.sweep import SCHEDULE

# What whoever watches waits for, and a little for two busy cores.
AT_MOST = 2.0
ASK_FOR = 10.0


async def clocks(world: World) -> tuple[int, Json]:
    """The answer to somebody without a token, in time."""
    began = time.perf_counter()
    async with httpx.AsyncClient(timeout=ASK_FOR) as http:
        answer = await http.get(f"{world.house.address}/health/clocks")
    assert time.perf_counter() - began < AT_MOST
    found: Json = answer.json()
    return answer.status_code, found


async def shows(world: World, status: str) -> Json | None:
    """The answer, once it says so."""
    _, body = await clocks(world)
    return body if body["status"] == status else None


async def swept(world: World) -> Any:
    """The newest sweep."""
    return (await clocks(world))[1]["last_sweep"]


async def test_a_promise_that_nobody_acts_on_is_counted_until_it_is_repaired(
    world: World,
) -> None:
    handle = world.client.get_schedule_handle(SCHEDULE)
    await handle.pause()
    status, calm = await clocks(world)
    assert (status, calm["status"], calm["store"], calm["engine"]) == (200, "ticking", True, True)
    assert calm["promises_not_kept"] == {"count": 0, "oldest_at": None, "oldest_seconds": None}

    engine = database.connect(world.house.postgres.url(WORKER), pool_size=2)
    lost = Book(engine)
    lost.now = datetime.now(UTC) - timedelta(days=3)
    await (await lost.plan()).send()
    await engine.dispose()

    status, late = await clocks(world)
    assert (status, late["status"]) == (503, "late")
    assert late["promises_not_kept"]["count"] > 0
    assert late["promises_not_kept"]["oldest_seconds"] > timedelta(days=1).total_seconds()
    # A journey is looked for when it is a minute old; a sweep that came too early finds nothing.
    await handle.trigger()
    found = await until(lambda: swept(world))
    assert set(found) >= {"started_at", "ended_at", "age_seconds", "lost", "repaired"}
    assert "SE0000000000" not in str(late) and lost.id not in str(late)


async def test_it_answers_when_the_engine_is_gone_and_says_so(world: World) -> None:
    temporal = world.servers.services["temporal"]
    await temporal.stop()

    status, body = await clocks(world)

    assert (status, body["status"], body["engine"], body["store"]) == (503, "blind", False, True)
    assert body["promises_not_kept"]["count"] > 0
    await temporal.start()
    assert (await until(lambda: shows(world, "late")))["engine"] is True


async def test_it_answers_when_the_store_is_gone_and_says_so(world: World) -> None:
    postgres = world.house.postgres
    postgres.stop()

    status, body = await clocks(world)

    assert (status, body["status"], body["engine"], body["store"]) == (503, "blind", True, False)
    assert (body["promises_not_kept"], body["last_sweep"]) == (None, None)
    postgres.start()
    assert (await until(lambda: shows(world, "late")))["store"] is True


async def test_it_answers_when_both_hang(world: World) -> None:
    hanging = await at_work(world)
    for process in hanging:
        process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(3):
            status, body = await clocks(world)
            assert (status, body["status"]) == (503, "blind")
            assert (body["engine"], body["store"]) == (False, False)
    finally:
        for process in hanging:
            process.send_signal(signal.SIGCONT)

    assert await until(lambda: shows(world, "late"))


async def at_work(world: World) -> list[psutil.Process]:
    """The processes of engine and store."""
    (row,) = await world.rows("SELECT pg_backend_pid() AS pid")
    postmaster = psutil.Process(row["pid"]).parent()
    (entry,) = (e for e in world.house.ledger.entries() if e.name == "temporal")
    assert postmaster is not None
    return [psutil.Process(entry.pid), postmaster, *postmaster.children()]
