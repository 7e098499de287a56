"""Hospital stays over real HTTP: the ward's messages, and what those see who were told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api import calls
from tests.api.care import COLLEAGUE, HOME_HELPER, logged, of_protected, protect
from tests.stories import journeys as tale
from tests.world import Caller, Json, World

ASSESSOR, ASSESSORS = "vasteras-assessor", "SE0000000000-TESTK1980BIST"
OPEN_CARE, OPEN_CARE_UNIT = "vc-koping", "SE0000000000-TESTRVMVCKOP"
BOTH = ["social_services", "municipal_health_care"]
NUMBER = "196109072972"
MASKED = "Skyddad patient – ring avsändaren"


def ago(hours: float = 0) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


async def admitted(world: World, hours: float = 1, journey: str | None = None, **said: Any) -> str:
    """A journey whose patient has been in hospital for some hours; efforts were judged at once."""
    known = journey or await started(world)
    body = {"at": ago(hours), "efforts": BOTH} | said
    await world.caller(tale.SENDER).post(f"/journeys/{known}/facts/admitted", body)
    return known


async def started(world: World) -> str:
    """A journey of a patient in Västerås."""
    referral = {
        "reason": "Stroke.",
        "initiator": "hospital",
        "figures": {"municipality": "1980"},
    }
    body = calls.start_body(next(tale.NUMBERS), "stroke-rehab", referral=referral)
    journey: str = (await world.caller(tale.SENDER).post("/journeys", body))["id"]
    return journey


def notice(*to: str, **change: Any) -> Json:
    """The body of a notice to the municipality and to the region's open care."""
    units = list(to or (ASSESSORS, OPEN_CARE_UNIT))
    return {"to": units, "estimated_at": ago(-96)} | change


async def told(world: World, **said: Any) -> str:
    """The same, when the notice has been sent."""
    journey = await admitted(world, **said)
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/stay/notice", notice())
    return journey


async def stays_of(caller: Caller, unit: str, **query: Any) -> list[str]:
    found = await caller.get(f"/units/{unit}/stays", **query)
    return [item["journey_id"] for item in found["items"]]


async def test_who_was_told_reads_the_stay_and_nothing_else_of_the_journey(world: World) -> None:
    journey = await told(world)
    assessor = world.caller(ASSESSOR)

    stay = await assessor.get(f"/stays/{journey}/1")
    listed = await assessor.get(f"/units/{ASSESSORS}/stays", limit=200)
    others = [
        await assessor.http.get(f"/journeys/{journey}{path}")
        for path in ("", "/events", "/meetings", "/sip", "/plans", "/messages")
    ]

    assert stay["patient"]["name"] == "Testpatient 90"
    assert stay["patient"]["system"] == "personnummer"
    assert (stay["municipality"], stay["efforts"]) == ("1980", BOTH)
    assert "avdelningen" in stay["address"]["sv"]
    assert stay["ward"]["hsa_id"] == tale.STROKE
    assert stay["ward"]["contacts"][0]["phone"] == "010-000 00 00"
    assert stay["notified"] == [ASSESSORS, OPEN_CARE_UNIT]
    assert {c["kind"] for c in stay["clocks"]} == {"estimate", "care_contact"}
    assert stay["available_actions"] == ["planning", "region-care"]
    assert stay in listed["items"]
    assert [calls.code(r, 404) for r in others] == ["journey_unknown"] * 6


async def test_each_reading_of_a_stay_is_a_line_in_the_log(world: World) -> None:
    journey = await told(world)
    assessor = world.caller(ASSESSOR)

    await assessor.get(f"/stays/{journey}/1")
    await assessor.get(f"/units/{ASSESSORS}/stays", limit=200)
    await assessor.get(f"/stays/{journey}/1/payment-liability")
    await world.caller(tale.SENDER).get(f"/journeys/{journey}/payment-liability")

    assert await logged(world, journey) == [
        (ASSESSOR, "stay"),
        (ASSESSOR, "stays"),
        (ASSESSOR, "payment_liability"),
        (tale.SENDER, "payment_liability"),
    ]


async def test_the_newest_stay_is_listed_first_page_by_page(world: World) -> None:
    journeys = [await told(world, hours=hours) for hours in (3, 2, 1)]
    assessor = world.caller(ASSESSOR)

    first = await assessor.get(f"/units/{ASSESSORS}/stays", limit=2)
    second = await assessor.get(f"/units/{ASSESSORS}/stays", limit=2, next=first["next"])
    everything = await stays_of(assessor, ASSESSORS, limit=200)

    pages = [i["journey_id"] for i in first["items"] + second["items"]]
    assert pages == everything[:4]
    assert [j for j in everything if j in journeys] == journeys[::-1]


