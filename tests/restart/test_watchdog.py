"""The engine is built anew from nothing; PostgreSQL still holds every promise."""

from datetime import timedelta

from domain.evolve import fold
from domain.sweep import Trouble
from tests.stories import journeys as tale
from tests.workflows.test_sweep import IN_DAYS, has_fired, of, sweep
from tests.world import World, until
from workflows import proof
from workflows.sweep import SCHEDULE


async def test_an_engine_that_has_forgotten_everything_gets_every_journey_back(
    world: World,
) -> None:
    told = [await tale.sent(world) for _ in range(3)]
    temporal, worker = world.servers.services["temporal"], world.servers.services["worker"]
    await worker.stop()
    await temporal.stop()
    for file in (world.house.home / "temporal").glob("temporal.db*"):
        file.unlink()
    await temporal.start()
    await worker.start()

    names = [s.id async for s in await world.client.list_schedules()]
    swept = await sweep(world)
    again = await sweep(world, every=IN_DAYS)

    assert sorted(names) == [proof.SCHEDULE, SCHEDULE]
    assert (swept.journeys, swept.lost, swept.repaired) == (3, 3, 3)
    assert again.clean, again
    for journey, handover in told:
        assert of(swept, journey) == [(Trouble.LOST, True)]
        assert await world.state(journey) == fold(await world.events(journey))
        read = await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/acknowledge")
        assert read["state"] == "acknowledged"
    await world.fast_forward(told[0][0], timedelta(hours=48))
    assert await until(lambda: has_fired(world, told[0][0]))
