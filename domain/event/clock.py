"""Events of clocks: a promise runs, stands still, ends, or somebody is told."""

from typing import Literal

from domain.clock import Clock, Snooze
from domain.lateness import Cause
from domain.unit import Function
from domain.value import HsaId, Instant, Key, Value


class ClockStarted(Value):
    """A promise runs."""

    type: Literal["clock_started"] = "clock_started"
    clock: Clock


class ClockMoved(Value):
    """A clock was paused, resumed or handed to another owner; the whole clock as it is now."""

    type: Literal["clock_moved"] = "clock_moved"
    because: Literal[
        "migration",
        "question",
        "answer",
        "redirect",
        "take_over",
        "send",
        "proposal",
        "estimate",
        "hold",
        "resume",
        "extend",
        "undo_death",
        "move",
        "opening",
        "again",
    ]
    clock: Clock


class ClockStopped(Value):
    """A promise was kept, or fell away."""

    type: Literal["clock_stopped"] = "clock_stopped"
    clock_id: str
    because: Literal["kept", "fell_away", "died"]


class ClockSnoozed(Value):
    """One side of a clock hears nothing of it for a while, with a reason and an end."""

    type: Literal["clock_snoozed"] = "clock_snoozed"
    clock_id: str
    snooze: Snooze


class Told(Value):
    """A function at a unit, and whether anybody holds it.

    `instead_of` is the function that it stands in for. Who snoozes is `quiet`; who is closed may
    be told `not_before` it opens.
    """

    unit: HsaId
    function: Function
    reached: bool
    instead_of: Function | None = None
    quiet: bool = False
    not_before: Instant | None = None


class RungFired(Value):
    """Somebody was told that a promise runs out, or that nobody could be told."""

    type: Literal["rung_fired"] = "rung_fired"
    clock_id: str
    number: int
    rung: Key
    due_at: Instant
    fired_at: Instant
    cause: Cause
    folded: int = 0
    alarm: bool
    told: tuple[Told, ...]
    outcome: Literal["told", "snoozed", "nobody_to_tell"]
    next_rung: int
    next_at: Instant


ClockHappening = ClockStarted | ClockMoved | ClockStopped | ClockSnoozed | RungFired
