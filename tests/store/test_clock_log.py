"""A side of a handover reads why its clocks are due, and nothing else of the journey."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.evolve import fold
from domain.explanation import explain
from domain.handover import DeclineReason
from store import clocks, database
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, CHARLIE
from tests.store.book import Book


async def read(api: AsyncEngine, unit: str, journey: str, about: str) -> list[str]:
    """What somebody reads by the fence's own door: one type for each event."""
    async with database.reading(api, (unit,)) as connection:
        events = await clocks.log(connection, journey, about, whole=False)
    return [event.what.type for event in events]


async def asked(worker: AsyncEngine) -> tuple[Book, str]:
    """A journey with two handovers, one with a question that was answered."""
    book = await Book(worker).plan()
    await book.send(BOBS_HOME_HELP, part="home_help")
    handover = await book.send()
    await book.wait(timedelta(hours=5))
    await book.write(cmd.Ask(handover_id=handover, question="Vad?"), BOB)
    await book.wait(timedelta(hours=5))
    await book.write(cmd.Answer(handover_id=handover, answer="Det."))
    return book, handover


async def test_the_receiver_reckons_the_same_from_its_part_of_the_log(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book, handover = await asked(worker)
    clock_id = f"accepted:{handover}"

    async with database.reading(api, (BOB,)) as connection:
        mine = await clocks.log(connection, book.id, handover, whole=False)
        none = await clocks.log(connection, book.id, handover, whole=True)
        found = await clocks.find(connection, book.id, clock_id)
    async with database.reading(api, (ALICE,)) as connection:
        whole = await clocks.log(connection, book.id, handover, whole=True)

    state = fold(mine)
    assert state is not None
    assert state.clocks[clock_id] == book.known.clocks[clock_id] == found
    told = explain(mine, clock_id)
    assert told is not None and told.agrees
    assert told == explain(whole, clock_id)
    assert none == []


async def test_what_is_not_about_it_is_left_out(worker: AsyncEngine, api: AsyncEngine) -> None:
    book, handover = await asked(worker)

    async with database.reading(api, (BOB,)) as connection:
        mine = await clocks.log(connection, book.id, handover, whole=False)

    text = "".join(event.model_dump_json() for event in mine)
    assert "Stroke, höger sida." not in text  # why the patient was referred
    assert "Bor med maka." not in text  # the assessment
    assert BOBS_HOME_HELP not in text  # the other handover
    assert not {"step_completed", "plan_activated"} & {event.what.type for event in mine}


async def test_a_stranger_and_a_receiver_who_said_no_read_nothing(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book, handover = await asked(worker)

    assert await read(api, CHARLIE, book.id, handover) == []
    assert await read(api, BOB, book.id, handover) != []
    no = cmd.Decline(handover_id=handover, reason=DeclineReason.NO_CAPACITY)
    await book.write(no, BOB)
    assert await read(api, BOB, book.id, handover) == []
    assert await read(api, ALICE, book.id, handover) != []
