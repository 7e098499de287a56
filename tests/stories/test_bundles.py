"""Many at once: a Monday's inbox in one call, and one patient's parts in one sending."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import time, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from domain.event import ClockStopped, HandoverAcknowledged
from domain.journey import Journey
from tests.stories import instants
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.stories.hands import both
from tests.stories.holders import holders
from tests.world import Caller, Json, World

KOPING, HOME_HELP = "SE0000000000-TESTK1983REH", "SE0000000000-TESTK1980HTJ"
HOME_CARE, PRIVATE_CARE = "SE0000000000-TESTK1980HSV", "SE0000000000-TESTK1980LOV"
FORTY = 40
NOW: Json = {"takes_over": {"when": "now"}}


class Waiting(NamedTuple):
    """A handover that waits in the inbox, and its journey."""

    journey: str
    handover: str


async def few_at_a_time(calls: Sequence[Awaitable[Any]]) -> list[Any]:
    """Everything, four at a time, in order."""
    turns = asyncio.Semaphore(4)

    async def one(call: Awaitable[Any]) -> Any:
        async with turns:
            return await call

    return await asyncio.gather(*(one(call) for call in calls))


async def test_forty_that_wait_on_monday_are_acknowledged_in_one_call(world: World) -> None:
    waiting = await forty_waiting(world)
    receiver = world.caller("koping-rehab")
    _, elsewhere = await tale.sent(world)
    withdrawn = waiting[0]
    await world.caller(tale.SENDER).post(
        f"/handovers/{withdrawn.handover}/withdraw", {"reason": "sent_in_error"}
    )
    before = await states(world, waiting)
    no = [withdrawn.handover, elsewhere, str(uuid4())]
    given = {"handovers": [*no, *(w.handover for w in waiting[1:])]}

    first = await receiver.post("/handovers/acknowledge", given, key="monday-1")
    again = await receiver.post("/handovers/acknowledge", given, key="monday-1")

    assert again == first
    assert (first["acknowledged"], first["refused"]) == (FORTY - 1, len(no))
    assert [i["handover_id"] for i in first["items"]] == given["handovers"]
    assert {i["code"] for i in first["items"][: len(no)]} == {"handover_unknown"}
    assert {i["outcome"] for i in first["items"][len(no) :]} == {"acknowledged"}
    await only_the_reading_is_done(world, waiting[1:], before)
    assert [h.clocks for h in await states(world, waiting[:1])] == [before[0].clocks]
    await somebody_sees_to_it(world, receiver, waiting[1])


async def forty_waiting(world: World) -> list[Waiting]:
    """Forty handovers in one unit's inbox, on Monday at eight by the clock of each."""
    items = [
        {
            "ref": f"monday-{uuid4().hex}",
            "patient": {"number": next(tale.NUMBERS), "name": "Testpatient 01"},
            "pathway": "generic-rehab",
            "unit": tale.STROKE,
            "referral": {"reason": "Yrsel efter fall.", "initiator": "hospital"},
            "overlap_reason": "Prov",
        }
        for _ in range(FORTY)
    ]
    started = await world.caller(tale.SENDER).post("/journeys/batch", {"items": items})
    assert started["started"] == FORTY
    journeys = [i["journey_id"] for i in started["items"]]
    waiting = await few_at_a_time([in_the_inbox(world, journey) for journey in journeys])
    inbox = await world.caller("koping-rehab").get(f"/units/{KOPING}/inbox", limit=200)
    assert {w.handover for w in waiting} <= {item["id"] for item in inbox["items"]}
    return waiting


async def in_the_inbox(world: World, journey: str) -> Waiting:
    """Sent before the Monday morning that has now come."""
    body = tale.handover(KOPING, step=None)
    sent = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", body)
    monday = instants.next_at(await world.now(journey), instants.MONDAY, time(8))
    await instants.travel(world, journey, monday)
    assert await holders(world, journey) == both(tale.STROKE)
    return Waiting(journey, sent["id"])


async def states(world: World, waiting: Sequence[Waiting]) -> list[Journey]:
    """What each journey's workflow holds."""
    return await few_at_a_time([world.state(w.journey) for w in waiting])


async def only_the_reading_is_done(
    world: World, waiting: Sequence[Waiting], before: Sequence[Journey]
) -> None:
    """Each was read, once; the clock of the reading stopped, every other runs on unmoved."""
    known = {state.id: state for state in before}
    await few_at_a_time([only_read(world, w, known[w.journey]) for w in waiting])


async def only_read(world: World, one: Waiting, old: Journey) -> None:
    """The same of one of them."""
    reading = f"acknowledged:{one.handover}"
    state = await world.state(one.journey)
    happened = [e.what for e in (await world.events(one.journey))[old.seq :]]
    assert happened == [
        HandoverAcknowledged(handover_id=one.handover),
        ClockStopped(clock_id=reading, because="kept"),
    ]
    assert state.clocks[reading].stopped_at
    assert without(state, reading) == without(old, reading)
    assert await holders(world, one.journey) == both(tale.STROKE)


def without(state: Journey, clock: str) -> Json:
    """All the journey's clocks but one."""
    return {key: c for key, c in state.clocks.items() if key != clock}


async def somebody_sees_to_it(world: World, receiver: Caller, one: Waiting) -> None:
    """Assigned and released: the unit answers all the while."""
    assigned = await receiver.post(f"/handovers/{one.handover}/assign", {"to": "demo-at-1"})
    released = await receiver.post(f"/handovers/{one.handover}/release")

    assert (assigned["assigned_to"], assigned["state"]) == ("demo-at-1", "acknowledged")
    assert (released["assigned_to"], released["state"]) == (None, "acknowledged")
    assert assigned["clocks"] == released["clocks"]
    assert await holders(world, one.journey) == both(tale.STROKE)


