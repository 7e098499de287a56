"""Attachments in the store: sealed, append-only, and shown to those who may read them."""

import hashlib
import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import command as cmd
from domain.attachment import Attachment
from domain.handover import Now
from runtime.keyring import Keyring
from runtime.vault import Sealed, Vault
from store import attachments, database
from tests import samples
from tests.samples import ALICE, BOB, BOBS_HOME_HELP, CHARLIE
from tests.store.book import Book, rows, run

FILE = b"%PDF-1.7 Testpatient 01 bor ensam. " * 100
VAULT = Vault(Keyring.generate())


def described(book: Book, **change: Any) -> Attachment:
    """An attachment of a journey, uploaded by the sender."""
    given: dict[str, Any] = {
        "id": str(uuid4()),
        "journey_id": book.id,
        "kind": "discharge_summary",
        "media_type": "application/pdf",
        "size": len(FILE),
        "sha256": hashlib.sha256(FILE).hexdigest(),
        "owner": ALICE,
        "legal_basis": "consent",
        "at": book.now,
    }
    return Attachment.model_validate(given | change)


async def put(engine: AsyncEngine, attachment: Attachment, by: str = ALICE) -> Attachment:
    """Keep a file as the API does."""
    sealed = VAULT.seal(FILE, attachment.id, attachment.journey_id)
    async with database.reading(engine, (by,)) as connection:
        return await attachments.put(
            connection,
            attachment,
            uploaded_by="u-1",
            key_id=sealed.key_id,
            sealed=sealed.data,
        )


async def name(worker: AsyncEngine, handover: str, *ids: str) -> None:
    """Let a handover that was sent name attachments, as its content does."""
    words = "UPDATE handover SET content = content || CAST(:named AS jsonb) WHERE id = :id"
    async with worker.begin() as connection:
        named = json.dumps({"attachments": ids})
        await connection.execute(text(words), {"named": named, "id": handover})


async def listed(
    api: AsyncEngine, book: Book, unit: str, *, records: bool = True
) -> list[Attachment]:
    """What a unit is shown of a journey's attachments."""
    async with database.reading(api, (unit,)) as connection:
        return await attachments.of_journey(connection, book.id, (unit,), records=records)


async def shown(api: AsyncEngine, *units: str) -> set[str]:
    """Every attachment that the second fence alone lets through."""
    async with database.reading(api, units) as connection:
        return set((await connection.execute(text("SELECT id FROM attachment"))).scalars())


async def test_what_is_kept_comes_back_whole_and_stands_unreadable_in_the_table(
    worker: AsyncEngine, api: AsyncEngine, owner: AsyncEngine
) -> None:
    book = await Book(worker).begin()
    attachment = described(book)

    kept = await put(api, attachment)

    async with database.reading(api, (ALICE,)) as connection:
        found = await attachments.find(connection, book.id, kept.id, (ALICE,), records=True)
    assert found is not None
    assert found.attachment == kept == attachment
    assert found.patient_id == f"p-{book.number}"
    sealed = Sealed(found.key_id, found.sealed)
    assert VAULT.open(sealed, kept.id, book.id) == FILE
    (row,) = await rows(owner, "SELECT sealed FROM attachment WHERE id = :id", id=kept.id)
    assert b"Testpatient" not in row["sealed"] and b"%PDF" not in row["sealed"]


async def test_a_list_is_in_the_order_of_upload(worker: AsyncEngine, api: AsyncEngine) -> None:
    book = await Book(worker).begin()
    late = await put(api, described(book, at=samples.local("2026-10-06T09:00")))
    early = await put(api, described(book))

    assert await listed(api, book, ALICE) == [early, late]


async def test_a_second_file_under_the_same_id_is_not_kept(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).begin()
    first = await put(api, described(book))

    second = await put(api, first.model_copy(update={"sha256": "0" * 64}))

    assert second == first
    assert await listed(api, book, ALICE) == [first]


