"""Lists that go on: the board of what is late, the inbox and the journeys, page by page."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World


async def page_by_page(world: World, username: str, path: str, **query: Any) -> AsyncIterator[Json]:
    """Every item of a list that is asked for one at a time."""
    caller, following = world.caller(username), None
    while True:
        given = query | ({"next": following} if following else {})
        page = await caller.get(path, limit=1, **given)
        for item in page["items"]:
            yield item
        following = page["next"]
        if following is None:
            return


async def test_journeys_come_one_at_a_time_each_once_newest_first(world: World) -> None:
    mine = [await tale.start(world) for _ in range(3)]

    found = [i async for i in page_by_page(world, tale.SENDER, "/journeys")]

    whole = await world.caller(tale.SENDER).get("/journeys", limit=200)
    assert [i["id"] for i in found[:200]] == [i["id"] for i in whole["items"]]
    assert [i["id"] for i in found[:3]] == mine[::-1]
    started = [datetime.fromisoformat(i["started_at"]) for i in found]
    assert started == sorted(started, reverse=True)


async def test_the_inbox_comes_one_at_a_time_each_once_newest_first(world: World) -> None:
    mine = [(await tale.sent(world, tale.IHR))[1] for _ in range(3)]
    path = f"/units/{tale.IHR}/inbox"

    found = [i["id"] async for i in page_by_page(world, "vasteras-ihr", path)]

    whole = await world.caller("vasteras-ihr").get(path, limit=200)
    assert found == [i["id"] for i in whole["items"]]
    assert found[:3] == mine[::-1]
    assert len(set(found)) == len(found)


async def test_the_inbox_shows_what_is_open_unless_all_is_asked_for(world: World) -> None:
    _, handover = await tale.sent(world)
    bob, path = world.caller(tale.RECEIVER), f"/units/{tale.REHAB}/inbox"
    await bob.post(f"/handovers/{handover}/accept", {"takes_over": {"when": "now"}})
    await bob.post(f"/handovers/{handover}/first-contact", {"at": datetime.now(UTC).isoformat()})

    still_open = await bob.get(path, limit=200)
    everything = await bob.get(path, limit=200, open=False)

    assert handover not in {i["id"] for i in still_open["items"]}
    assert handover in {i["id"] for i in everything["items"]}


async def test_the_log_comes_in_stretches_without_a_gap(world: World) -> None:
    journey = await tale.planned(world)
    alice, found, after = world.caller(tale.SENDER), list[Json](), 0

    while after is not None:
        page = await alice.get(f"/journeys/{journey}/events", after=after, limit=3)
        found += page["items"]
        after = page["next"]

    assert [e["seq"] for e in found] == list(range(1, len(await world.events(journey)) + 1))
    assert found[0]["type"] == "journey_started"
    assert all(e["by"] == tale.STROKE for e in found)


async def test_a_board_with_nothing_late_is_empty(world: World) -> None:
    board = await world.caller("koping-rehab").get("/overdue")

    assert (board["groups"], board["items"], board["next"]) == ([], [], None)
    assert datetime.fromisoformat(board["as_of"]).tzinfo is not None


async def test_the_board_says_what_is_late_since_when_and_who_waits(world: World) -> None:
    journey, handover = await tale.sent(world)
    await calls.make_late(world, journey)

    board = await world.caller(tale.RECEIVER).get("/overdue", limit=200)

    late = {i["kind"]: i for i in board["items"] if i["journey_id"] == journey}
    assert set(late) == {"acknowledged", "accepted"}
    accepted = late["accepted"]
    assert (accepted["owner"], accepted["waiting"]) == (tale.REHAB, tale.STROKE)
    assert accepted["owner_name"] == "Kommunrehab Västerås (demo)"
    assert (accepted["subject"], accepted["clock"]) == (handover, f"accepted:{handover}")
    assert accepted["pathway"] == "stroke-rehab@2"
    assert (accepted["last_rung"], accepted["told"]) == (None, [])


async def test_the_board_comes_one_at_a_time_longest_late_first(world: World) -> None:
    for _ in range(2):
        await calls.make_late(world, (await tale.sent(world))[0])

    found = [i async for i in page_by_page(world, tale.SENDER, "/overdue")]

    keys = [(datetime.fromisoformat(i["since"]), i["journey_id"], i["clock"]) for i in found]
    assert len(keys) >= 4
    assert keys == sorted(set(keys))
    whole = await world.caller(tale.SENDER).get("/overdue", limit=200)
    assert sum(g["count"] for g in whole["groups"]) == len(found)


@pytest.mark.parametrize("by", ["unit", "pathway", "step", "step,unit", "unit, unit"])
async def test_the_board_is_grouped_as_asked(world: World, by: str) -> None:
    await calls.make_late(world, (await tale.sent(world))[0])

    groups = (await world.caller(tale.SENDER).get("/overdue", group_by=by))["groups"]

    names = {name.strip() for name in by.split(",")}
    assert groups
    assert all(set(g) == names | {"count", "we_were_down", "since"} for g in groups)
    assert [g["count"] for g in groups] == sorted((g["count"] for g in groups), reverse=True)


@pytest.mark.parametrize("by", ["patient", "unit,patient", "", ",", "unit;drop table clock"])
async def test_the_board_is_grouped_by_nothing_else(world: World, by: str) -> None:
    response = await world.caller(tale.SENDER).http.get("/overdue", params={"group_by": by})

    problem = calls.refusal(response, 422)
    assert (problem["code"], problem["fields"][0]["field"]) == ("request_invalid", "group_by")


@pytest.mark.parametrize("cursor", ["x", "", "WyJ4Il0"])
async def test_the_board_refuses_a_cursor_that_is_not_its_own(world: World, cursor: str) -> None:
    await tale.start(world)
    page = await world.caller(tale.SENDER).get("/journeys", limit=1)

    for given in (cursor, page["next"]):
        response = await world.caller(tale.SENDER).http.get("/overdue", params={"next": given})
        assert calls.code(response, 422) == "cursor_invalid"


async def test_who_has_no_branch_sees_an_empty_board(world: World) -> None:
    await calls.make_late(world, (await tale.sent(world))[0])

    board = await world.caller("designer").get("/overdue")

    assert (board["groups"], board["items"]) == ([], [])


async def test_units_and_pathways_can_be_found(world: World) -> None:
    alice = world.caller(tale.SENDER)

    wards = (await alice.http.get("/units", params={"kind": "stroke_unit"})).json()
    unit = await alice.get(f"/units/{tale.REHAB}")
    pathways = (await alice.http.get("/pathways")).json()

    assert tale.STROKE in {u["hsa_id"] for u in wards}
    assert {u["kind"] for u in wards} == {"stroke_unit"}
    assert {c["function"] for c in unit["contacts"]} >= {"inbox", "coordinator", "manager"}
    assert {(p["key"], p["version"]) for p in pathways} >= {("stroke-rehab", 1)}
