"""What the watchdog does where real servers would have to be broken to show it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.sweep import Gone, Page, Patience, Result, Run, Silent, SweepActivities
from domain.event import Event
from domain.journey import Journey
from domain.notice import TransportFailed
from domain.sweep import Finding, Sweep, Trouble, swept

QUICK = Patience(pauses=(0.0, 0.0), page=2)


def now() -> datetime:
    """Asked when it is needed: a file may be read long before it is run."""
    return datetime.now(UTC)


def first_page() -> Page:
    """The first page of a sweep that begins now."""
    return Page(until=now() + timedelta(minutes=5))


class Shelf:
    """A PostgreSQL that remembers what it was asked, and knows one moment per journey."""

    def __init__(self, **moments: datetime) -> None:
        self.known: dict[str, datetime] = dict(moments)
        self.ended: dict[str, bool] = {}
        self.asked: list[int] = []
        self.noted: list[str] = []

    async def open_journeys(self, after: str, limit: int, young: timedelta) -> list[str]:
        """A page by id."""
        return sorted(i for i in self.known if i > after)[:limit]

    async def closed(self, ids: Sequence[str], settled: timedelta) -> Mapping[str, bool]:
        """As told."""
        return {i: self.ended[i] for i in ids if i in self.ended}

    async def due(self, until: datetime, after: str, limit: int) -> list[str]:
        """A page by id."""
        return sorted(i for i, at in self.known.items() if i > after and at <= until)[:limit]

    async def moments(self, ids: Sequence[str]) -> Mapping[str, datetime]:
        """As they stand now."""
        return {i: self.known[i] for i in ids if i in self.known}

    async def state(self, journey_id: str) -> Journey | None:
        """A log that cannot be read."""
        raise ValueError

    async def events_after(self, journey_id: str, seq: int) -> list[Event]:
        """Nothing that a run would not know."""
        self.asked.append(seq)
        return []

    async def note(self, name: str, started_at: datetime, sweep: Sweep) -> None:
        """Remember."""
        self.noted.append(name)


class Floor:
    """Runs with a timer each, or an exception; a wake does what `on_wake` says."""

    def __init__(self, shelf: Shelf, **alarms: datetime | type[Exception] | None) -> None:
        self.shelf = shelf
        self.alarms = alarms
        self.woken: list[str] = []
        self.ended: list[str] = []
        self.heals = True

    async def among(self, ids: Sequence[str]) -> set[str]:
        """Those that are there."""
        return {i for i in ids if i in self.alarms}

    async def page(self, token: str, limit: int) -> tuple[list[Run], str]:
        """All of them."""
        return [Run(journey_id=i, since=now() - timedelta(hours=2)) for i in self.alarms], ""

    async def runs(self, journey_id: str) -> bool:
        """Until it has ended."""
        return journey_id in self.alarms

    async def alarm_at(self, journey_id: str) -> datetime | None:
        """Its timer."""
        alarm = self.alarms.get(journey_id, Gone)
        if isinstance(alarm, type):
            raise alarm
        return alarm

    async def seq(self, journey_id: str) -> int:
        """Something has begun, if it answers."""
        await self.alarm_at(journey_id)
        return 3

    async def wake(self, journey_id: str, events: Sequence[Event]) -> None:
        """Act on what is due, and set the timer."""
        self.woken.append(journey_id)
        if self.heals and journey_id in self.shelf.known:
            if self.shelf.known[journey_id] < now():
                self.shelf.known[journey_id] = now() + timedelta(hours=12)
            self.alarms[journey_id] = self.shelf.known[journey_id]
        if self.heals and self.shelf.ended.get(journey_id):
            del self.alarms[journey_id]

    async def revive(self, state: Journey) -> bool:
        """Never asked: no log here can be read."""
        raise AssertionError

    async def end(self, journey_id: str, reason: str) -> None:
        """Remember."""
        self.ended.append(journey_id)


def found(sweep: Sweep) -> list[tuple[str, Trouble, bool]]:
    """What it found, in order."""
    return [(f.journey_id, f.trouble, f.repaired) for f in sweep.found]


async def test_a_moment_that_has_passed_unheeded_is_nudged() -> None:
    shelf = Shelf(a=now() - timedelta(minutes=2), b=datetime.now(UTC) - timedelta(seconds=5))
    floor = Floor(shelf, a=now() - timedelta(minutes=2), b=None)

    swept = await SweepActivities(shelf, floor, patience=QUICK).sweep_timers(first_page())

    assert found(swept.sweep) == [("a", Trouble.STUCK, True)]
    assert floor.woken == ["a"]
    assert shelf.asked == [3]
    assert swept.after == "b"


async def test_a_timer_too_late_or_none_is_untimed_and_an_earlier_one_is_not() -> None:
    soon, later = now() + timedelta(minutes=2), now() + timedelta(minutes=9)
    shelf = Shelf(early=soon, just=soon, late=soon, none=soon)
    floor = Floor(shelf, early=now() + timedelta(minutes=1), just=soon, late=later, none=None)
    patience = QUICK.model_copy(update={"page": 10})

    swept = await SweepActivities(shelf, floor, patience=patience).sweep_timers(first_page())

    assert found(swept.sweep) == [("late", Trouble.UNTIMED, True), ("none", Trouble.UNTIMED, True)]
    assert swept.after == ""


async def test_what_a_nudge_does_not_help_is_not_called_repaired() -> None:
    shelf = Shelf(a=now() - timedelta(minutes=2))
    floor = Floor(shelf, a=None)
    floor.heals = False

    swept = await SweepActivities(shelf, floor, patience=QUICK).sweep_timers(first_page())

    assert found(swept.sweep) == [("a", Trouble.STUCK, False)]


async def test_one_that_does_not_answer_is_not_nudged_and_one_that_is_gone_is_not_here() -> None:
    shelf = Shelf(gone=now() - timedelta(hours=1), mute=now() - timedelta(hours=1))
    floor = Floor(shelf, gone=Gone, mute=Silent)

    swept = await SweepActivities(shelf, floor, patience=QUICK).sweep_timers(first_page())

    assert found(swept.sweep) == [
        ("mute", Trouble.STUCK, False),
        ("mute", Trouble.WAITING_FOR_FIX, False),
    ]
    assert floor.woken == []


async def test_a_log_that_cannot_be_read_does_not_hide_the_journeys_after_it() -> None:
    shelf = Shelf(a=now(), b=now(), c=now())

    hands = SweepActivities(shelf, Floor(shelf), patience=QUICK)
    first = await hands.sweep_lost(first_page())
    second = await hands.sweep_lost(first_page().model_copy(update={"after": first.after}))

    assert found(first.sweep) == [("a", Trouble.LOST, False), ("b", Trouble.LOST, False)]
    assert found(second.sweep) == [("c", Trouble.LOST, False)]
    assert (first.after, second.after) == ("b", "")


async def test_a_run_that_postgresql_does_not_know_and_that_knows_events_is_kept() -> None:
    shelf = Shelf()
    shelf.ended = {"closed": True, "closing": False}
    floor = Floor(shelf, unknown=now(), mute=Silent, closed=now(), closing=now())

    swept = await SweepActivities(shelf, floor, patience=QUICK).sweep_orphaned(first_page())

    assert sorted(found(swept.sweep)) == [
        ("closed", Trouble.ORPHANED, True),
        ("mute", Trouble.ORPHANED, False),
        ("mute", Trouble.WAITING_FOR_FIX, False),
        ("unknown", Trouble.ORPHANED, False),
    ]
    assert floor.ended == []


async def test_operators_are_told_by_mail_where_somebody_has_said_where() -> None:
    told = list[Sweep]()

    async def tell(at: datetime, sweep: Sweep) -> None:
        told.append(sweep)

    async def fail(at: datetime, sweep: Sweep) -> None:
        raise TransportFailed("smtp_550", permanent=True)

    shelf = Shelf()
    findings = (Finding(journey_id="a", trouble=Trouble.LOST, repaired=True),)
    result = Result(name="n", started_at=now(), sweep=swept(1, findings))
    for hands in (SweepActivities(shelf, Floor(shelf)), SweepActivities(shelf, Floor(shelf), tell)):
        await hands.note_sweep(result)
        await hands.mail_sweep(result)
    with pytest.raises(ApplicationError, match="smtp_550"):
        await SweepActivities(shelf, Floor(shelf), fail).mail_sweep(result)

    assert told == [result.sweep]
    assert shelf.noted == ["n", "n"]


def test_no_more_are_named_than_fit_and_all_are_counted() -> None:
    page = swept(
        60,
        tuple(Finding(journey_id=f"{n}", trouble=Trouble.LOST, repaired=True) for n in range(60)),
    )

    both = page.plus(page)

    assert (both.lost, both.repaired, both.journeys, len(both.found)) == (120, 120, 120, 50)
    assert Sweep(journeys=3).clean and not both.clean
