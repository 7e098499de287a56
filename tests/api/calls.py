"""Bodies and calls that several tests of the API share."""

from typing import Any

import httpx
from sqlalchemy import text

from tests.stories import journeys as tale
from tests.world import Json, World

HOME_HELP = "SE0000000000-TESTK1980HTJ"
PROBLEM = "application/problem+json"
# Test persons that no demo journey and no other test uses: two protected, one reserve number.
PROTECTED, MARKED, NATIONAL = "189602029812", "200001252386", "98240301AA06"


def start_body(number: str = PROTECTED, pathway: str = "generic-rehab", **change: Any) -> Json:
    """The body of a start, with a reason to overlap, so that tests do not meet in the patient."""
    body: Json = {
        "patient": {"number": number, "name": "Testpatient 90"},
        "pathway": pathway,
        "unit": tale.STROKE,
        "referral": {"reason": "Yrsel efter fall.", "initiator": "hospital"},
        "overlap_reason": "Prov",
    }
    return body | change


def refusal(response: httpx.Response, status: int) -> Json:
    """The problem in a refused call, whose shape is checked on the way."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    found: Json = response.json()
    assert found["status"] == status
    assert found["type"] == f"urn:handslag:problem:{found['code']}"
    assert found["title"] and found["title_en"]
    return found


def code(response: httpx.Response, status: int) -> str:
    """The stable code of a refused call."""
    found: str = refusal(response, status)["code"]
    return found


async def close(world: World, journey: str) -> None:
    """Close a journey that has no open handover."""
    path = f"/journeys/{journey}/close"
    await world.caller(tale.SENDER).post(path, {"reason": "registered_in_error"})


async def make_late(world: World, journey: str) -> None:
    """Let a journey's promises have been due for a while: only on the board, not for its clock."""
    late = "UPDATE clock SET due_at = now() - interval '9 days' WHERE journey_id = :id AND owed"
    async with world.owner.begin() as connection:
        await connection.execute(text(late), {"id": journey})
