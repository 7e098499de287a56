"""A snooze: one side hears nothing for a while; nothing else changes, and no alarm is silenced."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import command as cmd
from domain import event as ev
from domain.clock import Clock, ClockKind
from domain.event import Event
from domain.notice import NoticeKind, notices
from domain.pathway import Purpose
from domain.rules.clock import LONGEST_SNOOZE
from domain.unit import ChannelKind, Function
from tests.domain.golden import minutes
from tests.samples import ALICE, BOB, BOBS_TEAM, CHARLIE, Case, local, things, unit

ANSWER = "accepted:h-1"
# Two working days from Friday 14:30: rungs on Monday 14:30, on Tuesday 04:54 and 14:30.
FRIDAY = local("2026-12-18T14:30")
HALF, FOUR_FIFTHS, DUE = map(local, ("2026-12-21T14:30", "2026-12-22T04:54", "2026-12-22T14:30"))
Heard = tuple[str, Function, ChannelKind]


def sent(now: datetime = FRIDAY) -> Case:
    """A handover to Bob, two working days to answer."""
    case = Case(now=now)
    case.send()
    return case


def snooze(until: datetime, clock_id: str = ANSWER) -> cmd.SnoozeClock:
    """Hear nothing of a clock until then."""
    return cmd.SnoozeClock(clock_id=clock_id, until=until, reason="Väntar på läkaren")


def rungs(events: tuple[Event, ...]) -> list[ev.RungFired]:
    """What was told of the answer."""
    return [r for r in things(events, ev.RungFired) if r.clock_id == ANSWER]


def heard(case: Case, events: tuple[Event, ...]) -> list[Heard]:
    """The notices about the answer."""
    about = (n for n in notices(events, case.state) if n.clock_id == ANSWER)
    return [(n.unit, n.function, n.channel) for n in about]


def answering(case: Case) -> Clock:
    """The clock of the answer."""
    return case.clock(ClockKind.ACCEPTED, "h-1")


class TestTaken:
    def test_it_is_an_event_with_a_reason_and_an_end(self) -> None:
        case = sent()

        (event,) = case.do(snooze(DUE), BOB)

        what = event.what
        assert isinstance(what, ev.ClockSnoozed)
        assert (what.snooze.unit, what.snooze.until) == (BOB, DUE)
        assert what.snooze.reason == "Väntar på läkaren"
        assert event.actor is not None

    def test_due_and_rungs_stay_where_they_are(self) -> None:
        case = sent()
        before = answering(case)

        case.do(snooze(DUE), BOB)

        after = answering(case)
        assert after.model_copy(update={"snoozes": ()}) == before

    def test_a_quiet_side_gets_no_notice_and_the_rung_says_so(self) -> None:
        case = sent()
        case.do(snooze(DUE), BOB)

        events = case.wait_until(HALF)

        (rung,) = rungs(events)
        assert (rung.rung, rung.outcome) == ("half", "snoozed")
        assert [(t.unit, t.reached, t.quiet) for t in rung.told] == [(BOB, True, True)]
        assert heard(case, events) == []

    def test_the_other_side_is_told_as_ever(self) -> None:
        case = sent()
        case.do(snooze(local("2026-12-23T00:00")), BOB)
        case.wait_until(HALF)

        four_fifths, due = case.wait_until(FOUR_FIFTHS), case.wait_until(DUE)

        assert {r.outcome for r in rungs(four_fifths + due)} == {"told"}
        assert {(u, f) for u, f, _ in heard(case, four_fifths)} == {(ALICE, Function.INBOX)}
        assert {(u, f) for u, f, _ in heard(case, due)} == {(ALICE, Function.COORDINATOR)}

    def test_who_waits_may_snooze_too(self) -> None:
        case = sent()
        case.do(snooze(DUE), ALICE)
        case.wait_until(HALF)

        events = case.wait_until(FOUR_FIFTHS)

        assert {u for u, _, _ in heard(case, events)} == {BOB}

    def test_it_ends_by_itself_at_its_end(self) -> None:
        case = sent()
        case.do(snooze(FOUR_FIFTHS), BOB)

        first, second = case.wait_until(HALF), case.wait_until(FOUR_FIFTHS)

        assert heard(case, first) == []
        assert BOB in {u for u, _, _ in heard(case, second)}, "at its end it is over"

    def test_a_new_receiver_hears_what_the_old_one_did_not_want_to(self) -> None:
        case = sent()
        case.do(snooze(DUE), BOB)
        case.do(cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="Fel team"), BOB)

        events = case.wait_until(HALF)

        assert {u for u, _, _ in heard(case, events)} == {BOBS_TEAM}

    def test_a_quiet_unit_is_no_unit_without_anybody_to_tell(self) -> None:
        """The ladder does not run up its rungs: somebody is there, and has heard of it."""
        case = sent()
        case.do(snooze(DUE), BOB)

        (rung,) = rungs(case.wait_until(HALF))

        assert rung.next_at == FOUR_FIFTHS

    def test_late_is_late_all_the_same(self) -> None:
        case = sent()
        case.do(snooze(local("2026-12-24T00:00")), BOB)
        case.wait_until(DUE)

        assert answering(case).late(case.now)


class TestAlarm:
    def left(self) -> Case:
        """The patient has left with a need, and nobody has taken over."""
        case = Case()
        case.complete("assessment")
        case.send()
        case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)
        return case

    @pytest.mark.parametrize("kind", [ClockKind.ALARM, ClockKind.SAFETY_NET])
    def test_nobody_looks_away_from_a_patient_at_risk(self, kind: ClockKind) -> None:
        case = self.left()
        ringing = next(c for c in case.state.running() if c.kind is kind)

        refused = case.refusal(snooze(case.now + timedelta(hours=1), ringing.id), ALICE)

        assert refused.code == "clock_not_snoozable"

    def test_an_alarm_sounds_for_who_has_snoozed_the_answer(self) -> None:
        case = Case()
        case.complete("assessment")
        case.send()
        for unit_id in (ALICE, BOB):
            case.do(snooze(case.now + timedelta(days=2)), unit_id)

        case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)
        events = tuple(case.log[-20:]) + case.wait(timedelta(seconds=1))

        alarms = [n for n in notices(events, case.state) if n.kind is NoticeKind.ALARM]
        assert {ALICE, BOB} <= {n.unit for n in alarms}


class TestSomebodyHears:
    """From due on a snooze leaves somebody who is told, or it is as if there were none."""

    def alone(self) -> tuple[Case, Clock]:
        """A step that its holder owes itself."""
        case = Case(now=FRIDAY)
        clock = case.clock(ClockKind.STEP, "1.assessment")
        assert clock.owner == clock.counterpart == ALICE
        return case, clock

    def test_who_is_both_sides_is_quiet_before_due_and_told_from_due_on(self) -> None:
        case, clock = self.alone()
        told = list[ev.RungFired]()
        while len(told) < 3:
            next_at = case.clock(ClockKind.STEP, "1.assessment").next_at
            case.wait_until(next_at - timedelta(minutes=1))
            if not told:
                case.do(snooze(case.now + LONGEST_SNOOZE, clock.id), ALICE)
            events = case.wait_until(next_at)
            told += [r for r in things(events, ev.RungFired) if r.clock_id == clock.id]

        assert [(r.rung, r.outcome) for r in told] == [
            ("four_fifths", "snoozed"),
            ("due", "told"),
            ("one_day_late", "told"),
        ]

    def test_when_neither_side_wants_to_hear_both_do(self) -> None:
        case = sent()
        for by in (ALICE, BOB):
            case.do(snooze(local("2026-12-24T00:00"), ANSWER), by)
        half, four_fifths, due = (case.wait_until(at) for at in (HALF, FOUR_FIFTHS, DUE))

        assert {r.outcome for r in rungs(half + four_fifths)} == {"snoozed"}
        assert {u for u, _, _ in heard(case, due)} == {ALICE, BOB}


class TestInARow:
    def again(self, case: Case, times: int, gap: timedelta = timedelta()) -> None:
        """Snooze so many times, each when the one before has ended."""
        for _ in range(times):
            case.do(snooze(case.now + LONGEST_SNOOZE), BOB)
            case.wait(LONGEST_SNOOZE + gap)

    def test_four_times_and_no_more(self) -> None:
        case = sent()
        self.again(case, 4)

        refused = case.refusal(snooze(case.now + timedelta(hours=1)), BOB)

        assert (refused.code, [f.rule for f in refused.fields]) == (
            "snooze_too_long",
            ["too_often"],
        )
        assert case.do(snooze(case.now + timedelta(hours=1)), ALICE), "the other side may"

    def test_renewing_before_the_end_counts_too(self) -> None:
        case = sent()
        for _ in range(4):
            case.do(snooze(case.now + LONGEST_SNOOZE), BOB)
            case.wait(timedelta(hours=1))

        assert case.refusal(snooze(case.now + LONGEST_SNOOZE), BOB).code == "snooze_too_long"

    def test_who_has_listened_for_a_week_may_begin_anew(self) -> None:
        case = sent()
        self.again(case, 4)
        case.wait(LONGEST_SNOOZE)

        (event,) = case.do(snooze(case.now + LONGEST_SNOOZE), BOB)

        assert isinstance(event.what, ev.ClockSnoozed)
        assert event.what.snooze.in_a_row == 1


class TestRefused:
    def test_a_clock_that_is_not_there(self) -> None:
        assert sent().refusal(snooze(DUE, "accepted:h-9"), BOB).code == "clock_unknown"

    def test_a_unit_on_neither_side(self) -> None:
        case = sent()
        case.send(CHARLIE, purpose=Purpose.INFORM, handover_id="h-2")

        assert case.refusal(snooze(DUE), CHARLIE).code == "not_holder"

    def test_a_clock_that_stands_still_or_has_stopped(self) -> None:
        case = sent()
        case.do(cmd.Ask(handover_id="h-1", question="Hur bor hen?"), BOB)
        paused = case.refusal(snooze(DUE), BOB)
        case.do(cmd.Answer(handover_id="h-1", answer="I hus."), ALICE)
        case.accept()

        assert [paused.code, case.refusal(snooze(DUE), BOB).code] == ["clock_not_running"] * 2

    def test_an_end_that_has_been(self) -> None:
        case = sent()

        assert case.refusal(snooze(FRIDAY - timedelta(seconds=1)), BOB).code == "instant_in_past"

    def test_an_end_that_is_too_far(self) -> None:
        case = sent()
        longest = FRIDAY + LONGEST_SNOOZE

        refused = case.refusal(snooze(longest + timedelta(seconds=1)), BOB)

        assert (refused.code, [f.field for f in refused.fields]) == ("snooze_too_long", ["until"])
        assert case.do(snooze(longest), BOB)


class TestLaws:
    @settings(settings.get_profile("instants"), max_examples=60)
    @given(
        asked=st.lists(
            st.tuples(st.sampled_from([ALICE, BOB]), st.integers(1, 7 * 24 * 60)), max_size=3
        ),
        after=st.integers(0, 5 * 24 * 60),
    )
    def test_snoozed_or_not_the_same_rungs_fall_at_the_same_instants(
        self, asked: list[tuple[str, int]], after: int
    ) -> None:
        """And whoever did not snooze gets every notice that it would have got."""
        plain, quiet = sent(), sent()
        for case in (plain, quiet):
            case.wait_until(minutes(FRIDAY, after))
        for by, length in asked:
            quiet.do(snooze(minutes(quiet.now, length)), by)

        ends = FRIDAY + timedelta(days=21)
        wanted, found = plain.wait_until(ends), quiet.wait_until(ends)

        assert answering(quiet).due_at == answering(plain).due_at
        places = [[(r.number, r.due_at) for r in rungs(events)] for events in (wanted, found)]
        assert places[0] == places[1]
        others = {ALICE, BOB} - {by for by, _ in asked}
        expected = [h for h in heard(plain, wanted) if h[0] in others]
        assert [h for h in heard(quiet, found) if h[0] in others] == expected
