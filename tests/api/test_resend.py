"""To send anew what was declined, and nothing else."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World

TO_TEAM: Json = {"to": tale.IHR}


async def pre_notice(world: World, **basis: str) -> str:
    """A unit has been told that a handover will come."""
    journey = await tale.planned(world)
    soon = datetime.now(UTC) + timedelta(days=3)
    body = {
        "part": "rehab",
        "purpose": "take_part",
        "to": tale.REHAB,
        "estimated_at": soon.isoformat(),
        "requested": "Träning hemma.",
        "legal_basis": "lag_2017_612",
        **basis,
    }
    notice = await world.caller(tale.SENDER).post(f"/journeys/{journey}/pre-notices", body)
    identifier: str = notice["id"]
    return identifier


async def declined(world: World) -> tuple[str, str]:
    journey, handover = await tale.sent(world)
    no = {"reason": "no_capacity", "delay": {"reason": "no_capacity", "profession": "FT"}}
    response = await world.caller(tale.RECEIVER).try_post(f"/handovers/{handover}/decline", no)
    assert response.is_success, response.text
    return journey, handover


@pytest.mark.parametrize("body", [TO_TEAM, TO_TEAM | {"content": tale.handover()["content"]}])
async def test_a_pre_notice_cannot_be_sent_anew(world: World, body: Json) -> None:
    handover = await pre_notice(world)

    response = await world.caller(tale.SENDER).try_post(f"/handovers/{handover}/resend", body)

    assert calls.code(response, 409) == "handover_not_open"


async def test_a_handover_that_waits_for_its_answer_cannot_be_sent_anew(world: World) -> None:
    _, handover = await tale.sent(world)
    path = f"/handovers/{handover}/resend"

    response = await world.caller(tale.SENDER).try_post(path, TO_TEAM)

    assert calls.code(response, 409) == "handover_not_open"


async def test_what_was_declined_is_sent_anew_once_and_the_same_key_says_so_again(
    world: World,
) -> None:
    _, handover = await declined(world)
    alice, path, key = world.caller(tale.SENDER), f"/handovers/{handover}/resend", uuid4().hex
    first = await alice.post(path, TO_TEAM, key)

    await alice.post(f"/handovers/{first['id']}/withdraw", {"reason": "sent_in_error"})
    disputed = {"reason": "Hör till kommunen."}
    await alice.post(f"/handovers/{handover}/dispute", disputed)
    again = await alice.post(path, TO_TEAM, key)

    assert again == first
    assert (first["to_unit"], first["resends"]) == (tale.IHR, handover)


async def test_who_sends_anew_must_be_able_to_open_every_attachment(world: World) -> None:
    journey, handover = await declined(world)
    content = tale.handover()["content"] | {"attachments": [str(uuid4())]}

    response = await world.caller(tale.SENDER).try_post(
        f"/handovers/{handover}/resend", TO_TEAM | {"content": content}
    )

    problem = calls.refusal(response, 422)
    assert problem["code"] == "content_invalid"
    assert [f["field"] for f in problem["fields"]] == ["content.attachments.0"]
    assert await tale.holder(world, journey) == tale.STROKE


async def test_a_pre_notice_may_rest_on_consent(world: World) -> None:
    assert await pre_notice(world, legal_basis="consent", consent_ref="Muntligt samtycke")
