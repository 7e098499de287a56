"""One clock at the doors: where it stands, why it is due then, and hearing nothing of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from api.clock_bodies import Seen
from api.clocks import reckoned
from domain.event import ClockStarted, Event
from domain.evolve import fold
from tests.api import calls
from tests.api.care import COLLEAGUE, HOME_HELPER, logged, of_protected, protect, with_home_help
from tests.samples import Case
from tests.stories import journeys as tale
from tests.stories.cast import Cast
from tests.world import Json, World, until

NOW: Json = {"takes_over": {"when": "now"}}
SECRET = "Väntar på systern."
# This patient is of this file alone.
FIRST = "199107172380"


@pytest.fixture
async def cast(world: World) -> AsyncIterator[Cast]:
    """Staff of units that the demo has no users for."""
    found = Cast(world)
    yield found
    await found.close()


def ref_of(journey: str, handover: str, kind: str = "accepted") -> str:
    return f"{journey}:{kind}:{handover}"


def snooze(days: float = 2) -> Json:
    return {"until": (datetime.now(UTC) + timedelta(days=days)).isoformat(), "reason": SECRET}


async def seen(world: World, by: str, ref: str) -> Json:
    return await world.caller(by).get(f"/clocks/{ref}")


async def explained(world: World, by: str, ref: str) -> Json:
    return await world.caller(by).get(f"/clocks/{ref}/explanation")


async def test_views_name_their_clocks_by_refs_that_can_be_opened(world: World) -> None:
    journey, handover = await tale.sent(world)
    whole = await world.caller(tale.SENDER).get(f"/journeys/{journey}")
    sent = await world.caller(tale.RECEIVER).get(f"/handovers/{handover}")

    pages = [await seen(world, tale.SENDER, c["ref"]) for c in whole["clocks"]]
    answers = {c["kind"]: c["ref"] for c in sent["clocks"]}

    assert pages
    assert [(p["kind"], p["due_at"]) for p in pages] == [
        (c["kind"], c["due_at"]) for c in whole["clocks"]
    ]
    assert answers["accepted"] == ref_of(journey, handover)


async def test_both_sides_see_the_clock_and_whom_the_next_rung_tells(world: World) -> None:
    journey, handover = await tale.sent(world)
    ref = ref_of(journey, handover)

    page = await seen(world, tale.RECEIVER, ref)

    assert (page["owner"], page["counterpart"]) == (tale.REHAB, tale.STROKE)
    assert (page["state"], page["late"]) == ("running", False)
    assert page["next"]["rung"] == "half"
    assert [(t["unit"], t["function"]) for t in page["next"]["tells"]] == [(tale.REHAB, "inbox")]
    assert page["next"]["at"] < page["due_at"]
    assert page["owner_now"]["unit"] == tale.REHAB
    by_sender = await seen(world, tale.SENDER, ref)
    moving = ("ledgers", "owner_now")
    assert {k: v for k, v in page.items() if k not in moving} == {
        k: v for k, v in by_sender.items() if k not in moving
    }


async def test_a_question_is_the_senders_time_and_both_make_the_patients(world: World) -> None:
    journey, handover = await tale.sent(world)
    ref = ref_of(journey, handover)
    await world.fast_forward(journey, timedelta(hours=2))
    await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/ask", {"question": "Trappa?"})
    await world.fast_forward(journey, timedelta(hours=3))
    await world.caller(tale.SENDER).post(f"/handovers/{handover}/answer", {"answer": "Ja."})
    both = [await explained(world, by, ref) for by in (tale.RECEIVER, tale.SENDER)]
    await world.caller(tale.RECEIVER).post(f"/handovers/{handover}/accept", NOW)

    page = await seen(world, tale.SENDER, ref)
    told = await explained(world, tale.SENDER, ref)

    ledger = page["ledgers"]
    assert page["state"] == "kept" and page["next"] is None and not ledger["open"]
    assert [i["side"] for i in ledger["intervals"]] == ["receiver", "sender", "receiver"]
    sides = ledger["receiver"], ledger["sender"]
    assert 7200 <= sides[0]["seconds"] < 7800
    assert 10800 <= sides[1]["seconds"] < 11400
    for name in ("seconds", "counted_seconds"):
        assert sum(side[name] for side in sides) == ledger["patient"][name]
    assert [line["kind"] for line in told["lines"]] == [
        "started",
        "budget",
        "paused",
        "resumed",
        "due",
    ]
    assert both[0] == both[1] == told
    assert told["agrees"] and told["due_at"] == page["due_at"]


async def test_who_is_no_part_of_the_journey_gets_the_same_reasons_as_who_is(
    world: World,
) -> None:
    journey, handover = await tale.sent(world)
    ref = ref_of(journey, handover)

    receiver = await explained(world, tale.RECEIVER, ref)

    assert receiver == await explained(world, tale.SENDER, ref)
    assert receiver["agrees"]
    assert receiver["deadline"]["source"] == "chosen"
    assert len(receiver["sv"]) == len(receiver["en"]) >= 5
    assert receiver["sv"][0].startswith("Börjar: händelse")
    assert any("stroke-rehab@2, lokalt val" in line for line in receiver["sv"])
    assert receiver["en"][-1].startswith("Due ")
    assert "Testpatient" not in str(receiver) and "Stroke med svaghet" not in str(receiver)


async def test_a_fired_rung_stands_with_due_fired_cause_and_whom_it_told(world: World) -> None:
    journey, handover = await tale.sent(world)
    ref = ref_of(journey, handover)
    await world.fast_forward(journey, timedelta(hours=13))

    async def fired() -> list[Json]:
        found: list[Json] = (await seen(world, tale.RECEIVER, ref))["firings"]
        return found

    (firing,) = await until(fired)
    assert firing["rung"] == "half"
    assert firing["due_at"] <= firing["fired_at"]
    assert firing["cause"] and firing["outcome"] == "told"
    assert firing["told"][0]["unit"] == tale.REHAB


async def test_a_stranger_learns_of_no_clock(world: World) -> None:
    journey, handover = await tale.sent(world)
    charlie = world.caller(tale.OUTSIDER)
    refs = (
        ref_of(journey, handover),
        f"{journey}:step:1.handover_rehab",
        f"{journey}:accepted:no-such",
        "no-such:accepted:h-1",
    )

    reads = [await charlie.http.get(f"/clocks/{r}{p}") for r in refs for p in ("", "/explanation")]
    snoozes = [await charlie.try_post(f"/clocks/{r}/snooze", snooze()) for r in refs]

    problems = [calls.refusal(r, 404) for r in (*reads, *snoozes)]
    assert {p["code"] for p in problems} == {"clock_unknown"}
    assert all(p["title"] == problems[0]["title"] for p in problems)


async def test_a_receiver_sees_the_clocks_of_its_handover_and_of_nothing_else(
    world: World,
) -> None:
    journey, handover = await tale.sent(world)
    step = f"/clocks/{journey}:step:1.handover_rehab"
    bob = world.caller(tale.RECEIVER)

    assert calls.code(await bob.http.get(step), 404) == "clock_unknown"
    await bob.post(f"/handovers/{handover}/decline", {"reason": "no_capacity"})

    gone = await bob.http.get(f"/clocks/{ref_of(journey, handover)}")
    assert calls.code(gone, 404) == "clock_unknown"
    assert (await seen(world, tale.SENDER, ref_of(journey, handover)))["state"] == "kept"


async def test_social_services_see_the_clocks_of_their_own_handovers_alone(world: World) -> None:
    journey = await with_home_help(world)
    whole = await world.caller(tale.SENDER).get(f"/journeys/{journey}")
    sent = {h["to_unit"]: h["id"] for h in whole["handovers"]}
    mine, other = (ref_of(journey, sent[u]) for u in (calls.HOME_HELP, tale.REHAB))
    step = next(c["ref"] for c in whole["clocks"] if c["owner"] == tale.STROKE)
    helper = world.caller(HOME_HELPER)

    page = await seen(world, HOME_HELPER, mine)
    refused = [await helper.http.get(f"/clocks/{ref}") for ref in (other, step)]

    assert page["owner"] == calls.HOME_HELP
    assert [calls.code(r, 404) for r in refused] == ["clock_unknown"] * 2
    assert (await seen(world, tale.RECEIVER, step))["owner"] == tale.STROKE


async def test_each_reading_is_logged(world: World) -> None:
    journey, handover = await tale.sent(world)
    before = len(await logged(world, journey))

    await seen(world, tale.RECEIVER, ref_of(journey, handover))
    await explained(world, tale.SENDER, ref_of(journey, handover))

    assert [action for _, action in (await logged(world, journey))[before:]] == ["clock"] * 2


async def test_a_snooze_is_the_clocks_own_answer_and_moves_nothing(world: World) -> None:
    journey, handover = await tale.sent(world)
    ref, body, bob = ref_of(journey, handover), snooze(), world.caller(tale.RECEIVER)
    before = await seen(world, tale.RECEIVER, ref)

    first = await bob.try_post(f"/clocks/{ref}/snooze", body, key=f"snooze-{handover}")
    again = await bob.try_post(f"/clocks/{ref}/snooze", body, key=f"snooze-{handover}")

    assert first.status_code == 200, first.text
    assert (first.json()["ref"], first.json()["due_at"]) == (ref, before["due_at"])
    assert set(first.json()) == set((await bob.get(f"/handovers/{handover}"))["clocks"][0])
    assert (again.json(), again.headers["ETag"]) == (first.json(), first.headers["ETag"])
    page = await seen(world, tale.SENDER, ref)
    assert [(s["unit"], s["reason"]) for s in page["snoozes"]] == [(tale.REHAB, SECRET)]
    assert page["due_at"] == before["due_at"]
    quiet = [(t["unit"], t["quiet"]) for t in page["next"]["tells"]]
    assert quiet == [(tale.REHAB, True)]


@pytest.mark.parametrize(
    ("days", "status", "code"), [(-1, 422, "instant_in_past"), (8, 422, "snooze_too_long")]
)
async def test_a_snooze_is_ahead_and_short(world: World, days: int, status: int, code: str) -> None:
    journey, handover = await tale.sent(world)

    refused = await world.caller(tale.RECEIVER).try_post(
        f"/clocks/{ref_of(journey, handover)}/snooze", snooze(days)
    )

    assert calls.code(refused, status) == code


async def test_who_is_no_side_of_a_clock_cannot_snooze_it(world: World) -> None:
    journey = await with_home_help(world)
    whole = await world.caller(tale.SENDER).get(f"/journeys/{journey}")
    others = next(h["id"] for h in whole["handovers"] if h["to_unit"] == calls.HOME_HELP)
    ref = ref_of(journey, others, "first_contact")

    refused = await world.caller(tale.RECEIVER).try_post(f"/clocks/{ref}/snooze", snooze())

    assert calls.code(refused, 403) == "not_holder"


async def test_of_a_protected_patient_the_reason_of_a_snooze_is_not_shown(
    world: World, cast: Cast
) -> None:
    journey = await of_protected(world, FIRST)
    alice = world.caller(tale.SENDER)
    sent = await alice.post(f"/journeys/{journey}/handovers", tale.handover())
    ref = ref_of(journey, sent["id"])
    await alice.post(f"/clocks/{ref}/snooze", snooze())
    await protect(world, journey)

    group = await seen(world, tale.SENDER, ref)
    masked = [
        await world.caller(COLLEAGUE).http.get(f"/clocks/{ref}"),
        await cast.at(tale.REHAB, "demo-at-9").http.get(f"/clocks/{ref}"),
        await world.caller(COLLEAGUE).http.get(f"/clocks/{ref}/explanation"),
    ]
    await protect(world, journey, "none")

    assert SECRET in str(group)
    assert [r.status_code for r in masked] == [200] * 3
    assert all(SECRET not in r.text for r in masked)


def test_a_clock_that_does_not_agree_with_its_log_is_an_error_that_is_told() -> None:
    case = Case()
    case.send()
    (started,) = (e for e in case.log if is_start_of(e, "accepted:h-1"))
    later = started.what.clock.due_at + timedelta(minutes=1)  # type: ignore[union-attr]
    moved = started.what.clock.model_copy(update={"due_at": later})  # type: ignore[union-attr]
    wrong = started.model_copy(update={"what": ClockStarted(clock=moved)})
    log = [wrong if e is started else e for e in case.log]
    state = fold(log)
    assert state is not None

    with capture_logs() as logged_lines:
        told = reckoned(Seen(state.clocks["accepted:h-1"], state, log, unmasked=True))

    assert not told.agrees
    assert [(line["event"], line["log_level"]) for line in logged_lines] == [
        ("clock_disagrees", "error")
    ]


def is_start_of(event: Event, clock_id: str) -> bool:
    return isinstance(event.what, ClockStarted) and event.what.clock.id == clock_id
