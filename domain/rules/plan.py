"""The plan that travels: versions, each its author's care provider's own (R-060, R-061)."""

from domain import command as cmd
from domain import event as ev
from domain.calendar import DAY, local_midnight
from domain.clock import ClockKind
from domain.draft import Draft
from domain.part import COORDINATION
from domain.pathway import PlanStep
from domain.plan import Plan, PlanState, PlanVersion
from domain.refusal import FieldProblem, Refused
from domain.rules import access, clock, promise, receiver, room, step_content
from domain.unit import Sector, Unit


def draft_plan(draft: Draft, command: cmd.DraftPlan) -> None:
    """A version that does not hold yet; it may follow one that the unit has been shown.

    Raises `Refused`: not_holder, record_not_yours, plan_unknown.
    """
    author = _author(draft)
    room.must_have(draft, "plans")
    follows = command.follows
    if follows is not None and not _may_see(draft, follows, author):
        raise Refused("plan_unknown", FieldProblem(field="follows", rule="unknown"))
    version = _version(draft, command.content, author, PlanState.DRAFT, follows)
    draft.add(ev.PlanDrafted(version=version, content=command.content))


def activate(draft: Draft, command: cmd.ActivatePlan) -> None:
    """Let a draft hold: every goal has its date, and the follow-up lies ahead.

    Raises `Refused`: not_holder, record_not_yours, plan_unknown, plan_not_yours, plan_not_draft,
    content_invalid.
    """
    author = _author(draft)
    found = _own(draft, command.number, author)
    if found.state is not PlanState.DRAFT:
        raise Refused("plan_not_draft")
    problems = step_content.active_problems(draft, command.content)
    for asked in draft.state.definition.steps:
        if isinstance(asked, PlanStep):
            problems += step_content.goal_problems(asked, command.content)
    if problems:
        raise Refused("content_invalid", *problems)
    _activate(draft, found.model_copy(update=_told(command.content)), command.content, author)


def activate_new(draft: Draft, content: Plan) -> None:
    """The plan step is done: its content holds from now on, as a version of its own."""
    author = _author(draft)
    _activate(draft, _version(draft, content, author, PlanState.ACTIVE, None), content, author)


def _activate(draft: Draft, version: PlanVersion, content: Plan, author: Unit) -> None:
    before = draft.state.active_plan(author.organisation)
    holds = {"state": PlanState.ACTIVE, "activated_at": draft.now, "unit": author.hsa_id}
    active = version.model_copy(update=holds)
    draft.add(
        ev.PlanActivated(version=active, content=content, revises=before.number if before else None)
    )
    if before:
        clock.stop(draft, ClockKind.PLAN_FOLLOW_UP, _subject(before.number))
    coordinator = draft.state.holder(COORDINATION)
    owed = promise.of(
        draft,
        ClockKind.PLAN_FOLLOW_UP,
        _subject(active.number),
        COORDINATION,
        author.hsa_id,
        coordinator,
    )
    clock.start_until(draft, owed, local_midnight(content.follow_up_on + DAY))


def close_plan(draft: Draft, command: cmd.ClosePlan) -> None:
    """End the version that holds, or a draft that never will; it stays readable.

    Raises `Refused`: not_holder, record_not_yours, plan_unknown, plan_not_yours, plan_not_active.
    """
    author = _author(draft)
    found = _own(draft, command.number, author)
    if found.state not in (PlanState.ACTIVE, PlanState.DRAFT):
        raise Refused("plan_not_active")
    draft.add(ev.PlanClosed(number=found.number, reason=command.reason))
    clock.stop(draft, ClockKind.PLAN_FOLLOW_UP, _subject(found.number))


def end_follow_ups(draft: Draft) -> None:
    """A follow-up was held: no plan waits for its own any more."""
    for version in draft.state.plans:
        clock.stop(draft, ClockKind.PLAN_FOLLOW_UP, _subject(version.number))


def _author(draft: Draft) -> Unit:
    """The unit that writes: it holds something, and is health care."""
    unit = draft.state.units[access.must_hold_something(draft)]
    if unit.sector is not Sector.HEALTH:
        raise Refused("record_not_yours")
    return unit


def _own(draft: Draft, number: int, author: Unit) -> PlanVersion:
    found = draft.state.plan(number)
    if found is None or not _may_see(draft, number, author):
        raise Refused("plan_unknown")
    if found.organisation != author.organisation:
        raise Refused("plan_not_yours")
    return found


def _may_see(draft: Draft, number: int, unit: Unit) -> bool:
    found = draft.state.plan(number)
    if found is None:
        return False
    own = found.organisation == unit.organisation
    return own or receiver.was_disclosed(draft.state, number, unit)


def _version(
    draft: Draft, content: Plan, author: Unit, state: PlanState, follows: int | None
) -> PlanVersion:
    return PlanVersion(
        number=len(draft.state.plans) + 1,
        state=state,
        organisation=author.organisation,
        unit=author.hsa_id,
        follows=follows or _latest_seen(draft, author),
        at=draft.now,
        **_told(content),
    )


def _told(content: Plan) -> dict[str, object]:
    """What the state keeps of a plan's content."""
    return {
        "profession": content.author_profession,
        "goals": len(content.goals),
        "follow_up_on": content.follow_up_on,
    }


def _latest_seen(draft: Draft, author: Unit) -> int | None:
    """The newest version that the author knows of and that has held."""
    seen = [
        p.number
        for p in draft.state.plans
        if p.state is not PlanState.DRAFT and _may_see(draft, p.number, author)
    ]
    return max(seen, default=None)


def _subject(number: int) -> str:
    return f"plan-{number}"
