"""When a unit is open, who covers while it is closed, and when it opens again."""

from datetime import UTC, date, datetime, timedelta

from domain.calendar import HORIZON, STOCKHOLM, Calendar, Opening, open_spans
from domain.unit import Closure, Unit
from domain.value import HsaId


def opening(unit: Unit) -> Opening:
    """A unit's hours and closures, as a clock counts them."""
    return Opening(unit=unit.hsa_id, version=unit.version, hours=unit.hours, closures=unit.closures)


def closure_on(unit: Unit, day: date) -> Closure | None:
    """The closure that a local day falls in."""
    return next((c for c in unit.closures if c.first <= day <= c.last), None)


def covered_by(unit: Unit, at: datetime) -> HsaId | None:
    """The unit that covers now, while this one is closed for a period."""
    closure = closure_on(unit, at.astimezone(STOCKHOLM).date())
    return closure.covered_by if closure else None


def is_open(unit: Unit, at: datetime, calendar: Calendar) -> bool:
    """Whether somebody is there now: not closed for a period, and within the hours."""
    day = at.astimezone(STOCKHOLM).date()
    return any(opens <= at < closes for opens, closes in open_spans(opening(unit), day, calendar))


def opens_at(unit: Unit, after: datetime, calendar: Calendar) -> datetime | None:
    """The first instant (UTC), not before `after`, when the unit is open; None within a year."""
    today = after.astimezone(STOCKHOLM).date()
    for ahead in range(HORIZON):
        for opens, closes in open_spans(opening(unit), today + timedelta(days=ahead), calendar):
            if after < closes:
                return max(opens, after.astimezone(UTC))
    return None
