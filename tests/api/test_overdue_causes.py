"""The board tells apart what nobody answered and what we told too late."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World

FIRE = text(
    "INSERT INTO firing (journey_id, seq, clock_id, number, rung, due_at, fired_at, cause, folded,"
    " alarm, outcome, told) VALUES (:journey, :seq, :clock, 0, 'due', :due, :fired, :cause, 0,"
    " false, 'told', '[]')"
)
DUE = text("UPDATE clock SET due_at = :due WHERE id = :clock")


async def told(world: World, hours_late: float, hours_since: float, cause: str) -> tuple[str, str]:
    """A handover whose answer is late, about which somebody was told late."""
    journey, handover = await tale.sent(world)
    clock, fired = f"accepted:{handover}", datetime.now(UTC) - timedelta(hours=hours_since)
    due = fired - timedelta(hours=hours_late)
    async with world.owner.begin() as connection:
        await connection.execute(DUE, {"clock": clock, "due": due})
        await connection.execute(
            FIRE,
            {"journey": journey, "clock": clock, "seq": 99, "due": due, "fired": fired}
            | {"cause": cause},
        )
    return journey, clock


async def shown(world: World, clock: str, **query: str) -> Json | None:
    """The promise on the board, if it is there."""
    board = await world.caller(tale.RECEIVER).get("/overdue", limit=200, **query)
    return next((i for i in board["items"] if i["clock"] == clock), None)


async def test_what_we_told_too_late_is_ours_until_the_time_is_given_back(world: World) -> None:
    _, ours = await told(world, 3, 1, "worker_down")
    _, theirs = await told(world, 3, 4, "worker_down")

    just_told, long_ago = await shown(world, ours), await shown(world, theirs)

    assert just_told and long_ago
    assert (just_told["because"], long_ago["because"]) == ("we_were_down", "nobody_answered")
    assert (just_told["late_minutes"], just_told["down_minutes"]) == (240, 180)
    assert (long_ago["late_minutes"], long_ago["down_minutes"]) == (420, 180)
    (telling,) = just_told["tellings"]
    assert telling["cause"] == "worker_down"
    assert datetime.fromisoformat(telling["due"]) == datetime.fromisoformat(just_told["since"])
    at, due = (datetime.fromisoformat(telling[key]) for key in ("at", "due"))
    assert at - due == timedelta(hours=3)


async def test_what_was_told_in_time_is_theirs(world: World) -> None:
    _, clock = await told(world, 0, 2, "on_time")

    late = await shown(world, clock)

    assert late
    assert (late["because"], late["late_minutes"], late["down_minutes"]) == (
        "nobody_answered",
        120,
        0,
    )


async def test_the_board_is_chosen_by_reason(world: World) -> None:
    _, ours = await told(world, 3, 1, "engine_down")
    _, theirs = await told(world, 0, 2, "on_time")

    for because, here, not_here in (
        ("we_were_down", ours, theirs),
        ("nobody_answered", theirs, ours),
    ):
        assert await shown(world, here, because=because)
        assert await shown(world, not_here, because=because) is None


async def test_groups_say_how_much_of_it_is_ours(world: World) -> None:
    await told(world, 3, 1, "store_down")
    caller = world.caller(tale.RECEIVER)

    everything = (await caller.get("/overdue", group_by="unit", limit=200))["groups"]
    ours = (await caller.get("/overdue", group_by="unit", because="we_were_down"))["groups"]

    late = {g["unit"]: g for g in everything}
    assert tale.REHAB in {g["unit"] for g in ours}
    for group in ours:
        assert 1 <= group["we_were_down"] <= late[group["unit"]]["count"]
        assert group["count"] == group["we_were_down"] == late[group["unit"]]["we_were_down"]


@pytest.mark.parametrize("because", ["", "worker_down", "we_were_down,nobody_answered"])
async def test_no_other_reason_is_known(world: World, because: str) -> None:
    response = await world.caller(tale.SENDER).http.get("/overdue", params={"because": because})

    problem = calls.refusal(response, 422)
    assert (problem["code"], problem["fields"][0]["field"]) == ("request_invalid", "because")
