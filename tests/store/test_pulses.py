"""The pulse: spans that are remembered, written when they can be, and read back as a cause."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import ActivityEnvironment

from activities.lateness import BREAK, MOST_UNWRITTEN, Heart, LatenessActivities, Memory
from domain.lateness import Source, Span, cause
from runtime.embedded.postgres import WORKER, EmbeddedPostgres
from store import database
from store.pulses import Pulses
from tests.store.book import rows, run
from tests.world import until

BEGAN = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
BEAT = timedelta(seconds=5)


class Shelf:
    """A book that remembers what was kept, and may be away."""

    def __init__(self) -> None:
        self.away = False
        self.readings = 0
        self.kept: dict[tuple[str, Source, datetime], Span] = {}

    async def answers(self) -> bool:
        """Unless it is away."""
        return not self.away

    async def keep(self, spans: Sequence[Span]) -> None:
        """Remember, or fail as PostgreSQL does."""
        if self.away:
            raise OperationalError("-", None, ConnectionError())
        self.kept |= {(s.worker, s.source, s.from_at): s for s in spans}

    async def during(self, begin: datetime, end: datetime) -> list[Span]:
        """All that touch a time."""
        self.readings += 1
        if self.away:
            raise OperationalError("-", None, ConnectionError())
        return [s for s in self.kept.values() if s.until_at >= begin and s.from_at <= end]

    async def forget(self, before: datetime) -> None:
        """Remove what is old."""
        self.kept = {k: s for k, s in self.kept.items() if s.until_at >= before}


class Engine:
    """An engine that may be away."""

    def __init__(self) -> None:
        self.away = False

    async def answers(self) -> bool:
        """Unless it is away."""
        return not self.away


def live(memory: Memory, begin: datetime, minutes: float, *silent: Source) -> datetime:
    """Beats for some minutes; silent parts are asked and do not answer. The last beat's instant."""
    now = begin
    while now <= begin + timedelta(minutes=minutes):
        memory.beat(now)
        for source in (Source.ENGINE, Source.STORE):
            if source in silent:
                memory.missed(source)
            else:
                memory.heard(source, now)
        now += BEAT
    return now - BEAT


def by_source(spans: Sequence[Span]) -> dict[str, list[float]]:
    """How many minutes each span lasted, per source."""
    found: dict[str, list[float]] = {source: [] for source in Source}
    for span in spans:
        found[span.source].append((span.until_at - span.from_at) / timedelta(minutes=1))
    return found


def test_unbroken_spans_grow() -> None:
    memory = Memory("w-1")

    now = live(memory, BEGAN, 10)

    assert by_source(memory.spans(now)) == {"worker": [10], "engine": [10], "store": [10]}


def test_a_store_that_is_away_breaks_its_own_span_alone() -> None:
    memory = Memory("w-1")
    live(memory, BEGAN, 10)
    live(memory, BEGAN + timedelta(minutes=10), 10, Source.STORE)

    now = live(memory, BEGAN + timedelta(minutes=20), 10)

    found = by_source(memory.unwritten(now))
    assert found["worker"] == found["engine"] == [30]
    assert found["store"] == [10, 10]
    spans, due = memory.spans(now), BEGAN + timedelta(minutes=12)
    assert cause(due, BEGAN + timedelta(minutes=20), spans) == "store_down"


def test_a_burst_that_keeps_the_worker_from_asking_is_no_downtime() -> None:
    """The thread beats, and nobody asks engine and store for two minutes."""
    memory = Memory("w-1")
    now = live(memory, BEGAN, 1)
    for _ in range(24):
        now += BEAT
        memory.beat(now)

    spans = memory.spans(now)

    assert by_source(spans) == {"worker": [3], "engine": [3], "store": [3]}
    assert cause(BEGAN + timedelta(minutes=2), now, spans) == "busy"


