"""Journeys with several holders, and one about a protected patient, for tests of the care."""

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World

HOME_HELPER = "vasteras-homehelp"
# Works at the stroke unit, and is not in its group for protected patients.
COLLEAGUE = "stroke-clinician"
NOW: Json = {"takes_over": {"when": "now"}}
PROTECTED = "196109072972"


async def shared(world: World) -> str:
    """The stroke unit holds the coordination, Västerås the rehab; the plan went with it."""
    journey, handover = await tale.sent(world)
    await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/accept", NOW)
    return journey


async def with_home_help(world: World) -> str:
    """As `shared`, and home help holds its part."""
    journey = await shared(world)
    body = tale.handover(calls.HOME_HELP, part="home_help", step=None)
    sent = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    await world.caller(HOME_HELPER).post(f"/handovers/{sent['id']}/accept", NOW)
    return journey


async def of_protected(world: World, number: str = PROTECTED) -> str:
    """A planned journey of a patient whose data become protected."""
    body = calls.start_body(number, "stroke-rehab")
    alice = world.caller(tale.SENDER)
    journey: str = (await alice.post("/journeys", body))["id"]
    await tale.complete(world, journey, "assessment", tale.ASSESSMENT)
    await tale.complete(world, journey, "plan", tale.PLAN)
    return journey


async def protect(world: World, journey: str, grade: str = "protected_registration") -> None:
    """Protect a patient's data, or no longer; a journey may begin with what another one has."""
    seen = await world.caller(tale.SENDER).get(f"/journeys/{journey}")
    if seen["protection"] == grade:
        return
    body = {"at": "2026-10-05T09:00:00+02:00", "protection": grade}
    path = f"/journeys/{journey}/facts/protected-changed"
    await world.caller(tale.SENDER).post(path, body)


async def logged(world: World, journey: str) -> list[tuple[str, str]]:
    """Who read what of a journey, in order."""
    rows = await world.rows(
        "SELECT subject, action FROM access_log WHERE journey_id = :id ORDER BY id", id=journey
    )
    return [(row["subject"], row["action"]) for row in rows]
