"""Journeys as an OCEL 2.0 log: well formed, complete, and with nobody in it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from domain import command as cmd
from domain import event as ev
from domain.calendar import DAY
from domain.clock import ClockKind
from domain.design.ocel import export
from domain.design.ocel_format import Ocel
from domain.design.ocel_leaves import LEAVES, QUALIFIERS, STAYS
from domain.event import Event, Happening
from domain.facts import Protection
from domain.handover import DeclineReason
from domain.journey import clock_id
from domain.pathway import Purpose
from domain.unit import Unit
from domain.value import Labels
from tests import samples
from tests.samples import ALICE, BOB, HEALTH_CENTRE, Case

MARK = "Hemligt om Testpatient 01"
# What names a thing of the journey; the system gives it, and nobody types it.
IDS = ("step", "handover_id", "clock_id", "id", "journey_id", "bundle")


# The format, read strictly; see https://www.ocel-standard.org/specification/formats/json/


class Closed(BaseModel):
    """Nothing but what the format names."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Attribute(Closed):
    """A declared attribute."""

    name: str
    type: Literal["string", "time", "integer", "float", "boolean"]


class Type(Closed):
    """A declared type."""

    name: str
    attributes: list[Attribute]


class Relation(Closed):
    """A qualified relation to an object."""

    objectId: str
    qualifier: Annotated[str, Field(min_length=1)]


class Said(Closed):
    """An attribute of an event."""

    name: str
    value: str | int | bool


class Been(Said):
    """An attribute of an object, from an instant on."""

    time: str


class EventLine(Closed):
    """An event."""

    id: str
    type: str
    time: str
    attributes: list[Said]
    relationships: list[Relation]


class ObjectLine(Closed):
    """An object."""

    id: str
    type: str
    attributes: list[Been]
    relationships: list[Relation]


class File(Closed):
    """The four arrays of a log."""

    objectTypes: list[Type]
    eventTypes: list[Type]
    objects: list[ObjectLine]
    events: list[EventLine]


def is_instant(text: Any) -> bool:
    """Whether it is an ISO 8601 instant with a zone."""
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


FITS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "time": is_instant,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
}


def faults(log: Ocel) -> list[str]:
    """Everything in which a log is not what the format says."""
    file = File.model_validate(json.loads(json.dumps(log)))
    ids = {o.id for o in file.objects}
    found = []
    for types, lines in ((file.objectTypes, file.objects), (file.eventTypes, file.events)):
        declared = {t.name: {a.name: a.type for a in t.attributes} for t in types}
        if len(declared) != len(types) or len({line.id for line in lines}) != len(lines):
            found.append("something is there twice")
        for line in lines:
            known = declared.get(line.type, {})
            wrong = [a.name for a in line.attributes if not FITS[known[a.name]](a.value)]
            found += [f"{line.id}: {name} is of another type" for name in wrong]
            found += [] if line.type in declared else [f"{line.id}: {line.type} is not declared"]
            lost = [r.objectId for r in line.relationships if r.objectId not in ids]
            found += [f"{line.id}: no object {id}" for id in lost]
            pairs = {(r.objectId, r.qualifier) for r in line.relationships}
            found += [] if len(pairs) == len(line.relationships) else [f"{line.id}: twice related"]
    times = [e.time for e in file.events] + [a.time for o in file.objects for a in o.attributes]
    return found + [f"{t} is no instant" for t in times if not is_instant(t)]


def lived() -> Case:
    """A journey with something of nearly everything, and words wherever words may stand."""
    case = Case()
    case.do(cmd.RecordMove(at=case.now, municipality="1980"), ALICE)
    case.complete("assessment")
    case.wait(timedelta(days=8))
    case.do(cmd.ExtendStep(step="plan", until=(case.now + 9 * DAY).date(), reason=MARK), ALICE)
    case.complete("plan")
    case.do(cmd.ReopenStep(step="plan", reason=MARK), ALICE)
    case.complete("plan")
    case.do(
        cmd.AddStep(
            key="hos-testpatient-01",
            kind="intervention",
            label=Labels(sv=MARK, en=MARK),
            part="rehab",
            due=samples.calendar_days(5),
            reason=MARK,
        ),
        ALICE,
    )
    case.send(step="handover_rehab", reason=MARK, requested=MARK)
    case.do(cmd.Ask(handover_id="h-1", question=MARK), BOB)
    case.do(cmd.Answer(handover_id="h-1", answer=MARK), ALICE)
    case.do(cmd.Decline(handover_id="h-1", reason=DeclineReason.OTHER, text=MARK), BOB)
    case.send(handover_id="h-2", step="handover_rehab")
    case.wait(timedelta(days=2))
    case.do(
        cmd.SnoozeClock(
            clock_id=clock_id(ClockKind.ACCEPTED, "h-2"), until=case.now + DAY, reason=MARK
        ),
        BOB,
    )
    case.accept(handover_id="h-2")
    case.do(cmd.Assign(handover_id="h-2", to=MARK), BOB)
    case.do(cmd.ReportFirstContact(handover_id="h-2", at=case.now), BOB)
    case.do(cmd.RecordVisit(step="intervention", visit=samples.visit(case.now, staff=MARK)), BOB)
    case.do(samples.meeting(case.now), ALICE)
    case.do(cmd.PostMessage(text=MARK), BOB)
    case.do(cmd.SkipStep(step="handover_coordination", reason=MARK), ALICE)
    case.complete("intervention", BOB)
    return case


