"""Whatever is sent: a coded problem, never a fault of ours, and never the input back."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World

NUMBER = "194408139089"
WRONG_CHECK_DIGIT = "194408139088"


def changed(path: str, value: Any) -> Json:
    """A good start with one thing wrong."""
    body: Json = json.loads(json.dumps(calls.start_body(NUMBER)))
    *way, last = path.split(".")
    place = body
    for name in way:
        place = place[name]
    place[last] = value
    return body


async def send_raw(
    world: World, content: bytes | AsyncIterator[bytes], kind: str = "application/json"
) -> httpx.Response:
    headers = {"Idempotency-Key": uuid4().hex, "Content-Type": kind}
    http = world.caller(tale.SENDER).http
    return await http.post("/journeys", content=content, headers=headers)


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("surprise", "x", "extra_forbidden"),
        ("patient.age", 82, "extra_forbidden"),
        ("patient.number", 194408139089, "string_type"),
        ("patient.name", "", "string_too_short"),
        ("patient.name", "x" * 201, "string_too_long"),
        ("referral.reason", "x" * 4001, "string_too_long"),
        ("referral.reason", ["x"], "string_type"),
        ("referral.initiator", "neighbour", "enum"),
        ("referral", None, "model_attributes_type"),
        ("unit", NUMBER, "string_pattern_mismatch"),
        ("pathway", "stroke-rehab@x", "string_pattern_mismatch"),
        ("referral.figures", {"age": float("nan")}, "finite_number"),
        ("referral.figures", {"age": float("inf")}, "finite_number"),
        ("referral.figures", {"age": 10**30}, "less_than_equal"),
        ("referral.figures", {"age": 1.5}, "int_from_float"),
    ],
)
async def test_a_wrong_field_is_named_with_its_rule(
    world: World, path: str, value: object, rule: str
) -> None:
    content = json.dumps(changed(path, value)).encode()

    problem = calls.refusal(await send_raw(world, content), 422)

    assert problem["code"] == "request_invalid"
    assert rule in {f["rule"] for f in problem["fields"]}
    assert any(f["field"].startswith(path) for f in problem["fields"])


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("unit", "SE0000000000-NOWHERE", "unit_unknown", "unit"),
        ("pathway", "hip-rehab", "pathway_unknown", "pathway"),
        ("pathway", "stroke-rehab@99", "pathway_unknown", "pathway"),
        ("patient.number", WRONG_CHECK_DIGIT, "patient_invalid", "person"),
        ("patient.number", "4408139089", "patient_invalid", "person"),
        ("patient.number", "992004391014", "patient_invalid", "person"),
    ],
)
async def test_what_does_not_exist_is_refused_by_a_code_of_its_own(
    world: World, path: str, value: str, code: str, field: str
) -> None:
    response = await world.caller(tale.SENDER).try_post("/journeys", changed(path, value))

    problem = calls.refusal(response, 422)
    assert (problem["code"], problem["fields"][0]["field"]) == (code, field)
    assert value not in response.text


@pytest.mark.parametrize(
    "body",
    [
        changed("patient.number", WRONG_CHECK_DIGIT),
        changed("patient.number", f"{NUMBER} {NUMBER} {NUMBER}"),
        changed("patient.name", NUMBER * 20),
        changed("unit", NUMBER),
        changed("pathway", NUMBER),
        changed("referral.initiator", NUMBER),
        changed("referral.diagnosis_code", NUMBER),
        changed(NUMBER, "x"),
        changed(f"patient.{NUMBER}", "x"),
        changed("referral.kind", NUMBER),
        changed("unit", "SE0000000000-NOWHERE"),
    ],
)
async def test_a_person_number_is_never_sent_back(world: World, body: Json) -> None:
    alone = await world.caller(tale.SENDER).try_post("/journeys", body)
    batch = {"items": [body | {"ref": uuid4().hex}]}
    among_others = await world.caller(tale.SENDER).try_post("/journeys/batch", batch)

    calls.refusal(alone, 422)
    assert among_others.json()["refused"] == 1
    for response in (alone, among_others):
        assert NUMBER not in response.text
        assert WRONG_CHECK_DIGIT not in response.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"{" * 900_000,
        b"[" * 900_000,
        b'{"a":' * 90_000,
        b"[" * 500 + b"]" * 500,
        b"1" * 5_000,
        b'{"patient": {"number": "\\ud800", "name": "\\udfff"}}',
    ],
    ids=lambda content: repr(content[:12]),
)
async def test_what_is_no_start_is_refused_whatever_it_is(world: World, content: bytes) -> None:
    response = await send_raw(world, content)

    assert calls.code(response, 422) == "request_invalid"


@pytest.mark.parametrize(
    "content", [b"{", b"[" * 900_000, b'{"a":' * 90_000, b"1" * 5_000, b"\xff"], ids=lambda c: c[:5]
)
async def test_a_call_that_needs_no_body_bears_any_body(world: World, content: bytes) -> None:
    _, handover = await tale.sent(world)
    bob = world.caller(tale.RECEIVER)
    await bob.post(f"/handovers/{handover}/assign", {"to": "demo-at-1"})

    response = await bob.http.post(
        f"/handovers/{handover}/release",
        content=content,
        headers={"Idempotency-Key": uuid4().hex},
    )

    assert response.status_code == 200
    assert response.json()["assigned_to"] is None


@pytest.mark.parametrize(
    "content", [b"{", b"[" * 900_000, b'{"a":' * 90_000, b"1" * 5_000, b"\xff"], ids=lambda c: c[:5]
)
async def test_a_call_whose_body_may_be_left_out_bears_none_that_is_wrong(
    world: World, content: bytes
) -> None:
    _, handover = await tale.sent(world)

    response = await world.caller(tale.RECEIVER).http.post(
        f"/handovers/{handover}/acknowledge",
        content=content,
        headers={"Idempotency-Key": uuid4().hex},
    )

    assert calls.code(response, 422) == "request_invalid"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data", "nonsense"]
)
async def test_a_body_of_another_kind_is_refused(world: World, kind: str) -> None:
    response = await send_raw(world, json.dumps(calls.start_body()).encode(), kind)

    assert calls.code(response, 422) == "request_invalid"


async def in_chunks(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 10_000):
        yield b" " * 10_000


@pytest.mark.parametrize("size", [1_000_001, 1_500_000, 5_000_000])
async def test_a_body_over_the_limit_is_refused_declared_or_in_chunks(
    world: World, size: int
) -> None:
    declared = await send_raw(world, b" " * size)
    chunked = await send_raw(world, in_chunks(size + 10_000))

    assert calls.code(declared, 413) == "body_too_large"
    assert calls.code(chunked, 413) == "body_too_large"


async def test_a_body_just_under_the_limit_is_read(world: World) -> None:
    body = json.dumps(calls.start_body()).encode()

    response = await send_raw(world, body + b" " * (1_000_000 - len(body)))

    assert response.status_code == 201
    await calls.close(world, response.json()["id"])


NUL = "Före\u0000efter"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("referral.reason", NUL),
        ("patient.name", NUL),
        ("overlap_reason", NUL),
        ("patient.number", f"{NUMBER}\u0000"),
        ("patient.name", "\ud800"),
    ],
)
async def test_what_no_database_can_keep_is_refused_at_the_door(
    world: World, path: str, value: str
) -> None:
    content = json.dumps(changed(path, value)).encode()

    problem = calls.refusal(await send_raw(world, content), 422)

    assert problem["code"] == "request_invalid"


async def test_the_letters_of_an_escape_are_text_like_any_other(world: World) -> None:
    body = changed("referral.reason", "Skrivs \\u0000 i JSON.")

    journey = await world.caller(tale.SENDER).post("/journeys", body)

    read = await world.caller(tale.SENDER).get(f"/journeys/{journey['id']}")
    assert read["contents"]["1.referral"]["reason"] == "Skrivs \\u0000 i JSON."


@pytest.mark.parametrize("ref", ["\ud800", "x" * 101, "", None, 7, ["x"], {"x": 1}])
async def test_a_batch_refuses_an_impossible_ref_and_answers(world: World, ref: object) -> None:
    content = json.dumps({"items": [calls.start_body() | {"ref": ref}]}).encode()

    response = await world.caller(tale.SENDER).http.post(
        "/journeys/batch", content=content, headers={"Content-Type": "application/json"}
    )

    assert response.status_code == 200, response.text
    item = response.json()["items"][0]
    assert (item["outcome"], item["problem"]["code"]) == ("refused", "request_invalid")


@pytest.mark.parametrize("items", [[], [{}] * 201, ["x"], "x", None, [None]])
async def test_a_batch_of_nothing_or_of_too_much_is_refused(world: World, items: object) -> None:
    response = await world.caller(tale.SENDER).try_post("/journeys/batch", {"items": items})

    assert calls.code(response, 422) == "request_invalid"


@pytest.mark.parametrize(
    "path",
    [
        "/journeys/" + "x" * 40,
        "/units/%00",
        "/units/SE0000000000-NOWHERE",
        "/nowhere",
    ],
)
async def test_an_address_that_leads_nowhere_is_a_coded_404(world: World, path: str) -> None:
    response = await world.caller(tale.SENDER).http.get(path)

    assert calls.code(response, 404) in ("journey_unknown", "handover_unknown", "page_unknown")


@pytest.mark.parametrize("id", ["%00", "%F0%9F%92%A9", "x" * 41, "a%2Fb", "1'--"])
async def test_what_is_no_id_is_refused(world: World, id: str) -> None:
    caller = world.caller(tale.SENDER)

    for path in (f"/journeys/{id}", f"/journeys/{id}/events", f"/handovers/{id}"):
        calls.code(await caller.http.get(path), 404 if "%2F" in id else 422)
    for path in (f"/journeys/{id}/close", f"/handovers/{id}/acknowledge"):
        calls.code(await caller.try_post(path, {}), 404 if "%2F" in id else 422)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("limit=0", "request_invalid"),
        ("limit=201", "request_invalid"),
        ("limit=x", "request_invalid"),
        ("limit=99999999999999999999999", "request_invalid"),
        ("next=", "cursor_invalid"),
        ("next=x", "cursor_invalid"),
        ("next=bnVsbA", "cursor_invalid"),
        ("next=%F0%9F%92%A9", "cursor_invalid"),
        ("next=" + "A" * 401, "request_invalid"),
        # ["2026-01-01T00:00:00", "x"]: an instant without an offset.
        ("next=WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwgIngiXQ", "cursor_invalid"),
        # ["2026-01-01T00:00:00+00:00"]: too few parts.
        ("next=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIl0", "cursor_invalid"),
        # ["2026-01-01T00:00:00+00:00", "\u0000"]: what no database can keep.
        ("next=WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIlx1MDAwMCJd", "cursor_invalid"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(world: World, query: str, code: str) -> None:
    journeys = await world.caller(tale.SENDER).http.get(f"/journeys?{query}")
    inbox = await world.caller(tale.SENDER).http.get(f"/units/{tale.STROKE}/inbox?{query}")

    assert calls.code(journeys, 422) == code
    assert calls.code(inbox, 422) == code


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999", "9" * 40, "9" * 5000])
async def test_a_place_in_the_log_that_cannot_be_is_refused(world: World, after: str) -> None:
    journey = await tale.start(world)

    path = f"/journeys/{journey}/events"
    response = await world.caller(tale.SENDER).http.get(path, params={"after": after})

    assert calls.code(response, 422) == "request_invalid"


@pytest.mark.parametrize(
    ("to", "code"),
    [
        (NUMBER, "request_invalid"),
        ("Demo Arbetsterapeut 1", "request_invalid"),
        ("SE0000000000-PERSON1", "unit_unknown"),
    ],
)
async def test_a_person_cannot_be_the_receiver(world: World, to: str, code: str) -> None:
    journey = await tale.planned(world)

    response = await world.caller(tale.SENDER).try_post(
        f"/journeys/{journey}/handovers", tale.handover(to)
    )

    assert calls.code(response, 422) == code
    assert to not in response.text


@pytest.mark.parametrize(
    ("to", "status", "code"),
    [
        (tale.STROKE, 422, "receiver_kind_mismatch"),
        (calls.HOME_HELP, 422, "receiver_kind_mismatch"),
        ("SE0000000000-TESTPRIVVC1", 409, "receiver_agreement_expired"),
    ],
)
async def test_a_unit_that_cannot_receive_is_refused(
    world: World, to: str, status: int, code: str
) -> None:
    journey = await tale.planned(world)

    response = await world.caller(tale.SENDER).try_post(
        f"/journeys/{journey}/handovers", tale.handover(to)
    )

    assert calls.code(response, status) == code


async def test_a_wrong_method_and_an_unknown_page_are_problems(world: World) -> None:
    http = world.caller(tale.SENDER).http

    assert calls.code(await http.delete("/journeys"), 404) == "page_unknown"
    assert calls.code(await http.put("/overdue", json={}), 404) == "page_unknown"
    assert calls.code(await http.request("QUERY", "/journeys"), 404) == "page_unknown"


async def test_every_answer_may_be_traced_and_none_may_be_kept(world: World) -> None:
    caller = world.caller(tale.SENDER)

    given = await caller.http.get(
        "/pathways", headers={"X-Correlation-Id": "0123456789abcdef0123456789abcdef"}
    )
    made = await caller.http.get("/journeys/none", headers={"X-Correlation-Id": "no spaces!"})
    large = await send_raw(world, b" " * 1_000_001)

    assert given.headers["X-Correlation-Id"] == "0123456789abcdef0123456789abcdef"
    assert made.headers["X-Correlation-Id"].isalnum()
    for response in (given, made, large):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Correlation-Id"]
