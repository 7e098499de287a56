"""The watchdog on real servers: what is lost, orphaned or without a timer is found and repaired."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus
from temporalio.worker import Worker

from activities.ledger import LedgerActivities
from activities.sweep import NEVER_BEGAN, Patience, Run, SweepActivities
from domain.event import RungFired
from domain.evolve import fold
from domain.journey import Journey
from domain.sweep import Finding, Sweep, Trouble
from runtime.embedded.postgres import WORKER
from store import database
from store.record import Ledger
from store.sweeps import Sweeps
from tests.store.book import Book
from tests.stories import journeys as tale
from tests.world import Servers, World, open_world, until
from workflows.journey import JourneyInput, JourneyWorkflow
from workflows.runs import JourneyRuns
from workflows.sweep import SCHEDULE, SweepInput, SweepWorkflow

MANY = 120
# Nothing is too young to be looked at here; an hour without a beginning stays an hour.
AT_ONCE = Patience(young=timedelta(), page=50, pauses=(0.2, 0.4, 0.8, 1.6))
SOON = timedelta(minutes=5)
IN_DAYS = timedelta(days=3)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of their own: a sweep sees every journey that there is."""
    servers = Servers(tmp_path_factory.mktemp("watched"))
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@pytest.fixture
async def world(watched: Servers) -> AsyncIterator[World]:
    """A world whose own watchdog sleeps, so that only the tests' sweeps repair."""
    async with open_world(watched) as opened:
        await opened.client.get_schedule_handle(SCHEDULE).pause()
        yield opened


async def sweep(
    world: World, patience: Patience = AT_ONCE, *, every: timedelta = SOON, unseen: str = ""
) -> Sweep:
    """One sweep, by a worker of its own; first, visibility has seen that `unseen` is over."""
    queue = f"sweep-{uuid4()}"
    runs = JourneyRuns(world.client, world.servers.config.temporal_task_queue)
    if unseen:
        await until(lambda: is_unseen(runs, unseen))
    engine = database.connect(world.house.postgres.url(WORKER), pool_size=5)
    hands = SweepActivities(Sweeps(engine), runs, patience=patience)
    async with Worker(
        world.client, task_queue=queue, workflows=[SweepWorkflow], activities=hands.all
    ):
        swept = await world.client.execute_workflow(
            SweepWorkflow.run,
            SweepInput(every=every),
            id=queue,
            task_queue=queue,
            execution_timeout=timedelta(seconds=60),
        )
    await engine.dispose()
    return swept


async def is_unseen(runs: JourneyRuns, journey: str) -> bool:
    """Whether visibility no longer lists it as running."""
    return not await runs.among([journey])


async def is_seen(runs: JourneyRuns, journey: str) -> bool:
    """Whether visibility lists it as running."""
    return bool(await runs.among([journey]))


def of(swept: Sweep, journey: str) -> list[tuple[Trouble, bool]]:
    """What a sweep found of a journey."""
    return [(f.trouble, f.repaired) for f in swept.found if f.journey_id == journey]


async def run_from(world: World, journey: str, state: Journey | None, queue: str = "") -> None:
    """Start a run of a journey behind everybody's back, and wait until visibility has seen it."""
    house = world.servers.config.temporal_task_queue
    await world.client.start_workflow(
        JourneyWorkflow.run,
        JourneyInput(journey_id=journey, state=state),
        id=f"journey-{journey}",
        task_queue=queue or house,
    )
    await until(lambda: is_seen(JourneyRuns(world.client, house), journey))


async def goes(world: World, journey: str) -> WorkflowExecutionStatus | None:
    """The engine's word on a run."""
    return (await world.handle(journey).describe()).status


async def has_fired(world: World, journey: str) -> bool:
    """Whether anybody was told that a promise runs out."""
    return any(isinstance(e.what, RungFired) for e in await world.events(journey))


async def test_a_run_terminated_behind_our_back_goes_on_and_keeps_its_promises(
    world: World,
) -> None:
    journey, handover = await tale.sent(world)
    await world.handle(journey).terminate()

    swept = await sweep(world, unseen=journey)

    assert of(swept, journey) == [(Trouble.LOST, True)]
    assert await world.state(journey) == fold(await world.events(journey))
    found = (await world.handle(journey).describe()).typed_search_attributes
    assert {p.key.name: p.value for p in found if p.key.name.startswith("Handslag")} == {
        "HandslagPathway": "stroke-rehab",
        "HandslagUnit": tale.STROKE,
    }
    asked = await world.caller(tale.RECEIVER).post(
        f"/handovers/{handover}/ask", {"question": "Finns hiss?"}
    )
    assert asked["state"] == "question_open"
    await world.caller(tale.SENDER).post(f"/handovers/{handover}/answer", {"answer": "Ja."})
    assert not await has_fired(world, journey)
    await world.fast_forward(journey, timedelta(hours=48))
    assert await until(lambda: has_fired(world, journey))
    events = await world.events(journey)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))


