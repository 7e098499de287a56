"""A case for a simulation: one made-up patient, and what each actor does, or does not do.

Everything has a default, so that an empty case already plays a pathway to its end.
"""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter, field_validator

from domain.calendar import STOCKHOLM, Budget
from domain.command import Command
from domain.content import CloseReason, Initiator
from domain.unit import Closure, Municipality, UnitKind
from domain.value import HsaId, Key, LongText, ShortText, Value

COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
Days = Annotated[int, Field(ge=0, le=3650)]


def _in_sweden(given: datetime) -> datetime:
    """A time without an offset is what the clock on the wall shows."""
    if not 1990 <= given.year <= 2200:
        raise ValueError("year out of range")
    return given if given.tzinfo is not None else given.replace(tzinfo=STOCKHOLM)


Start = Annotated[datetime, AfterValidator(_in_sweden)]


class Who(Value):
    """Which actors a habit is about: a unit, units of a kind, or whoever gets one step's handover.

    Empty means every receiver.
    """

    unit: HsaId | None = None
    kind: UnitKind | None = None
    step: Key | None = None


class Habit(Value):
    """What a receiver does with a handover: says yes, says no, or nothing.

    `after` counts from the sending, in the kind of time that it names; within the receiver's
    hours, if it has some. Without it the receiver answers before anybody needs to be reminded.
    `acknowledges` false: it answers without ever saying that it has read.
    """

    who: Who = Who()
    does: Literal["accepts", "declines", "silent"] = "accepts"
    after: Budget | None = None
    acknowledges: bool = True
    first_contact: bool = True


class Shut(Value):
    """A unit, or every unit of a kind, is closed on these days."""

    unit: HsaId | None = None
    kind: UnitKind | None = None
    closure: Closure


class Pace(Value):
    """When a step is done: so long after it opened; never; or, without either, well in time."""

    after: Budget | None = None
    never: bool = False


class Extra(Value):
    """A command out of the ordinary: an extension, a delay, a second period; by whom, and when.

    `after` counts from the start of the journey. `command` is as the API's description has it.
    """

    after: Budget
    by: HsaId | None = None
    command: dict[str, Any]

    @field_validator("command")
    @classmethod
    def _is_a_command(cls, given: dict[str, Any]) -> dict[str, Any]:
        COMMAND.validate_python(given)
        return given


class Case(Value):
    """A made-up patient at a unit, at an instant, and what everybody does then."""

    label: ShortText = "standard"
    starts_at: Start = datetime.fromisoformat("2026-10-05T09:00:00+02:00")
    days: Annotated[int, Field(ge=1, le=3650)] = 365
    unit: HsaId | None = None
    municipality: Municipality | None = "1980"
    age: Annotated[int, Field(ge=0, le=120)] | None = 74
    born: date | None = None
    initiator: Initiator = Initiator.LICENSED_STAFF
    reason: LongText = "Påhittat ärende för provkörning."
    need: bool = True
    need_level: Literal["low", "moderate", "high"] = "moderate"
    scores: dict[str, int | float | str] = Field(default_factory=dict)
    leaves_after: Days | None = 10
    visits: Annotated[int, Field(ge=0, le=200)] = 2
    visit_every: Annotated[int, Field(ge=1, le=60)] = 3
    receivers: dict[Key, HsaId] = Field(default_factory=dict)
    habits: Annotated[tuple[Habit, ...], Field(max_length=100)] = ()
    shut: Annotated[tuple[Shut, ...], Field(max_length=100)] = ()
    pace: dict[Key, Pace] = Field(default_factory=dict)
    early: dict[Key, LongText] = Field(default_factory=dict)
    decisions: Annotated[
        tuple[Literal["close", "new_period", "go_on"], ...], Field(max_length=200)
    ] = ()
    close_reason: CloseReason = CloseReason.GOALS_PARTLY_MET
    extras: Annotated[tuple[Extra, ...], Field(max_length=200)] = ()
