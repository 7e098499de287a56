"""A hospital stay by the act on discharge: told of, planned for, ready, taken back, paid for."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from domain.calendar import STOCKHOLM
from domain.clock import Clock
from domain.event import RungFired
from domain.journey import Journey
from domain.liability import Basis, Liability, liability
from tests.api import calls
from tests.stories import instants
from tests.stories import journeys as tale
from tests.stories.hands import both
from tests.stories.holders import holders
from tests.world import Caller, Json, World

ASSESSOR, ASSESSORS = "vasteras-assessor", "SE0000000000-TESTK1980BIST"
OPEN_CARE, OPEN_CARE_UNIT = "vc-koping", "SE0000000000-TESTRVMVCKOP"
BOTH_SIDES = ["social_services", "municipal_health_care"]
CONTACT = {"function": "Fast vårdkontakt", "profession": "SSK", "phone": "0221-123 45"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Ward:
    """The stroke ward, at the time of one journey."""

    def __init__(self, world: World, journey: str) -> None:
        self.world, self.journey = world, journey
        self.caller: Caller = world.caller(tale.SENDER)

    async def now(self) -> datetime:
        """What the journey's clock shows."""
        return await self.world.now(self.journey)

    async def says(self, path: str, body: Json | None = None, **instant: Any) -> Json:
        """A message that is true now, unless another instant is named; nothing changes hands."""
        at = instant.get("at") or await self.now()
        stamped = {"at": at.isoformat()} | (body or {})
        if path in ("stay/notice", "stay/estimate", "stay/region-care", "sip/need", "meetings"):
            stamped.pop("at")
        view = await self.caller.post(f"/journeys/{self.journey}/{path}", stamped)
        assert await holders(self.world, self.journey) == both(tale.STROKE)
        return view

    async def notifies(self, *to: str, **change: Any) -> Json:
        """The admission notice, with a discharge in a week."""
        expected = (await self.now() + 7 * DAY).isoformat()
        units = list(to or (ASSESSORS, OPEN_CARE_UNIT))
        return await self.says("stay/notice", {"to": units, "estimated_at": expected} | change)

    async def calls_to_a_sip(self) -> None:
        """Needed, agreed to, and the units are called."""
        await self.says("sip/need", {"needed": True, "reason": "Båda behövs."})
        await self.says("sip/consent", {"given": True})
        starts_at = (await self.now() + 2 * DAY).isoformat()
        summons = {"kind": "sip", "starts_at": starts_at, "mode": "video"}
        await self.says("meetings", summons | {"units": [tale.STROKE, ASSESSORS]})

    async def waits_until(self, weekday: int, wall: time) -> datetime:
        """Until the wall clock shows it next."""
        then = instants.next_at(await self.now(), weekday, wall)
        await instants.travel(self.world, self.journey, then)
        assert await holders(self.world, self.journey) == both(tale.STROKE)
        return then

    async def clock(self, kind: str, number: int = 1) -> Clock:
        """A clock of a stay, whether it runs or not."""
        return (await self.state()).clocks[f"{kind}:stay.{number}"]

    async def running(self, number: int = 1) -> set[str]:
        """The kinds of the clocks of a stay that run."""
        clocks = (await self.state()).running()
        return {str(c.kind) for c in clocks if c.subject == f"stay.{number}"}

    async def state(self) -> Journey:
        """What the workflow holds."""
        return await self.world.state(self.journey)

    async def ledger(self, number: int = 1) -> Liability:
        """The ledger at the journey's own time, which the doors do not know."""
        state = await self.state()
        stay = state.episodes[number - 1]
        known = (state.sip, state.municipality, state.rules, state.calendar, state.deceased_at)
        return liability(Basis(stay, *known), await self.now())

    async def ledgers(self) -> list[Json]:
        """The ledgers as the doors show them."""
        found = await self.caller.get(f"/journeys/{self.journey}/payment-liability")
        items: list[Json] = found["items"]
        return items


async def begun(world: World, weekday: int = instants.MONDAY, wall: time = time(23, 30)) -> Ward:
    """A journey of somebody in Västerås, at that time of the week."""
    figures = {"municipality": "1980"}
    referral = {"reason": "Stroke.", "initiator": "hospital", "figures": figures}
    body = calls.start_body(next(tale.NUMBERS), "stroke-rehab", referral=referral)
    journey = (await world.caller(tale.SENDER).post("/journeys", body))["id"]
    ward = Ward(world, journey)
    await ward.waits_until(weekday, wall)
    return ward


