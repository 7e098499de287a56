"""The second fence: what each role may touch, and which rows the API is shown."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from domain import command as cmd
from domain.handover import Now
from runtime.embedded.postgres import API, WORKER
from store import access_log, database, handovers, journeys
from tests import samples
from tests.samples import ALICE, BOB, CHARLIE
from tests.store.book import Book, rows

TABLES = sorted(SQLModel.metadata.tables)
REFERENCE = {
    "organisation",
    "unit",
    "unit_change",
    "webhook",
    "pathway",
    "ladders",
    "rulebook",
    "calendar",
}
# What is in the making with a pathway, and how journeys go over: of units and versions alone.
IN_THE_MAKING = {
    "pathway_standing",
    "pathway_draft",
    "pathway_approval",
    "gap_acceptance",
    "coverage_proof",
    "migration",
    "migration_result",
}
PROVED_AND_MOVED = {"coverage_proof", "migration_result"}
# What the house notes about itself: the API is told of it by functions alone.
OF_THE_HOUSE = {"pulse", "sweep"}
OF_JOURNEYS = sorted(set(TABLES) - REFERENCE - IN_THE_MAKING - OF_THE_HOUSE - {"access_log"})
UPLOADED = {"attachment", "resend"}
WRITTEN_BY_THE_WORKER = sorted(set(OF_JOURNEYS) - UPLOADED)
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


async def granted(owner: AsyncEngine, role: str) -> set[tuple[str, str]]:
    """Every table and what the role may do with it."""
    found = await rows(
        owner,
        "SELECT t, p FROM unnest(cast(:tables AS text[])) t, unnest(cast(:all AS text[])) p"
        " WHERE has_table_privilege(:role, t, p)",
        tables=TABLES,
        all=list(PRIVILEGES),
        role=role,
    )
    return {(row["t"], row["p"]) for row in found}


async def granted_columns(owner: AsyncEngine, role: str) -> set[tuple[str, str]]:
    """Every column that the role may change in a table that it may not change whole."""
    found = await rows(
        owner,
        "SELECT table_name AS t, column_name AS c FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = ANY (:tables)"
        " AND NOT has_table_privilege(:role, table_name, 'UPDATE')"
        " AND has_column_privilege(:role, table_name, column_name, 'UPDATE')",
        tables=TABLES,
        role=role,
    )
    return {(row["t"], row["c"]) for row in found}


async def visible(api: AsyncEngine, units: tuple[str, ...], principal: str = "") -> set[str]:
    """The tables in which somebody finds any row."""
    found = set()
    async with database.reading(api, units, principal) as connection:
        for table in OF_JOURNEYS:
            if await connection.scalar(text(f"SELECT count(*) FROM {table}")):
                found.add(table)
    return found


async def test_the_api_may_read_and_write_down_readings_and_nothing_else(
    owner: AsyncEngine,
) -> None:
    catalogue = ("unit", "unit_change", "webhook")
    written = ("access_log", "attachment", "resend", "pathway", *catalogue)
    designed = IN_THE_MAKING - PROVED_AND_MOVED
    added = {(table, "INSERT") for table in (*written, *designed)}

    assert await granted(owner, API) == added | {
        (table, "SELECT") for table in TABLES if table not in {"access_log", *OF_THE_HOUSE}
    }


async def test_neither_role_changes_more_of_the_catalogue_than_it_must(owner: AsyncEngine) -> None:
    told = {("unit_change", "told_at"), ("pulse", "until_at"), ("migration", "state")}

    assert await granted_columns(owner, WORKER) == told
    assert await granted_columns(owner, API) == {
        *(("unit", column) for column in ("name", "kind", "facts", "version")),
        *(("pathway_draft", column) for column in ("published_at", "withdrawn_at")),
        ("pathway_standing", "retired_on"),
        ("migration", "state"),
        ("migration_result", "chosen"),
    }


async def test_the_worker_removes_nothing_but_access_and_changes_no_log(
    owner: AsyncEngine,
) -> None:
    may = await granted(owner, WORKER)

    assert {p for _, p in may} <= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert {t for t, p in may if p == "DELETE"} == {"involved"}
    assert {t for t, p in may if p != "SELECT"} == {
        *WRITTEN_BY_THE_WORKER,
        *OF_THE_HOUSE,
        *PROVED_AND_MOVED,
    }
    assert not {("event", "UPDATE"), ("answer", "UPDATE"), ("inbox_message", "UPDATE")} & may
    assert not any(t == "access_log" for t, _ in may)


@pytest.mark.parametrize("table", WRITTEN_BY_THE_WORKER)
async def test_the_api_cannot_write_a_journey(api: AsyncEngine, table: str) -> None:
    key = next(c.name for c in SQLModel.metadata.tables[table].columns if c.identity is None)
    for words in (f"INSERT INTO {table} DEFAULT VALUES", f"UPDATE {table} SET {key} = {key}"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with database.reading(api, (ALICE,)) as connection:
                await connection.execute(text(words))


async def test_each_unit_is_shown_its_own_and_nobody_else_anything(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    handover = await book.send()
    await book.write(cmd.Ask(handover_id=handover, question="Finns hiss?"), BOB)
    await book.write(cmd.PostMessage(text="Hjälpmedlen är beställda."))
    await book.write(samples.meeting(book.now))

    by_alice, by_bob = await visible(api, (ALICE,)), await visible(api, (BOB,))

    of_others = {"answer", "inbox_message"}
    not_here = {"attachment", "delivery_attempt", "firing", "resend", "stay", "visit"}
    assert by_alice == set(OF_JOURNEYS) - of_others - not_here
    assert by_bob == {
        "patient",
        "journey",
        "handover",
        "message",
        "part",
        "plan",
        "clock",
        "meeting",
        "notice",
        "wait",
    }
    assert await visible(api, (CHARLIE,)) == set()
    assert await visible(api, ()) == set()
    assert await visible(api, ("",)) == set()
    assert await visible(api, (CHARLIE,), f"{ALICE}/u-1") == {"answer"}


async def test_without_the_setting_nothing_is_shown(worker: AsyncEngine, api: AsyncEngine) -> None:
    await Book(worker).begin()

    async with api.connect() as connection:
        counts = [await connection.scalar(text(f"SELECT count(*) FROM {t}")) for t in OF_JOURNEYS]

    assert set(counts) == {0}


@pytest.mark.parametrize("how", ["decline", "withdraw"])
async def test_a_no_takes_the_rows_away_from_the_receiver(
    worker: AsyncEngine, api: AsyncEngine, how: str
) -> None:
    book = await Book(worker).plan()
    handover = await book.send(samples.BOBS_TEAM)
    shown = await visible(api, (samples.BOBS_TEAM,))

    if how == "decline":
        said = cmd.Decline(handover_id=handover, reason="no_capacity")
        await book.write(said, samples.BOBS_TEAM)
    else:
        await book.write(cmd.Withdraw(handover_id=handover, reason="wrong_receiver"))

    assert "handover" in shown
    assert await visible(api, (samples.BOBS_TEAM,)) == set()


async def test_a_take_over_shows_the_whole_journey_to_the_new_holder(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    handover = await book.send(samples.BOBS_NURSES)

    async with database.reading(api, (samples.BOBS_NURSES,)) as connection:
        before = await journeys.known(connection, book.id, (samples.BOBS_NURSES,))
    accepted = cmd.Accept(handover_id=handover, takes_over=Now())
    await book.write(accepted, samples.BOBS_NURSES)
    async with database.reading(api, (samples.BOBS_NURSES,)) as connection:
        after = await journeys.known(connection, book.id, (samples.BOBS_NURSES,))
        log = await journeys.log(connection, book.id, 0, 200)

    assert before is None
    assert after is not None and after.seq == book.known.seq == len(log)


async def test_the_fence_holds_when_the_question_names_the_wrong_unit(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    handover = await book.send()

    async with database.reading(api, (CHARLIE,)) as connection:
        assert await journeys.known(connection, book.id, (ALICE,)) is None
        assert await handovers.find(connection, handover, (BOB,)) is None
        assert await journeys.log(connection, book.id, 0, 200) == []
        assert await journeys.patients(connection, [f"p-{book.number}"]) == {}


async def test_what_one_reader_may_see_does_not_leak_to_the_next(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    await Book(worker).begin()
    async with database.reading(api, (ALICE,), "somebody") as connection:
        first = await connection.scalar(text("SELECT pg_backend_pid()"))
        assert await connection.scalar(text("SELECT count(*) FROM journey")) > 0

    async with api.connect() as connection:
        second = await connection.scalar(text("SELECT pg_backend_pid()"))
        left = [
            await connection.scalar(text(f"SELECT current_setting('handslag.{name}', true)"))
            for name in ("units", "principal")
        ]
        assert await connection.scalar(text("SELECT count(*) FROM journey")) == 0

    assert first == second
    assert left == ["", ""]


async def test_a_reading_that_fails_leaves_nothing_behind_either(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    await Book(worker).begin()
    with pytest.raises(ProgrammingError):
        async with database.reading(api, (ALICE,)) as connection:
            await connection.execute(text("SELECT no_such_thing"))

    async with api.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM journey")) == 0


async def test_readings_are_written_and_cannot_be_read_or_forged_by_the_api(
    api: AsyncEngine, owner: AsyncEngine
) -> None:
    line = {"journey_id": "j", "patient_id": "p", "action": "journey", "correlation_id": "c"}
    async with database.reading(api, (ALICE,)) as connection:
        for _ in range(2):
            await access_log.note(connection, subject="s", unit=ALICE, **line)
        await connection.execute(
            text(
                "INSERT INTO access_log (id, at, subject, unit, journey_id, patient_id, action,"
                " correlation_id, previous_hash, hash) VALUES"
                " (1, '2020-01-01', 's', 'u', 'j', 'p', 'forged', 'c', 'x', 'x')"
            )
        )
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.reading(api, (ALICE,)) as connection:
            await connection.execute(text("SELECT * FROM access_log"))

    found = await rows(owner, "SELECT * FROM access_log ORDER BY id")
    assert [f["id"] for f in found] == list(range(1, len(found) + 1))
    assert [f["previous_hash"] for f in found] == ["0" * 64, *(f["hash"] for f in found[:-1])]
    assert all(f["at"].year > 2020 for f in found)
