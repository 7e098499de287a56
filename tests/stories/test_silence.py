"""A receiving unit stays silent: everyone on the ladder is told, in order, at the right instant."""

from datetime import timedelta

from domain.event import ClockStopped, RungFired
from domain.journey import Journey
from tests.stories import journeys as tale
from tests.world import World, until

SLACK = timedelta(seconds=5)


async def fired(world: World, journey: str, clock: str) -> list[RungFired]:
    """The rungs of one clock that have fired, in order."""
    events = [e.what for e in await world.events(journey)]
    return [e for e in events if isinstance(e, RungFired) and e.clock_id == clock]


async def test_a_silent_receiver_is_reminded_and_then_escalated(world: World) -> None:
    journey, handover = await tale.sent(world)
    clock = f"accepted:{handover}"
    began = (await world.state(journey)).clocks[clock].started_at

    for hours in (13, 8, 4, 24, 48, 24, 24):
        await world.fast_forward(journey, timedelta(hours=hours))
    rungs = await until_fired(world, journey, clock, 7)

    due = [(r.due_at - began) / timedelta(hours=1) for r in rungs]
    assert [round(d, 3) for d in due] == [12.0, 19.2, 24.0, 48.0, 96.0, 120.0, 144.0]
    assert all(timedelta() <= r.fired_at - r.due_at <= SLACK for r in rungs)
    assert {r.outcome for r in rungs} == {"told"}
    told = [[(t.unit[-8:], str(t.function)) for t in r.told] for r in rungs]
    assert told[0] == [("K1980REH", "inbox")]
    assert ("K1980REH", "manager") in told[2]
    assert any(function == "coordinator" for _, function in told[2])
    assert {function for _, function in told[4]} == {"principal"}
    assert told[4] == told[5] == told[6]
    assert await tale.holder(world, journey) == tale.STROKE


async def until_fired(world: World, journey: str, clock: str, count: int) -> list[RungFired]:
    async def enough() -> list[RungFired] | None:
        rungs = await fired(world, journey, clock)
        return rungs if len(rungs) >= count else None

    found: list[RungFired] = await until(enough)
    return found


async def test_an_accept_closes_exactly_the_clocks_of_the_answer(world: World) -> None:
    journey, handover = await tale.sent(world)
    before: Journey = await world.state(journey)

    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/accept", {"takes_over": {"when": "now"}}
    )

    events = [e.what for e in (await world.events(journey))[before.seq :]]
    stopped = [e.clock_id for e in events if isinstance(e, ClockStopped)]
    assert stopped == [
        f"acknowledged:{handover}",
        f"accepted:{handover}",
        "step:1.handover_rehab",
    ]
    assert await tale.holder(world, journey) == tale.REHAB
