"""A database of its own for each module, on the servers that all tests share."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cli.load import load
from runtime.embedded.postgres import API, OWNER, WORKER, EmbeddedPostgres
from store import database, migrate
from tests.world import Servers


@pytest.fixture(scope="session")
def postgres(servers: Servers) -> EmbeddedPostgres:
    """The running server."""
    return servers.house.postgres


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The name of a database without anything in it."""
    name = f"store_{uuid4().hex[:8]}"
    postgres.create_database(name)
    yield name
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def migrated(postgres: EmbeddedPostgres) -> Iterator[str]:
    """The name of a database with the newest schema and the shipped reference data."""
    name = f"store_{uuid4().hex[:8]}"
    postgres.create_database(name)
    owner = postgres.url(OWNER, name)
    migrate.upgrade(owner)
    asyncio.run(load(owner, datetime.now(UTC).date(), demo=True))
    yield name
    postgres.drop_database(name)


@pytest.fixture
async def owner(postgres: EmbeddedPostgres, migrated: str) -> AsyncIterator[AsyncEngine]:
    """The owner's way in."""
    engine = database.connect(postgres.url(OWNER, migrated), pool_size=2)
    yield engine
    await engine.dispose()


@pytest.fixture
async def worker(postgres: EmbeddedPostgres, migrated: str) -> AsyncIterator[AsyncEngine]:
    """The worker's way in."""
    engine = database.connect(postgres.url(WORKER, migrated), pool_size=10)
    yield engine
    await engine.dispose()


@pytest.fixture
async def api(postgres: EmbeddedPostgres, migrated: str) -> AsyncIterator[AsyncEngine]:
    """The API's way in: one connection, so that what leaks is met by the next who reads."""
    engine = database.connect(postgres.url(API, migrated), pool_size=1)
    yield engine
    await engine.dispose()
