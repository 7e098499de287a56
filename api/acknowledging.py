"""Acknowledging many handovers at once: each is judged alone, and each gets its own answer."""

import asyncio
from typing import Any

from fastapi import APIRouter

from api.answers import answer_to
from api.handover_bodies import AcknowledgeManyBody
from api.house import Caller, CallerDep, Key, KeyDep
from domain import command as cmd
from domain.refusal import Refused
from domain.value import Value

router = APIRouter(prefix="/api/v1/handovers", tags=["handovers"])

AT_ONCE = 8


class Acknowledged(Value):
    """What became of one of them."""

    handover_id: str
    outcome: str
    code: str | None = None
    title: str | None = None
    title_en: str | None = None


class AcknowledgedMany(Value):
    """The outcomes, in the order of the call."""

    items: tuple[Acknowledged, ...]
    acknowledged: int
    refused: int


@router.post("/acknowledge")
async def acknowledge_many(
    body: AcknowledgeManyBody, caller: CallerDep, key: KeyDep
) -> AcknowledgedMany:
    """Monday morning: everything that somebody has read, in one call."""
    turns = asyncio.Semaphore(AT_ONCE)
    ids = list(dict.fromkeys(body.handovers))
    items = await asyncio.gather(*(_one(caller, key, turns, i) for i in ids))
    done = sum(1 for item in items if item.outcome == "acknowledged")
    return AcknowledgedMany(items=tuple(items), acknowledged=done, refused=len(items) - done)


async def _one(
    caller: Caller, key: Key, turns: asyncio.Semaphore, handover_id: str
) -> Acknowledged:
    """One of them, with a key of its own, so that a repeated call repeats each answer."""
    own = Key(f"{key.value}/{handover_id}", key.body_hash, None)
    async with turns:
        try:
            await answer_to(caller, own, cmd.Acknowledge(handover_id=handover_id))
        except Refused as refused:
            return Acknowledged(**_refused(handover_id, refused))
    return Acknowledged(handover_id=handover_id, outcome="acknowledged")


def _refused(handover_id: str, refused: Refused) -> dict[str, Any]:
    no = refused.refusal
    return {
        "handover_id": handover_id,
        "outcome": "refused",
        "code": no.code,
        "title": no.text.sv,
        "title_en": no.text.en,
    }
