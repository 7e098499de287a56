"""Whether this container's worker asks Temporal for work; the exit code says it."""

import asyncio
import socket
import sys
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from runtime import settings
from runtime.keyring import Keyring
from runtime.temporal import connect

SILENT_TOO_LONG = timedelta(minutes=3)


async def polls() -> bool:
    """A poll in the last minutes, by a worker whose identity names this host."""
    config = settings.load()
    keyring = Keyring.load(config.require_keyring_file())
    client = await connect(config, keyring, patience=timedelta(0))
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=config.temporal_namespace,
            task_queue=TaskQueue(name=config.temporal_task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    recent = datetime.now(UTC) - SILENT_TOO_LONG
    return any(
        poller.identity.endswith(f"@{socket.gethostname()}")
        and poller.last_access_time.ToDatetime(UTC) >= recent
        for poller in answer.pollers
    )


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(polls()) else 1)
