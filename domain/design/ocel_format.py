"""What an OCEL 2.0 log in JSON is made of, and how values are written in it.

The format: https://www.ocel-standard.org/specification/formats/json/ (arXiv:2403.01975).
"""

from datetime import UTC, datetime
from typing import TypedDict

from domain.design.ocel_leaves import AttributeType
from domain.unit import Unit

Plain = str | int | bool
# The standard's instant for what an object has been from the beginning.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Declared(TypedDict):
    """An attribute that a type has."""

    name: str
    type: AttributeType


class OcelType(TypedDict):
    """A type of events or of objects."""

    name: str
    attributes: list[Declared]


class Relationship(TypedDict):
    """What an event or an object has to do with an object."""

    objectId: str
    qualifier: str


class EventAttribute(TypedDict):
    """What an event says."""

    name: str
    value: Plain


class ObjectAttribute(TypedDict):
    """What an object is, from an instant on."""

    name: str
    time: str
    value: Plain


class OcelEvent(TypedDict):
    """Something that happened to objects."""

    id: str
    type: str
    time: str
    attributes: list[EventAttribute]
    relationships: list[Relationship]


class OcelObject(TypedDict):
    """A journey, a step in one period, a handover, a part, or a unit."""

    id: str
    type: str
    attributes: list[ObjectAttribute]
    relationships: list[Relationship]


class Ocel(TypedDict):
    """The whole log; its keys are those of the format."""

    objectTypes: list[OcelType]
    eventTypes: list[OcelType]
    objects: list[OcelObject]
    events: list[OcelEvent]


class Objects:
    """Everything that events are about, each once."""

    def __init__(self) -> None:
        self.found: dict[str, OcelObject] = {}

    def see(self, id: str, of: str, /, **attributes: object) -> OcelObject:
        """The object; what it is from the beginning is noted once it is known."""
        seen = self.found.setdefault(
            id, OcelObject(id=id, type=of, attributes=[], relationships=[])
        )
        if not seen["attributes"]:
            seen["attributes"] = [
                ObjectAttribute(name=name, time=iso(EPOCH), value=plain(value))
                for name, value in attributes.items()
            ]
        return seen

    def see_unit(self, unit: Unit | str) -> str:
        """A unit: its kind, sector and organisation where they are known; never how to reach it."""
        if isinstance(unit, str):
            return self.see(unit, "unit")["id"]
        facts = {"kind": unit.kind, "sector": unit.sector, "organisation": unit.organisation}
        return self.see(unit.hsa_id, "unit", **facts)["id"]


def relate(to: OcelEvent | OcelObject, *found: tuple[str, str]) -> None:
    """Each relation once."""
    for id, qualifier in found:
        relation = Relationship(objectId=id, qualifier=qualifier)
        if relation not in to["relationships"]:
            to["relationships"].append(relation)


def plain(value: object) -> Plain:
    """A value as the format has it."""
    if isinstance(value, datetime):
        return iso(value)
    return value if isinstance(value, bool | int) else str(value)


def iso(instant: datetime) -> str:
    """In UTC and always with as many digits: readers guess one form for all."""
    plain = instant.astimezone(UTC).replace(tzinfo=None)
    return f"{plain.isoformat(timespec='microseconds')}Z"
