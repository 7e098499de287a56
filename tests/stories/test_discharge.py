"""The patient leaves the ward: taken over at that instant, or an alarm at that instant."""

from datetime import UTC, datetime, timedelta

from domain.event import HandoverTakenOver, RungFired
from tests.stories import journeys as tale
from tests.world import World

HOUR = timedelta(hours=1)


async def test_an_accept_for_discharge_takes_over_when_the_patient_leaves(world: World) -> None:
    estimate = datetime.now(UTC) + timedelta(days=4)
    journey, handover = await tale.sent(
        world, content={"estimated_discharge_at": estimate.isoformat()}
    )
    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/accept", {"takes_over": {"when": "on_discharge"}}
    )
    assert await tale.holder(world, journey) == tale.STROKE

    left_at = await world.now(journey)
    await world.caller(tale.SENDER).post(
        f"/journeys/{journey}/facts/left", {"at": left_at.isoformat(), "to": "Ordinärt boende"}
    )

    events = await world.events(journey)
    taken = next(e for e in events if isinstance(e.what, HandoverTakenOver))
    assert taken.effective_at >= left_at - timedelta(seconds=1)
    assert await tale.holder(world, journey) == tale.REHAB
    alarms = [e.what for e in events if isinstance(e.what, RungFired) and e.what.alarm]
    assert {a.clock_id for a in alarms} == {"alarm:coordination"}


async def test_leaving_with_a_part_not_taken_over_is_an_alarm_at_that_instant(
    world: World,
) -> None:
    journey, _ = await tale.sent(world)
    left_at = await world.now(journey)

    await world.caller(tale.SENDER).post(
        f"/journeys/{journey}/facts/left", {"at": left_at.isoformat(), "to": "Ordinärt boende"}
    )

    rungs = [e.what for e in await world.events(journey) if isinstance(e.what, RungFired)]
    rehab = next(r for r in rungs if r.clock_id == "alarm:rehab")
    assert rehab.alarm and rehab.number == 0
    assert rehab.fired_at == rehab.due_at
    assert ("alarm", tale.REHAB, "manager") in await tale.told(world, journey)
    assert ("alarm", tale.STROKE, "coordinator") in await tale.told(world, journey)
    assert await tale.holder(world, journey) == tale.STROKE


async def test_the_alarm_repeats_until_the_part_is_taken_over(world: World) -> None:
    journey, handover = await tale.sent(world)
    left_at = await world.now(journey)
    await world.caller(tale.SENDER).post(
        f"/journeys/{journey}/facts/left", {"at": left_at.isoformat(), "to": "Ordinärt boende"}
    )

    for _ in range(3):
        await world.fast_forward(journey, 4 * HOUR + timedelta(minutes=1))
    fired = await alarms(world, journey)
    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/accept", {"takes_over": {"when": "now"}}
    )
    await world.fast_forward(journey, 9 * HOUR)

    assert [r.number for r in fired] == [0, 1, 2, 3]
    assert [r.due_at - fired[0].due_at for r in fired] == [0 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR]
    assert len(await alarms(world, journey)) == len(fired)
    assert await tale.holder(world, journey) == tale.REHAB


async def alarms(world: World, journey: str) -> list[RungFired]:
    """The firings of the rehab part's alarm."""
    events = [e.what for e in await world.events(journey)]
    return [e for e in events if isinstance(e, RungFired) and e.clock_id == "alarm:rehab"]
