"""Terms: offered, taken and refused; let off or held to; disputed; and carried through."""

from datetime import datetime, timedelta

from domain.clock import Clock
from tests.stories import instants
from tests.stories import journeys as tale
from tests.stories.hands import both, rehab_at
from tests.stories.holders import holders
from tests.world import Json, World

HOUR = timedelta(hours=1)
MOMENT = timedelta(seconds=10)
NOW: Json = {"takes_over": {"when": "now"}}


async def begun(world: World) -> tuple[str, str]:
    """A handover of rehabilitation that has waited for two hours."""
    journey, handover = await tale.sent(world)
    await world.fast_forward(journey, 2 * HOUR)
    assert await holders(world, journey) == both(tale.STROKE)
    return journey, handover


async def answer(world: World, handover: str, what: str, body: Json | None = None) -> Json:
    """The receiver answers."""
    return await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/{what}", body)


async def reply(world: World, handover: str, what: str, body: Json | None = None) -> Json:
    """The sender replies."""
    return await world.caller(tale.SENDER).post(f"/handovers/{handover}/{what}", body)


async def said(world: World, handover: str, by: str) -> list[tuple[str, str]]:
    """What the two sides have written to each other, as one of them reads it."""
    whole = await world.caller(by).get(f"/handovers/{handover}")
    return [(m["kind"], m["text"]) for m in whole["thread"]]


async def clock(world: World, journey: str, identifier: str) -> Clock:
    """A clock of the journey."""
    return (await world.state(journey)).clocks[identifier]


async def in_hours(world: World, journey: str, hours: int) -> Json:
    """Take over that many hours from now."""
    at = await world.now(journey) + hours * HOUR
    return {"takes_over": {"when": "at", "at": at.isoformat()}}


def instant_of(terms: Json) -> datetime:
    """When such terms would move the part."""
    return datetime.fromisoformat(terms["takes_over"]["at"])


async def test_a_proposal_that_is_taken_moves_the_part_when_it_said(world: World) -> None:
    journey, handover = await begun(world)
    terms = await in_hours(world, journey, 30)

    offered = await answer(world, handover, "propose", terms | {"text": "Vi kan i morgon."})
    owed = await clock(world, journey, f"proposal:{handover}")
    still = await clock(world, journey, f"accepted:{handover}")
    assert (offered["state"], owed.owner, owed.running) == ("proposed", tale.STROKE, True)
    assert (still.running, still.stopped_at) == (False, None)
    assert await holders(world, journey) == both(tale.STROKE)
    taken = await reply(world, handover, "take-proposal")

    assert taken["state"] == "accepted"
    assert await said(world, handover, tale.SENDER) == [("handover_proposed", "Vi kan i morgon.")]
    assert await holders(world, journey) == both(tale.STROKE)
    await instants.travel(world, journey, instant_of(terms) - HOUR)
    assert await holders(world, journey) == both(tale.STROKE)
    await instants.travel(world, journey, instant_of(terms) + MOMENT)
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    assert (await world.state(journey)).parts["rehab"].since == instant_of(terms)
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("proposal_made", tale.STROKE, "inbox"),
        ("handover_accepted", tale.STROKE, "inbox"),
        ("handover_taken_over", tale.REHAB, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]


async def test_a_proposal_that_is_refused_gives_the_receiver_its_time_back(world: World) -> None:
    journey, handover = await begun(world)
    before = await clock(world, journey, f"accepted:{handover}")
    await answer(world, handover, "propose", await in_hours(world, journey, 90))
    await world.fast_forward(journey, 3 * HOUR)

    refused = await reply(world, handover, "refuse-proposal", {"reason": "Hen går hem i dag."})

    going = await clock(world, journey, f"accepted:{handover}")
    assert (refused["state"], going.running) == ("acknowledged", True)
    assert timedelta() <= going.due_at - before.due_at - 3 * HOUR < MOMENT
    assert (await clock(world, journey, f"proposal:{handover}")).stopped_at
    assert await said(world, handover, tale.RECEIVER) == [
        ("proposal_refused", "Hen går hem i dag.")
    ]
    assert await holders(world, journey) == both(tale.STROKE)
    await answer(world, handover, "accept", NOW)
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("proposal_made", tale.STROKE, "inbox"),
        ("proposal_refused", tale.REHAB, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]


async def asked_to_let_go(world: World) -> tuple[str, str, datetime]:
    """Accepted for an instant that lies ahead, and then the sender asks to be let off."""
    journey, handover = await begun(world)
    terms = await in_hours(world, journey, 30)
    await answer(world, handover, "accept", terms)
    no = await world.caller(tale.SENDER).refused(
        f"/handovers/{handover}/withdraw", {"reason": "no_longer_needed"}
    )
    assert no["code"] == "cancellation_needed"
    asked = await reply(world, handover, "request-cancellation", {"reason": "Hen stannar."})
    owed = await clock(world, journey, f"cancellation:{handover}")
    assert asked["state"] == "cancellation_requested"
    assert (owed.owner, owed.running) == (tale.REHAB, True)
    assert await holders(world, journey) == both(tale.STROKE)
    return journey, handover, instant_of(terms)


