"""One migration: shown first, done when a person says so, paused and undone when one says that.

Outside the sandbox, as `UnitChange` is: it holds nothing but activity calls, in order.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.migration import MigrationActivities, MigrationPage, PageDone, Stage
    from domain.design.moving import MovingState
    from workflows import timeouts

# What nobody has looked at for so long is compared anew, under another name.
OPEN_FOR = timedelta(days=30)


@workflow.defn(name="Migration", sandboxed=False)
class MigrationWorkflow:
    """Compares page after page, waits for a word, moves page after page, may take it back."""

    def __init__(self) -> None:
        self._wanted: MovingState | None = None
        self._paused = False
        self._counts = Counter[str]()

    @workflow.run
    async def run(self, migration_id: str) -> dict[str, int]:
        """How many journeys there were of each verdict and of each outcome."""
        await self._through(migration_id, MigrationActivities.compare)
        await self._note(migration_id, MovingState.SHOWN)
        await self._until(MovingState.MOVING, MovingState.ABANDONED)
        if self._wanted is not MovingState.MOVING:
            await self._note(migration_id, MovingState.ABANDONED)
            return dict(self._counts)
        await self._note(migration_id, MovingState.MOVING)
        await self._through(migration_id, MigrationActivities.move)
        if self._wanted is MovingState.MOVING:
            await self._note(migration_id, MovingState.MOVED)
            await self._until(MovingState.UNDOING)
        await self._undo_if_wanted(migration_id)
        return dict(self._counts)

    async def _undo_if_wanted(self, migration_id: str) -> None:
        if self._wanted is MovingState.UNDOING:
            await self._note(migration_id, MovingState.UNDOING)
            await self._through(migration_id, MigrationActivities.undo)
            await self._note(migration_id, MovingState.UNDONE)

    @workflow.signal
    def want(self, state: MovingState) -> None:
        """Somebody wants it to go on to: move, pause, undo, or be left."""
        self._paused = state is MovingState.PAUSED
        if not self._paused:
            self._wanted = state

    @workflow.query
    def counts(self) -> dict[str, int]:
        """How far it has come."""
        return dict(self._counts)

    async def _until(self, *states: MovingState) -> None:
        """Wait for a word; none within a month is one, too."""
        try:
            await workflow.wait_condition(lambda: self._wanted in states, timeout=OPEN_FOR)
        except TimeoutError:
            workflow.logger.info("nobody said anything more; the migration ends as it stands")

    async def _through(
        self,
        migration_id: str,
        what: Callable[[MigrationActivities, MigrationPage], Awaitable[PageDone]],
    ) -> None:
        """Page after page; stops between two when somebody pauses it, or wants it undone."""
        page, begun = MigrationPage(migration_id=migration_id), self._wanted
        while True:
            await self._while_paused(migration_id)
            if self._wanted is not begun:
                return
            done = await workflow.execute_activity_method(
                what,
                page,
                start_to_close_timeout=timeouts.TELL_PAGE,
                retry_policy=timeouts.TELL_RETRY,
            )
            self._counts.update(done.counts)
            if done.last is None:
                return
            page = MigrationPage(migration_id=migration_id, after=done.last)

    async def _while_paused(self, migration_id: str) -> None:
        if not self._paused:
            return
        await self._note(migration_id, MovingState.PAUSED)
        await workflow.wait_condition(lambda: not self._paused)
        if self._wanted is MovingState.MOVING:
            await self._note(migration_id, MovingState.MOVING)

    async def _note(self, migration_id: str, state: MovingState) -> None:
        await workflow.execute_activity_method(
            MigrationActivities.note,
            Stage(migration_id=migration_id, state=state),
            start_to_close_timeout=timeouts.TELL_PAGE,
            retry_policy=timeouts.TELL_RETRY,
        )
