"""Who is calling is proved by a token, or the call is refused with a code."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest

from cli.users import token_for
from runtime.issuer import EmbeddedIssuer
from tests.api import calls
from tests.stories import journeys as tale
from tests.world import World

COORDINATOR = ("stroke-coordinator", "Demo Vårdsamordnare 1", tale.STROKE, ["coordinator"])


async def read(world: World, authorization: str | None) -> httpx.Response:
    headers = {"Authorization": authorization} if authorization is not None else {}
    async with httpx.AsyncClient(base_url=f"{world.house.address}/api/v1") as http:
        return await http.get("/journeys", headers=headers)


def refused(response: httpx.Response) -> str:
    """The code of a call by nobody we know, who is told how to become somebody."""
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    return calls.code(response, 401)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic YTpi", "Token x"])
async def test_no_token_is_refused(world: World, authorization: str | None) -> None:
    response = await read(world, authorization)

    assert refused(response) == "token_missing"


@pytest.mark.parametrize("token", ["x", "a.b.c", "\u00e5\u00e4\u00f6", "." * 100, "x" * 10_000])
async def test_garbage_is_refused(world: World, token: str) -> None:
    headers = [(b"Authorization", f"Bearer {token}".encode("latin-1"))]
    async with httpx.AsyncClient(base_url=f"{world.house.address}/api/v1") as http:
        response = await http.get("/journeys", headers=headers)

    assert refused(response) == "token_invalid"


async def test_an_expired_token_is_refused(world: World) -> None:
    token = world.house.issuer.token(*COORDINATOR, lifetime=-timedelta(hours=1))

    response = await read(world, f"Bearer {token}")

    assert refused(response) == "token_expired"


@pytest.mark.parametrize("change", [{"token_audience": "others"}, {"token_issuer": "others"}])
async def test_a_token_for_or_by_somebody_else_is_refused(
    world: World, change: dict[str, str]
) -> None:
    # The same home, so the same key: only the name of the audience or the issuer differs.
    issuer = EmbeddedIssuer(world.servers.config.model_copy(update=change))

    response = await read(world, f"Bearer {issuer.token(*COORDINATOR)}")

    assert refused(response) == "token_invalid"


async def test_a_token_signed_by_another_key_is_refused(world: World, tmp_path: Path) -> None:
    stranger = EmbeddedIssuer(world.servers.config.model_copy(update={"home": tmp_path}))
    kid = jwt.get_unverified_header(token_for(world.house.issuer, "stroke-coordinator"))["kid"]
    own_kid = stranger.token(*COORDINATOR)
    claims = jwt.decode(own_kid, options={"verify_signature": False})
    pem = (tmp_path / "issuer" / "key.pem").read_bytes()
    known_kid = jwt.encode(claims, pem.decode(), algorithm="ES256", headers={"kid": kid})

    for token in (own_kid, known_kid):
        assert refused(await read(world, f"Bearer {token}")) == "token_invalid"


async def test_an_unsigned_token_is_refused(world: World) -> None:
    token = token_for(world.house.issuer, "stroke-coordinator")
    header = jwt.get_unverified_header(token) | {"alg": "none"}
    plain = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")

    response = await read(world, f"Bearer {plain}.{token.split('.')[1]}.")

    assert refused(response) == "token_invalid"


async def test_a_token_whose_claims_were_changed_is_refused(world: World) -> None:
    token = token_for(world.house.issuer, "stroke-coordinator")
    head, _, signature = token.split(".")
    claims = jwt.decode(token, options={"verify_signature": False}) | {"unit": tale.SALA}
    other = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    response = await read(world, f"Bearer {head}.{other}.{signature}")

    assert refused(response) == "token_invalid"


async def test_a_token_for_a_unit_that_does_not_exist_is_refused(world: World) -> None:
    token = world.house.issuer.token("x", "X", "SE0000000000-NOWHERE", ["coordinator"])

    response = await read(world, f"Bearer {token}")

    assert refused(response) == "token_invalid"


@pytest.mark.parametrize("username", ["designer", "operator", "region-operations"])
async def test_a_role_without_patients_reads_and_commands_nothing(
    world: World, username: str
) -> None:
    journey, handover = await tale.sent(world)
    caller = world.caller(username)

    for path in ("/journeys", f"/journeys/{journey}", f"/handovers/{handover}"):
        assert calls.code(await caller.http.get(path), 403) == "role_not_enough"
    for path in (f"/journeys/{journey}/close", f"/handovers/{handover}/withdraw"):
        response = await caller.try_post(path, {"reason": "registered_in_error"})
        assert response.status_code in (403, 422)
    start = await caller.try_post("/journeys", calls.start_body())
    assert calls.code(start, 403) == "role_not_enough"


@pytest.mark.parametrize("roles", [[], ["king"], ["designer", "king"]])
async def test_roles_that_nobody_gave_are_worth_nothing(world: World, roles: list[str]) -> None:
    token = world.house.issuer.token("x", "X", tale.STROKE, roles)

    response = await read(world, f"Bearer {token}")

    assert calls.code(response, 403) == "role_not_enough"


@pytest.mark.parametrize("username", ["stroke-clinician", "stroke-manager"])
async def test_only_a_coordinator_starts_a_journey(world: World, username: str) -> None:
    response = await world.caller(username).try_post("/journeys", calls.start_body())

    assert calls.code(response, 403) == "role_not_enough"


async def test_nobody_starts_a_journey_at_somebody_elses_unit(world: World) -> None:
    response = await world.caller(tale.OUTSIDER).try_post("/journeys", calls.start_body())

    assert calls.code(response, 403) == "not_your_unit"


async def test_health_and_the_description_need_no_token(world: World) -> None:
    async with httpx.AsyncClient(base_url=world.house.address) as http:
        live, ready = await http.get("/health/live"), await http.get("/health/ready")
        description = await http.get("/api/v1/openapi.json")

    assert live.json() == {"status": "live"}
    assert ready.json() == {"status": "ready", "store": True, "engine": True}
    assert description.status_code == 200


async def test_a_token_stops_working_when_its_time_is_up(world: World) -> None:
    # Thirty seconds of grace, for clocks that differ.
    just_over = world.house.issuer.token(*COORDINATOR, lifetime=-timedelta(seconds=20))
    long_over = world.house.issuer.token(*COORDINATOR, lifetime=-timedelta(seconds=40))

    assert (await read(world, f"Bearer {just_over}")).status_code == 200
    assert refused(await read(world, f"Bearer {long_over}")) == "token_expired"
    assert jwt.decode(just_over, options={"verify_signature": False})["exp"] < int(
        datetime.now(UTC).timestamp()
    )
