"""Who sees what: no patient without a part in the care; each reading is logged."""

import pytest

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World, until

NOW: Json = {"takes_over": {"when": "now"}}
UNITS_PATIENT = "Testpatient"


async def status(world: World, username: str, path: str) -> int:
    return (await world.caller(username).http.get(path)).status_code


async def inbox_of(world: World, username: str, unit: str) -> set[str]:
    page = await world.caller(username).get(f"/units/{unit}/inbox", limit=200, open=False)
    return {item["id"] for item in page["items"]}


async def journeys_of(world: World, username: str) -> set[str]:
    page = await world.caller(username).get("/journeys", limit=200, open=False)
    return {item["id"] for item in page["items"]}


async def test_an_outsider_sees_nothing_and_learns_of_nothing(world: World) -> None:
    journey, handover = await tale.sent(world)
    charlie = world.caller(tale.OUTSIDER)

    reads = [
        await charlie.http.get(path)
        for path in (
            f"/journeys/{journey}",
            f"/journeys/{journey}/events",
            f"/handovers/{handover}",
        )
    ]
    nowhere = [
        await charlie.http.get(path)
        for path in ("/journeys/x", "/journeys/x/events", "/handovers/x")
    ]

    assert [calls.refusal(r, 404) for r in reads] == [calls.refusal(r, 404) for r in nowhere]
    assert journey not in await journeys_of(world, tale.OUTSIDER)
    assert handover not in await inbox_of(world, tale.OUTSIDER, tale.SALA)


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("journeys/{j}/close", {"reason": "other_plan"}),
        ("journeys/{j}/steps/plan/skip", {"reason": "x"}),
        ("journeys/{j}/facts/left", {"at": "2026-10-05T09:00:00+02:00", "to": "Hem"}),
        ("journeys/{j}/handovers", tale.handover()),
        ("handovers/{h}/acknowledge", None),
        ("handovers/{h}/accept", NOW),
        ("handovers/{h}/decline", {"reason": "no_capacity"}),
        ("handovers/{h}/withdraw", {"reason": "wrong_patient"}),
    ],
)
async def test_an_outsider_can_do_nothing(world: World, what: str, body: Json | None) -> None:
    journey, handover = await tale.sent(world)
    events = len(await world.events(journey))

    response = await world.caller(tale.OUTSIDER).try_post(
        "/" + what.format(j=journey, h=handover), body
    )

    assert calls.code(response, 404) in ("journey_unknown", "handover_unknown")
    assert len(await world.events(journey)) == events


@pytest.mark.parametrize("what", ["inbox", "messages"])
@pytest.mark.parametrize("unit", [tale.REHAB, tale.STROKE, "SE0000000000-NOWHERE"])
async def test_nobody_reads_another_units_inbox(world: World, what: str, unit: str) -> None:
    response = await world.caller(tale.OUTSIDER).http.get(f"/units/{unit}/{what}")

    assert calls.code(response, 403) == "not_your_unit"


async def test_the_receiver_sees_the_handover_and_the_journey_only_once_it_holds(
    world: World,
) -> None:
    journey, handover = await tale.sent(world)
    path = f"/journeys/{journey}"

    before = [await status(world, tale.RECEIVER, p) for p in (f"/handovers/{handover}", path)]
    accepted = await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/accept", NOW)
    after = [await status(world, tale.RECEIVER, p) for p in (path, f"{path}/events")]

    assert before == [200, 404]
    assert accepted["holder"] == tale.REHAB
    assert after == [200, 200]
    assert journey in await journeys_of(world, tale.RECEIVER)
    assert journey in await journeys_of(world, tale.SENDER)


@pytest.mark.parametrize(
    ("by", "what", "reason"),
    [
        (tale.RECEIVER, "decline", "wrong_target_group"),
        (tale.SENDER, "withdraw", "wrong_receiver"),
    ],
)
async def test_after_a_no_the_receiver_sees_nothing_more(
    world: World, by: str, what: str, reason: str
) -> None:
    journey, handover = await tale.sent(world)
    assert handover in await inbox_of(world, tale.RECEIVER, tale.REHAB)

    await world.caller(by).post(f"/handovers/{handover}/{what}", {"reason": reason})

    assert await status(world, tale.RECEIVER, f"/handovers/{handover}") == 404
    assert handover not in await inbox_of(world, tale.RECEIVER, tale.REHAB)
    assert await status(world, tale.SENDER, f"/handovers/{handover}") == 200
    assert await status(world, tale.SENDER, f"/journeys/{journey}") == 200


async def test_a_repeated_no_still_gets_its_answer(world: World) -> None:
    _, handover = await tale.sent(world)
    bob, body = world.caller(tale.RECEIVER), {"reason": "no_capacity"}
    first = await bob.try_post(f"/handovers/{handover}/decline", body, f"no-{handover}")

    again = await bob.try_post(f"/handovers/{handover}/decline", body, f"no-{handover}")
    by_another = await world.caller("vasteras-rehab-manager").try_post(
        f"/handovers/{handover}/decline", body, f"no-{handover}"
    )

    assert (again.status_code, again.json()) == (200, first.json())
    assert calls.code(by_another, 404) == "handover_unknown"


