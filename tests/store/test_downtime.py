"""What is open at a unit: all of it, nothing of others, in a fixed number of statements."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.clock import ClockKind
from domain.content import CloseReason
from domain.handover import DeclineReason, Now
from store import database, downtime
from store.downtime import Found
from tests import samples
from tests.samples import ALICE, BOB, CHARLIE, UNCONNECTED
from tests.store.book import Book, rows, run

Opened = tuple[Found, ...]


@pytest.fixture(autouse=True)
async def clean(owner: AsyncEngine) -> AsyncIterator[None]:
    """Each test counts its own handovers."""
    yield
    await run(owner, "UPDATE handover SET open = false, call_open = false")
    await run(owner, "UPDATE clock SET owed = false", "UPDATE part SET holder = 'nobody'")


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent = list[str]()

    def remember(*given: Any) -> None:
        sent.append(given[2])

    event.listen(engine.sync_engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", remember)


async def opened(api: AsyncEngine, unit: str, *calls_for: str, note: bool = False) -> Opened:
    """What is open at a unit, read by somebody there."""
    async with database.reading(api, (unit, *calls_for)) as connection:
        found = await downtime.open_at(connection, unit, calls_for)
        if note:
            lines = [one.known.summary for one in found]
            await downtime.note(connection, lines, subject="u-1", unit=unit, correlation_id="c-1")
    return found


async def test_forty_handovers_take_as_many_statements_as_one(
    worker: AsyncEngine, api: AsyncEngine, owner: AsyncEngine
) -> None:
    await (await Book(worker).plan()).send()
    with counted(api) as for_one:
        assert len(await opened(api, BOB, note=True)) == 1
    for _ in range(39):
        await (await Book(worker).plan()).send()

    with counted(api) as for_forty:
        found = await opened(api, BOB, note=True)

    assert sum(len(one.known.handovers) for one in found) == 40
    assert for_forty and len(for_forty) == len(for_one) <= 8
    log = await rows(owner, "SELECT previous_hash, hash FROM access_log ORDER BY id")
    assert len(log) == 41
    assert [r["hash"] for r in log[:-1]] == [r["previous_hash"] for r in log[1:]]


async def test_both_sides_find_a_handover_with_its_clocks_and_an_outsider_nothing(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    handover = await book.send()

    (received,) = await opened(api, BOB)
    (sent,) = await opened(api, ALICE)

    assert [h.id for h in received.known.handovers] == [handover]
    assert [h.id for h in sent.known.handovers] == [handover]
    assert received.requested == {handover: "Träning i hemmet."}
    kinds = {c.kind for c in received.known.clocks if c.subject == handover}
    assert {ClockKind.ACKNOWLEDGED, ClockKind.ACCEPTED} <= kinds
    assert received.known.steps == ()
    assert sent.known.steps
    assert (received.who.value, received.who.name) == (book.number, "Testpatient 01")
    assert await opened(api, CHARLIE) == ()


async def test_what_was_sent_back_is_the_senders_alone(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    handover = await book.send()
    await book.write(cmd.Decline(handover_id=handover, reason=DeclineReason.NO_CAPACITY), BOB)

    (sent,) = await opened(api, ALICE)

    assert await opened(api, BOB) == ()
    assert sent.known.handovers == ()


async def test_a_holder_finds_its_part_after_the_handover_has_ended(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    handover = await book.send()
    await book.write(cmd.Accept(handover_id=handover, takes_over=Now()), BOB)
    await book.write(cmd.ReportFirstContact(handover_id=handover, at=book.now), BOB)

    (held,) = await opened(api, BOB)

    assert held.known.handovers == ()
    assert {p.key for p in held.known.parts if p.holder == BOB} == {"rehab"}


async def test_an_alarm_is_found_by_who_holds_and_by_who_is_to_take_over(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    await book.send()
    await book.write(cmd.RecordDeparture(at=book.now, to="Hemmet"), ALICE)

    for unit in (ALICE, BOB):
        (found,) = await opened(api, unit)
        alarms = {c.counterpart for c in found.known.clocks if c.kind is ClockKind.ALARM}
        assert BOB in alarms


async def test_a_call_is_found_by_who_makes_it(worker: AsyncEngine, api: AsyncEngine) -> None:
    book = await Book(worker).plan()
    handover = await book.send(UNCONNECTED)
    await book.wait(timedelta(days=5))
    caller = samples.unit(UNCONNECTED).proxy_owner
    assert caller is not None

    (found,) = await opened(api, caller, UNCONNECTED)

    assert [h.id for h in found.known.handovers] == [handover]
    assert found.known.handovers[0].call_task is not None
    assert await opened(api, caller) == ()


async def test_a_closed_journey_is_not_open(worker: AsyncEngine, api: AsyncEngine) -> None:
    book = await Book(worker).begin()
    assert len(await opened(api, ALICE)) == 1

    await book.write(cmd.Close(reason=CloseReason.REGISTERED_IN_ERROR), ALICE)

    assert await opened(api, ALICE) == ()


async def test_nothing_open_is_nothing_logged(api: AsyncEngine, owner: AsyncEngine) -> None:
    before = await rows(owner, "SELECT count(*) AS n FROM access_log")

    assert await opened(api, CHARLIE, note=True) == ()

    assert await rows(owner, "SELECT count(*) AS n FROM access_log") == before
