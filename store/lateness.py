"""Figures for whoever watches: how late rungs came, and what waits. Of all units, of nobody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

# Upper bounds in seconds; what came later still has a place of its own.
BOUNDS = (1, 5, 10, 30, 60, 300, 900, 3600, 10800, 86400)
# A promise that has waited so long for its moment to be passed is not merely about to.
GRACE = timedelta(seconds=60)

_PATIENTLY = text("SET LOCAL statement_timeout = '30s'")
_LATENESS = text("SELECT * FROM handslag_rung_lateness(CAST(:bounds AS double precision[]))")
_FIGURES = text("SELECT * FROM handslag_figures(), handslag_promises_not_kept(:grace)")


class Spread(NamedTuple):
    """How many rungs fell at or below each bound but above the one before, and their sum."""

    rungs: tuple[int, ...]
    seconds: float


class Figures(NamedTuple):
    """What is counted at one instant."""

    lateness: Mapping[str, Spread]
    open_journeys: int
    notices_dead: int
    outbox_waiting: int
    promises_not_kept: int
    worker_seen: datetime | None


async def figures(engine: AsyncEngine) -> Figures:
    """Count. Raises what PostgreSQL raises when it is away."""
    async with engine.connect() as connection:
        # All rungs ever fired are counted: seldom, and by nobody who waits.
        await connection.execute(_PATIENTLY)
        row = (await connection.execute(_FIGURES, {"grace": GRACE})).one()
        return Figures(
            lateness=await _lateness(connection),
            open_journeys=row.open_journeys,
            notices_dead=row.notices_dead,
            outbox_waiting=row.outbox_waiting,
            promises_not_kept=row.promises,
            worker_seen=row.worker_seen,
        )


async def _lateness(connection: AsyncConnection) -> dict[str, Spread]:
    counts, sums = dict[str, list[int]](), dict[str, float]()
    for row in await connection.execute(_LATENESS, {"bounds": list(BOUNDS)}):
        counts.setdefault(row.cause, [0] * (len(BOUNDS) + 1))[row.bucket] += row.rungs
        sums[row.cause] = sums.get(row.cause, 0.0) + row.seconds
    return {cause: Spread(tuple(found), sums[cause]) for cause, found in counts.items()}
