"""What the typed content of a step must hold, by the pathway and by common sense."""

from datetime import timedelta

from domain import instrument
from domain.calendar import STOCKHOLM
from domain.content import Assessment, FollowUp, RestUntil, StepContent
from domain.draft import Draft
from domain.journey import Step
from domain.pathway import AssessmentStep, FollowUpStep, PlanStep
from domain.plan import Plan, undated
from domain.refusal import FieldProblem, Refused


def check(draft: Draft, step: Step, content: StepContent) -> None:
    """Raises `Refused("content_invalid")` with everything that is wrong at once (R-022)."""
    definition = draft.state.step_definition(step.key)
    found = list(instrument.problems(getattr(content, "measurements", ()), "measurements"))
    match definition, content:
        case AssessmentStep(), Assessment():
            found += _assessment_problems(definition, content)
        case PlanStep(), Plan():
            found += _plan_problems(draft, definition, content)
        case FollowUpStep(), FollowUp():
            found += _follow_up_problems(draft, definition, content)
        case _:
            pass
    if found:
        raise Refused("content_invalid", *found)


def _assessment_problems(definition: AssessmentStep, content: Assessment) -> list[FieldProblem]:
    found = [
        FieldProblem(field=name, rule="required_by_pathway")
        for name in definition.fields
        if getattr(content, name) is None
    ]
    return found + instrument.missing(content.measurements, definition.instruments, "measurements")


def _plan_problems(draft: Draft, definition: PlanStep, content: Plan) -> list[FieldProblem]:
    return goal_problems(definition, content) + active_problems(draft, content)


def goal_problems(definition: PlanStep, content: Plan) -> list[FieldProblem]:
    """As many goals as the pathway asks for."""
    if definition.goals_min <= len(content.goals) <= definition.goals_max:
        return []
    rule = f"goals_between:{definition.goals_min}-{definition.goals_max}"
    return [FieldProblem(field="goals", rule=rule)]


def active_problems(draft: Draft, content: Plan) -> list[FieldProblem]:
    """What keeps a plan from holding: no follow-up ahead, or a goal without a date (R-109)."""
    today = draft.now.astimezone(STOCKHOLM).date()
    found = undated(content, today)
    if content.follow_up_on <= today:
        found.append(FieldProblem(field="follow_up_on", rule="not_in_future"))
    return found


def _follow_up_problems(
    draft: Draft, definition: FollowUpStep, content: FollowUp
) -> list[FieldProblem]:
    required = definition.instruments if draft.state.need else ()
    found = instrument.missing(content.measurements, required, "measurements")
    for index, attained in enumerate(content.attainment):
        if attained.goal > draft.state.goals:
            found.append(FieldProblem(field=f"attainment.{index}.goal", rule="goal_unknown"))
    if isinstance(content.next, RestUntil):
        today = draft.now.astimezone(STOCKHOLM).date()
        if not today < content.next.until <= today + timedelta(days=3650):
            found.append(FieldProblem(field="next.until", rule="not_in_future"))
    return found