async def test_a_cancellation_that_is_agreed_leaves_the_part_for_good(world: World) -> None:
    journey, handover, instant = await asked_to_let_go(world)

    ended = await answer(world, handover, "answer-cancellation", {"agree": True})

    assert ended["state"] == "withdrawn"
    hidden = await world.caller(tale.RECEIVER).http.get(f"/handovers/{handover}")
    assert hidden.status_code == 404
    state = await world.state(journey)
    assert not [c.id for c in state.clocks.values() if c.subject == handover and not c.stopped_at]
    assert await holders(world, journey) == both(tale.STROKE)
    await instants.travel(world, journey, instant + HOUR)
    assert await holders(world, journey) == both(tale.STROKE)
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("handover_accepted", tale.STROKE, "inbox"),
        ("cancellation_requested", tale.REHAB, "inbox"),
        ("handover_withdrawn", tale.REHAB, "inbox"),
        ("cancellation_agreed", tale.STROKE, "inbox"),
    ]


async def test_a_cancellation_that_is_refused_lets_the_take_over_come(world: World) -> None:
    journey, handover, instant = await asked_to_let_go(world)

    kept = await answer(
        world, handover, "answer-cancellation", {"agree": False, "text": "Tiden är bokad."}
    )

    assert kept["state"] == "accepted"
    assert await said(world, handover, tale.SENDER) == [
        ("cancellation_requested", "Hen stannar."),
        ("cancellation_refused", "Tiden är bokad."),
    ]
    assert await holders(world, journey) == both(tale.STROKE)
    await instants.travel(world, journey, instant + MOMENT)
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("handover_accepted", tale.STROKE, "inbox"),
        ("cancellation_requested", tale.REHAB, "inbox"),
        ("cancellation_refused", tale.STROKE, "inbox"),
        ("handover_taken_over", tale.REHAB, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]


DISPUTED = [
    ("responsibility_disputed", tale.REHAB, "inbox"),
    ("responsibility_disputed", tale.STROKE, "inbox"),
    ("responsibility_disputed", tale.REHAB, "operations"),
    ("responsibility_disputed", tale.STROKE, "operations"),
]


async def test_a_receiver_disputes_and_the_sender_holds_on(world: World) -> None:
    journey, handover = await begun(world)
    due = (await clock(world, journey, f"accepted:{handover}")).due_at

    disputed = await answer(world, handover, "dispute", {"reason": "Hör till regionen."})

    short = await clock(world, journey, f"dispute:{handover}")
    assert (disputed["state"], disputed["disputed_by"]) == ("disputed", tale.REHAB)
    assert (short.owner, short.running, short.budget.amount) == (tale.REHAB, True, 1)
    assert (await clock(world, journey, f"accepted:{handover}")).due_at == due
    assert await said(world, handover, tale.SENDER) == [("handover_disputed", "Hör till regionen.")]
    assert await holders(world, journey) == both(tale.STROKE)
    again = await world.caller(tale.SENDER).refused(
        f"/handovers/{handover}/dispute", {"reason": "Nej."}
    )
    assert again["code"] == "already_disputed"
    await answer(world, handover, "accept", NOW)
    assert (await clock(world, journey, f"dispute:{handover}")).stopped_at
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        *DISPUTED,
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]


async def test_a_no_that_is_disputed_stands_open_again_once(world: World) -> None:
    journey, handover = await begun(world)
    no: Json = {"reason": "other", "text": "Inte vår patient.", "proposes": tale.IHR}
    await answer(world, handover, "decline", no)
    receiver = world.caller(tale.RECEIVER)
    assert (await receiver.http.get(f"/handovers/{handover}")).status_code == 404
    assert await said(world, handover, tale.SENDER) == [("handover_declined", no["text"])]
    assert await holders(world, journey) == both(tale.STROKE)

    disputed = await reply(world, handover, "dispute", {"reason": "Hen bor hos er."})

    assert (disputed["state"], disputed["disputed_by"]) == ("disputed", tale.STROKE)
    assert (await clock(world, journey, f"dispute:{handover}")).running
    assert (await receiver.get(f"/handovers/{handover}"))["state"] == "disputed"
    assert await holders(world, journey) == both(tale.STROKE)
    await answer(world, handover, "decline", no)
    final = await world.caller(tale.SENDER).refused(
        f"/handovers/{handover}/dispute", {"reason": "Jo."}
    )
    assert final["code"] == "already_disputed"
    assert await holders(world, journey) == both(tale.STROKE)
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("handover_declined", tale.STROKE, "inbox"),
        *DISPUTED,
        ("handover_declined", tale.STROKE, "inbox"),
    ]


async def test_what_was_done_is_reported_and_read_by_the_sender(world: World) -> None:
    journey, handover = await begun(world)
    await answer(world, handover, "accept", NOW)
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    at = (await world.now(journey)).isoformat()
    await answer(world, handover, "first-contact", {"at": at})
    assert await holders(world, journey) == rehab_at(tale.REHAB)

    outcome = "Går till brevlådan med käpp."
    done = await answer(world, handover, "complete", {"outcome": outcome, "goals": "met"})

    assert done["state"] == "completed"
    assert await said(world, handover, tale.SENDER) == [("handover_completed", outcome)]
    log = await world.caller(tale.SENDER).get(f"/journeys/{journey}/events", limit=200)
    (report,) = [e for e in log["items"] if e["type"] == "handover_completed"]
    assert report["what"]["goals"] == "met"
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    assert await tale.told(world, journey, handover) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
        ("handover_completed", tale.STROKE, "inbox"),
    ]
