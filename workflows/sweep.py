"""The watchdog: on a schedule, every promise in PostgreSQL is held against what would wake for it.

Outside the sandbox, as `Delivery` is: it holds nothing but activity calls.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from activities.sweep import Page, PageSwept, Result, SweepActivities
    from domain.sweep import Sweep
    from domain.value import Value
    from workflows import timeouts

SCHEDULE = "sweep"


class SweepInput(Value):
    """How long it is until the next sweep: timers up to then are looked at."""

    every: timedelta


@workflow.defn(name="Sweep", sandboxed=False)
class SweepWorkflow:
    """One sweep: lost journeys first, so that their timers stand when timers are looked at."""

    @workflow.run
    async def run(self, given: SweepInput) -> Sweep:
        """What was found, and how much of it was repaired."""
        started_at, sweep = workflow.now(), Sweep()
        first = Page(until=started_at + given.every)
        for look in (
            SweepActivities.sweep_lost,
            SweepActivities.sweep_orphaned,
            SweepActivities.sweep_timers,
        ):
            page: Page | None = first
            while page is not None:
                done: PageSwept = await workflow.execute_activity_method(
                    look,
                    page,
                    start_to_close_timeout=timeouts.SWEEP_PAGE,
                    retry_policy=timeouts.SWEEP_RETRY,
                )
                sweep = sweep.plus(done.sweep)
                page = page.model_copy(update={"after": done.after}) if done.after else None
        await self._tell(Result(name=workflow.info().run_id, started_at=started_at, sweep=sweep))
        return sweep

    async def _tell(self, result: Result) -> None:
        await workflow.execute_activity_method(
            SweepActivities.note_sweep,
            result,
            start_to_close_timeout=timeouts.SWEEP_NOTE,
            retry_policy=timeouts.SWEEP_RETRY,
        )
        if result.sweep.clean:
            return
        try:
            await workflow.execute_activity_method(
                SweepActivities.mail_sweep,
                result,
                start_to_close_timeout=timeouts.SWEEP_NOTE,
                retry_policy=timeouts.SWEEP_MAIL_RETRY,
            )
        except FailureError:
            workflow.logger.error("operators could not be told by mail; the log says it too")


async def keep_schedule(client: Client, task_queue: str, every: timedelta) -> None:
    """Make sure that there is one schedule, and that it says what it should.

    A sweep that is not over when the next is due is not doubled; those that were missed while the
    engine was away are not made up for: one is enough. Raises `RPCError`.
    """
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            SweepWorkflow.run,
            SweepInput(every=every),
            id=SCHEDULE,
            task_queue=task_queue,
            execution_timeout=timeouts.SWEEP,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timeouts.SWEEP_CATCH_UP
        ),
    )
    await put_schedule(client, SCHEDULE, schedule)


async def put_schedule(client: Client, name: str, schedule: Schedule) -> None:
    """A schedule that is there once, and says what it should. Raises `RPCError`."""
    try:
        await client.create_schedule(name, schedule, rpc_timeout=timeouts.SCHEDULE)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(name).update(
            lambda seen: _updated(seen, schedule), rpc_timeout=timeouts.SCHEDULE
        )


def _updated(seen: ScheduleUpdateInput, schedule: Schedule) -> ScheduleUpdate:
    """As it should be; an operator's pause is kept."""
    schedule.state = seen.description.schedule.state
    return ScheduleUpdate(schedule=schedule)
