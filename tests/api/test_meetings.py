"""Meetings and the SIP over real HTTP: called, called anew, held, and read by those called."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from icalendar import Calendar

from tests.api import calls
from tests.api.care import (
    COLLEAGUE,
    HOME_HELPER,
    logged,
    of_protected,
    protect,
    shared,
    with_home_help,
)
from tests.stories import journeys as tale
from tests.world import Json, World

ASSESSOR, ASSESSORS = "vasteras-assessor", "SE0000000000-TESTK1980BIST"


def ahead(days: int = 3) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def summons(*units: str, **change: Any) -> Json:
    """The body of a summons in some days."""
    called = units or (tale.STROKE, tale.REHAB)
    given: Json = {"kind": "team", "starts_at": ahead(), "mode": "in_person", "place": "Rum 2"}
    return given | {"units": list(called)} | change


def held(sip: Json | None = None, **change: Any) -> Json:
    """The body that says what came of a meeting."""
    outcome = {
        "participants": [tale.STROKE, tale.REHAB],
        "participation": {"patient": "took_part"},
        "decisions": "Hem på fredag.",
        "sip": sip,
    }
    return {"at": datetime.now(UTC).isoformat(), "outcome": outcome | change}


def sip_content(responsible: str = tale.REHAB) -> Json:
    item = {
        "need": "Hjälp på morgonen.",
        "goal_own_words": "Klä mig själv.",
        "goal_professional": "Självständig påklädning.",
        "effort": "Träning varje morgon.",
        "responsible": responsible,
    }
    return {
        "items": [item],
        "main_responsibility": "municipality",
        "plan_owner": responsible,
        "follow_up_on": "2030-03-15",
    }


async def called(world: World, journey: str, *units: str, **change: Any) -> str:
    """The id of a meeting that was called just now."""
    headers = {"Idempotency-Key": uuid4().hex}
    path, body = f"/journeys/{journey}/meetings", summons(*units, **change)
    response = await world.caller(tale.SENDER).http.post(path, json=body, headers=headers)
    assert response.status_code == 201, response.text
    meeting: str = response.headers["Location"].rpartition("/")[2]
    return meeting


async def put(
    world: World, path: str, body: Json, by: str = tale.SENDER, key: str | None = None
) -> httpx.Response:
    """Call anew, whatever comes of it."""
    headers = {"Idempotency-Key": key or uuid4().hex}
    return await world.caller(by).http.put(path, json=body, headers=headers)


async def meetings(world: World, journey: str, by: str = tale.SENDER) -> list[Json]:
    found = await world.caller(by).get(f"/journeys/{journey}/meetings")
    items: list[Json] = found["items"]
    return items


async def calendar(world: World, meeting: str, by: str = tale.SENDER) -> tuple[str, Any]:
    """The calendar file's text, and its one meeting."""
    response = await world.caller(by).http.get(f"/meetings/{meeting}/calendar.ics")
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    return response.text, event


async def test_a_meeting_is_called_called_anew_and_held(world: World) -> None:
    journey = await shared(world)
    meeting = await called(world, journey)
    path, later = f"/journeys/{journey}/meetings/{meeting}", ahead(5)

    moved = await put(world, path, summons(starts_at=later, mode="video"), tale.RECEIVER)
    (planned,) = await meetings(world, journey)
    await world.caller(tale.SENDER).post(f"{path}/hold", held())
    (ended,) = await meetings(world, journey, tale.RECEIVER)

    assert moved.status_code == 200, moved.text
    assert (planned["id"], planned["revision"], planned["mode"]) == (meeting, 1, "video")
    assert planned["called_by"] == tale.REHAB
    assert datetime.fromisoformat(planned["starts_at"]) == datetime.fromisoformat(later)
    assert (planned["state"], planned["outcome"]) == ("planned", None)
    assert (ended["state"], ended["outcome"]["decisions"]) == ("held", "Hem på fredag.")


async def test_the_same_key_calls_one_meeting(world: World) -> None:
    journey, alice, body = await tale.start(world), world.caller(tale.SENDER), summons()
    path = f"/journeys/{journey}/meetings"

    answers = [await alice.try_post(path, body, "k") for _ in range(2)]

    assert [a.status_code for a in answers] == [201] * 2
    assert len({a.headers["Location"] for a in answers}) == 1
    assert [m["revision"] for m in await meetings(world, journey)] == [0]


