"""Two journeys of one patient: what is recorded in one may hide in the other, and nothing more."""

from datetime import UTC, datetime

import pytest

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World

PATIENT = {"number": "195712302842", "name": "Testpatient 31"}
COLLEAGUE = "stroke-clinician"


async def begun(world: World, by: str, unit: str) -> str:
    """A journey of that patient at a unit."""
    body = calls.start_body(unit=unit, patient=PATIENT)
    found: str = (await world.caller(by).post("/journeys", body))["id"]
    return found


async def read(world: World, journey: str, by: str = tale.SENDER) -> Json:
    return await world.caller(by).get(f"/journeys/{journey}")


def now() -> str:
    return datetime.now(UTC).isoformat()


async def protect(world: World, journey: str, grade: str, by: str) -> Json:
    body = {"at": now(), "protection": grade}
    path = f"/journeys/{journey}/facts/protected-changed"
    response = await world.caller(by).try_post(path, body)
    found: Json = response.json()
    return found


async def test_a_strangers_journey_hides_the_patient_and_does_nothing_else(world: World) -> None:
    ours = await begun(world, tale.SENDER, tale.STROKE)
    theirs = await begun(world, tale.OUTSIDER, tale.SALA)
    stranger, path = world.caller(tale.OUTSIDER), f"/journeys/{theirs}/facts"

    await stranger.post(f"{path}/admitted", {"at": now()})
    await stranger.post(f"{path}/deceased", {"at": now()})
    await stranger.post(f"{path}/undo-death", {"reason": "Fel person."})
    another = {"patient": {"number": "196108283166", "name": "Testpatient 32"}}
    swapped = await stranger.refused(f"{path}/identified", another)

    view = await read(world, ours)
    heard = [e.what.fact for e in await world.events(ours) if e.what.type == "fact_reported"]
    assert (view["state"], view["deceased_at"], view["care"]["episodes"]) == ("active", None, [])
    assert view["patient"]["value"] == PATIENT["number"]
    assert heard == ["record_admission", "record_death", "undo_death"]
    assert swapped["code"] == "already_identified"
    assert (await world.caller(tale.OUTSIDER).http.get(f"/journeys/{ours}")).status_code == 404


async def test_protection_reaches_every_journey_and_is_lifted_in_none_but_its_own(
    world: World,
) -> None:
    ours = await begun(world, tale.SENDER, tale.STROKE)
    theirs = await begun(world, tale.OUTSIDER, tale.SALA)

    raised = await protect(world, theirs, "protected_registration", tale.OUTSIDER)
    lifted_there = await protect(world, theirs, "none", tale.OUTSIDER)
    masked = await read(world, ours, COLLEAGUE)
    lifted_by_anybody = await protect(world, ours, "none", COLLEAGUE)
    whole = await read(world, ours)
    begun_later = await begun(world, tale.SENDER, tale.STROKE)

    assert raised["protection"] == "protected_registration"
    assert lifted_there["code"] == lifted_by_anybody["code"] == "protection_group_only"
    assert (masked["patient"]["system"], masked["contents"]) == ("masked", {})
    assert whole["patient"]["value"] == PATIENT["number"], "the named group sees the patient"
    later = await read(world, begun_later)
    assert later["protection"] == "protected_registration", "a new journey begins as strict"
    started = (await world.events(begun_later))[0].what
    assert started.type == "journey_started"


@pytest.mark.parametrize("by", [COLLEAGUE, tale.OUTSIDER])
async def test_other_journeys_of_a_protected_patient_are_named_to_nobody_outside_the_group(
    world: World, by: str
) -> None:
    unit = tale.SALA if by == tale.OUTSIDER else tale.STROKE
    starter = by if by == tale.OUTSIDER else tale.SENDER
    journey = await begun(world, starter, unit)

    view = await read(world, journey, by)

    assert (view["protection"], view["other_journeys"]) == ("protected_registration", [])


async def test_an_old_answer_is_not_given_again_unmasked(world: World) -> None:
    """The very same call, once before the protection and once after."""
    journey = await begun(world, tale.SENDER, tale.STROKE)
    colleague, path = world.caller(COLLEAGUE), f"/journeys/{journey}/facts/left"
    departure = {"at": now(), "to": "Storgatan 1"}
    group = world.caller(tale.SENDER)
    await group.post(
        f"/journeys/{journey}/facts/protected-changed", {"at": now(), "protection": "none"}
    )

    first = await colleague.post(path, departure, "k-left")
    await protect(world, journey, "secrecy_marking", tale.SENDER)
    again = await colleague.post(path, departure, "k-left")

    assert first["care"]["departure"]["to"] == "Storgatan 1"
    assert (again["seq"], again["care"]["departure"]) == (first["seq"], None)
    assert "Storgatan" not in str(again)
