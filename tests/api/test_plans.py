"""Plans over real HTTP: the history each may read, the commands, and the patient's copy."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.api import calls
from tests.api.care import (
    COLLEAGUE,
    HOME_HELPER,
    logged,
    of_protected,
    protect,
    shared,
    with_home_help,
)
from tests.stories import journeys as tale
from tests.world import Json, World

PLAN: Json = {**tale.PLAN}


def content(**change: Any) -> Json:
    """The content of a plan, as the body of a command."""
    return {"content": PLAN | change}


async def plans(world: World, journey: str, by: str = tale.SENDER) -> list[Json]:
    found = await world.caller(by).get(f"/journeys/{journey}/plans")
    items: list[Json] = found["items"]
    return items


async def drafted(world: World, journey: str, by: str = tale.SENDER, **change: Any) -> int:
    """The number of a version that was written just now."""
    view = await world.caller(by).post(f"/journeys/{journey}/plans", content(**change))
    number: int = max(p["number"] for p in view["care"]["plans"])
    return number


async def revised(world: World, journey: str, by: str, **change: Any) -> int:
    """The number of a version that holds since now."""
    number = await drafted(world, journey, by, **change)
    path = f"/journeys/{journey}/plans/{number}/activate"
    await world.caller(by).post(path, content(**change))
    return number


async def copy(world: World, journey: str, by: str = tale.SENDER, **query: str) -> Any:
    """The patient's copy, whatever comes of it."""
    return await world.caller(by).http.get(f"/journeys/{journey}/plans/patient-copy", params=query)


async def test_a_version_is_written_begins_to_hold_and_ends(world: World) -> None:
    journey = await tale.start(world)
    undated = {k: v for k, v in PLAN["goals"][0].items() if k != "target_date"}
    number = await drafted(world, journey, goals=[undated])
    path = f"/journeys/{journey}/plans/{number}"
    (draft,) = await plans(world, journey)

    await world.caller(tale.SENDER).post(f"{path}/activate", content())
    (active,) = await plans(world, journey)
    await world.caller(tale.SENDER).post(f"{path}/close", {"reason": "Målen är nådda."})
    (closed,) = await plans(world, journey)

    assert [p["state"] for p in (draft, active, closed)] == ["draft", "active", "closed"]
    assert (active["organisation"], active["unit"]) == ("rvm", tale.STROKE)
    assert active["profession"] == "FT"
    assert draft["activated_at"] is None and active["activated_at"] and closed["ended_at"]
    assert len(draft["content"]["goals"]) == 1
    assert len(closed["content"]["goals"]) == 2


async def test_the_history_says_what_each_version_changed(world: World) -> None:
    journey = await tale.planned(world)
    first, second = PLAN["goals"]
    goals = [first | {"target": "Går själv utan räcke"}, second, second | {"own_words": "Laga mat"}]

    await revised(
        world,
        journey,
        tale.SENDER,
        goals=goals,
        measures=[{"text": "Matlagning", "profession": "AT", "frequency": "1 per vecka"}],
    )

    before, after = await plans(world, journey)
    changes = after["changes"]
    assert (before["state"], before["follows"], before["changes"]) == ("revised", None, None)
    assert (after["state"], after["follows"]) == ("active", 1)
    assert [g["own_words"] for g in changes["goals_added"]] == ["Laga mat"]
    assert [c["after"]["target"] for c in changes["goals_changed"]] == ["Går själv utan räcke"]
    assert [m["text"] for m in changes["measures_removed"]] == ["Gångträning"]
    assert changes["sentence"]["sv"] == (
        "1 mål läggs till, 1 mål ändras, 1 åtgärd läggs till och 1 åtgärd tas bort."
    )
    assert changes["sentence"]["en"] == (
        "1 goal added, 1 goal changed, 1 measure added and 1 measure removed."
    )


async def test_a_receiver_reads_the_version_that_came_with_the_handover_before_it_answers(
    world: World,
) -> None:
    journey, handover = await tale.sent(world)
    await drafted(world, journey)

    (disclosed,) = await plans(world, journey, tale.RECEIVER)

    assert disclosed["number"] == 1
    assert disclosed["content"]["summary_assessment"] == PLAN["summary_assessment"]
    assert handover


