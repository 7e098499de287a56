"""Fills a downtime pack: which words stand for what the store knows, as the caller may see it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from api import mask
from api.downtime_words import PURPOSES, STEP, by_sender, promise
from api.house import Caller
from domain.clock import Clock, ClockKind
from domain.handover import Handover
from domain.journey import Actor, Part, Step
from domain.meeting import MeetingState
from domain.pathway import Definition
from domain.unit import Function
from domain.value import HsaId, Labels
from domain.view import Seer, handover_view, seer
from domain.words import state_words
from store.downtime import Found
from web.downtime_facts import (
    Call,
    Due,
    Held,
    Incoming,
    Outgoing,
    Pack,
    Patient,
    Ringing,
    Side,
    short_reference,
)

RECEIPTS = (ClockKind.RECEIVED, ClockKind.ACKNOWLEDGED, ClockKind.ACCEPTED)
LOUD = (ClockKind.ALARM, ClockKind.SAFETY_NET)


def seer_at(caller: Caller, unit: HsaId, now: datetime) -> Seer:
    """What the unit of the pack, which the caller may speak for, can do with a handover."""
    actor = Actor(subject=caller.actor.subject, unit=unit, roles=caller.actor.roles)
    return seer(actor, caller.catalogue.units, now)


def pack(caller: Caller, unit: HsaId, found: Iterable[Found], now: datetime) -> Pack:
    """Everything that is open at the unit."""
    eyes = seer_at(caller, unit, now)
    sheets = [_Sheet(caller, unit, one, eyes, now) for one in found]
    return Pack(
        unit=caller.catalogue.units[unit].name,
        hsa_id=unit,
        as_of=now,
        incoming=tuple(row for sheet in sheets for row in sheet.incoming()),
        outgoing=tuple(row for sheet in sheets for row in sheet.outgoing()),
        held=tuple(row for sheet in sheets for row in sheet.held()),
        ringing=tuple(row for sheet in sheets for row in sheet.ringing()),
        calls=tuple(row for sheet in sheets for row in sheet.calls()),
    )


class _Sheet(NamedTuple):
    """One journey, and how it is looked at."""

    caller: Caller
    unit: HsaId
    found: Found
    eyes: Seer
    now: datetime

    def incoming(self) -> Iterator[Incoming]:
        """Handovers to the unit."""
        for handover in self._handovers():
            if handover.to_unit == self.unit:
                yield Incoming(
                    reference=short_reference(handover.id),
                    patient=self._patient(),
                    part=self._part(handover.part),
                    sender=self._side(handover.from_unit),
                    holder=self._holder(handover.part),
                    purpose=PURPOSES[handover.purpose],
                    state=state_words(handover.state, handover.profile),
                    sent_at=handover.sent_at,
                    receipts=tuple(self._receipts(handover)),
                    dues=tuple(self._owed(handover, RECEIPTS)),
                    requested=self.found.requested[handover.id] if self._whole() else "",
                )

    def outgoing(self) -> Iterator[Outgoing]:
        """Handovers from the unit."""
        for handover in self._handovers():
            if handover.from_unit == self.unit:
                yield Outgoing(
                    reference=short_reference(handover.id),
                    patient=self._patient(),
                    part=self._part(handover.part),
                    receiver=self._side(handover.to_unit),
                    purpose=PURPOSES[handover.purpose],
                    state=state_words(handover.state, handover.profile),
                    sent_at=handover.sent_at,
                    dues=tuple(self._owed(handover)),
                )

    def held(self) -> Iterator[Held]:
        """Parts that the unit holds."""
        if self.found.known.summary.closed_at:
            return
        for part in self._parts_held():
            yield Held(
                reference=short_reference(self.found.known.summary.id),
                patient=self._patient(),
                part=self._part(part.key),
                pathway=self._definition().label if self._whole() else None,
                dues=(*self._steps(part), *map(_due, self._own(part))),
                meeting_at=self._next_meeting() if self._whole() else None,
            )

    def ringing(self) -> Iterator[Ringing]:
        """Alarms, safety calls, and promises of the unit about what it does not hold."""
        for clock in self.found.known.clocks:
            if self._is_loud(clock) or self._is_left_over(clock):
                yield Ringing(
                    reference=short_reference(self.found.known.summary.id),
                    patient=self._patient(),
                    part=self._part(clock.part),
                    kind=promise(clock.kind),
                    other=self._other(clock),
                    dues=(_due(clock),),
                    said=self._safety_call(clock),
                )

    def calls(self) -> Iterator[Call]:
        """Receivers without a system that the unit is to call."""
        for handover in self._handovers():
            view = handover_view(self.found.known, handover, self.eyes)
            if handover.call_task and "call" in view.available_actions:
                yield Call(
                    reference=short_reference(handover.id),
                    patient=self._patient(),
                    part=self._part(handover.part),
                    receiver=self._side(handover.to_unit),
                    since=handover.call_task.since,
                    dues=tuple(self._owed(handover)),
                )

    def _handovers(self) -> tuple[Handover, ...]:
        return self.found.known.handovers

    def _whole(self) -> bool:
        """Whether the patient is shown whole."""
        return self.caller.sees(self.found.who.protection)

    def _patient(self) -> Patient:
        shown = mask.person(self.caller, self.found.who)
        died = self._whole() and self.found.known.summary.deceased_at is not None
        return Patient(name=shown["name"], number=shown["value"], deceased=died)

    def _definition(self) -> Definition:
        line = self.found.known.summary
        return self.caller.catalogue.pathways[(line.pathway_key, line.pathway_version)]

    def _part(self, key: str) -> Labels:
        part = self._definition().part(key)
        return part.label if part else Labels(sv=key, en=key)

    def _parts_held(self) -> list[Part]:
        return [part for part in self.found.known.parts if part.holder == self.unit]

    def _side(self, hsa_id: HsaId) -> Side:
        unit = self.caller.catalogue.units.get(hsa_id)
        if unit is None:
            return Side(name=hsa_id)
        inbox, after = unit.contact(Function.INBOX), unit.contact(Function.OUT_OF_HOURS)
        return Side(
            name=unit.name,
            phone=inbox.phone if inbox else None,
            out_of_hours=after.phone if after else None,
        )

    def _holder(self, key: str) -> Side | None:
        part = next((p for p in self.found.known.parts if p.key == key), None)
        return self._side(part.holder) if part else None

    def _of(self, handover: Handover) -> list[Clock]:
        return [clock for clock in self.found.known.clocks if clock.subject == handover.id]

    def _owed(self, handover: Handover, but: Sequence[ClockKind] = ()) -> Iterator[Due]:
        """What is owed about a handover; what the sender owes says so."""
        for clock in self._of(handover):
            if clock.kind not in but:
                label = promise(clock.kind)
                yield _due(clock, by_sender(label) if clock.owner == handover.from_unit else label)

    def _receipts(self, handover: Handover) -> Iterator[Due]:
        """The three receipts: when each was given, or by when it is owed."""
        given = (handover.received_at, handover.acknowledged_at, handover.accepted_at)
        owed = {clock.kind: clock for clock in self._of(handover)}
        for kind, at in zip(RECEIPTS, given, strict=True):
            clock = owed.get(kind)
            yield Due(
                label=promise(kind),
                at=clock.due_at if clock else None,
                done_at=at,
                paused=clock is not None and not clock.owed,
            )

    def _steps(self, part: Part) -> Iterator[Due]:
        """The open steps of a part; of a protected patient only when, and not what."""
        owed = {c.subject: c for c in self.found.known.clocks if c.kind is ClockKind.STEP}
        for step in self.found.known.steps:
            if step.part == part.key:
                label = self._step(step) if self._whole() else STEP
                clock = owed.get(step.id)
                yield _due(clock, label) if clock else Due(label=label)

    def _step(self, step: Step) -> Labels:
        known = self._definition().step(step.key)
        added = self.found.added.get(step.key, step.key)
        return known.label if known else Labels(sv=added, en=added)

    def _own(self, part: Part) -> Iterator[Clock]:
        """What the unit owes about a part besides steps and handovers."""
        return (clock for clock in self._others() if clock.part == part.key)

    def _others(self) -> Iterator[Clock]:
        """What the unit owes that is no step that it holds, no handover and no alarm."""
        held = [part.key for part in self._parts_held()]
        steps = [step.id for step in self.found.known.steps if step.part in held]
        shown = {*steps, *(handover.id for handover in self._handovers())}
        return (
            clock
            for clock in self.found.known.clocks
            if clock.owner == self.unit and clock.kind not in LOUD and clock.subject not in shown
        )

    def _is_loud(self, clock: Clock) -> bool:
        mine = clock.owner == self.unit or (
            clock.kind is ClockKind.ALARM and clock.counterpart == self.unit
        )
        return mine and clock.kind in LOUD and clock.owed

    def _is_left_over(self, clock: Clock) -> bool:
        held = [part.key for part in self._parts_held()]
        return clock.part not in held and clock in self._others()

    def _other(self, clock: Clock) -> Side | None:
        other = clock.counterpart if clock.owner == self.unit else clock.owner
        return self._side(other) if other != self.unit else None

    def _safety_call(self, clock: Clock) -> str:
        """Who is to call the patient; not for those who do not see what health care wrote."""
        net = self.found.known.summary.care.safety_net
        shown = self._whole() and self.caller.seer.records
        if clock.kind is not ClockKind.SAFETY_NET or net is None or not shown:
            return ""
        return f"Ringer: {net.caller}"

    def _next_meeting(self) -> datetime | None:
        meetings = self.found.known.summary.care.meetings
        ahead = (m.summons.starts_at for m in meetings if m.state is MeetingState.PLANNED)
        return min((at for at in ahead if at > self.now), default=None)


def _due(clock: Clock, label: Labels | None = None) -> Due:
    """A promise that is not kept yet."""
    return Due(
        label=label or promise(clock.kind),
        at=clock.due_at,
        paused=not clock.owed,
    )
