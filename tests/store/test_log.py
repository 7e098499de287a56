"""The log: chained, append-only, and enough to make every read table again."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain import command as cmd
from domain.content import NewPeriod
from domain.event import Event, JourneyStarted
from domain.evolve import fold
from domain.handover import Now
from domain.instrument import Measurement
from domain.journey import Journey
from domain.record import changes
from runtime.embedded.postgres import OWNER, EmbeddedPostgres
from store import database, migrate, projection
from store import tables as t
from store.record import FIRST_HASH, events_after, seal
from tests import samples
from tests.samples import BOB, BOBS_HOME_HELP, BOBS_TEAM
from tests.store.book import Book, rows, run

READ_TABLES = (
    "involved",
    "part",
    "step",
    "handover",
    "message",
    "clock",
    "firing",
    "visit",
    "plan",
    "meeting",
    "post",
    "wait",
)
# Rows whose number the database gives, for all journeys together.
NUMBERED = {"wait": "id"}
APPEND_ONLY = ("event", "pathway", "ladders", "calendar", "access_log")


async def eventful(engine: AsyncEngine) -> Book:
    """A journey in which nearly everything has happened."""
    book = await Book(engine).plan()
    await book.write(samples.meeting(book.now))
    await book.write(cmd.PostMessage(text="Hjälpmedlen är beställda."))
    handover = await book.send(step="handover_rehab")
    await book.wait(timedelta(hours=30))
    await book.write(
        cmd.Redirect(handover_id=handover, to=samples.unit(BOBS_TEAM), reason="x"), BOB
    )
    await book.write(cmd.Ask(handover_id=handover, question="Finns hiss?"), BOBS_TEAM)
    await book.wait(timedelta(hours=40))
    await book.write(cmd.Answer(handover_id=handover, answer="Ja."))
    await book.write(cmd.Accept(handover_id=handover, takes_over=Now()), BOBS_TEAM)
    await book.write(cmd.ReportFirstContact(handover_id=handover, at=book.now), BOBS_TEAM)
    visit = cmd.RecordVisit(step="intervention", visit=samples.visit(book.now))
    await book.write(visit, BOBS_TEAM)
    await book.write(visit, BOBS_TEAM)
    walked = (Measurement(instrument="10mwt", score=0.85), Measurement(instrument="tug", score=9.1))
    done = samples.intervention(measurements=walked)
    await book.write(cmd.CompleteStep(step="intervention", content=done), BOBS_TEAM)
    away = await book.send(BOBS_HOME_HELP, BOBS_TEAM, "home_help", step="handover_home_help")
    declined = cmd.Decline(handover_id=away, reason="other", text="Fel enhet")
    await book.write(declined, BOBS_HOME_HELP)
    withdrawn = await book.send(BOBS_HOME_HELP, BOBS_TEAM, "home_help", step="handover_home_help")
    await book.write(cmd.Withdraw(handover_id=withdrawn, reason="no_longer_needed"), BOBS_TEAM)
    await book.write(cmd.RecordDeparture(at=book.now, to="Hem"))
    await book.wait(timedelta(days=8))
    again = samples.follow_up(NewPeriod())
    await book.write(cmd.CompleteStep(step="follow_up", content=again))
    return book


def broken(log: list[dict[str, Any]]) -> list[int]:
    """The sequence numbers at which the chain of a log does not hold."""
    previous, found = FIRST_HASH, []
    for number, row in enumerate(log, start=1):
        if row["seq"] != number or row["previous_hash"] != previous or seal(row) != row["hash"]:
            found.append(number)
        previous = row["hash"]
    return found


async def log_of(engine: AsyncEngine, journey: str) -> list[dict[str, Any]]:
    wanted = select(t.event).where(t.event.c.journey_id == journey).order_by(t.event.c.seq)
    async with engine.connect() as connection:
        return [dict(row._mapping) for row in await connection.execute(wanted)]


async def test_the_chain_holds_when_it_is_read_back(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    book = await eventful(worker)

    log = await log_of(owner, book.id)

    assert len(log) == book.known.seq
    assert broken(log) == []


@pytest.mark.parametrize("score", [0, 0.0, -0.0, 0.1, 0.85, 1e-2, 5.0])
async def test_the_chain_holds_whatever_was_measured(
    worker: AsyncEngine, owner: AsyncEngine, score: float
) -> None:
    book = await Book(worker).begin()
    measured = (*samples.SCORES, Measurement(instrument="10mwt", score=score))
    content = samples.assessment(measurements=measured)
    await book.write(cmd.CompleteStep(step="assessment", content=content))

    assert broken(await log_of(owner, book.id)) == []


@pytest.mark.parametrize(
    "change",
    [
        "what = jsonb_set(what, '{step}', '\"1.plan\"')",
        "actor = jsonb_set(actor, '{unit}', '\"SE0000000000-X\"')",
        "effective_at = effective_at - interval '1 microsecond'",
        "recorded_at = recorded_at + interval '1 second'",
        "type = 'step_skipped'",
        "hash = repeat('f', 64)",
        "previous_hash = repeat('f', 64)",
    ],
)
async def test_a_tampered_row_is_found(
    worker: AsyncEngine, owner: AsyncEngine, change: str
) -> None:
    book = await Book(worker).plan()
    place = next(
        row["seq"] for row in await log_of(owner, book.id) if row["type"] == "step_completed"
    )

    await run(
        owner,
        "ALTER TABLE event DISABLE TRIGGER append_only",
        f"UPDATE event SET {change} WHERE journey_id = '{book.id}' AND seq = {place}",
        "ALTER TABLE event ENABLE TRIGGER append_only",
    )

    assert broken(await log_of(owner, book.id))[0] == place


async def test_a_removed_row_is_found(worker: AsyncEngine, owner: AsyncEngine) -> None:
    book = await Book(worker).plan()

    await run(
        owner,
        "ALTER TABLE event DISABLE TRIGGER append_only",
        f"DELETE FROM event WHERE journey_id = '{book.id}' AND seq = 3",
        "ALTER TABLE event ENABLE TRIGGER append_only",
    )

    assert broken(await log_of(owner, book.id))[0] == 3


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "words",
    ["DELETE FROM {table}", "TRUNCATE {table} CASCADE", "UPDATE {table} SET {column} = 'x'"],
)
async def test_what_is_append_only_is_so_even_for_the_owner(
    worker: AsyncEngine, owner: AsyncEngine, table: str, words: str
) -> None:
    await Book(worker).begin()
    await run(
        owner,
        "INSERT INTO access_log (subject, unit, journey_id, patient_id, action, correlation_id)"
        " VALUES ('s', 'u', 'j', 'p', 'journey', 'c')",
    )
    column = {"event": "type", "access_log": "action", "pathway": "hash"}.get(table, "version")
    before = await rows(owner, f"SELECT count(*) AS n FROM {table}")

    with pytest.raises(DBAPIError, match=f"{table} is append-only"):
        await run(owner, words.format(table=table, column=column))

    assert before[0]["n"] > 0
    assert await rows(owner, f"SELECT count(*) AS n FROM {table}") == before


async def test_truncating_what_the_log_hangs_on_does_not_empty_it(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    await Book(worker).begin()

    with pytest.raises(DBAPIError, match="event is append-only"):
        await run(owner, "TRUNCATE journey CASCADE")


@pytest.fixture
async def elsewhere(postgres: EmbeddedPostgres, empty: str) -> AsyncIterator[AsyncEngine]:
    """A second database, with the schema and nothing else."""
    migrate.upgrade(postgres.url(OWNER, empty))
    engine = database.connect(postgres.url(OWNER, empty), pool_size=2)
    yield engine
    await engine.dispose()


async def rebuild(source: AsyncEngine, target: AsyncEngine, book: Book) -> None:
    """Every read table again, from the log alone, one decision at a time."""
    async with source.connect() as connection:
        events = await events_after(connection, book.id, 0)
        recorded = [row["recorded_at"] for row in await log_of(source, book.id)]
        wanted = select(t.patient).where(t.patient.c.id == f"p-{book.number}")
        patient = (await connection.execute(wanted)).mappings().one()
    async with target.begin() as connection:
        await connection.execute(insert(t.patient).values(**patient))
        state: Journey | None = None
        for decided in decisions(events, recorded):
            first, last = decided[0], decided[-1]
            reason = first.what.overlap_reason if isinstance(first.what, JourneyStarted) else None
            before, state = state, fold(decided, state)
            assert state is not None
            changed = changes(before, state, last.decided_at, reason)
            care = {"care": changed.summary.care.model_dump(mode="json")}
            line = changed.summary.model_dump() | care
            await put_line(connection, line, last.seq, before is None)
            await projection.take_over(connection, book.id, decided, changed)


def decisions(events: list[Event], recorded: list[datetime]) -> list[list[Event]]:
    """The events by decision: what was decided at once was recorded at one instant."""
    together = groupby(zip(events, recorded, strict=True), key=itemgetter(1))
    return [[event for event, _ in group] for _, group in together]


async def put_line(
    connection: AsyncConnection, line: dict[str, Any], seq: int, first: bool
) -> None:
    if first:
        named = line | {"patient_name": "Testpatient 01", "seq": seq}
        await connection.execute(insert(t.journey).values(**named))
        return
    line.pop("overlap_reason")
    await connection.execute(
        update(t.journey).where(t.journey.c.id == line["id"]).values(**line, seq=seq)
    )


async def picture(engine: AsyncEngine, journey: str) -> dict[str, list[str]]:
    """Every row of the read tables about a journey."""
    names = dict.fromkeys(READ_TABLES, "journey_id") | {"journey": "id"}
    return {
        name: [
            row["row"]
            for row in await rows(
                engine,
                f"SELECT (to_jsonb(x) - '{NUMBERED.get(name, '')}')::text AS row"
                f" FROM {name} x WHERE {key} = :id ORDER BY 1",
                id=journey,
            )
        ]
        for name, key in names.items()
    }


async def test_the_read_tables_can_be_made_again_from_the_log(
    worker: AsyncEngine, owner: AsyncEngine, elsewhere: AsyncEngine
) -> None:
    book = await eventful(worker)

    await rebuild(owner, elsewhere, book)

    written, made_again = await picture(owner, book.id), await picture(elsewhere, book.id)
    assert all(written.values()), {k: len(v) for k, v in written.items()}
    assert made_again == written


async def test_the_state_folded_from_the_log_is_the_one_that_was_decided_on(
    worker: AsyncEngine,
) -> None:
    book = await eventful(worker)

    async with worker.connect() as connection:
        events = await events_after(connection, book.id, 0)

    assert fold(events) == book.state