async def test_a_stay_from_the_admission_to_the_last_day_that_is_paid_for(world: World) -> None:
    ward = await begun(world)
    await is_told_and_planned_for(ward)
    await is_ready_and_taken_back(ward)
    await is_ready_again_and_paid_for(ward)
    await goes_home(ward)


async def is_told_and_planned_for(ward: Ward) -> None:
    """Within 24 hours, with an estimate that moves, and a contact before the discharge."""
    admitted_at = await ward.now()
    await ward.says("facts/admitted", {"efforts": BOTH_SIDES}, at=admitted_at)
    assert (await ward.clock("admission_notice")).due_at == admitted_at + DAY
    await instants.travel(ward.world, ward.journey, admitted_at + 23 * HOUR)
    await ward.notifies()

    assert await ward.running() == {"estimate", "care_contact"}
    all_fired = await instants.rungs(ward.world, ward.journey)
    fired = [r.rung for r in all_fired if "stay" in r.clock_id and r.rung != "four_fifths"]
    assert fired == ["half"], "nothing of the stay came late"
    expected = await ward.now() + 9 * DAY
    moved = {"estimated_at": expected.isoformat(), "reason": "Ny infektion."}
    await ward.says("stay/estimate", moved)
    assert (await ward.clock("care_contact")).due_at == expected

    path = f"/stays/{ward.journey}/1"
    await ward.world.caller(ASSESSOR).post(f"{path}/planning")
    stay = await ward.world.caller(OPEN_CARE).post(f"{path}/care-contact", CONTACT)
    assert [p["unit"] for p in stay["planning"]] == [ASSESSORS]
    assert await ward.running() == {"estimate"}
    assert await holders(ward.world, ward.journey) == both(tale.STROKE)


async def is_ready_and_taken_back(ward: Ward) -> None:
    """At 11:59 on a Thursday: liable from Sunday, when the SIP is called; until it is not."""
    thursday = await ward.waits_until(3, time(11, 59))
    await ward.says("facts/ready")
    assert await ward.running() == {"estimate", "sip_summons"}
    assert (await ward.clock("sip_summons")).owner == OPEN_CARE_UNIT
    assert (await ward.ledger()).reasons == ("sip_not_called",)
    await ward.calls_to_a_sip()

    assert await ward.running() == {"estimate", "payment"}
    paying, sunday = await ward.clock("payment"), midnight(thursday, 3)
    assert (paying.owner, paying.due_at) == (ASSESSORS, sunday)
    await ward.waits_until(4, time(15))
    await ward.says("stay/ready/withdraw", {"reason": "Feber i natt."})
    assert await ward.running() == {"estimate"}
    ledger = await ward.ledger()
    assert (ledger.status, ledger.reasons) == ("not_started", ("ready_withdrawn",))


async def is_ready_again_and_paid_for(ward: Ward) -> None:
    """At 12:01 on a Saturday: liable from Wednesday."""
    saturday = await ward.waits_until(5, time(12, 1))
    await ward.says("facts/ready")
    wednesday = midnight(saturday, 4)
    assert (await ward.clock("payment")).due_at == wednesday
    await ward.waits_until(1, time(23, 59))
    assert (await ward.ledger()).status == "counting"
    await ward.waits_until(3, time(9))

    ledger = await ward.ledger()
    assert (ledger.status, ledger.starts_on, ledger.days) == (
        "started",
        instants.next_at(saturday, 2, time()).date(),
        1,
    )
    fired = [r for r in await instants.rungs(ward.world, ward.journey) if "payment" in r.clock_id]
    assert fired[-1].rung == "due" and fired[-1].due_at == wednesday


async def goes_home(ward: Ward) -> None:
    """The information is due the same day; nobody pays for the day of the discharge."""
    left_at = await ward.waits_until(3, time(14))
    await ward.says("facts/left", {"to": "Ordinärt boende"})
    assert await ward.running() == {"discharge_information", "patient_summary"}
    tonight = midnight(left_at, 1)
    assert (await ward.clock("discharge_information")).due_at == tonight
    await ward.says("stay/information", {"to": "units"})
    given = {"to": "patient", "given": ["summary", "care_contact", "sip_time"]}
    stay = await ward.says("stay/information", given)

    assert (await ward.running(), stay["clocks"]) == (set(), [])
    ledger = await ward.ledger()
    assert (ledger.status, ledger.days) == ("ended", 1)
    assert [p.because for p in ledger.periods] == ["withdrawn", "discharged"]
    (shown,) = await ward.ledgers()
    assert (shown["status"], shown["periods"][1]["because"]) == ("ended", "discharged")
    told = await tale.told(ward.world, ward.journey, "stay.1")
    heard = [kind for kind, unit, _ in told if unit == ASSESSORS and kind != "reminder"]
    assert heard == [
        "admission_notice",
        "discharge_estimated",
        "care_contact_named",
        "ready_withdrawn",
    ]


