"""The real servers for tests: PostgreSQL, Temporal, worker, API and mail, each its own process.

A `World` is what a story speaks to: callers at their units over real HTTP, and a journey's clock
that can be moved.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from cli.up import House
from cli.users import token_for
from domain.event import Event
from domain.journey import Journey
from runtime.embedded.postgres import OWNER
from runtime.embedded.processes import free_port
from runtime.embedded.services import Service
from runtime.keyring import Keyring
from runtime.settings import Settings
from runtime.temporal import connect
from store import database
from store.record import events_after
from workflows.journey import JourneyWorkflow

GLANCE = 0.05
Json = dict[str, Any]


def embedded_settings(home: Path) -> Settings:
    """Settings of an embedded run on free ports."""
    api_port, temporal_port = free_port(), free_port()
    return Settings(
        mode="embedded",
        home=home,
        api_port=api_port,
        temporal_port=temporal_port,
        temporal_address=f"127.0.0.1:{temporal_port}",
        temporal_ui_port=free_port(),
        mail_port=free_port(),
        digest_minutes=0,
        webhook_allow="127.0.0.0/8",
        public_url=f"http://127.0.0.1:{api_port}",
        keyring_file=home / "keyring.json",
    )


class Servers:
    """Every process of an embedded run, started and stopped by tests."""

    def __init__(self, home: Path) -> None:
        self.config = embedded_settings(home)
        self.house = House(self.config, time_skipping=True)
        self.services: dict[str, Service] = {s.name: s for s in self.house.services()}

    def start(self) -> None:
        """Start all, in order."""
        for service in self.services.values():
            asyncio.run(service.start())

    def stop(self) -> None:
        """Stop all, the last one first, and take the database's files away."""
        for service in reversed(self.services.values()):
            if service.name != self.house.postgres.name:
                asyncio.run(service.stop())
        self.house.postgres.destroy()


class World:
    """What a story speaks to."""

    def __init__(self, servers: Servers, client: Client, owner: AsyncEngine) -> None:
        self.servers = servers
        self.house = servers.house
        self.client = client
        self.owner = owner
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(enabled=False))
        self._callers: dict[str, httpx.AsyncClient] = {}

    def caller(self, username: str) -> "Caller":
        """A demo user, over real HTTP."""
        if username not in self._callers:
            token = token_for(self.house.issuer, username)
            self._callers[username] = httpx.AsyncClient(
                base_url=f"{self.house.address}/api/v1",
                headers={"Authorization": f"Bearer {token}"},
                timeout=30,
            )
        return Caller(self._callers[username])

    def handle(self, journey_id: str) -> WorkflowHandle[JourneyWorkflow, None]:
        """The workflow of a journey."""
        return self.client.get_workflow_handle_for(JourneyWorkflow.run, f"journey-{journey_id}")

    async def fast_forward(self, journey_id: str, duration: timedelta) -> None:
        """Move one journey's clock."""
        await self.skip(self.handle(journey_id), duration)

    async def skip(self, handle: WorkflowHandle[Any, Any], duration: timedelta) -> None:
        """Move any workflow's clock."""
        await self._skipper.fast_forward(handle, duration)

    async def now(self, journey_id: str) -> datetime:
        """What the journey's clock shows."""
        return await self._skipper.get_current_time(self.handle(journey_id))

    async def state(self, journey_id: str) -> Journey:
        """The state that the workflow holds."""
        found = await self.handle(journey_id).query(JourneyWorkflow.state)
        assert found is not None
        return found

    async def events(self, journey_id: str) -> list[Event]:
        """The journey's whole log, from PostgreSQL."""
        async with self.owner.connect() as connection:
            return await events_after(connection, journey_id, 0)

    async def rows(self, sql: str, **parameters: object) -> list[Json]:
        """What a query finds, as the owner sees it."""
        async with self.owner.connect() as connection:
            found = await connection.execute(text(sql), parameters)
            return [dict(row._mapping) for row in found]

    def mails(self) -> list[Message]:
        """What the mail catcher has caught."""
        folder = self.house.home / "mail"
        return [message_from_bytes(f.read_bytes(), policy=default) for f in folder.glob("*.eml")]

    async def close(self) -> None:
        """Hang up."""
        for caller in self._callers.values():
            await caller.aclose()


class Caller:
    """One caller's HTTP client; each command gets a key of its own unless one is named."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def get(self, path: str, **parameters: Any) -> Json:
        """Read, and expect to be answered."""
        response = await self.http.get(path, params=parameters)
        assert response.status_code == 200, response.text
        found: Json = response.json()
        return found

    async def post(self, path: str, body: Json | None = None, key: str | None = None) -> Json:
        """Submit, and expect success."""
        response = await self.try_post(path, body, key)
        assert response.is_success, response.text
        found: Json = response.json()
        return found

    async def try_post(
        self, path: str, body: Json | None = None, key: str | None = None
    ) -> httpx.Response:
        """Submit, whatever comes of it."""
        headers = {"Idempotency-Key": key or uuid4().hex}
        return await self.http.post(path, json=body, headers=headers)

    async def refused(self, path: str, body: Json | None = None) -> Json:
        """Submit, and expect a coded problem."""
        response = await self.try_post(path, body)
        assert response.headers["content-type"] == "application/problem+json", response.text
        found: Json = response.json()
        return found


async def until(condition: Callable[[], Any], within: float = 60.0) -> Any:
    """Wait for a condition, sync or async, and return what it gave. Raises `TimeoutError`."""
    async with asyncio.timeout(within):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(GLANCE)


@asynccontextmanager
async def open_world(servers: Servers) -> AsyncIterator[World]:
    """A world on running servers."""
    client = await connect(servers.config, Keyring.load(servers.house.keyring_file))
    owner = database.connect(servers.house.postgres.url(OWNER), pool_size=2)
    world = World(servers, client, owner)
    try:
        yield world
    finally:
        await world.close()
        await owner.dispose()
