"""Who is measured: each prepares calls outside the timing, ours over HTTP and raw by the SDK."""

import asyncio
from collections.abc import Awaitable
from typing import Protocol, TypeVar
from uuid import uuid4

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from bench.journeys import ACCEPT, RECEIVER, SENDER, Caller, referral, sent
from bench.load import Call
from bench.raw import TASK_QUEUE, RawWorkflow
from bench.rig import Rig

PREPARED_AT_ONCE = 16
_Made = TypeVar("_Made")


class Contestant(Protocol):
    """Somebody whose calls are timed."""

    async def prepare(self, count: int) -> list[Call]:
        """So many calls, each ready to be made once."""
        ...


class Accepts:
    """A fresh handover of a journey of its own, accepted with effect now."""

    def __init__(self, rig: Rig) -> None:
        self._sender, self._receiver = rig.caller(SENDER), rig.caller(RECEIVER)

    async def prepare(self, count: int) -> list[Call]:
        """Journeys with assessment, plan and a sent handover."""
        made = await some_at_once([sent(self._sender) for _ in range(count)])
        return [self._call(handover) for _, handover in made]

    def _call(self, handover: str) -> Call:
        async def accept() -> None:
            await self._receiver.post(f"/handovers/{handover}/accept", ACCEPT)

        return accept


class Starts:
    """Journeys started for patients."""

    def __init__(self, rig: Rig) -> None:
        self._sender = rig.caller(SENDER)

    async def prepare(self, count: int) -> list[Call]:
        """Nothing has to stand ready."""
        return [_start(self._sender) for _ in range(count)]


class RawUpdates:
    """One update on a workflow of its own that already runs."""

    def __init__(self, rig: Rig) -> None:
        self._client = rig.client

    async def prepare(self, count: int) -> list[Call]:
        """Running workflows, known to the worker: each has answered once."""
        handles = await some_at_once([self._running() for _ in range(count)])
        return [self._call(handle) for handle in handles]

    async def _running(self) -> WorkflowHandle[RawWorkflow, None]:
        handle = await _raw_start(self._client)
        await handle.execute_update(RawWorkflow.set_flag)
        return handle

    def _call(self, handle: WorkflowHandle[RawWorkflow, None]) -> Call:
        async def update() -> None:
            await handle.execute_update(RawWorkflow.set_flag)

        return update


class RawStarts:
    """Workflows started; the server answers before any worker has seen them."""

    def __init__(self, rig: Rig) -> None:
        self._client = rig.client

    async def prepare(self, count: int) -> list[Call]:
        """Nothing has to stand ready."""

        async def start() -> None:
            await _raw_start(self._client)

        return [start] * count


class RawStartsWithUpdate:
    """Workflows started together with their first update, as journeys are."""

    def __init__(self, rig: Rig) -> None:
        self._client = rig.client

    async def prepare(self, count: int) -> list[Call]:
        """Nothing has to stand ready."""

        async def start() -> None:
            await self._client.execute_update_with_start_workflow(
                RawWorkflow.set_flag,
                start_workflow_operation=WithStartWorkflowOperation(
                    RawWorkflow.run,
                    id=f"raw-{uuid4().hex}",
                    task_queue=TASK_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                ),
            )

        return [start] * count


def _start(sender: Caller) -> Call:
    async def start() -> None:
        await sender.post("/journeys", referral())

    return start


async def _raw_start(client: Client) -> WorkflowHandle[RawWorkflow, None]:
    return await client.start_workflow(
        RawWorkflow.run, id=f"raw-{uuid4().hex}", task_queue=TASK_QUEUE
    )


async def some_at_once(making: list[Awaitable[_Made]]) -> list[_Made]:
    """What they make, in order; no more than some of them at the same time."""
    places = asyncio.Semaphore(PREPARED_AT_ONCE)

    async def one(awaited: Awaitable[_Made]) -> _Made:
        async with places:
            return await awaited

    return await asyncio.gather(*(one(m) for m in making))
