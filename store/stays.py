"""Reading hospital stays. Every read names the units it is for; the row policies ask again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Row, Select, Text, cast, column, exists, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clock import Clock
from domain.facts import Protection
from domain.meeting import Sip
from domain.stay import Episode
from domain.stay_view import Around
from store import tables as t
from store.journeys import Person


class Found(NamedTuple):
    """A stay with what belongs to it, and whose it is."""

    around: Around
    patient_id: str
    who: Person


async def find(
    connection: AsyncConnection, journey_id: str, number: int, units: Sequence[str]
) -> Found | None:
    """One stay, for units of the journey and for those that were told of it."""
    wanted = _seen(units).where(t.stay.c.journey_id == journey_id, t.stay.c.number == number)
    row = (await connection.execute(wanted)).first()
    return _found(row) if row else None


async def told_of(
    connection: AsyncConnection, unit: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[Found]:
    """A page of the stays that a unit was told of, newest first; `before` ends in a `place`."""
    wanted = (
        _seen([unit])
        .where(t.stay.c.notified.has_key(unit))
        .order_by(t.stay.c.admitted_at.desc(), PLACE.desc())
        .limit(limit)
    )
    if before:
        wanted = wanted.where(tuple_(t.stay.c.admitted_at, PLACE) < before)
    return [_found(row) for row in await connection.execute(wanted)]


def place(around: Around) -> str:
    """What tells stays of one instant apart in a list."""
    return f"{around.journey_id}.{around.stay.number}"


PLACE = t.stay.c.journey_id + "." + cast(t.stay.c.number, Text)
AROUND = (
    "patient_id",
    "system",
    "value",
    "name",
    "protection",
    "municipality",
    "sip",
    "deceased_at",
    "closed_at",
    "seq",
    "newest",
    "clocks",
)


def _seen(units: Sequence[str]) -> Select[Any]:
    """The stays that units see, each with what the notice tells besides (2 kap. 2 §)."""
    columns = [column(n, JSONB) if n in ("sip", "clocks") else column(n) for n in AROUND]
    told = func.handslag_around_stay(t.stay.c.journey_id, t.stay.c.number)
    around = told.table_valued(*columns).lateral("around")
    involved = exists().where(
        t.involved.c.journey_id == t.stay.c.journey_id, t.involved.c.unit.in_(units)
    )
    notified = t.stay.c.notified.has_any(cast(list(units), ARRAY(Text)))
    return (
        select(t.stay.c.journey_id, t.stay.c.body, *around.c)
        .select_from(t.stay.join(around, around.c.patient_id.is_not(None)))
        .where(or_(involved, notified))
    )


def _found(row: Row[Any]) -> Found:
    around = Around(
        journey_id=row.journey_id,
        seq=row.seq,
        stay=Episode.model_validate(row.body),
        newest=row.newest,
        municipality=row.municipality,
        protection=Protection(row.protection),
        sip=Sip.model_validate(row.sip) if row.sip else None,
        deceased_at=row.deceased_at,
        closed=row.closed_at is not None,
        clocks=tuple(Clock.model_validate(body) for body in row.clocks),
    )
    return Found(around, row.patient_id, Person(row.system, row.value, row.name, row.protection))
