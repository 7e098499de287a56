"""The outbox: notices waiting to be dispatched, and what became of each delivery."""

from collections.abc import Awaitable, Callable

from sqlalchemy import Executable, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.notice import Notice
from store import tables as t

# Built once: to build a statement costs more than to run it.
_MINE = t.notice.c.id == bindparam("notice_id")
_WAITING = (
    select(t.notice.c.id)
    .where(t.notice.c.dispatched_at.is_(None))
    .order_by(t.notice.c.ordinal)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DISPATCHED = (
    update(t.notice)
    .where(t.notice.c.id.in_(bindparam("ids", expanding=True)))
    .values(dispatched_at=func.now())
)
_ATTEMPT = (
    update(t.notice)
    .where(_MINE, t.notice.c.delivered_at.is_(None), t.notice.c.silenced_at.is_(None))
    .values(attempts=t.notice.c.attempts + 1, attempted_at=func.now(), error=None)
    .returning(*(t.notice.c[name] for name in Notice.model_fields))
)
_DELIVERED = update(t.notice).where(_MINE).values(delivered_at=func.now())
_FAILED = update(t.notice).where(_MINE).values(error=bindparam("code"))
_BURIED = update(t.notice).where(_MINE).values(error=bindparam("code"), dead_at=func.now())
_SHELVED = upsert(t.inbox_message).on_conflict_do_nothing()


class Outbox:
    """Reads a notice and notes its delivery; the `NoticeBook` of the delivery activities."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # One statement is a transaction of its own already.
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def dispatch(self, limit: int, start: Callable[[str], Awaitable[None]]) -> int:
        """Start a delivery for up to `limit` waiting notices; other relays skip these rows."""
        async with self._engine.begin() as connection:
            ids = list((await connection.execute(_WAITING, {"most": limit})).scalars())
            for notice_id in ids:
                await start(notice_id)
            if ids:
                await connection.execute(_DISPATCHED, {"ids": ids})
        return len(ids)

    async def begin_attempt(self, notice_id: str) -> Notice | None:
        """Note that an attempt begins, before anything is sent; None when it was delivered."""
        async with self._single.connect() as connection:
            found = await connection.execute(_ATTEMPT, {"notice_id": notice_id})
            row = found.mappings().first()
        return Notice.model_validate(dict(row)) if row else None

    async def delivered(self, notice_id: str) -> None:
        """Note that the channel took it."""
        await self._write(_DELIVERED, notice_id=notice_id)

    async def failed(self, notice_id: str, error: str) -> None:
        """Note why an attempt failed; `error` is a code, never a message from outside."""
        await self._write(_FAILED, notice_id=notice_id, code=error)

    async def buried(self, notice_id: str, error: str) -> None:
        """Note that nobody will try again by itself: a dead letter."""
        await self._write(_BURIED, notice_id=notice_id, code=error)

    async def put_in_inbox(self, notice: Notice) -> None:
        """Deliver to the in-app inbox; twice is once."""
        await self._write(
            _SHELVED,
            notice_id=notice.id,
            journey_id=notice.journey_id,
            unit=notice.unit,
            function=notice.function,
            kind=notice.kind,
            subject=notice.subject,
            at=notice.at,
        )

    async def _write(self, statement: Executable, **values: object) -> None:
        async with self._single.connect() as connection:
            await connection.execute(statement, values)
