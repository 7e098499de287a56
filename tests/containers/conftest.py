"""Where a Docker engine answers: `make containers-test`. Nobody else collects this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.containers.house import ContainerServers

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collected only by name: pulling images is nobody's surprise."""
    return None if any(HERE.name in argument for argument in config.args) else True


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerServers]:
    """PostgreSQL and Temporal in containers; mail, worker and API beside them."""
    running = ContainerServers(tmp_path_factory.mktemp("house"))
    try:
        running.start()
        yield running
    finally:
        running.stop()
