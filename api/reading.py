"""Before something of a journey is read: whether the caller is part of it, and may see it whole."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from api.house import Caller
from domain.plan import Plan
from domain.refusal import Refused
from domain.summary import Summary
from store import care, journeys
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


async def contents(caller: Caller, connection: AsyncConnection, journey_id: str) -> dict[str, Any]:
    """What the steps were completed with, by step id; for units of health care.

    A plan only if it is one that the caller may read: its own care provider's, or disclosed to it.
    """
    found = await journeys.contents(connection, journey_id)
    plans = await care.plans(connection, journey_id, caller.sight.patients)
    readable = [plan.content for plan in plans if plan.content]
    return {
        step: content
        for step, content in found.items()
        if content.get("kind") != "plan" or Plan.model_validate(content) in readable
    }
