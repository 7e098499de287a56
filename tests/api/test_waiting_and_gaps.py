"""The boards of who waits, at any past instant, and of where handovers wait or bounce."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api import calls
from tests.api.test_boards_and_pages import page_by_page
from tests.stories import journeys as tale
from tests.world import Json, World

MANAGER, REGION = "vasteras-rehab-manager", "regional-rehab"
NOW: Json = {"takes_over": {"when": "now"}}


async def waits(world: World, username: str, journey: str, **asked: Any) -> dict[str, Json]:
    """What is waited for in a journey, by kind, as a caller is told."""
    caller, items, following = world.caller(username), list[Json](), None
    while True:
        given = {"next": following} if following else asked
        board = await caller.get("/waiting", limit=200, **given)
        items += board["items"]
        following = board["next"]
        if following is None:
            return {i["kind"]: i for i in items if i["journey_id"] == journey}


def moment() -> str:
    """This instant, as a caller writes it."""
    return datetime.now(UTC).isoformat()


async def test_every_past_instant_goes_on_to_tell_what_was_true_then(world: World) -> None:
    before = moment()
    journey, handover = await tale.sent(world)
    alice, bob, path = world.caller(tale.SENDER), world.caller(tale.RECEIVER), "/handovers/"
    moments = [before, moment()]
    await bob.post(f"{path}{handover}/acknowledge")
    moments.append(moment())
    await bob.post(f"{path}{handover}/ask", {"question": "Finns hiss?"})
    moments.append(moment())
    await alice.post(f"{path}{handover}/answer", {"answer": "Ja."})
    moments.append(moment())
    await bob.post(f"{path}{handover}/accept", NOW)
    moments.append(moment())
    await bob.post(f"{path}{handover}/first-contact", {"at": moment()})
    moments.append(moment())

    told = [await waits(world, tale.SENDER, journey, as_of=at) for at in moments]

    whys = [{i["why"] for kind, i in found.items() if kind != "intervention"} for found in told]
    assert whys == [
        set(),
        {"not_read"},
        {"read_not_answered"},
        {"question_open"},
        {"read_not_answered"},
        {"not_met"},
        set(),
    ]
    asked, taken = told[3]["answer"], told[5]["first_contact"]
    assert (asked["unit"], asked["subject"]) == (tale.STROKE, handover)
    assert (taken["unit"], taken["unit_name"]) == (tale.REHAB, "Kommunrehab Västerås (demo)")
    assert asked["since"] == told[1]["answer"]["since"] < asked["why_since"]
    assert asked["waited_hours"] == 0
    assert {found["intervention"]["why"] for found in told[1:]} == {"not_begun"}
    assert await waits(world, tale.SENDER, journey) == told[-1]


async def test_managers_see_who_waits_in_their_branch_without_patients(world: World) -> None:
    journey, _ = await tale.sent(world)

    of_unit, of_region = [await waits(world, username, journey) for username in (MANAGER, REGION)]
    answer = await world.caller(MANAGER).http.get("/waiting", params={"limit": 200})

    assert set(of_unit) == {"answer"}
    assert set(of_region) == {"answer", "intervention"}
    assert "Testpatient" not in answer.text
    assert "patient_id" not in answer.text


@pytest.mark.parametrize("username", [tale.OUTSIDER, "koping-rehab", "designer", "operator"])
async def test_who_has_no_part_in_it_sees_nobody_waiting(world: World, username: str) -> None:
    journey, _ = await tale.sent(world)
    at = moment()

    assert await waits(world, username, journey, as_of=at) == {}
    assert await waits(world, username, journey) == {}


async def test_waiting_comes_one_at_a_time_of_one_instant_longest_first(world: World) -> None:
    for _ in range(2):
        await tale.sent(world)
    page = await world.caller(tale.SENDER).get("/waiting", limit=1)
    later, _ = await tale.sent(world)

    found = [i async for i in page_by_page(world, tale.SENDER, "/waiting", as_of=page["as_of"])]
    following = await world.caller(tale.SENDER).get("/waiting", limit=200, next=page["next"])

    keys = [(i["since"], i["journey_id"], i["kind"], i["subject"]) for i in found]
    assert keys == sorted(set(keys))
    assert found[:201] == [*page["items"], *following["items"]]
    assert following["as_of"] == page["as_of"]
    assert sum(g["count"] for g in page["groups"]) == len(found) >= 4
    assert later not in {i["journey_id"] for i in found}


@pytest.mark.parametrize("by", ["kind", "why,unit", "pathway,municipality", "unit, unit"])
async def test_waiting_is_grouped_as_asked(world: World, by: str) -> None:
    await tale.sent(world)

    board = await world.caller(tale.SENDER).get("/waiting", group_by=by)

    names = {name.strip() for name in by.split(",")}
    assert board["groups"]
    assert all(set(g) == names | {"count", "since"} for g in board["groups"])


async def test_waiting_for_one_kind_is_counted_and_listed_alone(world: World) -> None:
    await tale.sent(world)

    board = await world.caller(tale.SENDER).get("/waiting", kind="answer", limit=200)

    assert {g["kind"] for g in board["groups"]} == {"answer"}
    assert {i["kind"] for i in board["items"]} == {"answer"}


async def test_every_code_of_the_board_is_said_in_both_languages(world: World) -> None:
    await tale.sent(world)

    board = await world.caller(tale.SENDER).get("/waiting", limit=200)

    for name, said in board["words"].items():
        assert {i[name] for i in board["items"]} <= set(said)
        assert all(words["sv"] and words["en"] for words in said.values())
    assert board["words"]["why"]["not_read"]["sv"] == "Inte läst"


@pytest.mark.parametrize(
    "at", ["i går", "", "2026-10-05T09:00:00", "2026-10-05", "0001-01-01T00:00:00Z"]
)
async def test_an_instant_without_offset_or_sense_is_refused(world: World, at: str) -> None:
    response = await world.caller(tale.SENDER).http.get("/waiting", params={"as_of": at})

    problem = calls.refusal(response, 422)
    assert (problem["code"], problem["fields"][0]["field"]) == ("request_invalid", "as_of")


async def test_nobody_knows_who_will_be_waiting(world: World) -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    response = await world.caller(tale.SENDER).http.get("/waiting", params={"as_of": ahead})

    problem = calls.refusal(response, 422)
    assert problem["code"] == "instant_in_future"
    assert problem["fields"] == [{"field": "as_of", "rule": "in_future"}]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/waiting", {"group_by": "patient"}),
        ("/waiting", {"group_by": ""}),
        ("/waiting", {"group_by": "unit;drop table wait"}),
        ("/waiting", {"kind": "bus"}),
        ("/waiting", {"limit": "0"}),
        ("/gaps", {"group_by": "unit"}),
        ("/gaps", {"group_by": ","}),
        ("/gaps", {"from": "2026-02-30"}),
        ("/gaps", {"to": "9999-12-31"}),
        ("/gaps", {"from": "2026-10-02", "to": "2026-10-01"}),
    ],
)
async def test_the_boards_answer_no_other_question(
    world: World, path: str, asked: dict[str, str]
) -> None:
    response = await world.caller(tale.SENDER).http.get(path, params=asked)

    problem = calls.refusal(response, 422)
    assert (problem["code"], problem["fields"][0]["field"]) == (
        "request_invalid",
        next(iter(asked)),
    )


@pytest.mark.parametrize("cursor", ["x", "", "WyJ4Il0"])
async def test_waiting_refuses_a_cursor_that_is_not_its_own(world: World, cursor: str) -> None:
    await tale.start(world)
    page = await world.caller(tale.SENDER).get("/journeys", limit=1)

    for given in (cursor, page["next"]):
        response = await world.caller(tale.SENDER).http.get("/waiting", params={"next": given})
        assert calls.code(response, 422) == "cursor_invalid"


async def test_waiting_refuses_a_cursor_of_another_instant(world: World) -> None:
    await tale.sent(world)
    alice = world.caller(tale.SENDER)
    page = await alice.get("/waiting", limit=1)

    response = await alice.http.get("/waiting", params={"next": page["next"], "as_of": moment()})

    assert calls.code(response, 422) == "cursor_invalid"


async def flow(world: World, username: str, **asked: Any) -> Json:
    """The figures of stroke handovers to municipal rehab, all zero while there are none."""
    report = await world.caller(username).get("/gaps", **asked)
    wanted = ("stroke_unit", "municipal_rehab", "stroke-rehab")
    none: Json = dict.fromkeys(("sent", "accepted", "declined"), 0) | {"decline_reasons": {}}
    return next(
        (f for f in report["items"] if (f["from_kind"], f["to_kind"], f["pathway"]) == wanted), none
    )


async def test_gaps_count_what_became_of_what_was_sent(world: World) -> None:
    before = await flow(world, tale.SENDER)
    _, accepted = await tale.sent(world)
    _, declined = await tale.sent(world)
    bob = world.caller(tale.RECEIVER)
    await bob.post(f"/handovers/{accepted}/accept", NOW)
    await bob.post(f"/handovers/{declined}/decline", {"reason": "wrong_target_group"})

    after = await flow(world, tale.SENDER)

    grown = {name: after[name] - before[name] for name in ("sent", "accepted", "declined")}
    assert grown == {"sent": 2, "accepted": 1, "declined": 1}
    reasons = [found["decline_reasons"].get("wrong_target_group", 0) for found in (before, after)]
    assert reasons[1] == reasons[0] + 1
    assert after["small"] == (after["sent"] < 5)
    assert after["median_hours"] <= after["p90_hours"]


async def test_gaps_are_those_of_the_own_branch(world: World) -> None:
    others = (tale.OUTSIDER, "koping-rehab", "designer")
    before = [(await flow(world, username))["sent"] for username in (MANAGER, REGION, *others)]
    _, handover = await tale.sent(world)
    await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/accept", NOW)

    after = [(await flow(world, username))["sent"] for username in (MANAGER, REGION, *others)]

    assert [now - then for then, now in zip(before, after, strict=True)] == [1, 1, 0, 0, 0]


async def test_gaps_are_those_of_the_days_that_are_asked_for(world: World) -> None:
    await tale.sent(world)
    alice = world.caller(tale.SENDER)

    old = await alice.get("/gaps", **{"from": "2020-01-01", "to": "2020-12-31"})
    new = await alice.get("/gaps", group_by="pathway")

    assert (old["first_day"], old["last_day"], old["items"]) == ("2020-01-01", "2020-12-31", [])
    assert "stroke-rehab" in {f["pathway"] for f in new["items"]}
    assert {f["from_kind"] for f in new["items"]} == {None}
