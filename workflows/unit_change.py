"""One change of a unit, told to every running journey that the unit concerns.

Outside the sandbox, as `Delivery` is: it holds nothing but activity calls.
"""

from collections import Counter

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.unit_change import Page, UnitChangeActivities
    from workflows import timeouts


@workflow.defn(name="UnitChange", sandboxed=False)
class UnitChangeWorkflow:
    """Tells page after page, and once more for journeys that took the unit in between."""

    @workflow.run
    async def run(self, change_id: str) -> dict[str, int]:
        """How many journeys were told, and how many said no, by code.

        The doors take a unit's facts from a shelf that is seconds old: a journey may get the old
        ones while the first sweep runs, so there is a second.
        """
        counts = Counter[str]()
        await self._sweep(change_id, counts)
        await workflow.sleep(timeouts.SHELF_IS_FRESH)
        if await self._sweep(change_id, counts):
            await workflow.execute_activity_method(
                UnitChangeActivities.note_told,
                change_id,
                start_to_close_timeout=timeouts.TELL_PAGE,
                retry_policy=timeouts.TELL_RETRY,
            )
        return dict(counts)

    async def _sweep(self, change_id: str, counts: Counter[str]) -> bool:
        """Whether every journey took it; one that did not is tried again by the relay."""
        taken, page = True, Page(change_id=change_id)
        while True:
            told = await workflow.execute_activity_method(
                UnitChangeActivities.tell_journeys,
                page,
                start_to_close_timeout=timeouts.TELL_PAGE,
                retry_policy=timeouts.TELL_RETRY,
            )
            counts.update(told.counts)
            taken = taken and not told.refused
            if told.last is None:
                return taken
            page = Page(change_id=change_id, after=told.last)
