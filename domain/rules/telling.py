"""Who is told when a rung fires: the function itself, or who stands in for it."""

from collections.abc import Iterator
from datetime import datetime

from domain.calendar import STOCKHOLM
from domain.clock import Clock
from domain.event import Told
from domain.journey import Journey
from domain.ladder import Audience, Party, Rung
from domain.opening import covered_by, is_open, opens_at
from domain.succession import heir
from domain.unit import Function


def everyone(state: Journey, clock: Clock, rung: Rung, now: datetime) -> tuple[Told, ...]:
    """Everyone on a rung, each once; a function that nobody holds is named as not reached.

    Who covers a closed unit is told in its place, and a substitute for a function in that one's.
    A rung that waits for the opening tells a closed unit when it opens. An alarm outside the
    hours goes to the out-of-hours function as well. Who has snoozed the clock is quiet, but not
    for an alarm, and not from due on when that would leave nobody who hears.
    """
    found = list[Told]()
    heard = rung.alarm or (rung.share >= 1 and _nobody_listens(clock, now))
    for audience in rung.tell:
        side = _side(clock, audience)
        unit = _present(state, side, now)
        told = _told(state, unit, audience.function, now)
        quiet = not heard and clock.snoozed(side, now)
        waits = _opens(state, told.unit, now) if rung.wait_for_opening else None
        found.append(told.model_copy(update={"quiet": quiet, "not_before": waits}))
        known = state.units.get(unit)
        if rung.alarm and known and not is_open(known, now, state.calendar):
            found += _out_of_hours(state, unit, now)
    return tuple(_each_once(found))


def _nobody_listens(clock: Clock, now: datetime) -> bool:
    """Whether both sides have snoozed it; they may be one and the same unit."""
    return all(clock.snoozed(side, now) for side in (clock.owner, clock.counterpart))


def _each_once(found: list[Told]) -> Iterator[Told]:
    """Whoever stands in for a function of the same rung hears it once, and awake if either is."""
    heard = {(t.unit, t.function) for t in found if not t.quiet}
    seen = set[tuple[str, Function]]()
    for told in found:
        who = (told.unit, told.function)
        if who not in seen and not (told.quiet and who in heard):
            seen.add(who)
            yield told


def _opens(state: Journey, unit: str, now: datetime) -> datetime | None:
    """When a closed unit opens; None when it is open, or never opens: then it is told now."""
    known = state.units.get(unit)
    if known is None or is_open(known, now, state.calendar):
        return None
    return opens_at(known, now, state.calendar)


def _side(clock: Clock, audience: Audience) -> str:
    return clock.owner if audience.party is Party.OWNER else clock.counterpart


def _present(state: Journey, unit: str, now: datetime) -> str:
    """The unit, or the one that covers its closure."""
    known = state.units.get(unit)
    cover = covered_by(known, now) if known else None
    standing_in = heir(state.units, cover) if cover else unit
    return standing_in if standing_in in state.units else unit


def _told(state: Journey, unit: str, function: Function, now: datetime) -> Told:
    """The function, or its substitute of today where that one can be told."""
    known = state.units.get(unit)
    found = known.substitute(function, now.astimezone(STOCKHOLM).date()) if known else None
    standing_in = state.units.get(heir(state.units, found.unit or unit)) if found else None
    if found and standing_in and standing_in.routes(found.by, protected=state.protected):
        here = standing_in.hsa_id
        return Told(unit=here, function=found.by, reached=True, instead_of=function)
    reached = known is not None and bool(known.routes(function, protected=state.protected))
    return Told(unit=unit, function=function, reached=reached)


def _out_of_hours(state: Journey, unit: str, now: datetime) -> list[Told]:
    if state.units[unit].contact(Function.OUT_OF_HOURS) is None:
        return []
    return [_told(state, unit, Function.OUT_OF_HOURS, now)]
