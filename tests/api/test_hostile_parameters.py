"""Whatever stands in an address or a query, and in whichever letters a body is written."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from api.app import build
from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World

DESCRIPTION: Json = build().openapi()
ODD = (
    "\x00",
    "a\x00",
    "\n",
    "%",
    "'; --",
    "\u202e",
    "😀",
    "٣",
    "-1",
    "1e309",
    "nan",
    "9" * 30,
    "9" * 5_000,
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "9999-12-31",
    "unit,unit",
    "SE0000000000-NOWHERE",
    "x" * 41,
)
FAR = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1990-01-01T00:00:00+00:00")


def cursors() -> Iterator[str]:
    """Cursors that are ours in form, and in nothing else."""
    for at in FAR:
        for rest in ([], ["x"], ["x", "y"], [at, "x", "answer", "y"], ["9" * 99] * 4):
            yield urlsafe_b64encode(json.dumps([at, *rest]).encode()).decode().rstrip("=")


class Door(tuple[str, str, dict[str, Any]]):
    """A method, a path, and what is described of it."""

    @property
    def name(self) -> str:
        return f"{self[0]} {self[1]}"


DOORS = [
    Door((method, path, described))
    for path, methods in DESCRIPTION["paths"].items()
    for method, described in methods.items()
]


def parameters(door: Door, place: str) -> list[str]:
    found = door[2].get("parameters", ())
    return [one["name"] for one in found if one["in"] == place]


def example(door: Door) -> Json | None:
    content = door[2].get("requestBody", {}).get("content", {})
    name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    found = DESCRIPTION["components"]["schemas"].get(name, {}).get("examples", [None])
    body: Json | None = found[0]
    return body


_known: dict[str, Json] = {}


@pytest.fixture
async def good(world: World) -> Json:
    """A value for each parameter that leads somewhere; nothing here changes what is there."""
    home = str(world.house.home)
    if home not in _known:
        _known[home] = await _set_out(world)
    return _known[home]


async def _set_out(world: World) -> Json:
    journey, handover = await tale.sent(world)
    return {
        "journey_id": journey,
        "handover_id": handover,
        "hsa_id": tale.STROKE,
        "step": "plan",
        "to": tale.REHAB,
        "part": "rehab",
        "number": "1",
        "kind": "discharge_summary",
        "legal_basis": "consent",
    }


async def ask(world: World, door: Door, way: Json, query: Json) -> httpx.Response:
    path = door[1].removeprefix("/api/v1")
    for name in parameters(door, "path"):
        path = path.replace(f"{{{name}}}", quote(str(way.get(name, "x")), safe=""))
    headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
    body = json.dumps(example(door)).encode() if door[0] != "get" else b""
    url = httpx.URL(f"{world.house.address}/api/v1{path}", params=query)
    http = world.caller(tale.SENDER).http
    return await http.request(door[0], url, content=body, headers=headers)


@pytest.mark.parametrize("door", [d for d in DOORS if parameters(d, "path")], ids=lambda d: d.name)
async def test_no_address_breaks_a_door(world: World, good: Json, door: Door) -> None:
    query = {"to": tale.REHAB, "part": "x"}
    asked = [good | {name: odd} for name in parameters(door, "path") for odd in ODD]

    responses = await asyncio.gather(*(ask(world, door, way, query) for way in asked))

    assert [r.text for r in responses if r.status_code >= 500] == []


@pytest.mark.parametrize("door", [d for d in DOORS if parameters(d, "query")], ids=lambda d: d.name)
async def test_no_query_breaks_a_door(world: World, good: Json, door: Door) -> None:
    names = parameters(door, "query")
    fine = {name: good[name] for name in names if name in good}
    asked = [fine | {name: odd} for name in names for odd in ODD]
    asked += [fine | {"next": one} for one in cursors() if "next" in names]

    responses = await asyncio.gather(*(ask(world, door, good, query) for query in asked))

    assert [r.text for r in responses if r.status_code >= 500] == []


@pytest.mark.parametrize("what", ["facts", "history"])
async def test_what_is_no_unit_is_refused_before_anybody_is_asked(world: World, what: str) -> None:
    response = await world.caller(tale.SENDER).http.get(f"/units/%00/{what}")

    assert calls.code(response, 422) == "request_invalid"


async def test_what_is_no_part_is_refused_before_anybody_is_asked(world: World) -> None:
    journey = await tale.start(world)
    asked = {"to": tale.REHAB, "part": "\x00"}
    path = f"/journeys/{journey}/handovers/draft"

    response = await world.caller(tale.SENDER).http.get(path, params=asked)

    assert calls.code(response, 422) == "request_invalid"


@pytest.mark.parametrize("letters", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("reason", ["Yrsel efter fall.", "Före\x00efter"])
async def test_json_is_utf_8_and_nothing_else(world: World, letters: str, reason: str) -> None:
    body = calls.start_body(referral={"reason": reason, "initiator": "hospital"})
    headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}

    response = await world.caller(tale.SENDER).http.post(
        "/journeys", content=json.dumps(body).encode(letters), headers=headers
    )

    problem = calls.refusal(response, 422)
    assert problem["code"] == "request_invalid"
    assert problem["fields"] == [{"field": "body", "rule": "nul"}]
