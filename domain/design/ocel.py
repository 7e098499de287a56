"""Journeys as an object-centric event log: OCEL 2.0 in JSON, for tools of process mining.

What leaves is listed in `ocel_leaves`. A journey whose patient has protected data stays whole:
its units alone would say where the patient is. A step that was added for one patient has a key
that somebody typed; it is numbered instead.

An event's `time` is when it became true; `seq` is its place in the journey's log, which is the
order that counts. `late` says that the promise about it was broken at that instant.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain import event as ev
from domain.clock import Clock, ClockKind
from domain.design.ocel_format import (
    Declared,
    EventAttribute,
    ObjectAttribute,
    Objects,
    Ocel,
    OcelEvent,
    OcelObject,
    OcelType,
    Plain,
    iso,
    plain,
    relate,
)
from domain.design.ocel_leaves import (
    LEAVES,
    OBJECTS,
    QUALIFIERS,
    AttributeType,
    Leaves,
    declared,
)
from domain.event import Event, Happening
from domain.facts import Protection
from domain.journey import clock_id, step_id
from domain.pathway import Definition, StepDefinition


def export(journeys: Iterable[tuple[str, Sequence[Event]]]) -> Ocel:
    """One log of many journeys, each by an opaque id of its own and its whole log of events."""
    objects, events = Objects(), list[OcelEvent]()
    for journey, log in journeys:
        if not _is_protected(log):
            events += _Walk(journey, objects).through(log)
    types = {kind.model_fields["type"].default: declared(kind) for kind in LEAVES}
    return Ocel(
        objectTypes=[_type(name, attributes) for name, attributes in OBJECTS.items()],
        eventTypes=[_type(name, attributes) for name, attributes in types.items()],
        objects=list(objects.found.values()),
        events=sorted(events, key=lambda e: e["time"]),
    )


def _type(name: str, attributes: Mapping[str, AttributeType]) -> OcelType:
    listed = [Declared(name=key, type=kind) for key, kind in attributes.items()]
    return OcelType(name=name, attributes=listed)


def _is_protected(log: Sequence[Event]) -> bool:
    """Whether the patient's data are protected as the log ends."""
    said = (getattr(event.what, "protection", None) for event in log)
    grades = [grade for grade in said if isinstance(grade, Protection)]
    return bool(grades) and grades[-1] is not Protection.NONE


