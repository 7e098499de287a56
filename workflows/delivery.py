"""One notice or digest, one channel, its own retries; a dead letter when nothing helps.

Outside the sandbox: there is one of these for every notice, it holds nothing but activity
calls, and a sandbox for each costs more than the delivery.
"""

from temporalio import workflow
from temporalio.exceptions import ApplicationError, CancelledError, FailureError

with workflow.unsafe.imports_passed_through():
    from activities.delivery import DeliveryActivities
    from workflows import timeouts


def outside_queue(task_queue: str) -> str:
    """The task queue of what calls servers of others, beside a queue of journeys."""
    return f"{task_queue}-deliveries"


@workflow.defn(name="Delivery", sandboxed=False)
class DeliveryWorkflow:
    """Delivers one notice, or the digest that it leads, for days if need be."""

    @workflow.run
    async def run(self, notice_id: str, resent: int = 0, outside: bool = False) -> None:
        """Try until it is delivered, refused for good, or too late.

        What goes `outside` may wait for a silent server, so workers of its own try it. What only
        the store takes is a local activity first: most need no second attempt. `resent` counts
        how often a person had it sent again; each time is a workflow of its own.
        """
        try:
            if outside:
                await self._patiently(notice_id, resent, outside_queue(workflow.info().task_queue))
            else:
                await self._at_once(notice_id, resent)
        except CancelledError:
            raise
        except FailureError:
            await workflow.execute_activity_method(
                DeliveryActivities.bury,
                args=[notice_id, resent],
                start_to_close_timeout=timeouts.DELIVER,
                retry_policy=timeouts.BURY_RETRY,
            )

    async def _at_once(self, notice_id: str, resent: int) -> None:
        try:
            await workflow.execute_local_activity_method(
                DeliveryActivities.deliver,
                args=[notice_id, resent],
                start_to_close_timeout=timeouts.DELIVER_AT_ONCE,
                retry_policy=timeouts.ONCE,
            )
        except CancelledError:
            raise
        except FailureError as failure:
            if isinstance(failure, ApplicationError) and failure.non_retryable:
                raise
            await self._patiently(notice_id, resent, workflow.info().task_queue)

    async def _patiently(self, notice_id: str, resent: int, task_queue: str) -> None:
        await workflow.execute_activity_method(
            DeliveryActivities.deliver,
            args=[notice_id, resent],
            task_queue=task_queue,
            start_to_close_timeout=timeouts.DELIVER,
            schedule_to_close_timeout=timeouts.DELIVER_FOR,
            retry_policy=timeouts.DELIVER_RETRY,
        )
