"""Promises in a unit's own hours: what a closure moves, and only when somebody has chosen so."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import clock as clocks
from domain import command as cmd
from domain import event as ev
from domain.calendar import Budget, Counting, Opening
from domain.clock import Clock, ClockKind, Promise
from domain.event import Event
from domain.journey import Role
from domain.opening import opening
from domain.pathway import Deadline, Definition, Source
from domain.unit import Closure
from tests.domain.golden import LATE, MORNINGS, OFFICE, OPENINGS, minutes
from tests.domain.golden import opening as hours_of
from tests.samples import (
    ALICE,
    BOB,
    BOBS_TEAM,
    Case,
    calendar,
    day,
    ladder,
    local,
    pathway,
    start,
    things,
    unit,
)

KEEPER = (Role.CATALOGUE,)
# Bob is open from 07:30 to 16:30. From Monday 09:00: seven and a half, nine, one and a half hours.
BUDGET = Budget(amount=18, counting=Counting.OPENING_HOURS)
DUE = local("2026-10-07T09:00")
TUESDAY_AND_WEDNESDAY = ("2026-10-06", "2026-10-07")


def in_opening_hours() -> Definition:
    """A pathway that promises answers in the receiver's own hours."""
    wanted = Deadline(budget=BUDGET, source=Source.CHOSEN)
    deadlines = pathway().handovers.model_copy(update={"accept": wanted, "answer": wanted})
    return pathway().model_copy(update={"handovers": deadlines})


def sent() -> Case:
    """A handover to Bob on a Monday at nine."""
    case = Case.of(start(definition=in_opening_hours()), ALICE)
    case.send()
    return case


def closed(first: str, last: str) -> tuple[Closure, ...]:
    """One closure, that nobody covers."""
    return (Closure(first=day(first), last=day(last)),)


def adopt(
    case: Case, hsa_id: str = BOB, *, chosen: bool = True, **change: Any
) -> tuple[Event, ...]:
    """A unit has changed, and its clocks are to be counted anew, or not."""
    known = case.state.units[hsa_id]
    changed = known.model_copy(update={"version": known.version + 1, **change})
    return case.do(cmd.AdoptUnit(unit=changed, reproject=chosen), hsa_id, roles=KEEPER)


def accepting(case: Case) -> Clock:
    """The clock of the answer."""
    return case.clock(ClockKind.ACCEPTED, "h-1")


