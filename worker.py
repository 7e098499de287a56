"""Builds the real things, registers workflows and activities, and runs until told to stop."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import uuid4

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
from activities.lateness import Heart, LatenessActivities, Memory
from activities.ledger import LedgerActivities
from activities.lost import LostAndFound
from activities.migration import MigrationActivities
from activities.proof import ProofActivities
from activities.relay import Relay
from activities.sweep import SweepActivities
from activities.unit_change import Submit, UnitChangeActivities
from channels.inbox import InboxChannel
from channels.mail import MailChannel
from channels.operators import OperatorMail
from channels.owners import OwnerMail
from channels.webhook import Endpoint, Rules, WebhookChannel
from domain import endpoint
from domain.command import Envelope
from domain.refusal import Refusal
from domain.unit import ChannelKind
from runtime import logs, settings
from runtime.keyring import Keyring
from runtime.opaque import OpaqueIds
from runtime.settings import Settings
from runtime.temporal import connect, engine_answers
from runtime.vault import Sealed, Vault
from store import database
from store.lost import LostLetters
from store.moving import Movings
from store.outbox import Outbox
from store.proofs import Proofs
from store.pulses import Pulses
from store.record import Ledger
from store.sweeps import Sweeps
from store.units import UnitChanges
from store.webhooks import Webhooks
from workflows.deliveries import Deliveries
from workflows.delivery import DeliveryWorkflow, outside_queue
from workflows.journey import JourneyWorkflow
from workflows.migration import MigrationWorkflow
from workflows.proof import ProofWorkflow, keep_proving
from workflows.runs import JourneyRuns
from workflows.sweep import SweepWorkflow, keep_schedule
from workflows.unit_change import UnitChangeWorkflow

log = structlog.get_logger()
JourneyHandle = WorkflowHandle[JourneyWorkflow, None]

ANSWER_WITHIN = timedelta(seconds=10)
GRACE = timedelta(seconds=5)
DELIVERIES_AT_ONCE = 20
WORKFLOWS = (
    JourneyWorkflow,
    DeliveryWorkflow,
    UnitChangeWorkflow,
    SweepWorkflow,
    MigrationWorkflow,
    ProofWorkflow,
)


class Workers(NamedTuple):
    """One for journeys, and one for what goes outside."""

    journeys: Worker
    deliveries: Worker


def build_workers(
    client: Client,
    engine: AsyncEngine,
    config: Settings,
    ledger: Ledger,
    lateness: LatenessActivities,
    keyring: Keyring,
) -> Workers:
    """The workers with everything they need handed in: of journeys, and of what goes outside.

    An endpoint or a mail server that is silent takes the places of the second alone.
    """
    mail = build_mail(config)
    delivery = build_delivery(engine, config, mail, keyring)
    sweeps = build_sweeps(client, engine, config, mail)
    journeys = Worker(
        client,
        task_queue=config.temporal_task_queue,
        # More at once than can be decided in time only makes each of them late.
        max_concurrent_workflow_tasks=config.workflow_tasks,
        max_cached_workflows=config.cached_workflows,
        workflows=WORKFLOWS,
        activities=[
            LedgerActivities(ledger).record,
            lateness.why_late,
            lateness.store_is_back,
            delivery.deliver,
            delivery.bury,
            *_catalogue(client, engine, mail, config),
            *sweeps.all,
        ],
        graceful_shutdown_timeout=GRACE,
        deployment_config=_deployment(config),
    )
    return Workers(journeys, _outside(client, config, delivery))


def _catalogue(
    client: Client, engine: AsyncEngine, mail: MailChannel, config: Settings
) -> list[Callable[..., Any]]:
    """What brings changes of the catalogue to running journeys: of units, and of pathways."""
    changes = UnitChangeActivities(UnitChanges(engine), build_submit(client))
    migrations = MigrationActivities(Movings(engine), build_submit(client))
    proofs = ProofActivities(Proofs(engine), OwnerMail(mail.post, config.mail_from))
    return [
        changes.tell_journeys,
        changes.note_told,
        migrations.compare,
        migrations.move,
        migrations.undo,
        migrations.note,
        proofs.prove_again,
    ]


def _outside(client: Client, config: Settings, delivery: DeliveryActivities) -> Worker:
    return Worker(
        client,
        task_queue=outside_queue(config.temporal_task_queue),
        activities=[delivery.deliver],
        max_concurrent_activities=DELIVERIES_AT_ONCE,
        graceful_shutdown_timeout=GRACE,
        deployment_config=_deployment(config),
    )


def build_mail(config: Settings) -> MailChannel:
    """The mail server's channel."""
    return MailChannel(
        config.smtp_host,
        config.smtp_port,
        config.mail_from,
        config.public_url,
        starttls=config.smtp_starttls,
    )


