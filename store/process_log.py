"""Whole logs of journeys, for process mining; read by the owner."""

from collections.abc import AsyncIterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.event import Event
from store import tables as t
from store.record import events_after


async def logs(
    connection: AsyncConnection, pathways: Sequence[str] = ()
) -> AsyncIterator[tuple[str, list[Event]]]:
    """One journey after the other, by id; perhaps only those that go by some `key@version`."""
    wanted = select(t.journey.c.id, t.journey.c.pathway_key, t.journey.c.pathway_version)
    rows = (await connection.execute(wanted.order_by(t.journey.c.id))).all()
    for row in rows:
        if not pathways or f"{row.pathway_key}@{row.pathway_version}" in pathways:
            yield row.id, await events_after(connection, row.id, 0)
