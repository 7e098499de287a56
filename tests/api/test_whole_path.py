"""One journey all the way, as its units walk it over HTTP; and what a closed one still answers."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World

BOB = tale.RECEIVER
INTERVENTION = {"kind": "intervention", "result": "Går 250 m.", "ended_because": "planned_end"}
CLOSING = {
    "kind": "follow_up",
    "measurements": tale.INSTRUMENTS[1:],
    "attainment": [{"goal": 1, "attained": 1}, {"goal": 2, "attained": 0}],
    "answers": {"participation": 5, "continuity": 4},
    "participation": {"patient": "took_part"},
    "next": {"decision": "close", "reason": "goals_met"},
}
NO_NEED = tale.ASSESSMENT | {"rehab_need": False, "need_level": "none"}


def visit(**change: object) -> Json:
    """A home visit an hour ago."""
    at = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    body: Json = {
        "step": "intervention",
        "at": at,
        "minutes": 60,
        "place": "home",
        "professions": ["FT", "AT"],
    }
    return body | change


def step_states(journey: Json) -> dict[str, str]:
    return {step["key"]: step["state"] for step in journey["steps"]}


def holders(journey: Json) -> dict[str, str]:
    return {part["key"]: part["holder"] for part in journey["parts"]}


async def in_rehab(world: World) -> tuple[str, str]:
    """A journey whose rehab part Bob has taken over, and the handover by which he did."""
    journey, handover = await tale.sent(world)
    await world.caller(BOB).post(f"/handovers/{handover}/accept", {"takes_over": {"when": "now"}})
    return journey, handover


async def closed(world: World) -> str:
    """A journey that went straight to follow-up, because there was no need, and was closed."""
    journey = await tale.start(world)
    await tale.complete(world, journey, "assessment", NO_NEED)
    await tale.complete(world, journey, "follow_up", CLOSING | {"attainment": []})
    return journey


async def test_a_journey_goes_from_referral_to_close_through_three_hands(world: World) -> None:
    alice, bob = world.caller(tale.SENDER), world.caller(BOB)
    journey, handover = await in_rehab(world)
    contact = {"at": (datetime.now(UTC) - timedelta(seconds=1)).isoformat()}

    await bob.post(f"/handovers/{handover}/first-contact", contact)
    for minutes in (45, 60):
        await bob.post(f"/journeys/{journey}/visits", visit(minutes=minutes))
    await tale.complete(world, journey, "intervention", INTERVENTION, by=BOB)
    helped = tale.handover(
        calls.HOME_HELP, part="home_help", step="handover_home_help", content={"measurements": []}
    )
    to_home_help = await bob.post(f"/journeys/{journey}/handovers", helped)
    await world.caller("vasteras-homehelp").post(
        f"/handovers/{to_home_help['id']}/accept", {"takes_over": {"when": "now"}}
    )
    before = await alice.get(f"/journeys/{journey}")
    last = await tale.complete(world, journey, "follow_up", CLOSING)

    assert holders(before) == {
        "coordination": tale.STROKE,
        "rehab": tale.REHAB,
        "home_help": calls.HOME_HELP,
    }
    assert [v["minutes"] for v in before["recorded_visits"]] == [45, 60]
    assert set(before["contents"]) == {"1.referral", "1.assessment", "1.plan", "1.intervention"}
    assert step_states(last) == {
        "referral": "done",
        "assessment": "done",
        "plan": "done",
        "handover_rehab": "done",
        "handover_coordination": "open",
        "intervention": "done",
        "handover_home_help": "done",
        "follow_up": "done",
    }
    assert (last["state"], last["close_reason"], last["visits"]) == ("closed", "goals_met", 2)
    assert last["clocks"] == []
    assert await world.rows("SELECT 1 FROM clock WHERE journey_id = :id AND owed", id=journey) == []


async def test_without_need_the_journey_goes_straight_to_follow_up(world: World) -> None:
    journey = await tale.start(world)

    answer = await tale.complete(world, journey, "assessment", NO_NEED)

    states = step_states(answer)
    assert states.pop("referral") == states.pop("assessment") == "done"
    assert states.pop("follow_up") == "open"
    assert set(states.values()) == {"not_needed"}
    assert (answer["need"], answer["state"]) == (False, "waiting_for_follow_up")


async def test_a_step_may_be_skipped_for_a_reason_but_not_the_assessment(world: World) -> None:
    journey = await tale.start(world)
    alice, path = world.caller(tale.SENDER), f"/journeys/{journey}/steps"
    reason = {"reason": "Behövs inte för den här patienten."}

    not_this = await alice.try_post(f"{path}/assessment/skip", reason)
    await tale.complete(world, journey, "assessment", tale.ASSESSMENT)
    without_reason = await alice.try_post(f"{path}/plan/skip", {"reason": " "})
    answer = await alice.post(f"{path}/plan/skip", reason)

    assert calls.code(not_this, 409) == "step_not_skippable"
    assert calls.code(without_reason, 422) == "request_invalid"
    assert step_states(answer)["plan"] == "skipped"
    assert step_states(answer)["handover_rehab"] == "open"


@pytest.mark.parametrize(
    ("step", "content", "status", "code"),
    [
        ("nowhere", tale.PLAN, 404, "step_unknown"),
        ("plan", tale.PLAN, 409, "step_not_open"),
        ("assessment", tale.PLAN, 422, "step_kind_mismatch"),
        ("assessment", tale.ASSESSMENT | {"measurements": []}, 422, "content_invalid"),
        ("assessment", tale.ASSESSMENT | {"need_level": "none"}, 422, "request_invalid"),
        ("assessment", {"kind": "x"}, 422, "request_invalid"),
    ],
)
async def test_a_step_takes_only_its_own_content_in_its_own_time(
    world: World, step: str, content: Json, status: int, code: str
) -> None:
    journey = await tale.start(world)

    response = await world.caller(tale.SENDER).try_post(
        f"/journeys/{journey}/steps/{step}/complete", {"content": content}
    )

    assert calls.code(response, status) == code


async def test_only_the_holder_works_on_a_part(world: World) -> None:
    journey, _ = await in_rehab(world)

    by_alice = await world.caller(tale.SENDER).try_post(f"/journeys/{journey}/visits", visit())
    by_bob = await world.caller(BOB).try_post(f"/journeys/{journey}/visits", visit())

    assert calls.code(by_alice, 403) == "not_holder"
    assert by_bob.status_code == 200


async def test_a_visit_that_has_not_been_is_refused(world: World) -> None:
    journey, _ = await in_rehab(world)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    response = await world.caller(BOB).try_post(f"/journeys/{journey}/visits", visit(at=tomorrow))

    assert calls.code(response, 422) == "instant_in_future"


async def test_a_journey_with_an_unanswered_handover_is_not_closed(world: World) -> None:
    journey, _ = await tale.sent(world)

    response = await world.caller(tale.SENDER).try_post(
        f"/journeys/{journey}/close", {"reason": "other_plan"}
    )

    assert calls.code(response, 409) == "handovers_open"


async def test_a_closed_journey_refuses_every_command_and_can_still_be_read(world: World) -> None:
    journey = await closed(world)
    alice = world.caller(tale.SENDER)
    commands: dict[str, Json] = {
        "close": {"reason": "other_plan"},
        "steps/plan/complete": {"content": tale.PLAN},
        "steps/plan/skip": {"reason": "x"},
        "visits": visit(),
        "facts/left": {"at": datetime.now(UTC).isoformat(), "to": "Hem"},
        "handovers": tale.handover(),
    }

    refused = {
        name: calls.code(await alice.try_post(f"/journeys/{journey}/{name}", body), 409)
        for name, body in commands.items()
    }

    assert set(refused.values()) == {"journey_closed"}
    assert (await alice.get(f"/journeys/{journey}"))["state"] == "closed"
    assert journey not in {j["id"] for j in (await alice.get("/journeys", limit=200))["items"]}
    with_closed = await alice.get("/journeys", limit=200, open=False)
    assert journey in {j["id"] for j in with_closed["items"]}


async def test_an_old_key_still_gets_its_old_answer_from_a_closed_journey(world: World) -> None:
    alice, keys = world.caller(tale.SENDER), [uuid4().hex for _ in range(3)]
    start, close = calls.start_body(), {"reason": "registered_in_error"}
    started = await alice.post("/journeys", start, keys[0])
    path = f"/journeys/{started['id']}"
    content = {"content": tale.ASSESSMENT}
    assessed = await alice.post(f"{path}/steps/assessment/complete", content, keys[1])
    ended = await alice.post(f"{path}/close", close, keys[2])
    events = len(await world.events(started["id"]))

    again = [
        await alice.try_post("/journeys", start, keys[0]),
        await alice.try_post(f"{path}/steps/assessment/complete", content, keys[1]),
        await alice.try_post(f"{path}/close", close, keys[2]),
    ]

    assert [r.status_code for r in again] == [201, 200, 200]
    assert [r.json() for r in again] == [started, assessed, ended]
    assert len(await world.events(started["id"])) == events
    other = await alice.try_post(f"{path}/close", {"reason": "moved"}, keys[2])
    assert calls.code(other, 422) == "key_reused"
