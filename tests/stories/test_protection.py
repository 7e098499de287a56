"""A patient whose data become protected: masked for most, lost by nobody, told of to few."""

import re
from datetime import timedelta
from uuid import uuid4

from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.stories.hands import both, rehab_at
from tests.stories.holders import holders
from tests.world import Caller, Json, World, until

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ARBOGA = "SE0000000000-TESTK1984REH"
NUMBER = "195312242083"
NOW = {"takes_over": {"when": "now"}}
WHERE = {
    "housing": "Tredje våningen utan hiss",
    "close_persons": "Syster i samma hus",
    "destination": "Systerns lägenhet",
}
MASK = {
    "system": "masked",
    "value": "",
    "name": "Skyddad patient – ring avsändaren",
    "name_en": "Protected patient: call the sender",
}
WHOLE = {"system": "personnummer", "value": NUMBER, "name": "Testpatient 01"}
RECEIVER = {"to": tale.IHR, "part": "rehab"}
LOGS = ("api.log", "worker.log")
FOLLOW_UP = {
    "kind": "follow_up",
    "participation": {"patient": "took_part"},
    "measurements": tale.INSTRUMENTS,
    "next": {"decision": "close", "reason": "goals_met"},
}


async def test_a_protected_patient_is_masked_and_carried_to_the_end(
    world: World, cast: Cast
) -> None:
    secret = f"Hemligt {uuid4().hex}"
    journey = await begun(world, secret)
    first = await send(world, journey, tale.REHAB, WHERE)
    ward, group = world.caller(tale.SENDER), world.caller(tale.RECEIVER)
    colleague, clinician = cast.at(tale.REHAB, "demo-at-9"), world.caller("stroke-clinician")
    await colleague.get(f"/handovers/{first}")
    assert await holders(world, journey) == both(tale.STROKE)

    queued = await protect_with_mail_waiting(world, journey)

    assert queued and set(queued) <= set(await silenced(world, journey))
    assert await holders(world, journey) == both(tale.STROKE)
    await is_masked(clinician, journey)
    await is_masked_handover(colleague, tale.REHAB, first)
    await no_reading_tells(clinician, colleague, journey, first, secret)
    await is_whole(ward, group, journey, first, secret)
    await stranger_finds_nothing(world, journey, first)
    readers = (await ward.http.get(f"/journeys/{journey}/openings")).json()
    assert (tale.REHAB, "demo-at-9", "handover") in {
        (o["unit"], o["subject"], o["action"]) for o in readers
    }

    await group.post(f"/handovers/{first}/decline", {"reason": "no_capacity"})
    assert await holders(world, journey) == both(tale.STROKE)
    await nothing_is_agreed_beforehand(world, cast, journey)
    assert await holders(world, journey) == both(tale.STROKE)

    await taken_over_and_closed(world, journey)
    await only_inboxes_were_told(world, journey)
    assert await holders(world, journey, group) == both(tale.REHAB)
    await is_masked(clinician, journey)
    await stranger_finds_nothing(world, journey, first)
    logs_hold_nothing(world, secret)


async def begun(world: World, secret: str) -> str:
    """A planned journey whose assessment holds a secret."""
    body = {
        "patient": {"number": NUMBER, "name": "Testpatient 01"},
        "pathway": "stroke-rehab",
        "unit": tale.STROKE,
        "referral": {
            "reason": "Stroke.",
            "initiator": "hospital",
            "figures": {"municipality": "1980"},
        },
        "overlap_reason": "Prov",
    }
    journey = str((await world.caller(tale.SENDER).post("/journeys", body))["id"])
    await tale.complete(world, journey, "assessment", tale.ASSESSMENT | {"summary": secret})
    await tale.complete(world, journey, "plan", tale.PLAN)
    return journey


async def send(world: World, journey: str, to: str, content: Json) -> str:
    """A handover of the rehab part."""
    body = tale.handover(to, content=content)
    sent = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    return str(sent["id"])


