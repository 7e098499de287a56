"""What a designer waits for, in seconds of CPU: checking, trying out, the fleet diff."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice

from bench.core import YEAR
from cli import load
from domain.calendar import Calendar
from domain.design.case import Case
from domain.design.check import Library, check
from domain.design.moving import Moving, shown
from domain.design.simulation import Simulation, World, simulate
from domain.event import Event
from domain.evolve import fold
from domain.ladder import Ladders
from domain.pathway import Definition
from domain.rulebook import Rulebook

BASE = load.PATHWAYS / "stroke-rehab" / "v1.yaml"
ADDITION = load.PATHWAYS / "stroke-rehab" / "additions" / "vastmanland" / "v1.yaml"


@dataclass(frozen=True, slots=True)
class Designed:
    """How often a second an addition is checked, composed and played for a year; and a fleet."""

    tried: float
    moves: int
    journeys: int
    fleet_seconds: float
    reading_seconds: float
    verdicts: dict[str, int]


def measure(seconds: float, journeys: int) -> Designed:
    """The same file over and over; and so many journeys, each read from its log and dry-run."""
    world = _world()
    base = Definition.model_validate(load.read(BASE))
    library = Library({base.name: base}, world)
    text = ADDITION.read_text(encoding="utf-8")
    played, made, began = _try_out(text, library), 1, time.process_time()
    while time.process_time() - began < seconds:
        played, made = _try_out(text, library), made + 1
    rate = made / max(time.process_time() - began, 0.001)
    fleet, reading, verdicts = _fleet(base, text, library, journeys)
    return Designed(rate, len(played.moves), journeys, fleet, reading, verdicts)


def _world() -> World:
    today = datetime.now(UTC).date()
    ladders = load.read(load.CATALOGUE / "ladders" / "v2.yaml")
    return World(
        units={u.hsa_id: u for u in load.units()},
        calendar=Calendar(version="bench", days_off=tuple(load.days_off(today))),
        ladders=Ladders.model_validate(ladders),
        rules=Rulebook(version="rules-00001", rules=tuple(load.rules())),
    )


def _try_out(text: str, library: Library) -> Simulation:
    found = check(text, library)
    assert found.definition is not None, found.problems
    assert library.world is not None
    return simulate(found.definition, library.world, Case(days=YEAR.days))


def _fleet(
    base: Definition, text: str, library: Library, journeys: int
) -> tuple[float, float, dict[str, int]]:
    """Journeys that have come differently far; what reading their logs alone costs beside."""
    assert library.world is not None
    target = check(text, library).definition
    assert target is not None
    logs = list(islice(cycle(_logs(simulate(base, library.world, Case()))), journeys))
    began = time.process_time()
    for log in logs:
        fold(log)
    reading = time.process_time() - began
    moving, verdicts = _moving(target), dict[str, int]()
    began = time.process_time()
    for log in logs:
        state = fold(log)
        assert state is not None
        verdict = shown(state, moving, target, log[-1].decided_at).verdict
        verdicts[verdict] = verdicts.get(verdict, 0) + 1
    return time.process_time() - began, reading, verdicts


def _logs(played: Simulation) -> list[tuple[Event, ...]]:
    """The same journey at each command's end, from its start to just before its close."""
    log = played.log
    ends = (n for n in range(1, len(log)) if log[n].decided_at != log[n - 1].decided_at)
    return [log[:end] for end in ends]


def _moving(target: Definition) -> Moving:
    return Moving(
        id="bench",
        key=target.key,
        version=target.version,
        by="bench",
        unit=next(iter(load.units())).hsa_id,
        at=datetime.now(UTC),
    )
