"""The outbox: each notice is dispatched once, or not at all when the start fails."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.notice import Notice
from domain.unit import ChannelKind
from store.outbox import Outbox
from tests.samples import BOB
from tests.store.book import Book, rows, run

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

    async def start(self, notice_id: str, resent: int, channel: ChannelKind) -> bool:
        self.ids.append(notice_id)
        self.inside.set()
        await self.go_on.wait()
        return True


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

    async def start(notice_id: str, resent: int, channel: ChannelKind) -> bool:
        started.append(notice_id)
        return True

    while await waiting(owner):
        await asyncio.gather(*(outbox.dispatch(2, start) for _ in range(4)))

    assert sorted(started) == sorted(everything)


async def test_when_a_start_fails_only_what_could_not_be_started_waits_on(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    """What has begun is noted: begun anew, a digest would leave its others behind."""
    outbox, before = Outbox(worker), await waiting(owner)

    async def start(notice_id: str, resent: int, channel: ChannelKind) -> bool:
        if notice_id == before[-1]:
            raise ConnectionError
        return True

    with pytest.raises(ConnectionError):
        await outbox.dispatch(100, start)

    assert await waiting(owner) == before[-1:]


async def test_a_delivery_is_noted_step_by_step(worker: AsyncEngine, owner: AsyncEngine) -> None:
    outbox, notice_id = Outbox(worker), (await waiting(owner))[0]

    first = await outbox.begin_attempt(notice_id, 0)
    assert first is not None
    await outbox.failed(first, "refused")
    second = await outbox.begin_attempt(notice_id, 0)
    assert second is not None
    await outbox.delivered(second)
    third = await outbox.begin_attempt(notice_id, 0)

    assert isinstance(first.notices[0], Notice)
    assert (first.notices, third) == (second.notices, None)
    assert [first.rows, second.rows] == [[(notice_id, 1)], [(notice_id, 2)]]
    tried = "SELECT number, outcome, error FROM delivery_attempt WHERE notice_id = :id ORDER BY 1"
    assert await rows(owner, tried, id=notice_id) == [
        {"number": 1, "outcome": "failed", "error": "refused"},
        {"number": 2, "outcome": "delivered", "error": None},
    ]
    wanted = "SELECT attempts, error, delivered_at, dead_at FROM notice WHERE id = :id"
    [row] = await rows(owner, wanted, id=notice_id)
    assert (row["attempts"], row["error"], row["dead_at"]) == (2, None, None)
    assert row["delivered_at"] is not None


async def test_a_message_is_put_in_an_inbox_once(worker: AsyncEngine, owner: AsyncEngine) -> None:
    outbox, notice_id = Outbox(worker), (await waiting(owner))[-1]
    attempt = await outbox.begin_attempt(notice_id, 0)
    assert attempt is not None
    (notice,) = attempt.notices

    for _ in range(2):
        await outbox.put_in_inbox(notice)

    wanted = "SELECT unit, subject FROM inbox_message WHERE notice_id = :id"
    assert await rows(owner, wanted, id=notice_id) == [
        {"unit": notice.unit, "subject": notice.subject}
    ]


async def test_a_dead_letter_says_why(worker: AsyncEngine, owner: AsyncEngine) -> None:
    outbox, notice_id = Outbox(worker), (await waiting(owner))[-1]

    await outbox.buried(notice_id, 0, "gave_up")

    [row] = await rows(owner, "SELECT dead_at, error FROM notice WHERE id = :id", id=notice_id)
    assert row["dead_at"] is not None
    assert row["error"] == "gave_up"


async def test_a_dead_letter_keeps_the_code_of_its_last_attempt(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    outbox, notice_id = Outbox(worker), (await waiting(owner))[-1]
    attempt = await outbox.begin_attempt(notice_id, 0)
    assert attempt is not None

    await outbox.failed(attempt, "smtp_550")
    await outbox.buried(notice_id, 0, "gave_up")

    assert await rows(owner, "SELECT error FROM notice WHERE id = :id", id=notice_id) == [
        {"error": "smtp_550"}
    ]
    assert await outbox.begin_attempt(notice_id, 0) is None


async def test_an_attempt_stands_before_anything_is_sent(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    """Whoever dies between the attempt and its end leaves a line that says so."""
    outbox, notice_id = Outbox(worker), (await waiting(owner))[-1]

    await outbox.begin_attempt(notice_id, 0)
    again = await outbox.begin_attempt(notice_id, 0)

    assert again is not None and again.numbers == (2,)
    tried = "SELECT number, outcome FROM delivery_attempt WHERE notice_id = :id ORDER BY number"
    assert await rows(owner, tried, id=notice_id) == [
        {"number": 1, "outcome": None},
        {"number": 2, "outcome": None},
    ]


async def test_what_an_earlier_sending_still_wants_is_not_heeded(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    outbox, notice_id = Outbox(worker), (await waiting(owner))[-1]
    await run(owner, f"UPDATE notice SET resent = 1 WHERE id = '{notice_id}'")

    assert await outbox.begin_attempt(notice_id, 0) is None
    await outbox.buried(notice_id, 0, "gave_up")

    assert await rows(owner, "SELECT dead_at FROM notice WHERE id = :id", id=notice_id) == [
        {"dead_at": None}
    ]
    assert await outbox.begin_attempt(notice_id, 1) is not None


async def test_a_notice_waits_for_the_instant_that_it_is_given(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    outbox, (first, second) = Outbox(worker), (await waiting(owner))[-2:]
    started = Starts()
    started.go_on.set()
    for notice_id, when in ((first, "+ interval '1 hour'"), (second, "- interval '1 second'")):
        change = f"UPDATE notice SET not_before = now() {when} WHERE id = '{notice_id}'"
        await run(owner, change)

    await outbox.dispatch(1000, started.start)

    assert first not in started.ids
    assert second in started.ids
    assert await waiting(owner) == [first]


async def test_a_reminder_that_waited_while_somebody_answered_is_not_sent(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    outbox, started = Outbox(worker), Starts()
    started.go_on.set()
    answered, owed = (await waiting(owner))[-2:]
    passed = "not_before = now() - interval '1 second'"
    running = "(SELECT c.id FROM clock c WHERE c.journey_id = notice.journey_id AND c.owed LIMIT 1)"
    for notice_id, clock in ((answered, "'accepted:gone'"), (owed, running)):
        change = f"UPDATE notice SET {passed}, clock_id = {clock} WHERE id = '{notice_id}'"
        await run(owner, change)

    await outbox.dispatch(1000, started.start)

    assert owed in started.ids
    assert answered not in started.ids
    (row,) = await rows(owner, f"SELECT silenced_at FROM notice WHERE id = '{answered}'")
    assert row["silenced_at"] is not None


async def paused(book: Book, owner: AsyncEngine) -> str:
    """A reminder that waited for an opening, of a clock that a question has made stand still."""
    handover = await book.send()
    await book.write(cmd.Ask(handover_id=handover, question="Vad?"), BOB)
    (row,) = await rows(
        owner, "SELECT id FROM notice WHERE journey_id = :j AND channel = 'mail' LIMIT 1", j=book.id
    )
    clock = f"accepted:{handover}"
    assert not book.known.clocks[clock].owed
    passed = f"not_before = now() - interval '1 second', clock_id = '{clock}'"
    await run(owner, f"UPDATE notice SET {passed} WHERE id = '{row['id']}'")
    return str(row["id"])


@pytest.mark.parametrize("window", [timedelta(0), timedelta(hours=1)])
async def test_a_reminder_of_a_clock_that_stands_still_waits_until_it_goes_on(
    worker: AsyncEngine, owner: AsyncEngine, window: timedelta
) -> None:
    await run(owner, "UPDATE notice SET dispatched_at = now() - interval '2 days'")
    outbox, started, book = Outbox(worker, window), Starts(), await Book(worker).plan()
    started.go_on.set()
    notice_id = await paused(book, owner)
    handover = next(iter(book.known.handovers))

    await outbox.dispatch(1000, started.start)
    assert await waiting(owner) == [notice_id]
    await book.write(cmd.Answer(handover_id=handover, answer="Det."))
    await outbox.dispatch(1000, started.start)

    assert notice_id in started.ids
    (row,) = await rows(owner, "SELECT silenced_at FROM notice WHERE id = :id", id=notice_id)
    assert row["silenced_at"] is None


@pytest.mark.parametrize("how", ["stands still", "is answered"])
async def test_what_a_person_has_sent_again_is_neither_held_nor_silenced(
    worker: AsyncEngine, owner: AsyncEngine, how: str
) -> None:
    outbox, started, book = Outbox(worker), Starts(), await Book(worker).plan()
    started.go_on.set()
    notice_id = await paused(book, owner)
    gone = ", clock_id = 'accepted:gone'" if how == "is answered" else ""
    await run(owner, f"UPDATE notice SET resent = 1{gone} WHERE id = '{notice_id}'")

    await outbox.dispatch(1000, started.start)

    assert notice_id in started.ids
