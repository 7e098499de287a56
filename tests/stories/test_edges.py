"""The edges of a journey: how it begins, rests, doubles, is corrected; somebody always holds."""

from datetime import timedelta
from typing import Any

from tests.stories import journeys as tale
from tests.stories.cast import status
from tests.stories.hands import both, rehab_at
from tests.stories.holders import holders
from tests.world import Caller, Json, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INTAKE = "SE0000000000-TESTRVMVCKOP"
HOME_HELP = "SE0000000000-TESTK1980HTJ"
NOW = {"takes_over": {"when": "now"}}
TOOK_PART = {"patient": "took_part"}
NO_NEED = {
    "kind": "assessment",
    "rehab_need": False,
    "need_level": "none",
    "participation": TOOK_PART,
    "summary": "Inget behov nu.",
}


def item(unit: str, initiator: str = "hospital", **more: Any) -> Json:
    """A start at a unit."""
    return {
        "patient": {"number": next(tale.NUMBERS), "name": "Testpatient 01"},
        "pathway": "generic-rehab",
        "unit": unit,
        "referral": {"reason": "Svårt att gå efter ett fall.", "initiator": initiator},
        "overlap_reason": "Prov",
    } | more


async def begun(caller: Caller, unit: str, initiator: str = "hospital", **more: Any) -> str:
    """A journey that has just begun."""
    return str((await caller.post("/journeys", item(unit, initiator, **more)))["id"])


async def test_who_asks_for_herself_is_held_by_the_intake_and_gets_an_answer(
    world: World,
) -> None:
    intake = world.caller("vc-koping")
    journey = await begun(intake, INTAKE, "patient")
    assert await holders(world, journey, intake) == both(INTAKE)
    owed = (await world.state(journey)).clocks["person_answer:coordination"]
    assert (owed.owner, owed.running) == (INTAKE, True)

    await world.fast_forward(journey, owed.due_at - await world.now(journey) + HOUR)
    late = await tale.told(world, journey, "coordination")
    answer = {
        "at": (await world.now(journey)).isoformat(),
        "by": "phone",
        "answer": "Du får en tid för bedömning nästa vecka.",
    }
    await intake.post(f"/journeys/{journey}/person-answer", answer)
    twice = await intake.refused(f"/journeys/{journey}/person-answer", answer)
    await world.fast_forward(journey, 5 * DAY)

    assert late == [("reminder", INTAKE, f) for f in ("inbox", "coordinator", "manager")]
    assert await tale.told(world, journey, "coordination") == late
    assert twice["code"] == "no_answer_owed"
    assert await holders(world, journey, intake) == both(INTAKE)


async def test_home_help_asks_for_a_client_and_sees_nothing_more_of_it(world: World) -> None:
    home_help, rehab = world.caller("vasteras-homehelp"), world.caller(tale.RECEIVER)

    journey = await begun(home_help, tale.REHAB, "home_help")
    no_intake = await home_help.refused("/journeys", item(tale.STROKE, "home_help"))
    not_outside = await home_help.refused("/journeys", item(tale.REHAB, "hospital"))

    assert await holders(world, journey, rehab) == both(tale.REHAB)
    assert (await world.state(journey)).clocks["person_answer:coordination"].owner == tale.REHAB
    assert await status(home_help, f"/journeys/{journey}") == 404
    assert await status(world.caller(tale.OUTSIDER), f"/journeys/{journey}") == 404
    assert (no_intake["code"], not_outside["code"]) == ("no_intake", "not_your_unit")


async def test_a_journey_may_begin_at_a_later_step_with_what_was_done_before(
    world: World,
) -> None:
    ward = world.caller(tale.SENDER)
    before = {"ended_on": "2026-01-15", "by": "Demo sjukhus"}
    prior = [{"step": "assessment"} | before, {"step": "plan"} | before]

    journey = await begun(
        ward, tale.STROKE, pathway="stroke-rehab", prior=prior, came_from="Demo sjukhus"
    )
    whole = await ward.get(f"/journeys/{journey}")
    assert await holders(world, journey) == both(tale.STROKE)
    sent = await ward.post(f"/journeys/{journey}/handovers", tale.handover())
    await world.caller(tale.RECEIVER).post(f"/handovers/{sent['id']}/accept", NOW)

    states = {s["key"]: s["state"] for s in whole["steps"]}
    assert (states["assessment"], states["plan"], states["handover_rehab"]) == (
        "done",
        "done",
        "open",
    )
    assert (whole["need"], whole["deviations"]) == (True, 0)
    types = [e.what.type for e in await world.events(journey)]
    assert types.count("step_done_before") == 2
    assert await holders(world, journey) == rehab_at(tale.REHAB)