async def test_a_second_sweep_finds_nothing_and_does_nothing(world: World) -> None:
    journey, _ = await tale.sent(world)
    await world.handle(journey).terminate()
    first = await sweep(world, unseen=journey)
    run = await world.handle(journey).describe()

    second = await sweep(world)

    assert of(first, journey) == [(Trouble.LOST, True)]
    assert second.clean, second
    assert second.repaired == 0
    after = await world.handle(journey).describe()
    assert after.run_id == run.run_id
    assert signals(await history(world, journey)) == 0


async def history(world: World, journey: str) -> list[int]:
    """The kinds of events in a run's history."""
    return [e.event_type for e in (await world.handle(journey).fetch_history()).events]


def signals(kinds: list[int]) -> int:
    """How often a run was nudged."""
    return kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)


async def test_a_healthy_journey_is_left_alone(world: World) -> None:
    journey, _ = await tale.sent(world)
    run = (await world.handle(journey).describe()).run_id
    before, known = await history(world, journey), await world.events(journey)

    swept = await sweep(world, every=IN_DAYS)

    assert of(swept, journey) == []
    assert swept.journeys >= 1
    assert (await world.handle(journey).describe()).run_id == run
    assert signals(await history(world, journey)) == 0
    assert len(await history(world, journey)) >= len(before)
    assert await world.events(journey) == known


async def test_a_revival_that_meets_a_run_leaves_it_alone(world: World) -> None:
    journey = await tale.planned(world)
    older = await world.state(journey)
    message = {"text": "Hjälpmedlen är beställda."}
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/messages", message)
    run = (await world.handle(journey).describe()).run_id
    runs = JourneyRuns(world.client, world.servers.config.temporal_task_queue)

    assert await runs.revive(older)

    assert (await world.handle(journey).describe()).run_id == run
    await world.handle(journey).terminate()
    assert await runs.revive(older)
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/messages", message)
    assert (await world.state(journey)).messages == 2
    assert await world.state(journey) == fold(await world.events(journey))


async def test_a_young_journey_is_not_looked_for(world: World) -> None:
    journey, _ = await tale.sent(world)
    await world.handle(journey).terminate()

    swept = await sweep(world, Patience(pauses=(0.1,)), unseen=journey)

    assert of(swept, journey) == []
    assert of(await sweep(world), journey) == [(Trouble.LOST, True)]


async def test_a_run_that_never_began_is_taken_away_when_it_has_had_its_time(
    world: World,
) -> None:
    journey = f"never-{uuid4()}"
    await run_from(world, journey, None)

    early = await sweep(world)
    assert of(early, journey) == [(Trouble.ORPHANED, False)]
    assert await goes(world, journey) is WorkflowExecutionStatus.RUNNING

    late = await sweep(world, AT_ONCE.model_copy(update={"begins_within": timedelta()}))

    assert of(late, journey) == [(Trouble.ORPHANED, True)]
    assert await goes(world, journey) is WorkflowExecutionStatus.TERMINATED
    last = (await world.handle(journey).fetch_history()).events[-1]
    assert last.workflow_execution_terminated_event_attributes.reason == NEVER_BEGAN


async def test_a_run_of_a_journey_that_has_ended_is_told_and_ends(world: World) -> None:
    journey = await tale.planned(world, "generic-rehab")
    older = await world.state(journey)
    await world.caller(tale.SENDER).post(f"/journeys/{journey}/close", {"reason": "other_plan"})
    await until(lambda: has_ended(world, journey))
    await run_from(world, journey, older)
    known = await world.events(journey)

    swept = await sweep(world)

    assert of(swept, journey) == [(Trouble.ORPHANED, True)]
    assert await goes(world, journey) is WorkflowExecutionStatus.COMPLETED
    assert await world.events(journey) == known


async def has_ended(world: World, journey: str) -> bool:
    """Whether its run is complete."""
    return await goes(world, journey) is WorkflowExecutionStatus.COMPLETED


async def test_a_run_that_knows_less_than_postgresql_gets_what_it_lacks_and_its_timer(
    world: World,
) -> None:
    journey = await tale.planned(world)
    older = await world.state(journey)
    sent = await world.caller(tale.SENDER).post(f"/journeys/{journey}/handovers", tale.handover())
    await world.handle(journey).terminate()
    await run_from(world, journey, older)

    swept = await sweep(world, every=IN_DAYS)

    assert of(swept, journey) == [(Trouble.UNTIMED, True)]
    assert await world.state(journey) == fold(await world.events(journey))
    await world.fast_forward(journey, timedelta(hours=48))
    assert await until(lambda: has_fired(world, journey))
    read = await world.caller(tale.RECEIVER).post(f"/handovers/{sent['id']}/acknowledge")
    assert read["state"] == "acknowledged"


