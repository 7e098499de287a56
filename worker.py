"""Builds the real things, registers workflows and activities, and runs until told to stop."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
import uvloop
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.delivery import Channel, DeliveryActivities
from activities.ledger import LedgerActivities
from activities.relay import Relay
from activities.unit_change import Submit, UnitChangeActivities
from channels.inbox import InboxChannel
from channels.mail import MailChannel
from domain.command import Envelope
from domain.refusal import Refusal
from domain.unit import ChannelKind
from runtime import logs, settings
from runtime.keyring import Keyring
from runtime.opaque import OpaqueIds
from runtime.settings import Settings
from runtime.temporal import connect
from store import database
from store.outbox import Outbox
from store.record import Ledger
from store.units import UnitChanges
from workflows.delivery import DeliveryWorkflow
from workflows.journey import JourneyWorkflow
from workflows.unit_change import UnitChangeWorkflow

log = structlog.get_logger()
JourneyHandle = WorkflowHandle[JourneyWorkflow, None]

ANSWER_WITHIN = timedelta(seconds=10)


def build_worker(client: Client, engine: AsyncEngine, config: Settings, ledger: Ledger) -> Worker:
    """The worker with everything it needs handed in."""
    outbox = Outbox(engine)
    mail = MailChannel(
        config.smtp_host,
        config.smtp_port,
        config.mail_from,
        config.public_url,
        starttls=config.smtp_starttls,
    )
    channels: dict[ChannelKind, Channel] = {
        ChannelKind.INBOX: InboxChannel(outbox),
        ChannelKind.MAIL: mail,
    }
    delivery = DeliveryActivities(outbox, channels)
    changes = UnitChangeActivities(UnitChanges(engine), build_submit(client))
    return Worker(
        client,
        task_queue=config.temporal_task_queue,
        workflows=[JourneyWorkflow, DeliveryWorkflow, UnitChangeWorkflow],
        activities=[
            LedgerActivities(ledger).record,
            delivery.deliver,
            delivery.bury,
            changes.tell_journeys,
            changes.note_told,
        ],
        graceful_shutdown_timeout=timedelta(seconds=5),
        deployment_config=_deployment(config),
    )


def build_relay(client: Client, engine: AsyncEngine, config: Settings, ids: OpaqueIds) -> Relay:
    """The relay that gives each waiting notice a delivery of its own."""

    async def start(notice_id: str) -> None:
        with suppress(WorkflowAlreadyStartedError):
            await client.start_workflow(
                DeliveryWorkflow.run,
                notice_id,
                id=f"delivery-{ids.token('delivery', notice_id)}",
                task_queue=config.temporal_task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                rpc_timeout=timedelta(seconds=5),
            )

    return Relay(Outbox(engine), start)


def build_change_relay(client: Client, engine: AsyncEngine, config: Settings) -> Relay:
    """The relay that has each change of a unit told to the journeys that it concerns.

    A change whose workflow was lost may begin again: journeys that were told are left out.
    """

    async def start(change_id: str) -> None:
        with suppress(WorkflowAlreadyStartedError):
            await client.start_workflow(
                UnitChangeWorkflow.run,
                change_id,
                id=f"unit-change-{change_id}",
                task_queue=config.temporal_task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                rpc_timeout=timedelta(seconds=5),
            )

    return Relay(UnitChanges(engine), start)


def build_submit(client: Client) -> Submit:
    """The worker's own way to a journey's workflow."""

    async def submit(journey_id: str, envelope: Envelope) -> Refusal | None:
        handle: JourneyHandle = client.get_workflow_handle(f"journey-{journey_id}")
        try:
            await handle.execute_update(
                JourneyWorkflow.submit,
                envelope,
                id=f"{envelope.idempotency.key}-{journey_id}",
                rpc_timeout=ANSWER_WITHIN,
            )
        except WorkflowUpdateFailedError as error:
            return _refusal(error)
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            # A journey that waits for a fix must not hold up those after it.
            return Refusal(code="engine_unavailable")
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Refusal(code="journey_closed")
            raise
        return None

    return submit


def _refusal(error: WorkflowUpdateFailedError) -> Refusal:
    """The rules' no; whatever else went wrong is raised, and tried again."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == "Refused":
        return Refusal.model_validate(cause.details[0])
    raise error


def _deployment(config: Settings) -> WorkerDeploymentConfig | None:
    """Worker versioning where a build is named; without one, any worker serves any run."""
    if config.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name="handslag", build_id=config.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


async def serve(config: Settings, ledger: Callable[[AsyncEngine], Ledger] = Ledger) -> None:
    """Work until SIGINT or SIGTERM."""
    keyring = Keyring.load(config.require_keyring_file())
    client = await connect(config, keyring)
    engine = database.connect(config.require_database_url())
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    relays = [
        build_relay(client, engine, config, OpaqueIds(keyring.ids_secret)),
        build_change_relay(client, engine, config),
    ]
    async with build_worker(client, engine, config, ledger(engine)):
        log.info("worker_ready")
        await _until_stopped(stop, relays)
    await engine.dispose()


async def _until_stopped(stop: asyncio.Event, relays: Sequence[Relay]) -> None:
    """Relay until told to stop. Raises what a relay died of: a worker without is none."""
    relaying = [asyncio.create_task(relay.run()) for relay in relays]
    stopping = asyncio.create_task(stop.wait())
    done, rest = await asyncio.wait([*relaying, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    for task in relaying:
        if task in done:
            task.result()


def main() -> None:
    """Run the worker with the settings of the environment."""
    config = settings.load()
    logs.configure(config.log_json, "worker")
    uvloop.run(serve(config))


if __name__ == "__main__":
    main()
