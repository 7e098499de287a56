"""Making a decision real: one fenced write."""

import time
from typing import Protocol

import structlog
from temporalio import activity

from domain.record import Outcome, Record

log = structlog.get_logger()


class Ledger(Protocol):
    """Where decisions are written, whole or not at all."""

    async def record(self, entry: Record) -> Outcome:
        """Write, or say why not."""
        ...


class LedgerActivities:
    """Writes decisions; safe to repeat, because the fence lets a sequence pass once."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @activity.defn(name="record")
    async def record(self, entry: Record) -> Outcome:
        """Write one decision, and say so in the log: what kind of events, never their content."""
        began = time.perf_counter()
        outcome = await self._ledger.record(entry)
        log.info(
            "recorded",
            verdict=outcome.verdict,
            events=[event.what.type for event in entry.events],
            expected_seq=entry.expected_seq,
            journey_id=entry.journey_id,
            workflow_id=activity.info().workflow_id,
            correlation_id=entry.correlation_id,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )
        return outcome
