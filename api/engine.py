"""One command becomes one update on one workflow, and its answer or coded refusal."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.command import Envelope, Start
from domain.design.moving import MovingState
from domain.refusal import Refusal, Refused
from runtime.opaque import OpaqueIds
from workflows.attributes import PATHWAY, UNIT
from workflows.journey import JourneyInput, JourneyWorkflow
from workflows.migration import MigrationWorkflow
from workflows.runs import migration_workflow_id

log = structlog.get_logger()

ANSWER_WITHIN = timedelta(seconds=10)
IN_FLIGHT_PER_JOURNEY = 4
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)

PASSING = (
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.ABORTED,
)

Answer = dict[str, Any]
JourneyHandle = WorkflowHandle[JourneyWorkflow, None]
MigrationHandle = WorkflowHandle[MigrationWorkflow, dict[str, int]]


class JourneyGone(Exception):
    """The workflow has ended; what is left of the journey stands in the store."""


class Engine:
    """The only way from the doors to the workflows."""

    def __init__(self, client: Client, task_queue: str, ids: OpaqueIds) -> None:
        self._client = client
        self._task_queue = task_queue
        self._ids = ids
        self._gates: defaultdict[str, _Gate] = defaultdict(_Gate)

    async def submit(self, journey_id: str, envelope: Envelope) -> Answer:
        """The answer to a command.

        Raises `Refused` with the rules' code or `engine_unavailable`, and `JourneyGone`.
        """
        handle: JourneyHandle = self._client.get_workflow_handle(workflow_id(journey_id))
        update_id = self._update_id(journey_id, envelope)

        async def update() -> Answer:
            return await handle.execute_update(
                JourneyWorkflow.submit, envelope, id=update_id, rpc_timeout=ANSWER_WITHIN
            )

        return await self._ask(journey_id, update)

    async def start(self, envelope: Envelope) -> Answer:
        """Start a journey and get its first answer, in one call to the engine.

        A run whose start was refused has ended and may be followed by another with the same key;
        a journey that exists stands in the store, whose fence lets no second one begin.
        """
        command = envelope.command
        assert isinstance(command, Start)
        update_id = self._update_id(command.journey_id, envelope)

        async def update_with_start() -> Answer:
            return await self._client.execute_update_with_start_workflow(
                JourneyWorkflow.submit,
                envelope,
                start_workflow_operation=self._beginning(command),
                id=update_id,
                rpc_timeout=ANSWER_WITHIN,
            )

        return await self._ask(command.journey_id, update_with_start)

    async def begin_migration(self, migration_id: str) -> None:
        """Start a migration's workflow; one that runs already goes on.

        Raises `Refused("engine_unavailable")`.
        """
        try:
            await self._client.start_workflow(
                MigrationWorkflow.run,
                migration_id,
                id=migration_workflow_id(migration_id),
                task_queue=self._task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError:
            raise Refused("engine_unavailable") from None

    async def want(self, migration_id: str, state: MovingState) -> None:
        """Say what a migration is to do next. Raises `Refused`: engine_unavailable, …"""
        handle: MigrationHandle = self._client.get_workflow_handle(
            migration_workflow_id(migration_id)
        )
        try:
            await handle.signal(MigrationWorkflow.want, state)
        except RPCError as error:
            gone = error.status is RPCStatusCode.NOT_FOUND
            raise Refused("migration_ended" if gone else "engine_unavailable") from None

    async def answers(self) -> bool:
        """Whether the engine answers now."""
        try:
            return await self._client.service_client.check_health(timeout=timedelta(seconds=2))
        except RPCError:
            return False

    def _beginning(self, command: Start) -> WithStartWorkflowOperation[JourneyWorkflow, None]:
        attributes = [
            SearchAttributePair(PATHWAY, command.definition.key),
            SearchAttributePair(UNIT, command.unit.hsa_id),
        ]
        return WithStartWorkflowOperation(
            JourneyWorkflow.run,
            JourneyInput(journey_id=command.journey_id),
            id=workflow_id(command.journey_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            search_attributes=TypedSearchAttributes(attributes),
        )

    def _update_id(self, journey_id: str, envelope: Envelope) -> str:
        caller = envelope.idempotency
        return self._ids.token("update", caller.principal, journey_id, caller.key, caller.body_hash)

    async def _ask(self, journey_id: str, update: Callable[[], Awaitable[Answer]]) -> Answer:
        """Wait for a place and an answer, together no longer than a caller does."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN.total_seconds()), self._gate(journey_id):
                return await self._ask_in_turn(update)
        except TimeoutError:
            raise Refused("engine_unavailable") from None

    async def _ask_in_turn(self, update: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask, and ask again while the engine is only busy: the update's id makes that safe."""
        for pause in PAUSES:
            try:
                return await update()
            except WorkflowUpdateFailedError as error:
                raise _refused(error) from None
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                raise Refused("engine_unavailable") from None
            except WorkflowAlreadyStartedError:
                raise JourneyGone from None
            except RPCError as error:
                _give_up_unless_busy(error)
            await asyncio.sleep(pause)
        raise Refused("engine_unavailable")

    @asynccontextmanager
    async def _gate(self, journey_id: str) -> AsyncIterator[None]:
        """At most four updates in flight per journey; past ten the server stalls all of them."""
        gate = self._gates[journey_id]
        gate.waiting += 1
        try:
            async with gate.places:
                yield
        finally:
            gate.waiting -= 1
            if gate.waiting == 0:
                self._gates.pop(journey_id, None)


class _Gate:
    def __init__(self) -> None:
        self.places = asyncio.Semaphore(IN_FLIGHT_PER_JOURNEY)
        self.waiting = 0


def workflow_id(journey_id: str) -> str:
    """The workflow's id; the journey's own id is a keyed hash and tells nothing."""
    return f"journey-{journey_id}"


def _refused(error: WorkflowUpdateFailedError) -> Refused | WorkflowUpdateFailedError:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == "Refused":
        refusal = Refusal.model_validate(cause.details[0])
        return Refused(refusal.code, *refusal.fields)
    if isinstance(cause, ApplicationError) and cause.type == "AcceptedUpdateCompletedWorkflow":
        return Refused("engine_unavailable")
    return error


def _give_up_unless_busy(error: RPCError) -> None:
    """Busy, closing or restarting passes; anything else does not."""
    if error.status in PASSING:
        return
    if error.status is RPCStatusCode.NOT_FOUND:
        raise JourneyGone from None
    log.warning("engine_unavailable", status=error.status.name)
    raise Refused("engine_unavailable") from None
