"""Where handovers wait or bounce, for managers. No patients here."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from api.grouping import GroupQuery, names
from api.house import CallerDep
from domain.calendar import STOCKHOLM
from domain.refusal import FieldProblem, Refused
from domain.value import Value
from store import gaps

router = APIRouter(prefix="/api/v1", tags=["gaps"])

DAY, PERIOD = timedelta(days=1), timedelta(days=89)
FEW = 5
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2200, 12, 31))]
FirstDay = Annotated[Day | None, Query(alias="from", description="The first day, in Sweden.")]
LastDay = Annotated[Day | None, Query(alias="to", description="The last day; without it, today.")]


class Flow(Value):
    """What became of the handovers from one kind of unit to another, on one pathway.

    `to_kind` is that of the unit that got it first. `passed_on` counts handovers that were
    passed on at least once; `silent` those that nobody had answered when the answer was due,
    whether an answer came later or not. Hours run from the sending to the first yes or no.
    `small` says that fewer than five were sent, so that one of them can be recognised.
    """

    from_kind: str | None = None
    to_kind: str | None = None
    pathway: str | None = None
    sent: int
    accepted: int
    declined: int
    passed_on: int
    silent: int
    withdrawn: int
    proxied: int
    disputed: int
    median_hours: float | None
    p90_hours: float | None
    decline_reasons: dict[str, int]
    delay_reasons: dict[str, int]
    small: bool


class Gaps(Value):
    """The flows of a period, both days included; most handovers first."""

    as_of: str
    first_day: date
    last_day: date
    items: tuple[Flow, ...]


@router.get("/gaps")
async def read(
    caller: CallerDep,
    first: FirstDay = None,
    last: LastDay = None,
    group_by: GroupQuery = "from_kind,to_kind,pathway",
) -> Gaps:
    """Where handovers from or to the caller's units wait, bounce or meet silence (R-030).

    Counted are handovers sent on the days of the period, in Swedish time; without `from` the
    period is ninety days long. What only informs asks for no answer and is not counted.
    """
    by, now = names(group_by, gaps.COLUMNS), datetime.now(UTC)
    first_day, last_day = _period(first, last, now)
    async with caller.boards() as connection:
        rows = await gaps.flows(
            connection,
            caller.sight.boards,
            _midnight(first_day),
            _midnight(last_day + DAY),
            now,
            by,
        )
    return Gaps(
        as_of=now.isoformat(),
        first_day=first_day,
        last_day=last_day,
        items=tuple(_flow(row) for row in rows),
    )


def _period(first: date | None, last: date | None, now: datetime) -> tuple[date, date]:
    last_day = last or now.astimezone(STOCKHOLM).date()
    first_day = first or last_day - PERIOD
    if first_day > last_day:
        raise Refused("request_invalid", FieldProblem(field="from", rule="after_to"))
    return first_day, last_day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), STOCKHOLM)


def _flow(row: dict[str, Any]) -> Flow:
    counted = {name: _counted(row[name]) for name in ("decline_reasons", "delay_reasons")}
    rounded = {name: _rounded(row[name]) for name in ("median_hours", "p90_hours")}
    return Flow(**row | counted | rounded, small=row["sent"] < FEW)


def _counted(reasons: list[str] | None) -> dict[str, int]:
    """How many of each, the most common first."""
    return dict(Counter(reasons or ()).most_common())


def _rounded(hours: Any) -> float | None:
    return None if hours is None else round(float(hours), 1)
