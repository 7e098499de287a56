"""Who was told, by what, and what became of it: to a real receiver, from end to end."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from tests.api import calls
from tests.api.test_webhooks import KEEPER, OTHER_KEEPER, Hook, new_unit
from tests.channels.receiver import Receiver, receiving
from tests.stories import journeys as tale
from tests.world import Json, World, until

OPERATOR = "operator"


class Case(NamedTuple):
    """A handover to a unit that is told by webhook, and the receiver of it."""

    world: World
    receiver: Receiver
    unit: str
    secret: str
    journey: str
    handover: str

    async def timeline(self, by: str = tale.SENDER) -> list[Json]:
        """Who was told."""
        found: Any = await self.world.caller(by).get(f"/handovers/{self.handover}/notices")
        return list(found)

    async def told(self, state: str, kind: str = "handover_arrived") -> Json | None:
        """The webhook's delivery in the timeline, once it has come so far."""
        found = [
            d
            for d in await self.timeline()
            if (d["channel"], d["kind"], d["state"]) == ("webhook", kind, state)
        ]
        return found[0] if found else None

    async def listed(self, state: str = "dead", by: str = OPERATOR, **more: Any) -> Json:
        """The list of deliveries to the unit."""
        return await self.world.caller(by).get("/deliveries", state=state, unit=self.unit, **more)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    async with receiving() as listening:
        yield listening


async def sent(world: World, receiver: Receiver) -> Case:
    """A handover to a new unit whose inbox is told by webhook too."""
    contacts = [
        {"function": "inbox", "mail": None, "phone": "010-000 00 00", "webhook": True},
        {"function": "manager", "mail": "chef@example.invalid", "phone": "010-000 00 00"},
    ]
    hsa_id = await new_unit(world, contacts=contacts)
    put = await Hook(world, hsa_id).put(receiver.url)
    journey = await tale.planned(world)
    path, body = f"/journeys/{journey}/handovers", tale.handover(hsa_id)

    async def known() -> Json | None:
        """The doors' catalogue is some seconds old."""
        response = await world.caller(tale.SENDER).try_post(path, body)
        return response.json() if response.is_success else None

    handover = await until(known)
    return Case(world, receiver, hsa_id, put.json()["secret"], journey, handover["id"])


async def resend(case: Case, delivery: Json, by: str = KEEPER, key: str | None = None) -> Any:
    """Have it sent again."""
    path = f"/deliveries/{delivery['id']}/resend"
    return await case.world.caller(by).try_post(path, key=key or uuid4().hex)


async def test_a_unit_is_told_by_webhook_and_the_handover_says_so(
    world: World, receiver: Receiver
) -> None:
    receiver.answers = ["500 Later", "200 OK"]
    case = await sent(world, receiver)

    delivery = await until(lambda: case.told("delivered"))

    first, second = receiver.calls
    body = second.verified(case.secret)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == body["data"]["notice"]
    assert body["data"] | {"notice": None} == {
        "notice": None,
        "kind": "handover_arrived",
        "journey_id": case.journey,
        "subject": case.handover,
    }
    assert case.journey not in first.headers["webhook-id"]
    tried = [(a["number"], a["outcome"], a["error"]) for a in delivery["attempts"]]
    assert tried == [(1, "failed", "webhook_500"), (2, "delivered", None)]
    assert (delivery["unit"], delivery["function"]) == (case.unit, "inbox")
    assert "127.0.0.1" not in str(await case.timeline())
    assert {d["channel"] for d in await case.timeline()} == {"inbox", "webhook"}


async def test_a_dead_letter_is_listed_and_sent_again(world: World, receiver: Receiver) -> None:
    receiver.answers = ["410 Gone"]
    case = await sent(world, receiver)
    dead = await until(lambda: case.told("dead"))
    assert (dead["error"], dead["dead_at"] is None) == ("webhook_410", False)
    for by in (OPERATOR, KEEPER):
        assert (await case.listed(by=by))["items"] == [dead]
    assert (await case.listed("waiting"))["items"] == []

    receiver.answers = ["200 OK"]
    key = uuid4().hex
    first = await resend(case, dead, key=key)
    assert first.status_code == 200, first.text
    arrived = await until(lambda: case.told("delivered"))
    again = await resend(case, dead, key=key)

    assert again.json() == first.json()
    assert (arrived["resent"], [a["outcome"] for a in arrived["attempts"]]) == (
        1,
        ["failed", "delivered"],
    )
    assert (await case.listed())["items"] == []
    assert len({c.headers["webhook-id"] for c in receiver.calls}) == 1
    assert len(receiver.calls) == 2
    assert calls.code(await resend(case, dead), 409) == "delivery_not_dead"
    assert calls.code(await resend(case, dead, OPERATOR, key=uuid4().hex), 409)


async def test_who_may_list_and_resend(world: World, receiver: Receiver) -> None:
    receiver.answers = ["410 Gone"]
    case = await sent(world, receiver)
    dead = await until(lambda: case.told("dead"))
    listing = world.caller(tale.SENDER).http.get

    assert calls.code(await resend(case, dead, OTHER_KEEPER), 404) == "delivery_unknown"
    assert calls.code(await resend(case, dead, tale.RECEIVER), 404) == "delivery_unknown"
    assert calls.code(await resend(case, dead, "designer"), 403) == "role_not_enough"
    strange = await listing("/deliveries", params={"unit": case.unit})
    assert calls.code(strange, 403) == "not_your_unit"
    own = await listing("/deliveries", params={"state": "delivered"})
    assert {d["unit"] for d in own.json()["items"]} <= {tale.STROKE}
    timeline = await world.caller(tale.OUTSIDER).http.get(f"/handovers/{case.handover}/notices")
    assert calls.code(timeline, 404) == "handover_unknown"


async def test_after_a_death_a_dead_letter_stays_dead(world: World, receiver: Receiver) -> None:
    receiver.answers = ["410 Gone"]
    case = await sent(world, receiver)
    dead = await until(lambda: case.told("dead"))
    died = {"at": datetime.now(UTC).isoformat()}
    await world.caller(tale.SENDER).post(f"/journeys/{case.journey}/facts/deceased", died)

    assert calls.code(await resend(case, dead), 409) == "delivery_silenced"


async def test_a_long_list_comes_in_pages(world: World) -> None:
    await tale.sent(world)
    caller = world.caller(OPERATOR)

    async def two() -> bool:
        found = await caller.get("/deliveries", state="delivered", limit=2)
        return len(found["items"]) == 2

    await until(two)
    first = await caller.get("/deliveries", state="delivered", limit=1)
    second = await caller.get("/deliveries", state="delivered", limit=1, next=first["next"])

    assert first["items"] != second["items"]
    assert first["items"][0]["at"] >= second["items"][0]["at"]


async def test_a_unit_without_an_endpoint_gets_a_dead_letter_and_can_be_helped(
    world: World, receiver: Receiver
) -> None:
    case = await sent(world, receiver)
    await until(lambda: case.told("delivered"))
    await Hook(world, case.unit).call("DELETE")
    path = f"/handovers/{case.handover}/withdraw"
    await world.caller(tale.SENDER).post(path, {"reason": "wrong_receiver"})

    dead = await until(lambda: case.told("dead", "handover_withdrawn"))

    assert dead["error"] == "webhook_unknown"
    put = await Hook(world, case.unit).put(receiver.url)
    assert (await resend(case, dead)).status_code == 200
    await until(lambda: case.told("delivered", "handover_withdrawn"))
    assert receiver.calls[-1].is_signed_with(put.json()["secret"])
    assert not receiver.calls[-1].is_signed_with(case.secret)
