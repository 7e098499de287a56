"""Builds the doors with everything that they need."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from api import (
    acknowledging,
    answers,
    attachments,
    clocks,
    deliveries,
    downtime_pack,
    drafts,
    facts,
    gaps,
    handovers,
    health,
    journeys,
    meetings,
    metrics,
    migrations,
    overdue,
    pathways,
    pictures,
    plans,
    problems,
    rules,
    sending,
    sip,
    slips,
    stays,
    steps,
    thread,
    unit_life,
    units,
    waiting,
    ward,
    webhooks,
)
from api.catalogue import Shelf
from api.engine import Engine
from api.house import House
from api.requests import Requests
from api.size import LimitBody
from domain import endpoint
from runtime import logs, settings
from runtime.identity import KeySet, TokenChecker
from runtime.keyring import Keyring
from runtime.opaque import OpaqueIds
from runtime.settings import Settings
from runtime.temporal import connect
from runtime.vault import Vault
from store import database

log = structlog.get_logger()

DESCRIPTION = """Överlämningar mellan organisationer i rehabiliteringen, och deras tidsgränser.

Handovers between organisations in rehabilitation, and their deadlines. Every command takes an
`Idempotency-Key`; the same key gets the same answer. Refusals are RFC 9457 problems with a
stable `code`."""

PARTS = (
    journeys,
    steps,
    facts,
    sending,
    acknowledging,
    answers,
    slips,
    handovers,
    plans,
    meetings,
    ward,
    stays,
    sip,
    thread,
    attachments,
    unit_life,
    webhooks,
    units,
    deliveries,
    downtime_pack,
    clocks,
    overdue,
    waiting,
    rules,
    migrations,
    drafts,
    pathways,
    pictures,
    gaps,
    health,
    metrics,
)


def build(
    lifespan: Callable[[FastAPI], Any] | None = None,
    max_body: int = 1_000_000,
    max_attachment: int = 5_000_000,
) -> FastAPI:
    """The application; without a lifespan it can only describe itself."""
    app: FastAPI = FastAPIOffline(
        title="Handslag",
        version="1",
        description=DESCRIPTION,
        openapi_url="/api/v1/openapi.json",
        redoc_url=None,
        lifespan=lifespan,
    )
    for part in PARTS:
        app.include_router(part.router, responses=problems.RESPONSES)
    problems.add_handlers(app)
    app.add_middleware(LimitBody, max_body=max_body, max_attachment=max_attachment)
    app.add_middleware(Requests)
    return app


def create(config: Settings) -> FastAPI:
    """The application on the real store and engine."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.house = await _build_house(config)
        log.info("api_ready")
        yield
        await app.state.house.store.dispose()

    return build(lifespan, config.max_body_bytes, config.max_attachment_bytes)


async def _build_house(config: Settings) -> House:
    keyring = Keyring.load(config.require_keyring_file())
    ids = OpaqueIds(keyring.ids_secret)
    store = database.connect(config.require_database_url())
    client = await connect(config, keyring)
    checker = TokenChecker(KeySet(config.jwks), config.token_issuer, config.token_audience)
    return House(
        store=store,
        engine=Engine(client, config.temporal_task_queue, ids),
        shelf=Shelf(store),
        checker=checker,
        ids=ids,
        vault=Vault(keyring),
        networks=endpoint.networks(config.webhook_allow),
    )


def main() -> None:
    """Serve with the settings of the environment."""
    config = settings.load()
    logs.configure(config.log_json, "api")
    uvicorn.run(
        create(config),
        host=config.api_host,
        port=config.api_port,
        loop="uvloop",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
