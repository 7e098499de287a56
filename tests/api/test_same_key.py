"""The same key gets the same answer and does nothing twice; a stale reader changes nothing."""

import asyncio
from uuid import uuid4

import pytest

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import World

NOW = {"takes_over": {"when": "now"}}


async def test_the_same_key_and_body_get_the_same_answer_and_nothing_happens_twice(
    world: World,
) -> None:
    journey, handover = await tale.sent(world)
    bob, key = world.caller(tale.RECEIVER), uuid4().hex
    first = await bob.try_post(f"/handovers/{handover}/accept", NOW, key)
    events = len(await world.events(journey))

    again = await asyncio.gather(
        *(bob.try_post(f"/handovers/{handover}/accept", NOW, key) for _ in range(5))
    )

    assert [(r.status_code, r.json(), r.headers["ETag"]) for r in again] == [
        (first.status_code, first.json(), first.headers["ETag"])
    ] * 5
    assert len(await world.events(journey)) == events


async def test_order_and_white_space_are_no_difference(world: World) -> None:
    alice, key = world.caller(tale.SENDER), uuid4().hex
    body = calls.start_body()
    turned = dict(reversed(body.items()))

    first = await alice.post("/journeys", body, key)
    second = await alice.post("/journeys", turned, key)

    assert second == first


async def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    journey, handover = await tale.sent(world)
    bob, key = world.caller(tale.RECEIVER), uuid4().hex
    await bob.post(f"/handovers/{handover}/acknowledge", None, key)
    events = len(await world.events(journey))

    other_body = await bob.try_post(f"/handovers/{handover}/acknowledge", {"call": None}, key)
    other_call = await bob.try_post(f"/handovers/{handover}/accept", NOW, key)

    assert calls.code(other_body, 422) == "key_reused"
    assert calls.code(other_call, 422) == "key_reused"
    assert len(await world.events(journey)) == events


async def test_a_start_with_the_same_key_and_another_body_is_refused(world: World) -> None:
    alice, key = world.caller(tale.SENDER), uuid4().hex
    started = await alice.post("/journeys", calls.start_body(), key)

    response = await alice.try_post("/journeys", calls.start_body(calls.MARKED), key)

    assert calls.code(response, 422) == "key_reused"
    assert len(await world.events(started["id"])) == started["seq"]


@pytest.mark.parametrize("key", [None, "", "x" * 201])
async def test_a_command_without_a_usable_key_is_refused(world: World, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}

    response = await world.caller(tale.SENDER).http.post(
        "/journeys", json=calls.start_body(), headers=headers
    )

    problem = calls.refusal(response, 422)
    assert problem["code"] in ("key_missing", "request_invalid")
    assert problem["fields"][0]["field"].lower() == "idempotency-key"


async def test_another_caller_with_the_same_key_is_another_call(world: World) -> None:
    key = uuid4().hex
    body = calls.start_body()
    first = await world.caller(tale.SENDER).post("/journeys", body, key)

    token = world.house.issuer.token("another", "Annan", tale.STROKE, ["coordinator"])
    second = await world.caller(tale.SENDER).http.post(
        "/journeys",
        json=body,
        headers={"Idempotency-Key": key, "Authorization": f"Bearer {token}"},
    )

    assert second.status_code == 201
    assert second.json()["id"] != first["id"]


async def test_both_sides_of_a_handover_may_use_the_same_key(world: World) -> None:
    _, handover = await tale.sent(world)
    key = uuid4().hex
    await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/ask", {"question": "?"}, key)

    answer = await world.caller(tale.SENDER).post(
        f"/handovers/{handover}/answer", {"answer": "!"}, key
    )

    assert answer["state"] == "acknowledged"


async def test_a_key_belongs_to_one_journey(world: World) -> None:
    alice, key = world.caller(tale.SENDER), uuid4().hex
    first, second = await tale.start(world), await tale.start(world)
    content = {"content": tale.ASSESSMENT}
    await alice.post(f"/journeys/{first}/steps/assessment/complete", content, key)

    refused = await alice.try_post(f"/journeys/{second}/steps/plan/skip", {"reason": "x"}, key)
    taken = await alice.try_post(f"/journeys/{second}/steps/assessment/complete", content, key)

    assert calls.code(refused, 409) == "step_not_open"
    assert taken.status_code == 200


