"""One journey, one durable workflow: it waits for the next command or the next moment.

The run loop takes one command at a time:

1. Decide on the present state (a copy: values never change in place).
2. Record in one fenced activity; PostgreSQL's order wins.
3. If the store knows events that this run does not, adopt them and decide again.
4. Take over what is recorded, and answer the caller. History holds these events, so a replay
   under changed rules does not decide the past anew.

A moment that has come takes the same way, before the command that waits behind it.
"""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from activities.lateness import LatenessActivities
    from activities.ledger import LedgerActivities
    from domain.command import Envelope
    from domain.decide import decide, next_moment, pass_time
    from domain.event import Event
    from domain.evolve import fold
    from domain.journey import Journey
    from domain.lateness import ON_TIME, Cause
    from domain.record import Outcome, Record, Verdict, adopted, entry
    from domain.refusal import Refusal
    from domain.value import Value
    from workflows import timeouts


class JourneyInput(Value):
    """What a run starts from: nothing for a new journey, the whole state for one that goes on."""

    journey_id: str
    state: Journey | None = None
    history_events: int = timeouts.HISTORY_EVENTS


class Wake(Value):
    """A nudge from outside, with the events that PostgreSQL holds and the run may not know."""

    events: tuple[Event, ...] = ()


class _Waiting:
    """A command in the queue, and what became of it."""

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope
        self.answer: dict[str, Any] | None = None
        self.refusal: Refusal | None = None

    @property
    def done(self) -> bool:
        """Answered, one way or the other."""
        return self.answer is not None or self.refusal is not None


