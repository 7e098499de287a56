"""Running clocks that count a unit's opening hours, with the calendars that they go by."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Calendar
from domain.clock import Clock
from domain.value import HsaId
from store import tables as t


async def counting(connection: AsyncConnection, unit: HsaId) -> list[tuple[str, Clock]]:
    """Clocks that the unit owes in its own hours, each with the id of its journey."""
    body = t.clock.c.body
    wanted = (
        select(t.clock.c.journey_id, body)
        .where(t.clock.c.owed, t.clock.c.owner == unit)
        .where(body["opening"]["unit"].as_string() == unit)
    )
    rows = await connection.execute(wanted)
    return [(row.journey_id, Clock.model_validate(row.body)) for row in rows]


async def calendars(connection: AsyncConnection, versions: set[str]) -> dict[str, Calendar]:
    """Calendars by version; a version that a clock goes by is never taken away."""
    wanted = select(t.calendar.c.version, t.calendar.c.body)
    rows = await connection.execute(wanted.where(t.calendar.c.version.in_(sorted(versions))))
    return {row.version: Calendar.model_validate(row.body) for row in rows}
