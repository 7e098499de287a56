"""Units under a version, their changes, and the journeys that a unit concerns."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.clock import ClockKind
from domain.handover import Now
from domain.unit import Closure
from domain.unit_change import PRINCIPAL, ChangeKind, Holds, UnitChange
from domain.unit_clocks import Affected, Shift
from store import database, units
from tests.samples import ALICE, BOB, BOBS_NURSES, BOBS_TEAM, CHARLIE, day, unit
from tests.store.book import Book, rows

NOBODY = "SE0000000000-TESTNOBODY"


def change(hsa_id: str, version: int, **facts: Any) -> UnitChange:
    """A change of a shipped unit, or of one like it."""
    new = unit(BOB).model_copy(update={"hsa_id": hsa_id, "version": version, **facts})
    return UnitChange(
        id=str(uuid4()),
        hsa_id=hsa_id,
        version=version,
        kind=ChangeKind.PUT,
        at=datetime.now(UTC),
        by_subject="u-1",
        by_unit=BOB,
        reason="Prov",
        facts=new,
    )


def fresh() -> str:
    """The HSA id of a unit that no other test knows."""
    return f"SE0000000000-TEST{uuid4().hex[:8].upper()}"


async def put(api: AsyncEngine, *changes: UnitChange) -> list[bool]:
    """Put them one after the other, each in a transaction of its own."""
    found = []
    for one in changes:
        async with database.reading(api, ()) as connection:
            found.append(await units.put(connection, one, "h-1"))
    return found


async def test_a_unit_begins_at_version_one_and_goes_on_by_one(api: AsyncEngine) -> None:
    new = fresh()

    done = await put(api, change(new, 1), change(new, 2, name="Två (demo)"))

    async with database.reading(api, ()) as connection:
        found = await units.find(connection, new)
        kept = await units.history(connection, new, None, 10)
    assert done == [True, True]
    assert found is not None and (found.version, found.name) == (2, "Två (demo)")
    assert [c.version for c in kept] == [2, 1]
    assert (kept[0].reason, kept[0].by_subject, kept[0].told_at) == ("Prov", "u-1", None)


@pytest.mark.parametrize("version", [1, 2, 4, 9])
async def test_a_change_that_does_not_follow_the_last_is_not_written(
    api: AsyncEngine, version: int
) -> None:
    new = fresh()
    await put(api, change(new, 1), change(new, 2))

    done = await put(api, change(new, version, name="Nej (demo)"))

    async with database.reading(api, ()) as connection:
        found = await units.find(connection, new)
        kept = await units.history(connection, new, None, 10)
    assert done == [False]
    assert found is not None and found.name != "Nej (demo)"
    assert [c.version for c in kept] == [2, 1]


async def test_shipped_units_are_at_version_one_and_have_no_history(api: AsyncEngine) -> None:
    async with database.reading(api, ()) as connection:
        found = await units.find(connection, CHARLIE)
        kept = await units.history(connection, CHARLIE, None, 10)
        nobody = await units.find(connection, NOBODY)

    assert found is not None and found.version == 1
    assert (kept, nobody) == ([], None)


async def test_history_goes_on_before_a_version(api: AsyncEngine) -> None:
    new = fresh()
    await put(api, *(change(new, version) for version in range(1, 5)))

    async with database.reading(api, ()) as connection:
        first = await units.history(connection, new, None, 2)
        second = await units.history(connection, new, first[-1].version, 2)

    assert [c.version for c in (*first, *second)] == [4, 3, 2, 1]


async def test_a_change_is_found_by_its_id_with_its_body(api: AsyncEngine) -> None:
    one = change(fresh(), 1)
    await put(api, one)

    async with database.reading(api, ()) as connection:
        found = await units.written(connection, one.id)
        nothing = await units.written(connection, "other")

    assert found is not None and (found.change.facts, found.body_hash) == (one.facts, "h-1")
    assert nothing is None


async def test_what_was_said_of_clocks_is_kept_with_the_change(api: AsyncEngine) -> None:
    one = change(fresh(), 1)
    shift = Shift(ref="j-1:accepted:h-1", kind=ClockKind.ACCEPTED, due_now=one.at, due_then=one.at)
    said = Affected(count=1, shifts=(shift,))
    async with database.reading(api, ()) as connection:
        await units.put(connection, one, "h-1", said)

    async with database.reading(api, ()) as connection:
        found = await units.written(connection, one.id)

    assert found is not None and found.clocks == said


async def test_a_newer_change_takes_choices_along_that_are_not_told(
    api: AsyncEngine, worker: AsyncEngine
) -> None:
    new = fresh()
    made = [change(new, n).model_copy(update={"reproject": n in (2, 3)}) for n in range(1, 5)]
    await put(api, *made)
    book = units.UnitChanges(worker)

    before = await book.telling(made[3].id)
    await book.told(made[1].id)
    after = await book.telling(made[3].id)

    assert [t.change.version for t in before.earlier] == [2, 3]
    assert [t.change.version for t in after.earlier] == [3]
    assert all(t.change.reproject for t in before.earlier)


class TestRights:
    @pytest.mark.parametrize(
        "words",
        [
            "UPDATE unit_change SET reason = 'x'",
            "UPDATE unit_change SET told_at = now()",
            "DELETE FROM unit_change",
            "UPDATE unit SET organisation = 'rvm'",
            "UPDATE unit SET hsa_id = 'x'",
            "DELETE FROM unit",
        ],
    )
    async def test_the_api_changes_no_history_and_no_identity(
        self, api: AsyncEngine, words: str
    ) -> None:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.reading(api, ()) as connection:
                await connection.execute(text(words))

    @pytest.mark.parametrize(
        "words",
        ["UPDATE unit SET name = 'x'", "UPDATE unit_change SET facts = '{}'"],
    )
    async def test_the_worker_notes_that_it_told_and_nothing_else(
        self, worker: AsyncEngine, words: str
    ) -> None:
        with pytest.raises(DBAPIError, match="permission denied"):
            async with worker.begin() as connection:
                await connection.execute(text(words))

    @pytest.mark.parametrize(
        "words",
        [
            "UPDATE unit_change SET reason = 'x' WHERE id = :id",
            "UPDATE unit_change SET told_at = now() + interval '1 day' WHERE id = :id",
            "UPDATE unit_change SET told_at = NULL WHERE id = :id",
            "DELETE FROM unit_change WHERE id = :id",
        ],
    )
    async def test_nobody_writes_history_anew(
        self, api: AsyncEngine, worker: AsyncEngine, owner: AsyncEngine, words: str
    ) -> None:
        one = change(fresh(), 1)
        await put(api, one)
        await units.UnitChanges(worker).told(one.id)

        with pytest.raises(DBAPIError, match="append-only"):
            async with owner.begin() as connection:
                await connection.execute(text(words), {"id": one.id})


class TestHolds:
    async def test_parts_and_open_handovers_are_counted(
        self, worker: AsyncEngine, api: AsyncEngine
    ) -> None:
        book = await Book(worker).plan()
        handover = await book.send(BOBS_NURSES)

        async with database.reading(api, (BOBS_NURSES,)) as connection:
            before = await units.holds(connection, BOBS_NURSES)
        await book.write(cmd.Accept(handover_id=handover, takes_over=Now()), BOBS_NURSES)
        async with database.reading(api, (BOBS_NURSES,)) as connection:
            after = await units.holds(connection, BOBS_NURSES)

        assert (before.parts, before.open_handovers) == (0, 1)
        assert after.parts == 1
        assert before.anything and after.anything

    async def test_a_unit_without_patients_holds_nothing(self, api: AsyncEngine) -> None:
        async with database.reading(api, (CHARLIE,)) as connection:
            assert await units.holds(connection, CHARLIE) == Holds()
            assert not Holds().anything


class TestConcerned:
    async def concerned(self, engine: AsyncEngine, *hsa_ids: str) -> set[str]:
        """Every page of the journeys, one at a time."""
        found, after = list[str](), ""
        async with engine.connect() as connection:
            while page := await units.journeys(connection, hsa_ids, after=after, limit=1):
                found += page
                after = page[-1]
            assert len(found) == await units.count_journeys(connection, hsa_ids)
        assert found == sorted(set(found))
        return set(found)

    async def test_holder_sender_and_receiver_are_concerned(self, worker: AsyncEngine) -> None:
        book = await Book(worker).plan()
        before = await self.concerned(worker, BOBS_TEAM)

        await book.send(BOBS_TEAM)

        assert book.id not in before
        assert book.id in await self.concerned(worker, BOBS_TEAM)
        assert book.id in await self.concerned(worker, ALICE)
        assert book.id in await self.concerned(worker, NOBODY, BOBS_TEAM)
        assert await self.concerned(worker, CHARLIE) == set()

    async def test_a_declined_receiver_is_not_concerned(self, worker: AsyncEngine) -> None:
        book = await Book(worker).plan()
        handover = await book.send(BOBS_TEAM)

        await book.write(cmd.Decline(handover_id=handover, reason="no_capacity"), BOBS_TEAM)

        assert book.id not in await self.concerned(worker, BOBS_TEAM)

    async def test_who_owes_or_awaits_a_promise_is_concerned(
        self, worker: AsyncEngine, owner: AsyncEngine
    ) -> None:
        book = await Book(worker).begin()
        owes, awaits = fresh(), fresh()
        async with owner.begin() as connection:
            await connection.execute(
                text("UPDATE clock SET owner = :o, counterpart = :a WHERE journey_id = :id"),
                {"o": owes, "a": awaits, "id": book.id},
            )

        assert await self.concerned(worker, owes) == {book.id}
        assert await self.concerned(worker, awaits) == {book.id}

    async def test_a_closed_journey_concerns_nobody(
        self, worker: AsyncEngine, owner: AsyncEngine
    ) -> None:
        book = await Book(worker).begin()
        async with owner.begin() as connection:
            await connection.execute(
                text("UPDATE journey SET closed_at = now() WHERE id = :id"), {"id": book.id}
            )

        assert book.id not in await self.concerned(worker, ALICE)

    async def test_a_journey_that_was_told_is_left_out(
        self, worker: AsyncEngine, owner: AsyncEngine
    ) -> None:
        book = await Book(worker).begin()
        async with owner.begin() as connection:
            await connection.execute(
                text("INSERT INTO answer VALUES (:who, 'c-1', :id, 'c-1', '{}', now())"),
                {"who": PRINCIPAL, "id": book.id},
            )

        async with worker.connect() as connection:
            told = await units.journeys(connection, (ALICE,), limit=200, untold_of="c-1")
            other = await units.journeys(connection, (ALICE,), limit=200, untold_of="c-2")

        assert book.id not in told
        assert book.id in other


class TestTelling:
    async def test_an_untold_change_is_begun_once_and_told_once(
        self, api: AsyncEngine, worker: AsyncEngine, owner: AsyncEngine
    ) -> None:
        async with owner.begin() as connection:
            await connection.exec_driver_sql(
                "UPDATE unit_change SET told_at = now() WHERE told_at IS NULL"
            )
        one, begun, book = change(fresh(), 1), list[str](), units.UnitChanges(worker)
        await put(api, one)

        async def start(change_id: str) -> None:
            begun.append(change_id)

        counts = [await book.dispatch(10, start) for _ in range(3)]
        by_another = await units.UnitChanges(worker).dispatch(10, start)
        await book.told(one.id)
        await book.told(one.id)
        after = await units.UnitChanges(worker).dispatch(10, start)

        assert (counts, by_another, after) == ([1, 0, 0], 1, 0)
        assert begun == [one.id, one.id]
        found = await rows(worker, "SELECT told_at FROM unit_change WHERE id = :id", id=one.id)
        assert found[0]["told_at"] is not None

    async def test_a_change_says_what_the_catalogue_is_now(
        self, api: AsyncEngine, worker: AsyncEngine
    ) -> None:
        new, cover = fresh(), fresh()
        closures = (Closure(first=day("2030-01-01"), last=day("2030-01-02"), covered_by=cover),)
        first = change(new, 1, closures=closures)
        await put(api, change(cover, 1), first, change(new, 2))

        told = await units.UnitChanges(worker).telling(first.id)

        assert (told.change.version, told.now.version) == (1, 2)
        assert [u.hsa_id for u in told.stand_ins] == [cover]
        assert told.concerns == (new,)

    async def test_a_change_that_does_not_exist_is_an_error(self, worker: AsyncEngine) -> None:
        with pytest.raises(LookupError):
            await units.UnitChanges(worker).telling("c-0")
