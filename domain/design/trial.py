"""A simulation kept as a regression test: the same case must give the same story again."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from domain.design.case import Case
from domain.design.simulation import NobodyCanStart, Simulation, World, simulate
from domain.event import Event
from domain.pathway import Definition
from domain.value import ShortText, Value


class Happened(Value):
    """One thing that happened: what, about what, and how many minutes after the start."""

    what: str
    about: str
    minutes: int


class Trial(Value):
    """A case, and what came of it when it was kept; `ended` is how it ended."""

    name: ShortText
    case: Case
    ended: str
    story: Annotated[tuple[Happened, ...], Field(max_length=5000)]


def record(name: str, definition: Definition, world: World, case: Case) -> Trial:
    """Play a case and keep what came of it. Raises `NobodyCanStart`."""
    played = simulate(definition, world, case)
    return Trial(name=name, case=case, ended=played.ended, story=story(played))


def story(played: Simulation) -> tuple[Happened, ...]:
    """What happened, without the repetitions of a last rung."""
    begun = played.log[0].decided_at
    found = [h for e in played.log if (h := _happened(e, (e.effective_at - begun))) is not None]
    return tuple(found)


def _happened(event: Event, after: timedelta) -> Happened | None:
    what = event.what
    number = getattr(what, "number", 0) if what.type == "rung_fired" else 0
    if number > 10:
        return None
    names = ("step", "clock_id", "handover_id", "rung", "part")
    about = [str(found) for n in names if (found := getattr(what, n, None)) is not None]
    clock = getattr(what, "clock", None)
    about += [clock.id, f"due {clock.budget.amount} {clock.budget.counting}"] if clock else []
    return Happened(what=what.type, about=" ".join(about), minutes=int(after.total_seconds() // 60))


def fails(trial: Trial, definition: Definition, world: World) -> str | None:
    """The first thing that is not as it was; None when everything is."""
    try:
        now = record(trial.name, definition, world, trial.case)
    except NobodyCanStart as no:
        return f"{trial.name}: {no}"
    for place, was in enumerate(trial.story):
        found = now.story[place] if place < len(now.story) else None
        if found != was:
            return f"{trial.name}: {_said(was)} / {_said(found)}"
    if len(now.story) > len(trial.story):
        return f"{trial.name}: – / {_said(now.story[len(trial.story)])}"
    return None if now.ended == trial.ended else f"{trial.name}: {trial.ended} / {now.ended}"


def _said(happened: Happened | None) -> str:
    if happened is None:
        return "–"
    return f"{happened.what} {happened.about} +{happened.minutes} min"
