"""A local addition: what a region, a municipality or a clinic adds to somebody else's pathway.

Typed operations, each small and named. They tighten and add; what the base makes mandatory they
neither weaken nor take away.
"""

from typing import Annotated, Literal

from pydantic import Field

from domain.profession import Profession
from domain.step_definition import (
    ChecklistItem,
    Cited,
    Deadline,
    Guidance,
    Instruments,
    Source,
    StepDefinition,
)
from domain.unit import UnitKind
from domain.value import Key, Labels, ShortText, Value

Timed = Literal[
    "due", "acknowledge", "accept", "first_contact", "limit", "at_most", "every", "answer",
    "received", "discharge",
]  # fmt: skip


class _Operation(Value):
    because: ShortText | None = None


class AddStep(_Operation):
    """A step more: before a step of the base or at the end; some of the base's wait for it."""

    op: Literal["add_step"]
    step: StepDefinition
    before: Key | None = None
    required_by: Annotated[tuple[Key, ...], Field(max_length=50)] = ()


class Tighten(_Operation):
    """A shorter time for a step, or, without one, for handovers that no step describes."""

    op: Literal["tighten"]
    step: Key | None = None
    what: Timed
    to: Deadline


class RequireFields(_Operation):
    """Fields of the content that must be filled in."""

    op: Literal["require_fields"]
    step: Key
    fields: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=20)]


class RequireInstruments(_Operation):
    """Instruments that must be taken."""

    op: Literal["require_instruments"]
    step: Key
    instruments: Instruments


class RequireProfessions(_Operation):
    """Professions that must have been part of it."""

    op: Literal["require_professions"]
    step: Key
    professions: Annotated[tuple[Profession, ...], Field(min_length=1, max_length=11)]


class RequirePreparation(_Operation):
    """What must be ready before a meeting."""

    op: Literal["require_preparation"]
    step: Key
    items: Annotated[tuple[ChecklistItem, ...], Field(min_length=1, max_length=30)]


class SetReceivers(_Operation):
    """Fewer kinds of receivers, perhaps only those of the patient's own municipality."""

    op: Literal["set_receivers"]
    step: Key
    to: Annotated[tuple[UnitKind, ...], Field(min_length=1, max_length=18)]
    same_municipality: bool = False


class SetGoals(_Operation):
    """A narrower number of goals."""

    op: Literal["set_goals"]
    step: Key
    goals_min: Annotated[int, Field(ge=0, le=20)]
    goals_max: Annotated[int, Field(ge=1, le=20)]
    goals_from: Cited = Cited(source=Source.CHOSEN)


class SetVisits(_Operation):
    """A narrower number of visits a week."""

    op: Literal["set_visits"]
    step: Key
    visits_per_week: tuple[int, int]
    visits_from: Cited = Cited(source=Source.CHOSEN)


class AddGuidance(_Operation):
    """More guidance, after that of the base."""

    op: Literal["add_guidance"]
    step: Key
    guidance: Guidance


class MakeMandatory(_Operation):
    """A step that may no longer be left out."""

    op: Literal["make_mandatory"]
    step: Key


class LeaveOut(_Operation):
    """A step of the base that is not done here; never one that the base makes mandatory."""

    op: Literal["leave_out"]
    step: Key
    because: ShortText


class SetLadder(_Operation):
    """Another published ladder tells when the step is late."""

    op: Literal["set_ladder"]
    step: Key
    ladder: Key


Operation = Annotated[
    AddStep
    | Tighten
    | RequireFields
    | RequireInstruments
    | RequireProfessions
    | RequirePreparation
    | SetReceivers
    | SetGoals
    | SetVisits
    | AddGuidance
    | MakeMandatory
    | LeaveOut
    | SetLadder,
    Field(discriminator="op"),
]


class Addition(Value):
    """One version of a local addition; `extends` names what it adds to, by key and version."""

    language: Literal[1]
    extends: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}@[1-9]\d{0,4}$")]
    key: Key
    version: int = Field(ge=1)
    label: Labels
    owned_by: ShortText
    transcribed_by: ShortText | None = None
    sources: tuple[str, ...] = ()
    operations: Annotated[tuple[Operation, ...], Field(min_length=1, max_length=500)]

    @property
    def name(self) -> str:
        """Key and version, as commands name it."""
        return f"{self.key}@{self.version}"