async def test_the_inbox_shows_what_is_asked_and_whose_patient_it_is(world: World) -> None:
    _, handover = await tale.sent(world)

    page = await world.caller(tale.RECEIVER).get(f"/units/{tale.REHAB}/inbox")

    item = next(i for i in page["items"] if i["id"] == handover)
    assert item["patient"]["name"].startswith(UNITS_PATIENT)
    assert (item["requested"], item["holder"]) == ("Första hembesök inom en vardag.", tale.STROKE)
    assert item["available_actions"][0] == "acknowledge"
    assert {c["kind"] for c in item["clocks"]} == {"acknowledged", "accepted"}


async def test_the_functions_of_a_unit_read_what_they_were_told(world: World) -> None:
    _, handover = await tale.sent(world)

    async def told() -> list[Json]:
        response = await world.caller(tale.RECEIVER).http.get(
            f"/units/{tale.REHAB}/messages?limit=200"
        )
        return [m for m in response.json() if m["subject"] == handover]

    messages: list[Json] = await until(told)

    assert [(m["kind"], m["function"]) for m in messages] == [("handover_arrived", "inbox")]


@pytest.mark.parametrize("username", ["regional-rehab", "region-operations"])
async def test_a_manager_of_a_branch_sees_what_is_late_and_no_patient(
    world: World, username: str
) -> None:
    journey, handover = await tale.sent(world)
    await calls.make_late(world, journey)
    manager = world.caller(username)

    board = await manager.http.get("/overdue", params={"limit": 200})

    late = [i for i in board.json()["items"] if i["journey_id"] == journey]
    assert {i["kind"] for i in late} >= {"acknowledged", "accepted"}
    numbers = [r["value"] for r in await world.rows("SELECT value FROM patient")]
    assert not any(number in board.text for number in numbers)
    assert UNITS_PATIENT not in board.text
    for path in ("/journeys", f"/journeys/{journey}", f"/handovers/{handover}"):
        assert calls.code(await manager.http.get(path), 403) == "role_not_enough"


async def test_each_reading_of_a_patient_is_a_line_in_the_log(world: World) -> None:
    journey, handover = await tale.sent(world)
    alice, bob = world.caller(tale.SENDER), world.caller(tale.RECEIVER)

    await alice.get(f"/journeys/{journey}")
    await alice.get(f"/journeys/{journey}/events")
    await bob.get(f"/handovers/{handover}")
    await bob.get(f"/units/{tale.REHAB}/inbox", limit=200)
    await world.caller(tale.OUTSIDER).http.get(f"/journeys/{journey}")

    lines = await world.rows(
        "SELECT subject, unit, action, correlation_id, j.patient_id = a.patient_id AS right_one"
        " FROM access_log a JOIN journey j ON j.id = a.journey_id"
        " WHERE journey_id = :id ORDER BY a.id",
        id=journey,
    )
    assert [(line["subject"], line["unit"], line["action"]) for line in lines] == [
        (tale.SENDER, tale.STROKE, "journey"),
        (tale.SENDER, tale.STROKE, "events"),
        (tale.RECEIVER, tale.REHAB, "handover"),
        (tale.RECEIVER, tale.REHAB, "inbox"),
    ]
    assert all(line["correlation_id"] and line["right_one"] for line in lines)


async def test_the_log_of_readings_is_numbered_without_gaps_and_chained(world: World) -> None:
    journey = await tale.start(world)
    await world.caller(tale.SENDER).get(f"/journeys/{journey}")

    lines = await world.rows(
        "SELECT id, previous_hash, hash, encode(sha256(convert_to(concat_ws('|', id,"
        " previous_hash, extract(epoch FROM at), subject, unit, journey_id, patient_id, action,"
        " correlation_id), 'UTF8')), 'hex') AS sealed FROM access_log ORDER BY id"
    )

    assert [line["id"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["previous_hash"] for line in lines] == [
        "0" * 64,
        *(line["hash"] for line in lines[:-1]),
    ]
    assert all(line["hash"] == line["sealed"] for line in lines)


async def test_social_services_read_their_own_handover_and_not_what_health_care_wrote(
    world: World,
) -> None:
    journey, to_rehab = await tale.sent(world)
    body = tale.handover(calls.HOME_HELP, part="home_help", step=None)
    to_home_help = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    home_help = world.caller("vasteras-homehelp")
    await home_help.post(f"/handovers/{to_home_help['id']}/accept", {"takes_over": {"when": "now"}})

    whole = await home_help.get(f"/journeys/{journey}")

    assert (whole["contents"], whole["recorded_visits"]) == ({}, [])
    assert [h["id"] for h in whole["handovers"]] == [to_home_help["id"]]
    assert await status(world, "vasteras-homehelp", f"/handovers/{to_home_help['id']}") == 200
    assert await status(world, "vasteras-homehelp", f"/handovers/{to_rehab}") == 404
    assert await status(world, "vasteras-homehelp", f"/journeys/{journey}/events") == 403
    assert (await world.caller(tale.SENDER).get(f"/journeys/{journey}"))["contents"]
