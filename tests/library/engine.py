"""The moves of a simulation made on the real engine, in virtual time, and the two logs compared."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from domain import command as cmd
from domain.decide import decide, next_moment, pass_time
from domain.design.case import Case
from domain.design.duties import Duty
from domain.design.simulation import Move, Simulation, envelope, simulate
from domain.design.simulation import World as Setting
from domain.event import Event, RungFired
from domain.evolve import fold
from domain.journey import Journey
from domain.pathway import Definition
from domain.refusal import Refusal
from tests.world import World, until
from workflows.journey import JourneyInput, JourneyWorkflow

# Rungs come up to a second late, commands some milliseconds after the instant that was waited for.
NEAR = timedelta(seconds=5)


class Played:
    """One case on both: what was simulated, and what the engine's log says."""

    def __init__(self, simulation: Simulation, log: Sequence[Event], setting: Setting) -> None:
        self.simulation = simulation
        self.log = tuple(log)
        self.setting = setting

    def same_story(self) -> None:
        """The same things happened, in the same order, within five seconds of each other.

        What falls at one instant on the pure core may come in any order where the engine's
        commands came some milliseconds after each other.
        """
        simulated, found = _numbered(self.simulation.log), _numbered(self.log)
        assert set(found) == set(simulated), set(found) ^ set(simulated)
        latest = min(simulated.values())
        for what, at in found.items():
            assert abs(at - simulated[what]) <= NEAR, (what, at, simulated[what])
            assert simulated[what] >= latest - NEAR, what
            latest = max(latest, simulated[what])

    def same_events(self) -> None:
        """With the engine's own instants the pure core says the same events, word by word.

        Only the instant at which a rung was told is not compared but for its nearness.
        """
        retraced = retrace(self.simulation.moves, self.log, self.setting)
        for real, pure in zip_longest(self.log, retraced):
            assert real and pure and _plain(real) == _plain(pure), (real, pure)
        for event in self.log:
            if isinstance(event.what, RungFired):
                assert event.what.fired_at - event.what.due_at <= NEAR, event.what.clock_id


async def play(world: World, definition: Definition, setting: Setting, case: Case) -> Played:
    """Start a journey on the engine now, and make every move of its simulation there."""
    begins = datetime.now(UTC).replace(microsecond=0)
    simulation = simulate(definition, setting, case.model_copy(update={"starts_at": begins}))
    assert not [m for m in simulation.moves if m.refused], "a simulation of ours has no refusals"
    journey = f"library-{uuid4()}"
    first, *rest = simulation.moves
    await _start(world, journey, first, setting)
    for number, move in enumerate(rest, start=1):
        await _reach(world, journey, move.at)
        given = envelope(Duty(move.at, "", move.by, move.command), setting, number)
        await world.handle(journey).execute_update(JourneyWorkflow.submit, _own(given))
    if simulation.ended != "closed":
        await _reach(world, journey, simulation.log[-1].decided_at)
    with suppress(TimeoutError):
        await until(lambda: _recorded(world, journey, len(simulation.log)), within=10)
    return Played(simulation, await world.events(journey), setting)


async def _start(world: World, journey: str, move: Move, setting: Setting) -> None:
    assert isinstance(move.command, cmd.Start)
    known = str(uuid5(NAMESPACE_OID, move.command.patient.value))
    own = {"journey_id": journey, "patient_id": known, "overlap_reason": "Prov"}
    start = move.command.model_copy(update=own)
    beginning = WithStartWorkflowOperation(
        JourneyWorkflow.run,
        JourneyInput(journey_id=journey),
        id=f"journey-{journey}",
        task_queue=world.servers.config.temporal_task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    given = _own(envelope(Duty(move.at, "", move.by, start), setting, 0))
    await world.client.execute_update_with_start_workflow(
        JourneyWorkflow.submit, given, start_workflow_operation=beginning
    )


def _own(given: cmd.Envelope) -> cmd.Envelope:
    """Under a key of its own: other stories have used these."""
    key = cmd.Idempotency(principal="library", key=uuid4().hex, body_hash="-")
    return given.model_copy(update={"idempotency": key})


async def _reach(world: World, journey: str, instant: datetime) -> None:
    """Let the journey's clock come to an instant; nothing is skipped over on the way."""
    ahead = instant - await world.now(journey)
    if ahead > timedelta():
        await world.fast_forward(journey, ahead)


async def _recorded(world: World, journey: str, events: int) -> bool:
    return len(await world.events(journey)) >= events


def retrace(moves: Sequence[Move], log: Sequence[Event], setting: Setting) -> tuple[Event, ...]:
    """The pure core at the instants at which the engine decided, moments and commands alike."""
    state: Journey | None = None
    found, left = list[Event](), list(moves)
    start = log[0].what
    for instant in dict.fromkeys(e.decided_at for e in log):
        moment = next_moment(state) if state else None
        if state is not None and moment is not None and moment <= instant:
            state, found = _adopt(state, pass_time(state, instant), found)
        while left and _decided(log, len(found), instant):
            move = left.pop(0)
            command = _named(move.command, start)
            given = envelope(Duty(move.at, "", move.by, command), setting, 0)
            decided = decide(state, given, instant)
            assert not isinstance(decided, Refusal), decided
            state, found = _adopt(state, decided, found)
    return tuple(found)


def _decided(log: Sequence[Event], known: int, instant: datetime) -> bool:
    """Whether the next event that is not known yet was decided by somebody, at this instant."""
    return known < len(log) and log[known].decided_at == instant and log[known].actor is not None


def _named(command: cmd.Command, start: Any) -> cmd.Command:
    if not isinstance(command, cmd.Start):
        return command
    own = {"journey_id": start.journey_id, "patient_id": start.patient_id}
    return command.model_copy(update=own | {"overlap_reason": start.overlap_reason})


def _adopt(
    state: Journey | None, events: tuple[Event, ...], found: list[Event]
) -> tuple[Journey | None, list[Event]]:
    return fold(events, state), [*found, *events]


def _numbered(log: Sequence[Event]) -> dict[tuple[str, ...], datetime]:
    """What happened, to what, for which time; and when it was decided."""
    seen, found = Counter[tuple[str, ...]](), dict[tuple[str, ...], datetime]()
    for event in log:
        what = _about(event.what)
        seen[what] += 1
        found[(*what, str(seen[what]))] = event.decided_at
    return found


def _about(what: Any) -> tuple[str, ...]:
    names = ("step", "clock_id", "handover_id", "rung", "part")
    clock = what.clock.id if hasattr(what, "clock") else ""
    return (str(what.type), *(str(getattr(what, n, "")) for n in names), clock)


def _plain(event: Event) -> dict[str, Any]:
    """An event without the instant at which somebody happened to be told."""
    told = event.model_dump(mode="json")
    if isinstance(event.what, RungFired):
        told["what"].pop("fired_at")
        told.pop("effective_at")
        told.pop("decided_at")
    return told
