"""The thread between holders over real HTTP: written, read with receipts, and for whom."""

from typing import Any

import pytest

from tests.api import calls
from tests.api.care import (
    COLLEAGUE,
    HOME_HELPER,
    logged,
    of_protected,
    protect,
    shared,
    with_home_help,
)
from tests.stories import journeys as tale
from tests.world import Json, World


async def write(world: World, journey: str, text: str, by: str = tale.SENDER) -> None:
    await world.caller(by).post(f"/journeys/{journey}/messages", {"text": text})


async def receipt(world: World, journey: str, up_to: int, by: str) -> None:
    await world.caller(by).post(f"/journeys/{journey}/messages/read", {"up_to": up_to})


async def thread(world: World, journey: str, by: str = tale.SENDER, **query: Any) -> Json:
    return await world.caller(by).get(f"/journeys/{journey}/messages", **query)


async def test_holders_write_to_each_other_and_see_who_has_read(world: World) -> None:
    journey = await shared(world)
    await write(world, journey, "Kommer hem på fredag.")
    await write(world, journey, "Nyckeln finns hos grannen.")

    await receipt(world, journey, 1, tale.RECEIVER)

    first, second = (await thread(world, journey, tale.RECEIVER))["items"]
    assert (first["number"], first["unit"]) == (1, tale.STROKE)
    assert first["text"] == "Kommer hem på fredag." and first["at"]
    assert first["read_by"] == sorted([tale.STROKE, tale.REHAB])
    assert second["read_by"] == [tale.STROKE]


async def test_reading_gives_no_receipt_by_itself(world: World) -> None:
    journey = await shared(world)
    await write(world, journey, "Kommer hem på fredag.")

    await thread(world, journey, tale.RECEIVER)

    (message,) = (await thread(world, journey))["items"]
    assert message["read_by"] == [tale.STROKE]


async def test_a_unit_that_holds_nothing_more_is_left_out_of_the_receipts(world: World) -> None:
    journey = await shared(world)
    await write(world, journey, "Kommer hem på fredag.", tale.RECEIVER)
    body = tale.handover(tale.IHR, step=None, content={"legal_basis": "same_provider"})
    bob, team = world.caller(tale.RECEIVER), world.caller("vasteras-ihr")
    sent = await bob.post(f"/journeys/{journey}/handovers", body)

    await team.post(f"/handovers/{sent['id']}/accept", {"takes_over": {"when": "now"}})

    (message,) = (await thread(world, journey))["items"]
    assert message["unit"] == tale.REHAB
    assert message["read_by"] == []


async def test_the_thread_is_read_in_stretches(world: World) -> None:
    journey = await tale.start(world)
    for text in ("Ett", "Två", "Tre"):
        await write(world, journey, text)

    first = await thread(world, journey, limit=2)
    rest = await thread(world, journey, after=first["next"], limit=2)

    assert [m["text"] for m in first["items"]] == ["Ett", "Två"]
    assert ([m["text"] for m in rest["items"]], rest["next"]) == (["Tre"], None)


async def test_home_help_takes_part_in_the_thread(world: World) -> None:
    journey = await with_home_help(world)
    await write(world, journey, "Vi börjar på måndag.", HOME_HELPER)

    (message,) = (await thread(world, journey, HOME_HELPER))["items"]

    assert message["unit"] == calls.HOME_HELP
    assert message["text"] == "Vi börjar på måndag."


async def test_home_help_reads_nothing_that_was_written_before_it_held_a_part(
    world: World,
) -> None:
    journey = await shared(world)
    await write(world, journey, "Provsvaret har kommit.")
    body = tale.handover(calls.HOME_HELP, part="home_help", step=None)
    sent = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    now = {"takes_over": {"when": "now"}}
    await world.caller(HOME_HELPER).post(f"/handovers/{sent['id']}/accept", now)
    await write(world, journey, "Nyckeln finns hos grannen.")

    by_home_help, by_health_care = [
        (await thread(world, journey, by))["items"] for by in (HOME_HELPER, tale.RECEIVER)
    ]

    assert [(m["number"], m["text"]) for m in by_home_help] == [(2, "Nyckeln finns hos grannen.")]
    assert [m["number"] for m in by_health_care] == [1, 2]


async def test_a_receipt_is_for_what_is_written_and_is_given_once(world: World) -> None:
    journey = await shared(world)
    await write(world, journey, "Kommer hem på fredag.")
    path, bob = f"/journeys/{journey}/messages/read", world.caller(tale.RECEIVER)

    too_far = await bob.refused(path, {"up_to": 2})
    await receipt(world, journey, 1, tale.RECEIVER)
    again = await bob.refused(path, {"up_to": 1})

    assert (too_far["code"], again["code"]) == ("message_unknown", "already_read")


async def test_the_same_key_writes_once(world: World) -> None:
    journey, alice = await tale.start(world), world.caller(tale.SENDER)

    for _ in range(2):
        await alice.post(f"/journeys/{journey}/messages", {"text": "Hej"}, "k")

    assert len((await thread(world, journey))["items"]) == 1


@pytest.mark.parametrize("by", [tale.RECEIVER, tale.OUTSIDER])
async def test_who_is_no_part_of_it_learns_of_no_thread(world: World, by: str) -> None:
    journey, _ = await tale.sent(world)
    await write(world, journey, "Kommer hem på fredag.")
    path, caller = f"/journeys/{journey}/messages", world.caller(by)

    responses = [
        await caller.http.get(path),
        await caller.try_post(path, {"text": "Hej"}),
        await caller.try_post(f"{path}/read", {"up_to": 1}),
    ]

    assert [calls.code(r, 404) for r in responses] == ["journey_unknown"] * 3


async def test_each_reading_is_a_line_in_the_log(world: World) -> None:
    journey = await shared(world)

    await thread(world, journey)
    await thread(world, journey, tale.RECEIVER)

    assert await logged(world, journey) == [
        (tale.SENDER, "messages"),
        (tale.RECEIVER, "messages"),
    ]


async def test_what_is_written_of_a_protected_patient_is_for_the_named_group(
    world: World,
) -> None:
    journey = await of_protected(world)
    await write(world, journey, "Bor hos sin syster.")
    await protect(world, journey)

    shown = await thread(world, journey)
    refused = await world.caller(COLLEAGUE).http.get(f"/journeys/{journey}/messages")
    await protect(world, journey, "none")

    assert [m["text"] for m in shown["items"]] == ["Bor hos sin syster."]
    assert calls.code(refused, 403) == "patient_protected"


async def test_no_message_stands_in_a_log(world: World) -> None:
    journey = await tale.start(world)
    await write(world, journey, "Hemligt ord: krokus.")
    await thread(world, journey)

    texts = [
        (world.house.home / "logs" / "api.log").read_text(encoding="utf-8"),
        world.house.postgres.log.read_text(encoding="utf-8"),
    ]

    assert all(texts), "an empty log would test nothing"
    assert not any("krokus" in text for text in texts)
