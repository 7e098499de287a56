"""The hospital's days: a discharge that is moved, and a patient who is admitted again."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from domain.calendar import elapsed
from domain.clock import Clock
from domain.event import HandoverTakenOver
from domain.journey import Journey
from tests.stories import instants
from tests.stories import journeys as tale
from tests.stories.hands import both, rehab_at
from tests.stories.holders import holders
from tests.world import Json, World

VC_KOPING, HOME_HELP = "SE0000000000-TESTRVMVCKOP", "SE0000000000-TESTK1980HTJ"
HOME_CARE = "SE0000000000-TESTK1980HSV"
ON_DISCHARGE: Json = {"takes_over": {"when": "on_discharge"}}
HOUR = timedelta(hours=1)
MOMENT = timedelta(seconds=30)


async def planned_on(world: World, weekday: int, wall: time) -> tuple[str, datetime]:
    """A planned journey at that time of the week."""
    journey = await tale.start(world)
    then = instants.next_at(await world.now(journey), weekday, wall)
    await instants.travel(world, journey, then)
    await tale.complete(world, journey, "assessment", tale.ASSESSMENT)
    await tale.complete(world, journey, "plan", tale.PLAN)
    assert await holders(world, journey) == both(tale.STROKE)
    return journey, then


async def leaves(world: World, journey: str) -> datetime:
    """The patient leaves the ward now."""
    left_at = await world.now(journey)
    body = {"at": left_at.isoformat(), "to": "Ordinärt boende"}
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/facts/left", body)
    return left_at


async def test_a_discharge_moved_to_sunday_moves_the_part_on_sunday(world: World) -> None:
    journey, tuesday = await planned_on(world, instants.TUESDAY, time(9))
    friday = instants.next_at(tuesday, instants.FRIDAY, time(13))
    sunday = friday + 2 * instants.DAY
    handover = await announced_then_sent(world, journey, friday)
    receiver, sender = world.caller(tale.RECEIVER), world.caller(tale.SENDER)

    accepted = await receiver.post(f"/handovers/{handover}/accept", ON_DISCHARGE)
    assert accepted["state"] == "accepted"
    assert await due(world, journey, f"take_over:{handover}") == friday + 4 * HOUR
    moved = await sender.post(
        f"/handovers/{handover}/change-estimate",
        {"estimated_at": sunday.isoformat(), "reason": "Ny infektion"},
    )

    assert datetime.fromisoformat(moved["estimated_discharge_at"]) == sunday
    assert await due(world, journey, f"take_over:{handover}") == sunday + 4 * HOUR
    await nothing_happens_until(world, journey, sunday)
    left_at = await leaves(world, journey)
    assert await holders(world, journey) == rehab_at(tale.REHAB)
    await moved_at(world, journey, left_at)
    assert await tale.told(world, journey, handover) == [
        ("handover_announced", tale.REHAB, "inbox"),
        ("handover_arrived", tale.REHAB, "inbox"),
        ("handover_accepted", tale.STROKE, "inbox"),
        ("estimate_changed", tale.REHAB, "inbox"),
        ("handover_taken_over", tale.REHAB, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]


async def announced_then_sent(world: World, journey: str, friday: datetime) -> str:
    """A pre-notice with an estimate becomes the real handover; the sender owed it."""
    sender = world.caller(tale.SENDER)
    early = await sender.post(
        f"/journeys/{journey}/pre-notices",
        {
            "part": "rehab",
            "purpose": "take_part",
            "to": tale.REHAB,
            "estimated_at": friday.isoformat(),
            "requested": "Träning i hemmet.",
            "legal_basis": "lag_2017_612",
        },
    )
    assert early["state"] == "pre_notice"
    assert await due(world, journey, f"pre_notice:{early['id']}") == friday
    assert await holders(world, journey) == both(tale.STROKE)
    estimate = {"estimated_discharge_at": friday.isoformat()}
    body = tale.handover(content=estimate, pre_notice=early["id"])
    sent = await sender.post(f"/journeys/{journey}/handovers", body)

    assert (sent["id"], sent["state"]) == (early["id"], "received")
    assert (await world.state(journey)).clocks[f"pre_notice:{early['id']}"].stopped_at
    assert await holders(world, journey) == both(tale.STROKE)
    identifier: str = sent["id"]
    return identifier


async def due(world: World, journey: str, clock: str) -> datetime:
    """When a running clock is due."""
    found = (await world.state(journey)).clocks[clock]
    assert found.running
    return found.due_at


async def nothing_happens_until(world: World, journey: str, sunday: datetime) -> None:
    """Friday and Saturday go by; the log does not grow."""
    before = await instants.seq(world, journey)
    for day in (sunday - 44 * HOUR, sunday - 20 * HOUR, sunday):
        await instants.travel(world, journey, day)
        assert await instants.rungs(world, journey, before) == []
        assert await instants.seq(world, journey) == before
        assert await holders(world, journey) == both(tale.STROKE)


async def moved_at(world: World, journey: str, left_at: datetime) -> None:
    """At the instant of leaving; coordination, that nobody has taken over, rings."""
    events = await world.events(journey)
    (taken,) = [e for e in events if isinstance(e.what, HandoverTakenOver)]
    assert taken.effective_at == left_at
    assert (await world.state(journey)).parts["rehab"].since == left_at
    fired = [r.clock_id for r in await instants.rungs(world, journey) if r.alarm]
    assert fired == ["alarm:coordination"]


class Sent(NamedTuple):
    """What was under way when the patient came back: one of each kind."""

    journey: str
    asked: str
    unanswered: str
    early: str
    unwanted: str

    @property
    def all(self) -> tuple[str, ...]:
        """All four."""
        return (self.asked, self.unanswered, self.early, self.unwanted)


def held(rehab: str) -> dict[str, str]:
    """The ward holds everything but rehabilitation, also what it has only announced."""
    return {"home_help": tale.STROKE, "home_health_care": tale.STROKE} | rehab_at(rehab)


async def test_a_readmission_lets_handovers_wait_and_go_on_with_what_was_left(
    world: World,
) -> None:
    sent = await four_under_way(world)
    await leaves(world, sent.journey)
    assert (await world.state(sent.journey)).clocks["alarm:rehab"].running
    await world.fast_forward(sent.journey, 2 * HOUR)

    before = await comes_back(world, sent)
    await four_silent_days(world, sent)
    await ready_again(world, sent)

    await is_resumed(world, sent, before)
    await is_changed(world, sent)
    await is_withdrawn(world, sent)
    await the_question_is_answered(world, sent, before)
    await world.caller(tale.RECEIVER).post(f"/handovers/{sent.asked}/accept", ON_DISCHARGE)
    assert await holders(world, sent.journey) == held(tale.STROKE)
    await leaves(world, sent.journey)
    assert await holders(world, sent.journey) == held(tale.REHAB)
    assert await tale.told(world, sent.journey, sent.asked) == [
        ("handover_arrived", tale.REHAB, "inbox"),
        ("question_asked", tale.STROKE, "inbox"),
        ("handover_on_hold", tale.REHAB, "inbox"),
        ("handover_resumed", tale.REHAB, "inbox"),
        ("question_answered", tale.REHAB, "inbox"),
        ("handover_accepted", tale.STROKE, "inbox"),
        ("handover_taken_over", tale.REHAB, "inbox"),
        ("handover_taken_over", tale.STROKE, "inbox"),
    ]


async def four_under_way(world: World) -> Sent:
    """Rehabilitation with a question, coordination unanswered, a pre-notice, and home help."""
    journey, tuesday = await planned_on(world, instants.TUESDAY, time(9))
    sender, path = world.caller(tale.SENDER), f"/journeys/{journey}"
    estimate = {"estimated_discharge_at": (tuesday + 3 * instants.DAY).isoformat()}
    rehab = await sender.post(f"{path}/handovers", tale.handover(content=estimate))
    others: list[Json] = [
        {"part": "coordination", "purpose": "take_over", "to": VC_KOPING, "step": None},
        {"part": "home_help", "purpose": "take_part", "to": HOME_HELP, "step": None},
    ]
    lead, home_help = [
        await sender.post(f"{path}/handovers", tale.handover(**body)) for body in others
    ]
    early = await sender.post(
        f"{path}/pre-notices",
        {
            "part": "home_health_care",
            "purpose": "take_part",
            "to": HOME_CARE,
            "estimated_at": estimate["estimated_discharge_at"],
            "requested": "Såromläggning.",
            "legal_basis": "lag_2017_612",
        },
    )
    await world.fast_forward(journey, HOUR)
    await world.caller(tale.RECEIVER).post(
        f"/handovers/{rehab['id']}/ask", {"question": "Får hen belasta benet?"}
    )
    await world.fast_forward(journey, HOUR)
    assert await holders(world, journey) == held(tale.STROKE)
    return Sent(journey, rehab["id"], lead["id"], early["id"], home_help["id"])


async def comes_back(world: World, sent: Sent) -> Journey:
    """Admitted: alarms end, and everything that is open waits."""
    before = await world.state(sent.journey)
    at = {"at": (await world.now(sent.journey)).isoformat()}
    view = await world.caller(tale.SENDER).post(f"/journeys/{sent.journey}/facts/admitted", at)

    assert {h["state"] for h in view["handovers"]} == {"on_hold"}
    state = await world.state(sent.journey)
    assert not [c.id for c in state.running() if c.kind == "alarm"]
    running = {c.id for c in state.running() if c.subject in sent.all}
    assert running == {f"hold:{h}" for h in sent.all}
    assert await holders(world, sent.journey) == held(tale.STROKE)
    return before


async def four_silent_days(world: World, sent: Sent) -> None:
    """No rung fires; nobody can say yes; the question stands."""
    before = await instants.seq(world, sent.journey)
    for _ in range(4):
        await world.fast_forward(sent.journey, instants.DAY)
        assert await instants.rungs(world, sent.journey, before) == []
        assert await holders(world, sent.journey) == held(tale.STROKE)
    outsider = world.caller(tale.OUTSIDER).http
    assert (await outsider.get(f"/journeys/{sent.journey}")).status_code == 404
    no = await world.caller(tale.RECEIVER).refused(f"/handovers/{sent.asked}/accept", ON_DISCHARGE)
    assert no["code"] == "handover_on_hold"
    shown = await world.caller(tale.RECEIVER).get(f"/handovers/{sent.asked}")
    assert shown["state"] == "on_hold" and shown["acknowledged_at"]
    assert (await world.state(sent.journey)).handovers[sent.asked].question_since


async def ready_again(world: World, sent: Sent) -> None:
    """The choice for each is owed within a working day; until then everything waits."""
    at = {"at": (await world.now(sent.journey)).isoformat()}
    view = await world.caller(tale.SENDER).post(f"/journeys/{sent.journey}/facts/ready", at)

    assert {h["state"] for h in view["handovers"]} == {"on_hold"}
    holds = [(await world.state(sent.journey)).clocks[f"hold:{h}"] for h in sent.all]
    assert {(c.owner, c.running, c.budget.amount) for c in holds} == {(tale.STROKE, True, 1)}
    assert await holders(world, sent.journey) == held(tale.STROKE)


async def is_resumed(world: World, sent: Sent, before: Journey) -> None:
    """What nobody had answered goes on with what was left of each clock."""
    path = f"/handovers/{sent.unanswered}/resume"
    view = await world.caller(tale.SENDER).post(path, {})

    assert view["state"] == "received"
    state = await world.state(sent.journey)
    for kind in ("acknowledged", "accepted"):
        old, new = [s.clocks[f"{kind}:{sent.unanswered}"] for s in (before, state)]
        assert new.running and new.next_rung == old.next_rung
        resumed, stopped = new.running_since, state.episodes[-1].admitted_at
        assert resumed is not None
        assert abs(left_of(new, state, resumed) - left_of(old, before, stopped)) < MOMENT
    assert state.clocks[f"hold:{sent.unanswered}"].stopped_at
    assert await holders(world, sent.journey) == held(tale.STROKE)


def left_of(clock: Clock, state: Journey, at: datetime) -> timedelta:
    """How much of the clock's own time remains at an instant until it is due."""
    return elapsed(at, clock.due_at, clock.budget.counting, state.calendar_of(clock))


