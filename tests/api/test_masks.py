"""Of a protected patient nothing that anybody wrote is shown, in whichever list it stands."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.care import COLLEAGUE, of_protected, protect
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.stories.test_telephone import CALLS, SILENT
from tests.world import Json, World

SECRET = "Bor hos sin syster."
# Protection reaches every open journey of a patient: these are of this file alone.
FIRST, SECOND = "199610202385", "196107293059"
DELAY: Json = {"reason": "other", "text": SECRET}


@pytest.fixture
async def cast(world: World) -> AsyncIterator[Cast]:
    """Staff of units that the demo has no users for."""
    found = Cast(world)
    yield found
    await found.close()


async def sent(world: World, number: str, to: str = tale.REHAB) -> tuple[str, str]:
    journey = await of_protected(world, number)
    body = tale.handover(to, content={"reason": SECRET, "requested": SECRET})
    handover = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    return journey, handover["id"]


async def test_why_it_is_late_is_shown_to_the_named_group_alone(world: World, cast: Cast) -> None:
    journey, handover = await sent(world, FIRST)
    group, stranger = world.caller(tale.RECEIVER), cast.at(tale.REHAB, "demo-at-9")
    later = {"when": "at", "at": (datetime.now(UTC) + timedelta(days=2)).isoformat()}
    await group.post(f"/handovers/{handover}/accept", {"takes_over": later, "delay": DELAY})
    await protect(world, journey)
    inbox = f"/units/{tale.REHAB}/inbox?limit=100"

    seen = await group.http.get(inbox)
    masked = [
        await stranger.http.get(inbox),
        await stranger.http.get(f"/handovers/{handover}"),
        await world.caller(COLLEAGUE).http.get(f"/handovers/{handover}"),
        await world.caller(COLLEAGUE).http.get(f"/journeys/{journey}"),
    ]
    await protect(world, journey, "none")

    assert SECRET in seen.text
    assert [r.status_code for r in masked] == [200] * 4
    assert all(handover in r.text and SECRET not in r.text for r in masked)


async def test_the_lists_of_journeys_messages_and_calls_say_nothing_of_the_patient(
    world: World, cast: Cast
) -> None:
    journey, handover = await sent(world, SECOND, SILENT)
    await protect(world, journey)
    stranger = cast.at(CALLS, "demo-at-9")

    calls = await stranger.http.get(f"/units/{CALLS}/calls")
    lists = [
        calls,
        await stranger.http.get(f"/units/{CALLS}/messages"),
        await world.caller(COLLEAGUE).http.get("/journeys?limit=200"),
    ]
    files = await world.caller(COLLEAGUE).http.get(f"/journeys/{journey}/attachments")
    await protect(world, journey, "none")

    who = next(item["patient"] for item in calls.json() if item["id"] == handover)
    assert who["system"] == "masked"
    assert journey in lists[2].text
    of_it = [item for one in lists for item in items(one.json()) if is_of(item, journey, handover)]
    assert of_it and not any(SECRET in str(i) or "Testpatient" in str(i) for i in of_it)
    assert (files.status_code, files.json()["code"]) == (403, "patient_protected")


def items(found: Json | list[Json]) -> list[Json]:
    listed: list[Json] = found if isinstance(found, list) else found["items"]
    return listed


def is_of(item: Json, journey: str, handover: str) -> bool:
    return bool({journey, handover} & {item.get("id"), item.get("subject")})
