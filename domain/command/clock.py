"""Commands about a clock itself; none of them moves its due."""

from typing import Annotated, Literal

from pydantic import Field

from domain.value import Instant, ShortText, Value


class SnoozeClock(Value):
    """Hear nothing of a clock until an instant, and say why; the other side is told as ever."""

    type: Literal["snooze_clock"] = "snooze_clock"
    clock_id: Annotated[str, Field(min_length=1, max_length=200)]
    until: Instant
    reason: ShortText


ClockCommand = SnoozeClock
