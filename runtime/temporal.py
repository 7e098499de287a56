"""How we speak Temporal: one plugin for the API, the worker, the tests and the replay alike."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import structlog
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, ClientConfig
from temporalio.common import HeaderCodecBehavior
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError, TLSConfig
from temporalio.worker import ReplayerConfig
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from runtime.codec import KeyringCodec
from runtime.keyring import Keyring
from runtime.logs import temporal_logging
from runtime.sandbox import ContextFreeSandbox
from runtime.settings import Settings, SettingsError

PASSTHROUGH = (
    "activities",
    "annotated_types",
    "cel_expr_python",
    "domain",
    "personnummer",
    "pydantic",
    "pydantic_core",
    "structlog",
    "typing_extensions",
    "typing_inspection",
)
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 2.0

log = structlog.get_logger(__name__)


class TemporalUnavailable(Exception):
    """No Temporal server answered in time."""


class HandslagPlugin(SimplePlugin):
    """Pydantic payloads, sealed like failures and headers; a sandbox that lets pure modules in."""

    def __init__(self, keyring: Keyring, passthrough: Sequence[str] = PASSTHROUGH) -> None:
        super().__init__(
            "handslag",
            data_converter=_data_converter(keyring),
            workflow_runner=_workflow_runner(passthrough),
        )

    def configure_client(self, config: ClientConfig) -> ClientConfig:
        """Headers are left in the clear by default, and a simple plugin cannot say otherwise."""
        configured = super().configure_client(config)
        configured["header_codec_behavior"] = HeaderCodecBehavior.CODEC
        return configured

    def configure_replayer(self, config: ReplayerConfig) -> ReplayerConfig:
        """The same for a replayer, which has no client to take it from."""
        configured = super().configure_replayer(config)
        configured["header_codec_behavior"] = HeaderCodecBehavior.CODEC
        return configured


def handslag_plugin(keyring: Keyring, passthrough: Sequence[str] = PASSTHROUGH) -> HandslagPlugin:
    """The one plugin value, for a client or a replayer; a worker takes it from its client."""
    return HandslagPlugin(keyring, passthrough)


@cache
def forwarding_runtime() -> Runtime:
    """The process's one Temporal runtime whose core logs into our stream."""
    return Runtime(telemetry=TelemetryConfig(logging=temporal_logging()))


async def connect(
    settings: Settings,
    keyring: Keyring,
    passthrough: Sequence[str] = PASSTHROUGH,
    *,
    patience: timedelta = timedelta(seconds=30),
) -> Client:
    """A connected client, tried again until patience ends.

    Raises TemporalUnavailable, and SettingsError when a certificate cannot be read.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + patience.total_seconds()
    plugin, tls, pause = handslag_plugin(keyring, passthrough), _tls(settings), _FIRST_PAUSE
    while True:
        try:
            return await _connect_once(settings, plugin, tls)
        # The SDK's bridge says "connection refused" with a bare RuntimeError.
        except (RuntimeError, RPCError) as error:
            if loop.time() + pause > give_up_at:
                raise TemporalUnavailable(_no_answer(settings)) from error
            log.warning("temporal_not_answering", address=settings.temporal_address)
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _connect_once(
    settings: Settings, plugin: HandslagPlugin, tls: bool | TLSConfig
) -> Client:
    api_key = settings.temporal_api_key
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=api_key.get_secret_value() if api_key else None,
        tls=tls,
        plugins=[plugin],
        runtime=forwarding_runtime(),
        connect_timeout=timedelta(seconds=5),
    )


def _data_converter(keyring: Keyring) -> DataConverter:
    return replace(
        pydantic_data_converter,
        payload_codec=KeyringCodec(keyring),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def _workflow_runner(passthrough: Sequence[str]) -> ContextFreeSandbox:
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*passthrough)
    return ContextFreeSandbox(restrictions=restrictions)


def _tls(settings: Settings) -> bool | TLSConfig:
    cert, key = settings.temporal_tls_cert, settings.temporal_tls_key
    if cert and key:
        return TLSConfig(client_cert=_read(cert), client_private_key=_read(key))
    return settings.temporal_api_key is not None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from None


def _no_answer(settings: Settings) -> str:
    return f"Temporal does not answer at {settings.temporal_address}"


def engine_answers(client: Client) -> Callable[[], Awaitable[bool]]:
    """Asks what the engine has to look up: one whose database is away does not answer."""

    async def answers() -> bool:
        request = DescribeNamespaceRequest(namespace=client.namespace)
        await client.workflow_service.describe_namespace(request, timeout=timedelta(seconds=2))
        return True

    return answers
