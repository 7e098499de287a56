"""Attachments over real HTTP: uploaded once, sealed, and read by those who may; each is logged."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from tests.api import calls
from tests.stories import journeys as tale
from tests.world import Json, World

PDF = b"%PDF-1.7\n" + b"Testpatient 01 bor ensam. " * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))
LIMIT = 5_000_000
HOME_HELPER = "vasteras-homehelp"
NOW: Json = {"takes_over": {"when": "now"}}


async def try_upload(
    world: World,
    journey: str,
    content: bytes | AsyncIterator[bytes] = PDF,
    *,
    by: str = tale.SENDER,
    key: str | None = None,
    declared: str | None = "application/pdf",
    headers: dict[str, str] | None = None,
    **query: str,
) -> httpx.Response:
    """Upload, whatever comes of it."""
    given = {"Idempotency-Key": key or uuid4().hex} | (headers or {})
    if declared is not None:
        given["Content-Type"] = declared
    asked = {"kind": "discharge_summary", "legal_basis": "consent"} | query
    path = f"/journeys/{journey}/attachments"
    return await world.caller(by).http.post(path, content=content, headers=given, params=asked)


async def uploaded(world: World, journey: str, content: bytes = PDF, **change: Any) -> Json:
    """An attachment that was taken."""
    response = await try_upload(world, journey, content, **change)
    assert response.status_code == 201, response.text
    found: Json = response.json()
    return found


async def get(world: World, path: str, by: str = tale.SENDER) -> httpx.Response:
    """Read, whatever comes of it."""
    return await world.caller(by).http.get(path)


async def ids(world: World, path: str, by: str = tale.SENDER) -> list[str]:
    """The attachments in a list."""
    response = await get(world, path, by)
    assert response.status_code == 200, response.text
    return [attachment["id"] for attachment in response.json()]


async def name(world: World, handover: str, *attachments: str) -> None:
    """Let a handover that was sent name attachments, as its content does."""
    words = "UPDATE handover SET content = content || CAST(:named AS jsonb) WHERE id = :id"
    async with world.owner.begin() as connection:
        named = json.dumps({"attachments": attachments})
        await connection.execute(text(words), {"named": named, "id": handover})


async def kept(world: World, journey: str) -> list[Json]:
    """The rows of a journey's attachments."""
    return await world.rows(
        "SELECT * FROM attachment WHERE journey_id = :id ORDER BY at", id=journey
    )


async def test_a_file_is_uploaded_described_listed_and_read_back(world: World) -> None:
    journey = await tale.start(world)

    attachment = await uploaded(world, journey)

    path = f"/journeys/{journey}/attachments"
    read = await get(world, f"{path}/{attachment['id']}")
    assert attachment.pop("at")
    assert attachment == {
        "id": attachment["id"],
        "journey_id": journey,
        "kind": "discharge_summary",
        "media_type": "application/pdf",
        "size": len(PDF),
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "owner": tale.STROKE,
        "legal_basis": "consent",
    }
    assert await ids(world, path) == [attachment["id"]]
    assert (read.status_code, read.content) == (200, PDF)
    assert read.headers["Content-Type"] == "application/pdf"
    assert read.headers["Content-Disposition"] == "attachment"
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert read.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")],
)
async def test_each_type_that_is_taken_comes_back_as_itself(
    world: World, content: bytes, media_type: str
) -> None:
    journey = await tale.start(world)
    attachment = await uploaded(world, journey, content, declared=media_type, kind="image")

    read = await get(world, f"/journeys/{journey}/attachments/{attachment['id']}")

    assert (read.content, read.headers["Content-Type"]) == (content, media_type)


async def test_the_file_stands_sealed_in_the_table(world: World) -> None:
    journey = await tale.start(world)

    await uploaded(world, journey)

    (row,) = await kept(world, journey)
    assert row["uploaded_by"] == tale.SENDER
    assert b"Testpatient" not in row["sealed"] and b"%PDF" not in row["sealed"]


