"""The durable shell on the real server: order, refusals, timers, long histories, silence."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from domain import command as cmd
from domain.event import RungFired, VisitRecorded
from domain.evolve import fold
from domain.patient import identify
from tests import samples
from tests.stories import journeys as tale
from tests.world import World, until
from workflows.journey import JourneyInput, JourneyWorkflow

AT_ONCE = 60
MOST_EVENTS = 8
VISIT = {
    "step": "intervention",
    "at": "2026-11-01T10:00:00+01:00",
    "minutes": 45,
    "place": "home",
    "professions": ["FT"],
}


async def history_length(world: World, journey: str) -> int:
    """How many events the journey's history has."""
    return (await world.handle(journey).describe()).history_length


async def test_sixty_commands_at_once_on_one_journey_are_all_there_once(world: World) -> None:
    journey = await tale.planned(world, "generic-rehab")
    caller = world.caller(tale.SENDER)

    answers = await asyncio.gather(
        *(caller.post(f"/journeys/{journey}/visits", VISIT) for _ in range(AT_ONCE))
    )

    events = await world.events(journey)
    numbers = [e.what.number for e in events if isinstance(e.what, VisitRecorded)]
    assert numbers == list(range(1, AT_ONCE + 1))
    assert sorted(a["visits"] for a in answers) == numbers
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert await world.state(journey) == fold(events)


async def test_a_refusal_at_the_door_leaves_no_trace_in_history(world: World) -> None:
    journey, handover = await tale.sent(world)
    before = await history_length(world, journey)

    problem = await world.caller(tale.RECEIVER).refused(
        f"/handovers/{handover}/decline", {"reason": "other"}
    )

    assert problem["code"] == "decline_text_missing"
    assert await history_length(world, journey) == before


async def test_a_command_that_moves_the_timer_costs_eight_events_at_most(world: World) -> None:
    journey, handover = await tale.sent(world)
    caller, costs = world.caller(tale.RECEIVER), {}

    for action, body in (
        ("acknowledge", None),
        ("ask", {"question": "Vilken dag?"}),
        ("accept", {"takes_over": {"when": "now"}}),
    ):
        before = await history_length(world, journey)
        await caller.post(f"/handovers/{handover}/{action}", body)
        costs[action] = await until(partial(grown, world, journey, before))

    assert max(costs.values()) <= MOST_EVENTS, costs


async def grown(world: World, journey: str, before: int) -> int:
    """How much the history has grown, once its workflow task is complete."""
    history = await world.handle(journey).fetch_history()
    last = history.events[-1].event_type
    settled = (
        EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_TIMER_CANCELED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
    )
    return len(history.events) - before if last in settled else 0


async def test_a_long_history_goes_on_in_a_new_run_and_keeps_its_promises(world: World) -> None:
    journey = f"long-{uuid4()}"
    start = samples.start(
        definition=samples.pathway("generic-rehab"),
        journey_id=journey,
        patient=identify("200512312398", "Testpatient 23"),
    )
    beginning = WithStartWorkflowOperation(
        JourneyWorkflow.run,
        JourneyInput(journey_id=journey, history_events=10),
        id=f"journey-{journey}",
        task_queue=world.servers.config.temporal_task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    await world.client.execute_update_with_start_workflow(
        JourneyWorkflow.submit, from_alice(start), start_workflow_operation=beginning
    )
    first_run = (await world.handle(journey).describe()).run_id

    for command in (
        cmd.CompleteStep(step="assessment", content=samples.assessment()),
        cmd.CompleteStep(step="plan", content=samples.plan(datetime.now(UTC))),
    ):
        await world.handle(journey).execute_update(JourneyWorkflow.submit, from_alice(command))
    await until(lambda: in_another_run(world, journey, first_run))
    await world.fast_forward(journey, timedelta(days=34))

    assert await until(lambda: has_fired_a_rung(world, journey))
    assert await world.state(journey) == fold(await world.events(journey))


async def has_fired_a_rung(world: World, journey: str) -> bool:
    """Whether anybody was told that a promise runs out."""
    return any(isinstance(e.what, RungFired) for e in await world.events(journey))


async def in_another_run(world: World, journey: str, first: str) -> bool:
    """Whether the journey has gone on in a new run."""
    return (await world.handle(journey).describe()).run_id != first


def from_alice(command: cmd.Command) -> cmd.Envelope:
    """A command under a key of its own."""
    key = cmd.Idempotency(principal="alice", key=uuid4().hex, body_hash="-")
    return samples.envelope(command, samples.ALICE, idempotency=key)


async def test_nothing_in_raw_history_can_be_read(world: World) -> None:
    journey, handover = await tale.sent(world)
    await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/ask", {"question": "Hemligt trapphus?"}
    )
    await world.caller(tale.RECEIVER).refused(f"/handovers/{handover}/acknowledge")

    history = await world.handle(journey).fetch_history()
    raw = "".join(e.SerializeToString().decode("latin-1") for e in history.events)

    for secret in ("trapphus", "Testpatient", "194408", "193012", "TESTK1980REH", "take_part"):
        assert secret not in raw


async def test_only_pathway_and_unit_can_be_searched_for(world: World) -> None:
    journey = await tale.start(world)

    found = (await world.handle(journey).describe()).typed_search_attributes

    ours = {p.key.name: p.value for p in found if p.key.name.startswith("Handslag")}
    assert ours == {"HandslagPathway": "stroke-rehab", "HandslagUnit": tale.STROKE}
