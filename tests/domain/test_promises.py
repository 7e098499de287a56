"""The promises of the design hold whatever is done, by whomever, and whatever time it takes.

Random journeys: valid and invalid commands of every kind, by several units, between them minutes
and weeks, looked at in time or long after. Alice's unit sends, Bob's and others receive. Charlie's
unit is never sent anything and tries whatever the others do, in vain.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from domain import command as cmd
from domain import event as ev
from domain.calendar import elapsed
from domain.clock import Clock, ClockKind
from domain.content import (
    CloseDecision,
    CloseReason,
    NewPeriod,
    RestUntil,
    StepContent,
)
from domain.decide import Events, decide, next_moment, pass_time
from domain.event import Event
from domain.evolve import fold
from domain.handover import (
    At,
    DeclineReason,
    Handover,
    HandoverState,
    Now,
    OnDischarge,
    TakesOver,
    WithdrawReason,
)
from domain.instrument import Measurement
from domain.journey import Journey, StepState
from domain.notice import notices
from domain.pathway import COORDINATION, HandoverStep, Purpose
from domain.record import Record, entry
from domain.refusal import Refusal
from domain.rules.handover import MAX_HOPS
from domain.view import actions
from tests import samples
from tests.samples import (
    ALICE,
    BOB,
    BOBS_HOME_HELP,
    BOBS_NURSES,
    BOBS_TEAM,
    CHARLIE,
    EXPIRED,
    HEALTH_CENTRE,
    NOBODY_HOLDS_OPERATIONS,
    UNCONNECTED,
    local,
    things,
    unit,
)

REGION = tuple(f"SE0000000000-TESTRVMVC{town}" for town in ("KOP", "SAL", "FAG", "HAL", "NOR"))
RECEIVERS = (
    BOB,
    BOBS_TEAM,
    BOBS_NURSES,
    BOBS_HOME_HELP,
    HEALTH_CENTRE,
    *REGION,
    UNCONNECTED,
    NOBODY_HOLDS_OPERATIONS,
    EXPIRED,
)
ACTORS = (ALICE, *RECEIVERS)
BEGINNINGS = st.sampled_from(
    [
        local("2026-12-18T14:30"),  # the Friday before Christmas
        local("2026-10-24T23:30"),  # the night with 25 hours
        local("2027-03-27T23:30"),  # the night with 23 hours
        local("2026-06-18T16:05:07.123456"),  # the day before Midsummer Eve
        local("2026-10-05T09:00"),
    ]
)
SPANS = st.one_of(
    st.integers(0, 240).map(lambda n: timedelta(minutes=n)),
    st.integers(1, 96).map(lambda n: timedelta(hours=n)),
    st.integers(1, 45).map(lambda n: timedelta(days=n)),
)
PARTS = st.sampled_from([COORDINATION, "rehab", "rehab", "rehab", "home_help", "no_such_part"])
PATHWAYS = ["stroke-rehab", "stroke-rehab", "generic-rehab"]
WORK = ("assessment", "plan", "intervention", "follow_up")
CLOCK_CHANGE = timedelta(hours=1)
MOVING = (Purpose.TAKE_OVER, Purpose.TAKE_PART)
MOSTLY = st.sampled_from([True, True, True, True, False])


class Promises(RuleBasedStateMachine):
    """One journey, driven at random; after each step every promise is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.min.replace(tzinfo=UTC)
        self.current: Journey | None = None
        self.log: list[Event] = []
        self.hands: dict[str, str] = {}
        self.receivers: dict[str, tuple[str, bool]] = {}
        self.numbers: dict[str, int] = {}
        self.sent = 0

    @property
    def state(self) -> Journey:
        assert self.current is not None
        return self.current

    # what happens

    @initialize(now=BEGINNINGS, key=st.sampled_from(PATHWAYS), planned=MOSTLY)
    def alice_starts_a_journey(self, now: datetime, key: str, planned: bool) -> None:
        self.now = now

        assert self.do(samples.start(ALICE, samples.pathway(key)), ALICE)
        if planned:
            for step, content in (
                ("assessment", samples.assessment()),
                ("plan", samples.plan(now)),
            ):
                assert self.do(cmd.CompleteStep(step=step, content=content), ALICE)

    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_completes_a_step(self, data: st.DataObject, rightly: bool) -> None:
        key, kind, holder = self._some_step(data, rightly, *WORK)
        if not rightly:
            kind = data.draw(st.sampled_from(WORK))
            holder = data.draw(st.sampled_from(ACTORS))

        self.do(cmd.CompleteStep(step=key, content=self._content(data, kind, rightly)), holder)

    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_sends_what_the_pathway_expects(self, data: st.DataObject, rightly: bool) -> None:
        key, _, holder = self._some_step(data, rightly, "handover")
        step = self.state.definition.step(key)
        if isinstance(step, HandoverStep):
            fitting = [u for u in RECEIVERS if unit(u).kind in step.to]
            to = data.draw(st.sampled_from(fitting if rightly else RECEIVERS))
            self._send(data, to, step.hands, step.purpose, key, holder)

    @rule(data=st.data(), part=PARTS, to=st.sampled_from(RECEIVERS), rightly=MOSTLY)
    def somebody_sends_a_handover(
        self, data: st.DataObject, part: str, to: str, rightly: bool
    ) -> None:
        held = self.state.parts.get(part)
        holder = held.holder if held and rightly else data.draw(st.sampled_from(ACTORS))
        moving = Purpose.TAKE_OVER if part == COORDINATION else Purpose.TAKE_PART
        purpose = data.draw(st.sampled_from([moving, moving, moving, *Purpose]))
        self._send(data, to, part, purpose, None, holder)

    @precondition(lambda self: self.state.handovers)
    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_acts_on_a_handover(self, data: st.DataObject, rightly: bool) -> None:
        handover = self._some_handover(data)
        known = handover.id if rightly else data.draw(st.sampled_from([handover.id, "h-no"]))
        command = data.draw(st.sampled_from(self._answers(data, handover, known)))
        sends = isinstance(command, cmd.Answer | cmd.Withdraw)
        side = handover.from_unit if sends else handover.to_unit

        self.do(command, side if rightly else data.draw(st.sampled_from(ACTORS)))

    @precondition(lambda self: self.state.handovers)
    @rule(data=st.data())
    def somebody_does_what_the_view_offers(self, data: st.DataObject) -> None:
        """The view's `available_actions` are true: the rules take each of them."""
        handover = self._some_handover(data)
        side = data.draw(st.sampled_from((handover.to_unit, handover.from_unit)))
        offered = actions(handover, side)
        assert actions(handover, CHARLIE) == ()
        if not offered or not self.state.open:
            return
        name = data.draw(st.sampled_from(offered))
        if name == "redirect":  # needs a unit that fits
            return
        by_name = {
            _name_of(c): c for c in self._answers(data, handover, handover.id, takes_over=Now())
        }

        assert self.do(by_name[name], side), f"{name} was offered and refused"

    @precondition(lambda self: any(h.unanswered for h in self.state.handovers.values()))
    @rule(data=st.data(), hours=st.integers(1, 400), asleep=st.none() | SPANS)
    def a_receiver_accepts(self, data: st.DataObject, hours: int, asleep: timedelta | None) -> None:
        handover = data.draw(st.sampled_from(self._unanswered()))
        later = At(at=self.now + timedelta(hours=hours))
        when: list[TakesOver] = [Now(), later, later, OnDischarge()]
        command = cmd.Accept(handover_id=handover.id, takes_over=data.draw(st.sampled_from(when)))

        self.do(command, handover.to_unit)
        if asleep:
            self.time_passes(asleep)

    @precondition(lambda self: any(h.unanswered for h in self.state.handovers.values()))
    @rule(data=st.data())
    def a_receiver_asks(self, data: st.DataObject) -> None:
        handover = data.draw(st.sampled_from(self._unanswered()))

        self.do(cmd.Ask(handover_id=handover.id, question="Finns hiss?"), handover.to_unit)

    @precondition(lambda self: any(h.unanswered for h in self.state.handovers.values()))
    @rule(data=st.data(), hops=st.integers(1, MAX_HOPS + 1), rightly=MOSTLY)
    def receivers_pass_it_on(self, data: st.DataObject, hops: int, rightly: bool) -> None:
        known = data.draw(st.sampled_from(self._unanswered())).id
        for _ in range(hops):
            here = self.state.handovers[known].to_unit
            own = unit(here).organisation
            colleagues = [u for u in (ALICE, *RECEIVERS) if unit(u).organisation == own]
            there = data.draw(st.sampled_from(colleagues if rightly else RECEIVERS))
            self.do(cmd.Redirect(handover_id=known, to=unit(there), reason="Fel adress"), here)

    @rule(data=st.data(), rightly=MOSTLY)
    def somebody_skips_a_step(self, data: st.DataObject, rightly: bool) -> None:
        key, _, holder = self._some_step(data, rightly, "plan", "intervention", "handover")

        self.do(cmd.SkipStep(step=key, reason="Behövs inte."), holder)

    @rule(data=st.data(), hours=st.integers(-2, 48))
    def somebody_records_a_visit(self, data: st.DataObject, hours: int) -> None:
        key, _, holder = self._some_step(data, True, "intervention")
        visit = samples.visit(self.now - timedelta(hours=hours))

        self.do(cmd.RecordVisit(step=key, visit=visit), holder)

    @rule(by=st.sampled_from((ALICE, ALICE, BOB, HEALTH_CENTRE)), hours=st.integers(-1, 30))
    def the_patient_leaves(self, by: str, hours: int) -> None:
        at = self.now - timedelta(hours=hours)
        self.do(cmd.RecordDeparture(at=at, to="hemmet"), by)

    @precondition(lambda self: len(self.log) > 60)
    @rule(data=st.data(), by=st.sampled_from((ALICE, BOB)))
    def somebody_closes_the_journey(self, data: st.DataObject, by: str) -> None:
        if data.draw(st.integers(0, 4)) == 0:
            self.do(cmd.Close(reason=CloseReason.OTHER_PLAN), by)

    @rule(span=SPANS)
    def nobody_looks_for_a_while(self, span: timedelta) -> None:
        self.time_passes(span)

    @precondition(lambda self: next_moment(self.state) is not None)
    @rule()
    def the_next_moment_comes(self) -> None:
        moment = next_moment(self.state)
        assert moment is not None and moment >= self.now
        self.now = moment

        events = pass_time(self.state, self.now)

        assert events, "a moment came and nothing happened"
        assert all(r.cause == "on_time" for r in things(events, ev.RungFired))
        self.adopt(events)

    # doing it

    def do(self, command: cmd.Command, by: str) -> bool:
        """Decide, look at what must hold for any decision, and adopt it. False if refused."""
        before, envelope = self.current, samples.envelope(command, by)
        untouched = _tables(before)

        decided = decide(before, envelope, self.now)

        by_charlie = decide(before, samples.envelope(command, CHARLIE), self.now)
        assert isinstance(by_charlie, Refusal), "promise 9: Charlie's unit has no part in it"
        assert decided == decide(before, envelope, self.now), "promise 8: the same again"
        assert untouched == _tables(before), "promise 8: no trace"
        if isinstance(decided, Refusal):
            assert decided.text.sv and decided.text.en
            return False
        self._record_holds(before, decided, envelope)
        self.adopt(decided)
        self._departure_alarms(before, decided)
        return True

    def time_passes(self, span: timedelta) -> None:
        """One late look, that finds what looking in time would have found (promise 5)."""
        before, self.now = self.state, self.now + span

        late = pass_time(before, self.now)

        assert late == pass_time(before, self.now)
        self._same_as_in_time(before, late)
        self.adopt(late)

    def adopt(self, events: Events) -> None:
        """Take events as happened, one by one, and look at what each must not do."""
        for event in events:
            before, after = self.current, fold((event,), self.current)
            assert after is not None
            assert event.seq == len(self.log) + 1, "promise 7: no gaps"
            assert event == Event.model_validate_json(event.model_dump_json())
            self._follow_the_part(event.what)
            if before is not None:
                self._receipts_stop_nothing(before, after, event.what)
                self._redirect_gains_no_time(before, after, event.what)
            self._rungs_are_climbed_once(event)
            self.log.append(event)
            self.current = after
        assert all(n.unit != CHARLIE for n in notices(events, self.state))

    def _record_holds(self, before: Journey | None, events: Events, envelope: cmd.Envelope) -> None:
        record = entry(before, events, envelope)
        assert record.expected_seq == (before.seq if before else 0)
        assert Record.model_validate_json(record.model_dump_json()) == record
        ids = [notice.id for notice in record.notices]
        assert len(ids) == len(set(ids))

    # promises about what happens

    def _follow_the_part(self, what: ev.Happening) -> None:
        """Promise 1, kept by hand beside the rules: only a take-over that moves moves a part."""
        match what:
            case ev.PartStarted():
                assert what.part not in self.hands, "a part begins once"
                self.hands[what.part] = what.holder
            case ev.HandoverSent():
                self.receivers[what.handover_id] = (what.to.hsa_id, what.purpose in MOVING)
            case ev.HandoverRedirected():
                moves = self.receivers[what.handover_id][1]
                self.receivers[what.handover_id] = (what.to.hsa_id, moves)
            case ev.HandoverTakenOver():
                receiver, moves = self.receivers[what.handover_id]
                if moves:
                    self.hands[self.state.handovers[what.handover_id].part] = receiver
            case _:
                pass

    def _receipts_stop_nothing(self, before: Journey, after: Journey, what: ev.Happening) -> None:
        """Promise 3: received and acknowledged leave the clock of the answer as it is."""
        if isinstance(what, ev.HandoverReceived | ev.HandoverAcknowledged):
            kind, subject = ClockKind.ACCEPTED, what.handover_id
            assert before.clock(kind, subject) == after.clock(kind, subject)
        if isinstance(what, ev.ClockStopped) and what.clock_id.startswith("accepted:"):
            handover = after.handovers[what.clock_id.split(":")[1]]
            assert not handover.unanswered or not after.open

    def _redirect_gains_no_time(self, before: Journey, after: Journey, what: ev.Happening) -> None:
        """Promise 4: only a pause moves the due of the answer; a stopped redirect moves nothing."""
        if isinstance(what, ev.ClockMoved):
            old, new = before.clocks[what.clock.id], what.clock
            assert new.due_at == old.due_at or (
                what.because == "answer" and new.due_at > old.due_at
            )
            assert (new.next_rung, new.span) == (old.next_rung, old.span)
        if isinstance(what, ev.HandoverRedirected):
            old_handover = before.handovers[what.handover_id]
            assert what.to.organisation == before.units[old_handover.to_unit].organisation
            assert what.to.hsa_id not in (old_handover.from_unit, *old_handover.earlier_receivers)
        if isinstance(what, ev.RedirectStopped):
            assert after.handovers == before.handovers
            assert after.clocks == before.clocks

    def _rungs_are_climbed_once(self, event: Event) -> None:
        """Promise 5: numbers run on without gap or repetition; due is not later than fired."""
        what = event.what
        if isinstance(what, ev.ClockStarted):
            self.numbers[what.clock.id] = 0
        if isinstance(what, ev.RungFired):
            assert what.number - what.folded == self.numbers[what.clock_id]
            assert what.due_at == self.state.clocks[what.clock_id].next_at
            assert what.due_at <= what.fired_at == event.decided_at
            assert what.outcome == "nobody_to_tell" or any(t.reached for t in what.told)
            self.numbers[what.clock_id] = what.next_rung

    def _departure_alarms(self, before: Journey | None, events: Events) -> None:
        """Promise 2: who leaves in need, and is not taken over, is an alarm at that instant."""
        left = things(events, ev.PatientLeft)
        if before is None or not left or not before.need:
            return
        for part in self.state.parts.values():
            if part.holder == left[0].from_unit:
                alarm = self.state.clock(ClockKind.ALARM, part.key)
                assert alarm is not None and alarm.running
                first = [
                    r
                    for r in things(events, ev.RungFired)
                    if r.clock_id == alarm.id and r.number == 0
                ]
                assert [(r.due_at, r.fired_at, r.alarm) for r in first] == [
                    (self.now, self.now, True)
                ]

    def _same_as_in_time(self, before: Journey, late: Events) -> None:
        state, in_time = before, list[Event]()
        while (moment := next_moment(state)) is not None and moment <= self.now:
            events = pass_time(state, moment)
            state = fold(events, state) or state
            in_time += events
        dues = {(r.clock_id, r.number): r.due_at for r in things(in_time, ev.RungFired)}
        climbed = set[tuple[str, int]]()
        for fired in things(late, ev.RungFired):
            first = fired.number - fired.folded
            climbed |= {(fired.clock_id, n) for n in range(first, fired.number + 1)}
            assert dues[fired.clock_id, first] == fired.due_at
        assert climbed == set(dues)
        assert _besides_rungs(late) == _besides_rungs(in_time)
        found = fold(late, before) or before
        assert found.model_copy(update={"seq": 0}) == state.model_copy(update={"seq": 0})

    # promises about how it stands

    @invariant()
    def each_part_is_in_one_pair_of_hands(self) -> None:
        """Promise 1."""
        if self.current is None:
            return
        assert {key: part.holder for key, part in self.state.parts.items()} == self.hands
        assert COORDINATION in self.hands
        assert CHARLIE not in self.hands.values()

    @invariant()
    def no_promise_is_silent(self) -> None:
        """Promise 2: what is open has a clock, and each clock has a next moment."""
        if self.current is None:
            return
        state = self.state
        moment = next_moment(state)
        if not state.open:
            assert moment is None
            assert all(clock.stopped_at for clock in state.clocks.values())
            return
        assert moment is not None and moment >= self.now
        for step in state.steps.values():
            if step.state is StepState.OPEN:
                assert step.period == state.period, "nobody can act on a step of an earlier period"
                clock = state.clock(ClockKind.STEP, step.id)
                assert clock is not None and clock.running
                assert clock.owner == state.holder(step.part)
        for handover in state.handovers.values():
            mine = [c for c in state.clocks.values() if c.subject == handover.id]
            if handover.open:
                assert any(clock.running for clock in mine)
            for clock in mine:
                if clock.stopped_at is None and not clock.running:
                    answer = state.clock(ClockKind.ANSWER, handover.id)
                    assert clock.kind is ClockKind.ACCEPTED
                    assert answer is not None and answer.running

    @invariant()
    def each_receipt_has_its_own_clock(self) -> None:
        """Promise 3: three states, three clocks; acceptance closes all of them."""
        if self.current is None or not self.state.open:
            return
        for handover in self.state.handovers.values():
            reading = self._open_clock(ClockKind.ACKNOWLEDGED, handover)
            answering = self._open_clock(ClockKind.ACCEPTED, handover)
            receiving = self._open_clock(ClockKind.RECEIVED, handover)
            taking = self._open_clock(ClockKind.TAKE_OVER, handover)
            contacting = self._open_clock(ClockKind.FIRST_CONTACT, handover)
            unread = handover.acknowledged_at is None
            assert reading == (handover.unanswered and unread)
            assert answering == (handover.unanswered and handover.purpose is not Purpose.INFORM)
            assert receiving == (reading and not self.state.units[handover.to_unit].connected)
            assert taking == (handover.state is HandoverState.ACCEPTED)
            assert contacting == (handover.state is HandoverState.TAKEN_OVER and handover.open)
            asking = self._open_clock(ClockKind.ANSWER, handover)
            assert asking == (handover.state is HandoverState.QUESTION_OPEN)
            assert handover.open or not asking, "a question on what has been done with"

    @invariant()
    def redirects_are_bounded(self) -> None:
        """Promise 4."""
        if self.current is None:
            return
        for handover in self.state.handovers.values():
            way = (handover.from_unit, *handover.earlier_receivers, handover.to_unit)
            assert len(handover.earlier_receivers) <= MAX_HOPS
            assert len(way) == len(set(way)), "a loop"

    def teardown(self) -> None:
        """At the end: the log tells the whole state, and no clock has told for the last time.

        The state is large, so it goes through JSON here only; events and records do so each time.
        """
        if self.current is None:
            return
        assert fold(self.log) == self.state, "promise 7: the events are the state"
        assert Journey.model_validate_json(self.state.model_dump_json()) == self.state
        for clock in tuple(self.state.running()):
            if self.state.ladders.get(clock.ladder).rungs:
                _tells_again(self.state, clock)

    # choosing

    def _some_step(self, data: st.DataObject, rightly: bool, *kinds: str) -> tuple[str, str, str]:
        """Key, kind and holder of a step: an open one of these kinds if rightly and possible."""
        steps = [s for s in self.state.steps.values() if s.period == self.state.period]
        fitting = [s for s in steps if s.state is StepState.OPEN and s.kind in kinds]
        found = data.draw(st.sampled_from(fitting if rightly and fitting else steps))
        return found.key, found.kind, self.state.holder(found.part)

    def _unanswered(self) -> list[Handover]:
        return [h for h in self.state.handovers.values() if h.unanswered]

    def _some_handover(self, data: st.DataObject) -> Handover:
        everyone = list(self.state.handovers.values())
        alive = [h for h in everyone if h.open]
        return data.draw(st.sampled_from(self._unanswered() * 3 + alive + everyone))

    def _content(self, data: st.DataObject, kind: str, rightly: bool) -> StepContent:
        wrong = (Measurement(instrument="katz", score="H"),)
        scores: dict[str, Any] = {} if rightly else {"measurements": wrong}
        if kind == "assessment":
            return samples.assessment(need=data.draw(MOSTLY), **scores)
        if kind == "plan":
            return samples.plan(self.now, goals=2 if rightly else data.draw(st.integers(0, 8)))
        if kind == "intervention":
            return samples.intervention(**scores)
        days = data.draw(st.integers(1, 400) if rightly else st.integers(-1, 4000))
        until = self.now.date() + timedelta(days=days + 1)
        then: list[CloseDecision | NewPeriod | RestUntil] = [
            *(NewPeriod(), RestUntil(until=until)) * 2,
            CloseDecision(reason=CloseReason.GOALS_MET),
        ]
        return samples.follow_up(data.draw(st.sampled_from(then)), **scores)

    def _send(
        self, data: st.DataObject, to: str, part: str, purpose: Purpose, step: str | None, by: str
    ) -> None:
        again = data.draw(st.integers(0, 15)) == 0
        self.sent += 0 if again else 1
        estimate = data.draw(st.sampled_from([None, timedelta(hours=-5), timedelta(days=2)]))
        discharge = {"estimated_discharge_at": self.now + estimate} if estimate else {}
        self.do(samples.send(to, part, purpose, f"h-{self.sent}", step, **discharge), by)

    def _answers(
        self,
        data: st.DataObject,
        handover: Handover,
        handover_id: str,
        takes_over: TakesOver | None = None,
    ) -> list[cmd.Command]:
        """One command of each kind that an answer can be."""
        ahead = data.draw(st.integers(-1, 200))
        when: list[TakesOver] = [Now(), At(at=self.now + timedelta(hours=ahead)), OnDischarge()]
        colleague = unit(data.draw(st.sampled_from(RECEIVERS)))
        back = timedelta(hours=data.draw(st.integers(0, 3)))
        return [
            cmd.Acknowledge(handover_id=handover_id),
            cmd.Accept(
                handover_id=handover_id, takes_over=takes_over or data.draw(st.sampled_from(when))
            ),
            cmd.Decline(handover_id=handover_id, reason=DeclineReason.NO_CAPACITY),
            cmd.Redirect(handover_id=handover_id, to=colleague, reason="Fel adress"),
            cmd.Ask(handover_id=handover_id, question="Finns hiss?"),
            cmd.Answer(handover_id=handover_id, answer="Ja."),
            cmd.Withdraw(handover_id=handover_id, reason=WithdrawReason.NO_LONGER_NEEDED),
            cmd.ReportFirstContact(handover_id=handover_id, at=self.now - back),
        ]

    def _open_clock(self, kind: ClockKind, handover: Handover) -> bool:
        clock = self.state.clock(kind, handover.id)
        return clock is not None and clock.stopped_at is None


