"""Servers of each file's own here: they are going to be stopped, killed or emptied."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.world import Servers, World, open_world


@pytest.fixture(scope="module")
def mortals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers that no other file uses."""
    servers = Servers(tmp_path_factory.mktemp("mortals"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture
async def world(mortals: Servers) -> AsyncIterator[World]:
    """A world on mortal servers."""
    async with open_world(mortals) as opened:
        yield opened
