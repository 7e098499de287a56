"""The shell asks why a moment comes late, and only then."""

from datetime import timedelta

from temporalio.api.enums.v1 import EventType

from domain.event import RungFired
from tests.stories import journeys as tale
from tests.world import World, until

MARKER = EventType.EVENT_TYPE_MARKER_RECORDED
ACTIVITY = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED


async def test_a_moment_on_time_costs_history_nothing_more(world: World) -> None:
    journey, _ = await tale.sent(world)

    await world.fast_forward(journey, timedelta(hours=13))

    async def fired() -> list[RungFired]:
        events = [e.what for e in await world.events(journey)]
        return [e for e in events if isinstance(e, RungFired)]

    rungs = await until(fired)
    history = await world.handle(journey).fetch_history()
    markers = [
        e.marker_recorded_event_attributes.marker_name
        for e in history.events
        if e.event_type == MARKER
    ]
    assert {r.cause for r in rungs} == {"on_time"}
    assert set(markers) == {"core_local_activity"}
    assert not [e for e in history.events if e.event_type == ACTIVITY]
