"""Whose time it is: the receiver's and the sender's together are the patient's."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import command as cmd
from domain.calendar import Counting
from domain.call import PaperAnswer
from domain.clock import ClockKind
from domain.handover import At, DeclineReason, Now, WithdrawReason
from domain.ledger import Interval, Ledgers, Side, ledgers
from domain.pathway import Purpose
from domain.unit import Function
from tests import samples
from tests.domain.promises.offers import phone_call
from tests.samples import ALICE, BOB, BOBS_TEAM, MONDAY, UNCONNECTED, Case, calendar, local, unit

HOUR = timedelta(hours=1)


def sent(now: datetime = MONDAY) -> Case:
    """A handover that waits for its answer."""
    case = Case(now=now)
    case.send()
    return case


def of(case: Case, counting: Counting = Counting.HOURS) -> Ledgers:
    """The three accounts now."""
    found = ledgers(case.log, "h-1", case.now, counting, calendar())
    assert found is not None
    return found


def hours(found: Ledgers) -> tuple[float, float, float]:
    """Receiver, sender, patient."""
    accounts = (found.receiver, found.sender, found.patient)
    one, two, three = (account.seconds / 3600 for account in accounts)
    return one, two, three


def ask(case: Case) -> None:
    """The receiver asks."""
    case.do(cmd.Ask(handover_id="h-1", question="Vad?"), BOB)


def answer(case: Case) -> None:
    """The sender answers."""
    case.do(cmd.Answer(handover_id="h-1", answer="Det."), ALICE)


def propose(case: Case) -> None:
    """The receiver offers other terms."""
    terms = At(at=case.now + timedelta(days=9))
    case.do(cmd.Propose(handover_id="h-1", takes_over=terms, text="Senare."), BOB)


class TestByHand:
    def test_what_was_never_sent_has_no_accounts(self) -> None:
        assert ledgers(Case().log, "h-1", MONDAY, Counting.HOURS, calendar()) is None

    def test_silence_is_the_receivers_and_goes_on(self) -> None:
        case = sent()
        case.wait(5 * HOUR)

        found = of(case)

        assert hours(found) == (5, 0, 5)
        assert found.open
        assert found.intervals == (
            Interval(
                side=Side.RECEIVER,
                since=MONDAY.astimezone(UTC),
                until=case.now,
                because="sent",
            ),
        )

    def test_a_question_is_the_senders_until_the_answer(self) -> None:
        case = sent()
        case.wait(2 * HOUR)
        ask(case)
        case.wait(3 * HOUR)
        answer(case)
        case.wait(4 * HOUR)
        case.accept(Now())
        case.wait(50 * HOUR)

        found = of(case)

        assert hours(found) == (6, 3, 9)
        assert not found.open
        assert [(i.side, i.because) for i in found.intervals] == [
            (Side.RECEIVER, "sent"),
            (Side.SENDER, "question"),
            (Side.RECEIVER, "answer"),
        ]

    def test_what_is_only_to_be_read_ends_when_it_is_read(self) -> None:
        case = Case()
        case.send(purpose=Purpose.INFORM)
        case.wait(3 * HOUR)
        case.do(cmd.Acknowledge(handover_id="h-1"), BOB)
        case.wait(100 * HOUR)

        found = of(case)

        assert hours(found) == (3, 0, 3)
        assert not found.open

    def test_reading_what_waits_for_an_answer_ends_nothing(self) -> None:
        case = sent()
        case.wait(3 * HOUR)
        case.do(cmd.Acknowledge(handover_id="h-1"), BOB)
        case.wait(4 * HOUR)

        assert hours(of(case)) == (7, 0, 7)
        assert of(case).open

    def test_a_proposal_is_the_senders_until_it_is_taken(self) -> None:
        case = sent()
        case.wait(HOUR)
        propose(case)
        case.wait(7 * HOUR)
        case.do(cmd.TakeProposal(handover_id="h-1"), ALICE)
        case.wait(HOUR)

        assert hours(of(case)) == (1, 7, 8)

    def test_a_refused_proposal_gives_the_word_back(self) -> None:
        case = sent()
        propose(case)
        case.wait(2 * HOUR)
        case.do(cmd.RefuseProposal(handover_id="h-1", reason="Nej."), ALICE)
        case.wait(3 * HOUR)

        assert hours(of(case)) == (3, 2, 5)

    def test_a_hold_is_the_senders(self) -> None:
        case = sent()
        case.wait(HOUR)
        case.do(cmd.RecordAdmission(at=case.now), ALICE)
        case.wait(48 * HOUR)
        case.do(cmd.Resume(handover_id="h-1"), ALICE)
        case.wait(2 * HOUR)

        assert hours(of(case)) == (3, 48, 51)

    def test_a_question_that_is_answered_on_hold_leaves_it_with_the_sender(self) -> None:
        case = sent()
        ask(case)
        case.wait(HOUR)
        case.do(cmd.RecordAdmission(at=case.now), ALICE)
        case.wait(HOUR)
        answer(case)
        case.wait(HOUR)
        case.do(cmd.Resume(handover_id="h-1"), ALICE)
        case.wait(HOUR)

        assert hours(of(case)) == (1, 3, 4)

    def test_passing_on_changes_nobodys_turn(self) -> None:
        case = sent()
        case.wait(2 * HOUR)
        case.do(cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="Till teamet."), BOB)
        case.wait(HOUR)

        assert hours(of(case)) == (3, 0, 3)

    def test_a_no_and_a_withdrawal_end_it(self) -> None:
        declined, withdrawn = sent(), sent()
        for case in (declined, withdrawn):
            case.wait(HOUR)
        declined.do(cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY), BOB)
        withdrawn.do(cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.NO_LONGER_NEEDED), ALICE)

        for case in (declined, withdrawn):
            case.wait(9 * HOUR)
            assert (hours(of(case)), of(case).open) == ((1, 0, 1), False)

    def test_a_no_that_is_disputed_stands_open_again(self) -> None:
        case = sent()
        case.wait(HOUR)
        case.do(cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY), BOB)
        case.wait(5 * HOUR)
        case.do(cmd.Dispute(handover_id="h-1", reason="Ert uppdrag."), ALICE)
        case.wait(2 * HOUR)

        found = of(case)

        assert hours(found) == (3, 0, 3)
        assert found.open and found.intervals[-1].because == "dispute"

    def test_a_death_ends_it(self) -> None:
        case = sent()
        case.wait(3 * HOUR)
        case.do(cmd.RecordDeath(at=case.now - HOUR), ALICE)
        case.wait(HOUR)

        assert (hours(of(case)), of(case).open) == ((2, 0, 2), False)

    def test_the_clocks_own_kind_of_time_stands_beside(self) -> None:
        case = sent(local("2026-10-02T12:00"))  # a Friday
        case.wait_until(local("2026-10-05T12:00"))

        found = of(case, Counting.WORKING_DAYS)

        assert found.patient.seconds == 72 * 3600
        assert found.patient.counted_seconds == 24 * 3600


class TestLateEntries:
    def test_a_yes_by_telephone_that_is_entered_late_counts_from_the_call(self) -> None:
        case = Case()
        case.do(samples.send(to=UNCONNECTED), ALICE)
        case.wait(2 * HOUR)
        call = phone_call(case.now)
        case.wait(3 * HOUR)
        case.do(cmd.Accept(handover_id="h-1", takes_over=Now(), call=call), ALICE)
        case.wait(HOUR)

        assert (hours(of(case)), of(case).open) == ((2, 0, 2), False)

    def test_an_answer_on_paper_is_judged_by_when_it_was_written(self) -> None:
        case = sent(local("2026-10-02T08:00"))
        case.wait(2 * HOUR)
        paper = PaperAnswer(function=Function.COORDINATOR, at=case.now)
        case.wait(70 * HOUR)
        case.do(cmd.Accept(handover_id="h-1", takes_over=Now(), paper=paper), BOB)

        assert (hours(of(case)), of(case).open) == ((2, 0, 2), False)
        assert case.clock(ClockKind.ACCEPTED, "h-1").stopped_at == paper.at

    def test_what_came_between_is_cut_at_the_instant_of_the_answer(self) -> None:
        case = sent()
        case.wait(2 * HOUR)
        paper = PaperAnswer(function=Function.COORDINATOR, at=case.now)
        case.wait(HOUR)
        case.do(cmd.RecordAdmission(at=case.now), ALICE)
        case.wait(HOUR)
        case.do(cmd.Resume(handover_id="h-1"), ALICE)
        case.wait(HOUR)
        case.do(cmd.Accept(handover_id="h-1", takes_over=Now(), paper=paper), BOB)

        assert hours(of(case)) == (2, 0, 2)


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ask", "answer", "propose", "refuse", "admit", "resume", "nothing"]),
        st.integers(0, 3 * 86_400).map(lambda seconds: timedelta(seconds=seconds)),
    ),
    max_size=12,
)
COUNTINGS = st.sampled_from([c for c in Counting if c is not Counting.OPENING_HOURS])


def played(moves: list[tuple[str, timedelta]]) -> Case:
    """A handover that goes to and fro; what cannot be done then is left out."""
    case = sent()
    refuse = cmd.RefuseProposal(handover_id="h-1", reason="Nej.")
    for move, span in moves:
        case.wait(span)
        state = case.handover()
        if move == "ask" and not (state.question_since or state.held_since or state.proposed_since):
            ask(case)
        elif move == "answer" and state.question_since:
            answer(case)
        elif move == "propose" and not (
            state.question_since or state.held_since or state.proposed_since
        ):
            propose(case)
        elif move == "refuse" and state.proposed_since and not state.held_since:
            case.do(refuse, ALICE)
        elif move == "admit" and not state.held_since and case.state.admitted is None:
            case.do(cmd.RecordAdmission(at=case.now), ALICE)
        elif move == "resume" and state.held_since:
            case.do(cmd.Resume(handover_id="h-1"), ALICE)
    return case


class TestProperties:
    @settings(max_examples=60, deadline=None)
    @given(moves=MOVES)
    def test_no_instant_is_lost_and_none_counts_twice(
        self, moves: list[tuple[str, timedelta]]
    ) -> None:
        case = played(moves)

        found = of(case).intervals

        ends = [(i.since, i.until) for i in found]
        assert all(since < until for since, until in ends)
        assert all(a[1] == b[0] for a, b in pairwise(ends))
        waited = sum((until - since for since, until in ends), timedelta())
        assert waited == case.now - MONDAY

    @settings(max_examples=60, deadline=None)
    @given(moves=MOVES, counting=COUNTINGS)
    def test_both_sides_make_the_patients_time(
        self, moves: list[tuple[str, timedelta]], counting: Counting
    ) -> None:
        found = of(played(moves), counting)

        for name in ("seconds", "counted_seconds"):
            sides = (getattr(side, name) for side in (found.receiver, found.sender))
            assert sum(sides) == getattr(found.patient, name)


def test_both_sides_make_the_patients_time_to_the_second() -> None:
    case, half = sent(), timedelta(seconds=1.5)
    case.wait(half)
    ask(case)
    case.wait(half)

    found = of(case)

    assert found.receiver.seconds + found.sender.seconds == found.patient.seconds


def test_a_death_that_is_undone_leaves_the_answer_owed() -> None:
    case = sent()
    case.wait(HOUR)
    case.do(cmd.RecordDeath(at=case.now), ALICE)
    case.wait(HOUR)
    case.do(cmd.UndoDeath(reason="Fel patient."), ALICE)
    case.wait(HOUR)

    found = of(case)

    assert case.clock(ClockKind.ACCEPTED, "h-1").running
    assert found.open
    assert hours(found) == (3, 0, 3)