class Bundle(NamedTuple):
    """One patient's three handovers."""

    journey: str
    id: str
    rehab: str
    help: str
    care: str


def held(rehab: str, home_help: str, home_care: str) -> dict[str, str]:
    """Who holds the parts, when coordination stays with the sender."""
    parts = {"rehab": rehab, "home_help": home_help, "home_health_care": home_care}
    return {"coordination": tale.STROKE} | parts


async def test_of_three_receivers_one_declines_and_its_part_stays(world: World, cast: Cast) -> None:
    bundle = await sent_to_three(world)
    home_help, care = world.caller("vasteras-homehelp"), cast.at(HOME_CARE)
    await home_help_gets_what_it_may(world, bundle)

    at = await world.now(bundle.journey) + timedelta(hours=1)
    opened = await home_help.post(
        f"/handovers/{bundle.help}/accept", {"takes_over": {"when": "at", "at": at.isoformat()}}
    )
    await world.caller(tale.RECEIVER).post(f"/handovers/{bundle.rehab}/accept", NOW)
    await care.post(
        f"/handovers/{bundle.care}/decline", {"reason": "no_capacity", "proposes": PRIVATE_CARE}
    )

    assert (opened["state"], opened["label"]["sv"]) == ("accepted", "Aktualiserad")
    assert await holders(world, bundle.journey) == held(tale.REHAB, tale.STROKE, tale.STROKE)
    assert await counted(world, bundle) == ("1 av 3 övertagna", 1, 1, 1)
    await instants.travel(world, bundle.journey, at + timedelta(minutes=1))
    assert await holders(world, bundle.journey) == held(tale.REHAB, HOME_HELP, tale.STROKE)
    assert await counted(world, bundle) == ("2 av 3 övertagna", 2, 1, 0)
    assert (await care.http.get(f"/handovers/{bundle.care}")).status_code == 404
    await resent_with_one_click(world, cast, bundle)


async def sent_to_three(world: World) -> Bundle:
    """Rehabilitation, home help and home health care, in one sending."""
    journey = await tale.planned(world)
    assert await holders(world, journey) == both(tale.STROKE)
    content = tale.handover()["content"] | {"medication_note": "Se läkemedelslista."}
    wanted = {"rehab": tale.REHAB, "home_help": HOME_HELP, "home_health_care": HOME_CARE}
    items = [{"part": p, "purpose": "take_part", "to": to} for p, to in wanted.items()]
    sent = await world.caller(tale.SENDER).post(
        f"/journeys/{journey}/handovers", {"content": content, "items": items}
    )
    bundle = Bundle(journey, sent["id"], *(h["id"] for h in sent["handovers"]))
    assert sent["label"]["sv"] == "0 av 3 övertagna"
    assert await holders(world, journey) == held(tale.STROKE, tale.STROKE, tale.STROKE)
    return bundle


async def counted(world: World, bundle: Bundle) -> tuple[str, int, int, int]:
    """What the journey says of its bundle."""
    whole = await world.caller(tale.SENDER).get(f"/journeys/{bundle.journey}")
    (found,) = [b for b in whole["bundles"] if b["id"] == bundle.id]
    assert set(found["handovers"]) >= {bundle.rehab, bundle.help, bundle.care}
    return found["label"]["sv"], found["taken_over"], found["declined"], found["waiting"]


async def home_help_gets_what_it_may(world: World, bundle: Bundle) -> None:
    """Its own handover, without what health care measured; neither the others nor the journey."""
    home_help = world.caller("vasteras-homehelp")
    mine = await home_help.get(f"/handovers/{bundle.help}")
    assert mine["profile"] == "social_services"
    assert mine["content"]["current_function"] == "Går med rollator."
    assert mine["content"]["measurements"] == []
    assert mine["content"]["summary_evaluation"] is None
    assert mine["content"]["medication_note"] is None
    whole = await world.caller(tale.RECEIVER).get(f"/handovers/{bundle.rehab}")
    assert whole["content"]["medication_note"] == "Se läkemedelslista."
    for hidden in (f"/handovers/{bundle.rehab}", f"/journeys/{bundle.journey}"):
        assert (await home_help.http.get(hidden)).status_code == 404


async def resent_with_one_click(world: World, cast: Cast, bundle: Bundle) -> None:
    """A handover of its own, that takes the place of the declined one in the bundle."""
    sender, private = world.caller(tale.SENDER), cast.at(PRIVATE_CARE)
    again = await sender.post(f"/handovers/{bundle.care}/resend", {})
    links = (again["to_unit"], again["resends"], again["bundle"])
    assert links == (PRIVATE_CARE, bundle.care, bundle.id)
    assert await holders(world, bundle.journey) == held(tale.REHAB, HOME_HELP, tale.STROKE)
    assert await counted(world, bundle) == ("2 av 3 övertagna", 2, 0, 1)
    await private.post(f"/handovers/{again['id']}/accept", NOW)

    assert await holders(world, bundle.journey) == held(tale.REHAB, HOME_HELP, PRIVATE_CARE)
    assert await counted(world, bundle) == ("3 av 3 övertagna", 3, 0, 0)
    declined = await sender.get(f"/handovers/{bundle.care}")
    assert (declined["state"], declined["proposed_unit"]) == ("declined", PRIVATE_CARE)
    assert await tale.told(world, bundle.journey, bundle.care) == [
        ("handover_arrived", HOME_CARE, "inbox"),
        ("handover_declined", tale.STROKE, "inbox"),
    ]
    assert await tale.told(world, bundle.journey, again["id"]) == [
        ("handover_arrived", PRIVATE_CARE, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]
