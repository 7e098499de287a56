"""Many starts at once: each item is judged alone, and named with its reason when refused."""

import asyncio
import hashlib
import json
from collections import defaultdict
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from api.bodies import BatchBody, BatchItem, Ref
from api.house import Caller, Key
from api.problems import Problem, problem, wrong_field
from api.starting import refuse_impossible, start_command
from api.submission import answered, given_before
from domain.refusal import Refused
from domain.value import Instant, Value

AT_ONCE = 8
REF: TypeAdapter[str] = TypeAdapter(Ref)


class ItemResult(Value):
    """What became of one item."""

    index: int
    ref: str | None
    outcome: Literal["started", "already_started", "refused"]
    journey_id: str | None = None
    problem: Problem | None = None


class BatchResult(Value):
    """What became of each item, in order, and how many of each outcome."""

    items: tuple[ItemResult, ...]
    started: int
    already_started: int
    refused: int


async def start_many(caller: Caller, body: BatchBody, now: Instant) -> BatchResult:
    """Start what can be started; of two items for one patient, the first one comes first."""
    places = asyncio.Semaphore(AT_ONCE)
    turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def one(index: int, item: dict[str, Any]) -> ItemResult:
        async with turns[str(item.get("patient"))], places:
            return await _start_one(caller, index, item, now)

    results = await asyncio.gather(*(one(i, item) for i, item in enumerate(body.items)))
    outcomes = [result.outcome for result in results]
    return BatchResult(
        items=tuple(results),
        started=outcomes.count("started"),
        already_started=outcomes.count("already_started"),
        refused=outcomes.count("refused"),
    )


async def _start_one(caller: Caller, index: int, item: dict[str, Any], now: Instant) -> ItemResult:
    ref = _ref(item)
    try:
        outcome, journey_id = await _outcome(caller, _checked(item), now)
    except Refused as refused:
        shown = problem(refused.refusal)
        return ItemResult(index=index, ref=ref, outcome="refused", problem=shown)
    return ItemResult(index=index, ref=ref, outcome=outcome, journey_id=journey_id)


async def _outcome(
    caller: Caller, item: BatchItem, now: Instant
) -> tuple[Literal["started", "already_started"], str]:
    key = Key(f"ref:{item.ref}", _digest(item), None)
    command = await start_command(caller, item, key.value)
    envelope = key.envelope(caller, command)
    if await given_before(caller, envelope, command.journey_id):
        return "already_started", command.journey_id
    refuse_impossible(envelope, now)
    await answered(caller, envelope, command.journey_id)
    return "started", command.journey_id


def _ref(item: dict[str, Any]) -> str | None:
    """The caller's own name for an item, if it is one."""
    try:
        return REF.validate_python(item.get("ref"))
    except ValidationError:
        return None


def _checked(item: dict[str, Any]) -> BatchItem:
    try:
        return BatchItem.model_validate(item)
    except ValidationError as error:
        found = [wrong_field(e["loc"], e, "item") for e in error.errors(include_input=False)]
    raise Refused("request_invalid", *found)


def _digest(item: BatchItem) -> str:
    text = json.dumps(item.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
