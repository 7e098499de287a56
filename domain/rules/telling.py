"""Who is told when a rung fires: the function itself, or who stands in for it."""

from datetime import datetime

from domain.clock import Clock
from domain.event import Told
from domain.journey import Journey
from domain.ladder import Audience, Party, Rung
from domain.opening import covered_by, is_open
from domain.succession import heir
from domain.unit import Function


def everyone(state: Journey, clock: Clock, rung: Rung, now: datetime) -> tuple[Told, ...]:
    """Everyone on a rung, each once; a function that nobody holds is named as not reached.

    Who covers a closed unit is told in its place. An alarm outside the hours goes to the
    out-of-hours function as well.
    """
    found = list[Told]()
    for audience in rung.tell:
        unit = _present(state, _side(clock, audience), now)
        found.append(_told(state, unit, audience.function))
        known = state.units.get(unit)
        if rung.alarm and known and not is_open(known, now, state.calendar):
            found += _out_of_hours(state, unit)
    return tuple(dict.fromkeys(found))


def _side(clock: Clock, audience: Audience) -> str:
    return clock.owner if audience.party is Party.OWNER else clock.counterpart


def _present(state: Journey, unit: str, now: datetime) -> str:
    """The unit, or the one that covers its closure."""
    known = state.units.get(unit)
    cover = covered_by(known, now) if known else None
    standing_in = heir(state.units, cover) if cover else unit
    return standing_in if standing_in in state.units else unit


def _told(state: Journey, unit: str, function: Function) -> Told:
    known = state.units.get(unit)
    reached = known is not None and bool(known.routes(function))
    return Told(unit=unit, function=function, reached=reached)


def _out_of_hours(state: Journey, unit: str) -> list[Told]:
    if state.units[unit].contact(Function.OUT_OF_HOURS) is None:
        return []
    return [_told(state, unit, Function.OUT_OF_HOURS)]
