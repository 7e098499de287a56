"""From a beginning and a rule to the instant when it is due, with every step of the way."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from domain.calendar import DAY, STOCKHOLM, Budget, Calendar, Counting, advance, local_midnight
from domain.rulebook import Agreement, Cutoff, Ends, Rule


class Reckoned(NamedTuple):
    """A due instant (UTC), and what it was reckoned from.

    `later` says that the beginning came after the cut-off; `amount` is the budget's amount with
    the days that this cost.
    """

    due_at: datetime
    budget: Budget
    cutoff: Cutoff | None
    later: bool
    amount: int


def reckon(
    rule: Rule,
    began: datetime,
    calendar: Calendar,
    *,
    agreement: Agreement | None = None,
    event_at: datetime | None = None,
) -> Reckoned:
    """When a rule is due that counts from `began`; `event_at` is what it is to be done before.

    An event that is already behind makes it due at once: nothing is due before it began.
    """
    began = began.astimezone(UTC)
    budget = (agreement.budget if agreement else None) or rule.budget
    cutoff = (agreement.cutoff if agreement else None) or rule.cutoff
    if rule.before is not None and event_at is not None:
        return Reckoned(max(began, event_at.astimezone(UTC)), budget, None, False, 0)
    later = cutoff is not None and began.astimezone(STOCKHOLM).time() > cutoff.at
    amount = budget.amount + (cutoff.days if cutoff and later else 0)
    due = _end(rule.ends, Budget(amount=amount, counting=budget.counting), began, calendar)
    return Reckoned(due, budget, cutoff, later, amount)


def _end(ends: Ends, budget: Budget, began: datetime, calendar: Calendar) -> datetime:
    if ends is Ends.EXACT:
        return advance(began, budget.span, budget.counting, calendar)
    today = began.astimezone(STOCKHOLM).date()
    if budget.counting in (Counting.HOURS, Counting.OPENING_HOURS):
        reached = advance(began, budget.span, budget.counting, calendar)
        day = reached.astimezone(STOCKHOLM).date()
    else:
        day = nth_day(today, budget, calendar)
    return max(began, local_midnight(day if ends is Ends.DAY_BEGINS else day + DAY))


def nth_day(first: date, budget: Budget, calendar: Calendar) -> date:
    """The local day that lies a number of calendar or working days after another."""
    if budget.counting is not Counting.WORKING_DAYS:
        return first + timedelta(days=budget.amount)
    day, left = first, budget.amount
    while left:
        day += DAY
        left -= calendar.is_working(day)
    return day
