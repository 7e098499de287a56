"""The fenced write: whole or not at all, once for each key, once for each sequence number."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.content import CloseReason
from domain.evolve import fold
from domain.handover import Now
from domain.record import Record, Verdict
from store import tables as t
from store.record import events_after, record
from tests import samples
from tests.store.book import Book, rows, sequence

ASSESS = cmd.CompleteStep(step="assessment", content=samples.assessment())
CLOSE = cmd.Close(reason=CloseReason.REGISTERED_IN_ERROR)
WRITTEN = sorted({t.answer, t.event, t.part, t.step, t.handover, t.clock, t.notice}, key=str)


async def snapshot(engine: AsyncEngine, journey: str) -> list[str]:
    """Everything that is written about a journey."""
    names = [table.name for table in WRITTEN]
    found = [
        await rows(
            engine,
            f"SELECT to_jsonb(x)::text AS row FROM {name} x WHERE journey_id = :id ORDER BY 1",
            id=journey,
        )
        for name in names
    ]
    line = await rows(
        engine, "SELECT to_jsonb(j)::text AS row FROM journey j WHERE id = :id", id=journey
    )
    return [row["row"] for part in (*found, line) for row in part]


async def test_a_decision_is_written_whole(worker: AsyncEngine, owner: AsyncEngine) -> None:
    book = Book(worker)
    first = book.decided(book.start())

    outcome = await record(worker, first)

    assert outcome.verdict is Verdict.RECORDED
    async with worker.connect() as connection:
        assert tuple(await events_after(connection, book.id, 0)) == first.events
    line = await rows(owner, "SELECT seq, started_by FROM journey WHERE id = :id", id=book.id)
    assert line == [{"seq": first.events[-1].seq, "started_by": samples.ALICE}]
    parts = await rows(owner, "SELECT key, holder FROM part WHERE journey_id = :id", id=book.id)
    assert {p["key"]: p["holder"] for p in parts} == {
        "coordination": samples.ALICE,
        "rehab": samples.ALICE,
    }


async def test_the_same_decision_again_is_known_and_gets_its_answer(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    book = Book(worker)
    first = book.decided(book.start())
    await record(worker, first)
    before = await snapshot(owner, book.id)

    again = await record(worker, first)

    assert again.verdict is Verdict.KNOWN
    assert again.answer == first.answer
    assert again.events == first.events
    assert await snapshot(owner, book.id) == before


async def test_a_known_key_wins_over_the_fence(worker: AsyncEngine) -> None:
    book = await Book(worker).begin()
    assessed = await book.write(ASSESS)
    await book.write(cmd.CompleteStep(step="plan", content=samples.plan(book.now)))

    again = await record(worker, assessed)

    assert (again.verdict, again.answer) == (Verdict.KNOWN, assessed.answer)
    assert sequence(again.events) == list(range(assessed.expected_seq + 1, book.known.seq + 1))


async def test_a_key_with_another_body_is_refused(worker: AsyncEngine, owner: AsyncEngine) -> None:
    book = await Book(worker).begin()
    first, other = book.decided(ASSESS, key="k"), book.decided(CLOSE, key="k", body="h-2")
    await record(worker, first)
    before = await snapshot(owner, book.id)

    outcome = await record(worker, other)

    assert (outcome.verdict, outcome.answer) == (Verdict.KEY_REUSED, None)
    assert outcome.events == first.events
    assert await snapshot(owner, book.id) == before


async def test_a_key_is_free_in_another_journey_and_for_another_caller(
    worker: AsyncEngine,
) -> None:
    one, two = await Book(worker).begin(), await Book(worker).begin()
    written = one.decided(ASSESS, key="shared")
    assert written.idempotency is not None
    another = written.idempotency.model_copy(update={"principal": "u-2"})

    outcomes = [
        await record(worker, written),
        await record(worker, two.decided(ASSESS, key="shared")),
        await record(worker, written.model_copy(update={"idempotency": another})),
    ]

    assert [o.verdict for o in outcomes] == [Verdict.RECORDED, Verdict.RECORDED, Verdict.BEHIND]


async def test_who_is_behind_gets_exactly_the_events_that_it_does_not_know(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    book = await Book(worker).begin()
    stale, state = book.decided(CLOSE), book.state
    await book.write(ASSESS)
    await book.write(cmd.CompleteStep(step="plan", content=samples.plan(book.now)))
    before = await snapshot(owner, book.id)

    outcome = await record(worker, stale)

    assert outcome.verdict is Verdict.BEHIND
    assert fold(outcome.events, state) == book.state
    assert await snapshot(owner, book.id) == before


async def test_a_sequence_from_the_future_is_behind_too(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    book = await Book(worker).begin()
    ahead = book.decided(ASSESS).model_copy(update={"expected_seq": 99})
    before = await snapshot(owner, book.id)

    outcome = await record(worker, ahead)

    assert (outcome.verdict, outcome.events) == (Verdict.BEHIND, ())
    assert await snapshot(owner, book.id) == before


async def test_of_many_with_the_same_sequence_exactly_one_is_written(worker: AsyncEngine) -> None:
    book = await Book(worker).plan()
    handover = await book.send()
    rivals = [
        book.decided(cmd.Accept(handover_id=handover, takes_over=Now()), samples.BOB),
        book.decided(cmd.Decline(handover_id=handover, reason="no_capacity"), samples.BOB),
        book.decided(cmd.Withdraw(handover_id=handover, reason="wrong_receiver")),
        book.decided(cmd.Ask(handover_id=handover, question="Hiss?"), samples.BOB),
    ]

    outcomes = await asyncio.gather(*(record(worker, rival) for rival in rivals))

    verdicts = [o.verdict for o in outcomes]
    assert sorted(verdicts) == [Verdict.BEHIND] * 3 + [Verdict.RECORDED]
    winner = rivals[verdicts.index(Verdict.RECORDED)]
    assert all(o.events == winner.events for o in outcomes if o.verdict is Verdict.BEHIND)


async def test_of_many_starts_at_once_exactly_one_is_written(worker: AsyncEngine) -> None:
    book = Book(worker)
    with_one_key = book.decided(book.start(), key="same")
    with_another = book.decided(book.start())

    outcomes = await asyncio.gather(
        *(record(worker, r) for r in [with_one_key] * 5 + [with_another])
    )

    assert [o.verdict for o in outcomes].count(Verdict.RECORDED) == 1
    assert {o.verdict for o in outcomes} <= {Verdict.RECORDED, Verdict.KNOWN, Verdict.BEHIND}
    async with worker.connect() as connection:
        events = await events_after(connection, book.id, 0)
    assert sequence(events) == list(range(1, len(with_one_key.events) + 1))


@pytest.mark.parametrize(
    ("reasons", "verdict"),
    [((None, None), Verdict.OVERLAPS), ((None, "Två skador"), Verdict.RECORDED)],
)
async def test_an_overlap_needs_a_reason(
    worker: AsyncEngine,
    owner: AsyncEngine,
    reasons: tuple[str | None, str | None],
    verdict: Verdict,
) -> None:
    number = "193012299263"
    first, second = Book(worker, number=number), Book(worker, number=number)
    await first.write(first.start(reasons[0]))

    outcome = await record(worker, second.decided(second.start(reasons[1])))

    assert outcome.verdict is verdict
    if verdict is Verdict.OVERLAPS:
        assert await snapshot(owner, second.id) == []
    await first.write(CLOSE)


async def test_a_closed_journey_overlaps_nothing(worker: AsyncEngine) -> None:
    first, second = (Book(worker, number="194001079120") for _ in range(2))
    await first.write(first.start(None))
    await first.write(CLOSE)

    outcome = await record(worker, second.decided(second.start(None)))

    assert outcome.verdict is Verdict.RECORDED


async def test_after_a_failure_nothing_is_half_written(
    worker: AsyncEngine, owner: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    sent = book.decided(samples.send(handover_id=f"h-{book.id}"))
    broken = sent.model_copy(update={"notices": sent.notices * 2})
    before = await snapshot(owner, book.id)

    with pytest.raises(IntegrityError):
        await record(worker, broken)

    assert await snapshot(owner, book.id) == before
    assert (await record(worker, sent)).verdict is Verdict.RECORDED


async def test_passed_time_is_fenced_without_a_key(worker: AsyncEngine) -> None:
    book = await Book(worker).begin()
    records: list[Record] = []
    for _ in range(2):
        records.append(book.decided(ASSESS).model_copy(update={"idempotency": None}))

    outcomes = [await record(worker, r) for r in records]

    assert [o.verdict for o in outcomes] == [Verdict.RECORDED, Verdict.BEHIND]
    assert outcomes[1].events == records[0].events
