"""Answers on paper over HTTP: who may write in a slip, what is refused, and how it is found."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from tests.api import calls
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.world import Caller, Json, World
from web.downtime_facts import short_reference

HOUR = timedelta(hours=1)
ANSWERS: dict[str, Json] = {
    "acknowledge": {},
    "accept": {"takes_over": {"when": "now"}},
    "decline": {"reason": "no_capacity"},
}


@pytest.fixture
async def cast(world: World) -> AsyncIterator[Cast]:
    """Staff of units that the demo has no users for."""
    found = Cast(world)
    yield found
    await found.close()


def paper(at: datetime) -> Json:
    """A slip that was filled in at an instant."""
    return {"paper": {"function": "Samordnare", "at": at.isoformat()}}


def call(at: datetime) -> Json:
    """Somebody who answered the telephone."""
    said = {"name": "Demo Personal", "function": "Sjuksköterska", "number": "010-000 00 00"}
    return {"call": said | {"at": at.isoformat()}}


async def refused(caller: Caller, handover: str, answer: str, body: Json) -> str:
    """The code of the no to an answer."""
    given = await caller.refused(f"/handovers/{handover}/{answer}", ANSWERS[answer] | body)
    code: str = given["code"]
    return code


@pytest.mark.parametrize("answer", ANSWERS)
async def test_what_no_slip_can_say_is_refused(world: World, answer: str) -> None:
    journey, handover = await tale.sent(world)
    receiver, ward = world.caller(tale.RECEIVER), world.caller(tale.SENDER)
    await world.fast_forward(journey, 2 * HOUR)
    now = await world.now(journey)
    slip = paper(now - HOUR)

    assert await refused(receiver, handover, answer, paper(now + HOUR)) == "instant_in_future"
    early = paper(now - 3 * HOUR)
    assert await refused(receiver, handover, answer, early) == "paper_before_sending"
    both = slip | call(now - HOUR)
    assert await refused(receiver, handover, answer, both) == "request_invalid"
    assert await refused(ward, handover, answer, slip) == "not_receiver"
    outsider = world.caller(tale.OUTSIDER)
    assert await refused(outsider, handover, answer, slip) == "handover_unknown"
    for odd in ({"at": "Friday"}, {"function": ""}, {"function": "x" * 201}, {"name": "x"}):
        wrong = {"paper": slip["paper"] | odd}
        assert await refused(receiver, handover, answer, wrong) == "request_invalid"
    assert (await receiver.get(f"/handovers/{handover}"))["acknowledged_at"] is None


@pytest.mark.parametrize("answer", ANSWERS)
async def test_who_wrote_it_in_does_not_confirm_it_and_a_colleague_does(
    world: World, cast: Cast, answer: str
) -> None:
    journey, handover = await tale.sent(world)
    first, second = cast.at(tale.REHAB, "demo-staff-1"), cast.at(tale.REHAB, "demo-staff-2")
    await world.fast_forward(journey, 2 * HOUR)
    body = ANSWERS[answer] | paper(await world.now(journey) - HOUR)
    await first.post(f"/handovers/{handover}/{answer}", body)

    alone = await first.try_post(f"/handovers/{handover}/confirm")
    confirmed = await second.post(f"/handovers/{handover}/confirm")

    assert calls.code(alone, 403) == "second_person_missing"
    assert confirmed["provisional_since"] is None


async def test_a_slip_leads_to_its_handover_for_both_sides(world: World) -> None:
    _, handover = await tale.sent(world)
    reference = short_reference(handover)
    written = (reference, reference.lower(), reference.replace("-", ""))

    for username in (tale.RECEIVER, tale.SENDER):
        caller = world.caller(username)
        for way in written:
            found = await caller.get(f"/handovers/by-slip/{way}")
            assert found == {"reference": way, "handover_id": handover}


async def test_a_slip_of_others_or_of_nothing_is_unknown(world: World) -> None:
    journey, handover = await tale.sent(world)
    outsider, ward = world.caller(tale.OUTSIDER), world.caller(tale.SENDER)

    theirs = await outsider.http.get(f"/handovers/by-slip/{short_reference(handover)}")
    nothing = await ward.http.get("/handovers/by-slip/0000-0000-0000")
    no_handover = await ward.http.get(f"/handovers/by-slip/{short_reference(journey)}")
    watching = await world.caller("vasteras-catalogue").http.get(
        f"/handovers/by-slip/{short_reference(handover)}"
    )

    assert calls.code(theirs, 404) == "slip_unknown"
    assert calls.code(nothing, 404) == "slip_unknown"
    assert calls.code(no_handover, 404) == "slip_unknown"
    assert calls.code(watching, 403) == "role_not_enough"


TWIN = """INSERT INTO handover
    SELECT (jsonb_populate_record(h, jsonb_build_object('id', CAST(:twin AS text)))).*
    FROM handover h WHERE id = :id"""


async def test_a_reference_that_two_handovers_share_is_said(world: World) -> None:
    _, handover = await tale.sent(world)
    twin = handover[:13] + ("-0000" if handover[13:18] != "-0000" else "-1111") + handover[18:]
    async with world.owner.begin() as connection:
        await connection.execute(text(TWIN), {"twin": twin, "id": handover})
    try:
        path = f"/handovers/by-slip/{short_reference(handover)}"
        response = await world.caller(tale.RECEIVER).http.get(path)
    finally:
        async with world.owner.begin() as connection:
            await connection.execute(text("DELETE FROM handover WHERE id = :id"), {"id": twin})

    assert calls.code(response, 409) == "slip_ambiguous"


@pytest.mark.parametrize("odd", ["x", "0000-0000", "0000-0000-000é", "0000-0000-0000-0000", "%00"])
async def test_what_is_no_reference_is_refused(world: World, odd: str) -> None:
    response = await world.caller(tale.SENDER).http.get(f"/handovers/by-slip/{odd}")

    assert calls.code(response, 422) == "request_invalid"