def _name_of(command: cmd.Command) -> str:
    return "first-contact" if command.type == "report_first_contact" else command.type


def _tables(state: Journey | None) -> list[dict[str, Any]]:
    """What could be changed in place, copied."""
    if state is None:
        return []
    return [dict(t) for t in (state.parts, state.steps, state.handovers, state.clocks, state.units)]


def _besides_rungs(events: Iterable[Event]) -> list[tuple[datetime, ev.Happening]]:
    return [(e.effective_at, e.what) for e in events if not isinstance(e.what, ev.RungFired)]


def _tells_again(state: Journey, clock: Clock) -> None:
    """Promise 2: past its last rung a clock that nobody stops fires again and again."""
    ladder, counting = state.ladders.get(clock.ladder), clock.budget.counting
    last = len(ladder.rungs) - 1
    state = state.model_copy(update={"clocks": {clock.id: clock}})
    while clock.next_rung < last + 3:
        moment = clock.next_at
        events = pass_time(state, moment)
        assert {fired.due_at for fired in things(events, ev.RungFired)} == {moment}
        state = fold(events, state) or state
        clock = state.clocks[clock.id]
        assert clock.next_at > moment
        if clock.next_rung > last:
            assert ladder.every is not None
            between = elapsed(moment, clock.next_at, counting, state.calendar)
            assert abs(between - ladder.every) <= CLOCK_CHANGE


TestPromises = Promises.TestCase
TestPromises.settings = settings.get_profile("promises")
