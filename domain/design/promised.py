"""Who owes what to whom by a pathway, and whose ladder tells: each pair of units once."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

from domain.calendar import Budget, Calendar
from domain.clock import Clock, ClockKind, Promise, start
from domain.facts import Protection
from domain.journey import Journey, clock_id
from domain.ladder import Ladders
from domain.pathway import Definition
from domain.rules.promise import AT_ONCE
from domain.step_definition import HandoverStep, Purpose, StepDefinition
from domain.unit import Unit
from domain.value import HsaId, Key, Value


class About(Value):
    """What a promise is for: a step of the pathway, and which clock of it."""

    step: Key
    kind: ClockKind


class Promised(Value):
    """One line of who owes what: a ladder, a budget and two sides.

    Somebody must be reached by `bound`, counted from the start; without one, by the last rung.
    """

    ladder: Key
    budget: Budget
    owner: HsaId
    counterpart: HsaId
    bound: Budget | None = None
    about: tuple[About, ...] = ()

    @property
    def key(self) -> str:
        """What it is whatever steps it is for; steps that come and go change no acceptance."""
        told = self.model_dump_json(exclude={"about"})
        return sha256(told.encode()).hexdigest()[:16]


class Ground(NamedTuple):
    """What a proof stands on: the pathway, who is told when, the units, and the days off."""

    definition: Definition
    ladders: Ladders
    units: Mapping[HsaId, Unit]
    calendar: Calendar
    protected: bool = False

    def journey(self, at: datetime) -> Journey:
        """The least journey in which the rules of telling can be asked."""
        grade = Protection.SECRECY_MARKING if self.protected else Protection.NONE
        return Journey(
            id="coverage",
            patient_id="nobody",
            definition=self.definition,
            calendars={self.calendar.version: self.calendar},
            ladders=self.ladders,
            units=dict(self.units),
            started_by=next(iter(self.units)),
            started_at=at,
            protection=grade,
        )

    def clock(self, promised: Promised, calendar: Calendar, at: datetime) -> Clock:
        """The clock of a promise that begins then."""
        about = promised.about[0] if promised.about else About(step="any", kind=ClockKind.STEP)
        owed = Promise(
            id=clock_id(about.kind, about.step),
            kind=about.kind,
            subject=about.step,
            part="any",
            owner=promised.owner,
            counterpart=promised.counterpart,
            budget=promised.budget,
            ladder=promised.ladder,
        )
        return start(owed, self.ladders.get(promised.ladder), calendar, at)


class Region(NamedTuple):
    """Where a pathway is to be used: who begins it, in which municipality, from which day."""

    sender: HsaId
    municipality: str | None = None
    on: date | None = None


def promises(ground: Ground, *regions: Region, bound: Budget | None = None) -> tuple[Promised, ...]:
    """Every promise that the pathway can make between units of some regions, in its own order.

    A part may be held by the unit that begins and by whoever a handover of it may go to. The unit
    that begins stands for the coordination where a step's clock has a counterpart. What others of
    a place hand over to each other does not ask who began.
    """
    found, places = dict[_Line, dict[About, None]](), set[tuple[str | None, date | None]]()
    for region in regions:
        new = (region.municipality, region.on) not in places
        places.add((region.municipality, region.on))
        for step in ground.definition.steps:
            for line, about in _of_step(ground, region, step, others=new):
                found.setdefault(line, {})[about] = None
    tells = {ladder.key for ladder in ground.ladders.ladders if ladder.rungs}
    return tuple(
        Promised(**line._asdict(), bound=bound, about=tuple(about))
        for line, about in found.items()
        if line.ladder in tells
    )


class _Line(NamedTuple):
    """What makes two promises one."""

    ladder: Key
    budget: Budget
    owner: HsaId
    counterpart: HsaId


def _of_step(
    ground: Ground, region: Region, step: StepDefinition, *, others: bool
) -> Iterator[tuple[_Line, About]]:
    """A referral is done by the start of the journey; everything else is owed by who holds it."""
    if step.kind == "referral":
        return
    ladder = ground.ladders.named(step.ladder or "step", "step")
    budgets = [(ClockKind.STEP, step.due.budget, ladder)]
    if step.limit is not None:
        budgets.append((ClockKind.LIMIT, step.limit.due.budget, "step"))
    for holder in _holders(ground, region, step.part):
        for kind, budget, key in budgets:
            yield _promised(step, kind, budget, key, (holder.hsa_id, region.sender))
        if isinstance(step, HandoverStep) and (others or holder.hsa_id == region.sender):
            for receiver in _receivers(ground, region, step):
                if receiver.hsa_id != holder.hsa_id and _near(holder, receiver.municipality):
                    yield from _of_handover(ground, step, holder, receiver)


def _of_handover(
    ground: Ground, step: HandoverStep, sender: Unit, receiver: Unit
) -> Iterator[tuple[_Line, About]]:
    """As the rules of sending start them: what the receiver owes, and what the sender does."""
    own, named = ground.definition.handovers, ground.ladders.named
    there, back = (receiver.hsa_id, sender.hsa_id), (sender.hsa_id, receiver.hsa_id)
    if not receiver.connected:
        yield _promised(step, ClockKind.RECEIVED, own.received.budget, "received", there)
    seen, met = step.acknowledge.budget, step.first_contact.budget
    yield _promised(step, ClockKind.ACKNOWLEDGED, seen, named("acknowledge", "handover"), there)
    if step.purpose is Purpose.INFORM:
        return
    yield _promised(step, ClockKind.ACCEPTED, step.accept.budget, "handover", there)
    yield _promised(step, ClockKind.FIRST_CONTACT, met, "first_contact", there)
    yield _promised(step, ClockKind.ANSWER, own.answer.budget, "answer", back)
    yield _promised(step, ClockKind.TAKE_OVER, own.discharge.budget, "discharge", back)
    if step.purpose.moves:
        yield _promised(step, ClockKind.ALARM, AT_ONCE, "alarm", back)


def _promised(
    step: StepDefinition, kind: ClockKind, budget: Budget, ladder: str, sides: tuple[HsaId, HsaId]
) -> tuple[_Line, About]:
    return _Line(ladder, budget, *sides), About(step=step.key, kind=kind)


def _holders(ground: Ground, region: Region, part: str) -> tuple[Unit, ...]:
    """Who may come to hold a part, each once: the unit that begins, and who may be handed it."""
    steps = (s for s in ground.definition.steps if isinstance(s, HandoverStep) and s.hands == part)
    handed = (unit for step in steps for unit in _receivers(ground, region, step))
    units = (ground.units[region.sender], *(u for u in handed))
    return tuple({unit.hsa_id: unit for unit in units}.values())


def _receivers(ground: Ground, region: Region, step: HandoverStep) -> Iterable[Unit]:
    """Units that a handover may go to: of the right kind and place, and not refused beforehand."""
    for unit in ground.units.values():
        gone = unit.successor is not None or not unit.contacts
        expired = region.on and unit.agreement_until and unit.agreement_until < region.on
        fits = unit.kind in step.to and _near(unit, region.municipality)
        if fits and not gone and not expired:
            yield unit


def _near(unit: Unit, municipality: str | None) -> bool:
    """Two places are near unless both are named and differ."""
    return None in (unit.municipality, municipality) or unit.municipality == municipality
