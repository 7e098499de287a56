"""What a unit may do with a journey now; each name is a path below the journey's own."""

from collections.abc import Iterable, Sequence

from domain.journey import Step, StepState
from domain.part import COORDINATION
from domain.summary import Summary


def on_journey(line: Summary, steps: Sequence[Step], held: Sequence[str]) -> Iterable[str]:
    """Every action, for a unit that holds these parts."""
    if line.closed_at:
        return
    if line.deceased_at:
        yield from ("facts/undo-death", *(["closing"] if COORDINATION in held else []))
        return
    for step in steps:
        if step.part in held and step.state is StepState.OPEN:
            yield from _on_step(step)
    if held:
        yield from ("handovers", "pre-notices", "plans", "meetings", "sip/need", "messages")
        yield from _facts(line)
    if COORDINATION in held:
        yield from ("close", "periods")


def _on_step(step: Step) -> Iterable[str]:
    if step.kind != "handover":
        yield f"steps/{step.key}/complete"
    if step.kind not in ("assessment", "follow_up"):
        yield f"steps/{step.key}/skip"
    if step.kind == "intervention":
        yield "visits"
    yield f"steps/{step.key}/extend"


def _facts(line: Summary) -> Iterable[str]:
    stays = line.care.episodes
    admitted = bool(stays) and stays[-1].left_at is None
    yield from ("facts/left", "facts/deceased", "facts/moved", "facts/protected-changed")
    yield "facts/ready" if admitted else "facts/admitted"
    if line.care.departure:
        yield "facts/safety-net"
