"""Nothing that identifies a patient leaves the house in logs, mail, ids or problems."""

import json
import re
from datetime import timedelta

from tests.stories import journeys as tale
from tests.world import World, until

NUMBER, NAME, SECRET = "200304302383", "Testpatient Logg", "Hemlig orsak 4711"
MINE = "0123456789abcdef0123456789abcdef"
NAMES_OF_LOGS = ("api.log", "worker.log")


async def story_with_errors(world: World) -> str:
    """A journey with a handover, wrong calls, a silent receiver and an alarm."""
    sender = world.caller(tale.SENDER)
    body = {
        "patient": {"number": NUMBER, "name": NAME},
        "pathway": "stroke-rehab",
        "unit": tale.STROKE,
        "referral": {"reason": SECRET, "initiator": "hospital"},
        "overlap_reason": "Prov",
    }
    await sender.refused("/journeys", body | {"unknown": NUMBER})
    await sender.refused(
        "/journeys", body | {"patient": {"number": NUMBER[:-1] + "4", "name": NAME}}
    )
    await sender.refused(
        "/journeys", body | {"referral": {"reason": [SECRET], "initiator": NUMBER}}
    )
    journey = (await sender.post("/journeys", body))["id"]
    await sender.refused(f"/journeys/{NUMBER}/close", {"reason": "moved"})
    await tale.complete(world, journey, "assessment", tale.ASSESSMENT | {"summary": SECRET})
    await tale.complete(world, journey, "plan", tale.PLAN)
    handover = await sender.post(
        f"/journeys/{journey}/handovers", tale.handover(content={"reason": SECRET})
    )
    receiver = world.caller(tale.RECEIVER)
    await receiver.refused(f"/handovers/{handover['id']}/accept", {"takes_over": {"when": NUMBER}})
    await receiver.post(f"/handovers/{handover['id']}/ask", {"question": SECRET})
    left_at = await world.now(journey)
    await sender.post(f"/journeys/{journey}/facts/left", {"at": left_at.isoformat(), "to": SECRET})
    await world.fast_forward(journey, timedelta(hours=30))
    return str(journey)


async def test_no_log_and_no_mail_holds_what_identifies_a_patient(world: World) -> None:
    journey = await story_with_errors(world)
    await until(lambda: all_delivered(world, journey))
    folder = world.house.home / "logs"

    logs = {name: (folder / name).read_text(encoding="utf-8") for name in NAMES_OF_LOGS}
    logs["postgres"] = world.house.postgres.log.read_text(encoding="utf-8")
    logs["mail"] = "".join(m.as_string() + str(m.get_content()) for m in world.mails())  # type: ignore[attr-defined]

    for name, text in logs.items():
        assert text, f"{name} is empty: nothing was tested"
        for secret in (NUMBER, NUMBER[2:], NAME, SECRET, "Testpatient"):
            assert secret not in text, f"{name} holds a patient's data"


async def all_delivered(world: World, journey: str) -> bool:
    """Whether every notice of the journey has been delivered."""
    rows = await world.rows(
        "SELECT delivered_at FROM notice WHERE journey_id = :journey", journey=journey
    )
    return bool(rows) and all(r["delivered_at"] for r in rows)


async def test_every_line_is_json_with_a_service_and_requests_carry_a_correlation(
    world: World,
) -> None:
    await world.caller(tale.SENDER).http.get("/journeys", headers={"X-Correlation-Id": MINE})
    folder = world.house.home / "logs"

    lines = [
        json.loads(line)
        for name in ("api.log", "worker.log")
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]

    assert all({"service", "event", "level", "timestamp"} <= set(line) for line in lines)
    requests = [line for line in lines if line["event"] == "request"]
    assert all(re.fullmatch(r"[0-9A-Za-z]+", line["correlation_id"]) for line in requests)
    assert any(line["correlation_id"] == MINE for line in requests)


async def test_a_command_can_be_followed_from_the_door_to_the_record(world: World) -> None:
    journey = await tale.start(world)
    response = await world.caller(tale.SENDER).try_post(
        f"/journeys/{journey}/close", {"reason": "registered_in_error"}
    )
    correlation = response.headers["X-Correlation-Id"]

    text = (world.house.home / "logs" / "worker.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    recorded = next(line for line in lines if line.get("correlation_id") == correlation)

    assert (recorded["event"], recorded["journey_id"]) == ("recorded", journey)
    assert recorded["workflow_id"] == f"journey-{journey}"


async def test_mail_tells_that_something_waits_and_a_repetition_is_recognised(
    world: World,
) -> None:
    journey, _ = await tale.sent(world)
    await until(lambda: all_delivered(world, journey))

    mails = [m for m in world.mails() if journey in str(m["Message-ID"])]

    assert [m["Subject"] for m in mails] == ["Handslag: En överlämning har kommit till er enhet."]
