"""When something may have happened, and when something may be to come: said once."""

from datetime import datetime, timedelta

from domain.draft import Draft
from domain.refusal import FieldProblem, Refused

FARTHEST = timedelta(days=366)
# What lies further back than this before the journey's start is a wrong year.
LONGEST_AGO = 2 * FARTHEST


def must_have_been(draft: Draft, at: datetime, field: str = "at") -> None:
    """What is recorded has happened, and not years before the journey.

    Raises `Refused`: instant_in_future, instant_too_old.
    """
    if at > draft.now:
        raise Refused("instant_in_future", FieldProblem(field=field, rule="in_future"))
    if at < draft.state.started_at - LONGEST_AGO:
        raise Refused("instant_too_old", FieldProblem(field=field, rule="too_old"))


def must_lie_ahead(draft: Draft, at: datetime, field: str) -> None:
    """What is planned is to come, within a year. Raises `Refused`: instant_in_past, …_too_far."""
    if at <= draft.now:
        raise Refused("instant_in_past", FieldProblem(field=field, rule="in_past"))
    if at > draft.now + FARTHEST:
        raise Refused("instant_too_far", FieldProblem(field=field, rule="too_far"))