async def test_sealed_bytes_moved_to_another_id_are_an_error_and_no_garbage(world: World) -> None:
    journey = await tale.start(world)
    attachment = await uploaded(world, journey)
    moved = str(uuid4())
    async with world.owner.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO attachment SELECT (jsonb_populate_record(a,"
                " jsonb_build_object('id', CAST(:moved AS text)))).*"
                " FROM attachment a WHERE id = :id"
            ),
            {"moved": moved, "id": attachment["id"]},
        )

    response = await get(world, f"/journeys/{journey}/attachments/{moved}")

    assert calls.code(response, 500) == "internal_error"
    readings = await world.rows("SELECT 1 FROM access_log WHERE journey_id = :id", id=journey)
    assert readings == []


async def test_the_same_key_and_file_get_the_same_answer_and_one_file_is_kept(
    world: World,
) -> None:
    journey, key = await tale.start(world), uuid4().hex

    answers = await asyncio.gather(*(try_upload(world, journey, key=key) for _ in range(5)))

    assert [a.status_code for a in answers] == [201] * 5
    assert len({a.text for a in answers}) == 1
    assert len(await kept(world, journey)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"content": PDF + b"."},
        {"content": PNG, "declared": "image/png"},
        {"kind": "plan"},
        {"legal_basis": "harm_test"},
    ],
)
async def test_the_same_key_with_another_file_or_another_description_is_refused(
    world: World, change: dict[str, Any]
) -> None:
    journey, key = await tale.start(world), uuid4().hex
    first = await uploaded(world, journey, key=key)

    response = await try_upload(world, journey, key=key, **change)

    assert calls.code(response, 422) == "key_reused"
    assert [row["sha256"] for row in await kept(world, journey)] == [first["sha256"]]


async def test_a_key_belongs_to_one_journey_and_one_caller(world: World) -> None:
    key = uuid4().hex
    first, second = await tale.start(world), await tale.start(world)

    made = [await uploaded(world, journey, key=key) for journey in (first, second)]

    assert made[0]["id"] != made[1]["id"]


async def test_an_upload_without_a_key_is_refused(world: World) -> None:
    journey = await tale.start(world)

    response = await try_upload(world, journey, headers={"Idempotency-Key": ""})

    assert calls.code(response, 422) == "key_missing"
    assert await kept(world, journey) == []


async def test_an_upload_from_a_stale_reading_is_refused(world: World) -> None:
    journey = await tale.start(world)

    stale = await try_upload(world, journey, headers={"If-Match": '"1"'})

    assert calls.code(stale, 412) == "sequence_stale"
    assert await kept(world, journey) == []


async def test_a_closed_journey_takes_no_file_and_still_answers_for_an_old_one(
    world: World,
) -> None:
    journey, key = await tale.start(world), uuid4().hex
    first = await uploaded(world, journey, key=key)
    await calls.close(world, journey)

    again = await try_upload(world, journey, key=key)
    new = await try_upload(world, journey)

    assert (again.status_code, again.json()) == (201, first)
    assert calls.code(new, 409) == "journey_closed"


@pytest.mark.parametrize(
    ("content", "declared", "code"),
    [
        (b"", "application/pdf", "attachment_empty"),
        (b"<html><script>alert(1)</script>", "text/html", "attachment_type_unknown"),
        (b"<html><script>alert(1)</script>", "application/pdf", "attachment_type_unknown"),
        (b"<svg/>", "image/svg+xml", "attachment_type_unknown"),
        (PNG, "application/pdf", "attachment_type_unknown"),
        (PDF, "text/html", "attachment_type_unknown"),
    ],
)
async def test_a_file_of_another_type_than_it_says_or_than_is_taken_is_refused(
    world: World, content: bytes, declared: str, code: str
) -> None:
    journey = await tale.start(world)

    response = await try_upload(world, journey, content, declared=declared)

    assert calls.code(response, 422) == code
    assert await kept(world, journey) == []


async def test_the_bytes_decide_when_no_type_is_declared(world: World) -> None:
    journey = await tale.start(world)

    attachment = await uploaded(world, journey, PNG, declared=None)

    assert attachment["media_type"] == "image/png"


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "letter"},
        {"legal_basis": "because"},
    ],
)
async def test_a_wrong_description_is_refused_by_field(world: World, query: dict[str, Any]) -> None:
    journey = await tale.start(world)

    problem = calls.refusal(await try_upload(world, journey, **query), 422)

    assert problem["code"] == "request_invalid"
    assert [f["field"] for f in problem["fields"]] == list(query)


