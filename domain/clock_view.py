"""A clock as it stands in the views of journeys and handovers."""

from collections.abc import Iterable

from domain.clock import Clock, ClockKind
from domain.value import HsaId, Instant, Value


class ClockView(Value):
    """A running or paused clock; `ref` is its name outside of its journey."""

    id: str
    ref: str
    kind: ClockKind
    subject: str
    part: str
    owner: HsaId
    due_at: Instant
    next_at: Instant
    paused: bool


def clock_ref(journey_id: str, clock_id: str) -> str:
    """The name of a clock outside of its journey, where its own id is not alone."""
    return f"{journey_id}:{clock_id}"


def clock_view(journey_id: str, clock: Clock) -> ClockView:
    """One clock."""
    return ClockView(
        **clock.model_dump(include=set(ClockView.model_fields)),
        ref=clock_ref(journey_id, clock.id),
        paused=clock.running_since is None,
    )


def clock_views(journey_id: str, clocks: Iterable[Clock]) -> tuple[ClockView, ...]:
    """Those that have not stopped."""
    return tuple(clock_view(journey_id, c) for c in clocks if c.stopped_at is None)
