"""A unit's hours change while clocks count them: kept, or counted anew; told beforehand exactly."""

from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import command as cmd
from domain import event as ev
from domain.calendar import Budget, Counting
from domain.clock import Clock, ClockKind
from domain.event import Event
from domain.explanation import explanations
from domain.journey import Role
from domain.opening import opening
from domain.pathway import Definition, Purpose
from domain.unit import Closure, Hours, Unit
from domain.unit_clocks import SHOWN, Affected, Found, affected
from tests import samples
from tests.samples import ALICE, BOB, BOBS_TEAM, Case, day, local, pathway, things, unit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = tuple(Hours(day=d, opens=time(8), closes=time(16)) for d in range(5))
OFFICE = unit(BOB, hours=WEEK, closures=(), version=1)
CLOSED = Closure(first=day("2026-10-06"), last=day("2026-10-07"), covered_by=BOBS_TEAM)


def in_opening_hours(amount: int = 16) -> Definition:
    """A pathway whose answer is owed within so many hours of opening."""
    shipped = pathway()
    budget = Budget(amount=amount, counting=Counting.OPENING_HOURS)
    accept = shipped.handovers.accept.model_copy(update={"budget": budget})
    deadlines = shipped.handovers.model_copy(update={"accept": accept})
    return shipped.model_copy(update={"handovers": deadlines})


def sent(amount: int = 16, to: Unit = OFFICE) -> Case:
    """A handover to Bob on a Monday at nine, and the answer counts his hours."""
    case = Case.of(samples.start(ALICE, in_opening_hours(amount)), ALICE)
    case.do(samples.send(to=to), ALICE)
    return case


def changed(version: int = 2, **change: Any) -> Unit:
    """Bob's unit as it becomes."""
    return OFFICE.model_copy(update={"version": version, **change})


def adopt(case: Case, new: Unit, *, reproject: bool) -> tuple[Event, ...]:
    """The journey is told of it, with the choice for its clocks."""
    return case.do(cmd.AdoptUnit(unit=new, reproject=reproject), BOB, roles=(Role.CATALOGUE,))


def foretold(case: Case, new: Unit) -> Affected:
    """What a preview says."""
    found = [Found(ref=c.id, clock=c) for c in case.state.clocks.values()]
    return affected(found, case.state.calendars, opening(new), case.now)


def owed(case: Case) -> Clock:
    """The promise of an answer."""
    return case.clock(ClockKind.ACCEPTED, "h-1")


class TestKeep:
    def test_no_clock_moves_when_it_was_not_chosen(self) -> None:
        case = sent()
        before = dict(case.state.clocks)

        events = adopt(case, changed(closures=(CLOSED,)), reproject=False)

        assert case.state.clocks == before
        assert [type(e.what) for e in events] == [ev.UnitAdopted]

    def test_what_begins_afterwards_counts_the_new_hours(self) -> None:
        case = sent()
        new = changed(closures=(CLOSED,))
        adopt(case, new, reproject=False)

        send = samples.send(to=new, part="rehab", handover_id="h-2")
        case.do(cmd.Withdraw(handover_id="h-1", reason="sent_in_error"), ALICE)
        case.do(send, ALICE)

        assert case.clock(ClockKind.ACCEPTED, "h-2").due_at == local("2026-10-09T09:00")


class TestRecompute:
    def test_a_closure_moves_what_counts_the_hours_and_nothing_else(self) -> None:
        case = sent()
        assert owed(case).due_at == local("2026-10-07T09:00")
        others = {k: c for k, c in case.state.clocks.items() if k != owed(case).id}

        events = adopt(case, changed(closures=(CLOSED,)), reproject=True)

        (moved,) = things(events, ev.ClockMoved)
        assert (moved.because, moved.clock.id) == ("opening", "accepted:h-1")
        assert owed(case).due_at == local("2026-10-09T09:00")
        assert {k: case.state.clocks[k] for k in others} == others
        assert any(c.budget.counting is Counting.WORKING_DAYS for c in others.values())

    def test_what_has_been_spent_is_kept(self) -> None:
        case = sent()
        case.wait_until(local("2026-10-06T12:00"))
        late = changed(hours=tuple(h.model_copy(update={"opens": time(12)}) for h in WEEK))

        adopt(case, late, reproject=True)

        # Eleven of sixteen hours are spent, four are left of Tuesday, and one begins Wednesday.
        assert owed(case).due_at == local("2026-10-07T13:00")

    def test_a_closure_that_is_taken_back_gives_the_days_back(self) -> None:
        case = sent()
        adopt(case, changed(closures=(CLOSED,)), reproject=True)

        adopt(case, changed(version=3), reproject=True)

        assert owed(case).due_at == local("2026-10-07T09:00")

    def test_what_is_late_stays_late(self) -> None:
        case = sent()
        case.wait_until(local("2026-10-08T09:00"))
        ahead = Closure(first=day("2026-10-09"), last=day("2026-10-30"), covered_by=BOBS_TEAM)

        adopt(case, changed(closures=(ahead,)), reproject=True)

        assert owed(case).due_at == local("2026-10-07T09:00")
        assert owed(case).late(case.now)

    def test_a_paused_clock_takes_the_new_hours_when_it_goes_on(self) -> None:
        case = sent()
        case.do(cmd.Ask(handover_id="h-1", question="Hiss?"), BOB)

        adopt(case, changed(closures=(CLOSED,)), reproject=True)
        case.do(cmd.Answer(handover_id="h-1", answer="Ja."), ALICE)

        assert owed(case).due_at == local("2026-10-09T09:00")

    def test_other_facts_move_nothing(self) -> None:
        case = sent()

        events = adopt(case, changed(assignment="Rehab i hemmet."), reproject=True)

        assert things(events, ev.ClockMoved) == []

    def test_what_was_passed_on_keeps_its_due_whatever_the_first_receiver_does(self) -> None:
        case = sent()
        case.do(cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="x"), BOB)
        due = owed(case).due_at

        events = adopt(case, changed(closures=(CLOSED,)), reproject=True)

        assert things(events, ev.ClockMoved) == []
        assert owed(case).due_at == due

    def test_facts_that_came_with_a_sending_first_take_no_choice_away(self) -> None:
        case = sent()
        new = changed(closures=(CLOSED,))
        case.do(samples.send(to=new, purpose=Purpose.INFORM, handover_id="h-2"), ALICE)
        assert case.state.units[BOB].version == 2

        events = adopt(case, new, reproject=True)

        assert [type(e.what) for e in events] == [ev.ClockMoved]
        assert owed(case).due_at == local("2026-10-09T09:00")

    def test_told_twice_is_told_once(self) -> None:
        case = sent()
        new = changed(closures=(CLOSED,))
        adopt(case, new, reproject=True)

        again = case.refusal(cmd.AdoptUnit(unit=new, reproject=True), BOB, roles=(Role.CATALOGUE,))

        assert again.code == "unit_version_stale"

    def test_every_due_is_still_explained_by_the_log(self) -> None:
        case = sent()
        case.wait(5 * HOUR)
        adopt(case, changed(closures=(CLOSED,)), reproject=True)

        found = explanations(case.log)

        assert [e.clock_id for e in found.values() if not e.agrees] == []
        assert "reprojected" in [line.kind for line in found["accepted:h-1"].lines]