class Endpoints:
    """Webhook endpoints with their secrets open, for the length of a call."""

    def __init__(self, webhooks: Webhooks, vault: Vault) -> None:
        self._webhooks = webhooks
        self._vault = vault

    async def endpoint(self, unit: str) -> Endpoint | None:
        """The endpoint of a unit, or None when it has none."""
        found = await self._webhooks.find(unit)
        if found is None:
            return None
        url, sealed = found
        opened = (self._vault.open(Sealed(*s), "webhook", unit).decode() for s in sealed)
        return Endpoint(url, tuple(opened))


def build_delivery(
    engine: AsyncEngine, config: Settings, mail: MailChannel, keyring: Keyring
) -> DeliveryActivities:
    """All channels; digests go by mail alone."""
    outbox, ids = Outbox(engine), OpaqueIds(keyring.ids_secret)
    webhook = WebhookChannel(
        Endpoints(Webhooks(engine), Vault(keyring)),
        partial(ids.token, "webhook"),
        Rules(allowed=endpoint.networks(config.webhook_allow)),
    )
    channels: dict[ChannelKind, Channel] = {
        ChannelKind.INBOX: InboxChannel(outbox),
        ChannelKind.MAIL: mail,
        ChannelKind.WEBHOOK: webhook,
    }
    return DeliveryActivities(outbox, channels, {ChannelKind.MAIL: mail})


def build_sweeps(
    client: Client, engine: AsyncEngine, config: Settings, mail: MailChannel
) -> SweepActivities:
    """The watchdog; it writes to operators where their address is set."""
    tell = None
    if config.operator_mail:
        tell = OperatorMail(mail.post, config.mail_from, config.operator_mail)
    runs = JourneyRuns(client, config.temporal_task_queue)
    return SweepActivities(Sweeps(engine), runs, tell)


def build_relay(engine: AsyncEngine, config: Settings, deliveries: Deliveries) -> Relay:
    """The relay that gives each waiting notice, or digest, a delivery of its own."""
    outbox = Outbox(engine, timedelta(minutes=config.digest_minutes))
    return Relay(outbox, deliveries.start)


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
    # Its own connections: a burst on the others must not look like a store that is away.
    apart = database.connect(config.require_database_url(), pool_size=2)
    memory, pulses = Memory(uuid4().hex), Pulses(apart)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    opaque = OpaqueIds(keyring.ids_secret).token
    deliveries = Deliveries(client, config.temporal_task_queue, opaque)
    tasks: list[Relay | Heart | LostAndFound] = [
        build_relay(engine, config, deliveries),
        LostAndFound(LostLetters(engine), deliveries.is_lost),
        build_change_relay(client, engine, config),
        Heart(memory, pulses, engine_answers(client)),
    ]
    lateness = LatenessActivities(pulses, memory)
    workers = build_workers(client, engine, config, ledger(engine), lateness, keyring)
    async with workers.journeys, workers.deliveries:
        await _keep_watch(client, config)
        log.info("worker_ready")
        await _until_stopped(stop, tasks)
    await engine.dispose()
    await apart.dispose()


async def _keep_watch(client: Client, config: Settings) -> None:
    """The watchdog's schedule; a worker that may not set it is better than none."""
    every = timedelta(minutes=config.sweep_minutes)
    try:
        await keep_schedule(client, config.temporal_task_queue, every)
        await keep_proving(client, config.temporal_task_queue)
    except RPCError as error:
        log.error("no_watchdog", status=error.status.name)


async def _until_stopped(
    stop: asyncio.Event, relays: Sequence[Relay | Heart | LostAndFound]
) -> None:
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
