"""One notice or digest, one channel, its own retries; a dead letter when nothing helps.

Outside the sandbox: there is one of these for every notice, it holds nothing but activity
calls, and a sandbox for each costs more than the delivery.
"""

from temporalio import workflow
from temporalio.exceptions import ApplicationError, CancelledError, FailureError

with workflow.unsafe.imports_passed_through():
    from activities.delivery import DeliveryActivities
    from workflows import timeouts


@workflow.defn(name="Delivery", sandboxed=False)
class DeliveryWorkflow:
    """Delivers one notice, or the digest that it leads, for days if need be."""

    @workflow.run
    async def run(self, notice_id: str, resent: int = 0) -> None:
        """Try until it is delivered, refused for good, or too late.

        The first attempt is a local activity: most notices need no second one. `resent` counts
        how often a person had it sent again; each time is a workflow of its own.
        """
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
            await self._again(notice_id, resent, failure)

    async def _again(self, notice_id: str, resent: int, failure: FailureError) -> None:
        try:
            if isinstance(failure, ApplicationError) and failure.non_retryable:
                raise failure
            await workflow.execute_activity_method(
                DeliveryActivities.deliver,
                args=[notice_id, resent],
                start_to_close_timeout=timeouts.DELIVER,
                schedule_to_close_timeout=timeouts.DELIVER_FOR,
                retry_policy=timeouts.DELIVER_RETRY,
            )
        except CancelledError:
            raise
        except FailureError:
            await workflow.execute_activity_method(
                DeliveryActivities.bury,
                args=[notice_id, resent],
                start_to_close_timeout=timeouts.DELIVER,
                retry_policy=timeouts.BURY_RETRY,
            )