@pytest.mark.parametrize(
    ("answer", "by", "body"),
    [
        ("decline", tale.RECEIVER, {"reason": "no_capacity"}),
        ("withdraw", tale.SENDER, {"reason": "wrong_patient"}),
    ],
)
async def test_what_was_disclosed_goes_with_the_handover(
    world: World, answer: str, by: str, body: Json
) -> None:
    journey, handover = await tale.sent(world)
    await world.caller(by).post(f"/handovers/{handover}/{answer}", body)

    response = await world.caller(tale.RECEIVER).http.get(f"/journeys/{journey}/plans")

    assert calls.code(response, 404) == "journey_unknown"


async def test_what_was_not_disclosed_shows_only_that_it_is_there(world: World) -> None:
    journey = await shared(world)
    await revised(world, journey, tale.SENDER)

    first, second = await plans(world, journey, tale.RECEIVER)

    assert first["content"] and first["unit"] == tale.STROKE
    hidden = {k: second[k] for k in ("unit", "profession", "follows", "content", "changes")}
    assert set(hidden.values()) == {None}
    assert (second["number"], second["organisation"]) == (2, "rvm")
    assert second["state"] == "active" and second["at"] and second["activated_at"]


async def test_the_receivers_own_version_follows_the_one_it_was_given(world: World) -> None:
    journey = await shared(world)

    await revised(world, journey, tale.RECEIVER, follow_up_on="2030-04-01")

    given, own = await plans(world, journey, tale.RECEIVER)
    theirs = (await plans(world, journey))[1]
    assert (given["state"], own["state"]) == ("active", "active")
    assert (own["organisation"], own["follows"]) == ("k1980", 1)
    assert own["changes"]["follow_up_on"] == "2030-04-01"
    assert (theirs["organisation"], theirs["content"], theirs["changes"]) == ("k1980", None, None)


async def test_nobody_edits_another_providers_version(world: World) -> None:
    journey = await shared(world)
    bob = world.caller(tale.RECEIVER)

    activated = await bob.refused(f"/journeys/{journey}/plans/1/activate", content())
    closed = await bob.refused(f"/journeys/{journey}/plans/1/close", {"reason": "Klar."})

    assert [activated["code"], closed["code"]] == ["plan_not_yours"] * 2


async def test_what_keeps_a_plan_from_holding_is_named_by_field(world: World) -> None:
    journey = await tale.start(world)
    number = await drafted(world, journey)
    undated = {k: v for k, v in PLAN["goals"][0].items() if k != "target_date"}
    body = content(goals=[undated], follow_up_on="2020-01-01")

    problem = await world.caller(tale.SENDER).refused(
        f"/journeys/{journey}/plans/{number}/activate", body
    )

    assert problem["code"] == "content_invalid"
    assert [(f["field"], f["rule"]) for f in problem["fields"]] == [
        ("goals.0.target_date", "required_if_active"),
        ("follow_up_on", "not_in_future"),
        ("goals", "goals_between:2-5"),
    ]


