"""What a unit may do with a journey now; each name is a path below the journey's own.

A test asks `decide` the same, state by state: what is offered is taken, what is not is refused.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from domain.handover import Handover, HandoverState
from domain.journey import Step, StepState
from domain.part import COORDINATION
from domain.stay_actions import of_ward
from domain.summary import Summary

AFTER_DEATH = ("facts/undo-death", "facts/protected-changed", "messages")


class Standing(NamedTuple):
    """How a journey stands, what the one who looks holds of it, and for which units it acts."""

    line: Summary
    steps: Sequence[Step]
    handovers: Sequence[Handover]
    held: Sequence[str]
    records: bool
    acts: Sequence[str] = ()


def on_journey(standing: Standing) -> Iterable[str]:
    """Every action."""
    line, held = standing.line, standing.held
    if line.closed_at:
        return
    if line.deceased_at:
        yield from (AFTER_DEATH if held else ())
        yield from (["closing"] if COORDINATION in held else [])
        return
    for step in standing.steps:
        if (step.part in held, step.state, step.period) == (True, StepState.OPEN, line.period):
            yield from _on_step(standing, step)
    if held:
        yield from ("handovers", "pre-notices", "meetings", "sip/need", "messages")
        yield from _facts(line, standing.acts)
        yield from (["plans"] if standing.records else [])
    if line.care.episodes:
        yield from of_ward(line.care.episodes[-1], standing.acts)
    if COORDINATION in held and not _under_way(standing):
        yield from (() if _stay_goes_on(line) else ("close",))
        yield "periods"


def _stay_goes_on(line: Summary) -> bool:
    """Units that were told of a stay wait for its end, and nothing is closed before."""
    newest = line.care.episodes[-1] if line.care.episodes else None
    return newest is not None and newest.left_at is None and newest.judged_at is not None


def _on_step(standing: Standing, step: Step) -> Iterable[str]:
    asked = [h for h in standing.handovers if (h.period, h.step) == (step.period, step.key)]
    if step.kind != "handover" and not (step.kind == "follow_up" and _under_way(standing)):
        yield f"steps/{step.key}/complete"
    if step.kind not in ("assessment", "follow_up") and not any(h.open for h in asked):
        yield f"steps/{step.key}/skip"
    if step.kind == "intervention":
        yield "visits"
    yield f"steps/{step.key}/extend"


def _under_way(standing: Standing) -> bool:
    """Somebody owes an answer or a start: then nothing ends."""
    return any(h.open and h.stage is not HandoverState.TAKEN_OVER for h in standing.handovers)


def _facts(line: Summary, acts: Sequence[str]) -> Iterable[str]:
    newest = line.care.episodes[-1] if line.care.episodes else None
    yield from ("facts/left", "facts/deceased", "facts/moved", "facts/protected-changed")
    if newest is None or newest.left_at is not None:
        yield "facts/admitted"
    elif newest.judged_at is None or newest.unit in acts:
        yield "facts/ready"
    if line.care.departure:
        yield "facts/safety-net"
