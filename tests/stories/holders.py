"""Who holds what: the doors' view and the engine's state must say the same, part by part."""

from tests.stories import journeys as tale
from tests.world import Caller, World, until

Holders = dict[str, str]


async def holders(world: World, journey: str, by: Caller | None = None) -> Holders:
    """The holder of every part now, as `by` is shown it and as the workflow knows it.

    The store is written a moment before the workflow adopts it, so that they are waited for.
    Raises `TimeoutError` when they go on saying different things.
    """
    caller = by or world.caller(tale.SENDER)

    async def agreed() -> Holders | None:
        whole = await caller.get(f"/journeys/{journey}")
        shown = {part["key"]: part["holder"] for part in whole["parts"]}
        state = await world.state(journey)
        return shown if shown == {k: p.holder for k, p in state.parts.items()} else None

    found: Holders = await until(agreed)
    return found