class _Walk:
    """Goes through one journey's log, and knows what later events only hint at."""

    def __init__(self, journey: str, objects: Objects) -> None:
        self._journey, self._objects = journey, objects
        self._pathway: dict[str, Plain] = {}
        self._steps: dict[str, StepDefinition] = {}
        self._added: list[str] = []
        self._period = 1
        self._clocks: dict[str, Clock] = {}

    def through(self, log: Sequence[Event]) -> Iterator[OcelEvent]:
        """What leaves of it, in its order."""
        for event in log:
            self._learn(event)
            if leaves := LEAVES.get(type(event.what)):
                yield self._event(event, leaves)
            if isinstance(event.what, ev.ClockStopped):
                self._clocks.pop(event.what.clock_id, None)

    def _learn(self, event: Event) -> None:
        match event.what:
            case ev.JourneyStarted(definition=definition):
                self._go_by(definition)
            case (
                ev.PathwayMigrated(definition=definition)
                | ev.MigrationUndone(definition=definition)
            ):
                self._go_by(definition, event.effective_at)
            case ev.StepAdded(definition=added):
                self._steps[added.key] = added
                self._added.append(added.key)
            case ev.PeriodStarted(period=period):
                self._period = period
            case ev.ClockStarted(clock=clock) | ev.ClockMoved(clock=clock):
                self._clocks[clock.id] = clock
                self._note_due(clock, event.effective_at)
            case ev.HandoverSent() | ev.HandoverAnnounced():
                self._see_handover(event.what)

    def _go_by(self, definition: Definition, at: datetime | None = None) -> None:
        """Which version the journey goes by, from its beginning or from an instant on."""
        self._pathway = {"pathway": definition.key, "version": definition.version}
        self._steps |= {step.key: step for step in definition.steps}
        seen = self._objects.see(self._journey, "journey", **self._pathway)
        if at is not None:
            seen["attributes"] += [
                ObjectAttribute(name=name, time=iso(at), value=value)
                for name, value in self._pathway.items()
            ]

    def _note_due(self, clock: Clock, at: datetime) -> None:
        step = self._step(clock.subject) if clock.kind is ClockKind.STEP else None
        if step is not None:
            due = ObjectAttribute(name="due_at", time=iso(at), value=iso(clock.due_at))
            step["attributes"].append(due)

    def _step(self, id: str) -> OcelObject | None:
        """The step of an id, which is its period and its key; None when it is no step's."""
        period, _, key = id.partition(".")
        definition = self._steps.get(key)
        if definition is None or not period.isdecimal():
            return None
        added = key in self._added
        name = f"added-{self._added.index(key) + 1}" if added else key
        step = self._objects.see(
            self._id("step", step_id(int(period), name)),
            "step",
            key=name,
            kind=definition.kind,
            part=definition.part,
            period=int(period),
            added=added,
        )
        return self._within(step, self._part(definition.part))

    def _part(self, key: str) -> str:
        return self._within(self._objects.see(self._id("part", key), "part", key=key))["id"]

    def _see_handover(self, what: ev.HandoverSent | ev.HandoverAnnounced) -> None:
        """Where it went first; a redirect is an event of its own."""
        seen = self._objects.see(
            self._id("handover", what.handover_id),
            "handover",
            purpose=what.purpose,
            profile=what.profile,
        )
        ends = ((what.from_unit, "from"), (what.to, "to"))
        self._within(seen, self._part(what.part))
        relate(seen, *((self._objects.see_unit(unit), qualifier) for unit, qualifier in ends))

    def _within(self, seen: OcelObject, part: str | None = None) -> OcelObject:
        relate(seen, (self._journey, "belongs to"), *([(part, "of")] if part else []))
        return seen

    def _id(self, kind: str, id: str) -> str:
        """Unique in the whole log, whatever ids other journeys have."""
        return f"{self._journey}/{kind}/{id}"

    def _event(self, event: Event, leaves: Leaves) -> OcelEvent:
        what = event.what
        step = self._step(self._step_id(what))
        said = {
            **self._pathway,
            "seq": event.seq,
            "decided_at": event.decided_at,
            **_codes(what, leaves),
            **self._of_step(what, step),
            **self._of_clock(event),
        }
        found = OcelEvent(
            id=f"{self._journey}/{event.seq}",
            type=what.type,
            time=iso(event.effective_at),
            attributes=[EventAttribute(name=k, value=plain(v)) for k, v in said.items()],
            relationships=[],
        )
        about = ((id, "about") for id in self._about(what, step))
        relate(found, (self._journey, "belongs to"), *about, *self._units(event, leaves))
        return found

    def _step_id(self, what: Happening) -> str:
        """The id of the step that an event is about; empty for none."""
        match what:
            case ev.HandoverSent(step=key):
                return step_id(self._period, key or "")
            case ev.StepAdded(definition=added):
                return step_id(self._period, added.key)
            case ev.DelayRecorded(subject=subject):
                return subject
        named = getattr(what, "step", None)
        return named if isinstance(named, str) else _clock_of(what).partition(":")[2]

    def _about(self, what: Happening, step: OcelObject | None) -> Iterator[str]:
        """The step, the handover and the part that an event is about."""
        subject = _clock_of(what).partition(":")[2] or getattr(what, "subject", "")
        part = getattr(what, "part", "")
        if step is not None:
            yield step["id"]
        if part:
            yield self._part(part)
        for kind, id in (
            ("handover", getattr(what, "handover_id", subject)),
            ("part", subject),
        ):
            if self._id(kind, id) in self._objects.found:
                yield self._id(kind, id)

    def _units(self, event: Event, leaves: Leaves) -> Iterator[tuple[str, str]]:
        if event.actor is not None:
            yield self._objects.see_unit(event.actor.unit), "by"
        for path in leaves.units:
            for unit in _reach(event.what, path):
                yield self._objects.see_unit(unit), QUALIFIERS[path]

    def _of_step(self, what: Happening, step: OcelObject | None) -> dict[str, Plain]:
        if step is None:
            return {}
        named = {a["name"]: a["value"] for a in step["attributes"]}
        early = getattr(what, "early_reason", None) is not None
        said = {"step": named["key"], "step_kind": named["kind"]}
        return said | ({"early": early} if isinstance(what, ev.StepCompleted) else {})

    def _of_clock(self, event: Event) -> dict[str, Plain]:
        """What the clock promises that an event is about, and whether that is broken now."""
        about = _clock_of(event.what)
        step = getattr(event.what, "step", None)
        clock = self._clocks.get(about or clock_id(ClockKind.STEP, step or ""))
        said: dict[str, Plain] = {"clock": about.partition(":")[0]} if about else {}
        return said | ({"late": clock.late(event.effective_at)} if clock else {})


def _clock_of(what: Happening) -> str:
    """The id of the clock that an event is about; empty for none."""
    clock = getattr(what, "clock", None)
    return clock.id if isinstance(clock, Clock) else getattr(what, "clock_id", "")


def _codes(what: Happening, leaves: Leaves) -> dict[str, Any]:
    """What the list lets out, by where it stands."""
    found = {path.replace(".", "_"): list(_reach(what, path)) for path in leaves.codes}
    return {name: values[0] for name, values in found.items() if values}


def _reach(value: Any, path: str) -> Iterator[Any]:
    """Everything that stands where a path leads; nothing where there is nothing."""
    if isinstance(value, tuple):
        for item in value:
            yield from _reach(item, path)
    elif value is not None and path:
        head, _, rest = path.partition(".")
        yield from _reach(getattr(value, head), rest)
    elif value is not None:
        yield value
