"""A fact about a patient, told to every open journey of that patient.

Protection that is raised holds everywhere at once: it can only hide. Any other fact is *reported*
to the other journeys: whoever coordinates there is told and judges, because anybody who knows a
patient's number can start a journey. The same key makes it safe to repeat.
"""

import structlog

from api.house import Caller, Key
from api.submission import answered
from domain.command import FactCommand
from domain.elsewhere import told_elsewhere
from domain.refusal import Kind, Refused
from store import journeys

log = structlog.get_logger()


async def others(caller: Caller, journey_id: str) -> list[str]:
    """The other open journeys of the same patient. Raises `Refused("journey_unknown")`."""
    async with caller.patients() as connection:
        if await journeys.line(connection, journey_id, caller.sight.patients) is None:
            raise Refused("journey_unknown")
        return [o.id for o in await journeys.others(connection, journey_id)]


async def tell(caller: Caller, key: Key, journey_ids: list[str], command: FactCommand) -> None:
    """Raises `Refused` only when the engine or the store is away: then the call is repeated."""
    news = told_elsewhere(command)
    if news is None:
        return
    for journey_id in journey_ids:
        envelope = key.envelope(caller, news).model_copy(
            update={"relayed": True, "expected_seq": None}
        )
        try:
            await answered(caller, envelope, journey_id)
        except Refused as refused:
            if refused.refusal.text.kind in (Kind.UNAVAILABLE, Kind.BROKEN):
                raise
            log.info("fact_not_news", journey_id=journey_id, code=refused.refusal.code)
