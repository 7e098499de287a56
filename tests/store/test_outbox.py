"""The outbox: each notice is dispatched once, or not at all when the start fails."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.notice import Notice
from store.outbox import Outbox
from tests.store.book import Book, rows

WAITING = "SELECT id FROM notice WHERE dispatched_at IS NULL ORDER BY ordinal"


async def waiting(owner: AsyncEngine) -> list[str]:
    return [row["id"] for row in await rows(owner, WAITING)]


@pytest.fixture(autouse=True)
async def told(worker: AsyncEngine) -> None:
    """Some notices wait."""
    for _ in range(3):
        await (await Book(worker).plan()).send()


class Starts:
    """Remembers what was started, and lets another relay in between."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.inside = asyncio.Event()
        self.go_on = asyncio.Event()

    async def start(self, notice_id: str) -> None:
        self.ids.append(notice_id)
        self.inside.set()
        await self.go_on.wait()


async def test_two_relays_at_once_dispatch_each_notice_once(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    outbox, everything = Outbox(worker), await waiting(owner)
    first, second = Starts(), Starts()
    half = len(everything) // 2

    at_work = asyncio.create_task(outbox.dispatch(half, first.start))
    await first.inside.wait()
    second.go_on.set()
    by_second = await outbox.dispatch(100, second.start)
    first.go_on.set()
    by_first = await at_work

    assert (by_first, by_second) == (half, len(everything) - half)
    assert first.ids == everything[:half]
    assert second.ids == everything[half:]
    assert await waiting(owner) == []
    assert await outbox.dispatch(100, second.start) == 0


async def test_many_relays_share_the_work(worker: AsyncEngine, owner: AsyncEngine) -> None:
    outbox, everything, started = Outbox(worker), await waiting(owner), list[str]()

    async def start(notice_id: str) -> None:
        started.append(notice_id)

    while await waiting(owner):
        await asyncio.gather(*(outbox.dispatch(2, start) for _ in range(4)))

    assert sorted(started) == sorted(everything)


async def test_when_a_start_fails_all_of_the_batch_waits_on(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    outbox, before = Outbox(worker), await waiting(owner)

    async def start(notice_id: str) -> None:
        if notice_id == before[-1]:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await outbox.dispatch(100, start)

    assert await waiting(owner) == before


async def test_a_delivery_is_noted_step_by_step(worker: AsyncEngine, owner: AsyncEngine) -> None:
    outbox, notice_id = Outbox(worker), (await waiting(owner))[0]

    first = await outbox.begin_attempt(notice_id)
    await outbox.failed(notice_id, "refused")
    second = await outbox.begin_attempt(notice_id)
    await outbox.delivered(notice_id)
    third = await outbox.begin_attempt(notice_id)

    assert isinstance(first, Notice)
    assert (first, third) == (second, None)
    wanted = "SELECT attempts, error, delivered_at, dead_at FROM notice WHERE id = :id"
    [row] = await rows(owner, wanted, id=notice_id)
    assert (row["attempts"], row["error"], row["dead_at"]) == (2, None, None)
    assert row["delivered_at"] is not None


async def test_a_message_is_put_in_an_inbox_once(worker: AsyncEngine, owner: AsyncEngine) -> None:
    outbox, notice_id = Outbox(worker), (await waiting(owner))[-1]
    notice = await outbox.begin_attempt(notice_id)
    assert notice is not None

    for _ in range(2):
        await outbox.put_in_inbox(notice)

    wanted = "SELECT unit, subject FROM inbox_message WHERE notice_id = :id"
    assert await rows(owner, wanted, id=notice_id) == [
        {"unit": notice.unit, "subject": notice.subject}
    ]


async def test_a_dead_letter_says_why(worker: AsyncEngine, owner: AsyncEngine) -> None:
    outbox, notice_id = Outbox(worker), (await waiting(owner))[0]

    await outbox.buried(notice_id, "gave_up")

    [row] = await rows(owner, "SELECT dead_at, error FROM notice WHERE id = :id", id=notice_id)
    assert row["dead_at"] is not None
    assert row["error"] == "gave_up"
