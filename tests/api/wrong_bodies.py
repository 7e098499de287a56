"""Everything that can be wrong with a body, read from its own description."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from tests.world import Json

PERSON = "194408139089"
PERSONLIKE_UNIT = "SE0000000000-PERSON1"


class Wrong(NamedTuple):
    """A body with one thing wrong: what, where, and the body."""

    why: str
    where: str
    body: Json


class Place(NamedTuple):
    """A field of an example: the way to it, and what its description allows."""

    way: tuple[str | int, ...]
    schema: Json


class Described:
    """The bodies of an API, by their descriptions."""

    def __init__(self, description: Json) -> None:
        self._schemas = description["components"]["schemas"]

    def shapes(self, operation: Json) -> list[Json]:
        """The closed shapes that a call's JSON body may have."""
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        return [s for s in self._options(schema) if s.get("properties")] if schema else []

    def wrongs(self, shape: Json) -> Iterator[Wrong]:
        """Each thing that can be wrong with the example of a shape."""
        example = shape["examples"][0]
        yield Wrong("not an object", "", ["x"])  # type: ignore[arg-type]
        yield Wrong("surprise", "surprise", example | {"surprise": "x"})
        for name in shape.get("required", ()):
            yield Wrong("missing", name, {k: v for k, v in example.items() if k != name})
        for place in self._places(shape, example, ()):
            for why, value in _impossible(place.schema):
                where = ".".join(str(step) for step in place.way)
                yield Wrong(why, where, changed(example, place.way, value))

    def units(self, shape: Json) -> Iterator[tuple[str | int, ...]]:
        """The ways to fields of the example that name a unit."""
        for place in self._places(shape, shape["examples"][0], ()):
            if _names_unit(place.schema):
                yield place.way

    def _options(self, schema: Json) -> list[Json]:
        """The alternatives of a schema, references followed; nothing is none of them."""
        if "$ref" in schema:
            return self._options(self._schemas[schema["$ref"].rpartition("/")[2]])
        alternatives = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        if alternatives:
            return [found for one in alternatives for found in self._options(one)]
        return [] if schema.get("type") == "null" else [schema]

    def _places(self, schema: Json, example: Any, way: tuple[str | int, ...]) -> Iterator[Place]:
        """Every field of an example, however deep; of a list its first item."""
        options = self._options(schema)
        shape = next((o for o in options if _fits(o, example)), None)
        if way and len(options) == 1:
            yield Place(way, options[0])
        if shape is None:
            return
        if isinstance(example, dict):
            for name, described in shape.get("properties", {}).items():
                if name in example:
                    yield from self._places(described, example[name], (*way, name))
        elif isinstance(example, list) and example and "items" in shape:
            yield from self._places(shape["items"], example[0], (*way, 0))


def _fits(schema: Json, example: Any) -> bool:
    """Whether an alternative is the one that an example follows."""
    if not isinstance(example, dict):
        return True
    properties = schema.get("properties", {})
    constants = {k: p["const"] for k, p in properties.items() if "const" in p}
    known = set(example) <= set(properties) or not properties
    return known and all(example.get(k, c) == c for k, c in constants.items())


def _impossible(schema: Json) -> Iterator[tuple[str, Any]]:
    """Values that a field cannot have."""
    anything = schema.get("type") == "object" and "properties" not in schema
    yield "wrong type", "x" if anything else {"no_such": True}
    if "enum" in schema or "const" in schema:
        yield "unknown code", "no_such_code"
    if "maxLength" in schema:
        yield "too long", "x" * (schema["maxLength"] + 1)
    if "maximum" in schema:
        yield "too much", schema["maximum"] + 1
    if "minimum" in schema:
        yield "too little", schema["minimum"] - 1
    if schema.get("format") == "date-time":
        yield "no offset", "2026-10-05T09:00:00"
        yield "no year of ours", "9999-12-31T23:59:59Z"
    if schema.get("format") == "date":
        yield "no date", "2026-02-30"
    if _names_unit(schema):
        yield "a person", PERSON
        yield "a person's name", "Demo Arbetsterapeut 1"


def _names_unit(schema: Json) -> bool:
    return str(schema.get("pattern", "")).startswith("^SE")


def changed(example: Json, way: tuple[str | int, ...], value: Any) -> Json:
    """The example with one field another."""
    body = deepcopy(example)
    place: Any = body
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value
    return body
