"""The nightly proof of coverage, on a schedule: holidays, closures and hours change all the time.

Outside the sandbox, as `Sweep` is: it holds nothing but an activity call.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
)

with workflow.unsafe.imports_passed_through():
    from activities.proof import ProofActivities, Proved
    from workflows import timeouts
    from workflows.sweep import put_schedule

SCHEDULE = "proof"
NIGHT_HOUR, TIME_ZONE = 2, "Europe/Stockholm"


@workflow.defn(name="Proof", sandboxed=False)
class ProofWorkflow:
    """Proves every version in force anew."""

    @workflow.run
    async def run(self) -> Proved:
        """How many versions, and how many new gaps."""
        proved: Proved = await workflow.execute_activity_method(
            ProofActivities.prove_again,
            start_to_close_timeout=timeouts.PROVE,
            retry_policy=timeouts.TELL_RETRY,
        )
        return proved


async def keep_proving(client: Client, task_queue: str) -> None:
    """Make sure that there is one schedule, at night in Sweden. Raises `RPCError`."""
    at_night = ScheduleCalendarSpec(hour=[ScheduleRange(NIGHT_HOUR)], minute=[ScheduleRange(20)])
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            ProofWorkflow.run,
            id=SCHEDULE,
            task_queue=task_queue,
            execution_timeout=timeouts.PROVE + timedelta(hours=1),
        ),
        spec=ScheduleSpec(calendars=[at_night], time_zone_name=TIME_ZONE),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timeouts.PROVE),
    )
    await put_schedule(client, SCHEDULE, schedule)
