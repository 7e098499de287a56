"""A fact about a patient, told to every open journey of that patient.

The same key makes it safe to repeat: a call that fails half-way is sent again, and each journey
takes the fact once. A journey for which it is no news refuses it, and that is all right.
"""

import structlog

from api.house import Caller, Key
from api.submission import answered
from domain.command import FactCommand
from domain.refusal import Kind, Refused
from store import journeys

log = structlog.get_logger()


async def others(caller: Caller, journey_id: str) -> list[str]:
    """The other open journeys of the same patient; none for who may not see this one."""
    async with caller.patients() as connection:
        return [o.id for o in await journeys.others(connection, journey_id)]


async def tell(caller: Caller, key: Key, journey_ids: list[str], command: FactCommand) -> None:
    """Raises `Refused` only when the engine or the store is away: then the call is repeated."""
    for journey_id in journey_ids:
        envelope = key.envelope(caller, command).model_copy(
            update={"relayed": True, "expected_seq": None}
        )
        try:
            await answered(caller, envelope, journey_id)
        except Refused as refused:
            if refused.refusal.text.kind in (Kind.UNAVAILABLE, Kind.BROKEN):
                raise
            log.info("fact_not_news", journey_id=journey_id, code=refused.refusal.code)
