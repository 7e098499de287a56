"""What is published is never edited: found at every start, whatever a release wrote before."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cli.load import load
from domain.design.publication import Published
from domain.pathway import Definition
from runtime.embedded.postgres import OWNER, EmbeddedPostgres
from store import drafts, migrate
from store.catalogue import AlreadyPublished
from store.database import connect
from tests.samples import pathway

TODAY = date(2026, 11, 27)


@pytest.fixture
async def owner(postgres: EmbeddedPostgres, empty: str) -> Any:
    url = postgres.url(OWNER, empty)
    migrate.upgrade(url)
    engine = connect(url, pool_size=1)
    yield engine
    await engine.dispose()


def version(definition: Definition) -> Published:
    return Published(definition=definition, valid_from=TODAY)


def edited() -> Definition:
    given = pathway().model_dump(mode="json")
    given["steps"][1]["due"]["budget"]["amount"] += 1
    return Definition.model_validate(given)


async def test_the_same_again_changes_nothing_and_an_edit_is_caught(owner: AsyncEngine) -> None:
    async with owner.begin() as connection:
        await drafts.publish(connection, version(pathway()))
        await drafts.publish(connection, version(pathway()))
    with pytest.raises(AlreadyPublished, match="stroke-rehab@1"):
        async with owner.begin() as connection:
            await drafts.publish(connection, version(edited()))

    async with owner.connect() as connection:
        (found,) = await drafts.published(connection)
    assert found.definition == pathway()


async def test_what_an_earlier_release_published_is_the_same_today(owner: AsyncEngine) -> None:
    """It wrote every field and hashed them all; the language has more fields now."""
    whole = pathway().model_dump_json(exclude={"layers", "owned_by", "transcribed_by"})
    async with owner.begin() as connection:
        await connection.execute(
            text("INSERT INTO pathway VALUES ('stroke-rehab', 1, 'old', '2026-11-22', :whole)"),
            {"whole": whole},
        )
        await drafts.publish(connection, version(pathway()))

    async with owner.connect() as connection:
        (found,) = await drafts.published(connection)
    assert (found.valid_from, found.scope.everybody) == (date(2026, 11, 22), True)


async def test_the_start_finds_an_edited_file(
    owner: AsyncEngine, postgres: EmbeddedPostgres, empty: str
) -> None:
    async with owner.begin() as connection:
        await drafts.publish(connection, version(edited()))

    with pytest.raises(AlreadyPublished, match="stroke-rehab@1"):
        await load(postgres.url(OWNER, empty), TODAY, demo=True)


async def test_a_retired_version_says_from_when(owner: AsyncEngine) -> None:
    async with owner.begin() as connection:
        await drafts.publish(connection, version(pathway()))
        there = await drafts.retire(connection, "stroke-rehab", 1, date(2027, 1, 1))
        nowhere = await drafts.retire(connection, "stroke-rehab", 9, date(2027, 1, 1))

    async with owner.connect() as connection:
        (found,) = await drafts.published(connection)
    assert (there, nowhere) == (True, False)
    assert found.retired_on == date(2027, 1, 1)
