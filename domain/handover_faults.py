"""Faults of handovers and of time: parts that nobody can hand over or hold, dues that cannot be."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from domain.calendar import Budget, Counting
from domain.fault import Fault, Whole, of_step
from domain.part import COORDINATION, PartDefinition
from domain.step_definition import Deadline, HandoverStep, Purpose
from domain.unit import SOCIAL_KINDS, UnitKind

NOT_HEALTH = (*sorted(SOCIAL_KINDS), UnitKind.SCHOOL)


def held_parts(whole: Whole) -> Iterator[Fault]:
    """Each step is done by who holds its part, and hands over only what that one holds."""
    known = {COORDINATION, *(p.key for p in whole.parts)}
    start = {COORDINATION, *(p.key for p in whole.parts if p.from_start)}
    for place, step in whole.steps:
        if step.part not in start:
            yield of_step(
                "part_not_held",
                place,
                step,
                ("part",),
                f"delen {step.part} hålls inte från start",
                f"part {step.part} is not held from the start",
            )
    for place, step in whole.steps:
        if isinstance(step, HandoverStep):
            yield from _handed_part(place, step, known, start)


def _handed_part(
    place: int, step: HandoverStep, known: Iterable[str], start: Iterable[str]
) -> Iterator[Fault]:
    if step.hands not in known:
        yield of_step(
            "part_unknown",
            place,
            step,
            ("hands",),
            f"okänd del {step.hands}",
            f"unknown part {step.hands}",
        )
    elif step.purpose.moves and step.hands in start and step.hands != step.part:
        yield of_step(
            "hands_anothers_part",
            place,
            step,
            ("hands",),
            f"den som håller {step.part} kan inte lämna över {step.hands}, som kan ha en annan "
            "hållare",
            f"who holds {step.part} cannot hand over {step.hands}, which may have another holder",
        )
    if (step.purpose is Purpose.TAKE_OVER) != (step.hands == COORDINATION):
        yield of_step(
            "purpose_and_part",
            place,
            step,
            ("purpose",),
            "take_over flyttar samordningen, och inget annat gör det",
            "take_over moves coordination, and nothing else does",
        )


def least(budget: Budget) -> timedelta:
    """The shortest time round the clock that a budget can take, to the hour it may lose in May."""
    if budget.counting in (Counting.HOURS, Counting.OPENING_HOURS):
        return timedelta(hours=budget.amount)
    return max(timedelta(days=budget.amount) - timedelta(hours=1), timedelta())


def most(budget: Budget) -> timedelta:
    """The longest that it is expected to take; opening hours have no end that a file knows."""
    if budget.counting is Counting.HOURS:
        return timedelta(hours=budget.amount)
    if budget.counting is Counting.CALENDAR_DAYS:
        return timedelta(days=budget.amount, hours=1)
    weeks = 3 if budget.counting is Counting.WORKING_DAYS else 30
    return timedelta(days=budget.amount * weeks + 14)


def cannot_be_met(whole: Whole) -> Iterator[Fault]:
    """Deadlines that surely come before what they wait for."""
    for place, step in whole.steps:
        if step.limit is not None and most(step.limit.due.budget) < least(step.due.budget):
            yield of_step(
                "limit_before_due",
                place,
                step,
                ("limit", "due"),
                "yttersta gränsen kommer före planerat slut",
                "the farthest limit comes before the planned end",
            )
        if isinstance(step, HandoverStep):
            yield from _handover_in_time(place, step)


def _handover_in_time(place: int, step: HandoverStep) -> Iterator[Fault]:
    wanted = step.acknowledge if step.purpose is Purpose.INFORM else step.accept
    if most(step.due.budget) < least(wanted.budget):
        yield of_step(
            "due_before_answer",
            place,
            step,
            ("due",),
            "ska vara klart innan mottagaren måste ha svarat",
            "is due before the receiver must have answered",
        )
    if step.purpose is not Purpose.INFORM and _surely_later(step.acknowledge, step.accept):
        yield of_step(
            "accept_before_acknowledge",
            place,
            step,
            ("accept",),
            "svar krävs före kvittens",
            "an answer is due before the receipt",
        )


def _surely_later(first: Deadline, second: Deadline) -> bool:
    return least(first.budget) > most(second.budget)


def holders(whole: Whole) -> Iterator[Fault]:
    """Some kind of unit can begin, and some kind that a handover goes to can hold what it gets."""
    held = {p.key: p.held_by for p in whole.parts}
    begin = [p for p in whole.parts if p.from_start]
    if begin and not any(_may_hold(kind, begin) for kind in UnitKind):
        yield Fault(
            "nobody_can_begin",
            ("parts",),
            "inget slags enhet får hålla alla delar från start",
            "no kind of unit may hold every part from the start",
        )
    for place, step in whole.steps:
        if not isinstance(step, HandoverStep) or not step.purpose.moves:
            continue
        allowed = held.get(step.hands, ())
        for at, kind in enumerate(step.to):
            if (allowed and kind not in allowed) or (not allowed and kind in NOT_HEALTH):
                yield of_step(
                    "receiver_may_not_hold",
                    place,
                    step,
                    ("to", at),
                    f"{kind} får inte hålla delen {step.hands}",
                    f"{kind} may not hold part {step.hands}",
                )


def _may_hold(kind: UnitKind, parts: Iterable[PartDefinition]) -> bool:
    """What may hold every part: social services and schools only those that name their kind."""
    return all(kind in p.held_by if p.held_by else kind not in NOT_HEALTH for p in parts)
