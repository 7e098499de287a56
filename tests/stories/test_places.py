"""The patient moves, a unit closes for the summer, two units become one: nobody is let go of."""

import asyncio
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from domain.calendar import STOCKHOLM
from domain.clock import Clock
from domain.event import Event, UnitAdopted, UnitSucceeded
from domain.evolve import fold
from domain.journey import Journey
from tests.stories import journeys as tale
from tests.stories.cast import SHELF, Cast, send, status
from tests.stories.hands import both, rehab_at
from tests.stories.holders import holders
from tests.stories.instants import travel
from tests.world import Caller, Json, World, until
from workflows.unit_change import UnitChangeWorkflow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KOPING = "SE0000000000-TESTK1983REH"
KEEPER = "vasteras-catalogue"
NOW = {"takes_over": {"when": "now"}}
MANY, SENT = 180, 20


async def test_a_move_changes_no_holder_until_the_new_municipality_takes_over(
    world: World,
) -> None:
    journey, first = await tale.sent(world)
    vasteras, koping = world.caller(tale.RECEIVER), world.caller("koping-rehab")
    assert await holders(world, journey) == both(tale.STROKE)
    await vasteras.post(f"/handovers/{first}/accept", NOW)
    assert await holders(world, journey) == rehab_at(tale.REHAB)

    owed = await moved_away(world, vasteras, journey)
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    path = f"/journeys/{journey}/handovers"
    to_the_old_one = await vasteras.post(f"{path}?dry_run=true", tale.handover(tale.IHR, step=None))
    assert to_the_old_one["refused"] is None
    assert {"what": "area", "wanted": "1983"} in to_the_old_one["forecasts"][0]["mismatches"]

    await travel(world, journey, owed.due_at + HOUR)
    late = await tale.told(world, journey, "rehab")
    assert late == [("reminder", tale.REHAB, f) for f in ("inbox", "coordinator", "manager")]
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    sent = await vasteras.post(path, tale.handover(KOPING, step=None))
    assert "area" not in [m["what"] for m in sent["forecast"]["mismatches"]]
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    await koping.post(f"/handovers/{sent['id']}/accept", NOW)
    assert await holders(world, journey) == rehab_at(KOPING)

    assert (await world.state(journey)).clocks[owed.id].stopped_at is not None
    await world.fast_forward(journey, 4 * DAY)
    assert await tale.told(world, journey, "rehab") == late
    assert await holders(world, journey) == rehab_at(KOPING)


async def moved_away(world: World, by: Caller, journey: str) -> Clock:
    """The patient has moved to Köping; the promise that somebody there is found."""
    at = (await world.now(journey)).isoformat()
    moved = await by.post(f"/journeys/{journey}/facts/moved", {"at": at, "municipality": "1983"})

    owed = [c for c in (await world.state(journey)).running() if c.kind == "move"]
    assert moved["municipality"] == "1983"
    assert [(c.subject, c.owner, c.counterpart) for c in owed] == [
        ("rehab", tale.REHAB, tale.STROKE)
    ]
    assert await tale.told(world, journey, journey) == [("patient_moved", tale.STROKE, "inbox")]
    return owed[0]


