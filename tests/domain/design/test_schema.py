"""The JSON Schema: shipped as it is served, taking what is shipped, and refusing a slip."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from domain.design.schema import schema
from tests.samples import ROOT

FILES = sorted(
    [*(ROOT / "pathways").glob("*/v*.yaml"), *(ROOT / "pathways").glob("*/additions/*/v*.yaml")]
)
SHIPPED = ROOT / "pathways" / "schema.json"


def validator() -> Any:
    return jsonschema.Draft202012Validator(schema())


def test_what_is_shipped_is_what_is_served() -> None:
    written = json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"

    assert SHIPPED.read_text("utf-8") == written, "write it anew: it follows the language"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT / "pathways")))
def test_every_shipped_file_follows_the_schema(path: Any) -> None:
    assert list(validator().iter_errors(yaml.safe_load(path.read_text("utf-8")))) == []


def test_a_slip_of_the_pen_does_not() -> None:
    given = yaml.safe_load(FILES[0].read_text("utf-8"))
    given["steps"][1]["du"] = given["steps"][1].pop("due")

    assert not validator().is_valid(given)


def test_nobody_writes_layers_by_hand() -> None:
    assert "layers" not in schema()["$defs"]["Definition"]["properties"]