def padded(size: int) -> bytes:
    """A file of a size in bytes."""
    return PDF + b" " * (size - len(PDF))


async def in_chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 50_000):
        yield content[start : start + 50_000]


async def test_a_file_at_the_limit_is_taken_and_read_back(world: World) -> None:
    journey, content = await tale.start(world), padded(LIMIT)

    attachment = await uploaded(world, journey, content)

    read = await get(world, f"/journeys/{journey}/attachments/{attachment['id']}")
    assert attachment["size"] == LIMIT
    assert read.content == content


async def test_a_file_over_the_limit_is_refused_declared_or_in_chunks(world: World) -> None:
    journey, content = await tale.start(world), padded(LIMIT + 1)

    declared = await try_upload(world, journey, content)
    chunked = await try_upload(world, journey, in_chunks(content))

    assert calls.code(declared, 413) == "attachment_too_large"
    assert calls.code(chunked, 413) == "attachment_too_large"
    assert await kept(world, journey) == []


@pytest.mark.parametrize("path", ["/journeys", "/journeys/x/attachments/y", "/journeys/x/visits"])
async def test_only_uploads_may_be_that_large(world: World, path: str) -> None:
    headers = {"Idempotency-Key": uuid4().hex, "Content-Type": "application/pdf"}

    response = await world.caller(tale.SENDER).http.post(
        path, content=padded(1_500_000), headers=headers
    )

    assert calls.code(response, 413) == "body_too_large"


async def test_a_file_may_hold_what_no_text_may(world: World) -> None:
    journey, content = await tale.start(world), PDF + b'"\\u0000"\0'

    attachment = await uploaded(world, journey, content)

    read = await get(world, f"/journeys/{journey}/attachments/{attachment['id']}")
    assert read.content == content


async def test_an_outsider_can_neither_upload_nor_list_nor_read(world: World) -> None:
    journey, handover = await tale.sent(world)
    attachment = await uploaded(world, journey)
    by = tale.OUTSIDER

    upload = await try_upload(world, journey, by=by)
    reads = [
        await get(world, path, by)
        for path in (
            f"/journeys/{journey}/attachments",
            f"/handovers/{handover}/attachments",
            f"/journeys/{journey}/attachments/{attachment['id']}",
        )
    ]
    nowhere = [
        await get(world, path, by)
        for path in ("/journeys/x/attachments", "/handovers/x/attachments")
    ]
    nowhere.append(await get(world, "/journeys/x/attachments/y", by))

    assert calls.code(upload, 404) == "journey_unknown"
    assert len(await kept(world, journey)) == 1
    assert [calls.refusal(r, 404) for r in reads] == [calls.refusal(r, 404) for r in nowhere]


async def test_an_attachment_is_found_only_in_its_own_journey(world: World) -> None:
    journey, other = await tale.start(world), await tale.start(world)
    attachment = await uploaded(world, journey)

    response = await get(world, f"/journeys/{other}/attachments/{attachment['id']}")

    assert calls.code(response, 404) == "attachment_unknown"


async def test_the_receiver_reads_what_its_handover_names_until_it_says_no(world: World) -> None:
    journey = await tale.planned(world)
    named, besides = await uploaded(world, journey), await uploaded(world, journey, PDF + b".")
    body = tale.handover(content={"attachments": [named["id"]]})
    handover = (await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body))["id"]
    files = [f"/journeys/{journey}/attachments/{a['id']}" for a in (named, besides)]

    before = [await get(world, path, tale.RECEIVER) for path in files]
    of_handover = await ids(world, f"/handovers/{handover}/attachments", tale.RECEIVER)
    of_journey = await get(world, f"/journeys/{journey}/attachments", tale.RECEIVER)
    no = {"reason": "no_capacity"}
    await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/decline", no)
    after = [await get(world, path, tale.RECEIVER) for path in files]

    assert [r.status_code for r in before] == [200, 404]
    assert before[0].content == PDF
    assert of_handover == [named["id"]]
    assert calls.code(of_journey, 404) == "journey_unknown"
    assert [calls.code(r, 404) for r in after] == ["attachment_unknown"] * 2