async def test_a_journey_rests_until_its_date_and_a_new_period_begins(world: World) -> None:
    ward = world.caller(tale.SENDER)
    journey = await begun(ward, tale.STROKE)
    await tale.complete(world, journey, "assessment", NO_NEED)
    until = (await world.now(journey)).date() + 30 * DAY
    rest = {"next": {"decision": "rest", "until": f"{until}"}}
    again = {"next": {"decision": "new_period"}}
    follow_up = {"kind": "follow_up", "participation": TOOK_PART}

    resting = await tale.complete(world, journey, "follow_up", follow_up | rest)
    assert (resting["state"], resting["resting_until"]) == ("resting", f"{until}")
    assert await holders(world, journey) == both(tale.STROKE)
    await world.fast_forward(journey, 31 * DAY)
    told = await tale.told(world, journey, "1.follow_up")
    assert await holders(world, journey) == both(tale.STROKE)
    back = await tale.complete(world, journey, "follow_up", follow_up | again)

    assert ("reminder", tale.STROKE, "coordinator") in told
    assert (back["period"], back["resting_until"], back["state"]) == (2, None, "active")
    open_steps = [s["id"] for s in back["steps"] if s["state"] == "open"]
    assert open_steps == ["2.assessment"]
    assert await holders(world, journey) == both(tale.STROKE)


async def test_two_journeys_of_one_patient_know_of_each_other(world: World) -> None:
    ward, health_centre = world.caller(tale.SENDER), world.caller("vc-koping")
    patient = {"number": "199006022397", "name": "Testpatient 02"}
    stroke = await begun(ward, tale.STROKE, patient=patient, pathway="stroke-rehab")
    other = await begun(health_centre, INTAKE, patient=patient)
    assert await holders(world, stroke) == both(tale.STROKE)
    assert await holders(world, other, health_centre) == both(INTAKE)

    at_the_ward = (await ward.get(f"/journeys/{stroke}"))["other_journeys"]
    at_the_centre = (await health_centre.get(f"/journeys/{other}"))["other_journeys"]
    moved = {"at": (await world.now(stroke)).isoformat(), "municipality": "1983"}
    await ward.post(f"/journeys/{stroke}/facts/moved", moved)

    assert at_the_ward == [{"pathway": "generic-rehab@2", "coordinator": INTAKE}]
    assert at_the_centre == [{"pathway": "stroke-rehab@2", "coordinator": tale.STROKE}]
    assert await status(ward, f"/journeys/{other}") == 404
    assert await status(health_centre, f"/journeys/{stroke}") == 404
    assert (await health_centre.get(f"/journeys/{other}"))["municipality"] is None
    heard = [e.what for e in await world.events(other) if e.what.type == "fact_reported"]
    assert [(h.fact, h.by) for h in heard] == [("record_move", tale.STROKE)]
    assert ("fact_reported", INTAKE, "inbox") in await tale.told(world, other)
    assert await holders(world, stroke) == both(tale.STROKE)
    assert await holders(world, other, health_centre) == both(INTAKE)


async def test_duplicates_are_merged_when_no_part_is_lost_and_both_logs_stay(
    world: World,
) -> None:
    ward, home_help = world.caller(tale.SENDER), world.caller("vasteras-homehelp")
    patient = {"number": "199312162390", "name": "Testpatient 03"}
    goes_on = await begun(ward, tale.STROKE, patient=patient)
    with_more = await begun(ward, tale.STROKE, patient=patient)
    duplicate = await begun(ward, tale.STROKE, patient=patient)
    more = tale.handover(HOME_HELP, part="home_help", step=None)
    sent = await ward.post(f"/journeys/{with_more}/handovers", more)
    await home_help.post(f"/handovers/{sent['id']}/accept", NOW)
    merge = {"into": goes_on, "reason": "Dubblerad remiss."}

    lost = await ward.refused(f"/journeys/{with_more}/merge", merge)
    assert (lost["code"], [f["rule"] for f in lost["fields"]]) == (
        "merge_loses_part",
        ["home_help"],
    )
    assert "journey_absorbed" not in [e.what.type for e in await world.events(goes_on)]
    assert await holders(world, with_more) == both(tale.STROKE) | {"home_help": HOME_HELP}
    ended = await ward.post(f"/journeys/{duplicate}/merge", merge, key="merge-once")
    again = await ward.post(f"/journeys/{duplicate}/merge", merge, key="merge-once")

    assert (ended["state"], ended["close_reason"], ended["merged_into"]) == (
        "closed",
        "merged",
        goes_on,
    )
    assert again == ended
    kept = await ward.get(f"/journeys/{duplicate}/events")
    log = (await ward.get(f"/journeys/{goes_on}/events"))["items"]
    taken_in = [e["what"]["duplicate"] for e in log if e["type"] == "journey_absorbed"]
    assert [kept["items"][0]["type"], kept["items"][-1]["type"]] == [
        "journey_started",
        "clock_stopped",
    ]
    assert taken_in == [duplicate]
    for journey in (goes_on, duplicate):
        assert await holders(world, journey) == both(tale.STROKE)