def midnight(after: datetime, days: int) -> datetime:
    """The beginning of a local day some days later."""
    day = after.astimezone(STOCKHOLM).date() + timedelta(days=days)
    return datetime.combine(day, time(), STOCKHOLM)


async def test_a_late_notice_tells_at_once_and_a_readmission_has_a_ledger_of_its_own(
    world: World,
) -> None:
    ward = await begun(world, wall=time(9))
    before = await instants.seq(world, ward.journey)
    await ward.says(
        "facts/admitted", {"efforts": ["social_services"]}, at=await ward.now() - 30 * HOUR
    )

    fired = await rungs_of(ward, "admission_notice:stay.1", before)
    assert [r.rung for r in fired] == ["half", "four_fifths", "due"]
    assert {r.cause for r in fired} == {"late_recorded"}
    await ward.notifies(ASSESSORS)
    await ward.says("facts/ready")
    assert await ward.running() == {"estimate"}
    assert (await ward.ledger()).reasons == ("admission_notice_late",)

    await ward.says("facts/left", {"to": "Ordinärt boende"})
    assert await ward.running() == {"discharge_information", "patient_summary"}
    await world.fast_forward(ward.journey, HOUR)
    await ward.says("facts/admitted", {"efforts": ["social_services"]})
    assert (await ward.running(), await ward.running(2)) == (set(), {"admission_notice"})
    await ward.notifies(ASSESSORS)
    await ward.says("facts/ready")
    assert await ward.running(2) == {"estimate", "payment"}
    assert [ledger["status"] for ledger in await ward.ledgers()] == ["not_started", "counting"]
    await is_over_with_a_death(ward)


async def is_over_with_a_death(ward: Ward) -> None:
    """Five days later: what was paid for stays, nothing runs, and those who plan are told."""
    await world_goes_on(ward, 5 * DAY)
    paid = await ward.ledger(2)
    assert paid.status == "started" and paid.days > 0
    await ward.says("facts/deceased")

    ended = await ward.ledger(2)
    assert (ended.status, ended.days) == ("ended", paid.days)
    assert ended.periods[-1].because == "died"
    assert await ward.running(2) == set()
    told = await tale.told(ward.world, ward.journey)
    assert ("patient_deceased", ASSESSORS, "inbox") in told


async def world_goes_on(ward: Ward, span: timedelta) -> None:
    """Time passes; the ward holds everything."""
    await ward.world.fast_forward(ward.journey, span)
    assert await holders(ward.world, ward.journey) == both(tale.STROKE)


async def rungs_of(ward: Ward, clock: str, after: int) -> list[RungFired]:
    """The rungs of one clock that have fired since."""
    return [r for r in await instants.rungs(ward.world, ward.journey, after) if r.clock_id == clock]


@pytest.mark.parametrize(
    ("form", "owed", "reasons"),
    [
        ("psychiatric", {"sip_summons"}, ("sip_not_called",)),
        ("compulsory", {"payment"}, ()),
    ],
)
async def test_before_open_compulsory_care_no_sip_is_called_for(
    world: World, form: str, owed: set[str], reasons: tuple[str, ...]
) -> None:
    ward = await begun(world, wall=time(9))
    await ward.says("facts/admitted", {"efforts": BOTH_SIDES, "form": form})
    await ward.notifies()

    await ward.says("facts/ready")

    assert await ward.running() == owed | {"estimate", "care_contact"}
    assert (await ward.ledger()).reasons == reasons


async def test_of_a_protected_patient_people_tell_by_hand_and_the_clocks_run_all_the_same(
    world: World,
) -> None:
    ward = await begun(world, wall=time(9))
    await ward.says("facts/protected-changed", {"protection": "secrecy_marking"})
    await ward.says("facts/admitted", {"efforts": BOTH_SIDES})

    await ward.notifies(by_hand=True)

    assert await ward.running() == {"estimate", "care_contact"}
    stay = await world.caller(ASSESSOR).get(f"/stays/{ward.journey}/1")
    assert (stay["patient"]["value"], stay["municipality"]) == ("", None)
    assert stay["clocks"]
    kinds = [kind for kind, _, _ in await tale.told(world, ward.journey)]
    assert "admission_notice" not in kinds
    await ward.says("facts/protected-changed", {"protection": "none"})
