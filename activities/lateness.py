"""Notes when worker, engine and store are alive, and says why a moment comes late."""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity
from temporalio.service import RPCError

from domain.lateness import Cause, Source, Span, cause

log = structlog.get_logger()

BEAT_SECONDS = 5.0
ANSWER_WITHIN_SECONDS = 3.0
READ_WITHIN_SECONDS = 2.0
# In a burst many ask about nearly the same time: one reading serves them all.
READING_IS_FRESH = timedelta(seconds=1)
READ_FURTHER_BACK = timedelta(minutes=5)
# A loop that comes back so much later was held up, and has not listened.
HELD_UP_SECONDS = 1.0
BREAK = timedelta(seconds=20)
KEEP = timedelta(days=400)
TIDY_EVERY = timedelta(days=1)
# What is remembered while it cannot be written; more than that has broken no worker yet.
MOST_UNWRITTEN = 1000
NEVER = datetime.min.replace(tzinfo=UTC)


class PulseBook(Protocol):
    """Where spans are kept."""

    async def answers(self) -> bool:
        """Whether the store answers now."""
        ...

    async def keep(self, spans: Sequence[Span]) -> None:
        """Write spans; one that is known grows."""
        ...

    async def during(self, begin: datetime, end: datetime) -> list[Span]:
        """Every worker's spans that touch a time."""
        ...

    async def forget(self, before: datetime) -> None:
        """Remove what ended before an instant."""
        ...