async def test_the_same_key_writes_one_version(world: World) -> None:
    journey, alice = await tale.start(world), world.caller(tale.SENDER)

    answers = [await alice.post(f"/journeys/{journey}/plans", content(), "k") for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(await plans(world, journey)) == 1


async def test_social_services_read_and_write_no_plan_and_no_copy(world: World) -> None:
    journey = await with_home_help(world)
    home_help = world.caller(HOME_HELPER)

    read = await home_help.http.get(f"/journeys/{journey}/plans")
    copied = await copy(world, journey, HOME_HELPER)
    written = await home_help.try_post(f"/journeys/{journey}/plans", content())

    assert [calls.code(r, 403) for r in (read, copied, written)] == ["record_not_yours"] * 3


async def test_an_outsider_learns_of_no_plan(world: World) -> None:
    journey = await tale.planned(world)
    charlie = world.caller(tale.OUTSIDER)
    path = f"/journeys/{journey}/plans"

    responses = [
        await charlie.http.get(path),
        await copy(world, journey, tale.OUTSIDER),
        await charlie.try_post(path, content()),
        await charlie.try_post(f"{path}/1/activate", content()),
        await charlie.try_post(f"{path}/1/close", {"reason": "Klar."}),
    ]

    assert [calls.code(r, 404) for r in responses] == ["journey_unknown"] * 5


async def test_each_reading_is_a_line_in_the_log(world: World) -> None:
    journey = await tale.planned(world)

    await plans(world, journey)
    await copy(world, journey)
    await copy(world, journey, format="pdf")
    await copy(world, journey, tale.OUTSIDER)

    assert await logged(world, journey) == [
        (tale.SENDER, "plans"),
        (tale.SENDER, "patient_copy"),
        (tale.SENDER, "patient_copy"),
    ]


async def test_the_copy_says_who_answers_what_comes_and_what_is_waited_for(world: World) -> None:
    journey, _ = await tale.sent(world)
    soon = datetime.now(UTC) + timedelta(days=3)
    meeting = {"kind": "goal", "starts_at": soon.isoformat(), "mode": "phone"}
    await world.caller(tale.SENDER).post(
        f"/journeys/{journey}/meetings", meeting | {"units": [tale.STROKE]}
    )

    response = await copy(world, journey)

    page = response.text
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "Testpatient 01" in page
    assert "Ring Strokeenhet Västerås (demo), telefon 010-000 00 00." in page
    assert page.index("Samordning") < page.index("Rehabilitering</")
    assert "Gå i trappan" in page and "Gångträning" in page
    assert "Möte om dina mål" in page and "På telefon" in page
    assert (
        "Strokeenhet Västerås (demo) har frågat Kommunrehab Västerås (demo)"
        " om de kan ta över din träning." in page
    )
    assert "Att klara trappan hemma." in page
    assert "Bedömning på strokeenheten" in page


async def test_the_copy_to_print_says_the_same_and_its_name_says_nothing(world: World) -> None:
    journey = await tale.planned(world)

    response = await copy(world, journey, format="pdf")

    said = " ".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Disposition"] == 'attachment; filename="min-plan.pdf"'
    assert "Testpatient 01" in said and "Gå i trappan" in said


async def test_the_copy_holds_the_newest_version_that_its_reader_may_see(world: World) -> None:
    journey = await shared(world)
    await revised(world, journey, tale.RECEIVER, summary_assessment="Går nu utan stöd.")

    own, senders = [(await copy(world, journey, by)).text for by in (tale.RECEIVER, tale.SENDER)]

    assert "Går nu utan stöd." in own and "Det här är plan nummer 2." in own
    assert "Går nu utan stöd." not in senders and "Det här är plan nummer 1." in senders


async def test_a_step_that_was_added_for_the_patient_stands_in_the_copy(world: World) -> None:
    journey = await tale.planned(world)
    step = {
        "key": "balance_group",
        "kind": "intervention",
        "label": {"sv": "Balansgrupp", "en": "Balance group"},
        "part": "rehab",
        "due": {"amount": 30, "counting": "calendar_days"},
        "reason": "Vill träna med andra.",
    }
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/steps", step)

    page = (await copy(world, journey)).text

    assert "Balansgrupp" in page


async def test_a_draft_is_in_nobodys_copy(world: World) -> None:
    journey = await tale.start(world)
    await drafted(world, journey)

    page = (await copy(world, journey)).text

    assert "Du har ingen plan än." in page
    assert PLAN["summary_assessment"] not in page


async def test_a_copy_in_an_unknown_shape_is_refused(world: World) -> None:
    journey = await tale.start(world)

    response = await copy(world, journey, format="docx")

    assert calls.code(response, 422) == "request_invalid"


async def test_a_protected_patients_plan_is_for_the_named_group(world: World) -> None:
    journey = await of_protected(world)
    await protect(world, journey)

    shown = await copy(world, journey)
    history = await plans(world, journey)
    refused = [
        await copy(world, journey, COLLEAGUE),
        await world.caller(COLLEAGUE).http.get(f"/journeys/{journey}/plans"),
    ]
    await protect(world, journey, "none")

    assert shown.status_code == 200
    assert "Strokeenhet Västerås" not in shown.text and "010-000" not in shown.text
    assert "Gå i trappan" in shown.text
    assert history[0]["content"]
    assert [calls.code(r, 403) for r in refused] == ["patient_protected"] * 2
