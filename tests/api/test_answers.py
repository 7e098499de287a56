"""What a receiver can answer, what a sender can do meanwhile, and who holds the part afterwards."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World, until

ASKED = ["acknowledge", "accept", "decline", "redirect", "ask", "propose", "assign", "dispute"]
WAITS = ["change-estimate", "withdraw"]
NOW: Json = {"takes_over": {"when": "now"}}


def ahead(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


async def seen(world: World, handover: str, by: str = tale.RECEIVER) -> Json:
    return await world.caller(by).get(f"/handovers/{handover}")


async def actions(world: World, handover: str) -> tuple[list[str], list[str]]:
    """What the receiver and the sender may do now."""
    receiver, sender = [await seen(world, handover, by) for by in (tale.RECEIVER, tale.SENDER)]
    return receiver["available_actions"], sender["available_actions"]


async def answer(world: World, handover: str, what: str, body: Json | None = None) -> Json:
    return await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/{what}", body)


async def refused(
    world: World, handover: str, what: str, body: Json | None = None, by: str = tale.RECEIVER
) -> str:
    code: str = (await world.caller(by).refused(f"/handovers/{handover}/{what}", body))["code"]
    return code


async def test_a_sent_handover_waits_and_the_sender_holds_on(world: World) -> None:
    journey, handover = await tale.sent(world)

    view = await seen(world, handover)

    assert view["state"] == "received"
    assert {c["kind"] for c in view["clocks"]} == {"acknowledged", "accepted"}
    assert await actions(world, handover) == (ASKED, WAITS)
    assert await tale.holder(world, journey) == tale.STROKE


async def test_an_acknowledgement_stops_its_own_clock_and_nothing_else(world: World) -> None:
    journey, handover = await tale.sent(world)

    view = await answer(world, handover, "acknowledge")

    assert view["state"] == "acknowledged"
    assert [c["kind"] for c in view["clocks"]] == ["accepted"]
    assert view["available_actions"] == ASKED[1:]
    assert await tale.holder(world, journey) == tale.STROKE
    assert await refused(world, handover, "acknowledge") == "already_acknowledged"


async def test_an_accept_now_moves_the_part_at_once(world: World) -> None:
    _, handover = await tale.sent(world)

    view = await answer(world, handover, "accept", NOW)

    assert (view["state"], view["holder"]) == ("taken_over", tale.REHAB)
    assert view["acknowledged_at"] and view["accepted_at"] == view["taken_over_at"]
    assert [c["kind"] for c in view["clocks"]] == ["first_contact"]
    assert await actions(world, handover) == (["assign", "first-contact"], ["withdraw"])
    assert await refused(world, handover, "accept", NOW) == "handover_not_open"
    assert await refused(world, handover, "decline", {"reason": "no_capacity"}) == (
        "handover_not_open"
    )


async def test_an_accept_at_an_instant_moves_the_part_then(world: World) -> None:
    journey, handover = await tale.sent(world)
    at = ahead(hours=5)

    view = await answer(world, handover, "accept", {"takes_over": {"when": "at", "at": at}})
    before = await tale.holder(world, journey)
    await world.fast_forward(journey, timedelta(hours=6))
    taken = await until(lambda: taken_over(world, handover))

    assert (view["state"], view["holder"], before) == ("accepted", tale.STROKE, tale.STROKE)
    assert view["available_actions"] == ["assign"]
    assert taken["holder"] == tale.REHAB
    assert datetime.fromisoformat(taken["taken_over_at"]) >= datetime.fromisoformat(at)


async def taken_over(world: World, handover: str) -> Json | None:
    view = await seen(world, handover)
    return view if view["state"] == "taken_over" else None


async def test_an_accept_on_discharge_moves_the_part_when_the_patient_leaves(world: World) -> None:
    journey, handover = await tale.sent(world, content={"estimated_discharge_at": ahead(days=2)})

    view = await answer(world, handover, "accept", {"takes_over": {"when": "on_discharge"}})
    left = await world.caller(tale.SENDER).post(
        f"/journeys/{journey}/facts/left", {"at": datetime.now(UTC).isoformat(), "to": "Hem"}
    )

    assert (view["state"], view["holder"]) == ("accepted", tale.STROKE)
    assert left["left_at"]
    assert (await seen(world, handover))["state"] == "taken_over"
    assert await tale.holder(world, journey) == tale.REHAB
    assert await tale.holder(world, journey, "coordination") == tale.STROKE


@pytest.mark.parametrize(
    ("takes_over", "code"),
    [
        ({"when": "at", "at": ahead(hours=-1)}, "instant_in_past"),
        ({"when": "on_discharge"}, "discharge_estimate_missing"),
        ({"when": "at", "at": "2026-10-05T09:00:00"}, "request_invalid"),
        ({"when": "at", "at": "9999-12-31T23:59:59Z"}, "request_invalid"),
        ({"when": "at"}, "request_invalid"),
        ({"when": "later"}, "request_invalid"),
        ({}, "request_invalid"),
    ],
)
async def test_an_accept_without_a_possible_instant_is_refused(
    world: World, takes_over: Json, code: str
) -> None:
    _, handover = await tale.sent(world)

    assert await refused(world, handover, "accept", {"takes_over": takes_over}) == code


@pytest.mark.parametrize(
    ("reason", "text"), [("no_capacity", None), ("wrong_unit", "IHR-teamet"), ("other", "Skäl")]
)
async def test_a_declined_part_stays_with_the_sender(
    world: World, reason: str, text: str | None
) -> None:
    journey, handover = await tale.sent(world)
    body = {"reason": reason, "text": text, "proposes": tale.IHR}

    view = await answer(world, handover, "decline", body)

    assert (view["state"], view["decline_reason"]) == ("declined", reason)
    assert (view["proposed_unit"], view["clocks"]) == (tale.IHR, [])
    assert await tale.holder(world, journey) == tale.STROKE
    assert (await seen(world, handover, tale.SENDER))["available_actions"] == ["resend", "dispute"]
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", tale.handover(tale.IHR))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"reason": "other"}, "decline_text_missing"),
        ({"reason": "other", "text": " "}, "request_invalid"),
        ({"reason": "because"}, "request_invalid"),
        ({}, "request_invalid"),
        ({"reason": "wrong_unit", "proposes": "SE0000000000-NOWHERE"}, "unit_unknown"),
    ],
)
async def test_a_decline_without_a_coded_reason_is_refused(
    world: World, body: Json, code: str
) -> None:
    _, handover = await tale.sent(world)

    assert await refused(world, handover, "decline", body) == code
    assert (await seen(world, handover))["state"] == "received"


async def test_a_redirect_passes_the_handover_on_and_its_due_never_later(world: World) -> None:
    journey, handover = await tale.sent(world)
    due = {c["kind"]: c["due_at"] for c in (await seen(world, handover))["clocks"]}

    view = await answer(world, handover, "redirect", {"to": tale.IHR, "reason": "Tar hemrehab."})

    assert (view["to_unit"], view["hops"], view["available_actions"]) == (tale.IHR, 1, [])
    after = await seen(world, handover, "vasteras-ihr")
    assert after["available_actions"] == ASKED
    assert all(c["due_at"] <= due[c["kind"]] for c in after["clocks"])
    assert await tale.holder(world, journey) == tale.STROKE
    gone = await world.caller(tale.RECEIVER).http.get(f"/handovers/{handover}")
    assert calls.code(gone, 404) == "handover_unknown"


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (tale.SALA, "redirect_crosses_organisation"),
        (tale.REHAB, "receiver_is_sender"),
        (calls.HOME_HELP, "receiver_kind_mismatch"),
        ("SE0000000000-NOWHERE", "unit_unknown"),
    ],
)
async def test_a_redirect_stays_inside_the_organisation(world: World, to: str, code: str) -> None:
    _, handover = await tale.sent(world)

    assert await refused(world, handover, "redirect", {"to": to, "reason": "x"}) == code


async def test_a_question_stops_the_receivers_clock_until_its_answer(world: World) -> None:
    _, handover = await tale.sent(world)

    asked = await answer(world, handover, "ask", {"question": "Finns det hiss?"})
    may_do = await actions(world, handover)
    twice = await refused(world, handover, "ask", {"question": "Och trappa?"})
    answered = await world.caller(tale.SENDER).post(
        f"/handovers/{handover}/answer", {"answer": "Ja."}
    )

    assert asked["state"] == "question_open"
    assert {c["kind"]: c["paused"] for c in asked["clocks"]} == {"accepted": True, "answer": False}
    assert may_do == (["accept", "decline", "assign", "dispute"], ["answer", *WAITS])
    assert twice == "question_open"
    assert answered["state"] == "acknowledged"
    assert [(c["kind"], c["paused"]) for c in answered["clocks"]] == [("accepted", False)]
    thread = (await seen(world, handover))["thread"]
    assert [(m["kind"], m["text"]) for m in thread] == [
        ("question_asked", "Finns det hiss?"),
        ("question_answered", "Ja."),
    ]
    again = await refused(world, handover, "answer", {"answer": "Ja."}, by=tale.SENDER)
    assert again == "no_question_open"


async def test_a_withdrawn_handover_ends_and_the_part_has_not_moved(world: World) -> None:
    journey, handover = await tale.sent(world)

    view = await world.caller(tale.SENDER).post(
        f"/handovers/{handover}/withdraw", {"reason": "wrong_receiver"}
    )

    assert (view["state"], view["clocks"], view["available_actions"]) == ("withdrawn", [], [])
    assert await tale.holder(world, journey) == tale.STROKE
    late = await refused(world, handover, "accept", NOW)
    assert late == "handover_unknown"


async def test_what_was_accepted_is_taken_back_when_the_receiver_lets_it_go(world: World) -> None:
    journey, handover = await tale.sent(world)
    at = {"takes_over": {"when": "at", "at": ahead(days=1)}}
    await answer(world, handover, "accept", at)
    alice = world.caller(tale.SENDER)

    alone = await refused(
        world, handover, "withdraw", {"reason": "no_longer_needed"}, by=tale.SENDER
    )
    asked = await alice.post(
        f"/handovers/{handover}/request-cancellation", {"reason": "Stannar på avdelningen."}
    )
    may_do = await actions(world, handover)
    let_go = await answer(world, handover, "answer-cancellation", {"agree": True})

    assert alone == "cancellation_needed"
    assert asked["state"] == "cancellation_requested"
    assert may_do == (["assign", "answer-cancellation"], WAITS)
    assert (let_go["state"], let_go["clocks"]) == ("withdrawn", [])
    assert await tale.holder(world, journey) == tale.STROKE
    await alice.post(f"/journeys/{journey}/handovers", tale.handover())


@pytest.mark.parametrize("reason", ["no_longer_needed", "patient_declines", "sent_in_error"])
async def test_what_was_taken_over_is_not_taken_back_by_the_sender(
    world: World, reason: str
) -> None:
    journey, handover = await tale.sent(world)
    await answer(world, handover, "accept", NOW)

    code = await refused(world, handover, "withdraw", {"reason": reason}, by=tale.SENDER)

    assert code == "cancellation_needed"
    assert await tale.holder(world, journey) == tale.REHAB


@pytest.mark.parametrize("reason", ["wrong_receiver", "wrong_patient"])
async def test_what_was_wrong_returns_after_the_take_over_and_the_receivers_access_ends(
    world: World, reason: str
) -> None:
    journey, handover = await tale.sent(world)
    await answer(world, handover, "accept", NOW)
    bob = world.caller(tale.RECEIVER)
    assert (await bob.get(f"/journeys/{journey}"))["id"] == journey

    view = await world.caller(tale.SENDER).post(
        f"/handovers/{handover}/withdraw", {"reason": reason}
    )

    assert (view["state"], view["holder"], view["clocks"]) == ("withdrawn", tale.STROKE, [])
    assert await tale.holder(world, journey) == tale.STROKE
    gone = await bob.http.get(f"/handovers/{handover}")
    assert calls.code(gone, 404) == "handover_unknown"
    whole = await bob.http.get(f"/journeys/{journey}")
    assert calls.code(whole, 404) == "journey_unknown"


async def test_each_side_may_do_only_its_own(world: World) -> None:
    _, handover = await tale.sent(world)

    by_sender = await refused(world, handover, "accept", NOW, by=tale.SENDER)
    by_receiver = await refused(world, handover, "withdraw", {"reason": "wrong_receiver"})

    assert (by_sender, by_receiver) == ("not_receiver", "not_sender")


async def test_the_same_part_is_not_sent_twice_at_once(world: World) -> None:
    journey, _ = await tale.sent(world)

    problem = await world.caller(tale.SENDER).refused(
        f"/journeys/{journey}/handovers", tale.handover(tale.IHR)
    )

    assert problem["code"] == "part_in_handover"


async def test_a_first_contact_is_reported_once_and_not_ahead_of_time(world: World) -> None:
    _, handover = await tale.sent(world)
    early = await refused(world, handover, "first-contact", {"at": ahead(seconds=-1)})
    await answer(world, handover, "accept", NOW)

    in_future = await refused(world, handover, "first-contact", {"at": ahead(hours=1)})
    view = await answer(world, handover, "first-contact", {"at": ahead(seconds=-1)})
    again = await refused(world, handover, "first-contact", {"at": ahead(seconds=-1)})

    assert (early, in_future, again) == (
        "handover_not_open",
        "instant_in_future",
        "handover_not_open",
    )
    assert (view["state"], view["clocks"]) == ("first_contact", [])


async def test_of_two_opposite_answers_at_once_one_counts(world: World) -> None:
    journey, handover = await tale.sent(world)
    http = world.caller(tale.RECEIVER)

    accepted, declined = await asyncio.gather(
        http.try_post(f"/handovers/{handover}/accept", NOW),
        http.try_post(f"/handovers/{handover}/decline", {"reason": "no_capacity"}),
    )

    assert sorted((accepted.is_success, declined.is_success)) == [False, True]
    holder = tale.REHAB if accepted.is_success else tale.STROKE
    assert await tale.holder(world, journey) == holder