async def test_a_unit_without_a_part_in_it_sees_nothing(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    attachment = await put(api, described(book))
    await book.send()

    assert attachment.id in await shown(api, ALICE)
    for unit in (BOB, CHARLIE, ""):
        assert attachment.id not in await shown(api, unit)
        assert await listed(api, book, unit) == []
    async with database.reading(api, (CHARLIE,)) as connection:
        as_alice = await attachments.of_journey(connection, book.id, (ALICE,), records=True)
    assert as_alice == []


async def test_a_receiver_sees_what_its_handover_names_and_nothing_besides(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    named, besides = await put(api, described(book)), await put(api, described(book))
    handover = await book.send()

    await name(worker, handover, named.id)

    assert await listed(api, book, BOB) == [named]
    assert {named.id, besides.id} & await shown(api, BOB) == {named.id}
    async with database.reading(api, (BOB,)) as connection:
        of_handover = await attachments.of_handover(connection, handover, (BOB,), records=True)
        unnamed = await attachments.find(connection, book.id, besides.id, (BOB,), records=True)
    assert (of_handover, unnamed) == ([named], None)


async def test_a_receiver_that_has_taken_over_sees_all(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    kept = [await put(api, described(book)) for _ in range(2)]
    handover = await book.send()

    await book.write(cmd.Accept(handover_id=handover, takes_over=Now()), BOB)

    assert {a.id for a in await listed(api, book, BOB)} == {a.id for a in kept}


@pytest.mark.parametrize("how", ["decline", "withdraw"])
async def test_after_a_no_the_receiver_sees_the_file_no_more(
    worker: AsyncEngine, api: AsyncEngine, how: str
) -> None:
    book = await Book(worker).plan()
    attachment = await put(api, described(book))
    handover = await book.send()
    await name(worker, handover, attachment.id)
    before = attachment.id in await shown(api, BOB)

    if how == "decline":
        await book.write(cmd.Decline(handover_id=handover, reason="no_capacity"), BOB)
    else:
        await book.write(cmd.Withdraw(handover_id=handover, reason="wrong_receiver"))

    assert before
    assert attachment.id not in await shown(api, BOB)
    assert await listed(api, book, BOB) == []


async def test_a_handover_of_another_journey_opens_no_file_by_naming_it(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book, other = await Book(worker).plan(), await Book(worker).plan()
    attachment = await put(api, described(book))

    await name(worker, await other.send(), attachment.id)

    assert attachment.id not in await shown(api, BOB)


async def test_social_services_that_hold_a_part_see_only_what_their_own_handover_names(
    worker: AsyncEngine, api: AsyncEngine
) -> None:
    book = await Book(worker).plan()
    named, to_others, besides = [await put(api, described(book)) for _ in range(3)]
    await name(worker, await book.send(), to_others.id)
    own = await book.send(BOBS_HOME_HELP, part="home_help")
    await name(worker, own, named.id)

    await book.write(cmd.Accept(handover_id=own, takes_over=Now()), BOBS_HOME_HELP)

    assert await listed(api, book, BOBS_HOME_HELP, records=False) == [named]
    async with database.reading(api, (BOBS_HOME_HELP,)) as connection:
        for hidden in (to_others, besides):
            assert not await attachments.find(
                connection, book.id, hidden.id, (BOBS_HOME_HELP,), records=False
            )


@pytest.mark.parametrize(("by", "claimed"), [(ALICE, BOB), (CHARLIE, CHARLIE), (CHARLIE, ALICE)])
async def test_a_unit_adds_files_only_as_itself_and_only_where_it_takes_part(
    worker: AsyncEngine, api: AsyncEngine, by: str, claimed: str
) -> None:
    book = await Book(worker).begin()

    with pytest.raises(ProgrammingError, match="row-level security"):
        await put(api, described(book, owner=claimed), by)


@pytest.mark.parametrize(
    "words", ["UPDATE attachment SET kind = 'x'", "DELETE FROM attachment", "TRUNCATE attachment"]
)
async def test_a_file_that_was_kept_is_neither_changed_nor_removed(
    worker: AsyncEngine, api: AsyncEngine, owner: AsyncEngine, words: str
) -> None:
    await put(api, described(await Book(worker).begin()))

    with pytest.raises(DBAPIError, match="append-only"):
        await run(owner, words)
    for engine in (api, worker):
        with pytest.raises(ProgrammingError, match="permission denied"):
            await run(engine, words)


async def test_the_worker_adds_no_files(worker: AsyncEngine) -> None:
    book = await Book(worker).begin()

    with pytest.raises(ProgrammingError, match="permission denied"):
        await put(worker, described(book))
