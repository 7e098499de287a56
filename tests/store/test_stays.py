"""Who was told of a stay reads that stay, and no other row of the journey."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.stay import Effort
from store import database, stays
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, BOBS_NURSES, CHARLIE, HEALTH_CENTRE, unit
from tests.store.book import NUMBER, Book
from tests.store.test_fences import visible

HOUR = timedelta(hours=1)


async def told(worker: AsyncEngine, *to: str) -> Book:
    """A journey with a stay that some units were sent a notice of."""
    book = await Book(worker).plan()
    await admitted(book, *to)
    return book


async def admitted(book: Book, *to: str) -> None:
    efforts = (Effort.SOCIAL_SERVICES,)
    await book.write(cmd.RecordAdmission(at=book.now, efforts=efforts))
    notice = cmd.SendAdmissionNotice(
        to=tuple(unit(u) for u in to), estimated_at=book.now + 90 * HOUR
    )
    await book.write(notice)


async def found(
    api: AsyncEngine, book: Book, units: Sequence[str], number: int = 1
) -> stays.Found | None:
    async with database.reading(api, units) as connection:
        return await stays.find(connection, book.id, number, units)


async def test_who_was_told_is_shown_the_stay_alone(worker: AsyncEngine, api: AsyncEngine) -> None:
    await told(worker, BOBS_NURSES)

    assert await visible(api, (BOBS_NURSES,)) == {"stay"}
    assert "stay" in await visible(api, (ALICE,))
    assert await visible(api, (CHARLIE,)) == set()


async def test_what_the_notice_tells_comes_with_it(worker: AsyncEngine, api: AsyncEngine) -> None:
    book = await told(worker, BOBS_NURSES)

    stay = await found(api, book, (BOBS_NURSES,))

    assert stay is not None
    assert (stay.who.value, stay.who.name) == (NUMBER, "Testpatient 01")
    assert stay.around.seq == book.known.seq
    assert stay.around.newest and not stay.around.closed
    assert {c.kind for c in stay.around.clocks} == {"estimate"}
    assert await found(api, book, (CHARLIE,)) is None
    assert await found(api, book, (ALICE,)) is not None


async def test_the_fence_holds_when_the_question_names_the_wrong_unit(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await told(worker, BOBS_NURSES)
    told_of = text("SELECT * FROM handslag_around_stay(:journey, 1)")

    async with database.reading(api, (CHARLIE,)) as connection:
        assert await stays.find(connection, book.id, 1, (BOBS_NURSES,)) is None
        assert await stays.told_of(connection, BOBS_NURSES, before=None, limit=9) == []
        assert (await connection.execute(told_of, {"journey": book.id})).all() == []


async def test_a_readmission_is_another_stay(worker: AsyncEngine, api: AsyncEngine) -> None:
    book = await told(worker, BOBS_NURSES)
    await book.write(cmd.RecordDeparture(at=book.now, to="hemmet"))
    await book.wait(HOUR)
    await admitted(book, BOBS_HOME_HELP)

    first, second = [await found(api, book, (BOBS_NURSES,), n) for n in (1, 2)]

    assert first is not None and not first.around.newest
    assert second is None
    assert await found(api, book, (BOBS_HOME_HELP,), 2) is not None


async def test_a_list_is_read_page_by_page(worker: AsyncEngine, api: AsyncEngine) -> None:
    books = [await told(worker, HEALTH_CENTRE, BOB) for _ in range(3)]

    async with database.reading(api, (HEALTH_CENTRE,)) as connection:
        everything = await stays.told_of(connection, HEALTH_CENTRE, before=None, limit=200)
        first = everything[0].around
        before = (first.stay.admitted_at, stays.place(first))
        rest = await stays.told_of(connection, HEALTH_CENTRE, before=before, limit=200)

    assert {b.id for b in books} <= {f.around.journey_id for f in everything}
    assert rest == everything[1:]