def test_a_process_that_stood_still_heard_nobody() -> None:
    memory = Memory("w-1")
    live(memory, BEGAN, 1)

    now = live(memory, BEGAN + timedelta(minutes=5), 1)

    found = memory.spans(now)
    assert by_source(found) == {"worker": [1, 1], "engine": [1, 1], "store": [1, 1]}
    assert cause(BEGAN + timedelta(minutes=2), now, found) == "worker_down"


def test_a_short_silence_breaks_nothing() -> None:
    memory = Memory("w-1")
    memory.beat(BEGAN)
    memory.beat(BEGAN + BREAK)

    assert len(memory.unwritten(BEGAN + BREAK)) == 1


def test_what_cannot_be_written_does_not_grow_without_end() -> None:
    memory, now = Memory("w-1"), BEGAN
    for _ in range(MOST_UNWRITTEN + 100):
        now += BEAT
        memory.heard(Source.ENGINE, now)
        memory.missed(Source.ENGINE)

    assert len(memory.unwritten(now)) == MOST_UNWRITTEN + 1


async def test_the_heart_writes_the_gap_of_the_store_alone_once_it_is_back() -> None:
    memory, shelf, engine = Memory("w-1"), Shelf(), Engine()
    heart = Heart(memory, shelf, engine.answers)
    await heart.beat()
    shelf.away = True
    await heart.beat()
    shelf.away = False

    await heart.beat()

    kept = by_source(list(shelf.kept.values()))
    assert [len(kept[source]) for source in Source] == [1, 1, 2]


async def test_the_heart_writes_that_the_engine_was_away() -> None:
    memory, shelf, engine = Memory("w-1"), Shelf(), Engine()
    heart = Heart(memory, shelf, engine.answers)
    await heart.beat()
    engine.away = True
    await heart.beat()

    before = by_source(list(shelf.kept.values()))
    engine.away = False
    await heart.beat()

    after = by_source(list(shelf.kept.values()))
    assert [len(before[source]) for source in Source] == [1, 1, 1]
    assert [len(after[source]) for source in Source] == [1, 2, 1]


async def test_a_heart_runs_until_it_is_stopped() -> None:
    shelf = Shelf()
    beating = asyncio.create_task(Heart(Memory("w-1"), shelf, Engine().answers).run())

    await until(lambda: len(shelf.kept) == len(Source))
    beating.cancel()

    with pytest.raises(asyncio.CancelledError):
        await beating


async def test_without_the_store_the_worker_says_what_it_knows_itself() -> None:
    memory, shelf = Memory("w-1"), Shelf()
    shelf.away = True
    now = datetime.now(UTC)
    live(memory, now - timedelta(minutes=5), 3)
    live(memory, now - timedelta(minutes=2), 1.95, Source.STORE)
    asked = LatenessActivities(shelf, memory)

    found = await ActivityEnvironment().run(asked.why_late, now - timedelta(minutes=1), now)

    assert found == "store_down"


async def test_a_burst_of_questions_is_one_reading() -> None:
    memory, shelf = Memory("w-1"), Shelf()
    now = live(memory, datetime.now(UTC) - timedelta(minutes=5), 5)
    asked = LatenessActivities(shelf, memory)

    found = {
        await ActivityEnvironment().run(asked.why_late, now - timedelta(seconds=late), now)
        for late in range(15, 65)
    }

    assert found == {"busy"}
    assert shelf.readings < 10