class TestForetold:
    def test_it_says_how_many_and_from_when_to_when(self) -> None:
        case = sent()
        new = changed(closures=(CLOSED,))

        found = foretold(case, new)

        assert found.count == 1
        (shift,) = found.shifts
        assert (shift.ref, shift.kind) == ("accepted:h-1", ClockKind.ACCEPTED)
        assert (shift.due_now, shift.due_then) == (
            local("2026-10-07T09:00"),
            local("2026-10-09T09:00"),
        )

    def test_the_longest_move_comes_first_and_a_hundred_are_shown(self) -> None:
        cases = [sent(amount) for amount in (4, 16, 30)]
        clocks = [Found(ref=f"r-{n}", clock=owed(case)) for n, case in enumerate(cases)]
        later = tuple(h.model_copy(update={"closes": time(12)}) for h in WEEK)
        hours = opening(changed(hours=later))

        found = affected(clocks * 50, cases[0].state.calendars, hours, cases[0].now)

        moves = [s.due_then - s.due_now for s in found.shifts]
        assert (found.count, len(found.shifts)) == (150, SHOWN)
        assert moves == sorted(moves, reverse=True)
        assert found.shifts[0].ref == "r-2"

    def test_what_is_paused_or_over_is_not_counted(self) -> None:
        paused, over = sent(), sent()
        paused.do(cmd.Ask(handover_id="h-1", question="Hiss?"), BOB)
        over.accept()

        for case in (paused, over):
            assert foretold(case, changed(closures=(CLOSED,))) == Affected()

    @settings(max_examples=60, deadline=None)
    @given(
        amount=st.integers(1, 60),
        waited=st.integers(0, 14 * 24),
        first=st.integers(0, 20),
        length=st.integers(0, 20),
        opens=st.integers(0, 11),
        closes=st.integers(12, 23),
    )
    def test_what_is_foretold_is_what_comes(
        self, amount: int, waited: int, first: int, length: int, opens: int, closes: int
    ) -> None:
        case = sent(amount)
        case.wait(waited * HOUR)
        begins = case.now.date() + first * DAY
        closures = (Closure(first=begins, last=begins + length * DAY, covered_by=BOBS_TEAM),)
        hours = tuple(
            h.model_copy(update={"opens": time(opens), "closes": time(closes)}) for h in WEEK
        )
        new = changed(closures=closures, hours=hours)
        before = dict(case.state.clocks)

        said = {s.ref: s.due_then for s in foretold(case, new).shifts}
        adopt(case, new, reproject=True)

        assert said == {"accepted:h-1": owed(case).due_at}
        assert _same(case, before)

    @settings(max_examples=60, deadline=None)
    @given(amount=st.integers(1, 60), first=st.integers(0, 20), length=st.integers(0, 30))
    def test_a_closure_never_makes_a_due_earlier(
        self, amount: int, first: int, length: int
    ) -> None:
        case = sent(amount)
        due = owed(case).due_at
        begins = case.now.date() + first * DAY
        closures = (Closure(first=begins, last=begins + length * DAY, covered_by=BOBS_TEAM),)

        adopt(case, changed(closures=closures), reproject=True)

        assert owed(case).due_at >= due


def _same(case: Case, before: dict[str, Clock]) -> bool:
    """Whether every clock but the one in opening hours is as it was."""
    dues: dict[str, datetime] = {k: c.due_at for k, c in before.items() if k != "accepted:h-1"}
    return dues == {k: case.state.clocks[k].due_at for k in dues}
