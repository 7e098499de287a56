"""Who only counts is shown no patient; what runs as the owner is led astray by nobody."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from store import database, deliveries
from tests.samples import BOB, CHARLIE
from tests.store.book import Book, rows
from tests.store.test_fences import OF_JOURNEYS


async def shown(api: AsyncEngine, *boards: str) -> set[str]:
    """The tables in which whoever has these boards and nothing else finds a row."""
    async with database.reading(api, (), "p", boards=boards) as connection:
        return {
            table
            for table in OF_JOURNEYS
            if await connection.scalar(text(f"SELECT count(*) FROM {table}"))
        }


async def test_a_board_alone_shows_what_was_sent_and_nothing_else(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    handover = await book.send()
    await book.write(cmd.Ask(handover_id=handover, question="Finns hiss?"), BOB)

    assert await shown(api, BOB) == {"notice"}
    assert await shown(api, CHARLIE) == set()


async def test_a_notice_to_another_unit_cannot_be_sent_again(
    worker: AsyncEngine, api: AsyncEngine, owner: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    await book.send()
    (row,) = await rows(
        owner,
        "SELECT ordinal FROM notice WHERE journey_id = :j AND unit = :bob ORDER BY 1 LIMIT 1",
        j=book.id,
        bob=BOB,
    )
    number = str(row["ordinal"])

    async with database.reading(api, (), "p", boards=(BOB,)) as connection:
        own = await deliveries.letter(connection, number, (BOB,))
        other = await deliveries.letter(connection, number, (CHARLIE,))
    async with database.reading(api, (BOB,), "p") as connection:
        seen_but_not_theirs = await deliveries.letter(connection, number, (CHARLIE,))

    assert own is not None and own.unit == BOB
    assert other is None and seen_but_not_theirs is None


async def test_what_runs_as_the_owner_looks_for_temporary_tables_last(owner: AsyncEngine) -> None:
    found = await rows(
        owner,
        "SELECT proname, array_to_string(proconfig, ';') AS how FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace",
    )

    assert len(found) > 10
    for row in found:
        assert row["how"] == "search_path=public, pg_temp", row["proname"]


async def test_nobody_may_make_a_temporary_table(api: AsyncEngine, worker: AsyncEngine) -> None:
    for engine in (api, worker):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with engine.begin() as connection:
                await connection.execute(text("CREATE TEMP TABLE involved (unit text)"))
