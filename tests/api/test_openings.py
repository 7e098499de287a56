"""Who has opened what since a handover began: for the sender, whatever name it was read under."""

from collections.abc import AsyncIterator

import pytest

from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.stories.test_telephone import CALLS, SILENT
from tests.world import Json, World


@pytest.fixture
async def cast(world: World) -> AsyncIterator[Cast]:
    """Staff of units that the demo has no users for."""
    found = Cast(world)
    yield found
    await found.close()


async def opened(world: World, handover: str) -> list[tuple[str, str, bool]]:
    """Which unit opened what, and whether the handover was sent to it."""
    response = await world.caller(tale.SENDER).http.get(f"/handovers/{handover}/openings")
    assert response.status_code == 200, response.text
    lines: list[Json] = response.json()
    assert all(line["at"] and line["subject"] for line in lines)
    return [(line["unit"], line["action"], line["receiver"]) for line in lines]


async def test_who_calls_on_a_receivers_behalf_has_opened_it_too(world: World, cast: Cast) -> None:
    _, handover = await tale.sent(world, SILENT)
    await cast.at(CALLS).get(f"/handovers/{handover}")
    await world.caller(tale.SENDER).get(f"/handovers/{handover}")
    withdraw = f"/handovers/{handover}/withdraw"
    await world.caller(tale.SENDER).post(withdraw, {"reason": "wrong_receiver"})

    found = await opened(world, handover)

    assert found == [(CALLS, "handover", False)]


async def test_whoever_it_was_passed_on_to_and_from_is_called_a_receiver(world: World) -> None:
    _, handover = await tale.sent(world)
    bob, team = world.caller(tale.RECEIVER), world.caller("vasteras-ihr")
    await bob.get(f"/handovers/{handover}")
    await bob.post(f"/handovers/{handover}/redirect", {"to": tale.IHR, "reason": "Teamets."})
    await team.get(f"/handovers/{handover}")

    found = await opened(world, handover)

    assert found == [(tale.REHAB, "handover", True), (tale.IHR, "handover", True)]


async def test_what_another_holder_reads_meanwhile_is_told_apart_and_what_was_before_is_left_out(
    world: World,
) -> None:
    journey, first = await tale.sent(world)
    bob = world.caller(tale.RECEIVER)
    await bob.post(f"/handovers/{first}/accept", {"takes_over": {"when": "now"}})
    await bob.get(f"/journeys/{journey}")
    body = tale.handover(tale.IHR, part="coordination", purpose="take_over", step=None)
    sent = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    await bob.get(f"/journeys/{journey}/events")

    found = await opened(world, sent["id"])

    assert found == [(tale.REHAB, "events", False)]
