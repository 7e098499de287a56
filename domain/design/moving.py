"""A migration of many journeys: from which versions to which, whom, how, and how far it is."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.calendar import Calendar
from domain.command import Choices, Envelope, Idempotency, Migrate, UndoMigration
from domain.decide import decide
from domain.effect import Effect, effect, refused
from domain.evolve import fold
from domain.journey import Actor, Journey, Role
from domain.pathway import Definition
from domain.refusal import Refusal
from domain.value import HsaId, Instant, Key, ShortText, Value

PRINCIPAL = "migration"


class MovingState(StrEnum):
    """How far a migration is; it waits for a person between what is shown and what is done."""

    COMPARING = "comparing"
    SHOWN = "shown"
    MOVING = "moving"
    PAUSED = "paused"
    MOVED = "moved"
    UNDOING = "undoing"
    UNDONE = "undone"
    ABANDONED = "abandoned"


class Outcome(StrEnum):
    """What became of one journey."""

    SHOWN = "shown"
    MOVED = "moved"
    REFUSED = "refused"
    UNDONE = "undone"


class Moving(Value):
    """What was asked for: which running versions go over to which, and the choices made.

    `by` is the pseudonymous subject who asked, for a unit. Without `from_versions` every running
    version of the family goes.
    """

    id: ShortText
    key: Key
    version: int
    from_versions: Annotated[tuple[ShortText, ...], Field(max_length=50)] = ()
    choices: Choices = Choices()
    by: ShortText
    unit: HsaId
    at: Instant
    state: MovingState = MovingState.COMPARING


class Result(Value):
    """One journey: what was shown, whether it was chosen, and what came of it."""

    journey_id: str
    effect: Effect
    chosen: bool
    outcome: Outcome
    refused: str | None = None


def shown(state: Journey, moving: Moving, target: Definition, at: Instant) -> Effect:
    """What the migration would do to a journey at an instant: a dry run of the very command."""
    decided = decide(state, envelope(moving, state.calendar, migrate(moving, target)), at)
    if isinstance(decided, Refusal):
        return refused(decided)
    after = fold(decided, state)
    assert after is not None
    return effect(state, after)


def migrate(moving: Moving, target: Definition, expected: Effect | None = None) -> Migrate:
    """The command; with `expected` it does just that, or nothing."""
    return Migrate(
        migration=moving.id,
        definition=target,
        choices=moving.choices,
        effect=expected.hash if expected else None,
    )


def envelope(
    moving: Moving,
    calendar: Calendar,
    command: Migrate | UndoMigration,
    what: Literal["move", "undo"] = "move",
) -> Envelope:
    """The command on its way to a journey: the same migration, the same key, at any time."""
    key = f"{moving.id}-{what}"
    return Envelope(
        command=command,
        actor=Actor(subject=moving.by, unit=moving.unit, roles=(Role.CATALOGUE,)),
        idempotency=Idempotency(principal=PRINCIPAL, key=key, body_hash=key),
        correlation_id=moving.id,
        calendar_version=calendar.version,
        calendar=calendar,
    )
