"""Before something of a journey is read: whether the caller is part of it, and may see it whole."""

from sqlalchemy.ext.asyncio import AsyncConnection

from api.house import Caller
from domain.refusal import Refused
from domain.summary import Summary
from store import journeys
from store.journeys import Person


async def part_of(caller: Caller, connection: AsyncConnection, journey_id: str) -> Summary:
    """The journey's line, for units that are or were part of it. Raises `journey_unknown`."""
    line = await journeys.line(connection, journey_id, caller.sight.patients)
    if line is None:
        raise Refused("journey_unknown")
    return line


async def seen_whole(caller: Caller, connection: AsyncConnection, journey_id: str) -> Person:
    """Whom it is about; what cannot be masked is for the named group alone, if there is one.

    Raises `Refused("patient_protected")`.
    """
    who = await journeys.patient(connection, journey_id)
    if not caller.sees(who.protection):
        raise Refused("patient_protected")
    return who


async def may_see_whole(caller: Caller, connection: AsyncConnection, journey_id: str) -> bool:
    """The same, for what can be masked."""
    who = await journeys.patient(connection, journey_id)
    return caller.sees(who.protection)
