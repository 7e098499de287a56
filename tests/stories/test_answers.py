"""What a receiver may answer, what the sender may do, and who holds the part all the while."""

from datetime import timedelta

from tests.stories import journeys as tale
from tests.world import World, until

HOUR = timedelta(hours=1)


async def test_a_question_stops_the_receivers_time_and_starts_the_senders(world: World) -> None:
    journey, handover = await tale.sent(world)
    due = (await world.state(journey)).clocks[f"accepted:{handover}"].due_at
    await world.fast_forward(journey, 2 * HOUR)

    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/ask", {"question": "Får hen belasta benet?"}
    )
    await world.fast_forward(journey, 5 * HOUR)
    paused = (await world.state(journey)).clocks
    await world.caller(tale.SENDER).post(f"/handovers/{handover}/answer", {"answer": "Ja, fullt."})

    assert paused[f"accepted:{handover}"].running_since is None
    assert paused[f"answer:{handover}"].running
    clocks = (await world.state(journey)).clocks
    moved = clocks[f"accepted:{handover}"].due_at - due
    assert timedelta() <= moved - 5 * HOUR < timedelta(seconds=10)
    assert clocks[f"answer:{handover}"].stopped_at is not None
    assert await tale.told(world, journey) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("question_asked", tale.STROKE, "inbox"),
        ("question_answered", tale.REHAB, "inbox"),
    ]
    whole = await world.caller(tale.RECEIVER).get(f"/handovers/{handover}")
    assert [m["text"] for m in whole["thread"]] == ["Får hen belasta benet?", "Ja, fullt."]


async def test_an_accept_for_an_instant_moves_the_part_at_that_instant(world: World) -> None:
    journey, handover = await tale.sent(world)
    at = await world.now(journey) + 30 * HOUR

    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/accept", {"takes_over": {"when": "at", "at": at.isoformat()}}
    )
    await world.fast_forward(journey, 29 * HOUR)
    before = await tale.holder(world, journey)
    await world.fast_forward(journey, HOUR + timedelta(minutes=1))

    assert before == tale.STROKE
    await until(lambda: moved_to(world, journey, tale.REHAB))
    part = (await world.state(journey)).parts["rehab"]
    assert part.since == at
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("handover_accepted", tale.STROKE, "inbox"),
        ("handover_taken_over", tale.REHAB, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]


async def moved_to(world: World, journey: str, unit: str) -> bool:
    """Whether the unit holds the rehab part."""
    return await tale.holder(world, journey) == unit


async def test_a_redirect_keeps_the_due_time_and_the_holder(world: World) -> None:
    journey, handover = await tale.sent(world)
    due = (await world.state(journey)).clocks[f"accepted:{handover}"].due_at
    await world.fast_forward(journey, 6 * HOUR)

    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/redirect", {"to": tale.IHR, "reason": "Hör till IHR"}
    )

    clock = (await world.state(journey)).clocks[f"accepted:{handover}"]
    assert (clock.due_at, clock.owner) == (due, tale.IHR)
    assert await tale.holder(world, journey) == tale.STROKE
    inbox = await world.caller("vasteras-ihr").get(f"/units/{tale.IHR}/inbox")
    assert handover in [item["id"] for item in inbox["items"]]
    assert await tale.told(world, journey) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("handover_arrived", tale.IHR, "inbox"),
        ("handover_redirected", tale.STROKE, "inbox"),
    ]


async def test_a_decline_leaves_the_part_and_frees_it_for_another_receiver(world: World) -> None:
    journey, handover = await tale.sent(world)

    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/decline", {"reason": "wrong_unit", "proposes": tale.IHR}
    )
    again = await world.caller(tale.SENDER).post(
        f"/journeys/{journey}/handovers", tale.handover(tale.IHR)
    )
    await world.caller("vasteras-ihr").post(
        f"/handovers/{again['id']}/accept", {"takes_over": {"when": "now"}}
    )

    assert await tale.holder(world, journey) == tale.IHR
    state = await world.state(journey)
    assert not [c for c in state.running() if c.subject == handover]


async def test_a_withdrawal_ends_the_receivers_sight(world: World) -> None:
    journey, handover = await tale.sent(world)

    await world.caller(tale.SENDER).post(
        f"/handovers/{handover}/withdraw", {"reason": "wrong_receiver"}
    )

    response = await world.caller(tale.RECEIVER).http.get(f"/handovers/{handover}")
    assert response.status_code == 404
    assert await tale.holder(world, journey) == tale.STROKE
    assert await tale.told(world, journey) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("handover_withdrawn", tale.REHAB, "inbox"),
    ]