@workflow.defn(name="Journey")
class JourneyWorkflow:
    """Orders commands and moments of one journey; every rule is in `domain`."""

    @workflow.init
    def __init__(self, given: JourneyInput) -> None:
        self._given = given
        self._state = given.state
        self._queue: deque[_Waiting] = deque()
        self._wakes: list[Wake] = []
        self._over = False
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at: datetime | None = None

    @workflow.run
    async def run(self, given: JourneyInput) -> None:
        """Serve until the journey is closed, or go on in a new run when history grows long."""
        while not self._over:
            self._arm()
            await self._wait_for_work()
            if self._wakes:
                self._wake_up()
            elif self._is_due():
                await self._pass_time()
            elif self._queue:
                await self._serve(self._queue.popleft())
            if not self._queue and self._is_long():
                await self._go_on()
        await self._refuse_the_rest()

    @workflow.update
    async def submit(self, envelope: Envelope) -> dict[str, Any]:
        """Serve one command in its turn. Fails with type `Refused` and a coded refusal."""
        waiting = _Waiting(envelope)
        self._queue.append(waiting)
        await workflow.wait_condition(lambda: waiting.done)
        if waiting.refusal is not None:
            raise _refused(waiting.refusal)
        assert waiting.answer is not None
        return waiting.answer

    @submit.validator
    def _refuse_at_the_door(self, envelope: Envelope) -> None:
        """Refuse the plainly impossible before anything is written to history."""
        if self._over:
            raise _refused(Refusal(code="journey_closed"))
        verdict = decide(self._state, envelope, workflow.now())
        if isinstance(verdict, Refusal):
            raise _refused(verdict)

    @workflow.query
    def state(self) -> Journey | None:
        """The whole state, for operators and tests."""
        return self._state

    @workflow.query
    def seq(self) -> int:
        """The number of the last event that this run knows; 0 when nothing has begun."""
        return self._state.seq if self._state else 0

    @workflow.query
    def alarm_at(self) -> datetime | None:
        """The instant for which a timer runs now; None when none does."""
        runs = self._alarm is not None and not self._alarm.done()
        return self._alarm_at if runs else None

    @workflow.signal
    def wake(self, wake: Wake) -> None:
        """Adopt what PostgreSQL holds, arm the timer anew, and look at what is due."""
        self._wakes.append(wake)

    async def _serve(self, waiting: _Waiting) -> None:
        while not waiting.done:
            decided = decide(self._state, waiting.envelope, workflow.now())
            if isinstance(decided, Refusal):
                waiting.refusal = decided
            else:
                await self._record_command(waiting, decided)
        self._over = self._state is None or not self._state.open

    async def _record_command(self, waiting: _Waiting, events: tuple[Event, ...]) -> None:
        written = entry(self._state, events, waiting.envelope)
        outcome = await self._record(written)
        self._state = adopted(self._state, outcome)
        match outcome.verdict:
            case Verdict.RECORDED:
                waiting.answer = written.answer
            case Verdict.KNOWN:
                waiting.answer = outcome.answer
            case Verdict.KEY_REUSED:
                waiting.refusal = Refusal(code="key_reused")
            case Verdict.OVERLAPS:
                waiting.refusal = Refusal(code="journey_overlaps")
            case Verdict.BEHIND:
                pass

    async def _pass_time(self) -> None:
        """Decide on what is due, and record it: anew when the store was away.

        Nobody is told before it is written, so the decision must not be older than that.
        """
        assert self._state is not None
        written = await self._moment(self._state)
        outcome = await self._record_at_once(written)
        if outcome is None:
            if workflow.patched("why_late"):
                await self._until_the_store_is_back()
                written = await self._moment(self._state)
            outcome = await self._record_patiently(written)
        self._state = adopted(self._state, outcome)

    async def _moment(self, state: Journey) -> Record:
        late = await self._why_late(state)
        return entry(state, pass_time(state, workflow.now(), late), None)

    async def _why_late(self, state: Journey) -> Cause:
        """Asked only when it is late: on time, history gets nothing more."""
        due, now = next_moment(state), workflow.now()
        if due is None or now - due <= ON_TIME or not workflow.patched("why_late"):
            return "outage"
        try:
            return await workflow.execute_local_activity_method(
                LatenessActivities.why_late,
                args=[due, now],
                schedule_to_close_timeout=timeouts.RECORD_AT_ONCE,
                start_to_close_timeout=timeouts.RECORD_AT_ONCE,
                retry_policy=timeouts.ONCE,
            )
        except FailureError:
            return "busy"

    async def _until_the_store_is_back(self) -> None:
        with suppress(FailureError):
            await workflow.execute_activity_method(
                LatenessActivities.store_is_back,
                start_to_close_timeout=timeouts.RECORD_PATIENTLY,
                retry_policy=timeouts.RECORD_PATIENTLY_RETRY,
            )

    async def _record(self, written: Record) -> Outcome:
        return await self._record_at_once(written) or await self._record_patiently(written)

    async def _record_at_once(self, written: Record) -> Outcome | None:
        """Nothing when the store is slow or away; it may be written all the same."""
        try:
            return await workflow.execute_local_activity_method(
                LedgerActivities.record,
                written,
                schedule_to_close_timeout=timeouts.RECORD_AT_ONCE,
                start_to_close_timeout=timeouts.RECORD_AT_ONCE,
                retry_policy=timeouts.ONCE,
            )
        except FailureError:
            workflow.logger.warning("the store is slow or away; recording patiently")
        return None

    async def _record_patiently(self, written: Record) -> Outcome:
        """Until it is written: no failure, and no cancellation, may end a journey."""
        while True:
            try:
                return await workflow.execute_activity_method(
                    LedgerActivities.record,
                    written,
                    start_to_close_timeout=timeouts.RECORD_PATIENTLY,
                    retry_policy=timeouts.RECORD_PATIENTLY_RETRY,
                )
            except FailureError:
                workflow.logger.error("recording was given up; trying again")
                await workflow.sleep(timeouts.RECORD_AGAIN)

    async def _wait_for_work(self) -> None:
        """A journey ends by its own rules alone: a cancellation from outside is not heeded."""
        try:
            await workflow.wait_condition(self._has_work)
        except asyncio.CancelledError:
            workflow.logger.error("a cancellation was not heeded; close the journey instead")

    def _has_work(self) -> bool:
        woken = self._alarm is not None and self._alarm.done()
        return bool(self._queue) or bool(self._wakes) or self._is_due() or woken

    def _wake_up(self) -> None:
        """Take over the events that come next; a wake that came late has none left."""
        for wake in self._wakes:
            unknown = [e for e in wake.events if e.seq > self.seq()]
            if unknown and unknown[0].seq == self.seq() + 1:
                self._state = fold(unknown, self._state)
        self._wakes.clear()
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._alarm_at = None
        self._over = self._state is not None and not self._state.open

    def _is_due(self) -> bool:
        moment = next_moment(self._state) if self._state else None
        return moment is not None and moment <= workflow.now()

    def _arm(self) -> None:
        """One timer, for the next moment; left alone when that has not moved."""
        moment = next_moment(self._state) if self._state else None
        if moment == self._alarm_at and not (self._alarm and self._alarm.done()):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = None, moment
        if moment is not None and moment > workflow.now() and not self._over:
            self._alarm = asyncio.create_task(workflow.sleep(moment - workflow.now()))

    def _is_long(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() > self._given.history_events
        )

    async def _go_on(self) -> None:
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self._queue:
            workflow.continue_as_new(self._given.model_copy(update={"state": self._state}))

    async def _refuse_the_rest(self) -> None:
        """Commands that came while the journey was closing get their no; none is left hanging."""
        for waiting in self._queue:
            waiting.refusal = Refusal(code="journey_closed")
        await workflow.wait_condition(workflow.all_handlers_finished)


def _refused(refusal: Refusal) -> ApplicationError:
    return ApplicationError(
        refusal.code, refusal.model_dump(mode="json"), type="Refused", non_retryable=True
    )