async def is_changed(world: World, sent: Sent) -> None:
    """The pre-notice goes on with a new estimate, by which the real handover is owed."""
    estimate = await world.now(sent.journey) + 2 * instants.DAY
    view = await world.caller(tale.SENDER).post(
        f"/handovers/{sent.early}/resume", {"estimated_at": estimate.isoformat()}
    )

    assert view["state"] == "pre_notice"
    assert await due(world, sent.journey, f"pre_notice:{sent.early}") == estimate
    assert await holders(world, sent.journey) == held(tale.STROKE)


async def is_withdrawn(world: World, sent: Sent) -> None:
    """Home help is not needed any more: gone from its sight, and nothing runs."""
    await world.caller(tale.SENDER).post(
        f"/handovers/{sent.unwanted}/withdraw", {"reason": "no_longer_needed"}
    )

    hidden = await world.caller("vasteras-homehelp").http.get(f"/handovers/{sent.unwanted}")
    assert hidden.status_code == 404
    state = await world.state(sent.journey)
    assert not [c for c in state.clocks.values() if c.subject == sent.unwanted and c.owed]
    assert await holders(world, sent.journey) == held(tale.STROKE)


async def the_question_is_answered(world: World, sent: Sent, before: Journey) -> None:
    """Resumed, it is still the sender's turn; answered, the receiver has what it had left."""
    sender, clock = world.caller(tale.SENDER), f"accepted:{sent.asked}"
    resumed = await sender.post(f"/handovers/{sent.asked}/resume", {})
    state = await world.state(sent.journey)
    assert resumed["state"] == "question_open"
    assert (state.clocks[f"answer:{sent.asked}"].running, state.clocks[clock].running) == (
        True,
        False,
    )
    await sender.post(f"/handovers/{sent.asked}/answer", {"answer": "Ja, fullt."})

    state = await world.state(sent.journey)
    going, old = state.clocks[clock], before.clocks[clock]
    assert going.running_since is not None
    assert left_of(going, state, going.running_since) == old.span - old.spent
    assert await holders(world, sent.journey) == held(tale.STROKE)
