"""One notice, one channel, its own retries; a dead letter when nothing helps."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, CancelledError

with workflow.unsafe.imports_passed_through():
    from activities.delivery import DeliveryActivities
    from workflows import timeouts


@workflow.defn(name="Delivery")
class DeliveryWorkflow:
    """Delivers one notice, for days if need be."""

    @workflow.run
    async def run(self, notice_id: str) -> None:
        """Try until it is delivered, refused for good, or too late."""
        try:
            await workflow.execute_activity_method(
                DeliveryActivities.deliver,
                notice_id,
                start_to_close_timeout=timeouts.DELIVER,
                schedule_to_close_timeout=timeouts.DELIVER_FOR,
                retry_policy=timeouts.DELIVER_RETRY,
            )
        except ActivityError as failure:
            if isinstance(failure.cause, CancelledError):
                raise
            await workflow.execute_activity_method(
                DeliveryActivities.bury,
                notice_id,
                start_to_close_timeout=timeouts.DELIVER,
                retry_policy=timeouts.BURY_RETRY,
            )
