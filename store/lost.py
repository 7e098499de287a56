"""Deliveries whose workflow is gone: begun, not ended, and nobody tries any more."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Interval, and_, bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.delivery import UnderWay
from store import tables as t

_N = t.notice.c
_UNDER_WAY = and_(
    _N.dispatched_at.is_not(None),
    _N.delivered_at.is_(None),
    _N.dead_at.is_(None),
    _N.silenced_at.is_(None),
)
_SINCE = _N.dispatched_at < func.now() - bindparam("age", type_=Interval)
_LEADER = func.coalesce(_N.digest_of, _N.id)
# What a person has sent again leads no digest, and is in none.
_SENDING = case((_N.digest_of.is_(None), _N.resent), else_=0)
_PAGE = (
    select(_N.ordinal, _LEADER.label("notice_id"), _SENDING.label("resent"))
    .where(_UNDER_WAY, _SINCE, _N.ordinal > bindparam("after"))
    .order_by(_N.ordinal)
    .limit(bindparam("most"))
)
_PUT_BACK = (
    update(t.notice)
    .where(
        _UNDER_WAY,
        _SINCE,
        or_(
            and_(_N.id == bindparam("notice_id"), _N.resent == bindparam("sending")),
            _N.digest_of == bindparam("notice_id"),
        ),
    )
    .values(dispatched_at=None, digest_of=None, held_until=None)
)
_BURIED = update(t.notice).where(_UNDER_WAY, _SINCE).values(dead_at=func.now(), error="lost")


class LostLetters:
    """Finds deliveries that were begun long ago, and puts right those that nobody makes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(self, after: int, age: timedelta, limit: int) -> Sequence[UnderWay]:
        """Deliveries that were begun so long ago and have not ended, behind a place."""
        given = {"after": after, "age": age, "most": limit}
        async with self._engine.connect() as connection:
            return [UnderWay(*row) for row in await connection.execute(_PAGE, given)]

    async def put_back(self, found: UnderWay, age: timedelta) -> int:
        """Let a delivery, and its digest, be started anew; none when it has ended. How many."""
        given = {"notice_id": found.notice_id, "sending": found.resent, "age": age}
        async with self._engine.begin() as connection:
            return (await connection.execute(_PUT_BACK, given)).rowcount

    async def bury(self, age: timedelta) -> int:
        """Make dead letters of what was begun longer ago than anything is tried; how many."""
        async with self._engine.begin() as connection:
            return (await connection.execute(_BURIED, {"age": age})).rowcount
