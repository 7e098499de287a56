"""The measure of all things: workflows that only set a flag or only sleep, and their worker.

Plain throughout: the default converter, no codec, the default sandbox; uvloop, as ours.
"""

import asyncio
import signal
import sys

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    import uvloop
    from temporalio.client import Client
    from temporalio.worker import Worker

TASK_QUEUE = "raw"


@workflow.defn(name="Raw")
class RawWorkflow:
    """Waits for ever, like a journey that nobody closes."""

    def __init__(self) -> None:
        self._flag = False

    @workflow.run
    async def run(self) -> None:
        """Wait; the flag ends nothing."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    def set_flag(self) -> bool:
        """Set the flag and return it."""
        self._flag = True
        return self._flag


@workflow.defn(name="RawSleeper")
class RawSleeper:
    """One timer and nothing else."""

    @workflow.run
    async def run(self, due: float) -> float:
        """Sleep until an instant, in seconds since 1970; how many seconds late it woke."""
        await workflow.sleep(max(due - workflow.time(), 0.0))
        return workflow.time() - due


async def serve(address: str, namespace: str) -> None:
    """Work until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await Client.connect(address, namespace=namespace)
    async with Worker(client, task_queue=TASK_QUEUE, workflows=[RawWorkflow, RawSleeper]):
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:]))
