"""How far journeys went as their pathway says: replayed from an exported log, not from ours.

Each journey's step events are replayed in order against the definition's `after`. An event fits,
or it is a deviation of one kind; a journey's fitness is the share of its step events that fit, and
the pathway version's is the mean of its journeys', so that a long journey weighs no more than a
short one. 1.0 is a journey without any deviation. A journey that has migrated is judged by each
version for the time that it went by it.

The figure is ours. The idea is replay: Rozinat and van der Aalst, "Conformance checking of
processes based on monitoring real behavior", Information Systems 33 (2008) 64-95. Theirs counts
tokens that are missing or remain in a Petri net, and is not comparable with this one.

What it does not say: whether a deviation was right (each has a reason, which is not in the log),
whether what a step waits for had come, and anything of steps that a journey has not reached yet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from domain.design.ocel_format import Ocel, OcelEvent, OcelObject, Plain
from domain.pathway import Definition
from domain.step_definition import Obligation, StepDefinition
from domain.value import Key, Value

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class Deviation(StrEnum):
    """Kinds of deviation; of two at once the first in this order counts.

    `unknown_step`: neither the pathway nor anybody has it, and no version before it had it.
    `not_open`: ended without being open. `out_of_order`: opened or done before its forerunners had
    ended. `early`: done although it still waited. An optional step that is skipped is none.
    """

    UNKNOWN_STEP = "unknown_step"
    NOT_OPEN = "not_open"
    OUT_OF_ORDER = "out_of_order"
    EARLY = "early"
    SKIPPED = "skipped"
    EXTENDED = "extended"
    REOPENED = "reopened"
    ADDED = "added"


class StepConformance(Value):
    """A step of the pathway: to how many it happened at least once.

    `seen` counts the step once for each period in which anything happened to it. One that was
    done, done again and done late counts once in `done` and once in `late`.
    """

    step: Key
    seen: Count
    reached: Count
    done: Count
    skipped: Count
    not_needed: Count
    late: Count


class JourneyConformance(Value):
    """One journey, by the log's own id: step events replayed, and how many did not fit."""

    journey: str
    events: Count
    deviations: Count
    fitness: Share


class Conformance(Value):
    """One version of a pathway, over every journey of it in a log.

    `followed` are the journeys without deviation so far, `share` is theirs of all; without
    journeys there is neither share nor fitness.
    """

    pathway: Key
    version: int
    journeys: Count
    closed: Count
    followed: Count
    share: Share | None
    fitness: Share | None
    deviations: dict[Deviation, Count]
    steps: tuple[StepConformance, ...]
    each: tuple[JourneyConformance, ...]


def versions(log: Ocel) -> tuple[str, ...]:
    """Every pathway version that the log has journeys of, as `key@version`."""
    return tuple(sorted({_name(_says(event)) for event in log["events"]}))


def conformance(definition: Definition, log: Ocel) -> Conformance:
    """What a log says of one pathway version; journeys of others are left aside."""
    replayed = [
        _Replay(definition).of(journey, lived)
        for journey, lived in _journeys(log)
        if any(_name(event.says) == definition.name for event in lived)
    ]
    each = tuple(replay.conformance for replay in replayed)
    followed = sum(journey.deviations == 0 for journey in each)
    found = Counter(kind for replay in replayed for kind in replay.deviations)
    return Conformance(
        pathway=definition.key,
        version=definition.version,
        journeys=len(each),
        closed=sum(replay.closed for replay in replayed),
        followed=followed,
        share=followed / len(each) if each else None,
        fitness=sum(journey.fitness for journey in each) / len(each) if each else None,
        deviations={kind: found[kind] for kind in Deviation},
        steps=tuple(_step(step.key, replayed) for step in definition.steps),
        each=each,
    )


class _Lived(NamedTuple):
    """An event of a journey, with the step that it is about and what it says."""

    type: str
    step: Mapping[str, Plain] | None
    says: Mapping[str, Plain]


def _journeys(log: Ocel) -> Iterator[tuple[str, list[_Lived]]]:
    """Every journey, with its events in the order of its own log."""
    objects = {found["id"]: found for found in log["objects"]}
    lived = {found["id"]: list[_Lived]() for found in log["objects"] if found["type"] == "journey"}
    for event in log["events"]:
        for relation in event["relationships"]:
            if relation["qualifier"] == "belongs to" and relation["objectId"] in lived:
                lived[relation["objectId"]].append(_lived(event, objects))
    for id, events in lived.items():
        yield id, sorted(events, key=lambda event: int(event.says["seq"]))


def _lived(event: OcelEvent, objects: Mapping[str, OcelObject]) -> _Lived:
    about = (objects[relation["objectId"]] for relation in event["relationships"])
    step = next((found for found in about if found["type"] == "step"), None)
    return _Lived(event["type"], _says(step) if step else None, _says(event))


def _name(says: Mapping[str, Plain]) -> str:
    """The version that the journey went by then."""
    return f"{says['pathway']}@{says['version']}"


def _says(found: OcelEvent | OcelObject) -> dict[str, Plain]:
    return {attribute["name"]: attribute["value"] for attribute in found["attributes"]}


class _Mark(StrEnum):
    """What has happened to a step in one period."""

    REACHED = "reached"
    DONE = "done"
    SKIPPED = "skipped"
    NOT_NEEDED = "not_needed"
    LATE = "late"


class _Place(StrEnum):
    """Where a step is; one that is let in `again` may open whatever comes before it."""

    WAITING = "waiting"
    AGAIN = "again"
    OPEN = "open"
    ENDED = "ended"


