"""Making a decision real: one fenced write."""

from typing import Protocol

from temporalio import activity

from domain.record import Outcome, Record


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
        """Write one decision."""
        return await self._ledger.record(entry)
