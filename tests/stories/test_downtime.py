"""Away on a Friday: answered on paper, written in on Monday by two people, judged by Friday."""

from datetime import datetime, time, timedelta
from typing import Any

from domain.event import AnswerConfirmed, RungFired
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.stories.hands import both, rehab_at
from tests.stories.holders import holders
from tests.stories.instants import FRIDAY, MONDAY, next_at, travel
from tests.world import Caller, Json, World
from web.downtime_facts import short_reference

THURSDAY = 3
HOUR = timedelta(hours=1)
NOW = {"takes_over": {"when": "now"}}


async def test_what_was_answered_on_paper_on_friday_is_judged_by_friday(
    world: World, cast: Cast
) -> None:
    first, second = cast.at(tale.REHAB, "demo-staff-1"), cast.at(tale.REHAB, "demo-staff-2")
    ward = world.caller(tale.SENDER)
    journey, handover = await sent(world)
    reference = await printed(first, handover)
    due = await accepted(world, journey, handover)
    assert due["stopped_at"] is None
    assert await holders(world, journey) == both(tale.STROKE)

    answered_at = next_at(await world.now(journey), FRIDAY, time(10))
    assert answered_at < at(due["due_at"])
    await travel(world, journey, next_at(await world.now(journey), MONDAY, time(8)))
    rang = await rungs(world, journey, handover)
    assert {"due"} <= {r.rung for r in rang}
    assert (await accepted(world, journey, handover))["owed"]
    assert await holders(world, journey) == both(tale.STROKE)

    slip = await first.get(f"/handovers/by-slip/{reference}")
    path = f"/handovers/{slip['handover_id']}"
    entered = await first.post(f"{path}/accept", NOW | paper(answered_at))
    monday = await world.now(journey)
    assert slip["handover_id"] == handover
    assert (entered["state"], entered["on_paper"]) == ("accepted", True)
    assert (at(entered["acknowledged_at"]), at(entered["accepted_at"])) == (answered_at,) * 2
    assert at(entered["answer_recorded_at"]) <= monday
    assert await holders(world, journey) == both(tale.STROKE)
    judged = await accepted(world, journey, handover)
    assert (at(judged["stopped_at"]), judged["owed"]) == (answered_at, False)
    assert at(judged["stopped_at"]) < at(judged["due_at"])

    alone = await first.refused(f"{path}/confirm")
    assert alone["code"] == "second_person_missing"
    assert await holders(world, journey) == both(tale.STROKE)

    await world.fast_forward(journey, HOUR)
    confirmed = await second.post(f"{path}/confirm")
    assert confirmed["state"] == "taken_over"
    assert at(confirmed["taken_over_at"]) >= monday + HOUR
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    said = [
        (e.what.by, e.actor.subject)
        for e in await world.events(journey)
        if isinstance(e.what, AnswerConfirmed) and e.actor
    ]
    assert said == [("second_person", "demo-staff-2")]

    shown = await ward.get(path)
    assert at(shown["accepted_at"]) == answered_at
    assert at(shown["answer_recorded_at"]) > answered_at + timedelta(days=2)
    assert await rungs(world, journey, handover) == rang
    assert [t["rung"] for t in shown["told"] if t["kind"] in ("reminder", "alarm")] != []


async def test_a_no_on_paper_is_confirmed_though_it_is_out_of_sight(
    world: World, cast: Cast
) -> None:
    first, second = cast.at(tale.REHAB, "demo-staff-1"), cast.at(tale.REHAB, "demo-staff-2")
    journey, handover = await sent(world)
    answered_at = await world.now(journey) + HOUR
    await world.fast_forward(journey, 5 * HOUR)
    path = f"/handovers/{handover}"

    no = {"reason": "no_capacity"} | paper(answered_at)
    entered = await first.post(f"{path}/decline", no)
    assert (entered["state"], at(entered["declined_at"])) == ("declined", answered_at)
    assert await holders(world, journey) == both(tale.STROKE)

    alone = await first.refused(f"{path}/confirm")
    stranger = await world.caller(tale.OUTSIDER).try_post(f"{path}/confirm")
    confirmed = await second.post(f"{path}/confirm", key="k-second")
    again = await second.post(f"{path}/confirm", key="k-second")
    late = await second.refused(f"{path}/confirm")

    assert alone["code"] == "second_person_missing"
    assert stranger.status_code == 404
    assert (confirmed["state"], confirmed["provisional_since"]) == ("declined", None)
    assert again == confirmed
    assert late["code"] == "handover_unknown"
    assert await holders(world, journey) == both(tale.STROKE)
    open_clocks = [c for c in (await world.state(journey)).running() if c.subject == handover]
    assert open_clocks == []


async def sent(world: World) -> tuple[str, str]:
    """A handover, sent on a Thursday at one: the answer is due on Friday at one."""
    journey = await tale.planned(world)
    await travel(world, journey, next_at(await world.now(journey), THURSDAY, time(13)))
    body = tale.handover()
    answer = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    return journey, answer["id"]


async def printed(caller: Caller, handover: str) -> str:
    """The reference of a handover, as it stands in the pack."""
    response = await caller.http.get(f"/units/{tale.REHAB}/downtime-pack")
    reference = short_reference(handover)
    assert response.status_code == 200 and reference in response.text
    return reference


async def accepted(world: World, journey: str, handover: str) -> Json:
    """The clock of the answer, as it stands in PostgreSQL."""
    (row,) = await world.rows(
        "SELECT owed, body FROM clock WHERE journey_id = :journey AND id = :clock",
        journey=journey,
        clock=f"accepted:{handover}",
    )
    found: dict[str, Any] = row["body"] | {"owed": row["owed"]}
    return found


async def rungs(world: World, journey: str, handover: str) -> list[RungFired]:
    """What has rung about the answer, in order."""
    events = (e.what for e in await world.events(journey))
    mine = f"accepted:{handover}"
    return [w for w in events if isinstance(w, RungFired) and w.clock_id == mine]


def paper(when: datetime) -> Json:
    """A slip that was filled in at an instant."""
    return {"paper": {"function": "Samordnare", "at": when.isoformat()}}


def at(instant: str) -> datetime:
    """An instant as it is written."""
    return datetime.fromisoformat(instant)
