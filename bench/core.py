"""The pure core alone: one process, in seconds of CPU, so that neighbours do not count."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from bench import journeys as j
from cli import load
from domain import command as cmd
from domain.calendar import Calendar
from domain.content import Referral, StepContent
from domain.decide import decide, next_moment, pass_time
from domain.evolve import fold
from domain.handover import Now
from domain.journey import Actor, Journey, Role
from domain.ladder import Ladders
from domain.pathway import Definition, Purpose
from domain.patient import identify
from domain.refusal import Refusal
from domain.template import HandoverContent
from domain.unit import Unit

YEAR = timedelta(days=365)
CONTENT: TypeAdapter[StepContent] = TypeAdapter(StepContent)


@dataclass(frozen=True, slots=True)
class Core:
    """What one process does in a second of CPU."""

    decisions: float
    years: float
    moments_in_a_year: int


def measure(seconds: float) -> Core:
    """Half of the time for decisions, half for passing time."""
    now = datetime.now(UTC)
    state = _with_handover_sent(now)
    years, moments = _years(state, now, seconds / 2)
    return Core(_decisions(state, now, seconds / 2), years, moments)


def _decisions(state: Journey, now: datetime, seconds: float) -> float:
    """Accepts decided and evolved, each from the same state."""
    accept = _envelope(cmd.Accept(handover_id="h", takes_over=Now()), j.REHAB)
    made, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        _done(state, accept, now)
        made += 1
    return made / (time.process_time() - began)


def _years(sent: Journey, now: datetime, seconds: float) -> tuple[float, int]:
    """Years a second of a handover that nobody answers, and how often something happens in one."""
    lived, moments, began = 0, 0, time.process_time()
    while time.process_time() - began < seconds or not lived:
        moments = _live_through_a_year(sent, now)
        lived += 1
    return lived / (time.process_time() - began), moments


def _live_through_a_year(state: Journey, now: datetime) -> int:
    moments = 0
    while (moment := next_moment(state)) and moment < now + YEAR:
        after = fold(pass_time(state, moment), state)
        assert after is not None
        state, moments = after, moments + 1
    return moments


def _with_handover_sent(now: datetime) -> Journey:
    state = _done(None, _envelope(_start(now), j.STROKE), now)
    for step, content in (("assessment", j.assessment()), ("plan", j.plan())):
        command = cmd.CompleteStep(step=step, content=CONTENT.validate_python(content))
        state = _done(state, _envelope(command, j.STROKE), now)
    send = cmd.Send(
        handover_id="h",
        part="rehab",
        purpose=Purpose.TAKE_PART,
        step="handover_rehab",
        to=_unit(j.REHAB),
        content=HandoverContent.model_validate(j.handover()["content"]),
    )
    return _done(state, _envelope(send, j.STROKE), now)


def _start(now: datetime) -> cmd.Start:
    body: dict[str, Any] = j.referral()
    return cmd.Start(
        journey_id="j",
        patient_id="p",
        patient=identify(body["patient"]["number"], body["patient"]["name"]),
        definition=Definition.model_validate(load.read(load.PATHWAYS / "stroke-rehab" / "v1.yaml")),
        calendar=Calendar(version="1", days_off=tuple(load.days_off(now.date()))),
        ladders=Ladders.model_validate(load.read(load.CATALOGUE / "ladders" / "v1.yaml")),
        unit=_unit(j.STROKE),
        referral=Referral.model_validate(body["referral"]),
    )


def _unit(hsa_id: str) -> Unit:
    return next(unit for unit in load.units() if unit.hsa_id == hsa_id)


def _envelope(command: cmd.Command, by: str) -> cmd.Envelope:
    return cmd.Envelope(
        command=command,
        actor=Actor(subject="bench", unit=by, roles=(Role.COORDINATOR,)),
        idempotency=cmd.Idempotency(principal="bench", key="k", body_hash="h"),
        correlation_id="c",
        calendar_version="1",
    )


def _done(state: Journey | None, envelope: cmd.Envelope, now: datetime) -> Journey:
    decided = decide(state, envelope, now)
    assert not isinstance(decided, Refusal), decided
    after = fold(decided, state)
    assert after is not None
    return after
