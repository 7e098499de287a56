"""Promises that no pathway describes: how long they run, and whose ladder tells. All chosen.

The rulebook has them as data, a local choice each; what stands here holds for a journey that began
before there was one.
"""

from typing import NamedTuple

from domain.calendar import STOCKHOLM, Budget, Counting
from domain.clock import ClockKind, Promise, RuleName
from domain.draft import Draft
from domain.handover import Handover
from domain.journey import clock_id
from domain.value import HsaId


class Chosen(NamedTuple):
    """A budget and the key of a ladder, chosen by us until a pathway says otherwise."""

    budget: Budget
    ladder: str
    rule: RuleName | None = None


def _hours(amount: int) -> Budget:
    return Budget(amount=amount, counting=Counting.HOURS)


def _working_days(amount: int) -> Budget:
    return Budget(amount=amount, counting=Counting.WORKING_DAYS)


AT_ONCE = _hours(0)
CHOSEN: dict[ClockKind, Chosen] = {
    ClockKind.PRE_NOTICE: Chosen(AT_ONCE, "discharge"),
    ClockKind.PROPOSAL: Chosen(_working_days(1), "answer"),
    ClockKind.CANCELLATION: Chosen(_working_days(1), "answer"),
    ClockKind.DISPUTE: Chosen(_working_days(1), "handover"),
    ClockKind.CONFIRMATION: Chosen(_working_days(1), "answer"),
    ClockKind.HOLD: Chosen(Budget(amount=14, counting=Counting.CALENDAR_DAYS), "step"),
    ClockKind.SAFETY_NET: Chosen(_hours(2), "answer"),
    ClockKind.MOVE: Chosen(_working_days(5), "step"),
    ClockKind.CLOSING: Chosen(_working_days(5), "step"),
    ClockKind.PERSON_ANSWER: Chosen(_working_days(5), "step"),
    ClockKind.PLAN_FOLLOW_UP: Chosen(AT_ONCE, "step"),
    ClockKind.SIP: Chosen(Budget(amount=3, counting=Counting.CALENDAR_DAYS), "step"),
    ClockKind.MEETING: Chosen(_hours(24), "step"),
    ClockKind.ESTIMATE: Chosen(AT_ONCE, "discharge"),
}
# When the patient is ready for discharge, the choice for a waiting handover is made soon.
CHOICE = _working_days(1)


def chosen(draft: Draft, kind: ClockKind) -> Chosen:
    """What the rulebook of the journey says today of a kind of promise, or what stands here."""
    book = draft.state.rules
    rule = book.rule(kind, draft.now.astimezone(STOCKHOLM).date()) if book else None
    if rule is None:
        return CHOSEN[kind]
    ladder = draft.state.ladders.named(rule.ladder, CHOSEN[kind].ladder)
    return Chosen(rule.budget, ladder, RuleName(key=rule.key, version=rule.version))


def of(
    draft: Draft, kind: ClockKind, subject: str, part: str, owner: HsaId, counterpart: HsaId
) -> Promise:
    """A promise of a kind that we have chosen the length of."""
    return Promise(
        id=clock_id(kind, subject),
        kind=kind,
        subject=subject,
        part=part,
        owner=owner,
        counterpart=counterpart,
        **chosen(draft, kind)._asdict(),
    )


def on(
    draft: Draft, handover: Handover, kind: ClockKind, *, owner_is_sender: bool = False
) -> Promise:
    """The same, from one side of a handover to the other."""
    budget, ladder, rule = chosen(draft, kind)
    owed = within(handover, kind, budget, ladder, owner_is_sender=owner_is_sender)
    return owed.model_copy(update={"rule": rule})


def within(
    handover: Handover,
    kind: ClockKind,
    budget: Budget,
    ladder: str,
    *,
    owner_is_sender: bool = False,
) -> Promise:
    """A promise on a handover that the pathway gives the length of."""
    sides = (handover.to_unit, handover.from_unit)
    owner, counterpart = reversed(sides) if owner_is_sender else sides
    return Promise(
        id=clock_id(kind, handover.id),
        kind=kind,
        subject=handover.id,
        part=handover.part,
        owner=owner,
        counterpart=counterpart,
        budget=budget,
        ladder=ladder,
    )
