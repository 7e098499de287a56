"""Who waited at any instant: for what, on whom, since when, and why just then."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.content import Figures, Initiator, Referral
from domain.delay import Pause
from domain.facts import Protection
from domain.handover import Now, WithdrawReason
from store import database, waiting
from tests import samples
from tests.samples import ALICE, BOB, BOBS_TEAM, CHARLIE
from tests.store.book import Book, later

BOTH = (ALICE, BOB)
HOUR = timedelta(hours=1)
Seen = dict[str, tuple[str, str]]


@pytest.fixture
async def book(worker: AsyncEngine, owner: AsyncEngine) -> Book:
    """A handover that waits for its answer, in a store where nobody else waits."""
    async with owner.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM wait")
    found = await Book(worker).plan()
    await found.send(step="handover_rehab")
    return found


async def seen(api: AsyncEngine, units: tuple[str, ...], hours: float) -> Seen:
    """What was waited for some hours after the start: by kind, on whom and why."""
    async with database.reading(api, units) as connection:
        found = await waiting.page(connection, units, later(hours / 24), after=None, limit=200)
    return {row.kind: (row.unit, row.why) for row in found}


async def test_each_past_instant_tells_what_was_true_then(api: AsyncEngine, book: Book) -> None:
    handover = next(iter(book.known.handovers))
    await book.wait(HOUR)
    await book.write(cmd.Acknowledge(handover_id=handover), BOB)
    await book.wait(HOUR)
    await book.write(cmd.Ask(handover_id=handover, question="?"), BOB)
    await book.wait(HOUR)
    await book.write(cmd.Answer(handover_id=handover, answer="!"))
    await book.wait(HOUR)
    await book.write(cmd.Accept(handover_id=handover, takes_over=Now()), BOB)
    await book.wait(HOUR)
    await book.write(cmd.ReportFirstContact(handover_id=handover, at=book.now), BOB)

    at_the_time = [await seen(api, BOTH, hours) for hours in (-1, 0, 0.9, 1, 2, 3, 4, 5)]

    begun = {"intervention": (ALICE, "not_begun")}
    moved = {"intervention": (BOB, "not_begun")}
    assert at_the_time == [
        {},
        begun | {"answer": (BOB, "not_read")},
        begun | {"answer": (BOB, "not_read")},
        begun | {"answer": (BOB, "read_not_answered")},
        begun | {"answer": (ALICE, "question_open")},
        begun | {"answer": (BOB, "read_not_answered")},
        moved | {"first_contact": (BOB, "not_met")},
        moved,
    ]


async def test_the_whole_wait_and_the_present_reason_have_each_their_beginning(
    api: AsyncEngine, book: Book
) -> None:
    handover = next(iter(book.known.handovers))
    await book.wait(3 * HOUR)
    await book.write(cmd.Ask(handover_id=handover, question="?"), BOB)

    async with database.reading(api, BOTH) as connection:
        rows = await waiting.page(connection, BOTH, later(1), after=None, limit=10)

    answer = next(row for row in rows if row.kind == "answer")
    assert (answer.subject, answer.journey_id) == (handover, book.id)
    assert (answer.since, answer.from_at) == (later(0), later(3 / 24))
    assert (answer.unit_name, answer.unit_kind) == ("Strokeenhet Västerås (demo)", "stroke_unit")
    assert (answer.pathway_key, answer.pathway_version) == ("stroke-rehab", 1)


async def test_what_is_passed_on_is_waited_for_at_the_new_unit_since_it_was_sent(
    api: AsyncEngine, book: Book
) -> None:
    handover = next(iter(book.known.handovers))
    await book.wait(HOUR)
    to = samples.unit(BOBS_TEAM)
    await book.write(cmd.Redirect(handover_id=handover, to=to, reason="Teamet."), BOB)

    before, after = await seen(api, (ALICE,), 0.5), await seen(api, (BOBS_TEAM,), 1)
    async with database.reading(api, (BOBS_TEAM,)) as connection:
        rows = await waiting.page(connection, (BOBS_TEAM,), later(1), after=None, limit=10)

    assert before["answer"] == (BOB, "not_read")
    assert after == {"answer": (BOBS_TEAM, "not_read")}
    assert [row.since for row in rows] == [later(0)]


async def test_waiting_is_shown_to_both_sides_and_to_nobody_else(
    api: AsyncEngine, book: Book
) -> None:
    to_sender, to_receiver = await seen(api, (ALICE,), 1), await seen(api, (BOB,), 1)

    assert set(to_sender) == {"answer", "intervention"}
    assert set(to_receiver) == {"answer"}
    assert await seen(api, (CHARLIE,), 1) == {}
    assert await seen(api, (), 1) == {}


async def test_who_has_asked_still_sees_that_the_patient_waits(
    api: AsyncEngine, book: Book
) -> None:
    handover = next(iter(book.known.handovers))
    await book.write(cmd.Ask(handover_id=handover, question="?"), BOB)

    assert await seen(api, (BOB,), 1) == {"answer": (ALICE, "question_open")}


async def test_the_row_policy_hides_waiting_from_units_without_a_part_in_it(
    api: AsyncEngine, book: Book
) -> None:
    counted = dict[str, int]()

    for unit in (ALICE, BOB, CHARLIE, ""):
        async with database.reading(api, (unit,)) as connection:
            found = await connection.execute(text("SELECT count(*) FROM wait"))
            counted[unit] = found.scalar_one()

    assert counted[ALICE] == counted[BOB] >= 2
    assert (counted[CHARLIE], counted[""]) == (0, 0)


async def test_waiting_that_the_patient_chose_is_told_apart_and_ends(
    api: AsyncEngine, book: Book
) -> None:
    await book.wait(HOUR)
    await book.write(cmd.BeginWaiting(why=Pause.PATIENT_CHOICE, since=book.now))
    await book.wait(HOUR)
    await book.write(cmd.EndWaiting(at=book.now))

    chosen, ended = await seen(api, BOTH, 1.5), await seen(api, BOTH, 2)

    assert {why for _, why in chosen.values()} == {"patient_choice"}
    assert {why for _, why in ended.values()} == {"not_read", "not_begun"}


async def test_nobody_waits_for_an_answer_that_is_not_wanted_any_more(
    api: AsyncEngine, book: Book
) -> None:
    handover = next(iter(book.known.handovers))
    await book.wait(HOUR)
    gone = cmd.Withdraw(handover_id=handover, reason=WithdrawReason.NO_LONGER_NEEDED)
    await book.write(gone)

    before, after = await seen(api, (ALICE,), 0.5), await seen(api, (ALICE,), 1)

    assert set(before) == {"answer", "intervention"}
    assert set(after) == {"intervention"}


async def test_those_who_wait_are_counted_by_what_is_asked_for(
    worker: AsyncEngine, api: AsyncEngine, book: Book
) -> None:
    await (await Book(worker).plan()).send(step="handover_rehab")

    async with database.reading(api, BOTH) as connection:
        by_all = await waiting.groups(connection, BOTH, later(1), ["unit", "kind", "why"])
        by_place = await waiting.groups(connection, BOTH, later(1), ["pathway", "municipality"])
        answers = await waiting.groups(connection, BOTH, later(1), ["unit"], "answer")

    since = later(0)
    assert by_all == [
        {"unit": BOB, "kind": "answer", "why": "not_read", "count": 2, "since": since},
        {"unit": ALICE, "kind": "intervention", "why": "not_begun", "count": 2, "since": since},
    ]
    assert by_place == [
        {"pathway": "stroke-rehab", "municipality": None, "count": 4, "since": since}
    ]
    assert answers == [{"unit": BOB, "count": 2, "since": since}]


async def test_the_list_goes_on_after_any_place_longest_first_without_gap_or_repetition(
    worker: AsyncEngine, api: AsyncEngine, book: Book
) -> None:
    for hours in (5, 5, 2):
        other = Book(worker)
        other.now -= hours * HOUR
        await (await other.plan()).send(step="handover_rehab")
    found, after = list[waiting.Cursor](), None

    async with database.reading(api, BOTH) as connection:
        while rows := await waiting.page(connection, BOTH, later(1), after=after, limit=1):
            after = (rows[0].since, rows[0].journey_id, rows[0].kind, rows[0].subject)
            found.append(after)
        whole = await waiting.page(connection, BOTH, later(1), after=None, limit=200)
        answers = await waiting.page(
            connection, BOTH, later(1), kind="answer", after=None, limit=200
        )

    assert found == [(row.since, row.journey_id, row.kind, row.subject) for row in whole]
    assert found == sorted(set(found))
    assert len(found) == 8
    assert {row.kind for row in answers} == {"answer"}
    assert len(answers) == 4


async def waiting_from(worker: AsyncEngine, municipality: str) -> Book:
    """A handover that waits for its answer, of somebody who lives in a municipality."""
    book = Book(worker)
    lives = Referral(
        reason="Stroke.",
        initiator=Initiator.HOSPITAL,
        figures=Figures(municipality=municipality),
    )
    await book.write(book.start().model_copy(update={"referral": lives}))
    await book.write(cmd.CompleteStep(step="assessment", content=samples.assessment()))
    await book.write(cmd.CompleteStep(step="plan", content=samples.plan(book.now)))
    await book.send(step="handover_rehab")
    return book


@pytest.mark.parametrize("recorded_in", ["this_journey", "another_journey"])
async def test_where_a_protected_patient_lives_is_on_no_board(
    worker: AsyncEngine, owner: AsyncEngine, api: AsyncEngine, recorded_in: str
) -> None:
    async with owner.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM wait")
    book = await waiting_from(worker, "1980")
    before = await municipalities(api)
    other = book if recorded_in == "this_journey" else await Book(worker).begin()

    await other.write(
        cmd.ChangeProtection(at=other.now, protection=Protection.SECRECY_MARKING), ALICE
    )

    after = await municipalities(api)
    async with owner.begin() as connection:
        await connection.exec_driver_sql("UPDATE patient SET protection = 'none'")
    assert before == ({"1980"}, {"1980"})
    assert after == ({None}, {None})


async def municipalities(api: AsyncEngine) -> tuple[set[str | None], set[str | None]]:
    """The municipalities that the list and the groups of the board name."""
    async with database.reading(api, BOTH, boards=BOTH) as connection:
        rows = await waiting.page(connection, BOTH, later(1), after=None, limit=200)
        groups = await waiting.groups(connection, BOTH, later(1), ["municipality", "kind"])
    return {row.municipality for row in rows}, {group["municipality"] for group in groups}
