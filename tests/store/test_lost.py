"""A delivery whose workflow is gone is found, and begun anew or counted as dead."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.lost import ASKED_AFTER, BURIED_AFTER, LostAndFound
from store.lost import LostLetters
from tests.store.book import Book, Json, rows, run

HOUR = timedelta(hours=1)


class Case:
    """The notices of one journey, begun some time ago; those of earlier tests have ended."""

    def __init__(self, worker: AsyncEngine, owner: AsyncEngine) -> None:
        self.worker, self.owner = worker, owner
        self.book = Book(worker)
        self.asked: list[tuple[str, int]] = []
        self.gone: set[str] = set()

    async def begin(self, ago: timedelta) -> list[str]:
        """All were begun so long ago."""
        await run(self.owner, "UPDATE notice SET dispatched_at = now(), delivered_at = now()")
        await (await self.book.plan()).send()
        span = f"interval '{ago.total_seconds()} seconds'"
        change = f"UPDATE notice SET dispatched_at = now() - {span} WHERE delivered_at IS NULL"
        await run(self.owner, change)
        return [row["id"] for row in await self.notices()]

    async def notices(self) -> list[Json]:
        """As they stand."""
        wanted = "SELECT * FROM notice WHERE journey_id = :j ORDER BY ordinal"
        return await rows(self.owner, wanted, j=self.book.id)

    async def waiting(self) -> list[str]:
        """What will be begun anew."""
        return [row["id"] for row in await self.notices() if row["dispatched_at"] is None]

    async def is_lost(self, notice_id: str, resent: int) -> bool:
        """Remember who was asked for."""
        self.asked.append((notice_id, resent))
        return notice_id in self.gone

    async def look(self) -> None:
        """One look."""
        await LostAndFound(LostLetters(self.worker), self.is_lost).look()


@pytest.fixture
def case(worker: AsyncEngine, owner: AsyncEngine) -> Case:
    """Nothing has been begun."""
    return Case(worker, owner)


async def test_only_what_nobody_makes_is_put_back(case: Case) -> None:
    first, *others = await case.begin(ASKED_AFTER + HOUR)
    case.gone = {first}

    await case.look()

    assert case.asked == [(i, 0) for i in (first, *others)]
    assert await case.waiting() == [first]


async def test_what_was_begun_just_now_is_left_alone(case: Case) -> None:
    await case.begin(ASKED_AFTER - timedelta(minutes=1))

    await case.look()

    assert case.asked == []


async def test_a_digest_is_asked_for_once_and_comes_back_whole(case: Case) -> None:
    leader, follower, *_ = await case.begin(HOUR)
    await run(case.owner, f"UPDATE notice SET digest_of = '{leader}' WHERE id = '{follower}'")
    await run(case.owner, f"UPDATE notice SET silenced_at = now() WHERE id = '{leader}'")
    case.gone = {leader}

    await case.look()

    assert case.asked.count((leader, 0)) == 1
    assert await case.waiting() == [follower]
    assert {row["digest_of"] for row in await case.notices()} == {None}


async def test_what_ended_meanwhile_stays_as_it_is(case: Case) -> None:
    first, *_ = await case.begin(HOUR)
    letters = LostLetters(case.worker)
    page = await letters.page(0, ASKED_AFTER, 100)
    await run(case.owner, f"UPDATE notice SET delivered_at = now() WHERE id = '{first}'")

    found = next(u for u in page if u.notice_id == first)

    assert await letters.put_back(found, ASKED_AFTER) == 0


async def test_what_is_older_than_any_delivery_is_a_dead_letter(case: Case) -> None:
    found = await case.begin(BURIED_AFTER + HOUR)

    await case.look()

    assert case.asked == []
    assert {(row["dead_at"] is None, row["error"]) for row in await case.notices()} == {
        (False, "lost")
    }
    assert len(found) == len(await case.notices())


async def test_long_lists_are_looked_through_page_by_page(case: Case) -> None:
    await case.begin(HOUR)
    letters = LostLetters(case.worker)
    everything = await letters.page(0, ASKED_AFTER, 100)

    first = await letters.page(0, ASKED_AFTER, 1)
    rest = await letters.page(first[-1].ordinal, ASKED_AFTER, 100)

    assert [*first, *rest] == everything
