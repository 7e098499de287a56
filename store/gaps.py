"""Where handovers wait or bounce: figures per kind of sender, kind of receiver and pathway.

Everything is read from the handover's own instants and the clock of its answer (R-030).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    DateTime,
    Interval,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.pathway import Purpose
from store import tables as t

COLUMNS = ("from_kind", "to_kind", "pathway")
OUTCOMES = ("accepted", "declined", "passed_on", "silent", "withdrawn", "proxied", "disputed")
SECONDS_OF_AN_HOUR = 3600
# What a board counts, also when the handover has left the sight of its units; no journey is shown.
_sent_in = func.handslag_flows(bindparam("since"), bindparam("until")).table_valued(
    column("from_unit", String),
    column("to_unit", String),
    column("sent_at", DateTime(timezone=True)),
    column("proxied", Boolean),
    column("body", JSONB),
    column("pathway_key", String),
    column("delay_reason", String),
    column("due_at", DateTime(timezone=True)),
    column("clock", JSONB),
    name="sent_in",
)
_body, _clock = _sent_in.c.body, _sent_in.c.clock
_sender, _receiver = t.unit.alias("sender"), t.unit.alias("receiver")
# A gap lies between the sender and whoever got it first, also when that unit passed it on.
_first_receiver = func.coalesce(_body["earlier_receivers"][0].astext, _sent_in.c.to_unit)


async def flows(
    connection: AsyncConnection,
    units: Sequence[str],
    since: datetime,
    until: datetime,
    now: datetime,
    by: Sequence[str],
) -> list[dict[str, Any]]:
    """What became of handovers from or to the units, sent from `since` up to `until`.

    `silent` had no answer when the answer was due. Times are in hours. `decline_reasons` and
    `delay_reasons` are lists, one code for each handover that has one.
    """
    sent = _sent(units, now)
    columns = [sent.c[name] for name in by]
    wanted = (
        select(*columns, *_figures(sent)).group_by(*columns).order_by(func.count().desc(), *columns)
    )
    period = {"since": since, "until": until}
    return [dict(row._mapping) for row in await connection.execute(wanted, period)]


def _figures(sent: CTE) -> list[ColumnElement[Any]]:
    c = sent.c
    return [
        func.count().label("sent"),
        *(_how_many(c[name]).label(name) for name in OUTCOMES),
        func.percentile_cont(0.5).within_group(c.hours).label("median_hours"),
        func.percentile_cont(0.9).within_group(c.hours).label("p90_hours"),
        *(_listed(c[name]).label(f"{name}s") for name in ("decline_reason", "delay_reason")),
    ]


def _how_many(true: ColumnElement[Any]) -> ColumnElement[int]:
    return func.count().filter(true)


def _listed(reason: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.array_agg(reason).filter(reason.is_not(None))


def _sent(units: Sequence[str], now: datetime) -> CTE:
    """One row for each handover; what only informs asks for no answer, and leaves no gap."""
    return (
        _outcomes(now)
        .join(_sender, _sender.c.hsa_id == _sent_in.c.from_unit)
        .join(_receiver, _receiver.c.hsa_id == _first_receiver)
        .where(_body["sent_at"].astext.is_not(None))
        .where(_body["purpose"].astext != Purpose.INFORM, _mine(units))
        .cte("sent")
    )


def _mine(units: Sequence[str]) -> ColumnElement[bool]:
    sides = (_sent_in.c.from_unit, _sent_in.c.to_unit, _first_receiver)
    return or_(*(side.in_(units) for side in sides))


def _outcomes(now: datetime) -> Select[Any]:
    answered = _answered_at()
    waited = func.extract("epoch", answered - _sent_in.c.sent_at)
    return select(
        _sender.c.kind.label("from_kind"),
        _receiver.c.kind.label("to_kind"),
        _sent_in.c.pathway_key.label("pathway"),
        _happened("accepted_at").label("accepted"),
        _happened("declined_at").label("declined"),
        _happened("withdrawn_at").label("withdrawn"),
        _body["earlier_receivers"][0].astext.is_not(None).label("passed_on"),
        _happened("disputed_by").label("disputed"),
        _sent_in.c.proxied,
        _silent(now).label("silent"),
        (waited / SECONDS_OF_AN_HOUR).label("hours"),
        case((_happened("declined_at"), _body["decline_reason"].astext)).label("decline_reason"),
        _sent_in.c.delay_reason,
    ).select_from(_sent_in)


def _happened(name: str) -> ColumnElement[bool]:
    happened: ColumnElement[bool] = _body[name].astext.is_not(None)
    return happened


def _at(body: Any, name: str) -> ColumnElement[Any]:
    return cast(body[name].astext, DateTime(timezone=True))


def _answered_at() -> ColumnElement[Any]:
    """The first yes or no.

    A no that was disputed stands open again, but the clock of the answer stopped with it. What
    was taken back without an answer has none, though that stopped the clock too.
    """
    yes_or_no = [_at(_body, name) for name in ("accepted_at", "declined_at")]
    ended = or_(_happened("withdrawn_at"), _happened("ceased_at"))
    unanswered = and_(ended, *(at.is_(None) for at in yes_or_no))
    return case((unanswered, None), else_=func.least(*yes_or_no, _at(_clock, "stopped_at")))


def _silent(now: datetime) -> ColumnElement[bool]:
    """Whether the answer came later than due, or not at all; a question asked in time is none.

    A clock that stands still has not run out, unless it had before. An answer by telephone was
    given when it was said, and not when its clock was stopped.
    """
    said = [_at(_body, name) for name in ("accepted_at", "declined_at")]
    end = func.coalesce(func.least(*said, _at(_clock, "stopped_at")), bindparam("now", now))
    paused = _clock["running_since"].astext.is_(None)
    spent, span = (cast(_clock[name].astext, Interval) for name in ("spent", "span"))
    late = case((paused, spent >= span), else_=_sent_in.c.due_at < end)
    return func.coalesce(late, False)