async def test_a_reserve_number_becomes_a_personal_one_and_neither_is_written_down(
    world: World,
) -> None:
    ward = world.caller(tale.SENDER)
    numbers = ("98240301AA06", "195711212893")
    reserve, personal = ({"number": n, "name": "Testpatient 04"} for n in numbers)
    journey = await begun(ward, tale.STROKE, patient=reserve)
    first = (await world.state(journey)).patient_id
    assert await holders(world, journey) == both(tale.STROKE)

    path = f"/journeys/{journey}/facts/identified"
    back = await ward.refused(path, {"patient": reserve})
    await ward.post(path, {"patient": personal, "overlap_reason": "Prov"})

    whole = await ward.get(f"/journeys/{journey}")
    assert whole["patient"] == {
        "system": "personnummer",
        "value": numbers[1],
        "name": "Testpatient 04",
    }
    assert (back["code"], back["fields"][0]["rule"]) == ("patient_invalid", "reserve_number")
    assert (await world.state(journey)).patient_id != first
    assert await holders(world, journey) == both(tale.STROKE)
    written = await world.rows("SELECT what::text FROM event WHERE journey_id = :id", id=journey)
    logs = [world.house.home / "logs" / name for name in ("api.log", "worker.log")]
    texts = [row["what"] for row in written] + [log.read_text("utf-8") for log in logs]
    assert not [number for number in numbers for text in texts if number in text]


async def test_what_reached_the_wrong_unit_comes_back_and_says_who_read_it(
    world: World,
) -> None:
    journey, handover = await tale.sent(world, tale.IHR)
    ward, wrong, path = world.caller(tale.SENDER), world.caller("vasteras-ihr"), "/handovers"
    await wrong.post(f"{path}/{handover}/accept", NOW)
    await wrong.get(f"{path}/{handover}")
    assert await holders(world, journey, wrong) == rehab_at(tale.IHR)

    await ward.post(f"{path}/{handover}/withdraw", {"reason": "wrong_receiver"})
    openings = (await ward.http.get(f"{path}/{handover}/openings")).json()
    too_late = await wrong.refused(f"{path}/{handover}/assign", {"to": "demo-at-2"})

    assert await holders(world, journey) == both(tale.STROKE)
    assert await status(wrong, f"{path}/{handover}") == 404
    assert await status(wrong, f"/journeys/{journey}") == 404
    inbox = await wrong.get(f"/units/{tale.IHR}/inbox", open=False, limit=100)
    assert handover not in [i["id"] for i in inbox["items"]]
    assert too_late["code"] == "handover_unknown"
    assert {(o["unit"], o["subject"]) for o in openings} == {(tale.IHR, "vasteras-ihr")}
    assert {o["action"] for o in openings} == {"handover", "journey"}
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.IHR, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
        ("handover_withdrawn", tale.IHR, "inbox"),
        ("part_returned", tale.STROKE, "inbox"),
    ]


async def test_deviations_for_one_patient_are_reasoned_and_counted(world: World) -> None:
    ward = world.caller(tale.SENDER)
    journey = await tale.start(world)
    await tale.complete(world, journey, "assessment", tale.ASSESSMENT)
    path, because = f"/journeys/{journey}/steps", {"reason": "Långsam återhämtning."}
    later = (await world.now(journey)).date() + 20 * DAY
    visit = {
        "key": "home_visit",
        "kind": "assessment",
        "label": {"sv": "Hembesök", "en": "Home visit"},
        "part": "rehab",
        "due": {"amount": 5, "counting": "working_days"},
    }

    counts = []
    for step, body in (
        ("/plan/extend", because | {"until": f"{later}"}),
        ("/plan/skip", because),
        ("/plan/reopen", because),
        ("", because | visit),
    ):
        counts.append((await ward.post(path + step, body))["deviations"])
        assert await holders(world, journey) == both(tale.STROKE)

    assert counts == [1, 2, 3, 4]
    deviated = [e.what for e in await world.events(journey) if getattr(e.what, "reason", None)]
    assert [w.type for w in deviated] == [
        "step_extended",
        "step_skipped",
        "step_reopened",
        "step_added",
    ]
    whole = await ward.get(f"/journeys/{journey}")
    assert {"plan", "home_visit"} <= {s["key"] for s in whole["steps"] if s["state"] == "open"}
