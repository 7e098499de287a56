"""Reading one clock, and the part of the journey's log that it follows from."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clock import Clock
from domain.event import Event
from store import journeys
from store import tables as t
from store.record import read_event


async def find(connection: AsyncConnection, journey_id: str, clock_id: str) -> Clock | None:
    """A clock of a journey of which the caller sees something; who may read it decides the door."""
    wanted = select(t.clock.c.body).where(
        t.clock.c.journey_id == journey_id, t.clock.c.id == clock_id
    )
    body = (await connection.execute(wanted)).scalar_one_or_none()
    return Clock.model_validate(body) if body else None


async def log(
    connection: AsyncConnection, journey_id: str, subject: str, *, whole: bool
) -> Sequence[Event]:
    """The `whole` log, for units that are part of the journey; else what is about one handover."""
    if whole:
        return await journeys.events(connection, journey_id)
    about = text("SELECT * FROM handslag_clock_log(:journey, :subject)")
    rows = await connection.execute(about, {"journey": journey_id, "subject": subject})
    return [read_event(row) for row in rows]