class SlowShelf(Shelf):
    """A book that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def is_read(self) -> bool:
        """Whether somebody waits for it."""
        return self.readings > 0

    async def during(self, begin: datetime, end: datetime) -> list[Span]:
        """All that touch a time, in its own time."""
        found = await super().during(begin, end)
        await self.go_on.wait()
        return found


async def test_questions_that_come_while_it_is_read_wait_for_the_same_reading() -> None:
    memory, shelf = Memory("w-1"), SlowShelf()
    now = live(memory, datetime.now(UTC) - timedelta(minutes=5), 5)
    asked = LatenessActivities(shelf, memory)

    async with asyncio.TaskGroup() as burst:
        whys = [
            burst.create_task(
                ActivityEnvironment().run(asked.why_late, now - timedelta(seconds=late), now)
            )
            for late in range(15, 65)
        ]
        await until(shelf.is_read)
        shelf.go_on.set()

    assert {why.result() for why in whys} == {"busy"}
    assert shelf.readings == 1


async def test_what_could_not_be_read_is_read_anew() -> None:
    memory, shelf = Memory("w-1"), Shelf()
    now = live(memory, datetime.now(UTC) - timedelta(minutes=5), 5)
    asked = LatenessActivities(shelf, memory)
    for away in (True, False):
        shelf.away = away
        await ActivityEnvironment().run(asked.why_late, now - timedelta(minutes=1), now)

    assert shelf.readings == 2


@pytest.fixture
async def apart(postgres: EmbeddedPostgres, migrated: str) -> AsyncIterator[AsyncEngine]:
    """The connections of the pulse: as few as the worker has."""
    engine = database.connect(postgres.url(WORKER, migrated), pool_size=2)
    yield engine
    await engine.dispose()


@pytest.fixture
async def pulses(apart: AsyncEngine, owner: AsyncEngine) -> Pulses:
    """A book in which nothing stands."""
    await run(owner, "DELETE FROM pulse")
    return Pulses(apart)


def span(minutes: float = 10, source: Source = Source.WORKER, begin: datetime = BEGAN) -> Span:
    """A span of a worker of its own."""
    until = begin + timedelta(minutes=minutes)
    return Span(source=source, worker=uuid4().hex, from_at=begin, until_at=until)


async def test_a_span_is_kept_once_and_only_grows(pulses: Pulses) -> None:
    first = span()
    longer = first.model_copy(update={"until_at": first.until_at + BEAT})

    for written in (first, longer, first):
        await pulses.keep([written])

    assert await pulses.during(BEGAN, BEGAN + timedelta(hours=1)) == [longer]


async def test_nothing_to_keep_is_no_error(pulses: Pulses) -> None:
    await pulses.keep([])

    assert await pulses.answers()


async def test_only_what_touches_the_time_is_read(pulses: Pulses) -> None:
    before, over = span(5), span(30)
    after = span(begin=BEGAN + timedelta(hours=2))
    await pulses.keep([before, over, after])

    found = await pulses.during(BEGAN + timedelta(minutes=10), BEGAN + timedelta(minutes=20))

    assert found == [over]


async def test_a_cause_is_found_from_what_other_workers_wrote(pulses: Pulses) -> None:
    """The worker that ran is gone; the one that is asked began when all was over."""
    now = datetime.now(UTC)
    ran = now - timedelta(hours=2)
    gone = [span(110, source, ran) for source in Source]
    await pulses.keep(gone)
    memory = Memory("new")
    live(memory, now - timedelta(minutes=5), 5)
    asked = LatenessActivities(pulses, memory)

    found = {
        minutes: await ActivityEnvironment().run(
            asked.why_late, now - timedelta(minutes=minutes), now
        )
        for minutes in (3, 8)
    }

    assert found == {3: "busy", 8: "worker_down"}


async def test_old_spans_are_forgotten_and_young_ones_never(
    pulses: Pulses, owner: AsyncEngine
) -> None:
    now = datetime.now(UTC)
    old, young = span(begin=now - timedelta(days=500)), span(begin=now - timedelta(days=20))
    await pulses.keep([old, young])

    await pulses.forget(now - timedelta(days=400))
    await pulses.forget(now)

    assert [r["worker"] for r in await rows(owner, "SELECT worker FROM pulse")] == [young.worker]


async def test_the_worker_cannot_remove_or_rewrite_its_spans(
    pulses: Pulses, apart: AsyncEngine
) -> None:
    await pulses.keep([span()])

    for words in ("DELETE FROM pulse", "UPDATE pulse SET from_at = now()"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            await run(apart, words)


async def test_the_api_does_not_read_the_pulse(api: AsyncEngine) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        await rows(api, "SELECT * FROM pulse")
