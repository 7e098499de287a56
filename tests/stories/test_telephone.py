"""A unit without a system is called: who asks, what it said, and when that counts as an answer."""

from datetime import datetime, time, timedelta

from tests.stories import journeys as tale
from tests.stories.cast import Cast, status
from tests.stories.hands import both, rehab_at
from tests.stories.holders import holders
from tests.stories.instants import TUESDAY, next_at, travel
from tests.world import Caller, Json, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SILENT = "SE0000000000-TESTK1904REH"
CALLS = "SE0000000000-TESTRVMVCSKI"
NOW = {"takes_over": {"when": "now"}}
SENT_AND_CALLED_FOR = [("handover_arrived", SILENT, "inbox"), ("call_task", CALLS, "inbox")]


async def test_each_rung_asks_for_a_call_until_somebody_answers(world: World, cast: Cast) -> None:
    journey, handover = await sent(world)
    health_centre, ward = cast.at(CALLS), world.caller(tale.SENDER)
    counted = await proxied(world, journey)
    assert await tale.told(world, journey, handover) == SENT_AND_CALLED_FOR
    assert await tasks(health_centre) >= {handover: "sent"}.items()
    assert (await ward.get(f"/handovers/{handover}"))["received_at"] is None
    assert await status(world.caller(tale.OUTSIDER), f"/handovers/{handover}") == 404

    no_answer = {"outcome": "no_answer", "at": (await world.now(journey)).isoformat()}
    tried = await health_centre.post(f"/handovers/{handover}/call", no_answer)
    unheard = await health_centre.refused(f"/handovers/{handover}/accept", NOW)

    assert (tried["calls"], tried["call_task"], tried["state"]) == (1, None, "sent")
    assert unheard["code"] == "call_missing"
    assert handover not in dict(await tasks(health_centre))
    assert await holders(world, journey) == both(tale.STROKE)

    await world.fast_forward(journey, 12 * HOUR + timedelta(minutes=5))
    assert await tasks(health_centre) >= {handover: "half"}.items()
    assert await tale.told(world, journey, handover) == [
        *SENT_AND_CALLED_FOR,
        ("reminder", tale.STROKE, "inbox"),
        ("reminder", tale.STROKE, "coordinator"),
        ("reminder", tale.STROKE, "manager"),
        ("reminder", SILENT, "inbox"),
        ("call_task", CALLS, "inbox"),
        ("reminder", SILENT, "inbox"),
    ]
    assert await holders(world, journey) == both(tale.STROKE)

    said = await health_centre.post(
        f"/handovers/{handover}/accept", NOW | call(await world.now(journey))
    )
    assert (said["state"], said["proxied"]) == ("taken_over", True)
    assert said["provisional_since"] is None
    assert (await ward.get(f"/handovers/{handover}"))["proxied"] is True
    assert await holders(world, journey) == rehab_at(SILENT)
    assert await proxied(world, journey) == counted + 1


async def test_what_is_written_down_the_day_after_waits_for_a_second_person(
    world: World, cast: Cast
) -> None:
    journey, handover = await sent(world)
    first, second = cast.at(CALLS, "demo-staff-1"), cast.at(CALLS, "demo-staff-2")
    ward = world.caller(tale.SENDER)
    answered_at = await world.now(journey) + HOUR
    await world.fast_forward(journey, DAY)
    path = f"/handovers/{handover}"
    assert await holders(world, journey) == both(tale.STROKE)

    late = await first.post(f"{path}/accept", NOW | call(answered_at))
    assert (late["state"], late["provisional_since"] is None) == ("accepted", False)
    assert await holders(world, journey) == both(tale.STROKE)
    running = [c for c in (await world.state(journey)).running() if c.subject == handover]
    assert [(c.kind, c.owner, c.counterpart) for c in running] == [
        ("confirmation", CALLS, tale.STROKE)
    ]

    await world.fast_forward(journey, 3 * HOUR)
    alone = await first.refused(f"{path}/confirm")
    assert alone["code"] == "second_person_missing"
    assert (await ward.get(path))["state"] == "accepted"
    assert await holders(world, journey) == both(tale.STROKE)

    told = await tale.told(world, journey, handover)
    confirmed = await second.post(f"{path}/confirm")
    again = await second.refused(f"{path}/confirm")
    assert (confirmed["state"], confirmed["proxied"]) == ("taken_over", True)
    assert again["code"] == "nothing_provisional"
    assert await holders(world, journey) == rehab_at(SILENT)
    assert await tale.told(world, journey, handover) == [
        *told,
        ("answer_confirmed", tale.STROKE, "inbox"),
        ("handover_taken_over", SILENT, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]


async def sent(world: World) -> tuple[str, str]:
    """A handover to the unit without a system, sent on a Tuesday morning."""
    journey = await tale.planned(world)
    await travel(world, journey, next_at(await world.now(journey), TUESDAY, time(8)))
    body = tale.handover(SILENT)
    answer = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    return journey, answer["id"]


def call(at: datetime) -> Json:
    """Who answered the telephone, and when."""
    return {
        "call": {
            "name": "Demo Sjuksköterska 1",
            "function": "Sjuksköterska i tjänst",
            "number": "010-000 00 00",
            "at": at.isoformat(),
        }
    }


async def tasks(caller: Caller) -> set[tuple[str, str]]:
    """The calls that the unit owes: about which handover, because of which rung."""
    response = await caller.http.get(f"/units/{CALLS}/calls")
    assert response.status_code == 200, response.text
    return {(item["id"], item["call_task"]["rung"]) for item in response.json()}


async def proxied(world: World, journey: str) -> int:
    """How many handovers to municipal rehab were answered by telephone, for the manager."""
    today = (await world.now(journey)).date()
    period = {"from": f"{today - DAY}", "to": f"{today + DAY}", "group_by": "to_kind"}
    found = await world.caller("region-operations").get("/gaps", **period)
    return sum(i["proxied"] for i in found["items"] if i["to_kind"] == "municipal_rehab")
