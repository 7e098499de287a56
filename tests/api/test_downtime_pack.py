"""The downtime pack over HTTP: for the own unit, masked as the inbox is, and always logged."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader

from api.downtime_words import KINDS, PURPOSES
from domain.clock import ClockKind
from domain.pathway import Purpose
from tests.api import calls
from tests.api.care import COLLEAGUE, PROTECTED, of_protected, protect
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.stories.test_telephone import CALLS, SILENT
from tests.web.reading import Html
from tests.world import Json, World
from web.downtime_facts import short_reference

HTML, PDF = "text/html", "application/pdf"
SECRET = "Bor hos sin syster i Ramnäs."
NOW: Json = {"takes_over": {"when": "now"}}


@pytest.fixture
async def cast(world: World) -> AsyncIterator[Cast]:
    """Staff of units that the demo has no users for."""
    found = Cast(world)
    yield found
    await found.close()


async def pack(http: httpx.AsyncClient, unit: str, accept: str = HTML) -> httpx.Response:
    return await http.get(f"/units/{unit}/downtime-pack", headers={"Accept": accept})


async def text_of(http: httpx.AsyncClient, unit: str) -> str:
    response = await pack(http, unit)
    assert response.status_code == 200, response.text
    return Html(response.text).text


def row_of(text: str, opaque: str, section: str) -> str:
    """What stands about one reference under a heading, up to the next reference."""
    under = text.split(section)[1].split("Svar för hand")[0]
    return under.split(f"Ref {short_reference(opaque)}")[1].split("Ref ")[0]


async def test_who_owes_an_answer_and_who_waits_for_it_find_it_on_paper(world: World) -> None:
    _, handover = await tale.sent(world)

    ours = await text_of(world.caller(tale.RECEIVER).http, tale.REHAB)
    theirs = await text_of(world.caller(tale.SENDER).http, tale.STROKE)

    owed = row_of(ours, handover, "1. Svar som vi är skyldiga")
    assert "Strokeenhet Västerås (demo)" in owed
    assert "Tel 010-000 00 00" in owed
    assert "Rehabilitering\nÖverta en del\n" in owed
    assert "Kvitterad: " in owed and "Accepterad: " in owed
    assert "Första hembesök inom en vardag." in owed
    waits = row_of(theirs, handover, "2. Skickat, väntar på andra")
    assert "Kommunrehab Västerås (demo)" in waits
    assert "Annan tid 010-000 00 00" in waits
    assert f"Ref {short_reference(handover)}" in ours.split("Svar för hand")[1]
    assert "DEMO" in ours


async def test_while_a_question_is_open_it_is_the_sender_that_owes(world: World) -> None:
    _, handover = await tale.sent(world)
    receiver = world.caller(tale.RECEIVER)
    await receiver.post(f"/handovers/{handover}/ask", {"question": "Hur är trappan?"})

    owed = row_of(await text_of(receiver.http, tale.REHAB), handover, "1. Svar som vi")

    assert "Accepterad: vilar" in owed
    assert "Avsändaren, svar på frågan: " in owed
    assert "trappan" not in owed


async def test_what_a_unit_holds_stands_there_until_somebody_has_taken_it_over(
    world: World,
) -> None:
    journey, handover = await tale.sent(world)
    sender, receiver = world.caller(tale.SENDER), world.caller(tale.RECEIVER)
    before = await text_of(receiver.http, tale.REHAB)
    await receiver.post(f"/handovers/{handover}/accept", NOW)

    after = await text_of(receiver.http, tale.REHAB)
    left = await text_of(sender.http, tale.STROKE)

    reference = f"Ref {short_reference(journey)}"
    assert reference not in before
    assert "Stroke" in row_of(after, journey, "3. Delar som vi håller")
    assert "Samordning" in row_of(left, journey, "3. Delar som vi håller")
    assert "Rehabilitering\n" not in row_of(left, journey, "3. Delar som vi håller")


async def test_an_alarm_stands_at_both_sides_with_whom_to_ring(world: World) -> None:
    journey, _ = await tale.sent(world)
    at = await world.now(journey)
    body = {"at": at.isoformat(), "to": "Hemmet"}
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/facts/left", body)

    ward = await text_of(world.caller(tale.SENDER).http, tale.STROKE)
    rehab = await text_of(world.caller(tale.RECEIVER).http, tale.REHAB)

    heading = "4. Larm som ringer"
    assert "LARM" in row_of(ward, journey, heading)
    assert "Trygghetssamtal" in ward
    assert "Strokeenhet Västerås (demo)" in row_of(rehab, journey, heading)


async def test_who_calls_for_a_unit_without_a_system_finds_whom_to_call(
    world: World, cast: Cast
) -> None:
    _, handover = await tale.sent(world, SILENT)

    text = await text_of(cast.at(CALLS).http, CALLS)
    for_it = await text_of(cast.at(CALLS).http, SILENT)

    assert "Ska ringas sedan" in row_of(text, handover, "5. Ring enheter som saknar system")
    assert short_reference(handover) in for_it


async def test_a_protected_patient_is_masked_as_in_the_inbox(world: World, cast: Cast) -> None:
    journey = await of_protected(world)
    body = tale.handover(tale.REHAB, content={"reason": SECRET, "requested": SECRET})
    handover = (await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body))["id"]
    await protect(world, journey)

    group = await text_of(world.caller(tale.RECEIVER).http, tale.REHAB)
    masked = [
        await text_of(cast.at(tale.REHAB, "demo-at-9").http, tale.REHAB),
        await text_of(world.caller(COLLEAGUE).http, tale.STROKE),
    ]
    await protect(world, journey, "none")

    assert SECRET in group and PROTECTED in group
    for text in masked:
        assert f"Skyddad patient – ring avsändaren\nRef {short_reference(handover)}" in text
        assert SECRET not in text and PROTECTED not in text
    held = row_of(masked[1], journey, "3. Delar som vi håller")
    assert "Strokeenhet" not in held and "Stroke" not in held
    assert "Öppet steg" in held


async def test_every_patient_on_paper_is_in_the_log_of_readings(world: World) -> None:
    mine = [(await tale.sent(world, tale.IHR))[0] for _ in range(3)]
    before = datetime.now(UTC)

    await pack(world.caller("vasteras-ihr").http, tale.IHR, PDF)

    rows = await world.rows(
        "SELECT journey_id, patient_id, subject, unit, correlation_id FROM access_log"
        " WHERE action = 'downtime_pack' AND at >= :before",
        before=before,
    )
    assert set(mine) <= {row["journey_id"] for row in rows}
    assert len({row["journey_id"] for row in rows}) == len(rows)
    assert {(row["subject"], row["unit"]) for row in rows} == {("vasteras-ihr", tale.IHR)}
    assert all(row["patient_id"] and row["correlation_id"] for row in rows)


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("", HTML),
        ("*/*", HTML),
        (HTML, HTML),
        (PDF, PDF),
        (f"{PDF};q=1, {HTML}", PDF),
        (f"{HTML},application/xhtml+xml,{PDF}", HTML),
        ("image/png", HTML),
    ],
)
async def test_it_comes_as_it_is_asked_for_and_is_kept_nowhere(
    world: World, accept: str, given: str
) -> None:
    response = await pack(world.caller("koping-rehab").http, "SE0000000000-TESTK1983REH", accept)

    assert response.status_code == 200
    assert response.headers["Content-Type"].partition(";")[0] == given
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.content.startswith(b"%PDF" if given == PDF else b"<!DOCTYPE html>")


async def test_the_document_says_the_same_as_the_page(world: World) -> None:
    _, handover = await tale.sent(world)

    response = await pack(world.caller(tale.RECEIVER).http, tale.REHAB, PDF)

    said = " ".join(p.extract_text() for p in PdfReader(BytesIO(response.content)).pages)
    assert said.count(short_reference(handover)) == 2
    assert response.headers["Content-Disposition"] == 'attachment; filename="downtime.pdf"'


async def test_it_is_for_the_callers_own_units_alone(world: World, cast: Cast) -> None:
    outsider = world.caller(tale.OUTSIDER).http

    for unit in (tale.REHAB, "SE0000000000-NOBODY", "x"):
        assert calls.code(await pack(outsider, unit), 403) == "not_your_unit"
    operator = cast.at(tale.REHAB, "demo-op-1", ("operator",)).http
    assert calls.code(await pack(operator, tale.REHAB), 403) == "not_your_unit"
    assert calls.code(await operator.get("/downtime-packs"), 403) == "role_not_enough"


async def test_a_caller_finds_the_units_whose_packs_it_may_print(world: World, cast: Cast) -> None:
    listed = (await cast.at(CALLS).http.get("/downtime-packs")).json()

    assert {CALLS, SILENT} <= {u["hsa_id"] for u in listed}
    assert listed[0]["hsa_id"] == CALLS
    for unit in listed:
        assert (await pack(cast.at(CALLS).http, unit["hsa_id"])).status_code == 200


def test_there_are_words_for_everything_that_is_promised() -> None:
    assert set(PURPOSES) == set(Purpose)
    assert {ClockKind.STEP, ClockKind.ALARM, ClockKind.ACCEPTED} <= set(KINDS)