class Memory:
    """This worker's own spans; those that have ended wait here until they are written."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._open: dict[Source, Span] = {}
        self._ended: deque[Span] = deque(maxlen=MOST_UNWRITTEN)
        self._lock = threading.Lock()

    def beat(self, now: datetime) -> None:
        """The worker runs. After too long a silence it did not, and heard nobody either."""
        with self._lock:
            last = self._open.get(Source.WORKER)
            if last and now - last.until_at > BREAK:
                for source in tuple(self._open):
                    self._end(source)
            self._grow(Source.WORKER, now)

    def heard(self, source: Source, now: datetime) -> None:
        """A part has answered. That nobody asked it for a while is no silence of its own."""
        with self._lock:
            self._grow(source, now)

    def missed(self, source: Source) -> None:
        """A part did not answer: its span ended with its last answer."""
        with self._lock:
            self._end(source)

    def spans(self, now: datetime) -> list[Span]:
        """What has ended and is not written yet, and what lasts until now."""
        self.beat(now)
        with self._lock:
            lasting = [_until(span, now) for span in self._open.values()]
            return [*self._ended, *lasting]

    def unwritten(self, now: datetime) -> list[Span]:
        """The same, but no part is said to have lived longer than its last answer."""
        self.beat(now)
        with self._lock:
            return [*self._ended, *self._open.values()]

    def written(self, spans: Sequence[Span]) -> None:
        """What has ended and stands in the store need not be remembered."""
        with self._lock:
            left = [span for span in self._ended if span not in spans]
            self._ended = deque(left, maxlen=MOST_UNWRITTEN)

    def _grow(self, source: Source, now: datetime) -> None:
        fresh = Span(source=source, worker=self._worker, from_at=now, until_at=now)
        self._open[source] = _until(self._open.get(source, fresh), now)

    def _end(self, source: Source) -> None:
        if span := self._open.pop(source, None):
            self._ended.append(span)


class Heart:
    """Asks every few seconds who is alive, and writes it down as soon as it can be written."""

    def __init__(
        self, memory: Memory, book: PulseBook, engine_answers: Callable[[], Awaitable[bool]]
    ) -> None:
        self._memory = memory
        self._book = book
        self._engine_answers = engine_answers
        self._tidy_at = NEVER

    async def run(self) -> None:
        """Until cancelled. The worker's own beat is a thread's, so that a burst cannot stop it."""
        with _ticking(self._memory):
            while True:
                await self.beat()
                await asyncio.sleep(BEAT_SECONDS)

    async def beat(self) -> None:
        """Ask both at once, and write."""
        await asyncio.gather(
            self._ask(Source.ENGINE, self._engine_answers),
            self._ask(Source.STORE, self._book.answers),
        )
        await self._answer(self._write)

    async def _ask(self, source: Source, question: Callable[[], Awaitable[bool]]) -> None:
        loop = asyncio.get_running_loop()
        asked_at = loop.time()
        if await self._answer(question):
            self._memory.heard(source, datetime.now(UTC))
        elif loop.time() - asked_at < ANSWER_WITHIN_SECONDS + HELD_UP_SECONDS:
            self._memory.missed(source)
            log.warning("no_answer", source=source)

    async def _answer(self, question: Callable[[], Awaitable[bool]]) -> bool:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
                return await question()
        except (SQLAlchemyError, RPCError, OSError):
            return False

    async def _write(self) -> bool:
        now = datetime.now(UTC)
        spans = self._memory.unwritten(now)
        await self._book.keep(spans)
        self._memory.written(spans)
        if now >= self._tidy_at:
            await self._book.forget(now - KEEP)
            self._tidy_at = now + TIDY_EVERY
        return True


class _Reading(NamedTuple):
    """What is read of the book, from when, and when; it may be under way still."""

    begin: datetime
    read_at: datetime
    spans: asyncio.Task[Sequence[Span]]

    def covers(self, begin: datetime, now: datetime) -> bool:
        """Whether it reaches back far enough, and is of this moment."""
        return self.begin <= begin and now - self.read_at < READING_IS_FRESH


class LatenessActivities:
    """Says why a moment comes late; safe to repeat, because it changes nothing."""

    def __init__(self, book: PulseBook, memory: Memory) -> None:
        self._book = book
        self._memory = memory
        self._reading: _Reading | None = None

    @activity.defn(name="why_late")
    async def why_late(self, due: datetime, now: datetime) -> Cause:
        """What was away between due and now; without PostgreSQL, as far as this worker knows.

        The journey's clock need not be ours: only how long ago it was due is taken from it.
        """
        here = datetime.now(UTC)
        since = here - (now - due)
        known = await self._known(since, here)
        found = cause(since, here, [*known, *self._memory.spans(here)])
        log.info("comes_late", cause=found, seconds=round((now - due).total_seconds(), 1))
        return found

    async def _known(self, begin: datetime, end: datetime) -> Sequence[Span]:
        """One reading for all who ask meanwhile; who is cancelled leaves it to the others."""
        if self._reading is None or not self._reading.covers(begin, end):
            first = begin - READ_FURTHER_BACK
            self._reading = _Reading(first, end, asyncio.create_task(self._read(first, end)))
        return await asyncio.shield(self._reading.spans)

    async def _read(self, first: datetime, end: datetime) -> Sequence[Span]:
        """What is known; nothing, and not for those who ask later, when it cannot be read."""
        try:
            async with asyncio.timeout(READ_WITHIN_SECONDS):
                return await self._book.during(first, end)
        except TimeoutError:
            # It may be this worker that is slow; the pulse knows which.
            self._reading = None
        except (SQLAlchemyError, OSError):
            self._memory.missed(Source.STORE)
            self._reading = None
        return []

    @activity.defn(name="store_is_back")
    async def store_is_back(self) -> None:
        """Nothing, once PostgreSQL answers. Raises what it raises until then."""
        here = datetime.now(UTC)
        await self._book.during(here, here)


@contextmanager
def _ticking(memory: Memory) -> Iterator[None]:
    stop = threading.Event()

    def tick() -> None:
        while not stop.wait(BEAT_SECONDS):
            memory.beat(datetime.now(UTC))

    threading.Thread(target=tick, name="pulse", daemon=True).start()
    try:
        yield
    finally:
        stop.set()


def _until(span: Span, now: datetime) -> Span:
    return span.model_copy(update={"until_at": max(span.until_at, now)})
