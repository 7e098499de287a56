"""Webhook endpoints of units, kept by whoever keeps the catalogue of their organisation.

Each change is written whole as a new version, and nothing is edited. The secret is answered by
the call that makes it, and by a repetition under the same key; no other call shows it.
"""

import base64
import os
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from api.house import Caller, CallerDep, Key, KeyDep, etag
from domain import endpoint
from domain.refusal import FieldProblem, Refused
from domain.unit_change import must_administer
from domain.value import HsaId, Instant, Value
from runtime.vault import Sealed
from store import catalogue, database, webhooks
from store.webhooks import SealedSecret, Written

router = APIRouter(prefix="/api/v1/units/{hsa_id}/webhook", tags=["webhooks"])

UnitId = Annotated[HsaId, Path()]
Secret = SealedSecret | None
SECRET_BYTES = 32


class WebhookBody(Value):
    """Where a unit wants its notices: an https address that leads out."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"url": "https://mottagare.example.org/handslag"}]},
    )
    url: Annotated[str, Field(min_length=1, max_length=1000)]


class WebhookView(Value):
    """The endpoint of a unit; `url` is null when it has been removed.

    While `rotating`, calls are signed with the old secret beside the new. `secret` is there only
    in the answer of the call that made it.
    """

    unit: HsaId
    version: int
    url: str | None
    since: Instant
    rotating: bool
    secret: str | None = None


class _Kind(StrEnum):
    PUT = "put"
    ROTATE = "rotate"
    RETIRE_OLD = "retire_old"
    REMOVE = "remove"


# From the endpoint as it stands: its address, its secret, and an older one that is still valid.
Next = Callable[[Written | None], tuple[str | None, Secret, Secret]]


@router.put("", response_model=WebhookView)
async def put(hsa_id: UnitId, body: WebhookBody, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Say where a unit wants its notices; the answer holds a new secret, and the old one is void.

    An address that plainly leads inside is refused here, any other when it is called.
    """
    try:
        endpoint.target(body.url, caller.house.networks)
    except endpoint.Unfit as unfit:
        wrong = FieldProblem(field="url", rule=str(unfit))
        raise Refused("webhook_address_invalid", wrong) from None

    def make(old: Written | None) -> tuple[str | None, Secret, Secret]:
        return body.url, _new_secret(caller, hsa_id), None

    return await _change(caller, key, hsa_id, _Kind.PUT, make)


@router.post("/rotate", response_model=WebhookView)
async def rotate(hsa_id: UnitId, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Make a new secret; the old one stays valid beside it until it is retired."""

    def make(old: Written | None) -> tuple[str | None, Secret, Secret]:
        now = _existing(old)
        if now.old_secret is not None:
            raise Refused("webhook_rotating")
        return now.url, _new_secret(caller, hsa_id), now.secret

    return await _change(caller, key, hsa_id, _Kind.ROTATE, make)


@router.post("/retire-old", response_model=WebhookView)
async def retire_old(hsa_id: UnitId, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Sign with the newest secret alone from now on."""

    def make(old: Written | None) -> tuple[str | None, Secret, Secret]:
        now = _existing(old)
        if now.old_secret is None:
            raise Refused("webhook_not_rotating")
        return now.url, now.secret, None

    return await _change(caller, key, hsa_id, _Kind.RETIRE_OLD, make)


@router.delete("", response_model=WebhookView)
async def remove(hsa_id: UnitId, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Take the endpoint away; what is still to be delivered there becomes a dead letter."""

    def make(old: Written | None) -> tuple[str | None, Secret, Secret]:
        _existing(old)
        return None, None, None

    return await _change(caller, key, hsa_id, _Kind.REMOVE, make)


@router.get("", response_model=WebhookView)
async def read(hsa_id: UnitId, caller: CallerDep) -> JSONResponse:
    """The endpoint as it stands, without its secret; its version as `ETag`."""
    async with database.reading(caller.house.store, (hsa_id,)) as connection:
        await _must_keep(connection, caller, hsa_id)
        return _respond(_existing(await webhooks.newest(connection, hsa_id)))


async def _change(caller: Caller, key: Key, hsa_id: str, kind: _Kind, make: Next) -> JSONResponse:
    """Write a change once, whatever is repeated; the same key gets the same answer."""
    change_id = str(caller.house.ids.uuid("webhook", caller.principal, key.value))
    async with database.reading(caller.house.store, (hsa_id,)) as connection:
        await _must_keep(connection, caller, hsa_id)
        await webhooks.alone(connection, hsa_id)
        change = await webhooks.written(connection, change_id)
        if change is None:
            change = await _next(connection, caller, key, (change_id, hsa_id, kind), make)
            if not await webhooks.put(connection, change):
                raise Refused("key_reused")
        elif change.body_hash != key.body_hash:
            raise Refused("key_reused")
    return _respond(change, _shown_once(caller, change))


async def _next(
    connection: AsyncConnection,
    caller: Caller,
    key: Key,
    what: tuple[str, str, _Kind],
    make: Next,
) -> Written:
    """The version after the newest. Raises `Refused`."""
    change_id, hsa_id, kind = what
    old = await webhooks.newest(connection, hsa_id)
    version = old.version if old else 0
    if key.expected_seq is not None and key.expected_seq != version:
        raise Refused("webhook_stale")
    url, secret, old_secret = make(old)
    return Written(
        id=change_id,
        hsa_id=hsa_id,
        version=version + 1,
        kind=kind,
        url=url,
        secret=secret,
        old_secret=old_secret,
        at=datetime.now(UTC),
        by_subject=caller.actor.subject,
        by_unit=caller.actor.unit,
        body_hash=key.body_hash,
    )


async def _must_keep(connection: AsyncConnection, caller: Caller, hsa_id: str) -> None:
    """Only who keeps the unit's catalogue. Raises `Refused`."""
    known = {unit.hsa_id: unit for unit in await catalogue.units(connection)}
    if hsa_id not in known:
        raise Refused("page_unknown")
    must_administer(caller.actor, known[hsa_id].organisation, known)


def _existing(found: Written | None) -> Written:
    if found is None or found.url is None:
        raise Refused("webhook_unknown")
    return found


def _new_secret(caller: Caller, hsa_id: str) -> SealedSecret:
    text = "whsec_" + base64.b64encode(os.urandom(SECRET_BYTES)).decode()
    return SealedSecret(*caller.house.vault.seal(text.encode(), "webhook", hsa_id))


def _shown_once(caller: Caller, change: Written) -> str | None:
    """The secret, in the answer of the call that made it."""
    if change.kind not in (_Kind.PUT, _Kind.ROTATE) or change.secret is None:
        return None
    return caller.house.vault.open(Sealed(*change.secret), "webhook", change.hsa_id).decode()


def _respond(change: Written, secret: str | None = None) -> JSONResponse:
    shown = WebhookView(
        unit=change.hsa_id,
        version=change.version,
        url=change.url,
        since=change.at,
        rotating=change.old_secret is not None,
        secret=secret,
    )
    headers: dict[str, Any] = {"ETag": etag(change.version), "Cache-Control": "no-store"}
    return JSONResponse(shown.model_dump(mode="json"), headers=headers)