async def test_a_refused_call_leaves_its_key_free(world: World) -> None:
    journey, key = await tale.start(world), uuid4().hex
    alice, path = world.caller(tale.SENDER), f"/journeys/{journey}/steps/assessment/complete"
    refused = await alice.try_post(path, {"content": tale.PLAN}, key)

    taken = await alice.try_post(path, {"content": tale.ASSESSMENT}, key)

    assert calls.code(refused, 422) == "step_kind_mismatch"
    assert taken.status_code == 200


async def test_twenty_starts_at_once_with_one_key_are_one_journey(world: World) -> None:
    alice, key = world.caller(tale.SENDER), uuid4().hex
    body = calls.start_body()

    answers = await asyncio.gather(*(alice.try_post("/journeys", body, key) for _ in range(20)))

    assert [a.status_code for a in answers] == [201] * 20
    assert len({a.text for a in answers}) == 1
    journey = answers[0].json()
    assert len(await world.events(journey["id"])) == journey["seq"]
    rows = await world.rows("SELECT journey_id FROM answer WHERE key = :key", key=key)
    assert rows == [{"journey_id": journey["id"]}]


async def test_a_refused_start_gets_the_same_refusal_again_and_may_be_mended(world: World) -> None:
    alice = world.caller(tale.SENDER)
    keys = [uuid4().hex, uuid4().hex]
    alone = calls.start_body(calls.NATIONAL, overlap_reason=None)
    first = await alice.post("/journeys", alone, keys[0])

    overlapping = [await alice.try_post("/journeys", alone, keys[1]) for _ in range(3)]
    with_reason = await alice.try_post("/journeys", alone | {"overlap_reason": "Två"}, keys[1])

    assert [calls.code(r, 409) for r in overlapping] == ["journey_overlaps"] * 3
    assert with_reason.status_code == 201
    for journey in (first, with_reason.json()):
        await calls.close(world, journey["id"])


async def test_every_answer_carries_the_sequence_as_its_tag(world: World) -> None:
    alice = world.caller(tale.SENDER)
    started = await alice.try_post("/journeys", calls.start_body())
    path = f"/journeys/{started.json()['id']}"

    read = await alice.http.get(path)
    changed = await alice.try_post(
        f"{path}/steps/assessment/complete", {"content": tale.ASSESSMENT}
    )

    assert read.headers["ETag"] == started.headers["ETag"] == f'"{started.json()["seq"]}"'
    assert changed.headers["ETag"] == f'"{changed.json()["seq"]}"' != read.headers["ETag"]


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        ('"{}"', 200, None),
        ('W/"{}"', 200, None),
        ("*", 200, None),
        ('"1"', 412, "sequence_stale"),
        ('"99999999999999999999"', 412, "sequence_stale"),
        ('"x"', 422, "if_match_invalid"),
        ('"-1"', 422, "if_match_invalid"),
        ("", 422, "if_match_invalid"),
        ('"\u00b2"', 422, "if_match_invalid"),
        ("9" * 41, 422, "request_invalid"),
    ],
)
async def test_a_change_from_a_stale_reading_is_refused(
    world: World, tag: str, status: int, code: str | None
) -> None:
    journey = await tale.start(world)
    seq = (await world.caller(tale.SENDER).get(f"/journeys/{journey}"))["seq"]
    given = tag.format(seq).encode("latin-1")

    response = await world.caller(tale.SENDER).http.post(
        f"/journeys/{journey}/steps/assessment/complete",
        json={"content": tale.ASSESSMENT},
        headers=[(b"Idempotency-Key", uuid4().hex.encode()), (b"If-Match", given)],
    )

    assert response.status_code == status
    if code is not None:
        assert calls.code(response, status) == code
        assert len(await world.events(journey)) == seq


async def test_of_two_changes_from_the_same_reading_one_is_refused(world: World) -> None:
    _, handover = await tale.sent(world)
    bob = world.caller(tale.RECEIVER)
    tag = (await bob.http.get(f"/handovers/{handover}")).headers["ETag"]

    async def ask() -> int:
        headers = {"Idempotency-Key": uuid4().hex, "If-Match": tag}
        body = {"question": "Finns det hiss?"}
        response = await bob.http.post(f"/handovers/{handover}/ask", json=body, headers=headers)
        return response.status_code

    assert sorted(await asyncio.gather(ask(), ask())) == [200, 412]
