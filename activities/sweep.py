"""Looking for promises that nobody would wake for, and repairing them, a page at a time.

What PostgreSQL says is owed is held against what the engine says is running. Neither is asked to
hold still meanwhile: whatever looks wrong is looked at again, and each repair is harmless where
nothing was wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Protocol, TypeVar

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.event import Event
from domain.journey import Journey
from domain.notice import TransportFailed
from domain.sweep import Finding, Sweep, Trouble, swept, trouble_with
from domain.value import Instant, Value

log = structlog.get_logger()

AT_ONCE = 10
NEVER_BEGAN = "no journey ever began here"


class Silent(Exception):
    """A run that does not answer: its workflow task fails, and it waits for a fix."""


class Gone(Exception):
    """There is no run."""


class Patience(Value):
    """What is left alone: how young, how little late, how short a time without a beginning."""

    young: timedelta = timedelta(minutes=1)
    grace: timedelta = timedelta(minutes=1)
    begins_within: timedelta = timedelta(hours=1)
    page: int = 100
    pauses: tuple[float, ...] = (0.3, 0.5, 1.0, 2.0)


class Run(Value):
    """A run of a journey, and since when."""

    journey_id: str
    since: Instant


class Runs(Protocol):
    """The runs of journeys. Everything raises what the engine raises when it is away."""

    async def among(self, ids: Sequence[str]) -> set[str]:
        """Which of these journeys run, as seen a moment ago."""
        ...

    async def page(self, token: str, limit: int) -> tuple[list[Run], str]:
        """Some of all that run, and the token of the next page; empty when there is none."""
        ...

    async def runs(self, journey_id: str) -> bool:
        """Whether it runs now."""
        ...

    async def alarm_at(self, journey_id: str) -> datetime | None:
        """For when its timer is set. Raises `Silent` and `Gone`."""
        ...

    async def seq(self, journey_id: str) -> int:
        """The last event that it knows. Raises `Silent` and `Gone`."""
        ...

    async def wake(self, journey_id: str, events: Sequence[Event]) -> None:
        """Have it take over events, set its timer anew and look at what is due."""
        ...

    async def revive(self, state: Journey) -> bool:
        """Let it run again from a state, if it does not run; whether the engine took it."""
        ...

    async def end(self, journey_id: str, reason: str) -> None:
        """Take its run away."""
        ...


class Book(Protocol):
    """What PostgreSQL holds."""

    async def open_journeys(self, after: str, limit: int, young: timedelta) -> list[str]:
        """A page of open journeys that are no longer young, by id."""
        ...

    async def closed(self, ids: Sequence[str], settled: timedelta) -> Mapping[str, bool]:
        """For each of these that exists, whether it has been closed for so long."""
        ...

    async def due(self, until: datetime, after: str, limit: int) -> list[str]:
        """A page of open journeys whose next moment falls before an instant, by id."""
        ...

    async def moments(self, ids: Sequence[str]) -> Mapping[str, datetime]:
        """The next moment of those that are open and have one."""
        ...

    async def state(self, journey_id: str) -> Journey | None:
        """The fold of all its events."""
        ...

    async def events_after(self, journey_id: str, seq: int) -> list[Event]:
        """Its events after a number."""
        ...

    async def note(self, name: str, started_at: datetime, sweep: Sweep) -> None:
        """Keep what was found, once for each name."""
        ...


Tell = Callable[[datetime, Sweep], Awaitable[None]]
Findings = tuple[Finding, ...]
Item = TypeVar("Item")
Got = TypeVar("Got")


class Page(Value):
    """Where a page begins; `until` is the instant of the next sweep."""

    after: str = ""
    until: Instant


class PageSwept(Value):
    """What was found on a page, and where the next begins; empty when it was the last."""

    sweep: Sweep
    after: str = ""


class Result(Value):
    """A whole sweep."""

    name: str
    started_at: Instant
    sweep: Sweep


class SweepActivities:
    """Finds and repairs; safe to repeat, and to run beside the journeys and beside itself."""

    def __init__(
        self, book: Book, runs: Runs, tell: Tell | None = None, patience: Patience | None = None
    ) -> None:
        """`tell` has operators told by mail; without it the log and the table have to do."""
        self._book = book
        self._runs = runs
        self._tell = tell
        self._patience = patience or Patience()

    @property
    def all(self) -> tuple[Callable[..., Awaitable[Any]], ...]:
        """What a worker registers."""
        return (
            self.sweep_lost,
            self.sweep_orphaned,
            self.sweep_timers,
            self.note_sweep,
            self.mail_sweep,
        )

    @activity.defn(name="sweep_lost")
    async def sweep_lost(self, page: Page) -> PageSwept:
        """Journeys that are open and do not run are run again."""
        limit = self._patience.page
        ids = await self._book.open_journeys(page.after, limit, self._patience.young)
        running = await self._runs.among(ids)
        found = await _found(self._revive, [i for i in ids if i not in running])
        return PageSwept(sweep=swept(len(ids), found), after=ids[-1] if len(ids) == limit else "")

    @activity.defn(name="sweep_orphaned")
    async def sweep_orphaned(self, page: Page) -> PageSwept:
        """Runs without an open journey are told how it ended, or ended if nothing ever began."""
        runs, token = await self._runs.page(page.after, self._patience.page)
        closed = await self._book.closed([r.journey_id for r in runs], self._patience.young)
        ended = [r.journey_id for r in runs if closed.get(r.journey_id)]
        young = datetime.now(UTC) - self._patience.young
        unknown = [r for r in runs if r.journey_id not in closed and r.since < young]
        found = await _found(self._finish, ended) + await _found(self._take_away, unknown)
        return PageSwept(sweep=swept(0, found), after=token)

    @activity.defn(name="sweep_timers")
    async def sweep_timers(self, page: Page) -> PageSwept:
        """Journeys whose next moment has passed, or for which no timer is set, are nudged."""
        limit = self._patience.page
        ids = await self._book.due(page.until, page.after, limit)
        found = await self._wind(ids)
        return PageSwept(sweep=swept(0, found), after=ids[-1] if len(ids) == limit else "")

    @activity.defn(name="note_sweep")
    async def note_sweep(self, result: Result) -> None:
        """Keep it, and say in the log what was found."""
        await self._book.note(result.name, result.started_at, result.sweep)
        if result.sweep.clean:
            log.info("swept", journeys=result.sweep.journeys)
            return
        found = [f.model_dump(mode="json") for f in result.sweep.found]
        log.error("promises_without_a_timer", **result.sweep.counts, found=found)

    @activity.defn(name="mail_sweep")
    async def mail_sweep(self, result: Result) -> None:
        """Tell operators, if anybody has said where. Raises `ApplicationError`."""
        if self._tell is None:
            return
        try:
            await self._tell(result.started_at, result.sweep)
        except TransportFailed as failure:
            raise ApplicationError(failure.code, non_retryable=failure.permanent) from failure

    async def _revive(self, journey_id: str) -> Findings:
        """Visibility lags, so the engine is asked once more; then the log, which may have ended."""
        if await self._runs.runs(journey_id):
            return ()
        try:
            state = await self._book.state(journey_id)
        # A log that cannot be read must not hide the journeys after it.
        except ValueError:
            log.error("log_unreadable", journey_id=journey_id)
            return _of(journey_id, Trouble.LOST)
        if state is None or not state.open:
            return ()
        taken = await self._runs.revive(state)
        return _of(journey_id, Trouble.LOST, repaired=taken)

    async def _finish(self, journey_id: str) -> Findings:
        """The journey has ended; its run is told the end."""
        if not await self._runs.runs(journey_id):
            return ()
        if not await self._nudge(journey_id):
            return _of(journey_id, Trouble.ORPHANED, Trouble.WAITING_FOR_FIX)
        for pause in self._patience.pauses:
            await asyncio.sleep(pause)
            if not await self._runs.runs(journey_id):
                return _of(journey_id, Trouble.ORPHANED, repaired=True)
        return _of(journey_id, Trouble.ORPHANED)

    async def _take_away(self, run: Run) -> Findings:
        """A start that was refused leaves a run behind; one that knows of events is kept."""
        try:
            began = await self._runs.seq(run.journey_id) > 0
        except Gone:
            return ()
        except Silent:
            return _of(run.journey_id, Trouble.ORPHANED, Trouble.WAITING_FOR_FIX)
        if began or run.since > datetime.now(UTC) - self._patience.begins_within:
            return _of(run.journey_id, Trouble.ORPHANED)
        await self._runs.end(run.journey_id, NEVER_BEGAN)
        return _of(run.journey_id, Trouble.ORPHANED, repaired=True)

    async def _wind(self, ids: Sequence[str]) -> Findings:
        """Look twice before nudging, since journeys move meanwhile; then see whether it helped."""
        wrong = await self._troubles(ids)
        if wrong:
            await asyncio.sleep(self._patience.pauses[0])
            wrong = await self._troubles(list(wrong))
        nudged = [i for i, troubles in wrong.items() if Trouble.WAITING_FOR_FIX not in troubles]
        await _all(self._nudge, nudged)
        left = await self._left(nudged)
        repaired = set(nudged) - left
        each = (_of(i, *troubles, repaired=i in repaired) for i, troubles in wrong.items())
        return tuple(chain.from_iterable(each))

    async def _left(self, nudged: list[str]) -> set[str]:
        """Which of these are still wrong after a while."""
        for pause in self._patience.pauses:
            if nudged:
                await asyncio.sleep(pause)
                nudged = list(await self._troubles(nudged))
        return set(nudged)

    async def _troubles(self, ids: Sequence[str]) -> dict[str, tuple[Trouble, ...]]:
        """What is wrong with the timers of those with which something is."""
        moments = await self._book.moments(ids)
        order = sorted(moments)
        looked = await _all(lambda i: self._look(i, moments[i]), order)
        return {i: troubles for i, troubles in zip(order, looked, strict=True) if troubles}

    async def _look(self, journey_id: str, moment: datetime) -> tuple[Trouble, ...]:
        now, grace = datetime.now(UTC), self._patience.grace
        try:
            alarm_at = await self._runs.alarm_at(journey_id)
        except Gone:
            return ()
        except Silent:
            late = trouble_with(moment, moment, now, grace)
            return (*((late,) if late else ()), Trouble.WAITING_FOR_FIX)
        found = trouble_with(moment, alarm_at, datetime.now(UTC), grace)
        return (found,) if found else ()

    async def _nudge(self, journey_id: str) -> bool:
        """Whether it answered. Not one that is silent: wakes would pile up in its history."""
        try:
            seq = await self._runs.seq(journey_id)
            await self._runs.wake(journey_id, await self._book.events_after(journey_id, seq))
        except Silent:
            return False
        except Gone:
            return True
        except ValueError:
            log.error("log_unreadable", journey_id=journey_id)
        return True


async def _found(do: Callable[[Item], Awaitable[Findings]], items: Sequence[Item]) -> Findings:
    return tuple(chain.from_iterable(await _all(do, items)))


async def _all(do: Callable[[Item], Awaitable[Got]], items: Sequence[Item]) -> list[Got]:
    """Do it to each, a few at a time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def in_turn(item: Item) -> Got:
        async with places:
            return await do(item)

    return await asyncio.gather(*(in_turn(item) for item in items))


def _of(journey_id: str, *troubles: Trouble, repaired: bool = False) -> Findings:
    return tuple(
        Finding(journey_id=journey_id, trouble=trouble, repaired=repaired) for trouble in troubles
    )
