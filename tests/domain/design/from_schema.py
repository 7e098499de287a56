"""Whatever follows a JSON Schema, as far as Handslag's own uses the standard; the rest is refused.

Sizes are kept small: the language's own bounds are tried one by one.
"""

import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
MOST = 4
SAID_ELSEWHERE = {"title", "description", "default", "discriminator", "$schema", "$id", "$defs"}
KNOWN = SAID_ELSEWHERE | {
    "$ref", "anyOf", "oneOf", "const", "enum", "type", "pattern", "minLength", "maxLength",
    "minimum", "maximum", "items", "prefixItems", "minItems", "maxItems", "properties",
    "required", "additionalProperties",
}  # fmt: skip


def follows(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    """Values that a part of a schema takes. Raises `ValueError` for a word it does not know."""
    if unknown := schema.keys() - KNOWN:
        raise ValueError(f"the schema says {sorted(unknown)}, which is not made up here")
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return st.deferred(lambda: follows(root["$defs"][name], root))
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return st.one_of([follows(choice, root) for choice in choices])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _BY_TYPE[schema["type"]](schema, root)


def _text(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    if "pattern" not in schema:
        return st.text(min_size=low, max_size=high)
    made = st.from_regex(re.compile(schema["pattern"]), fullmatch=True)
    return made.filter(lambda text: low <= len(text) <= (high or len(text)))


def _integer(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    return st.integers(schema.get("minimum"), schema.get("maximum"))


def _array(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    if "prefixItems" in schema:
        return st.tuples(*(follows(one, root) for one in schema["prefixItems"])).map(list)
    low = schema.get("minItems", 0)
    high = min(schema.get("maxItems", MOST), low + MOST)
    return st.lists(follows(schema["items"], root), min_size=low, max_size=high)


def _object(schema: Schema, root: Schema) -> st.SearchStrategy[Any]:
    fields = {name: follows(one, root) for name, one in schema.get("properties", {}).items()}
    must = set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in must},
        optional={name: fields[name] for name in fields if name not in must},
    )


_BY_TYPE: dict[str, Callable[[Schema, Schema], st.SearchStrategy[Any]]] = {
    "string": _text,
    "integer": _integer,
    "array": _array,
    "object": _object,
    "boolean": lambda schema, root: st.booleans(),
    "null": lambda schema, root: st.none(),
}
