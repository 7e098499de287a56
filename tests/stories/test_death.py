"""A death with notices still queued, recorded by mistake, undone, and then true."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.event import ClockStopped, PatientDied
from runtime.keyring import Keyring
from runtime.opaque import OpaqueIds
from tests.stories import instants
from tests.stories import journeys as tale
from tests.stories.hands import both
from tests.stories.holders import holders
from tests.world import Json, World, until

HOUR = timedelta(hours=1)
RUNNING = WorkflowExecutionStatus.RUNNING
NOW: Json = {"takes_over": {"when": "now"}}
Told = list[tuple[str, str, str]]


@pytest.fixture
async def no_mail(world: World) -> AsyncIterator[None]:
    """The mail server is away until the story brings it back."""
    mail = world.servers.services["mail"]
    await mail.stop()
    yield
    if not mail.alive():
        await mail.start()


class Case(NamedTuple):
    """A handover that waits, the clocks that ran before the death, and what had been told."""

    journey: str
    handover: str
    due: dict[str, datetime]
    told: Told


async def test_a_death_silences_everything_and_undone_it_all_runs_again(
    world: World, no_mail: None
) -> None:
    case = await with_mail_queued(world)

    view = await dies(world, case)
    assert {c["kind"] for c in view["clocks"]} == {"closing"}
    await silenced_in_one_transaction(world, case)
    await nothing_more_is_sent(world, case)
    await the_views_say_so(world, case)
    await undone(world, case)

    await dies(world, case)
    await is_closed(world, case)


async def with_mail_queued(world: World) -> Case:
    """Half the receiver's time has gone, and no mail has got through."""
    journey, handover = await tale.sent(world)
    await world.fast_forward(journey, 13 * HOUR)
    await until(lambda: a_mail_has_failed(world, journey))
    assert await holders(world, journey) == both(tale.STROKE)
    running = (await world.state(journey)).running()
    told = await tale.told(world, journey)
    assert told == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("reminder", tale.REHAB, "inbox"),
        ("reminder", tale.REHAB, "inbox"),
    ]
    return Case(journey, handover, {c.id: c.due_at for c in running}, told)


async def notices(world: World, journey: str, where: str = "TRUE") -> list[Json]:
    """The journey's notices in order, perhaps some of them."""
    sql = f"SELECT * FROM notice WHERE journey_id = :journey AND {where} ORDER BY ordinal"
    return await world.rows(sql, journey=journey)


async def a_mail_has_failed(world: World, journey: str) -> bool:
    """Every inbox has its notices; every mail was tried in vain, or waits until the unit opens."""
    found = await notices(world, journey)
    inbox = [n for n in found if n["channel"] == "inbox"]
    mail = [n for n in found if n["channel"] == "mail"]
    return all(n["delivered_at"] for n in inbox) and all(
        n["error"] or n["not_before"] for n in mail
    )


async def dies(world: World, case: Case) -> Json:
    """The ward records the death."""
    at = {"at": (await world.now(case.journey)).isoformat()}
    view = await world.caller(tale.SENDER).post(f"/journeys/{case.journey}/facts/deceased", at)
    assert view["state"] == "deceased" and view["deceased_at"]
    assert await holders(world, case.journey) == both(tale.STROKE)
    return view


async def silenced_in_one_transaction(world: World, case: Case) -> None:
    """Every clock stops and every queued notice falls silent with the death itself."""
    events = await world.events(case.journey)
    died = next(e for e in events if isinstance(e.what, PatientDied))
    stopped = [e.what for e in events if isinstance(e.what, ClockStopped) and e.seq > died.seq]
    assert {s.clock_id: s.because for s in stopped} == dict.fromkeys(case.due, "died")
    sql = "SELECT recorded_at FROM event WHERE journey_id = :journey AND seq = :seq"
    (row,) = await world.rows(sql, journey=case.journey, seq=died.seq)
    silenced = await notices(world, case.journey, "silenced_at IS NOT NULL")
    assert [(n["kind"], n["channel"]) for n in silenced] == [
        ("handover_arrived", "mail"),
        ("reminder", "mail"),
        ("reminder", "mail"),
    ]
    assert {n["silenced_at"] for n in silenced} == {row["recorded_at"]}
    assert [c.id for c in (await world.state(case.journey)).running()] == ["closing:coordination"]


async def nothing_more_is_sent(world: World, case: Case) -> None:
    """The mail is back, and days go by: only the death itself is told, and no rung fires."""
    before = await instants.seq(world, case.journey)
    await world.servers.services["mail"].start()
    await every_delivery_ends(world, case.journey)
    await world.fast_forward(case.journey, 48 * HOUR)

    assert await instants.rungs(world, case.journey, before) == []
    dead = ("patient_deceased", tale.REHAB, "inbox")
    assert await tale.told(world, case.journey) == [*case.told, dead]
    unsent = await notices(world, case.journey, "delivered_at IS NULL AND silenced_at IS NULL")
    assert unsent == []
    subjects = [m["Subject"] for m in world.mails() if case.journey in m["Message-ID"]]
    assert len(subjects) == 1 and "har stannat" in subjects[0]
    assert await holders(world, case.journey) == both(tale.STROKE)


