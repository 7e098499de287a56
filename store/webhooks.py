"""Webhook endpoints: each change is a row, the newest holds; secrets are sealed before they come.

A row without `url` says that the endpoint was removed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from store import tables as t


class SealedSecret(NamedTuple):
    """A sealed secret, and the name of the key that opens it."""

    key_id: str
    data: bytes


class Written(NamedTuple):
    """An endpoint as a change left it; `url` is None when it was removed."""

    id: str
    hsa_id: str
    version: int
    kind: str
    url: str | None
    secret: SealedSecret | None
    old_secret: SealedSecret | None
    at: datetime
    by_subject: str
    by_unit: str
    body_hash: str


async def newest(connection: AsyncConnection, hsa_id: str) -> Written | None:
    """The endpoint of a unit as it stands, removed or not; None when it never had one."""
    row = (await connection.execute(_NEWEST, {"unit": hsa_id})).first()
    return _written(row) if row else None


async def alone(connection: AsyncConnection, hsa_id: str) -> None:
    """Wait until nobody else changes the endpoint of the unit, until the transaction ends."""
    await connection.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"webhook:{hsa_id}", 0)))
    )


async def written(connection: AsyncConnection, change_id: str) -> Written | None:
    """A change by its id."""
    row = (await connection.execute(select(t.webhook).where(t.webhook.c.id == change_id))).first()
    return _written(row) if row else None


async def put(connection: AsyncConnection, change: Written) -> bool:
    """Write the next version; False when it, or the change itself, is already there."""
    row = change._asdict()
    row["key_id"], row["secret"] = change.secret or (None, None)
    row["old_key_id"], row["old_secret"] = change.old_secret or (None, None)
    begin = upsert(t.webhook).values(**row).on_conflict_do_nothing().returning(t.webhook.c.id)
    return (await connection.execute(begin)).first() is not None


class Webhooks:
    """The endpoints as the worker needs them: where to, and with which secrets."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, hsa_id: str) -> tuple[str, Sequence[SealedSecret]] | None:
        """The address and the sealed secrets, the newest first; None without an endpoint."""
        async with self._engine.connect() as connection:
            found = await newest(connection, hsa_id)
        if found is None or found.url is None:
            return None
        return found.url, [s for s in (found.secret, found.old_secret) if s is not None]


_NEWEST = (
    select(t.webhook)
    .where(t.webhook.c.hsa_id == bindparam("unit"))
    .order_by(t.webhook.c.version.desc())
    .limit(1)
)


def _written(row: Row[Any]) -> Written:
    given = {name: getattr(row, name) for name in Written._fields}
    given["secret"] = _sealed(row.key_id, row.secret)
    given["old_secret"] = _sealed(row.old_key_id, row.old_secret)
    return Written(**given)


def _sealed(key_id: str | None, data: bytes | None) -> SealedSecret | None:
    return SealedSecret(key_id, bytes(data)) if key_id is not None and data is not None else None