async def test_a_receiver_uploads_only_once_it_holds(world: World) -> None:
    journey, handover = await tale.sent(world)

    before = await try_upload(world, journey, by=tale.RECEIVER)
    await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/accept", NOW)
    after = await uploaded(world, journey, by=tale.RECEIVER)

    assert calls.code(before, 404) == "journey_unknown"
    assert after["owner"] == tale.REHAB
    assert await ids(world, f"/journeys/{journey}/attachments") == [after["id"]]


async def test_social_services_read_only_what_their_own_handover_names(world: World) -> None:
    journey, to_rehab = await tale.sent(world)
    named, to_others, besides = [
        await uploaded(world, journey, PDF + bytes([number])) for number in range(3)
    ]
    body = tale.handover(calls.HOME_HELP, part="home_help", step=None)
    own = (await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body))["id"]
    await name(world, own, named["id"])
    await name(world, to_rehab, to_others["id"])

    await world.caller(HOME_HELPER).post(f"/handovers/{own}/accept", NOW)

    path = f"/journeys/{journey}/attachments"
    assert await ids(world, path, HOME_HELPER) == [named["id"]]
    assert await ids(world, f"/handovers/{own}/attachments", HOME_HELPER) == [named["id"]]
    others = await get(world, f"/handovers/{to_rehab}/attachments", HOME_HELPER)
    assert calls.code(others, 404) == "handover_unknown"
    read = [
        (await get(world, f"{path}/{a['id']}", HOME_HELPER)).status_code
        for a in (named, to_others, besides)
    ]
    assert read == [200, 404, 404]


async def test_who_only_watches_reads_no_file(world: World) -> None:
    journey = await tale.start(world)
    attachment = await uploaded(world, journey)
    path = f"/journeys/{journey}/attachments"

    responses = [
        await try_upload(world, journey, by="regional-rehab"),
        await get(world, path, "regional-rehab"),
        await get(world, f"{path}/{attachment['id']}", "regional-rehab"),
    ]

    assert [calls.code(r, 403) for r in responses] == ["role_not_enough"] * 3


async def test_each_reading_is_a_line_in_the_log(world: World) -> None:
    journey, handover = await tale.sent(world)
    attachment = await uploaded(world, journey)
    await name(world, handover, attachment["id"])
    file = f"/journeys/{journey}/attachments/{attachment['id']}"

    await get(world, file)
    await get(world, file, tale.RECEIVER)
    await get(world, f"/journeys/{journey}/attachments")
    await get(world, f"/handovers/{handover}/attachments", tale.RECEIVER)
    await get(world, file, tale.OUTSIDER)

    lines = await world.rows(
        "SELECT subject, unit, action, j.patient_id = a.patient_id AS right_one"
        " FROM access_log a JOIN journey j ON j.id = a.journey_id"
        " WHERE journey_id = :id ORDER BY a.id",
        id=journey,
    )
    assert [(line["subject"], line["unit"]) for line in lines] == [
        (tale.SENDER, tale.STROKE),
        (tale.RECEIVER, tale.REHAB),
        (tale.SENDER, tale.STROKE),
        (tale.RECEIVER, tale.REHAB),
    ]
    assert {line["action"] for line in lines} == {"attachment"}
    assert all(line["right_one"] for line in lines)


async def test_no_file_stands_in_a_log(world: World) -> None:
    journey, secret = await tale.start(world), b"Hemlig epikris"
    attachment = await uploaded(world, journey, PDF + secret)
    await get(world, f"/journeys/{journey}/attachments/{attachment['id']}")

    texts = [
        (world.house.home / "logs" / "api.log").read_text(encoding="utf-8"),
        world.house.postgres.log.read_text(encoding="utf-8"),
    ]

    assert all(texts), "an empty log would test nothing"
    for said in texts:
        assert "epikris" not in said and "Testpatient" not in said
