"""The outbox: notices waiting to be dispatched, and what became of each delivery."""

from collections.abc import Awaitable, Callable

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.notice import Notice
from store import tables as t


class Outbox:
    """Reads a notice and notes its delivery; the `NoticeBook` of the delivery activities."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def dispatch(self, limit: int, start: Callable[[str], Awaitable[None]]) -> int:
        """Start a delivery for up to `limit` waiting notices; other relays skip these rows."""
        async with self._engine.begin() as connection:
            ids = list((await connection.execute(_waiting(limit))).scalars())
            for notice_id in ids:
                await start(notice_id)
            if ids:
                await connection.execute(
                    update(t.notice).where(t.notice.c.id.in_(ids)).values(dispatched_at=func.now())
                )
        return len(ids)

    async def begin_attempt(self, notice_id: str) -> Notice | None:
        """Note that an attempt begins, before anything is sent; None when it was delivered."""
        attempt = (
            update(t.notice)
            .where(t.notice.c.id == notice_id, t.notice.c.delivered_at.is_(None))
            .values(attempts=t.notice.c.attempts + 1, attempted_at=func.now(), error=None)
            .returning(t.notice)
        )
        async with self._engine.begin() as connection:
            row = (await connection.execute(attempt)).mappings().first()
        return Notice.model_validate({n: row[n] for n in Notice.model_fields}) if row else None

    async def delivered(self, notice_id: str) -> None:
        """Note that the channel took it."""
        await self._note(notice_id, delivered_at=func.now())

    async def failed(self, notice_id: str, error: str) -> None:
        """Note why an attempt failed; `error` is a code, never a message from outside."""
        await self._note(notice_id, error=error)

    async def buried(self, notice_id: str, error: str) -> None:
        """Note that nobody will try again by itself: a dead letter."""
        await self._note(notice_id, dead_at=func.now(), error=error)

    async def put_in_inbox(self, notice: Notice) -> None:
        """Deliver to the in-app inbox; twice is once."""
        message = {
            "notice_id": notice.id,
            "journey_id": notice.journey_id,
            "unit": notice.unit,
            "function": notice.function,
            "kind": notice.kind,
            "subject": notice.subject,
            "at": notice.at,
        }
        async with self._engine.begin() as connection:
            await connection.execute(
                upsert(t.inbox_message).values(**message).on_conflict_do_nothing()
            )

    async def _note(self, notice_id: str, **values: object) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(
                update(t.notice).where(t.notice.c.id == notice_id).values(**values)
            )


def _waiting(limit: int) -> Select[str]:
    return (
        select(t.notice.c.id)
        .where(t.notice.c.dispatched_at.is_(None))
        .order_by(t.notice.c.ordinal)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