async def test_the_same_key_calls_anew_once(world: World) -> None:
    journey = await tale.start(world)
    meeting, body = await called(world, journey), summons(minutes=30)
    path = f"/journeys/{journey}/meetings/{meeting}"

    answers = [await put(world, path, body, key="anew") for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert [m["revision"] for m in await meetings(world, journey)] == [1]


async def test_only_a_known_meeting_is_called_anew_held_or_cancelled(world: World) -> None:
    journey, other = await tale.start(world), await tale.start(world)
    elsewhere = await called(world, other)
    alice = world.caller(tale.SENDER)
    path = f"/journeys/{journey}/meetings/{elsewhere}"

    responses = [
        await put(world, path, summons()),
        await alice.try_post(f"{path}/hold", held()),
        await alice.try_post(f"{path}/cancel", {"reason": "Förkyld."}),
    ]

    assert [calls.code(r, 404) for r in responses] == ["meeting_unknown"] * 3
    assert await meetings(world, journey) == []


async def test_only_units_of_the_catalogue_are_called_and_take_part(world: World) -> None:
    journey, nobody = await tale.start(world), "SE0000000000-TESTNOBODY"
    meeting, alice = await called(world, journey), world.caller(tale.SENDER)
    path = f"/journeys/{journey}/meetings"

    summoned = await alice.refused(path, summons(tale.STROKE, nobody))
    took_part = await alice.refused(f"{path}/{meeting}/hold", held(participants=[nobody]))

    assert [(r["code"], r["fields"][0]["field"]) for r in (summoned, took_part)] == [
        ("unit_unknown", "units.1"),
        ("unit_unknown", "outcome.participants.0"),
    ]


async def test_a_called_unit_reads_when_and_where_and_nothing_of_the_patient(
    world: World,
) -> None:
    journey = await tale.planned(world)
    meeting = await called(world, journey, tale.STROKE, ASSESSORS)
    assessor = world.caller(ASSESSOR)

    invitation = await assessor.get(f"/meetings/{meeting}")
    others = [await assessor.http.get(f"/journeys/{journey}{p}") for p in ("", "/meetings")]

    assert set(invitation) == {
        *("id", "kind", "state", "starts_at", "minutes", "mode", "place", "revision"),
        "called_by",
    }
    assert (invitation["kind"], invitation["place"]) == ("team", "Rum 2")
    assert invitation["called_by"]["hsa_id"] == tale.STROKE
    assert invitation["called_by"]["contacts"][0]["phone"] == "010-000 00 00"
    assert "Testpatient" not in str(invitation) and journey not in str(invitation)
    assert [calls.code(r, 404) for r in others] == ["journey_unknown"] * 2
    assert await logged(world, journey) == []


async def test_a_unit_that_is_not_called_any_more_reads_nothing_more(world: World) -> None:
    journey = await tale.start(world)
    meeting = await called(world, journey, tale.STROKE, ASSESSORS)
    path = f"/journeys/{journey}/meetings/{meeting}"

    moved = await put(world, path, summons(tale.STROKE, tale.REHAB))

    response = await world.caller(ASSESSOR).http.get(f"/meetings/{meeting}")
    assert moved.status_code == 200
    assert calls.code(response, 404) == "meeting_unknown"
    assert (await world.caller(tale.RECEIVER).get(f"/meetings/{meeting}"))["revision"] == 1


async def test_an_outsider_learns_of_no_meeting(world: World) -> None:
    journey = await tale.start(world)
    meeting, charlie = await called(world, journey), world.caller(tale.OUTSIDER)
    path = f"/journeys/{journey}/meetings"

    of_journey = [
        await charlie.http.get(path),
        await charlie.try_post(path, summons()),
        await put(world, f"{path}/{meeting}", summons(), tale.OUTSIDER),
        await charlie.try_post(f"{path}/{meeting}/cancel", {"reason": "Förkyld."}),
        await charlie.try_post(f"{path}/{meeting}/hold", held()),
    ]
    alone = [
        await charlie.http.get(f"/meetings/{meeting}"),
        await charlie.http.get(f"/meetings/{meeting}/calendar.ics"),
    ]

    assert [calls.code(r, 404) for r in of_journey] == ["journey_unknown"] * 5
    assert [calls.code(r, 404) for r in alone] == ["meeting_unknown"] * 2


async def test_the_calendar_file_says_when_and_nothing_about_anybody(world: World) -> None:
    journey, start = await tale.start(world), ahead()
    meeting = await called(world, journey, tale.STROKE, ASSESSORS, starts_at=start, minutes=45)

    text, event = await calendar(world, meeting, ASSESSOR)

    assert (event["UID"], event["SEQUENCE"]) == (meeting, 0)
    assert event.decoded("DTSTART") == datetime.fromisoformat(start).replace(microsecond=0)
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=45)
    assert "METHOD:PUBLISH" in text
    for said in ("Testpatient", journey, "Strokeenhet", "stroke", "Rum 2", tale.STROKE):
        assert said not in text


async def test_a_newer_calendar_file_replaces_an_older_one_and_a_cancelled_one_ends_it(
    world: World,
) -> None:
    journey = await tale.start(world)
    meeting = await called(world, journey)
    path = f"/journeys/{journey}/meetings/{meeting}"
    await put(world, path, summons(starts_at=ahead(6)))
    _, moved = await calendar(world, meeting)

    await world.caller(tale.SENDER).post(f"{path}/cancel", {"reason": "Förkyld."})

    text, ended = await calendar(world, meeting)
    assert (moved["SEQUENCE"], moved["STATUS"]) == (1, "CONFIRMED")
    assert (ended["UID"], ended["STATUS"]) == (moved["UID"], "CANCELLED")
    assert "METHOD:CANCEL" in text
    assert "Förkyld" not in text
    assert ended.decoded("DTSTAMP") >= moved.decoded("DTSTAMP")