async def every_delivery_ends(world: World, journey: str) -> None:
    """Let each delivery that waits for its next attempt make it now."""
    secret = Keyring.load(world.house.keyring_file).ids_secret
    begun = "NOT (attempts = 0 AND silenced_at IS NOT NULL)"

    async def everything_is_on_its_way() -> bool:
        return not await notices(world, journey, "dispatched_at IS NULL")

    await until(everything_is_on_its_way)
    for notice in await notices(world, journey, begun):
        name = f"delivery-{OpaqueIds(secret).token('delivery', notice['id'])}"
        delivery = world.client.get_workflow_handle(name)
        if notice["error"] and (await delivery.describe()).status is RUNNING:
            # A delivery that ends just now never says that its time was moved.
            with suppress(TimeoutError):
                await asyncio.wait_for(world.skip(delivery, HOUR), timeout=5)
        await delivery.result()


async def the_views_say_so(world: World, case: Case) -> None:
    """Nothing is left to answer; the ward may undo, close and take back."""
    receiver, sender = world.caller(tale.RECEIVER), world.caller(tale.SENDER)
    no = await receiver.refused(f"/handovers/{case.handover}/accept", NOW)
    assert no["code"] == "patient_deceased"
    assert (await receiver.get(f"/handovers/{case.handover}"))["available_actions"] == []
    mine = await sender.get(f"/handovers/{case.handover}")
    assert (mine["available_actions"], mine["clocks"]) == (["withdraw"], [])
    whole = await sender.get(f"/journeys/{case.journey}")
    assert {"facts/undo-death", "closing"} <= set(whole["available_actions"])
    work = ("handovers", "pre-notices", "steps/", "visits", "facts/left", "facts/admitted")
    assert not [a for a in whole["available_actions"] if a.startswith(work)]
    assert [c["kind"] for c in whole["clocks"]] == ["closing"]
    assert await holders(world, case.journey) == both(tale.STROKE)


async def undone(world: World, case: Case) -> None:
    """Every clock has the due that it had; what was missed is told now, and said to be late."""
    before, earlier = await instants.seq(world, case.journey), await tale.told(world, case.journey)
    path = f"/journeys/{case.journey}/facts/undo-death"
    view = await world.caller(tale.SENDER).post(path, {"reason": "Förväxling."})

    assert (view["deceased_at"], view["state"]) == (None, "waiting_for_answer")
    state = await world.state(case.journey)
    assert {c.id: c.due_at for c in state.running()} == case.due
    missed = await instants.rungs(world, case.journey, before)
    assert [(r.clock_id.partition(":")[0], r.rung) for r in missed] == [
        ("accepted", "four_fifths"),
        ("accepted", "due"),
        ("acknowledged", "due"),
        ("accepted", "one_day_late"),
        ("acknowledged", "one_day_late"),
    ]
    assert {r.cause for r in missed} == {"late_recorded"}
    assert [r.due_at for r in missed] == sorted(r.due_at for r in missed)
    assert (await tale.told(world, case.journey))[len(earlier) :] == [
        ("death_undone", tale.REHAB, "inbox"),
        *((kind, unit, function) for kind, unit, function in reminded()),
    ]
    assert await holders(world, case.journey) == both(tale.STROKE)


def reminded() -> Told:
    """Whom the missed rungs reach, in their order."""
    due = [("reminder", tale.REHAB, "manager"), ("reminder", tale.STROKE, "coordinator")]
    late = ("reminder", tale.REHAB, "operations")
    fifths = [("reminder", tale.REHAB, "inbox"), ("reminder", tale.STROKE, "inbox")]
    return [*fifths, *due, *due, late, late, ("reminder", tale.STROKE, "manager")]


async def is_closed(world: World, case: Case) -> None:
    """The holder confirms what has been seen to; what was open ceases, and the journey ends."""
    sender, path = world.caller(tale.SENDER), f"/journeys/{case.journey}/closing"
    no = await sender.refused(path, {"done": ["units_informed"]})
    assert no["code"] == "content_invalid"
    other = await world.caller(tale.RECEIVER).http.get(f"/journeys/{case.journey}")
    assert other.status_code == 404
    assert await holders(world, case.journey) == both(tale.STROKE)
    view = await sender.post(path, {"done": ["units_informed", "visits_cancelled"]})

    assert (view["state"], view["close_reason"], view["clocks"]) == ("closed", "deceased", [])
    assert [h["state"] for h in view["handovers"]] == ["ceased"]
    hidden = await world.caller(tale.RECEIVER).http.get(f"/handovers/{case.handover}")
    assert hidden.status_code == 404
    assert not list((await world.state(case.journey)).running())
    assert await holders(world, case.journey) == both(tale.STROKE)