_Id = tuple[int, str]
# Where a step is after an event, and what has then happened to it; what is not here moves nothing.
_MOVES: dict[str, tuple[_Place, _Mark | None]] = {
    "step_opened": (_Place.OPEN, _Mark.REACHED),
    "step_completed": (_Place.ENDED, _Mark.DONE),
    "step_done_before": (_Place.ENDED, _Mark.DONE),
    "step_skipped": (_Place.ENDED, _Mark.SKIPPED),
    "step_not_needed": (_Place.ENDED, _Mark.NOT_NEEDED),
    "repetition_ended": (_Place.ENDED, None),
    "step_needed": (_Place.WAITING, None),
    "step_reopened": (_Place.AGAIN, None),
    "step_repeated": (_Place.AGAIN, None),
    "step_added": (_Place.AGAIN, None),
}
REPLAYED = (*_MOVES, "step_extended")
_ALWAYS = {
    "step_extended": Deviation.EXTENDED,
    "step_reopened": Deviation.REOPENED,
    "step_added": Deviation.ADDED,
}


class _Replay:
    """One journey, event by event; what it did under another version moves steps, unjudged."""

    def __init__(self, definition: Definition) -> None:
        self._name = definition.name
        self._steps = {step.key: step for step in definition.steps}
        self._places: dict[_Id, _Place] = {}
        self._done: set[_Id] = set()
        self._elsewhere: set[_Id] = set()
        self._journey, self._events = "", 0
        self.marks: dict[_Id, dict[_Mark, None]] = {}
        self.deviations: list[Deviation] = []
        self.closed = False

    def of(self, journey: str, events: Iterable[_Lived]) -> "_Replay":
        """Replay the whole journey."""
        self._journey = journey
        for event in events:
            ours = _name(event.says) == self._name
            if ours:
                self.closed = self.closed or event.type == "journey_closed"
                self._judge(event)
            mark = self._move(event)
            if ours:
                self._note(event, mark)
            elif event.step is not None:
                self._elsewhere.add(_id(event.step))
        return self

    @property
    def conformance(self) -> JourneyConformance:
        """What came of it; where nothing was replayed nothing did not fit."""
        wrong = len(self.deviations)
        fitness = 1 - wrong / self._events if self._events else 1.0
        return JourneyConformance(
            journey=self._journey, events=self._events, deviations=wrong, fitness=fitness
        )

    def _judge(self, event: _Lived) -> None:
        if event.type in REPLAYED:
            self._events += 1
            self.deviations += [found] if (found := self._deviation(event)) else []

    def _move(self, event: _Lived) -> _Mark | None:
        """Where the step is now; what has happened to it."""
        if event.step is None or event.type not in _MOVES:
            return None
        step, (self._places[step], mark) = _id(event.step), _MOVES[event.type]
        if event.type == "repetition_ended":
            mark = _Mark.DONE if step in self._done else _Mark.NOT_NEEDED
        if mark is _Mark.DONE:
            self._done.add(step)
        return mark

    def _deviation(self, event: _Lived) -> Deviation | None:
        """Why an event does not fit; None when it does."""
        if event.step is None:
            return Deviation.UNKNOWN_STEP
        definition = self._steps.get(str(event.step["key"]))
        if definition is None and not self._is_known(event):
            return Deviation.UNKNOWN_STEP
        place = self._places.get(_id(event.step), _Place.WAITING)
        if event.type in ("step_completed", "step_skipped") and place is not _Place.OPEN:
            return Deviation.NOT_OPEN
        ordered = event.type == "step_completed" or (
            event.type == "step_opened" and place is not _Place.AGAIN
        )
        if ordered and definition and not self._is_ready(definition, _id(event.step)[0]):
            return Deviation.OUT_OF_ORDER
        if event.says.get("early") is True:
            return Deviation.EARLY
        if event.type == "step_skipped":
            return None if _is_optional(definition) else Deviation.SKIPPED
        return _ALWAYS.get(event.type)

    def _is_known(self, event: _Lived) -> bool:
        """A step of the patient's own, or one of the version before that lives on or ends here."""
        assert event.step is not None
        falls_away = event.type == "step_not_needed"
        return bool(event.step["added"]) or falls_away or _id(event.step) in self._elsewhere

    def _is_ready(self, definition: StepDefinition, period: int) -> bool:
        before = (self._places.get((period, key)) for key in definition.after)
        return all(place is _Place.ENDED for place in before)

    def _note(self, event: _Lived, mark: _Mark | None) -> None:
        """What has happened; late is what ended late, or rang because it had not ended in time."""
        if event.step is None:
            return
        about = event.type in REPLAYED or event.says.get("clock") == "step"
        late = about and event.says.get("late") is True
        if event.type in _MOVES or late:
            found = (mark, _Mark.LATE if late else None)
            marks = self.marks.setdefault(_id(event.step), {})
            marks |= dict.fromkeys(m for m in found if m)


def _id(step: Mapping[str, Plain]) -> _Id:
    return int(step["period"]), str(step["key"])


def _is_optional(definition: StepDefinition | None) -> bool:
    return definition is not None and definition.obligation is Obligation.OPTIONAL


def _step(key: str, replayed: Sequence[_Replay]) -> StepConformance:
    marks = [m for replay in replayed for (_, step), m in replay.marks.items() if step == key]
    counts = {str(mark): sum(mark in m for m in marks) for mark in _Mark}
    return StepConformance.model_validate({"step": key, "seen": len(marks), **counts})