async def test_a_unit_that_closes_is_covered_and_comes_back(world: World, cast: Cast) -> None:
    shut, cover = await cast.open_unit(), await cast.open_unit(like=tale.IHR)
    await cast.known(shut, cover)
    held, taken = await tale.sent(world, shut)
    waiting, sent = await tale.sent(world, shut)
    staff, stand_in, keeper = cast.at(shut), cast.at(cover), world.caller(KEEPER)
    await staff.post(f"/handovers/{taken}/accept", NOW)
    due = {j: dues(await world.state(j)) for j in (held, waiting)}
    assert await status(stand_in, f"/handovers/{sent}") == 404

    today = await closed_from_today(world, keeper, waiting, shut, cover)
    for journey in (held, waiting):
        await until(partial(adopted, world, journey, shut))
        assert dues(await world.state(journey)) == due[journey]
    assert await holders(world, held) == rehab_at(shut)
    assert await holders(world, waiting) == both(tale.STROKE)

    await world.fast_forward(waiting, 13 * HOUR)
    assert await tale.told(world, waiting, sent) == [
        ("handover_arrived", shut, "inbox"),
        ("reminder", cover, "inbox"),
        ("reminder", cover, "inbox"),
    ]
    await acts_in_its_place(world, stand_in, shut, taken, sent)
    assert await holders(world, waiting, stand_in) == rehab_at(shut)
    visit = {"step": "intervention", "minutes": 45, "place": "home", "professions": ["FT"]}
    now = (await world.now(held)).isoformat()
    await stand_in.post(f"/journeys/{held}/visits", visit | {"at": now})
    assert await holders(world, held, stand_in) == rehab_at(shut)

    await world.fast_forward(waiting, 4 * DAY)
    contact = {"at": (await world.now(waiting)).isoformat()}
    too_late = await stand_in.refused(f"/handovers/{sent}/first-contact", contact)
    assert too_late["code"] == "not_receiver"
    await send(keeper, "DELETE", f"/units/{shut}/closures/{today}")
    await until(lambda: status_is(stand_in, f"/journeys/{waiting}", 404), within=SHELF)
    assert await status(stand_in, f"/units/{shut}/inbox") == 403
    await staff.post(f"/handovers/{sent}/first-contact", contact)
    assert await holders(world, waiting) == await holders(world, held) == rehab_at(shut)


async def closed_from_today(
    world: World, keeper: Caller, journey: str, shut: str, cover: str
) -> date:
    """Closed for some days, by the clock of the doors and of the journey; the first of them."""
    today = (await world.now(journey)).astimezone(STOCKHOLM).date()
    closure = {"first": f"{today}", "last": f"{today + 3 * DAY}", "reason": "Sommarstängt"}
    path = f"/units/{shut}/closures"

    alone = await keeper.refused(path, closure)
    await keeper.post(path, closure | {"covered_by": cover})

    assert alone["code"] == "closure_needs_cover"
    return today


async def acts_in_its_place(
    world: World, stand_in: Caller, shut: str, taken: str, sent: str
) -> None:
    """Who covers has the inbox, reads and accepts: for the closed unit, not for itself."""
    await until(lambda: status_is(stand_in, f"/units/{shut}/inbox", 200), within=SHELF)
    inbox = await stand_in.get(f"/units/{shut}/inbox")
    assert {taken, sent} == {item["id"] for item in inbox["items"]}

    read = await stand_in.post(f"/handovers/{sent}/acknowledge")
    assert await holders(world, read["journey_id"]) == both(tale.STROKE)
    accepted = await stand_in.post(f"/handovers/{sent}/accept", NOW)

    assert (accepted["to_unit"], accepted["holder"]) == (shut, shut)


def dues(state: Journey) -> dict[str, datetime]:
    """When each running clock is due."""
    return {c.id: c.due_at for c in state.running()}


async def adopted(world: World, journey: str, unit: str) -> bool:
    """Whether the journey has written down that the unit is another now, and knows it."""
    written = [e.what for e in await world.events(journey) if isinstance(e.what, UnitAdopted)]
    state = await world.state(journey)
    return [w.unit.hsa_id for w in written] == [unit] and state.units[unit].version == 2


async def status_is(caller: Caller, path: str, wanted: int) -> bool:
    """Whether a reading is answered like that by now."""
    return await status(caller, path) == wanted


