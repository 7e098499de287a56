"""`GET /metrics` as Prometheus reads it: what rungs came late, what waits, and nobody's name."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.ext.asyncio import AsyncEngine

from api import metrics
from api.metrics import FRESH_SECONDS, Counter
from domain.lateness import CAUSES
from runtime.embedded.postgres import API, OWNER
from store import database
from store.lateness import BOUNDS, figures
from tests.stories import journeys as tale
from tests.world import World, until

Samples = dict[tuple[str, str, str], float]


async def scraped(world: World) -> httpx.Response:
    """The page, without any token."""
    async with httpx.AsyncClient(base_url=world.house.address) as http:
        return await http.get("/metrics")


def samples(page: str) -> Samples:
    """Every sample by name, cause and bound, read by Prometheus' own parser."""
    return {
        (s.name, s.labels.get("cause", ""), s.labels.get("le", "")): s.value
        for family in text_string_to_metric_families(page)
        for s in family.samples
    }


@pytest.fixture
async def api(world: World) -> AsyncIterator[AsyncEngine]:
    """The API's own way into the store."""
    engine = database.connect(world.house.postgres.url(API), pool_size=1)
    yield engine
    await engine.dispose()


async def test_anybody_may_scrape_and_finds_what_waits(world: World) -> None:
    page = await scraped(world)

    found = samples(page.text)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/plain; version=")
    assert found["handslag_store_up", "", ""] == 1
    assert found["handslag_promises_not_kept", "", ""] >= 0
    assert found["handslag_notices_dead", "", ""] >= 0
    assert found["handslag_outbox_waiting", "", ""] >= 0
    assert found["handslag_open_journeys", "", ""] >= 0


async def test_the_histogram_has_every_cause_and_bound(world: World) -> None:
    found = samples((await scraped(world)).text)

    name = "handslag_rung_lateness_seconds"
    bounds = [*(str(float(bound)) for bound in BOUNDS), "+Inf"]
    for cause in CAUSES:
        counts = [found[f"{name}_bucket", cause, bound] for bound in bounds]
        assert counts == sorted(counts)
        assert counts[-1] == found[f"{name}_count", cause, ""]
        assert found[f"{name}_sum", cause, ""] >= 0
    assert {cause for sample, cause, _ in found if sample.startswith(name)} == set(CAUSES)


async def test_a_rung_is_counted_under_its_cause(world: World, api: AsyncEngine) -> None:
    before = (await figures(api)).lateness.get("on_time")
    journey, _ = await tale.sent(world)

    await world.fast_forward(journey, timedelta(hours=13))

    async def more() -> bool:
        now = (await figures(api)).lateness.get("on_time")
        return now is not None and sum(now.rungs) >= sum(before.rungs if before else ()) + 2

    assert await until(more)
    spread = (await figures(api)).lateness["on_time"]
    assert sum(spread.rungs[BOUNDS.index(10) + 1 :]) == 0


@pytest.mark.parametrize(
    ("seconds", "bucket"), [(0, 0), (1, 0), (1.000001, 1), (10, 2), (86400, 9), (86400.5, 10)]
)
async def test_a_bound_belongs_to_the_bucket_below_it(
    world: World, api: AsyncEngine, seconds: float, bucket: int
) -> None:
    cause = f"test-{seconds}"
    journey = await tale.start(world)
    due = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
    fired = due + timedelta(seconds=seconds)
    async with world.owner.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO firing (journey_id, seq, clock_id, number, rung, due_at, fired_at, cause,"
            " folded, alarm, outcome, told) VALUES (%s, 99, 'c', 0, 'due', %s, %s, %s, 0, false,"
            " 'told', '[]')",
            (journey, due, fired, cause),
        )

    spread = (await figures(api)).lateness[cause]

    async with world.owner.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM firing WHERE cause = %s", (cause,))
    assert spread.rungs == tuple(int(i == bucket) for i in range(len(BOUNDS) + 1))
    assert spread.seconds == pytest.approx(seconds)


async def test_a_worker_that_runs_is_seen(world: World, api: AsyncEngine) -> None:
    async def seen() -> datetime | None:
        return (await figures(api)).worker_seen

    found: datetime = await until(seen)

    assert abs(datetime.now(UTC) - found) < timedelta(minutes=1)


async def test_nothing_is_read_from_a_row_but_its_place_in_an_index(world: World) -> None:
    async with world.owner.connect() as connection:
        await connection.exec_driver_sql("SET enable_seqscan = off")
        await connection.exec_driver_sql("SET enable_bitmapscan = off")
        plan = await connection.exec_driver_sql(
            "EXPLAIN SELECT cause, count(*) FROM (SELECT f.cause, f.fired_at - f.due_at AS late"
            " FROM firing f) l GROUP BY 1"
        )
        lines = "\n".join(row[0] for row in plan)

    assert "Index Only Scan using ix_firing_lateness" in lines


async def test_many_scrapes_are_one_count(world: World, api: AsyncEngine) -> None:
    counter = Counter(api)
    first = await counter.figures()

    others = await asyncio.gather(*(counter.figures() for _ in range(20)))

    assert first is not None and FRESH_SECONDS == 60
    assert all(other is first for other in others)


async def test_what_was_counted_last_is_shown_while_postgresql_is_away(
    world: World, api: AsyncEngine, tmp_path: Path
) -> None:
    nowhere = database.connect(f"postgresql+psycopg://x:y@/none?host={tmp_path}", pool_size=1)
    clock = [1000.0]
    counter = Counter(api, lambda: clock[0])
    first = await counter.figures()
    counter.store = nowhere

    clock[0] += FRESH_SECONDS + 1
    second = await counter.figures()
    was_down, clock[0] = not counter.up, clock[0] + FRESH_SECONDS - 1
    counter.store = api
    third, still_down = await counter.figures(), not counter.up
    clock[0] += 2
    fourth = await counter.figures()

    assert first is second is third
    assert was_down and still_down, "a failure is not tried again at once"
    assert counter.up and fourth is not first and counter.age == 0
    await nowhere.dispose()


async def test_without_postgresql_it_still_answers_and_says_so(
    world: World, tmp_path: Path
) -> None:
    nowhere = database.connect(f"postgresql+psycopg://x:y@/none?host={tmp_path}", pool_size=1)
    app = FastAPI()
    app.include_router(metrics.router)
    app.state.counter = Counter(nowhere)

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as http:
        page = await http.get("/metrics")

    assert page.status_code == 200
    assert samples(page.text) == {("handslag_store_up", "", ""): 0}
    await nowhere.dispose()


async def test_the_page_names_nobody(world: World) -> None:
    journey, _ = await tale.sent(world)

    page = (await scraped(world)).text

    for name in (journey, "SE0000000000", "Testpatient", "stroke", OWNER, "postgresql"):
        assert name not in page
