"""Late because nobody answered, or because we were down: when the one becomes the other."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.lateness import OURS
from store import database, overdue
from store.overdue import Because
from tests.samples import ALICE, BOB
from tests.store.book import Book, run

BOTH = (ALICE, BOB)
NEVER = 1000.0
FIRE = text(
    "INSERT INTO firing (journey_id, seq, clock_id, number, rung, due_at, fired_at, cause, folded,"
    " alarm, outcome, told) VALUES (:journey, :seq, :clock, :seq, 'due', :due, :fired, :cause, 0,"
    " false, 'told', '[]')"
)
MOVE = text(
    "UPDATE clock SET owed = true, next_at = :next, body = jsonb_set(body, '{running_since}',"
    " CASE WHEN :runs THEN to_jsonb(now()) ELSE 'null'::jsonb END) WHERE id = :clock"
)


class Fired(NamedTuple):
    """A rung: hours from the clock's due instant, and why it came late."""

    due: float
    at: float
    cause: str = "on_time"


@pytest.fixture
async def book(worker: AsyncEngine, owner: AsyncEngine) -> Book:
    """One promise of an answer, alone in the store; nothing has fired yet."""
    await run(owner, "UPDATE clock SET owed = false", "DELETE FROM firing")
    found = await Book(worker).plan()
    await found.send(step="handover_rehab")
    await run(owner, "UPDATE clock SET owed = false")
    return found


async def reason(
    book: Book,
    owner: AsyncEngine,
    api: AsyncEngine,
    *fired: Fired,
    now: float,
    next_at: float = NEVER,
    runs: bool = True,
) -> str:
    """Why the promise is late; page, groups and both filters agree about it."""
    clock = next(c for c in book.known.clocks.values() if c.kind == "accepted")

    def at(hours: float) -> datetime:
        return clock.due_at.astimezone(UTC) + timedelta(hours=hours)

    async with owner.begin() as connection:
        await connection.execute(MOVE, {"clock": clock.id, "next": at(next_at), "runs": runs})
        for seq, f in enumerate(fired, start=1):
            given = {"due": at(f.due), "fired": at(f.at), "cause": f.cause}
            fixed = {"journey": book.id, "clock": clock.id, "seq": seq}
            await connection.execute(FIRE, given | fixed)
    async with database.reading(api, BOTH) as connection:
        (row,) = await overdue.page(connection, BOTH, at(now), after=None, limit=5)
        (group,) = await overdue.groups(connection, BOTH, at(now), ["unit"])
        chosen: dict[Because, int] = {}
        for because in ("nobody_answered", "we_were_down"):
            rows = await overdue.page(
                connection, BOTH, at(now), after=None, limit=5, because=because
            )
            groups = await overdue.groups(connection, BOTH, at(now), ["unit"], because=because)
            chosen[because] = len(rows)
            assert len(groups) == len(rows)
    assert group["we_were_down"] == chosen["we_were_down"] == (row.because == "we_were_down")
    assert chosen["nobody_answered"] == (row.because == "nobody_answered")
    found: str = row.because
    return found


async def test_told_in_time_and_not_answered(
    book: Book, owner: AsyncEngine, api: AsyncEngine
) -> None:
    assert await reason(book, owner, api, Fired(0, 0), now=1) == "nobody_answered"


@pytest.mark.parametrize("cause", OURS)
async def test_told_three_hours_late_leaves_three_hours_to_answer(
    book: Book, owner: AsyncEngine, api: AsyncEngine, cause: str
) -> None:
    late = Fired(0, 3, cause)

    assert await reason(book, owner, api, late, now=5.9) == "we_were_down"
    await run(owner, "DELETE FROM firing")
    assert await reason(book, owner, api, late, now=6.1) == "nobody_answered"


async def test_told_on_time_since_ends_our_part_in_it(
    book: Book, owner: AsyncEngine, api: AsyncEngine
) -> None:
    fired = (Fired(0, 30, "worker_down"), Fired(31, 31))

    assert await reason(book, owner, api, *fired, now=32) == "nobody_answered"


async def test_told_late_once_more_does_not(
    book: Book, owner: AsyncEngine, api: AsyncEngine
) -> None:
    fired = (Fired(0, 30, "worker_down"), Fired(31, 32, "engine_down"))

    assert await reason(book, owner, api, *fired, now=33) == "we_were_down"


async def test_a_reminder_before_due_that_came_late_is_no_excuse(
    book: Book, owner: AsyncEngine, api: AsyncEngine
) -> None:
    fired = (Fired(-12, -1, "worker_down"), Fired(0, 0))

    assert await reason(book, owner, api, *fired, now=0.5) == "nobody_answered"


async def test_what_was_written_late_is_not_ours(
    book: Book, owner: AsyncEngine, api: AsyncEngine
) -> None:
    fired = Fired(0, 3, "late_recorded")

    assert await reason(book, owner, api, fired, now=4) == "nobody_answered"


async def test_while_we_are_down_nobody_has_been_told(
    book: Book, owner: AsyncEngine, api: AsyncEngine
) -> None:
    before = Fired(-12, -12)

    assert await reason(book, owner, api, before, now=2, next_at=0) == "we_were_down"


async def test_a_clock_that_stands_still_waits_for_no_telling(
    book: Book, owner: AsyncEngine, api: AsyncEngine
) -> None:
    assert await reason(book, owner, api, now=2, next_at=0, runs=False) == "nobody_answered"


async def test_the_moment_itself_is_not_yet_late(
    book: Book, owner: AsyncEngine, api: AsyncEngine
) -> None:
    assert await reason(book, owner, api, now=0.001, next_at=0) == "nobody_answered"
