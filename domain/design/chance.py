"""Monte Carlo: a pathway played many times, with answers that take as long as chance has it.

Chance comes in as an argument: `draws` are numbers from 0 up to 1, without end. The same draws
give the same result. As many are taken for each run, whatever comes of them, so that two versions
of a pathway with the same steps are compared on the same luck.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from domain.calendar import DAY
from domain.design.case import Case, Habit, Pace, Who
from domain.design.chance_count import (
    Expected,
    HandoverChance,
    Share,
    StepChance,
    UnitLoad,
    count,
    share_of,
)
from domain.design.chance_log import Reading
from domain.design.chance_recorded import from_recorded
from domain.design.chance_times import (
    Answering,
    Chances,
    Doing,
    Exponential,
    Lognormal,
    Quantile,
    Recorded,
    Table,
    Times,
)
from domain.design.simulation import World, simulate
from domain.ladder import Ladders
from domain.pathway import Definition, HandoverStep, StepDefinition
from domain.unit import Unit, UnitKind
from domain.value import HsaId, Key

__all__ = [
    "Answering",
    "Chances",
    "Doing",
    "Expected",
    "Exponential",
    "HandoverChance",
    "Lognormal",
    "Quantile",
    "Recorded",
    "Share",
    "StepChance",
    "Table",
    "Times",
    "UnitLoad",
    "draw_case",
    "expect",
    "from_recorded",
    "share_of",
]

MOST_HABITS = 100
# So many receivers of a handover get a draw of their own; those beyond share one for each kind.
MOST_RECEIVERS = 10
# A last rung comes again and again until somebody acts; told seldom, a year of silence is played
# in a moment, and nothing else changes.
SELDOM = timedelta(days=60)


def expect(
    definition: Definition, world: World, chances: Chances, draws: Iterator[float]
) -> Expected:
    """Play every run, and count. Raises `NobodyCanStart`."""
    calm = world._replace(ladders=_seldom(world.ladders))
    known = dict[object, Reading]()
    readings = list[Reading]()
    for _ in range(chances.runs):
        case = draw_case(definition, world.units, chances, draws)
        drawn = (case.habits, tuple(case.pace.items()))
        if drawn not in known:
            known[drawn] = _play(definition, calm, case)
        readings.append(known[drawn])
    return count(definition, world.units, readings)


def _play(definition: Definition, world: World, case: Case) -> Reading:
    played = simulate(definition, world, case)
    up = played.ended == "time_up"
    return Reading(played.log, until=case.starts_at + case.days * DAY if up else None)


def _seldom(ladders: Ladders) -> Ladders:
    calm = (
        one.model_copy(update={"every": max(one.every, SELDOM)}) if one.every else one
        for one in ladders.ladders
    )
    return ladders.model_copy(update={"ladders": tuple(calm)})


def draw_case(
    definition: Definition,
    units: Mapping[HsaId, Unit],
    chances: Chances,
    draws: Iterator[float],
) -> Case:
    """The case of one run: what each receiver of each handover does, and the pace of each step."""
    case, handed = chances.case, [s for s in definition.steps if isinstance(s, HandoverStep)]
    room = (MOST_HABITS - len(case.habits)) // max(len(handed), 1)
    drawn = [h for step in handed for h in _habits(step, units, chances, draws, room)]
    habits = (*case.habits, *drawn)
    pace = {s.key: _pace(times, draws) for s in definition.steps if (times := _doing(s, chances))}
    return case.model_copy(update={"habits": habits, "pace": {**pace, **case.pace}})


def _doing(step: StepDefinition, chances: Chances) -> Times | None:
    return next((d.times for d in chances.steps if d.step == step.key), None)


def _pace(times: Times, draws: Iterator[float]) -> Pace:
    drawn = times.draw(draws)
    return Pace(after=drawn.after, never=drawn.does == "silent")


def _habits(
    step: HandoverStep,
    units: Mapping[HsaId, Unit],
    chances: Chances,
    draws: Iterator[float],
    room: int,
) -> list[Habit]:
    """A draw for each who may be asked: whoever is asked after a no makes up their own mind."""
    own = max(min(MOST_RECEIVERS, room - len(step.to)), 0)
    asked = [
        *((u.kind, u.hsa_id) for u in _receivers(step, units, chances.case)[:own]),
        *((kind, None) for kind in step.to),
    ]
    return [
        _habit(Who(step=step.key, unit=unit, kind=kind), times, draws)
        for kind, unit in asked[:room]
        if (times := _answering(step.key, kind, unit, chances))
    ]


def _habit(who: Who, times: Times, draws: Iterator[float]) -> Habit:
    drawn = times.draw(draws)
    return Habit(who=who, does=drawn.does, after=drawn.after)


def _receivers(step: HandoverStep, units: Mapping[HsaId, Unit], case: Case) -> list[Unit]:
    """Whom a case would ask, first those that it names and those in the patient's area."""
    named = case.receivers.get(step.key)

    def place(unit: Unit) -> tuple[bool, bool, int]:
        here = case.municipality in (unit.municipality, *unit.area)
        kind = step.to.index(unit.kind) if unit.kind in step.to else 0
        return unit.hsa_id != named, not here, kind

    able = [u for u in units.values() if u.hsa_id == named or (u.kind in step.to and u.contacts)]
    return sorted(able, key=place)


def _answering(step: Key, kind: UnitKind, unit: HsaId | None, chances: Chances) -> Times | None:
    for one in chances.answers:
        who = one.who
        fits = who.step in (None, step) and who.kind in (None, kind)
        if fits and who.unit in (None, unit):
            return one.times
    return None
