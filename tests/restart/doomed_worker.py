"""A worker that dies between the commit of a command and the completion of its task."""

import os
import signal

import uvloop

import worker
from domain.record import Outcome, Record, Verdict
from runtime import settings
from store.record import Ledger


class DoomedLedger(Ledger):
    """Commits, and then kills its own process, as a power cut would."""

    async def record(self, entry: Record) -> Outcome:
        """Write one decision; nobody hears about it."""
        outcome = await super().record(entry)
        if entry.idempotency and outcome.verdict is Verdict.RECORDED:
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome


if __name__ == "__main__":
    uvloop.run(worker.serve(settings.load(), DoomedLedger))