async def test_who_was_not_told_learns_of_no_stay(world: World) -> None:
    journey = await told(world)
    outsider, path = world.caller(tale.OUTSIDER), f"/stays/{journey}/1"

    asked = [
        await outsider.http.get(path),
        await outsider.http.get(f"{path}/payment-liability"),
        await outsider.try_post(f"{path}/planning"),
        await outsider.try_post(f"{path}/care-contact", {"function": "SSK", "phone": "021-12345"}),
        await outsider.try_post(f"{path}/region-care", {"region_care": "available"}),
        await world.caller(ASSESSOR).http.get(f"/stays/{journey}/2"),
    ]
    listed = await outsider.http.get(f"/units/{ASSESSORS}/stays")

    assert [calls.code(r, 404) for r in asked] == ["stay_unknown"] * 6
    assert calls.code(listed, 403) == "not_your_unit"


async def test_who_was_told_plans_and_names_the_contact_and_is_answered_with_the_stay(
    world: World,
) -> None:
    journey = await told(world)
    path, body = f"/stays/{journey}/1", {"function": "Sjuksköterska", "phone": "0221-123 45"}

    planning = await world.caller(ASSESSOR).post(f"{path}/planning")
    again = await world.caller(ASSESSOR).refused(f"{path}/planning")
    wrong = await world.caller(ASSESSOR).refused(f"{path}/care-contact", body)
    named = await world.caller(OPEN_CARE).post(f"{path}/care-contact", body)

    assert [p["unit"] for p in planning["planning"]] == [ASSESSORS]
    assert planning["available_actions"] == ["region-care"]
    assert "patient" not in planning and "parts" not in planning
    assert (again["code"], wrong["code"]) == ("already_planning", "not_region_open_care")
    assert named["care_contact"]["unit"] == OPEN_CARE_UNIT
    assert {c["kind"] for c in named["clocks"]} == {"estimate"}
    seen = await world.caller(tale.SENDER).get(f"/journeys/{journey}")
    assert seen["care"]["episodes"][0]["care_contact"]["phone"] == "0221-123 45"


async def test_the_same_key_gets_the_same_answer_also_of_who_was_only_told(world: World) -> None:
    journey = await told(world)
    assessor, path = world.caller(ASSESSOR), f"/stays/{journey}/1/planning"

    first, second = [await assessor.try_post(path, key="plan") for _ in range(2)]
    other = await assessor.try_post(
        f"/stays/{journey}/1/region-care", {"region_care": "unclear", "reason": "?"}, key="plan"
    )

    assert first.status_code == 200, first.text
    assert (first.json(), first.headers["ETag"]) == (second.json(), second.headers["ETag"])
    assert calls.code(other, 422) == "key_reused"


async def test_the_inbox_of_who_was_told_shows_the_notices(world: World) -> None:
    journey = await told(world)
    ward = world.caller(tale.SENDER)
    await ward.post(f"/journeys/{journey}/stay/estimate", {"estimated_at": ago(-120)})
    await ward.post(f"/journeys/{journey}/facts/ready", {"at": ago()})
    gone = {"at": ago(), "reason": "Feber."}
    await ward.post(f"/journeys/{journey}/stay/ready/withdraw", gone)

    found = await tale.told(world, journey)

    for unit in (ASSESSORS, OPEN_CARE_UNIT):
        heard = [kind for kind, at, function in found if (at, function) == (unit, "inbox")]
        assert heard[:2] == ["admission_notice", "discharge_estimated"]
        assert {"patient_ready", "ready_withdrawn"} <= set(heard)
    rows = await world.rows(
        "SELECT subject FROM notice WHERE journey_id = :id AND kind = 'admission_notice'",
        id=journey,
    )
    assert {row["subject"] for row in rows} == {"stay.1"}


@pytest.mark.parametrize(
    ("to", "rule"),
    [
        ((OPEN_CARE_UNIT,), "municipality_missing"),
        ((ASSESSORS,), "region_open_care_missing"),
        ((ASSESSORS, OPEN_CARE_UNIT, tale.STROKE), "cannot_receive"),
    ],
)
async def test_a_notice_goes_to_everybody_who_will_be_needed(
    world: World, to: tuple[str, ...], rule: str
) -> None:
    journey = await admitted(world)

    problem = await world.caller(tale.SENDER).refused(
        f"/journeys/{journey}/stay/notice", notice(*to)
    )

    assert (problem["code"], [f["rule"] for f in problem["fields"]]) == ("content_invalid", [rule])