async def test_two_units_become_one_and_two_hundred_journeys_come_along(
    world: World, cast: Cast
) -> None:
    old, new = await cast.open_unit(), await cast.open_unit()
    await cast.known(old, new)
    there, heir, keeper = cast.at(old), cast.at(new), world.caller(KEEPER)
    own = await started(there, old, MANY)
    from_ward = await started(world.caller(tale.SENDER), tale.STROKE, SENT)
    sent = [await handed(world, journey, old) for journey in from_ward]
    merger = {"successor": new, "reason": "Enheterna slås samman"}

    late, done = await asyncio.gather(
        there.post("/journeys", item(old)),
        send(keeper, "POST", f"/units/{old}/succession", merger),
    )
    counts = await told_everywhere(world, done.json()["change_id"], len(own + from_ward))

    assert set(counts) == {"told"}
    everyone = [*own, *from_ward, late["id"]]
    for journey in everyone:
        log = await world.events(journey)
        assert len([e for e in log if isinstance(e.what, UnitSucceeded)]) == 1
        assert old not in concerned(held_all_the_while(log))
    for journey in (own[0], own[-1], late["id"]):
        assert await holders(world, journey, heir) == both(new)
    for journey in from_ward:
        assert await holders(world, journey) == both(tale.STROKE)
    inbox = await heir.get(f"/units/{new}/inbox", limit=100)
    assert {i["id"] for i in inbox["items"]} == set(sent)
    await heir.post(f"/handovers/{sent[0]}/accept", NOW)
    assert await holders(world, from_ward[0]) == rehab_at(new)
    await until(lambda: has_successor(keeper, old, new), within=SHELF)
    assert (await there.refused("/journeys", item(old)))["code"] == "receiver_succeeded"


def concerned(state: Journey) -> set[str]:
    """The units that hold, send, receive, owe or await something that is open."""
    sides = [u for h in state.handovers.values() if h.open for u in (h.from_unit, h.to_unit)]
    owing = [u for c in state.running() for u in (c.owner, c.counterpart)]
    return {*sides, *owing, *(p.holder for p in state.parts.values())}


async def has_successor(caller: Caller, unit: str, successor: str) -> bool:
    """Whether the doors know by now that a unit has gone up in another."""
    return bool((await caller.get(f"/units/{unit}"))["successor"] == successor)


def item(unit: str, **more: Any) -> Json:
    """A start at a unit."""
    return {
        "patient": {"number": next(tale.NUMBERS), "name": "Testpatient 01"},
        "pathway": "generic-rehab",
        "unit": unit,
        "referral": {"reason": "Fallrisk.", "initiator": "licensed_staff"},
        "overlap_reason": "Prov",
    } | more


async def started(caller: Caller, unit: str, count: int) -> list[str]:
    """Many journeys at a unit, in one call."""
    items = [item(unit, ref=uuid4().hex) for _ in range(count)]
    result = await caller.post("/journeys/batch", {"items": items})
    assert result["started"] == count, result
    return [i["journey_id"] for i in result["items"]]


async def handed(world: World, journey: str, to: str) -> str:
    """A handover of the rehab part that waits for its answer."""
    body = tale.handover(to, step=None)
    sent = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    return str(sent["id"])


async def told_everywhere(world: World, change_id: str, count: int) -> dict[str, int]:
    """Wait for both sweeps of a change; how each journey took it."""
    answers = "SELECT count(*) AS n FROM answer WHERE principal = 'unit_change' AND key = :id"

    async def first_sweep() -> bool:
        return bool((await world.rows(answers, id=change_id))[0]["n"] >= count)

    await until(first_sweep, within=60)
    handle: WorkflowHandle[UnitChangeWorkflow, dict[str, int]] = world.client.get_workflow_handle(
        f"unit-change-{change_id}", result_type=dict[str, int]
    )

    async def rests() -> bool:
        return not (await handle.describe()).raw_description.pending_activities

    await until(rests)
    await world.skip(handle, timedelta(seconds=21))
    return await handle.result()


def held_all_the_while(log: list[Event]) -> Journey:
    """Fold event by event: a part that has begun is in somebody's hands at every number."""
    state: Journey | None = None
    begun = set[str]()
    for event in log:
        state = fold((event,), state)
        assert state is not None
        assert begun <= set(state.parts)
        assert all(p.holder in state.units for p in state.parts.values())
        begun = set(state.parts)
    assert state is not None
    return state
