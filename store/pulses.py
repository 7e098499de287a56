"""The pulse: in which spans workers ran, and engine and store answered them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.lateness import Span
from store import database
from store import tables as t

_FRESH = upsert(t.pulse)
_GROWS = _FRESH.on_conflict_do_update(
    index_elements=["worker", "source", "from_at"],
    set_={"until_at": func.greatest(t.pulse.c.until_at, _FRESH.excluded.until_at)},
)
_TOUCHES = select(t.pulse).where(
    t.pulse.c.until_at >= bindparam("begin"), t.pulse.c.from_at <= bindparam("end")
)
_FORGET = text("SELECT handslag_forget_pulses(:before)")


class Pulses:
    """Reads and writes spans on an engine; the `PulseBook` of the activities."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def answers(self) -> bool:
        """Whether PostgreSQL answers now."""
        return await database.answers(self._engine)

    async def keep(self, spans: Sequence[Span]) -> None:
        """Write spans, all or none; one that is known grows and never shrinks."""
        if not spans:
            return
        async with self._engine.begin() as connection:
            await connection.execute(_GROWS, [span.model_dump() for span in spans])

    async def during(self, begin: datetime, end: datetime) -> list[Span]:
        """Every worker's spans that touch a time."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(_TOUCHES, {"begin": begin, "end": end})
            return [Span.model_validate(dict(row._mapping)) for row in rows]

    async def forget(self, before: datetime) -> None:
        """Remove what ended before an instant."""
        async with self._engine.begin() as connection:
            await connection.execute(_FORGET, {"before": before})
