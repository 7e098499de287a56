"""Whose a plan is, who else treats the patient, and who sees protected patients: told to few."""

from typing import Any

import pytest

from tests.api import calls
from tests.api.care import COLLEAGUE, HOME_HELPER, NOW, protect, shared, with_home_help
from tests.stories import journeys as tale
from tests.world import Json, World

KEEPER, OTHER_KEEPER = "vasteras-catalogue", "sala-catalogue"
# A test person of this file, whose two journeys are known by number.
TWICE = "197912309296"


def of(summary: str) -> Json:
    """A plan that says so."""
    return {**tale.PLAN, "summary_assessment": summary}


async def events(world: World, journey: str, by: str) -> list[Json]:
    found = await world.caller(by).get(f"/journeys/{journey}/events", limit=200)
    items: list[Json] = found["items"]
    return items


async def planned_anew(world: World, journey: str, summary: str) -> None:
    """The plan's step is done once more, in Västerås; no handover brings it to anybody."""
    path = f"/journeys/{journey}/steps/plan/reopen"
    await world.caller(tale.RECEIVER).post(path, {"reason": "Nya mål."})
    await tale.complete(world, journey, "plan", of(summary), tale.RECEIVER)


async def test_no_plan_is_told_in_the_log(world: World) -> None:
    journey = await shared(world)
    draft = {"content": of("Kommunens utkast.")}
    await world.caller(tale.RECEIVER).post(f"/journeys/{journey}/plans", draft)

    logs = [await events(world, journey, by) for by in (tale.SENDER, tale.RECEIVER)]

    for log in logs:
        of_plans = [e for e in log if e["type"] in ("plan_drafted", "plan_activated")]
        assert [e["what"]["version"]["number"] for e in of_plans] == [1, 2]
        assert "content" not in of_plans[0]["what"] and "content" not in of_plans[1]["what"]
        done = {e["what"]["step"]: e["what"] for e in log if e["type"] == "step_completed"}
        assert done["1.assessment"]["content"]["summary"] == tale.ASSESSMENT["summary"]
        assert "content" not in done["1.plan"]
        assert "Kommunens utkast." not in str(log)
        assert str(tale.PLAN["summary_assessment"]) not in str(log)


async def test_a_plan_that_was_not_disclosed_stands_in_nobody_elses_journey(
    world: World,
) -> None:
    journey = await shared(world)
    path = f"/journeys/{journey}"
    given = (await world.caller(tale.RECEIVER).get(path))["contents"]

    await planned_anew(world, journey, "Kommunens nya plan.")

    own, others = [
        (await world.caller(by).get(path))["contents"] for by in (tale.RECEIVER, tale.SENDER)
    ]
    assert given["1.plan"]["summary_assessment"] == tale.PLAN["summary_assessment"]
    assert own["1.plan"]["summary_assessment"] == "Kommunens nya plan."
    assert set(others) == set(own) - {"1.plan"}


async def test_a_draft_of_a_handover_holds_no_plan_that_its_sender_may_not_read(
    world: World,
) -> None:
    journey = await shared(world)
    await planned_anew(world, journey, "Kommunens nya plan.")

    drafts = [
        await world.caller(by).get(f"/journeys/{journey}/handovers/draft", to=to, part="rehab")
        for by, to in ((tale.RECEIVER, tale.IHR), (tale.SENDER, tale.IHR))
    ]

    assert drafts[0]["summary_evaluation"] == "Kommunens nya plan."
    assert "Kommunens nya plan." not in str(drafts[1])


async def twice(world: World, number: str) -> str:
    """A journey with home help, of somebody who has another journey at the health centre."""
    patient = {"number": number, "name": "Testpatient 91"}
    body = calls.start_body(number, "stroke-rehab", patient=patient)
    alice = world.caller(tale.SENDER)
    journey: str = (await alice.post("/journeys", body))["id"]
    await tale.complete(world, journey, "assessment", tale.ASSESSMENT)
    await tale.complete(world, journey, "plan", tale.PLAN)
    await world.caller(tale.OUTSIDER).post(
        "/journeys", calls.start_body(number, "generic-rehab", patient=patient, unit=tale.SALA)
    )
    to_help = tale.handover(calls.HOME_HELP, part="home_help", step=None)
    sent = await alice.post(f"/journeys/{journey}/handovers", to_help)
    await world.caller(HOME_HELPER).post(f"/handovers/{sent['id']}/accept", NOW)
    return journey


async def test_who_else_treats_the_patient_is_told_to_health_care_that_may_see_it(
    world: World,
) -> None:
    journey = await twice(world, TWICE)

    async def others(by: str) -> Any:
        return (await world.caller(by).get(f"/journeys/{journey}"))["other_journeys"]

    before = [await others(by) for by in (tale.SENDER, COLLEAGUE, HOME_HELPER)]
    await protect(world, journey)
    after = [await others(by) for by in (tale.SENDER, COLLEAGUE, HOME_HELPER)]
    await protect(world, journey, "none")

    known = [{"pathway": "generic-rehab@2", "coordinator": tale.SALA}]
    assert before == [known, known, []]
    assert after == [known, [], []]


@pytest.mark.parametrize(
    ("by", "shown"),
    [
        (KEEPER, True),
        (OTHER_KEEPER, False),
        (tale.RECEIVER, False),
        (HOME_HELPER, False),
        ("regional-rehab", False),
    ],
)
async def test_who_sees_protected_patients_at_a_unit_is_shown_to_its_keeper_alone(
    world: World, by: str, shown: bool
) -> None:
    caller, path = world.caller(by), f"/units/{tale.REHAB}"

    listed = (await caller.http.get("/units")).json()
    found = [
        next(unit for unit in listed if unit["hsa_id"] == tale.REHAB),
        await caller.get(path),
        await caller.get(f"{path}/facts"),
    ]

    assert [bool(unit["protected_group"]) for unit in found] == [shown] * 3
    assert {unit["name"] for unit in found} == {"Kommunrehab Västerås (demo)"}


async def test_who_sees_protected_patients_at_a_unit_stands_in_no_log(world: World) -> None:
    journey = await with_home_help(world)

    log = await events(world, journey, tale.RECEIVER)

    sent = next(e for e in log if e["type"] == "handover_sent")
    assert sent["what"]["to"]["hsa_id"] == tale.REHAB
    assert "protected_group" not in str(log)
