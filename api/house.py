"""What the doors were built with, and who is calling; handed to every route."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from structlog.contextvars import bind_contextvars, get_contextvars

from api.catalogue import Catalogue, Shelf
from api.engine import Engine
from domain.command import Command, Envelope, Idempotency
from domain.endpoint import Network
from domain.facts import Protection
from domain.journey import Actor, Role
from domain.refusal import FieldProblem, Refused
from domain.rules.access import Sight, must_work_with_patients, sight
from domain.view import Seer, seer
from runtime.identity import KeysUnavailable, TokenChecker, TokenRefused
from runtime.opaque import OpaqueIds
from runtime.vault import Vault
from store import access_log, database

KEY_MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class House:
    """Everything built once, at start-up."""

    store: AsyncEngine
    engine: Engine
    shelf: Shelf
    checker: TokenChecker
    ids: OpaqueIds
    vault: Vault
    networks: Sequence[Network] = ()

    async def store_answers(self) -> bool:
        """Whether PostgreSQL answers now."""
        return await database.answers(self.store)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, what the caller may see, and the catalogue at this moment."""

    actor: Actor
    sight: Sight
    seer: Seer
    catalogue: Catalogue
    house: House

    @property
    def principal(self) -> str:
        """Whose idempotency keys these are; keys are never shared between callers."""
        return f"{self.actor.unit}/{self.actor.subject}"

    def sees(self, protection: str) -> bool:
        """Whether the patient is shown whole: not protected, or to the unit's named group."""
        own = self.catalogue.units[self.actor.unit]
        return protection == Protection.NONE or self.actor.subject in own.protected_group

    @asynccontextmanager
    async def patients(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees what the caller's unit may read of patients.

        Raises `Refused("role_not_enough")` for roles that only watch, design or operate.
        """
        must_work_with_patients(self.actor)
        async with database.reading(
            self.house.store, self.sight.patients, self.principal
        ) as connection:
            yield connection

    @asynccontextmanager
    async def boards(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that sees the boards of the caller's branch."""
        async with database.reading(
            self.house.store, self.sight.boards, self.principal, self.sight.boards
        ) as connection:
            yield connection

    async def note_reading(
        self, connection: AsyncConnection, journey_id: str, patient_id: str, action: str
    ) -> None:
        """Write down that this patient was read, in the same transaction."""
        await access_log.note(
            connection,
            subject=self.actor.subject,
            unit=self.actor.unit,
            journey_id=journey_id,
            patient_id=patient_id,
            action=action,
            correlation_id=get_contextvars().get("correlation_id", ""),
        )

    async def note_readings(
        self, connection: AsyncConnection, read: Iterable[tuple[str, str]], action: str
    ) -> None:
        """The same for a page of journeys, each with its patient."""
        await access_log.note_all(
            connection,
            read,
            subject=self.actor.subject,
            unit=self.actor.unit,
            action=action,
            correlation_id=get_contextvars().get("correlation_id", ""),
        )


def house(request: Request) -> House:
    """The house, from the application's state."""
    found: House = request.app.state.house
    return found


async def caller(request: Request) -> Caller:
    """The caller, from a checked bearer token. Raises `Refused` with the token's code."""
    home = house(request)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        claims = await home.checker.check(token if scheme.lower() == "bearer" else None)
    except TokenRefused as refused:
        raise Refused(refused.code) from None
    except KeysUnavailable:
        raise Refused("identity_unavailable") from None
    catalogue = await home.shelf.catalogue()
    roles = tuple(Role(r) for r in claims.roles if r in set(Role))
    if claims.unit not in catalogue.units:
        raise Refused("token_invalid")
    try:
        actor = Actor(subject=claims.sub, unit=claims.unit, roles=roles)
    except ValidationError:
        raise Refused("token_invalid") from None
    bind_contextvars(unit=actor.unit)
    now = datetime.now(UTC)
    seen = sight(actor, catalogue.units.values(), now)
    return Caller(actor, seen, seer(actor, catalogue.units, now), catalogue, home)


CallerDep = Annotated[Caller, Depends(caller)]


@dataclass(frozen=True, slots=True)
class Key:
    """The caller's idempotency key, the hash of what it was used for, and the expected seq."""

    value: str
    body_hash: str
    expected_seq: int | None

    def envelope(self, caller: Caller, command: Command) -> Envelope:
        """The command with who sends it and which facts were resolved for it."""
        return Envelope(
            command=command,
            actor=caller.actor,
            idempotency=Idempotency(
                principal=caller.principal, key=self.value, body_hash=self.body_hash
            ),
            correlation_id=get_contextvars().get("correlation_id", ""),
            expected_seq=self.expected_seq,
            calendar_version=caller.catalogue.calendar.version,
            rules_version=caller.catalogue.rules.version,
        )


async def key(
    request: Request,
    idempotency_key: Annotated[str | None, Header(max_length=KEY_MAX_LENGTH)] = None,
    if_match: Annotated[str | None, Header(max_length=40)] = None,
) -> Key:
    """The key of a command. Raises `Refused("key_missing")` and `if_match_invalid`."""
    if not idempotency_key:
        raise Refused("key_missing", FieldProblem(field="Idempotency-Key", rule="missing"))
    body = await request.body()
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + canonical(body))
    return Key(idempotency_key, digest.hexdigest(), _seq(if_match))


KeyDep = Annotated[Key, Depends(key)]


def canonical(body: bytes) -> bytes:
    """The body with white space and the order of fields taken out."""
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return body


def etag(seq: int) -> str:
    """The journey's sequence number as an entity tag."""
    return f'"{seq}"'


def _seq(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    plain = if_match.strip().removeprefix("W/").strip('"')
    if not plain.isdecimal():
        raise Refused("if_match_invalid")
    return int(plain)
