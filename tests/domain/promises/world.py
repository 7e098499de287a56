"""One journey in the hands of the machine: each command is decided, looked at, and adopted."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from domain import command as cmd
from domain import event as ev
from domain.decide import Events, decide, next_moment, pass_time
from domain.event import Event
from domain.evolve import fold
from domain.forecast import forecast
from domain.handover import Handover
from domain.journey import Actor, Journey, Role, StepState
from domain.notice import notices
from domain.part import COORDINATION
from domain.record import Record, Silence, entry
from domain.refusal import REFUSALS, Refusal
from domain.rules.receiver import may_hold
from domain.stay import Episode
from domain.unit import ChannelKind, Unit
from domain.view import journey_view, known, seer
from tests import samples
from tests.domain.promises import happening, standing
from tests.domain.promises.cast import ACTORS, MOSTLY, RECEIVERS
from tests.domain.promises.happening import Hands
from tests.domain.promises.offers import offers_are_true
from tests.domain.promises.stay_offers import stay_offers_are_true
from tests.samples import CHARLIE

DRAWN: Counter[type] = Counter()
TAKEN: Counter[type] = Counter()
NOTHING: tuple[Any, ...] = ()


class World(RuleBasedStateMachine):
    """The state, the log, the time; what is chosen from; and what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.min.replace(tzinfo=UTC)
        self.current: Journey | None = None
        self.log: list[Event] = []
        self.hands = Hands()
        self.sent = 0
        self._looked_at: dict[str, Handover] = {}
        self._shown: Journey | None = None
        self._stay_looked_at: Episode | None = None

    @property
    def state(self) -> Journey:
        """The journey as it stands."""
        assert self.current is not None
        return self.current

    # doing it

    def do(
        self,
        command: cmd.Command,
        by: str,
        *,
        subject: str = "u-1",
        role: Role = Role.COORDINATOR,
        relayed: bool = False,
    ) -> bool:
        """Decide, look at what must hold for any decision, and adopt it. False if refused."""
        before = self.current
        actor = Actor(subject=subject, unit=by, roles=(role,))
        envelope = samples.envelope(command, by, actor=actor, relayed=relayed)
        untouched = _tables(before)
        DRAWN[type(command)] += 1

        decided = decide(before, envelope, self.now)

        self._charlie_may_not(before, command)
        assert decided == decide(before, envelope, self.now), "promise 8: the same again"
        assert untouched == _tables(before), "promise 8: no trace"
        if isinstance(decided, Refusal):
            assert decided.code in REFUSALS
            assert decided.text.sv and decided.text.en
            return False
        TAKEN[type(command)] += 1
        self._record_holds(before, decided, envelope)
        self.adopt(decided)
        happening.departure_alarms(before, self.state, decided, self.now)
        self.time_passes(timedelta())  # what was true earlier may have more to tell
        return True

    def _charlie_may_not(self, before: Journey | None, command: cmd.Command) -> None:
        if isinstance(command, cmd.Start):
            return
        by_charlie = decide(before, samples.envelope(command, CHARLIE), self.now)
        assert isinstance(by_charlie, Refusal), "promise 9: Charlie's unit has no part in it"

    def time_passes(self, span: timedelta) -> None:
        """One late look, that finds what looking in time would have found (promise 5)."""
        before, self.now = self.state, self.now + span

        late = pass_time(before, self.now)

        assert late == pass_time(before, self.now)
        if before.deceased_at is None or before.closed_at is None:
            happening.same_as_in_time(before, late, self.now)
        if late:
            self._record_holds(before, late, None)
        self.adopt(late)

    def the_moment_comes(self) -> None:
        """Somebody looks just in time."""
        moment = next_moment(self.state)
        assert moment is not None and moment >= self.now
        self.now = moment

        events = pass_time(self.state, self.now)

        assert events, "a moment came and nothing happened"
        assert all(r.cause == "on_time" for r in samples.things(events, ev.RungFired))
        self.adopt(events)

    def adopt(self, events: Events) -> None:
        """Take events as happened, one by one, and look at what each must not do."""
        for event in events:
            before, after = self.current, fold((event,), self.current)
            assert after is not None
            assert event.seq == len(self.log) + 1, "promise 7: no gaps"
            assert event == Event.model_validate_json(event.model_dump_json())
            self.hands.follow(event.what, before)
            if before is not None:
                happening.receipts_stop_nothing(before, after, event.what)
                happening.redirect_gains_no_time(before, after, event.what)
                happening.death_silences(before, after, event)
                self.hands.rungs_are_climbed_once(event, before)
            self.log.append(event)
            self.current = after

    def _record_holds(
        self, before: Journey | None, events: Events, envelope: cmd.Envelope | None
    ) -> None:
        record = entry(before, events, envelope)
        assert record.expected_seq == (before.seq if before else 0)
        assert Record.model_validate_json(record.model_dump_json()) == record
        ids = [notice.id for notice in record.notices]
        assert len(ids) == len(set(ids))
        assert all(notice.unit != CHARLIE for notice in record.notices)
        after = fold(events, before)
        assert after is not None
        assert list(record.notices) == notices(events, after)
        if after.protected:
            assert all(n.channel is ChannelKind.INBOX for n in record.notices)
            assert all(n.address is None for n in record.notices)
        died = samples.things(events, ev.PatientDied)
        hidden = [p for p in samples.things(events, ev.ProtectionChanged) if p.protection != "none"]
        outside = Silence.OUTSIDE if hidden else None
        assert record.silences is (Silence.ALL if died else outside)
        holders = {part.holder for part in after.parts.values()}
        assert not holders & set(record.leaves), "who holds a part sees it"

    # how it stands

    @invariant()
    def each_promise_holds(self) -> None:
        """All that can be seen from the state alone."""
        if self.current is None:
            return
        state = self.current
        standing.each_part_is_in_one_pair_of_hands(state, self.hands.held)
        standing.no_promise_is_silent(state, self.now)
        standing.each_receipt_has_its_own_clock(state)
        standing.the_ball_is_in_one_court(state)
        standing.redirects_are_bounded(state)
        standing.everybody_waited_for_is_named_once(state)
        standing.who_was_succeeded_is_out_of_it(state)

    @invariant()
    def what_is_shown_is_true(self) -> None:
        """Views, forecasts and offers: of each handover that has changed since the last look."""
        if self.current is None:
            return
        state = self.current
        changed = [h for k, h in state.handovers.items() if self._looked_at.get(k) is not h]
        self._looked_at = dict(state.handovers)
        for handover in changed[-2:]:
            receiver = state.units[handover.to_unit]
            assert forecast(state, handover.id, self.now)
            sides = (handover.to_unit, handover.from_unit, receiver.proxy_owner, CHARLIE)
            for unit in dict.fromkeys(u for u in sides if u):
                offers_are_true(state, handover, unit, self.now)
        if state is self._shown:
            return
        self._shown = state
        newest = state.stay
        if newest is not None and newest is not self._stay_looked_at:
            self._stay_looked_at = newest
            stay_offers_are_true(state, newest, self.now)
        actor = Actor(subject="u-1", unit=state.holder(COORDINATION), roles=(Role.COORDINATOR,))
        assert journey_view(known(state), seer(actor, state.units, self.now))

    def teardown(self) -> None:
        """At the end: the log tells the whole state, and no clock has told for the last time.

        The state is large, so it goes through JSON here only; events and records do so each time.
        """
        if self.current is None:
            return
        assert fold(self.log) == self.state, "promise 7: the events are the state"
        assert Journey.model_validate_json(self.state.model_dump_json()) == self.state
        standing.each_due_follows_from_the_log(self.state, self.log)
        standing.receiver_and_sender_make_the_patients_time(self.state, self.log, self.now)
        for clock in tuple(self.state.running()):
            if self.state.ladders.get(clock.ladder).rungs:
                happening.tells_again(self.state, clock)

    # choosing

    def unit(self, hsa_id: str) -> Unit:
        """A unit as the catalogue has it now: journeys are told of each change."""
        return self.state.units.get(hsa_id) or samples.unit(hsa_id)

    def stand_ins(self, unit: Unit) -> tuple[Unit, ...]:
        """Who covers for it or calls on its behalf, as the catalogue has them."""
        found = [unit.proxy_owner, *(c.covered_by for c in unit.closures)]
        return tuple(self.unit(other) for other in dict.fromkeys(found) if other)

    def somebody(self, data: st.DataObject, rightly: bool, unit: str) -> str:
        """The right unit, or anybody."""
        return unit if rightly else data.draw(st.sampled_from(ACTORS))

    def receiver(self, data: st.DataObject, part: str | None = None) -> str:
        """A unit that has not been succeeded, and mostly one that may hold the part."""
        there = [r for r in RECEIVERS if not self.unit(r).successor]
        fitting = [r for r in there if part and may_hold(self.state.definition, self.unit(r), part)]
        rightly = data.draw(MOSTLY)
        return data.draw(st.sampled_from(fitting if rightly and fitting else there))

    def holder(self, data: st.DataObject) -> str:
        """Somebody who holds a part."""
        return data.draw(st.sampled_from([p.holder for p in self.state.parts.values()]))

    def some_step(self, data: st.DataObject, rightly: bool, *kinds: str) -> tuple[str, str, str]:
        """Key, kind and holder of a step: an open one of these kinds if rightly and possible."""
        steps = [s for s in self.state.steps.values() if s.period == self.state.period]
        fitting = [s for s in steps if s.state is StepState.OPEN and s.kind in kinds]
        found = data.draw(st.sampled_from(fitting if rightly and fitting else steps))
        return found.key, found.kind, self.state.holder(found.part)

    def unanswered(self) -> list[Handover]:
        """Handovers that somebody owes a yes or a no."""
        return [h for h in self.state.handovers.values() if h.unanswered]

    def some_handover(self, data: st.DataObject) -> Handover:
        """One of them, mostly one that is alive."""
        everyone = list(self.state.handovers.values())
        alive = [h for h in everyone if h.open]
        return data.draw(st.sampled_from(self.unanswered() * 3 + alive + everyone))


def _tables(state: Journey | None) -> list[dict[str, Any]]:
    """What could be changed in place, copied."""
    if state is None:
        return []
    tables = (state.parts, state.steps, state.handovers, state.clocks, state.units)
    return [dict(t) for t in (*tables, state.meetings, state.read, state.delays)]
