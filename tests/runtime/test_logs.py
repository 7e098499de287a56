"""One stream, one shape, nobody's number."""

import json
import subprocess
import sys
from typing import Any
from uuid import UUID

import pytest

from runtime.logs import MASK, drop_personal

SCRIPT = """
import logging, structlog
from runtime.logs import configure
configure({as_json}, "worker")
structlog.contextvars.bind_contextvars(correlation_id="c-1", journey_id="j-1")
log = structlog.get_logger("ours")
log.info("sent", to="19800101-1234")
logging.getLogger("uvicorn.error").warning("listening on %s", "port")
logging.getLogger("temporalio.core").warning("198001011234 from the core")
def fail():
    secret_local = "do not show"
    raise ValueError("no such person: 800101-1234")
try:
    fail()
except ValueError:
    log.exception("failed")
"""


def lines_of(as_json: bool | None) -> list[str]:
    script = SCRIPT.format(as_json=as_json)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return done.stderr.splitlines()


def masked(value: Any) -> Any:
    return drop_personal(None, "info", {"event": value})["event"]


def test_every_logger_comes_out_in_one_shape() -> None:
    records = [json.loads(line) for line in lines_of(None)]
    assert [record["logger"] for record in records] == [
        "ours",
        "uvicorn.error",
        "temporalio.core",
        "ours",
    ]
    for record in records:
        assert record["service"] == "worker"
        assert record["correlation_id"] == "c-1"
        assert record["journey_id"] == "j-1"
        assert record["timestamp"].endswith("Z")
        assert record["level"] in {"info", "warning", "error"}
    assert records[1]["event"] == "listening on port"


@pytest.mark.parametrize("as_json", [True, False])
def test_no_number_and_no_local_variable_is_written(as_json: bool) -> None:
    text = "\n".join(lines_of(as_json))
    assert "80010" not in text
    assert "do not show" not in text.replace('secret_local = "do not show"', "")
    assert text.count(MASK) >= 3
    assert "ValueError" in text


@pytest.mark.parametrize(
    "number",
    [
        "198001011234",
        "19800101-1234",
        "19800101+1234",
        "19800101 1234",
        "800101-1234",
        "800101+1234",
        "19800161-1234",
        "98240301AA06",
        "992004391013",
        "/patients/198001011234/plan",
        "(198001011234)",
        "pnr=198001011234,",
    ],
)
def test_numbers_are_masked_wherever_they_stand(number: str) -> None:
    for value in (number, {"a": [number]}, (number,), {number: 1}, ValueError(number)):
        assert MASK in str(masked(value))
        assert not any(part in str(masked(value)) for part in ("80010", "982403", "992004"))


def test_a_number_is_masked_also_as_an_integer() -> None:
    assert masked(198001011234) == MASK


@pytest.mark.parametrize(
    "harmless",
    [
        "2026-11-22T10:18:31.123456Z",
        "12345678-1234-8123-8123-198001011234",
        "order 12345",
        "1700000000",
        "0123456789abcdef0123456789abcdef",
        12,
        1.5,
        True,
        None,
    ],
)
def test_what_is_no_number_is_left_alone(harmless: object) -> None:
    assert masked(harmless) == harmless


def test_an_id_is_readable() -> None:
    identifier = UUID("12345678-1234-8123-8123-198001011234")
    assert masked(identifier) == str(identifier) or masked(identifier) == identifier
