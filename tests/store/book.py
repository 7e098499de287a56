"""A journey that is decided by the real rules and written by the real store, without an engine."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.decide import decide, pass_time
from domain.event import Event
from domain.evolve import fold
from domain.journey import Journey
from domain.patient import identify
from domain.record import Record, Verdict, entry
from domain.refusal import Refusal
from store.record import record
from tests import samples
from tests.samples import ALICE

NUMBER = "194408139089"
Json = dict[str, Any]
_keys = count(1)


class Book:
    """One journey: its state, its time, and the database in which it is written."""

    def __init__(self, engine: AsyncEngine, *, number: str = NUMBER, key: str = "stroke-rehab"):
        self.engine = engine
        self.number = number
        self.pathway = key
        self.id = str(uuid4())
        self.now = samples.MONDAY.astimezone(UTC)
        self.state: Journey | None = None

    @property
    def known(self) -> Journey:
        """The state of a journey that has begun."""
        assert self.state is not None
        return self.state

    def start(self, overlap_reason: str | None = "Prov") -> cmd.Start:
        """The command that begins it."""
        return samples.start(
            definition=samples.pathway(self.pathway),
            journey_id=self.id,
            patient_id=f"p-{self.number}",
            patient=identify(self.number, "Testpatient 01"),
            overlap_reason=overlap_reason,
        )

    def decided(
        self, command: cmd.Command, by: str = ALICE, key: str | None = None, body: str = "h-1"
    ) -> Record:
        """The record of a command that the rules take."""
        call = cmd.Idempotency(principal=f"{by}/u-1", key=key or f"k-{next(_keys)}", body_hash=body)
        envelope = samples.envelope(command, by, idempotency=call)
        events = decide(self.state, envelope, self.now)
        assert not isinstance(events, Refusal), events
        return entry(self.state, events, envelope)

    async def write(self, command: cmd.Command, by: str = ALICE) -> Record:
        """Decide, write and adopt."""
        written = self.decided(command, by)
        await self._adopt(written)
        return written

    async def wait(self, span: timedelta) -> None:
        """Let time pass, and write what happened by itself."""
        self.now += span
        events = pass_time(self.known, self.now)
        if events:
            await self._adopt(entry(self.state, events, None))

    async def _adopt(self, written: Record) -> None:
        outcome = await record(self.engine, written)
        assert outcome.verdict is Verdict.RECORDED
        self.state = fold(written.events, self.state)

    async def begin(self) -> "Book":
        """Start it."""
        await self.write(self.start())
        return self

    async def plan(self) -> "Book":
        """Start, assess and plan."""
        await self.begin()
        await self.write(cmd.CompleteStep(step="assessment", content=samples.assessment()))
        await self.write(cmd.CompleteStep(step="plan", content=samples.plan(self.now)))
        return self

    async def send(
        self, to: str = samples.BOB, by: str = ALICE, part: str = "rehab", **change: Any
    ) -> str:
        """Send a part, and say by which handover."""
        handover = str(uuid4())
        sent = samples.send(to, part, handover_id=handover, **change)
        await self.write(sent, by)
        return handover


async def rows(engine: AsyncEngine, sql: str, **parameters: object) -> list[Json]:
    """What a query finds."""
    async with engine.connect() as connection:
        found = await connection.execute(text(sql), parameters)
        return [dict(row._mapping) for row in found]


async def run(engine: AsyncEngine, *statements: str) -> None:
    """Statements in one transaction."""
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


def sequence(events: Sequence[Event]) -> list[int]:
    """The numbers of events."""
    return [event.seq for event in events]


def later(days: float) -> datetime:
    """An instant after the day on which all books begin."""
    return samples.MONDAY.astimezone(UTC) + timedelta(days=days)
