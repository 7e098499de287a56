"""The rehab plan: its content, and the chain of versions that travels with the patient."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.participation import Participation
from domain.profession import Profession
from domain.refusal import FieldProblem
from domain.value import Day, HsaId, Instant, Key, LongText, ShortText, Value


class Goal(Value):
    """A goal; without a target date it cannot be active (R-109)."""

    own_words: LongText
    baseline: ShortText
    target: ShortText
    target_date: Day | None = None
    icf: Annotated[str, Field(pattern=r"^[bsde]\d{1,5}$")] | None = None


class Measure(Value):
    """A planned measure: who does what, how often."""

    text: ShortText
    profession: Profession
    unit: ShortText | None = None
    frequency: ShortText
    kva: Annotated[str, Field(pattern=r"^[A-Z]{2}\d{3}$")] | None = None


class Plan(Value):
    """Rehab plan: assessment, goals, measures, time plan, follow-up (HSL 8:7, 12:5)."""

    kind: Literal["plan"] = "plan"
    summary_assessment: LongText
    goals: Annotated[tuple[Goal, ...], Field(max_length=20)]
    measures: Annotated[tuple[Measure, ...], Field(min_length=1, max_length=40)]
    follow_up_on: Day
    participation: Participation
    author_profession: Profession


class PlanState(StrEnum):
    """Where a version is in its life (R-060)."""

    DRAFT = "draft"
    ACTIVE = "active"
    REVISED = "revised"
    CLOSED = "closed"


class PlanVersion(Value):
    """One version, owned by the care provider whose professional made it.

    `follows` is the version that it builds on, perhaps another provider's; nobody edits that one.
    """

    number: Annotated[int, Field(ge=1)]
    state: PlanState
    organisation: Key
    unit: HsaId
    profession: Profession
    follows: int | None
    goals: int
    follow_up_on: Day
    at: Instant
    activated_at: Instant | None = None
    ended_at: Instant | None = None


def undated(plan: Plan, today: date, path: str = "goals") -> list[FieldProblem]:
    """Goals without a target date, or with one that has passed: such a plan is a draft."""
    found = []
    for index, goal in enumerate(plan.goals):
        if goal.target_date is None:
            found.append(
                FieldProblem(field=f"{path}.{index}.target_date", rule="required_if_active")
            )
        elif goal.target_date <= today:
            found.append(FieldProblem(field=f"{path}.{index}.target_date", rule="not_in_future"))
    return found