class TestByHand:
    def test_a_promise_in_opening_hours_counts_those_of_who_owes(self) -> None:
        case = sent()

        assert accepting(case).due_at == DUE
        assert accepting(case).opening == opening(unit(BOB))

    def test_a_closure_moves_nothing_by_itself(self) -> None:
        case = sent()
        before = dict(case.state.clocks)

        events = adopt(case, chosen=False, closures=closed(*TUESDAY_AND_WEDNESDAY))

        assert case.state.clocks == before
        assert not things(events, ev.ClockMoved)

    def test_by_choice_it_moves_due_and_rungs_in_an_event(self) -> None:
        case = sent()

        events = adopt(case, closures=closed(*TUESDAY_AND_WEDNESDAY))

        (moved,) = things(events, ev.ClockMoved)
        assert (moved.because, moved.clock) == ("opening", accepting(case))
        assert accepting(case).due_at == local("2026-10-09T09:00")
        # Half of it is nine hours: seven and a half on Monday, the rest on Thursday.
        assert accepting(case).next_at == local("2026-10-08T09:00")

    def test_what_has_been_spent_is_kept(self) -> None:
        case = sent()
        case.wait_until(local("2026-10-06T10:00"))

        adopt(case, closures=closed("2026-10-07", "2026-10-08"))

        # Ten hours are gone; six and a half more on Tuesday, one and a half on Friday.
        assert accepting(case).spent == timedelta(hours=10)
        assert accepting(case).due_at == local("2026-10-09T09:00")

    def test_the_same_hours_again_move_nothing(self) -> None:
        case = sent()
        adopt(case, closures=closed(*TUESDAY_AND_WEDNESDAY))
        before = accepting(case)

        case.wait(timedelta(hours=3))
        adopt(case)

        after = accepting(case)
        assert (after.due_at, after.next_at, after.next_rung) == (
            before.due_at,
            before.next_at,
            before.next_rung,
        )

    def test_a_closure_that_is_taken_back_gives_the_old_due(self) -> None:
        case = sent()
        adopt(case, closures=closed(*TUESDAY_AND_WEDNESDAY))

        adopt(case, closures=())

        assert accepting(case).due_at == DUE

    def test_longer_hours_are_chosen_too_and_make_it_earlier(self) -> None:
        case = sent()
        longer = hours_of(*((weekday, "07:00", "20:00") for weekday in range(5))).hours

        adopt(case, hours=longer)

        assert accepting(case).due_at < DUE

    def test_what_is_late_stays_late(self) -> None:
        case = sent()
        case.wait_until(DUE + timedelta(hours=1))

        adopt(case, closures=closed("2026-10-07", "2026-10-09"))

        assert accepting(case).due_at == DUE
        assert accepting(case).late(case.now)

    def test_rungs_that_have_fired_do_not_fire_again(self) -> None:
        case = sent()
        case.wait_until(local("2026-10-06T10:00"))
        fired = case.happened(ev.RungFired)

        adopt(case, closures=closed("2026-10-07", "2026-10-08"))
        case.wait_until(local("2026-10-09T09:00"))

        numbers = [r.number for r in case.happened(ev.RungFired) if r.clock_id == "accepted:h-1"]
        assert len(fired) >= 1
        assert numbers == list(range(len(numbers)))

    def test_a_clock_that_stands_still_goes_on_in_the_new_hours(self) -> None:
        case = sent()
        case.do(cmd.Ask(handover_id="h-1", question="Hur bor hen?"), BOB)
        adopt(case, closures=closed(*TUESDAY_AND_WEDNESDAY))

        case.do(cmd.Answer(handover_id="h-1", answer="I hus."), ALICE)

        assert accepting(case).due_at == local("2026-10-09T09:00")

    def test_other_kinds_of_time_and_other_units_do_not_move(self) -> None:
        case = sent()
        before = {c.id: c for c in case.state.clocks.values() if c.id != "accepted:h-1"}

        events = adopt(case, closures=closed(*TUESDAY_AND_WEDNESDAY))
        adopt(case, ALICE, closures=closed(*TUESDAY_AND_WEDNESDAY))

        assert {c.id: c for c in case.state.clocks.values() if c.id in before} == before
        assert len(things(events, ev.ClockMoved)) == 1

    def test_who_owes_the_answer_to_a_question_counts_its_own_hours(self) -> None:
        case = sent()
        case.do(cmd.Ask(handover_id="h-1", question="Hur bor hen?"), BOB)

        answering = case.clock(ClockKind.ANSWER, "h-1")

        # Alice never closes.
        assert answering.opening and answering.opening.unit == ALICE
        assert answering.due_at == case.now + timedelta(hours=18)

    def test_what_is_passed_on_goes_on_in_the_hours_in_which_it_began(self) -> None:
        case = sent()
        team = unit(BOBS_TEAM, hours=())

        case.do(cmd.Redirect(handover_id="h-1", to=team, reason="Fel team"), BOB)
        events = adopt(case, BOBS_TEAM, closures=closed(*TUESDAY_AND_WEDNESDAY))

        assert (accepting(case).owner, accepting(case).due_at) == (BOBS_TEAM, DUE)
        assert not things(events, ev.ClockMoved)


