"""Units in a YAML file: read as people write them, and checked one by one."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from cli.client import CallFailed
from domain.unit import Unit
from domain.unit_clocks import RunningClocks

# YAML would read 16:30 as a number of seconds and 1980 as another: such words stay words here.
LEFT_AS_WORDS = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "timestamp")}


class Entry(NamedTuple):
    """One unit of the file, or what is wrong with it."""

    name: str
    unit: Unit | None
    reason: str | None = None
    running_clocks: str | None = None
    wrong: str | None = None


class _Words(yaml.SafeLoader):
    """A safe loader that leaves numbers, days and times as they are written."""


_Words.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag not in LEFT_AS_WORDS]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(path: Path) -> list[Entry]:
    """The units of a file, in order. Raises `CallFailed` when it cannot be read."""
    try:
        found = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Words)  # noqa: S506 - safe
    except OSError as error:
        raise CallFailed(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, yaml.YAMLError):
        raise CallFailed(f"{path} is no YAML in UTF-8.") from None
    if isinstance(found, dict):
        found = found.get("units", [found])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found) or not found:
        raise CallFailed(f"{path} holds no units: one unit, or a list under `units:`.")
    return [_entry(number, one) for number, one in enumerate(found, start=1)]


def _entry(number: int, given: dict[str, Any]) -> Entry:
    facts = dict(given)
    reason, name = facts.pop("reason", None), str(facts.get("hsa_id", f"unit {number}"))
    choice = facts.pop("running_clocks", None)
    if choice not in (None, *RunningClocks):
        return Entry(name, None, wrong="wrong in the file (running_clocks: keep or recompute)")
    try:
        unit = Unit.model_validate(facts)
    except ValidationError as error:
        places = (".".join(map(str, e["loc"])) + f": {e['type']}" for e in error.errors())
        return Entry(name, None, wrong=f"wrong in the file ({', '.join(places)})")
    return Entry(name, unit, reason, choice)
