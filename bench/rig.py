"""Every server of an embedded run in a temporary home, and beside ours the raw worker."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import psycopg
from prometheus_client.parser import text_string_to_metric_families
from temporalio.client import Client

from bench import raw
from bench.journeys import COLLEAGUE, RECEIVER, SENDER, Caller
from cli.up import ROOT, House
from cli.users import token_for
from runtime.embedded.postgres import OWNER
from runtime.embedded.processes import free_port
from runtime.embedded.services import CommandService, Service
from runtime.settings import Settings

QUIET_SECONDS = 0.7
CALLERS = (SENDER, RECEIVER, COLLEAGUE, "designer")
LATENESS = "handslag_rung_lateness_seconds"
RUNNING_DELIVERIES = "WorkflowType = 'Delivery' AND ExecutionStatus = 'Running'"


class Rig:
    """The servers, callers at their units, and a plain client of the same Temporal."""

    def __init__(self, house: House, client: Client) -> None:
        self.client = client
        self._house = house
        self._postmaster = _postmaster(house)
        self._callers = {name: _caller(house, name) for name in CALLERS}

    @property
    def owner_url(self) -> str:
        """Where the database's owner gets in."""
        return self._house.postgres.url(OWNER)

    def caller(self, username: str) -> Caller:
        """A demo user."""
        return self._callers[username]

    async def quiet(self) -> None:
        """Wait until the notices of earlier commands are delivered, so that they cost nobody else.

        The relay looks every half second; only after that does the count mean anything.
        """
        running = 1
        while running:
            await asyncio.sleep(QUIET_SECONDS)
            running = (await self.client.count_workflows(RUNNING_DELIVERIES)).count

    def cpu_seconds(self) -> dict[str, float]:
        """What each of our processes has used so far, the client that measures included."""
        processes = {e.name: e.process() for e in self._house.ledger.entries()}
        processes |= {"client": psutil.Process(), "postgres": self._postmaster}
        return {name: _with_children(p, name) for name, p in processes.items() if p}

    async def rungs_fired(self) -> int:
        """How many rungs have fired by now; the API counts every fifteen seconds."""
        async with httpx.AsyncClient() as http:
            told = await http.get(f"{self._house.address}/metrics", timeout=10)
        found = (f for f in text_string_to_metric_families(told.text) if f.name == LATENESS)
        samples = (sample for family in found for sample in family.samples)
        return sum(int(s.value) for s in samples if s.name == f"{LATENESS}_count")

    async def close(self) -> None:
        """Hang up."""
        for caller in self._callers.values():
            await caller.close()


@asynccontextmanager
async def running() -> AsyncIterator[Rig]:
    """A rig in a home of its own, gone afterwards. Raises what a service's start raises."""
    home = Path(tempfile.mkdtemp(prefix="handslag-bench-"))
    house = House(_settings(home))
    started: list[Service] = []
    try:
        for service in (*house.services(), _raw_worker(house)):
            started.append(service)
            await service.start()
        client = await Client.connect(
            house.config.temporal_address, namespace=house.config.temporal_namespace
        )
        rig = Rig(house, client)
        yield rig
        await rig.close()
    finally:
        for service in reversed(started):
            await service.stop()
        house.postgres.destroy()
        shutil.rmtree(home)


def _settings(home: Path) -> Settings:
    temporal_port = free_port()
    return Settings(
        mode="embedded",
        home=home,
        api_port=free_port(),
        temporal_port=temporal_port,
        temporal_address=f"127.0.0.1:{temporal_port}",
        temporal_ui_port=free_port(),
        mail_port=free_port(),
    )


def _raw_worker(house: House) -> Service:
    """Not waited for: the first raw call waits, and warming up is not timed."""

    async def at_once() -> bool:
        return True

    config = house.config
    return CommandService(
        "raw worker",
        [sys.executable, "-m", raw.__name__, config.temporal_address, config.temporal_namespace],
        log=house.home / "logs" / "raw.log",
        ready=at_once,
        cwd=ROOT,
        ledger=house.ledger,
    )


def _caller(house: House, username: str) -> Caller:
    return Caller(house.address, token_for(house.issuer, username))


def _postmaster(house: House) -> psutil.Process | None:
    """The parent of whoever serves a connection."""
    url = house.postgres.url(OWNER).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        return psutil.Process(connection.info.backend_pid).parent()


def _with_children(process: psutil.Process, name: str) -> float:
    children = [] if name == "client" else process.children(recursive=True)
    spent = [p.cpu_times() for p in (process, *children)]
    return sum(t.user + t.system for t in spent)
