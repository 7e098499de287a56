"""Commands that move a running journey to another version of its pathway, and back."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.pathway import Definition
from domain.value import Key, ShortText, Value


class LateStep(StrEnum):
    """What becomes of a new step whose window has passed already."""

    LEAVE_OUT = "leave_out"
    AT_MIGRATION = "at_migration"
    FROM_ORIGIN = "from_origin"


class Choices(Value):
    """What whoever migrates has chosen; without a choice a clock keeps its due.

    `recompute` names clocks by the step or by the handover's step and what they promise:
    `step:plan`, `accepted:handover_rehab`. `late_steps` is by the key of the new step.
    """

    recompute: Annotated[tuple[ShortText, ...], Field(max_length=200)] = ()
    late_steps: Annotated[dict[Key, LateStep], Field(max_length=500)] = Field(default_factory=dict)


class Migrate(Value):
    """Go on by another version of the pathway, as a dry run has shown.

    `effect` is the hash of what that run showed: if it would be anything else now, nothing is done.
    """

    type: Literal["migrate"] = "migrate"
    migration: str
    definition: Definition
    choices: Choices = Choices()
    effect: str | None = None


class UndoMigration(Value):
    """Go back to the version before, while no step of the new one has begun."""

    type: Literal["undo_migration"] = "undo_migration"
    migration: str


PathwayCommand = Migrate | UndoMigration