async def test_the_liability_says_why_not_and_from_when(world: World) -> None:
    journey = await admitted(world, efforts=["social_services"])
    ward, path = world.caller(tale.SENDER), f"/journeys/{journey}"

    async def ledger() -> Json:
        (only,) = (await ward.get(f"{path}/payment-liability"))["items"]
        found: Json = only
        return found

    before = await ledger()
    await ward.post(f"{path}/stay/notice", notice(ASSESSORS))
    not_ready = await ledger()
    await ward.post(f"{path}/facts/ready", {"at": ago()})
    counting = await ledger()
    unclear = {"region_care": "unclear", "reason": "Läkarkontakt saknas."}
    await world.caller(ASSESSOR).post(f"/stays/{journey}/1/region-care", unclear)
    stopped = await world.caller(ASSESSOR).get(f"/stays/{journey}/1/payment-liability")

    assert before["reasons"] == ["admission_notice_missing", "not_ready"]
    assert before["reason_texts"][0]["sv"].startswith("Inget inskrivningsmeddelande")
    assert not_ready["reasons"] == ["not_ready"]
    assert (counting["status"], counting["reasons"], counting["days"]) == ("counting", [], 0)
    assert counting["rule"] == "payment_start@1"
    assert counting["reference"] == "lag (2017:612) 5 kap. 4 §"
    assert counting["amount_sek"] is None
    assert counting["remarks"][0]["sv"] == "Beloppet per dygn är inte känt här."
    assert (stopped["status"], stopped["reasons"]) == ("not_started", ["region_care_unclear"])


async def test_a_stay_that_was_followed_takes_no_answers(world: World) -> None:
    journey = await told(world, hours=3)
    ward, path = world.caller(tale.SENDER), f"/journeys/{journey}"
    await ward.post(f"{path}/facts/left", {"at": ago(2), "to": "Ordinärt boende"})
    await admitted(world, 1, journey)

    problem = await world.caller(ASSESSOR).refused(f"/stays/{journey}/1/planning")
    first = await world.caller(ASSESSOR).get(f"/stays/{journey}/1")
    second = await world.caller(ASSESSOR).http.get(f"/stays/{journey}/2")

    assert problem["code"] == "stay_followed"
    assert (first["available_actions"], first["clocks"]) == ([], [])
    assert calls.code(second, 404) == "stay_unknown"
    ledgers = (await ward.get(f"{path}/payment-liability"))["items"]
    assert [ledger["stay"] for ledger in ledgers] == [1, 2]


async def test_social_services_of_the_journey_see_no_stay_that_they_were_not_told_of(
    world: World,
) -> None:
    journey, _ = await tale.sent(world)
    body = tale.handover(calls.HOME_HELP, part="home_help", step=None)
    sent = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    accept = {"takes_over": {"when": "now"}}
    await world.caller(HOME_HELPER).post(f"/handovers/{sent['id']}/accept", accept)
    await admitted(world, 0, journey)

    hidden = await world.caller(HOME_HELPER).http.get(f"/stays/{journey}/1")
    await world.caller(tale.SENDER).post(
        f"/journeys/{journey}/stay/notice", notice(calls.HOME_HELP, OPEN_CARE_UNIT)
    )

    assert calls.code(hidden, 404) == "stay_unknown"
    assert (await world.caller(HOME_HELPER).get(f"/stays/{journey}/1"))["number"] == 1


async def test_a_protected_patient_is_told_of_by_hand_and_shown_masked(world: World) -> None:
    journey = await of_protected(world, NUMBER)
    await protect(world, journey)
    await admitted(world, 0, journey)
    ward, path = world.caller(tale.SENDER), f"/journeys/{journey}"

    refused = await ward.refused(f"{path}/stay/notice", notice())
    sent = await ward.post(f"{path}/stay/notice", notice(by_hand=True))
    hidden = {"region_care": "missing", "reason": "Bor hos sin syster."}
    replayed = [await ward.try_post(f"{path}/stay/region-care", hidden, "k") for _ in range(2)]
    stay = await world.caller(ASSESSOR).get(f"/stays/{journey}/1")
    colleague = await world.caller(COLLEAGUE).get(f"/stays/{journey}/1")
    whole = await ward.get(f"/stays/{journey}/1")
    await protect(world, journey, "none")

    assert (refused["code"], sent["notified"]) == ("notice_by_hand", [ASSESSORS, OPEN_CARE_UNIT])
    assert stay["patient"]["name"] == colleague["patient"]["name"] == MASKED
    assert (stay["municipality"], stay["region_care_reason"]) == (None, None)
    assert whole["patient"]["value"] == NUMBER
    assert whole["region_care_reason"] == "Bor hos sin syster."
    assert replayed[0].json() == replayed[1].json()
    assert "syster" not in str((stay, colleague))
    kinds = [kind for kind, _, _ in await tale.told(world, journey)]
    assert "admission_notice" not in kinds
