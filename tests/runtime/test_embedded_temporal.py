"""The real Temporal server, and our plugin on it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, Worker

from runtime.embedded.processes import free_port
from runtime.embedded.temporal import EmbeddedTemporal, TemporalFailed
from runtime.keyring import Keyring
from runtime.settings import Settings
from runtime.temporal import TemporalUnavailable, connect, handslag_plugin
from tests.runtime.greeter import Greeter, Greeting

KEYRING = Keyring.generate()
SOON = timedelta(seconds=20)


@dataclass
class Running:
    """A server and the settings to reach it."""

    server: EmbeddedTemporal
    settings: Settings


def server_in(folder: Path) -> EmbeddedTemporal:
    return EmbeddedTemporal(folder, free_port(), None, "handslag", {"HandslagUnit": "Keyword"})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    server = server_in(tmp_path_factory.mktemp("temporal"))
    await server.start()
    yield Running(server, Settings(temporal_address=server.address))
    await server.stop()


async def search_attributes(server: EmbeddedTemporal) -> set[str]:
    client = await Client.connect(server.address, namespace=server.namespace)
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=server.namespace)
    )
    return set(answer.custom_attributes)


def worker_for(client: Client) -> Worker:
    return Worker(client, task_queue="greetings", workflows=[Greeter], max_cached_workflows=0)


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_said_can_be_read_in_the_history(running: Running) -> None:
    client = await connect(running.settings, KEYRING)
    async with worker_for(client):
        handle = await client.start_workflow(
            "Greeter",
            Greeting(words="hemligt"),
            id="said",
            task_queue="greetings",
            result_type=Greeting,
            rpc_timeout=SOON,
        )
        assert await handle.result() == Greeting(words="HEMLIGT")
        history = await handle.fetch_history()
    raw = b"".join(event.SerializeToString() for event in history.events)
    assert b"hemligt" not in raw.lower()
    await Replayer(workflows=[Greeter], plugins=[handslag_plugin(KEYRING)]).replay_workflow(history)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_failure_is_sealed_too_and_arrives_whole(running: Running) -> None:
    client = await connect(running.settings, KEYRING)
    async with worker_for(client):
        handle = await client.start_workflow(
            "Greeter", Greeting(words="fail hemligt"), id="failed", task_queue="greetings"
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        history = await handle.fetch_history()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.message == "refused: fail hemligt"
    raw = b"".join(event.SerializeToString() for event in history.events)
    assert b"hemligt" not in raw


@pytest.mark.asyncio(loop_scope="module")
async def test_a_killed_server_comes_back_with_all_it_had(tmp_path: Path) -> None:
    server = server_in(tmp_path)
    await server.start()
    client = await connect(Settings(temporal_address=server.address), KEYRING)
    await client.start_workflow("Greeter", Greeting(words="hej"), id="kept", task_queue="nobody")
    server.kill()
    assert not server.alive()
    await server.start()
    try:
        assert "HandslagUnit" in await search_attributes(server)
        again = await connect(Settings(temporal_address=server.address), KEYRING)
        described = await again.get_workflow_handle("kept").describe(rpc_timeout=SOON)
        assert described.workflow_type == "Greeter"
    finally:
        await server.stop()


async def test_nobody_there_is_said_clearly_and_soon() -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(TemporalUnavailable, match=address):
        await connect(Settings(temporal_address=address), KEYRING, patience=timedelta(seconds=0.3))


async def test_a_start_that_fails_names_the_log(tmp_path: Path) -> None:
    server = EmbeddedTemporal(tmp_path, free_port(), None, "handslag", {"Unit": "NoSuchKind"})
    with pytest.raises(TemporalFailed, match=str(server.log)):
        await server.start()
    await server.stop()
