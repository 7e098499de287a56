"""The board: what would be late at any instant, whose it is, since when, and who was told."""

from datetime import UTC, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.handover import Now
from store import database, overdue
from tests.samples import ALICE, BOB, CHARLIE, MONDAY
from tests.store.book import Book, later

BOTH = (ALICE, BOB)


@pytest.fixture
async def book(worker: AsyncEngine, owner: AsyncEngine) -> Book:
    """A handover that waits for its answer, in a store where nothing else runs."""
    async with owner.begin() as connection:
        await connection.exec_driver_sql("UPDATE clock SET owed = false")
    found = await Book(worker).plan()
    await found.send(step="handover_rehab")
    return found


async def late(api: AsyncEngine, units: tuple[str, ...], days: float) -> dict[str, str]:
    """What is late after some days, by kind, and whose it is."""
    async with database.reading(api, units) as connection:
        found = await overdue.page(connection, units, later(days), after=None, limit=200)
    return {row.id.partition(":")[0] + ":" + row.subject[-14:]: row.owner for row in found}


async def test_nothing_is_late_before_it_is_due(api: AsyncEngine, book: Book) -> None:
    assert await late(api, BOTH, 0.99) == {}


async def test_a_promise_is_late_from_its_due_instant(api: AsyncEngine, book: Book) -> None:
    found = await late(api, BOTH, 1.0)

    assert {k.partition(":")[0] for k in found} == {"acknowledged", "accepted"}
    assert set(found.values()) == {BOB}


async def test_late_is_shown_to_who_owes_and_who_waits_and_to_nobody_else(
    api: AsyncEngine, book: Book
) -> None:
    to_owner, to_waiting = await late(api, (BOB,), 2), await late(api, (ALICE,), 2)

    assert to_owner == to_waiting
    assert len(to_owner) == 2
    assert await late(api, (CHARLIE,), 900) == {}
    assert await late(api, (), 900) == {}


async def test_a_paused_and_a_stopped_clock_are_not_late(api: AsyncEngine, book: Book) -> None:
    handover = next(iter(book.known.handovers))

    await book.write(cmd.Ask(handover_id=handover, question="?"), BOB)
    paused = await late(api, BOTH, 1.5)
    await book.write(cmd.Answer(handover_id=handover, answer="!"))
    await book.write(cmd.Accept(handover_id=handover, takes_over=Now()), BOB)
    stopped = await late(api, BOTH, 1.5)

    assert {k.partition(":")[0] for k in paused} == {"answer"}
    assert {k.partition(":")[0] for k in stopped} == {"first_contact"}


async def test_each_late_promise_names_its_owner_and_who_was_told_last(
    api: AsyncEngine, book: Book
) -> None:
    await book.wait(timedelta(hours=25))

    async with database.reading(api, BOTH) as connection:
        rows = await overdue.page(connection, BOTH, book.now, after=None, limit=10)

    accepted = next(row for row in rows if row.kind == "accepted")
    assert (accepted.owner, accepted.counterpart) == (BOB, ALICE)
    assert accepted.owner_name == "Kommunrehab Västerås (demo)"
    assert accepted.due_at == (MONDAY + timedelta(hours=24)).astimezone(UTC)
    assert (accepted.pathway_key, accepted.pathway_version) == ("stroke-rehab", 1)
    assert (accepted.rung, accepted.outcome) == ("due", "told")
    assert accepted.fired_at == book.now
    assert {(told["unit"], told["function"]) for told in accepted.told} == {
        (BOB, "manager"),
        (ALICE, "coordinator"),
    }
    assert [t["rung"] for t in accepted.tellings] == ["half", "four_fifths", "due"]


async def test_what_is_late_is_counted_by_unit_pathway_and_kind(
    worker: AsyncEngine, api: AsyncEngine, book: Book
) -> None:
    await (await Book(worker).plan()).send(step="handover_rehab")

    async with database.reading(api, BOTH) as connection:
        by_all = await overdue.groups(connection, BOTH, later(2), ["unit", "pathway", "step"])
        by_unit = await overdue.groups(connection, BOTH, later(2), ["unit"])

    since = later(1)
    late = {"unit": BOB, "pathway": "stroke-rehab", "count": 2, "since": since}
    # No moment was passed here, so it is all our own doing.
    assert by_all == [
        late | {"step": step, "we_were_down": 2} for step in ("accepted", "acknowledged")
    ]
    assert by_unit == [{"unit": BOB, "count": 4, "we_were_down": 4, "since": since}]


async def test_the_list_goes_on_after_any_place_without_gap_or_repetition(
    worker: AsyncEngine, api: AsyncEngine, book: Book
) -> None:
    for _ in range(2):
        await (await Book(worker).plan()).send(step="handover_rehab")
    found, after = list[overdue.Cursor](), None

    async with database.reading(api, BOTH) as connection:
        while rows := await overdue.page(connection, BOTH, later(30), after=after, limit=1):
            after = (rows[0].due_at, rows[0].journey_id, rows[0].id)
            found.append(after)
        whole = await overdue.page(connection, BOTH, later(30), after=None, limit=200)

    assert found == [(row.due_at, row.journey_id, row.id) for row in whole]
    assert found == sorted(set(found))
    assert len(found) >= 9