async def protect_with_mail_waiting(world: World, journey: str) -> list[str]:
    """Protect the patient while mail cannot get out; the notices that waited then."""
    mail = world.servers.services["mail"]
    undelivered = (
        "SELECT id FROM notice WHERE journey_id = :id AND (attempts > 0 OR not_before > now())"
        " AND channel = 'mail' AND delivered_at IS NULL ORDER BY id"
    )

    async def waiting() -> list[str]:
        return [row["id"] for row in await world.rows(undelivered, id=journey)]

    await mail.stop()
    try:
        await world.fast_forward(journey, 13 * HOUR)
        queued: list[str] = await until(waiting)
        change = {
            "at": (await world.now(journey)).isoformat(),
            "protection": "protected_registration",
        }
        path = f"/journeys/{journey}/facts/protected-changed"
        await world.caller(tale.SENDER).post(path, change)
    finally:
        await mail.start()
    return queued


async def silenced(world: World, journey: str, *, and_delivered: bool = False) -> list[str]:
    """The notices that were silenced before they got out; or those that got out all the same."""
    found = "SELECT id, delivered_at FROM notice WHERE journey_id = :id AND silenced_at IS NOT NULL"
    rows = await world.rows(found, id=journey)
    return [row["id"] for row in rows if row["delivered_at"] or not and_delivered]


async def is_masked(caller: Caller, journey: str) -> None:
    """There, in the list too, with its holders; and nothing that says who, what or where."""
    whole = await caller.get(f"/journeys/{journey}")
    listed = await caller.get("/journeys", open=False, limit=100)
    log = await caller.http.get(f"/journeys/{journey}/events")

    assert journey in [line["id"] for line in listed["items"]]
    assert (whole["patient"], whole["contents"], whole["recorded_visits"]) == (MASK, {}, [])
    assert (whole["municipality"], whole["care"]["plans"]) == (None, [])
    assert (log.status_code, log.json()["code"]) == (403, "patient_protected")


async def is_masked_handover(caller: Caller, unit: str, handover: str) -> None:
    """The same in the inbox, and the handover with both sides' telephones."""
    inbox = await caller.get(f"/units/{unit}/inbox", limit=100)
    item = next(i for i in inbox["items"] if i["id"] == handover)
    whole = await caller.get(f"/handovers/{handover}")

    assert (item["patient"], item["reason"], item["requested"]) == (MASK, "", "")
    assert (whole["patient"], whole["content"], whole["thread"]) == (MASK, {}, [])
    assert whole["sender"]["contacts"][0]["phone"] == "010-000 00 00"


async def readings(caller: Caller, journey: str, handover: str) -> list[str]:
    """Every address below a journey or a handover that the doors let anybody read."""
    described = await caller.get("/openapi.json")
    below = ({"journey_id"}, {"handover_id"})
    found = [
        path.removeprefix("/api/v1").format(journey_id=journey, handover_id=handover)
        for path, methods in described["paths"].items()
        if "get" in methods and set(re.findall(r"{(\w+)}", path)) in below
    ]
    assert len(found) > 8
    return found


async def no_reading_tells(
    clinician: Caller, colleague: Caller, journey: str, handover: str, secret: str
) -> None:
    """Whoever is not in the group learns nothing from any reading that there is."""
    secrets = (NUMBER, "Testpatient", secret, str(tale.PLAN["summary_assessment"]), *WHERE.values())
    for path in await readings(clinician, journey, handover):
        for caller in (clinician, colleague):
            got = await caller.http.get(path, params=RECEIVER)
            told = [text for text in secrets if text in got.text]
            assert (path, got.status_code in (200, 403, 404), told) == (path, True, [])
            assert "json" in got.headers["content-type"], f"{path}: a file cannot be masked"


async def is_whole(ward: Caller, group: Caller, journey: str, handover: str, secret: str) -> None:
    """The named group of each unit sees it as it was."""
    here = await ward.get(f"/journeys/{journey}")
    there = await group.get(f"/handovers/{handover}")

    assert (here["patient"], here["municipality"]) == (WHOLE, "1980")
    assert here["contents"]["1.assessment"]["summary"] == secret
    assert there["patient"] == WHOLE
    assert WHERE.items() <= there["content"].items()


