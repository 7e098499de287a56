"""Friday afternoon before a long weekend: what was foreseen is what happens."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from domain.calendar import STOCKHOLM
from domain.event import RungFired
from tests.stories import instants
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.stories.hands import both, rehab_at
from tests.stories.holders import holders
from tests.world import Json, World

HOUR = timedelta(hours=1)
SLACK = timedelta(seconds=30)
PHONE = "010-000 00 00"
Firing = tuple[datetime, str, str, list[tuple[str, str]]]


class Weekend(NamedTuple):
    """The journey and the handover of the story, and the instants that it turns on."""

    journey: str
    unit: str
    handover: str
    friday: datetime
    left_at: datetime
    opens_at: datetime


async def open_unit(cast: Cast, friday: datetime) -> str:
    """A unit that goes home early on Fridays, and is closed on the Monday after this one."""
    monday = str(friday.date() + timedelta(days=3))
    days = [{"day": d, "opens": "07:30", "closes": "16:30"} for d in range(4)]
    return await cast.open_unit(
        hours=[*days, {"day": 4, "opens": "07:30", "closes": "14:00"}],
        closures=[{"first": monday, "last": monday, "reason": "Klämdag"}],
    )


async def on_friday(world: World, cast: Cast) -> tuple[str, str, datetime]:
    """A planned journey on Friday at half past two, and a unit that has closed at two."""
    journey = await tale.start(world)
    calendar = (await world.state(journey)).calendar
    friday = instants.next_friday_before_days_off(await world.now(journey), calendar, time(14, 30))
    unit = await open_unit(cast, friday)
    await instants.travel(world, journey, friday)
    await tale.complete(world, journey, "assessment", tale.ASSESSMENT)
    await tale.complete(world, journey, "plan", tale.PLAN)
    await cast.known(unit)
    return journey, unit, friday


async def test_what_fires_over_a_long_weekend_is_what_was_forecast(
    world: World, cast: Cast
) -> None:
    journey, unit, friday = await on_friday(world, cast)
    assert await holders(world, journey) == both(tale.STROKE)

    path, body = f"/journeys/{journey}/handovers", tale.handover(unit)
    tried = await world.caller(tale.SENDER).post(f"{path}?dry_run=true", body)
    before = await instants.seq(world, journey)
    sent = await world.caller(tale.SENDER).post(path, body)
    weekend = the_weekend(journey, unit, sent["id"], friday)

    assert await holders(world, journey) == both(tale.STROKE)
    outsider = world.caller(tale.OUTSIDER).http
    assert (await outsider.get(f"/handovers/{sent['id']}")).status_code == 404
    assert tried["refused"] is None
    says_who_is_there(tried["forecasts"][0], weekend)
    says_who_is_there(sent["forecast"], weekend)
    says_the_same(tried["forecasts"][0], sent["forecast"])
    await the_patient_leaves(world, weekend)
    await the_patient_is_called(world, weekend)
    await instants.travel(world, journey, weekend.opens_at + HOUR / 4)
    await fired_as_forecast(world, weekend, sent["forecast"], before)
    await the_receiver_opens(world, cast, weekend)


def the_weekend(journey: str, unit: str, handover: str, friday: datetime) -> Weekend:
    """Saturday half past ten, and Tuesday half past seven, by the wall clock."""
    saturday, tuesday = friday.date() + instants.DAY, friday.date() + 4 * instants.DAY
    return Weekend(
        journey,
        unit,
        handover,
        friday,
        datetime.combine(saturday, time(10, 30), STOCKHOLM),
        datetime.combine(tuesday, time(7, 30), STOCKHOLM),
    )


def says_who_is_there(forecast: Json, weekend: Weekend) -> None:
    """Closed; opens on Tuesday; until then the out-of-hours function, and the sender holds."""
    assert forecast["open_now"] is False
    assert datetime.fromisoformat(forecast["answer_expected_from"]) == weekend.opens_at
    due = datetime.fromisoformat(forecast["answer_due_at"])
    assert timedelta() <= due - weekend.friday - 24 * HOUR < SLACK
    assert forecast["on_duty"] == {
        "holder": tale.STROKE,
        "receiver": weekend.unit,
        "function": "out_of_hours",
        "phone": PHONE,
    }
    assert forecast["mismatches"] == []


def says_the_same(tried: Json, sent: Json) -> None:
    """The same rungs reach the same functions, a moment later."""
    assert plain(tried) == plain(sent)
    for one, other in zip(tried["rungs"], sent["rungs"], strict=True):
        later = datetime.fromisoformat(other["at"]) - datetime.fromisoformat(one["at"])
        assert timedelta() <= later < SLACK


def plain(forecast: Json) -> list[tuple[str, str, list[Json]]]:
    """Whom which rung reaches, without the instants."""
    return [(r["clock"], r["rung"], r["tells"]) for r in forecast["rungs"]]


async def the_patient_leaves(world: World, weekend: Weekend) -> None:
    """On Saturday, with need, and nobody has taken over: an alarm at that instant."""
    await instants.travel(world, weekend.journey, weekend.left_at)
    left_at = await world.now(weekend.journey)
    body = {"at": left_at.isoformat(), "to": "Ordinärt boende"}
    await world.caller(tale.SENDER).post(f"/journeys/{weekend.journey}/facts/left", body)

    assert await holders(world, weekend.journey) == both(tale.STROKE)
    fired = [r for r in await instants.rungs(world, weekend.journey) if r.alarm]
    assert [r.clock_id for r in fired] == ["alarm:coordination", "alarm:rehab"]
    assert all(left_at <= r.fired_at == r.due_at < left_at + SLACK for r in fired)
    assert await tale.told(world, weekend.journey, "rehab") == [
        ("alarm", tale.STROKE, "manager"),
        ("alarm", tale.STROKE, "coordinator"),
        ("alarm", weekend.unit, "manager"),
        ("alarm", weekend.unit, "out_of_hours"),
        ("alarm", weekend.unit, "inbox"),
    ]


async def the_patient_is_called(world: World, weekend: Weekend) -> None:
    """The safety net is owed at once; recorded, it is a call that is owed; the call is made."""
    journey, sender = weekend.journey, world.caller(tale.SENDER)
    owed = (await world.state(journey)).clocks["safety_net:coordination"]
    assert (owed.owner, owed.running) == (tale.STROKE, True)
    assert timedelta() <= owed.due_at - weekend.left_at - 2 * HOUR < SLACK
    await instants.travel(world, journey, weekend.left_at + HOUR / 2)
    call_at = weekend.left_at + 22 * HOUR + HOUR / 2
    net = {"caller": "Samordnare", "call_at": call_at.isoformat(), "number": PHONE}
    await sender.post(f"/journeys/{journey}/facts/safety-net", {"safety_net": net})
    planned = (await world.state(journey)).clocks["safety_net:coordination"]
    assert (planned.owner, planned.running, planned.due_at) == (tale.STROKE, True, call_at)
    assert await holders(world, journey) == both(tale.STROKE)

    await instants.travel(world, journey, call_at - HOUR / 4)
    called = {"at": (await world.now(journey)).isoformat(), "outcome": "well"}
    await sender.post(f"/journeys/{journey}/facts/safety-call", called)

    assert (await world.state(journey)).clocks["safety_net:coordination"].stopped_at
    fired = await instants.rungs(world, journey)
    reminders = [r for r in fired if r.clock_id == "safety_net:coordination"]
    assert [(r.rung, [t.function for t in r.told]) for r in reminders] == [("half", ["inbox"])]
    assert await holders(world, journey) == both(tale.STROKE)


async def fired_as_forecast(world: World, weekend: Weekend, forecast: Json, after: int) -> None:
    """Each rung once, at its instant, to whom it was said; then the last one daily."""
    until_then = await world.now(weekend.journey)
    rungs = [r for r in await instants.rungs(world, weekend.journey, after) if not r.alarm]
    about = [r for r in rungs if r.clock_id.endswith(weekend.handover)]
    first = {(r.clock_id, r.rung): r for r in reversed(about)}
    repeated = [r for r in about if r not in first.values()]

    assert [happened(r) for r in about if r in first.values()] == foreseen(forecast, until_then)
    assert [r.rung for r in repeated] == ["one_day_late"]
    assert repeated[0].due_at - weekend.friday - 72 * HOUR < SLACK
    assert {r.cause for r in about} == {"on_time"}
    assert await holders(world, weekend.journey) == both(tale.STROKE)


def foreseen(forecast: Json, until_then: datetime) -> list[Firing]:
    """What the forecast said for the time that has passed."""
    said = [
        (
            datetime.fromisoformat(r["at"]),
            r["clock"],
            r["rung"],
            [(t["unit"], t["function"]) for t in r["tells"]],
        )
        for r in forecast["rungs"]
    ]
    return [rung for rung in said if rung[0] <= until_then]


def happened(rung: RungFired) -> Firing:
    """The same of what has fired."""
    kind = rung.clock_id.partition(":")[0]
    return rung.due_at, kind, rung.rung, [(t.unit, str(t.function)) for t in rung.told]


async def the_receiver_opens(world: World, cast: Cast, weekend: Weekend) -> None:
    """On Tuesday morning it takes over, and the alarm about its part ends."""
    path = f"/handovers/{weekend.handover}/accept"
    await cast.at(weekend.unit).post(path, {"takes_over": {"when": "now"}})

    assert await holders(world, weekend.journey) == rehab_at(weekend.unit)
    clocks = (await world.state(weekend.journey)).clocks
    assert clocks["alarm:rehab"].stopped_at
    assert clocks["alarm:coordination"].running
