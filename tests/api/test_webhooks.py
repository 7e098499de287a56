"""Webhook endpoints over HTTP: kept by the catalogue's keeper, secret once, changed in peace."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api import calls
from tests.samples import unit
from tests.stories import journeys as tale
from tests.world import Json, World

KEEPER, OTHER_KEEPER = "vasteras-catalogue", "sala-catalogue"
URL = "https://mottagare.example.org/handslag"


class Hook:
    """The endpoint of a unit that no other test knows."""

    def __init__(self, world: World, hsa_id: str) -> None:
        self.world, self.hsa_id = world, hsa_id
        self.path = f"/units/{hsa_id}/webhook"

    async def call(
        self,
        method: str,
        path: str = "",
        body: Json | None = None,
        *,
        by: str = KEEPER,
        key: str | None = None,
        version: int | None = None,
    ) -> httpx.Response:
        """Any call, with a key."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        http = self.world.caller(by).http
        return await http.request(method, self.path + path, json=body, headers=headers)

    async def put(self, url: str = URL, **how: Any) -> httpx.Response:
        """Say where."""
        return await self.call("PUT", body={"url": url}, **how)


async def new_unit(world: World, **facts: Any) -> str:
    """A unit of Västerås, made by its keeper."""
    hsa_id = f"SE0000000000-TEST{uuid4().hex[:8].upper()}"
    known = unit(tale.IHR).model_dump(mode="json", exclude={"version"})
    body = known | {"hsa_id": hsa_id, "protected_group": [], "closures": []} | facts
    response = await world.caller(KEEPER).http.put(
        f"/units/{hsa_id}", json=body, headers={"Idempotency-Key": uuid4().hex}
    )
    assert response.status_code == 201, response.text
    return hsa_id


@pytest.fixture
async def hook(world: World) -> Hook:
    """A unit without an endpoint yet."""
    return Hook(world, await new_unit(world))


def good(response: httpx.Response) -> Json:
    """The endpoint in an answer."""
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def test_the_secret_is_told_once_and_kept_sealed(hook: Hook) -> None:
    put = good(await hook.put())
    seen = good(await hook.call("GET"))

    assert put["secret"].startswith("whsec_")
    assert seen == put | {"secret": None}
    assert (seen["url"], seen["version"], seen["rotating"]) == (URL, 1, False)
    (row,) = await hook.world.rows(
        "SELECT secret FROM webhook WHERE hsa_id = :unit", unit=hook.hsa_id
    )
    assert put["secret"].encode() not in bytes(row["secret"])


async def test_secrets_change_in_three_steps(hook: Hook) -> None:
    first = good(await hook.put())

    second = good(await hook.call("POST", "/rotate"))
    too_soon = await hook.call("POST", "/rotate")
    third = good(await hook.call("POST", "/retire-old"))
    nothing_left = await hook.call("POST", "/retire-old")

    assert second["rotating"] and second["secret"] not in (None, first["secret"])
    assert calls.code(too_soon, 409) == "webhook_rotating"
    assert (third["rotating"], third["secret"], third["url"]) == (False, None, URL)
    assert calls.code(nothing_left, 409) == "webhook_not_rotating"


async def test_the_same_key_gets_the_same_answer_secret_included(hook: Hook) -> None:
    key = uuid4().hex
    first = await hook.put(key=key)
    await hook.call("POST", "/rotate")

    again, other = await hook.put(key=key), await hook.put(f"{URL}/annan", key=key)

    assert again.json() == first.json()
    assert calls.code(other, 422) == "key_reused"
    assert good(await hook.call("GET"))["version"] == 2


async def test_a_new_address_has_a_new_secret(hook: Hook) -> None:
    first, second = good(await hook.put()), good(await hook.put(f"{URL}/annan", version=1))

    assert second["secret"] != first["secret"]
    assert (second["version"], second["rotating"]) == (2, False)
    assert calls.code(await hook.put(version=1), 412) == "webhook_stale"


async def test_what_is_removed_is_gone_and_may_come_again(hook: Hook) -> None:
    await hook.put()

    removed = good(await hook.call("DELETE"))
    gone, twice = await hook.call("GET"), await hook.call("DELETE")
    back = good(await hook.put())

    assert (removed["url"], removed["secret"]) == (None, None)
    assert calls.code(gone, 404) == calls.code(twice, 404) == "webhook_unknown"
    assert back["version"] == 3


async def test_only_who_keeps_the_catalogue_of_the_organisation_may(hook: Hook) -> None:
    await hook.put()
    for method, path in (("GET", ""), ("POST", "/rotate"), ("DELETE", "")):
        stranger = await hook.call(method, path, by=OTHER_KEEPER)
        coordinator = await hook.call(method, path, by=tale.RECEIVER)

        assert calls.code(stranger, 403) == "not_your_unit"
        assert calls.code(coordinator, 403) == "role_not_enough"


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("https://169.254.169.254/latest", "private_address"),
        ("https://[::1]/", "private_address"),
        ("https://u:p@ut.example.org/", "has_credentials"),
        ("gopher://ut.example.org/", "not_an_address"),
    ],
)
async def test_what_plainly_leads_inside_is_refused_at_once(
    hook: Hook, url: str, rule: str
) -> None:
    response = await hook.put(url)

    problem = calls.refusal(response, 422)
    assert problem["code"] == "webhook_address_invalid"
    assert problem["fields"] == [{"field": "url", "rule": rule}]
    assert "ut.example" not in response.text


async def test_a_unit_that_is_none_has_no_endpoint(world: World) -> None:
    response = await Hook(world, "SE0000000000-NOWHERE").put()

    assert calls.code(response, 404) == "page_unknown"
