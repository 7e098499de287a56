"""The JSON Schema of pathway files, so that an editor completes and checks while one writes."""

from typing import Any

from pydantic import TypeAdapter

from domain.condition import FACTS
from domain.design.addition import Addition
from domain.pathway import Definition

URN = "urn:handslag:pathway:1"
# What the composing writes, and nobody by hand.
NOT_WRITTEN = ("layers",)


def schema() -> dict[str, Any]:
    """A definition, or a local addition: whichever has `extends`."""
    whole: TypeAdapter[Any] = TypeAdapter(Definition | Addition)
    found = whole.json_schema(ref_template="#/$defs/{model}")
    for name in NOT_WRITTEN:
        found["$defs"]["Definition"]["properties"].pop(name, None)
    found["$defs"].pop("Layer", None)
    listed = "; ".join(f"{name}: {label.en}" for name, (_, label) in FACTS.items())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": URN,
        "title": "Handslag pathway, language 1",
        "description": f"Facts of a condition (`when`, in CEL): {listed}.",
        **found,
    }
