"""The description of the API: complete, with examples that hold, and readable without a network."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from api import (
    bodies,
    care_bodies,
    clock_bodies,
    design_bodies,
    fact_bodies,
    handover_bodies,
    stay_bodies,
    unit_bodies,
    webhooks,
)
from api.app import build
from domain.value import Value
from tests.world import World

DESCRIPTION: dict[str, Any] = build().openapi()


class Operation(NamedTuple):
    """A method on a path, as described."""

    name: str
    bodies: tuple[str, ...]
    described: dict[str, Any]


def operations() -> Iterator[Operation]:
    for path, methods in DESCRIPTION["paths"].items():
        for method, described in methods.items():
            content = described.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            one_of = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
            named = tuple(s["$ref"].rpartition("/")[2] for s in one_of if "$ref" in s)
            yield Operation(f"{method} {path}", named, described)


EVERY = list(operations())
BODIES = sorted({name for operation in EVERY for name in operation.bodies})
SHELVES = (
    bodies,
    care_bodies,
    fact_bodies,
    handover_bodies,
    stay_bodies,
    unit_bodies,
    webhooks,
    clock_bodies,
    design_bodies,
)


@pytest.mark.parametrize("operation", EVERY, ids=lambda o: o.name)
def test_every_operation_says_what_it_does_and_what_it_answers(operation: Operation) -> None:
    answers = operation.described["responses"]

    assert operation.described["description"]
    assert {"200", "201"} & set(answers)
    assert "4XX" in answers
    assert "HTTPValidationError" not in str(answers)


@pytest.mark.parametrize("name", BODIES)
def test_every_body_has_an_example_that_it_takes_itself(name: str) -> None:
    examples = DESCRIPTION["components"]["schemas"][name].get("examples", [])
    body: type[Value] = next(found for s in SHELVES if (found := getattr(s, name, None)))

    assert examples
    for example in examples:
        body.model_validate(example)


@pytest.mark.parametrize("name", BODIES)
def test_every_body_is_closed(name: str) -> None:
    assert DESCRIPTION["components"]["schemas"][name]["additionalProperties"] is False


# What is judged by items of their own, and what changes nothing.
NO_COMMANDS = {
    "post /api/v1/journeys/batch",
    "post /api/v1/units/preview",
    "post /api/v1/pathways/validate",
    "post /api/v1/pathways/diff",
    "post /api/v1/pathways/simulate",
}
COMMANDS = [o for o in EVERY if not o.name.startswith("get") and o.name not in NO_COMMANDS]


@pytest.mark.parametrize("operation", COMMANDS, ids=lambda o: o.name)
def test_a_command_names_its_headers(operation: Operation) -> None:
    headers = {p["name"] for p in operation.described["parameters"] if p["in"] == "header"}

    assert {"idempotency-key", "if-match"} <= {h.lower() for h in headers}


async def test_the_description_is_served_as_it_is_built(world: World) -> None:
    async with httpx.AsyncClient(base_url=world.house.address) as http:
        served = await http.get("/api/v1/openapi.json")

    assert served.json() == DESCRIPTION


async def test_the_page_for_people_asks_no_other_host_for_anything(world: World) -> None:
    async with httpx.AsyncClient(base_url=world.house.address) as http:
        page = await http.get("/docs")
        needed = re.findall(r"""(?:src|href)=["']([^"']+)["']""", page.text)
        parts = [await http.get(address) for address in needed]

    assert page.status_code == 200
    assert "//" not in page.text.replace(str(world.house.address), "").replace("<!--", "")
    assert needed
    assert all(address.startswith("/") for address in needed)
    assert all(part.status_code == 200 for part in parts)
