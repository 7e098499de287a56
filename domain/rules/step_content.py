"""What the typed content of a step must hold, by the pathway and by common sense."""

from datetime import timedelta

from domain import instrument
from domain.calendar import STOCKHOLM
from domain.command import CompleteStep
from domain.content import Assessment, FollowUp, GoOn, Intervention, RestUntil, TeamMeeting
from domain.draft import Draft
from domain.journey import Journey, Step
from domain.pathway import (
    AssessmentStep,
    FollowUpStep,
    InterventionStep,
    MeetingStep,
    PlanStep,
)
from domain.plan import Plan, undated
from domain.refusal import FieldProblem, Refused
from domain.rules import begin


def check(draft: Draft, step: Step, command: CompleteStep) -> None:
    """Raises `Refused("content_invalid")` with everything that is wrong at once (R-022)."""
    content, definition = command.content, draft.state.step_definition(step.key)
    found = list(instrument.problems(getattr(content, "measurements", ()), "measurements"))
    match definition, content:
        case AssessmentStep(), Assessment():
            found += _assessment_problems(definition, content)
        case PlanStep(), Plan():
            found += _plan_problems(draft, definition, content)
        case FollowUpStep(), FollowUp():
            found += _follow_up_problems(draft, definition, content)
        case MeetingStep(), TeamMeeting():
            found += _meeting_problems(definition, content)
        case InterventionStep(), Intervention():
            found += instrument.missing(
                content.measurements, definition.instruments, "measurements"
            )
        case _:
            pass
    if definition is not None:
        missing = (p for p in definition.professions if p not in command.professions)
        found += [FieldProblem(field="professions", rule=f"missing:{p}") for p in missing]
    if found:
        raise Refused("content_invalid", *found)


def _meeting_problems(definition: MeetingStep, content: TeamMeeting) -> list[FieldProblem]:
    """What the checklist asks for is ready before the team meets."""
    return [
        FieldProblem(field="prepared", rule=f"missing:{item.key}")
        for item in definition.preparation
        if item.key not in content.prepared
    ]


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
    if isinstance(content.next, GoOn) and not _more_to_come(draft.state, definition):
        found.append(FieldProblem(field="next", rule="nothing_left"))
    return found


def _more_to_come(state: Journey, definition: FollowUpStep) -> bool:
    """Whether the pathway itself has another follow-up after this one."""
    step = state.current(definition.key)
    if step and definition.repeat and begin.comes_again(state, step, definition.repeat):
        return True
    later = (state.current(d.key) for d in state.definition.steps if d.kind == "follow_up")
    return any(s and s.key != definition.key and s.state not in begin.ENDED for s in later)