SPAN = st.integers(1, 60).map(lambda n: Budget(amount=n, counting=Counting.OPENING_HOURS))
STARTS = st.integers(0, 400 * 24 * 60).map(lambda n: minutes(local("2026-08-01T00:00"), n))
LATER = st.integers(0, 20 * 24 * 60)
CLOSURES = st.lists(
    st.builds(
        lambda first, days: Closure(
            first=date(2026, 8, 1) + timedelta(days=first),
            last=date(2026, 8, 1) + timedelta(days=first + days),
        ),
        st.integers(0, 430),
        st.integers(0, 20),
    ),
    max_size=4,
)
KINDS = st.sampled_from(["office", "lunch", "always", "saturdays", "sunday_nights"])
TRIED = settings(settings.get_profile("instants"), max_examples=150)


def running(budget: Budget, known: Opening, now: datetime) -> Clock:
    """A clock in a unit's hours."""
    promise = Promise(
        id="accepted:h-1",
        kind=ClockKind.ACCEPTED,
        subject="h-1",
        part="rehab",
        owner=BOB,
        counterpart=ALICE,
        budget=budget,
        ladder="handover",
    )
    return clocks.start(promise, ladder("handover"), calendar().of(known), now)


def counted_anew(clock: Clock, new: Opening, now: datetime) -> Clock:
    """The same promise in other hours."""
    return clocks.reproject(clock, ladder("handover"), calendar().of(clock.opening), new, now)


class TestLaws:
    @TRIED
    @given(budget=SPAN, began=STARTS, later=LATER, kind=KINDS, closures=CLOSURES)
    def test_a_closure_never_makes_due_earlier(
        self, budget: Budget, began: datetime, later: int, kind: str, closures: list[Closure]
    ) -> None:
        clock = running(budget, OPENINGS[kind], began)
        fewer = OPENINGS[kind].model_copy(update={"version": 2, "closures": tuple(closures)})

        after = counted_anew(clock, fewer, minutes(began, later))

        assert after.due_at >= clock.due_at
        assert after.span == clock.span

    @TRIED
    @given(budget=SPAN, began=STARTS, later=LATER, known=st.sampled_from([MORNINGS, LATE]))
    def test_hours_that_are_taken_away_never_make_due_earlier(
        self, budget: Budget, began: datetime, later: int, known: list[tuple[int, str, str]]
    ) -> None:
        clock = running(budget, hours_of(*OFFICE), began)

        after = counted_anew(clock, hours_of(*known), minutes(began, later))

        assert after.due_at >= clock.due_at

    @TRIED
    @given(budget=SPAN, began=STARTS, later=LATER, more=LATER, kind=KINDS, closures=CLOSURES)
    def test_the_same_hours_twice_change_nothing(
        self,
        budget: Budget,
        began: datetime,
        later: int,
        more: int,
        kind: str,
        closures: list[Closure],
    ) -> None:
        new = OPENINGS[kind].model_copy(update={"version": 2, "closures": tuple(closures)})
        once = counted_anew(running(budget, OPENINGS["office"], began), new, minutes(began, later))

        twice = counted_anew(once, new, minutes(began, later))
        again = counted_anew(once, new, minutes(began, later + more))

        assert twice == once
        assert again.due_at == once.due_at

    @TRIED
    @given(budget=SPAN, began=STARTS, later=LATER, kind=KINDS)
    def test_a_due_that_has_passed_stays(
        self, budget: Budget, began: datetime, later: int, kind: str
    ) -> None:
        clock = running(budget, OPENINGS["office"], began)

        after = counted_anew(clock, OPENINGS[kind], minutes(clock.due_at, later))

        assert after.due_at == clock.due_at

    @pytest.mark.parametrize("kind", ["never", "closes_for_ever"])
    def test_hours_that_never_come_again_are_not_waited_for(self, kind: str) -> None:
        """The one exception to the law of closures: what is left runs round the clock."""
        began = local("2026-10-05T10:00")
        clock = running(
            Budget(amount=24, counting=Counting.OPENING_HOURS), OPENINGS["office"], began
        )

        after = counted_anew(clock, OPENINGS[kind], began)

        assert after.due_at == local("2026-10-06T10:00") < clock.due_at