async def stranger_finds_nothing(world: World, journey: str, handover: str) -> None:
    """Another organisation does not even learn that there is something."""
    outsider = world.caller(tale.OUTSIDER)
    for path in await readings(outsider, journey, handover):
        got = await outsider.http.get(path, params=RECEIVER)
        assert (path, got.status_code) == (path, 404)
    listed = await outsider.get("/journeys", open=False, limit=100)
    assert journey not in [line["id"] for line in listed["items"]]


async def nothing_is_agreed_beforehand(world: World, cast: Cast, journey: str) -> None:
    """Arboga has said yes to the region beforehand: not for this patient, nor where she is."""
    discharge = (await world.now(journey) + 3 * DAY).isoformat()
    handover = await send(world, journey, ARBOGA, WHERE | {"estimated_discharge_at": discharge})
    ward, arboga = world.caller(tale.SENDER), cast.at(ARBOGA)

    sent = await ward.get(f"/handovers/{handover}")
    assert (sent["standing"], sent["state"]) == (False, "received")
    assert not [name for name in WHERE if sent["content"][name]]
    await is_masked_handover(arboga, ARBOGA, handover)
    log = await ward.get(f"/journeys/{journey}/events", limit=200)
    withheld = [i["what"]["withheld"] for i in log["items"] if i["type"] == "handover_sent"]
    assert [sorted(names) for names in withheld] == [[], sorted(WHERE)]
    await ward.post(f"/handovers/{handover}/withdraw", {"reason": "no_longer_needed"})


async def taken_over_and_closed(world: World, journey: str) -> None:
    """Västerås takes both parts over, works, follows up and closes."""
    ward, group = world.caller(tale.SENDER), world.caller(tale.RECEIVER)
    rehab = await send(world, journey, tale.REHAB, {})
    await group.post(f"/handovers/{rehab}/accept", NOW)
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    body = tale.handover(
        tale.REHAB, part="coordination", purpose="take_over", step="handover_coordination"
    )
    coordination = (await ward.post(f"/journeys/{journey}/handovers", body))["id"]
    await group.post(f"/handovers/{coordination}/accept", NOW)
    assert await holders(world, journey, group) == both(tale.REHAB)

    met_at = (await world.now(journey)).isoformat()
    for handover in (rehab, coordination):
        await group.post(f"/handovers/{handover}/first-contact", {"at": met_at})
    done = {"kind": "intervention", "result": "Går själv.", "ended_because": "goals_met"}
    await tale.complete(world, journey, "intervention", done, tale.RECEIVER)
    assert await holders(world, journey, group) == both(tale.REHAB)
    closed = await tale.complete(world, journey, "follow_up", FOLLOW_UP, tale.RECEIVER)
    assert closed["state"] == "closed"


async def only_inboxes_were_told(world: World, journey: str) -> None:
    """From the change on no mail; the inbox is told as before; what was silenced stayed so."""
    changed = await world.rows(
        "SELECT seq FROM event WHERE journey_id = :id AND type = 'protection_changed'", id=journey
    )
    since = "SELECT channel, delivered_at FROM notice WHERE journey_id = :id AND seq > :seq"

    async def all_told() -> set[str]:
        rows = await world.rows(since, id=journey, seq=changed[0]["seq"])
        return {r["channel"] for r in rows} if all(r["delivered_at"] for r in rows) else set()

    assert await until(all_told) == {"inbox"}
    assert not await silenced(world, journey, and_delivered=True)


def logs_hold_nothing(world: World, secret: str) -> None:
    """No log knows the patient, or what was written."""
    folder = world.house.home / "logs"
    texts = [(folder / name).read_text(encoding="utf-8") for name in LOGS]
    texts.append(world.house.postgres.log.read_text(encoding="utf-8"))
    secrets = re.compile("|".join(map(re.escape, (NUMBER[2:], secret, *WHERE.values()))))
    assert all(texts)
    assert not [found for text in texts for found in secrets.findall(text)]