async def test_social_services_read_what_came_of_the_meetings_that_they_were_called_to(
    world: World,
) -> None:
    journey = await with_home_help(world)
    own = await called(world, journey, tale.STROKE, calls.HOME_HELP)
    others = await called(world, journey, tale.STROKE, tale.REHAB)
    for meeting in (own, others):
        path = f"/journeys/{journey}/meetings/{meeting}/hold"
        await world.caller(tale.SENDER).post(path, held())

    seen = {m["id"]: m["outcome"] for m in await meetings(world, journey, HOME_HELPER)}

    assert seen[own]["decisions"] == "Hem på fredag."
    assert seen[others] is None


async def test_each_reading_of_a_journeys_meetings_is_a_line_in_the_log(world: World) -> None:
    journey = await tale.start(world)

    await meetings(world, journey)
    await world.caller(tale.SENDER).get(f"/journeys/{journey}/sip")

    assert await logged(world, journey) == [(tale.SENDER, "meetings"), (tale.SENDER, "sip")]


async def test_a_sip_is_needed_agreed_to_called_held_and_closed(world: World) -> None:
    journey = await with_home_help(world)
    path, alice = f"/journeys/{journey}/sip", world.caller(tale.SENDER)
    home_help = world.caller(HOME_HELPER)
    nothing = await alice.get(path)
    await home_help.post(f"{path}/need", {"needed": True, "reason": "Båda behövs."})
    too_early = await alice.refused(f"/journeys/{journey}/meetings", summons(kind="sip"))
    consent = {"given": True, "at": datetime.now(UTC).isoformat()}
    await alice.post(f"{path}/consent", consent)
    meeting = await called(world, journey, tale.STROKE, calls.HOME_HELP, kind="sip")
    before = await home_help.get(path)

    held_path = f"/journeys/{journey}/meetings/{meeting}/hold"
    await alice.post(held_path, held(sip_content(calls.HOME_HELP)))
    made = await home_help.get(path)
    await alice.post(f"{path}/close", {"reason": "Insatserna är klara."})
    closed = await alice.get(path)

    assert nothing == {"sip": None, "content": None}
    assert too_early["code"] == "sip_consent_missing"
    assert before["sip"]["decided_by"] == calls.HOME_HELP
    assert (before["sip"]["consent"], before["content"]) == (True, None)
    assert made["sip"]["plan_owner"] == calls.HOME_HELP
    assert made["content"]["items"][0]["goal_own_words"] == "Klä mig själv."
    assert closed["sip"]["closed_at"]
    assert closed["content"] == made["content"]


async def test_a_sip_without_its_content_is_refused_by_field(world: World) -> None:
    journey, alice = await tale.start(world), world.caller(tale.SENDER)
    meeting = await called(world, journey)
    path = f"/journeys/{journey}/meetings/{meeting}/hold"

    problem = await alice.refused(path, held(sip_content()))

    assert problem["code"] == "content_invalid"
    assert [f["field"] for f in problem["fields"]] == ["outcome.sip"]


@pytest.mark.parametrize("by", [tale.RECEIVER, tale.OUTSIDER])
async def test_who_is_no_part_of_it_learns_of_no_sip(world: World, by: str) -> None:
    journey, _ = await tale.sent(world)
    path, caller = f"/journeys/{journey}/sip", world.caller(by)
    consent = {"given": True, "at": datetime.now(UTC).isoformat()}

    responses = [
        await caller.http.get(path),
        await caller.try_post(f"{path}/need", {"needed": True, "reason": "Båda behövs."}),
        await caller.try_post(f"{path}/consent", consent),
        await caller.try_post(f"{path}/close", {"reason": "Klar."}),
    ]

    assert [calls.code(r, 404) for r in responses] == ["journey_unknown"] * 4


async def test_where_a_protected_patient_is_met_is_for_the_named_group(world: World) -> None:
    journey = await of_protected(world)
    meeting = await called(world, journey, tale.STROKE, ASSESSORS)
    await protect(world, journey)

    (whole,) = await meetings(world, journey)
    (masked,) = await meetings(world, journey, COLLEAGUE)
    invited = await world.caller(COLLEAGUE).get(f"/meetings/{meeting}")
    sip = await world.caller(COLLEAGUE).http.get(f"/journeys/{journey}/sip")
    path = f"/journeys/{journey}/meetings"
    named = await world.caller(tale.SENDER).refused(path, summons(place="Hemma"))
    await protect(world, journey, "none")

    assert (whole["place"], masked["place"], invited["place"]) == (None, None, None)
    assert whole["revision"] == 1, "the place was taken out when protection began"
    assert masked["starts_at"] == whole["starts_at"]
    assert calls.code(sip, 403) == "patient_protected"
    assert [(f["field"], f["rule"]) for f in named["fields"]] == [("place", "patient_protected")]
