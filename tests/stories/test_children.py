"""A child with two guardians, handed over to a school, and at last to adult habilitation."""

import json

from tests.stories import journeys as tale
from tests.stories.cast import Cast, status
from tests.stories.hands import both
from tests.stories.holders import holders
from tests.world import Caller, Json, World

HABILITATION = "SE0000000000-TESTRVMHAB"
ONE, OTHER = "Vårdnadshavare 1", "Vårdnadshavare 2"
NOW = {"takes_over": {"when": "now"}}
NOT_FOR_SCHOOL = ("measurements", "risks", "summary_evaluation")


async def test_a_childs_guardians_have_a_say_and_who_may_know_nothing_is_not_named(
    world: World, cast: Cast
) -> None:
    school = await cast.open_unit(kind="school", name="Skola (demo)", professions=[])
    adults = await cast.open_unit(like=HABILITATION, name="Vuxenhabilitering (demo)")
    await cast.known(school, adults)
    ours, teachers = cast.at(HABILITATION), cast.at(school)
    journey = await begun(ours)
    to_school = tale.handover(school, part="school", step=None)
    assert await holders(world, journey, ours) == both(HABILITATION)

    await guardians(ours, journey, {"label": ONE, "consents": True}, {"label": OTHER})
    refused = await ours.refused(f"/journeys/{journey}/handovers", to_school)
    assert refused["code"] == "guardian_consent_missing"
    assert await holders(world, journey, ours) == both(HABILITATION)

    both_say_yes = ({"label": ONE, "consents": True}, {"label": OTHER, "consents": True})
    await guardians(ours, journey, *both_say_yes)
    asked = await ours.post(f"/journeys/{journey}/handovers", to_school)
    assert await holders(world, journey, ours) == both(HABILITATION) | {"school": HABILITATION}
    await ours.post(f"/handovers/{asked['id']}/withdraw", {"reason": "no_longer_needed"})

    hidden = {"label": OTHER, "told_nothing": True}
    await guardians(ours, journey, {"label": ONE, "consents": True}, hidden)
    sent = await ours.post(f"/journeys/{journey}/handovers", to_school)
    await school_gets_its_own_part_alone(world, teachers, journey, sent["id"])
    assert await holders(world, journey, ours) == both(HABILITATION) | {"school": school}

    await adults_take_over(world, ours, cast.at(adults), journey, adults)
    assert await holders(world, journey, cast.at(adults)) == {
        "coordination": adults,
        "rehab": HABILITATION,
        "school": school,
    }
    assert await status(world.caller(tale.OUTSIDER), f"/journeys/{journey}") == 404


async def begun(caller: Caller) -> str:
    """A journey at the habilitation, for somebody who is soon grown up."""
    body = {
        "patient": {"number": "200510162381", "name": "Testpatient 07"},
        "pathway": "generic-rehab",
        "unit": HABILITATION,
        "referral": {
            "reason": "Medfödd rörelsenedsättning.",
            "initiator": "licensed_staff",
            "figures": {"age": 17},
        },
        "overlap_reason": "Prov",
    }
    return str((await caller.post("/journeys", body))["id"])


async def guardians(caller: Caller, journey: str, *given: Json) -> None:
    """Who has custody, and what each has said."""
    path = f"/journeys/{journey}/facts/guardians"
    shown = await caller.post(path, {"guardians": list(given)})
    assert [g["label"] for g in shown["care"]["guardians"]] == [g["label"] for g in given]


async def school_gets_its_own_part_alone(
    world: World, teachers: Caller, journey: str, handover: str
) -> None:
    """The school's content profile: what it needs; who may know nothing is nowhere in it."""
    got = await teachers.get(f"/handovers/{handover}")
    assert got["profile"] == "school"
    assert got["content"]["current_function"] == "Går med rollator."
    assert not [name for name in NOT_FOR_SCHOOL if got["content"][name]]
    assert await status(teachers, f"/journeys/{journey}") == 404

    accepted = await teachers.post(f"/handovers/{handover}/accept", NOW)
    whole = await teachers.get(f"/journeys/{journey}")
    log = await teachers.http.get(f"/journeys/{journey}/events")
    assert accepted["state"] == "taken_over"
    assert whole["contents"] == {}
    assert (log.status_code, log.json()["code"]) == (403, "record_not_yours")
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", got["to_unit"], "inbox"),
        ("handover_taken_over", HABILITATION, "inbox"),
    ]
    notices = await world.rows("SELECT * FROM notice WHERE journey_id = :id", id=journey)
    for shown in (got, whole, notices):
        assert OTHER not in json.dumps(shown, ensure_ascii=False, default=str)


async def adults_take_over(
    world: World, ours: Caller, theirs: Caller, journey: str, adults: str
) -> None:
    """Coordination goes to adult habilitation; it stays with the child's until it is taken."""
    body = tale.handover(adults, part="coordination", purpose="take_over", step=None)
    sent = await ours.post(f"/journeys/{journey}/handovers", body)
    before = await holders(world, journey, ours)
    draft = await ours.get(f"/journeys/{journey}/handovers/draft", to=adults, part="coordination")
    got = await theirs.get(f"/handovers/{sent['id']}")
    await theirs.post(f"/handovers/{sent['id']}/accept", NOW)

    assert before["coordination"] == HABILITATION
    assert got["content"]["risks"] == "Fallrisk."
    assert OTHER not in json.dumps([draft, got["content"]], ensure_ascii=False)