def exported(*logs: list[Event]) -> Ocel:
    """An export of some journeys, numbered."""
    return export((f"f-{n}", log) for n, log in enumerate(logs, start=1))


def text_of(log: Ocel) -> str:
    """All that stands in it."""
    return json.dumps(log, ensure_ascii=False)


def events_of(log: Ocel, kind: str) -> list[dict[str, Any]]:
    """What the events of a type say, each with its relations by qualifier."""
    return [
        {a["name"]: a["value"] for a in e["attributes"]}
        | {r["qualifier"]: r["objectId"] for r in e["relationships"]}
        for e in log["events"]
        if e["type"] == kind
    ]


def marked(value: Any, again: Any, path: tuple[Any, ...] = ()) -> Any:
    """The same with the mark wherever it may stand, tried text by text; ids are left."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        if isinstance(item, dict | list):
            marked(item, again, (*path, key))
        elif isinstance(item, str) and key not in IDS and (*path, key)[-2:] != ("clock", "subject"):
            value[key] = MARK
            if not again():
                value[key] = item
    return value


def with_marks(event: Event) -> Event:
    """An event with the mark in every field that takes free text."""
    dump = event.model_dump(mode="json")
    # The pinned sets are large, and nothing of them is read.
    large = {n: dump["what"].pop(n) for n in ("ladders", "rules", "calendar") if n in dump["what"]}

    def fits() -> bool:
        try:
            Event.model_validate({**dump, "what": {**dump["what"], **large}})
        except ValidationError:
            return False
        return True

    marked(dump, fits)
    return Event.model_validate({**dump, "what": {**dump["what"], **large}})


def test_an_export_is_what_the_format_says() -> None:
    log = exported(lived().log, Case(key="generic-rehab").log)

    assert faults(log) == []


def test_a_fault_of_the_format_would_be_found() -> None:
    log = exported(Case().log)
    log["events"][0]["relationships"][0]["objectId"] = "nobody"
    log["events"][1]["attributes"][0]["value"] = 7

    assert len(faults(log)) == 2


def test_nothing_that_anybody_wrote_leaves() -> None:
    log = exported(lived().log)

    assert MARK not in text_of(log)
    assert "hos-testpatient-01" not in text_of(log)


def test_whatever_text_an_event_holds_it_does_not_leave() -> None:
    log = [with_marks(event) for event in lived().log]
    words = sum(json.dumps(e.model_dump(mode="json"), ensure_ascii=False).count(MARK) for e in log)

    out = exported(log)

    assert words > 200, "the mark stands in many places of the journey's own log"
    assert MARK not in text_of(out)


def test_neither_patient_nor_staff_leave() -> None:
    case = lived()

    out = text_of(exported(case.log))

    assert case.state.patient_id == "p-1" and '"p-1"' not in out
    assert case.log[0].actor and case.log[0].actor.subject == "u-1" and '"u-1"' not in out


def test_a_journey_has_the_id_that_it_was_given_and_no_other() -> None:
    case = lived()

    assert case.state.id == "j-1" and "j-1" not in text_of(exported(case.log))


def test_a_protected_patients_journey_stays_whole() -> None:
    hidden = Case.of(samples.start(protection=Protection.SECRECY_MARKING), ALICE)
    case = Case()
    case.do(cmd.ChangeProtection(at=case.now, protection=Protection.PROTECTED_REGISTRATION), ALICE)

    log = exported(hidden.log, case.log)

    assert log["objects"] == [] and log["events"] == []


def test_protection_that_has_ended_hides_nothing() -> None:
    trusted = samples.unit(ALICE, protected_group=("u-1",))
    begin = samples.start(protection=Protection.SECRECY_MARKING, unit=trusted)
    case = Case.of(begin, ALICE)
    case.do(cmd.ChangeProtection(at=case.now, protection=Protection.NONE), ALICE)

    log = exported(case.log)

    assert events_of(log, "journey_started")
    assert not events_of(log, "protection_changed")


def test_it_is_decided_of_every_event_whether_it_leaves() -> None:
    decided = [*LEAVES, *STAYS]

    every = get_args(get_args(Happening)[0])
    assert sorted(k.__name__ for k in decided) == sorted(k.__name__ for k in every)


def at(kind: Any, path: str) -> list[Any]:
    """What may stand where a path leads, with what narrows a text kept."""
    head, _, rest = path.partition(".")
    field = kind.model_fields[head]
    if not rest:
        inner = _inner(field.annotation)
        return [Annotated[one, *field.metadata] if field.metadata else one for one in inner]
    models = (one for one in _inner(field.annotation) if one is not NoneType)
    return [found for model in models for found in at(model, rest)]


def _inner(annotation: Any) -> list[Any]:
    """The members of unions and tuples; constraints stay on them."""
    origin = get_origin(annotation)
    if origin is Annotated and get_origin(get_args(annotation)[0]) is not None:
        return _inner(get_args(annotation)[0])
    if origin in (None, Literal, Annotated):
        return [annotation]
    return [one for part in get_args(annotation) if part is not ... for one in _inner(part)]


def takes_free_text(kind: Any) -> bool:
    """Whether somebody could write a sentence there."""
    try:
        TypeAdapter(kind).validate_python(MARK)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_nothing_that_leaves_can_hold_free_text(kind: type[BaseModel]) -> None:
    open_to_text = [
        path
        for path in LEAVES[kind].codes  # type: ignore[index]
        for found in at(kind, path)
        if takes_free_text(found)
    ]

    assert open_to_text == []


@pytest.mark.parametrize(
    ("kind", "path"),
    [(ev.StepSkipped, "reason"), (ev.HandoverAssigned, "to"), (ev.StepExtended, "delay.text")],
)
def test_a_field_that_holds_free_text_would_be_found(kind: type[BaseModel], path: str) -> None:
    assert any(takes_free_text(found) for found in at(kind, path))


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_units_that_leave_are_units(kind: type[BaseModel]) -> None:
    for path in LEAVES[kind].units:  # type: ignore[index]
        assert path in QUALIFIERS
        for found in at(kind, path):
            assert found in (Unit, NoneType) or not takes_free_text(found)


def test_a_journey_has_its_pathway_and_every_event_says_it_too() -> None:
    log = exported(Case().log)

    journey = next(o for o in log["objects"] if o["type"] == "journey")
    facts = {a["name"]: a["value"] for a in journey["attributes"]}
    assert facts == {"pathway": "stroke-rehab", "version": 1}
    said = [{a["name"]: a["value"] for a in e["attributes"]} for e in log["events"]]
    assert all((s["pathway"], s["version"]) == ("stroke-rehab", 1) for s in said)


def test_a_handover_goes_from_a_unit_to_a_unit() -> None:
    case = Case()
    case.send(HEALTH_CENTRE, part="coordination", purpose=Purpose.TAKE_OVER)

    sent = events_of(exported(case.log), "handover_sent")

    assert [(s["from"], s["to"], s["by"]) for s in sent] == [(ALICE, HEALTH_CENTRE, ALICE)]
    assert sent[0]["purpose"] == "take_over"
    assert sent[0]["belongs to"] == "f-1"


def test_a_step_that_ends_late_says_so_and_one_in_time_does_not() -> None:
    case = Case()
    case.complete("assessment")
    case.wait(timedelta(days=8))
    case.complete("plan")

    done = events_of(exported(case.log), "step_completed")

    assert {d["step"]: d.get("late") for d in done}["plan"] is True
    assert {d["step"]: d.get("late") for d in done}["assessment"] is False


def test_a_step_keeps_every_due_instant_it_has_had() -> None:
    case = Case()
    case.complete("assessment")
    case.do(cmd.ExtendStep(step="plan", until=(case.now + 20 * DAY).date(), reason="x"), ALICE)

    log = exported(case.log)

    plan = next(o for o in log["objects"] if o["id"].endswith("/1.plan"))
    dues = [a["value"] for a in plan["attributes"] if a["name"] == "due_at"]
    assert dues == ["2026-10-12T07:00:00.000000Z", "2026-10-25T23:00:00.000000Z"]


def test_journeys_with_the_same_ids_inside_are_kept_apart() -> None:
    first, second = Case(), Case()
    first.send()
    second.send()

    log = exported(first.log, second.log)

    handovers = [o["id"] for o in log["objects"] if o["type"] == "handover"]
    assert handovers == ["f-1/handover/h-1", "f-2/handover/h-1"]
    assert sum(o["id"] == BOB for o in log["objects"]) == 1, "a unit is the same for all"


def test_events_stand_in_the_order_of_time() -> None:
    log = exported(lived().log, Case().log)

    times = [e["time"] for e in log["events"]]
    assert times == sorted(times)