@workflow.defn(name="Journey", sandboxed=False)
class BrokenJourney:
    """A shell with a bug."""

    @workflow.run
    async def run(self, given: JourneyInput) -> None:
        """Every workflow task fails."""
        raise RuntimeError("a bug")


@asynccontextmanager
async def broken(world: World, queue: str) -> AsyncIterator[None]:
    """A worker whose shell has a bug."""
    async with Worker(world.client, task_queue=queue, workflows=[BrokenJourney]):
        yield


async def test_a_run_that_waits_for_a_fix_is_told_of_and_never_killed(world: World) -> None:
    journey, _ = await tale.sent(world)
    state = await world.state(journey)
    await world.handle(journey).terminate()
    queue = f"broken-{uuid4()}"

    async with broken(world, queue):
        await run_from(world, journey, state, queue)
        swept = await sweep(world, every=IN_DAYS)

    assert of(swept, journey) == [(Trouble.WAITING_FOR_FIX, False)]
    assert await goes(world, journey) is WorkflowExecutionStatus.RUNNING
    assert signals(await history(world, journey)) == 0

    engine = database.connect(world.house.postgres.url(WORKER), pool_size=2)
    async with Worker(
        world.client,
        task_queue=queue,
        workflows=[JourneyWorkflow],
        activities=[LedgerActivities(Ledger(engine)).record],
    ):
        assert of(await sweep(world, every=IN_DAYS), journey) == []
        await world.handle(journey).terminate()
    await engine.dispose()


async def test_a_hundred_and_twenty_lost_journeys_are_found_in_pages(world: World) -> None:
    engine = database.connect(world.house.postgres.url(WORKER), pool_size=2)
    ids = set[str]()
    for _ in range(MANY):
        book = Book(engine, number="200512312398")
        book.now = datetime.now(UTC)
        ids.add((await book.begin()).id)
    await engine.dispose()

    swept = await sweep(world)
    again = await sweep(world)

    assert (swept.lost, swept.repaired) >= (MANY, MANY)
    assert swept.journeys >= MANY
    assert len(swept.found) == 50
    assert again.lost == 0
    runs = JourneyRuns(world.client, "-")
    assert await until(lambda: all_run(runs, ids))


async def all_run(runs: JourneyRuns, ids: set[str]) -> bool:
    """Whether visibility lists all of them."""
    return await runs.among(sorted(ids)) == ids


async def test_runs_are_listed_in_pages(world: World) -> None:
    runs = JourneyRuns(world.client, "-")
    for _ in range(3):
        await tale.start(world)

    found, token = list[Run](), ""
    while True:
        page, token = await runs.page(token, 2)
        found += page
        assert len(page) <= 2
        if not token:
            break

    assert len({r.journey_id for r in found}) == len(found) >= 3


async def test_what_was_found_is_kept_for_a_month(world: World) -> None:
    engine = database.connect(world.house.postgres.url(WORKER), pool_size=2)
    book = Sweeps(engine)
    found = Finding(journey_id="j-1", trouble=Trouble.STUCK, repaired=True)
    result, name = Sweep(journeys=7, stuck=1, repaired=1, found=(found,)), f"s-{uuid4()}"
    async with world.owner.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO sweep SELECT 'old', now(), now() - interval '31 days', 0, 0, 0, 0, 0, 0,"
            " 0, '[]'"
        )

    for _ in range(2):
        await book.note(name, datetime.now(UTC), result)
    await engine.dispose()

    rows = await world.rows("SELECT * FROM sweep WHERE id IN ('old', :name)", name=name)
    assert [(r["id"], r["journeys"], r["stuck"], r["repaired"]) for r in rows] == [(name, 7, 1, 1)]
    assert rows[0]["found"] == [{"journey_id": "j-1", "trouble": "stuck", "repaired": True}]


async def test_the_schedule_is_there_once_also_after_a_restart(world: World) -> None:
    service = world.servers.services["worker"]
    handle = world.client.get_schedule_handle(SCHEDULE)

    await service.stop()
    await service.start()

    names = [s.id async for s in await world.client.list_schedules()]
    assert names.count(SCHEDULE) == 1
    seen = await handle.describe()
    assert seen.schedule.state.paused, "an operator's pause outlives a deploy"
    assert [i.every for i in seen.schedule.spec.intervals] == [timedelta(minutes=5)]
    await handle.unpause()
    before = await sweeps(world)
    await handle.trigger()
    assert await until(lambda: more_sweeps(world, before))


async def sweeps(world: World) -> int:
    """How many are kept."""
    return len(await world.rows("SELECT 1 FROM sweep"))


async def more_sweeps(world: World, before: int) -> bool:
    """Whether there has been another."""
    return await sweeps(world) > before
