"""The servers are started once for all tests that ask for a world."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.world import Servers, World, open_world


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Real servers on free ports, with a fresh home."""
    running = Servers(tmp_path_factory.mktemp("house"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
async def world(servers: Servers) -> AsyncIterator[World]:
    """What a story speaks to."""
    async with open_world(servers) as opened:
        yield opened
