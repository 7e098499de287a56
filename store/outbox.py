"""The outbox: notices waiting to be dispatched, and what became of each delivery."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Interval,
    Row,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.delivery import NEVER_DIGESTED, Attempt, Outcome
from domain.notice import Notice
from domain.unit import ChannelKind
from store import tables as t

STARTED_AT_ONCE = 8
Start = Callable[[str, int, ChannelKind], Awaitable[bool]]
Letter = Sequence[Row[Any]]

# Built once: to build a statement costs more than to run it.
_N = t.notice.c
_OPEN = and_(_N.delivered_at.is_(None), _N.silenced_at.is_(None), _N.dead_at.is_(None))
_LEADER = and_(_N.id == bindparam("notice_id"), _N.resent == bindparam("sending"))
_FOLLOWERS = _N.digest_of == bindparam("notice_id")
# What a person has sent again is not held back once more.
_GATHERED = and_(
    _N.channel == ChannelKind.MAIL,
    _N.address.is_not(None),
    _N.kind.not_in(sorted(NEVER_DIGESTED)),
    _N.resent == 0,
)
_WAITED = or_(_N.not_before.is_not(None), _N.held_until.is_not(None))
_NOT_STOPPED = and_(
    t.clock.c.journey_id == _N.journey_id,
    t.clock.c.id == _N.clock_id,
    t.clock.c.body["stopped_at"].astext.is_(None),
)
# A clock that stands still is not late: what waited already waits until it goes on, or stops.
_STANDS_STILL = and_(
    _N.clock_id.is_not(None),
    _WAITED,
    _N.resent == 0,
    select(t.clock.c.id).where(_NOT_STOPPED, ~t.clock.c.owed).exists(),
)
_NOT_YET_SENT = and_(
    _N.dispatched_at.is_(None),
    or_(_N.not_before.is_(None), _N.not_before <= func.now()),
    ~_STANDS_STILL,
)
_COLUMNS = (_N.id, _N.resent, _N.channel, _N.address, _GATHERED.label("gathered"))
_WAITING = (
    select(*_COLUMNS)
    .where(_NOT_YET_SENT, or_(_N.held_until.is_(None), _N.held_until <= func.now()))
    .order_by(_N.ordinal)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_SAME_ADDRESS = (
    select(*_COLUMNS)
    .where(_NOT_YET_SENT, _GATHERED, _N.address == bindparam("address"))
    .order_by(_N.ordinal)
    .with_for_update(skip_locked=True)
)
# What waited for an opening, or for a digest, while somebody answered: nobody is reminded of it.
_OBSOLETE = (
    update(t.notice)
    .where(
        _N.dispatched_at.is_(None),
        _WAITED,
        func.greatest(_N.not_before, _N.held_until) <= func.now(),
        _N.clock_id.is_not(None),
        _N.resent == 0,
        ~select(t.clock.c.id).where(_NOT_STOPPED).exists(),
    )
    .values(silenced_at=func.now(), dispatched_at=func.now())
)
# One relay at a time decides about an address; another leaves it for its next round.
_ALONE = select(
    func.pg_try_advisory_xact_lock(func.hashtextextended("digest:" + bindparam("address"), 0))
)
_WINDOW = bindparam("window", type_=Interval)
_HELD_UNTIL = select(func.max(_N.dispatched_at) + _WINDOW).where(
    _GATHERED,
    _N.address == bindparam("address"),
    _N.digest_of.is_(None),
    _N.silenced_at.is_(None),
    _N.dispatched_at > func.now() - _WINDOW,
)
_DISPATCHED = (
    update(t.notice)
    .where(_N.id.in_(bindparam("ids", expanding=True)))
    .values(dispatched_at=func.now())
)
_GATHERED_IN = (
    update(t.notice)
    .where(_N.id.in_(bindparam("ids", expanding=True)))
    .values(digest_of=bindparam("leader"))
)
_HELD = (
    update(t.notice)
    .where(_N.id.in_(bindparam("ids", expanding=True)))
    .values(held_until=bindparam("until"))
)


def _begun(whose: ColumnElement[bool]) -> Executable:
    """Counts and writes down an attempt at what is still open, in one statement."""
    taken = (
        update(t.notice)
        .where(whose, _OPEN)
        .values(attempts=_N.attempts + 1, attempted_at=func.now(), error=None)
        .returning(t.notice)
        .cte("taken")
    )
    noted = (
        insert(t.delivery_attempt)
        .from_select(
            ["notice_id", "number", "at"],
            select(taken.c.id, taken.c.attempts, taken.c.attempted_at),
        )
        .cte("noted")
    )
    wanted = (taken.c[name] for name in (*Notice.model_fields, "attempts"))
    return select(*wanted).add_cte(noted).order_by(taken.c.ordinal)


_BEGUN = _begun(_LEADER)
_FOLLOWERS_BEGUN = _begun(_FOLLOWERS)
_ATTEMPTED = tuple_(t.delivery_attempt.c.notice_id, t.delivery_attempt.c.number).in_(
    bindparam("rows", expanding=True)
)


def _ended(outcome: Outcome, **change: Any) -> Executable:
    """Writes the outcome of an attempt, and what it changes in its notices."""
    rows = (
        update(t.delivery_attempt)
        .where(_ATTEMPTED)
        .values(outcome=outcome.value, error=bindparam("code"))
        .returning(t.delivery_attempt.c.notice_id)
        .cte("rows")
    )
    return update(t.notice).where(_N.id.in_(select(rows.c.notice_id))).values(**change)


_DELIVERED = _ended(Outcome.DELIVERED, delivered_at=func.now())
_FAILED = _ended(Outcome.FAILED, error=bindparam("code"))
_BURIED = (
    update(t.notice)
    .where(or_(_LEADER, _FOLLOWERS), _OPEN)
    .values(error=func.coalesce(_N.error, bindparam("code")), dead_at=func.now())
)
_SHELVED = upsert(t.inbox_message).on_conflict_do_nothing()


class Outbox:
    """Reads a notice and notes its delivery; the `NoticeBook` of the delivery activities.

    `digest` is how long mail to one address is gathered after the first; nothing gathers none.
    """

    def __init__(self, engine: AsyncEngine, digest: timedelta = timedelta(0)) -> None:
        self._engine = engine
        self._digest = digest
        # One statement is a transaction of its own already.
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")

    async def dispatch(self, limit: int, start: Start) -> int:
        """Start a delivery for each letter among `limit` waiting notices; other relays skip these.

        `start` says whether the delivery is new.
        How many notices were moved on: those of a digest, and those that are held for one, too.
        Raises what a start raised, once the others have been noted.
        """
        async with self._engine.begin() as connection:
            await connection.execute(_OBSOLETE)
            rows = list(await connection.execute(_WAITING, {"most": limit}))
            gathered = [r for r in rows if self._digest and r.gathered]
            letters: list[Letter] = [[r] for r in rows if r not in gathered]
            held = 0
            for address in dict.fromkeys(r.address for r in gathered):
                letter, kept_back = await self._gather(connection, address)
                letters += [letter] if letter else []
                held += kept_back
            gone, failure = await _all_started(letters, start)
            await _note_dispatched(connection, gone)
        if failure:
            raise failure
        return held + sum(len(letter) for letter in gone)

    async def _gather(self, connection: AsyncConnection, address: str) -> tuple[Letter, int]:
        """What goes to an address now as one letter; or how much is held until its time."""
        given = {"address": address, "window": self._digest}
        if not await connection.scalar(_ALONE, {"address": address}):
            return [], 0
        until: datetime | None = await connection.scalar(_HELD_UNTIL, given)
        waiting = list(await connection.execute(_SAME_ADDRESS, {"address": address}))
        if until is None:
            return waiting, 0
        await connection.execute(_HELD, {"ids": [r.id for r in waiting], "until": until})
        return [], len(waiting)

    async def begin_attempt(self, notice_id: str, resent: int) -> Attempt | None:
        """Note that an attempt begins, before anything is sent; None when nothing is left to do.

        Two statements, since the second must see what the relay did that the first waited for.
        """
        given = {"notice_id": notice_id, "sending": resent}
        async with self._single.connect() as connection:
            rows = list(await connection.execute(_BEGUN, given))
            if not rows or rows[0].channel == ChannelKind.MAIL:
                rows += await connection.execute(_FOLLOWERS_BEGUN, {"notice_id": notice_id})
        if not rows:
            return None
        notices = tuple(_notice(row) for row in rows)
        return Attempt(notices, tuple(row.attempts for row in rows))

    async def delivered(self, attempt: Attempt) -> None:
        """Note that the channel took it."""
        await self._write(_DELIVERED, rows=attempt.rows, code=None)

    async def failed(self, attempt: Attempt, error: str) -> None:
        """Note why an attempt failed; `error` is a code, never a message from outside."""
        await self._write(_FAILED, rows=attempt.rows, code=error)

    async def buried(self, notice_id: str, resent: int, error: str) -> None:
        """Note that nobody will try again by itself: a dead letter."""
        await self._write(_BURIED, notice_id=notice_id, sending=resent, code=error)

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


def _notice(row: Row[Any]) -> Notice:
    return Notice.model_validate({name: getattr(row, name) for name in Notice.model_fields})


async def _started(letter: Letter, start: Start) -> Letter:
    """What goes with the delivery. One that a relay began before it was cut off goes alone.

    It may be over already, and would leave the others behind.
    """
    is_new = await start(letter[0].id, letter[0].resent, ChannelKind(letter[0].channel))
    return letter if is_new else letter[:1]


async def _all_started(
    letters: Sequence[Letter], start: Start
) -> tuple[list[Letter], Exception | None]:
    """Several at once: each start is a wait for the engine. What has begun, and what failed first.

    What has begun must be noted as such: begun anew, a digest would leave its others behind.
    """
    places = asyncio.Semaphore(STARTED_AT_ONCE)

    async def in_turn(letter: Letter) -> Letter:
        async with places:
            return await _started(letter, start)

    ends = await asyncio.gather(*(in_turn(letter) for letter in letters), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, Exception):
            raise end
    failed = [end for end in ends if isinstance(end, Exception)]
    gone = [end for end in ends if not isinstance(end, BaseException)]
    return gone, failed[0] if failed else None


async def _note_dispatched(connection: AsyncConnection, letters: Sequence[Letter]) -> None:
    ids = [row.id for letter in letters for row in letter]
    if ids:
        await connection.execute(_DISPATCHED, {"ids": ids})
    for letter in letters:
        if len(letter) > 1:
            followers = [row.id for row in letter[1:]]
            given = {"ids": followers, "leader": letter[0].id}
            await connection.execute(_GATHERED_IN, given)
