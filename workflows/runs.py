"""The runs of journeys, as the watchdog sees them: found, asked, woken, revived, ended."""

from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import (
    QueryRejectCondition,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.sweep import Gone, Run, Silent
from domain.event import Event
from domain.journey import Journey
from workflows.attributes import PATHWAY, UNIT
from workflows.journey import JourneyInput, JourneyWorkflow, Wake

log = structlog.get_logger()

PREFIX = "journey-"
RUNNING = "WorkflowType = 'Journey' AND ExecutionStatus = 'Running'"
ANSWER_WITHIN = timedelta(seconds=5)
# A run that can answer does so at once; one that cannot keeps a place in the sweep for so long.
ASK_FOR = timedelta(seconds=3)
AWAY = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.ABORTED,
)

Got = TypeVar("Got")
Handle = WorkflowHandle[JourneyWorkflow, None]


class JourneyRuns:
    """The `Runs` of the sweeping activities. Raises `RPCError` while the engine is away."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def among(self, ids: Sequence[str]) -> set[str]:
        """Which of these journeys run, as visibility knows it."""
        if not ids:
            return set()
        names = ", ".join(f"'{PREFIX}{journey_id}'" for journey_id in ids)
        query = f"{RUNNING} AND WorkflowId IN ({names})"
        listed = self._client.list_workflows(query, rpc_timeout=ANSWER_WITHIN)
        return {found.id.removeprefix(PREFIX) async for found in listed}

    async def page(self, token: str, limit: int) -> tuple[list[Run], str]:
        """Some of all that run, and the token of the next page; empty when there is none."""
        listed = self._client.list_workflows(
            RUNNING,
            page_size=limit,
            next_page_token=bytes.fromhex(token) or None,
            rpc_timeout=ANSWER_WITHIN,
        )
        await listed.fetch_next_page()
        runs = [
            Run(journey_id=found.id.removeprefix(PREFIX), since=found.start_time)
            for found in listed.current_page or ()
        ]
        return runs, (listed.next_page_token or b"").hex()

    async def runs(self, journey_id: str) -> bool:
        """Whether it runs now: the engine itself knows, visibility lags."""
        try:
            seen = await self._handle(journey_id).describe(rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return seen.status is WorkflowExecutionStatus.RUNNING

    async def alarm_at(self, journey_id: str) -> datetime | None:
        """For when its timer is set. Raises `Silent` and `Gone`."""
        handle = self._handle(journey_id)
        return await _answer(
            handle.query(
                JourneyWorkflow.alarm_at,
                reject_condition=QueryRejectCondition.NOT_OPEN,
                rpc_timeout=ASK_FOR,
            )
        )

    async def seq(self, journey_id: str) -> int:
        """The last event that it knows. Raises `Silent` and `Gone`."""
        handle = self._handle(journey_id)
        return await _answer(
            handle.query(
                JourneyWorkflow.seq,
                reject_condition=QueryRejectCondition.NOT_OPEN,
                rpc_timeout=ASK_FOR,
            )
        )

    async def wake(self, journey_id: str, events: Sequence[Event]) -> None:
        """Have it take over events, set its timer anew and look at what is due."""
        wake = Wake(events=tuple(events))
        signal = self._handle(journey_id).signal(
            JourneyWorkflow.wake, wake, rpc_timeout=ANSWER_WITHIN
        )
        await _taken(signal, journey_id)

    async def revive(self, state: Journey) -> bool:
        """Let it run again from a state, if it does not run; whether the engine took it.

        A run that has begun meanwhile is left alone. One from an older state than PostgreSQL's is
        no harm either: the fence gives it what it lacks.
        """
        attributes = [
            SearchAttributePair(PATHWAY, state.definition.key),
            SearchAttributePair(UNIT, state.started_by),
        ]
        start = self._client.start_workflow(
            JourneyWorkflow.run,
            JourneyInput(journey_id=state.id, state=state),
            id=f"{PREFIX}{state.id}",
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            search_attributes=TypedSearchAttributes(attributes),
            rpc_timeout=ANSWER_WITHIN,
        )
        return await _taken(start, state.id)

    async def end(self, journey_id: str, reason: str) -> None:
        """Take its run away."""
        ending = self._handle(journey_id).terminate(reason=reason, rpc_timeout=ANSWER_WITHIN)
        await _taken(ending, journey_id)

    def _handle(self, journey_id: str) -> Handle:
        return self._client.get_workflow_handle(f"{PREFIX}{journey_id}")


async def _answer(question: Awaitable[Got]) -> Got:
    """The answer of a run. Raises `Gone`, `Silent`, and `RPCError` while the engine is away."""
    try:
        return await question
    except WorkflowQueryRejectedError:
        raise Gone from None
    except WorkflowQueryFailedError:
        raise Silent from None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise Gone from None
        if error.status is RPCStatusCode.UNAVAILABLE:
            raise
        raise Silent from None


async def _taken(call: Awaitable[object], journey_id: str) -> bool:
    """Whether the engine took it; what it says no to for good must not hold up other journeys."""
    try:
        await call
    except RPCError as error:
        if error.status in AWAY:
            raise
        log.warning("engine_refused", journey_id=journey_id, status=error.status.name)
        return False
    return True


def migration_workflow_id(migration_id: str) -> str:
    """The id of a migration's workflow."""
    return f"migration-{migration_id}"
