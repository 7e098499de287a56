"""Deliveries as the engine knows them: begun once, begun anew when broken off."""

from collections.abc import Callable
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.unit import ChannelKind
from workflows.delivery import DeliveryWorkflow

CALL = timedelta(seconds=5)
# A delivery that has ended in one of these ways, or is not there, is made by nobody.
BROKEN_OFF = frozenset(
    {
        WorkflowExecutionStatus.FAILED,
        WorkflowExecutionStatus.TERMINATED,
        WorkflowExecutionStatus.TIMED_OUT,
        WorkflowExecutionStatus.CANCELED,
    }
)


class Deliveries:
    """Starts deliveries, and asks for those of old; `opaque` makes a name that says nothing."""

    def __init__(self, client: Client, task_queue: str, opaque: Callable[..., str]) -> None:
        self._client = client
        self._task_queue = task_queue
        self._opaque = opaque

    async def start(self, notice_id: str, resent: int, channel: ChannelKind) -> bool:
        """Start it; whether it is new. One that was broken off may begin again."""
        outside = (True,) if channel is not ChannelKind.INBOX else ()
        try:
            await self._client.start_workflow(
                DeliveryWorkflow.run,
                args=[notice_id, resent, *outside],
                id=self._name(notice_id, resent),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                rpc_timeout=CALL,
            )
        except WorkflowAlreadyStartedError:
            return False
        return True

    async def is_lost(self, notice_id: str, resent: int) -> bool:
        """Whether nobody makes it any more. Raises `RPCError` when the engine does not answer."""
        handle = self._client.get_workflow_handle(self._name(notice_id, resent))
        try:
            found = await handle.describe(rpc_timeout=CALL)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return True
            raise
        return found.status in BROKEN_OFF

    def _name(self, notice_id: str, resent: int) -> str:
        again = (str(resent),) if resent else ()
        return f"delivery-{self._opaque('delivery', notice_id, *again)}"
