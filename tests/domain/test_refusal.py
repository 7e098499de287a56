"""Refusals: every code that is raised is in the table, every code of the table is raised."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from domain.refusal import REFUSALS, Kind, Refusal, Refused

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "domain" / "refusal.py"
ROOMS = ("domain", "workflows", "api", "runtime")


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted(p for p in (ROOT / room).rglob("*.py") if p != TABLE)


def raised(path: Path) -> Iterator[str]:
    """Codes in `Refused("…")` and `Refusal(code="…")`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", None))
        given = node.args[:1] if name == "Refused" else []
        if name == "Refusal":
            given = [k.value for k in node.keywords if k.arg == "code"]
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


def mentioned(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_code_that_is_raised_is_in_the_table() -> None:
    found = {code: path.name for path in sources(*ROOMS) for code in raised(path)}

    assert len(found) > 30, "the scan finds what is raised"
    assert {code: place for code, place in found.items() if code not in REFUSALS} == {}


def test_every_code_of_the_table_is_used_somewhere() -> None:
    used = {text for path in sources(*ROOMS) for text in mentioned(path)}

    assert [code for code in REFUSALS if code not in used] == []


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_every_code_speaks_both_languages(code: str) -> None:
    text = Refusal(code=code).text

    assert text.kind in Kind
    assert text.sv.endswith(".") and text.en.endswith(".")
    assert text.sv != text.en


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_used(kind: Kind) -> None:
    assert any(text.kind is kind for text in REFUSALS.values())


def test_a_refusal_is_a_value_and_the_exception_only_carries_it() -> None:
    refused = Refused("not_holder")

    assert isinstance(refused.refusal, BaseModel)
    assert str(refused) == refused.refusal.code == "not_holder"
