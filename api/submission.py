"""From a command to its response: asked once, answered the same for ever."""

import structlog
from fastapi.responses import JSONResponse

from api import mask
from api.engine import Answer, JourneyGone
from api.house import Caller, Key, etag
from domain.command import Command, Envelope, Start
from domain.refusal import Refused
from store import journeys

log = structlog.get_logger()


async def submit(caller: Caller, key: Key, journey_id: str, command: Command) -> JSONResponse:
    """Submit a command to a journey. Raises `Refused`."""
    return respond(await answered(caller, key.envelope(caller, command), journey_id))


async def submit_to(caller: Caller, key: Key, journey_id: str, command: Command) -> JSONResponse:
    """The same, for a journey that the caller names: only units that are part of it, or were,
    learn that it exists. Raises `Refused("journey_unknown")`.
    """
    async with caller.patients() as connection:
        line = await journeys.line(connection, journey_id, caller.sight.patients)
    if line is None:
        raise Refused("journey_unknown")
    answer = await answered(caller, key.envelope(caller, command), journey_id)
    shown = mask.answer(caller, line.protection, answer["view"])
    return respond(answer | {"view": shown})


async def answered(caller: Caller, envelope: Envelope, journey_id: str) -> Answer:
    """The answer to a command: from the engine, or, if it was given before, from the store."""
    try:
        return await _ask(caller, envelope, journey_id)
    except Refused as refused:
        earlier = await given_before(caller, envelope, journey_id)
        if earlier is None:
            raise refused from None
        return earlier
    except JourneyGone:
        earlier = await given_before(caller, envelope, journey_id)
        if earlier is None:
            raise await _why_gone(caller, journey_id) from None
        return earlier


async def _why_gone(caller: Caller, journey_id: str) -> Refused:
    """A closed journey has no workflow; an open one without is a loss that somebody must see."""
    async with caller.patients() as connection:
        open_still = await journeys.is_open(connection, journey_id)
    if not open_still:
        return Refused("journey_closed")
    log.error("workflow_lost", journey_id=journey_id)
    return Refused("engine_unavailable")


async def given_before(caller: Caller, envelope: Envelope, journey_id: str) -> Answer | None:
    """The answer that this key already has in the journey. Raises `Refused("key_reused")`."""
    caller_key = envelope.idempotency
    return await given_to(caller, caller_key.key, caller_key.body_hash, journey_id)


async def given_to(
    caller: Caller, key: str, body_hash: str, journey_id: str | None = None
) -> Answer | None:
    """The same, before there is a command or a journey. Raises `Refused("key_reused")`."""
    async with caller.patients() as connection:
        found = await journeys.answer(connection, caller.principal, key, body_hash, journey_id)
    if found and found["body_hash"] != body_hash:
        raise Refused("key_reused")
    return found


async def _ask(caller: Caller, envelope: Envelope, journey_id: str) -> Answer:
    """Ask the engine; a journey that knows an older calendar or rulebook is handed the newest."""
    engine = caller.house.engine
    if isinstance(envelope.command, Start):
        return await engine.start(envelope)
    try:
        return await engine.submit(journey_id, envelope)
    except Refused as refused:
        if refused.refusal.code not in ("calendar_stale", "rules_stale"):
            raise
    known = caller.catalogue
    newer = envelope.model_copy(update={"calendar": known.calendar, "rules": known.rules})
    return await engine.submit(journey_id, newer)


def respond(answer: Answer) -> JSONResponse:
    """The view, with the sequence number as its tag."""
    headers = {"ETag": etag(answer["seq"])}
    return JSONResponse(answer["view"], 201 if answer["created"] else 200, headers=headers)
