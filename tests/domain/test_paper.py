"""Answers on paper: judged by when they were given, holding when a second person has confirmed."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import command as cmd
from domain import event as ev
from domain.calendar import Counting
from domain.call import PaperAnswer
from domain.clock import Clock, ClockKind
from domain.event import Event
from domain.explanation import explanations
from domain.handover import At, DeclineReason, HandoverState, Now, OnDischarge, TakesOver
from domain.journey import Actor, Role
from domain.ledger import ledgers
from domain.pathway import Purpose
from domain.record import Outcome, Verdict, adopted
from domain.waiting import waits
from tests import samples
from tests.samples import ALICE, BOB, BOBS_TEAM, Case, calendar, unit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST, SECOND = "u-first", "u-second"
ANSWER_CLOCKS = (ClockKind.ACKNOWLEDGED, ClockKind.ACCEPTED)


def by(subject: str, unit_: str = BOB) -> dict[str, Actor]:
    """Somebody at the receiver, by pseudonym."""
    return {"actor": Actor(subject=subject, unit=unit_, roles=(Role.COORDINATOR,))}


def paper(at: datetime) -> PaperAnswer:
    """A slip that was filled in at an instant."""
    return PaperAnswer(function="Samordnare", at=at)


def answered(wait: timedelta = 3 * DAY, **content: Any) -> tuple[Case, PaperAnswer]:
    """A handover that was answered two hours later on paper; nobody wrote it in for days."""
    case = Case()
    case.send(**content)
    slip = paper(case.now + 2 * HOUR)
    case.wait(wait)
    return case, slip


def accept(
    case: Case, slip: PaperAnswer | None, takes_over: TakesOver | None = None, who: str = FIRST
) -> tuple[Event, ...]:
    """A yes."""
    yes = cmd.Accept(handover_id="h-1", takes_over=takes_over or Now(), paper=slip)
    return case.do(yes, BOB, **by(who))


def acknowledge(case: Case, slip: PaperAnswer | None, who: str = FIRST) -> tuple[Event, ...]:
    """A reading."""
    return case.do(cmd.Acknowledge(handover_id="h-1", paper=slip), BOB, **by(who))


def decline(case: Case, slip: PaperAnswer | None, who: str = FIRST) -> tuple[Event, ...]:
    """A no."""
    no = cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY, paper=slip)
    return case.do(no, BOB, **by(who))


def confirm(case: Case, who: str = SECOND) -> tuple[Event, ...]:
    """The confirmation."""
    return case.do(cmd.ConfirmAnswer(handover_id="h-1"), BOB, **by(who))


def open_clocks(case: Case) -> list[ClockKind]:
    """What is still owed about the handover."""
    clocks = case.state.clocks.values()
    return [c.kind for c in clocks if c.subject == "h-1" and c.stopped_at is None]


class TestTime:
    def test_the_clocks_are_judged_by_when_it_was_said(self) -> None:
        case, slip = answered()

        accept(case, slip)

        for kind in ANSWER_CLOCKS:
            clock = case.clock(kind, "h-1")
            assert clock.stopped_at == slip.at
            assert clock.stopped_at < clock.due_at < case.now
        stops = case.happened(ev.ClockStopped)
        assert {s.because for s in stops if s.clock_id.endswith("h-1")} == {"kept"}

    def test_both_times_stand_beside_each_other(self) -> None:
        case, slip = answered()

        accept(case, slip)

        found = case.handover()
        assert (found.acknowledged_at, found.accepted_at) == (slip.at, slip.at)
        assert (found.reading_recorded_at, found.answer_recorded_at) == (case.now, case.now)
        assert (found.on_paper, found.proxied) == (True, False)
        assert found.provisional_since == case.now

    def test_what_is_answered_in_the_system_has_one_time(self) -> None:
        case, _ = answered()

        accept(case, None)

        found = case.handover()
        assert (found.accepted_at, found.answer_recorded_at) == (case.now, None)
        assert (found.reading_recorded_at, found.on_paper) == (None, False)

    def test_what_was_told_meanwhile_stays_and_nothing_more_is_told(self) -> None:
        case, slip = answered()
        before = [f for f in case.happened(ev.RungFired) if f.clock_id == "accepted:h-1"]

        accept(case, slip)
        confirm(case)
        case.wait(30 * DAY)

        fired = [f for f in case.happened(ev.RungFired) if f.clock_id == "accepted:h-1"]
        assert fired == before
        assert any(f.due_at > slip.at for f in before)

    def test_after_the_entry_it_is_late_no_more(self) -> None:
        case, slip = answered()
        assert late(case, ClockKind.ACCEPTED)

        accept(case, slip)

        assert not late(case, ClockKind.ACCEPTED)
        assert not late(case, ClockKind.ACKNOWLEDGED)

    def test_an_answer_that_was_late_on_paper_stays_late(self) -> None:
        case, _ = answered(wait=2 * DAY + HOUR)
        slip = paper(case.now)
        case.wait(DAY)

        accept(case, slip)

        clock = case.clock(ClockKind.ACCEPTED, "h-1")
        assert clock.stopped_at == slip.at and clock.stopped_at > clock.due_at

    def test_whose_time_it_was_ends_when_it_was_said(self) -> None:
        case, slip = answered()

        accept(case, slip)
        confirm(case)

        found = ledgers(case.log, "h-1", case.now, Counting.HOURS, calendar())
        assert found is not None and not found.open
        assert found.patient.seconds == found.receiver.seconds == 2 * 3600
        assert found.sender.seconds == 0

    def test_a_question_that_was_asked_after_it_takes_no_time(self) -> None:
        case = Case()
        case.send()
        slip = paper(case.now + 2 * HOUR)
        case.wait(5 * HOUR)
        case.do(cmd.Ask(handover_id="h-1", question="Hiss?"), BOB)
        case.wait(2 * DAY)

        accept(case, slip)

        found = ledgers(case.log, "h-1", case.now, Counting.HOURS, calendar())
        assert found is not None
        assert (found.receiver.seconds, found.sender.seconds) == (2 * 3600, 0)
        assert open_clocks(case) == [ClockKind.CONFIRMATION]

    def test_every_due_is_still_explained_by_the_log(self) -> None:
        case, slip = answered()
        accept(case, slip)
        confirm(case)

        assert [e.clock_id for e in explanations(case.log).values() if not e.agrees] == []

    def test_nobody_waits_for_an_answer_that_was_entered(self) -> None:
        case, slip = answered()
        assert "answer:h-1" in waits(case.state)

        accept(case, slip)
        entered = waits(case.state)
        confirm(case)

        assert "answer:h-1" not in entered
        assert waits(case.state)["first_contact:h-1"].since == case.now


class TestConfirmation:
    def test_the_part_moves_when_a_second_person_confirms(self) -> None:
        case, slip = answered()
        accept(case, slip)
        assert (case.handover().state, case.state.holder("rehab")) == ("accepted", ALICE)
        assert case.clock(ClockKind.CONFIRMATION, "h-1").owner == BOB
        case.wait(HOUR)

        confirm(case)

        assert case.state.holder("rehab") == BOB
        assert case.handover().taken_over_at == case.now
        assert case.happened(ev.AnswerConfirmed)[0].by == "second_person"
        assert case.clock(ClockKind.CONFIRMATION, "h-1").stopped_at == case.now

    def test_who_wrote_it_in_does_not_confirm_it(self) -> None:
        case, slip = answered()
        accept(case, slip)

        refused = case.refusal(cmd.ConfirmAnswer(handover_id="h-1"), BOB, **by(FIRST))

        assert refused.code == "second_person_missing"

    def test_the_sender_does_not_confirm_it(self) -> None:
        case, slip = answered()
        accept(case, slip)

        refused = case.refusal(cmd.ConfirmAnswer(handover_id="h-1"), ALICE, **by(SECOND, ALICE))

        assert refused.code == "not_receiver"

    def test_also_what_is_written_in_the_same_hour_takes_two(self) -> None:
        case, slip = answered(wait=2 * HOUR)

        accept(case, slip)

        assert case.handover().unconfirmed
        assert case.state.holder("rehab") == ALICE

    def test_a_second_person_who_answers_in_the_system_confirms_the_reading(self) -> None:
        case, slip = answered()
        acknowledge(case, slip)

        accept(case, None, who=SECOND)

        assert case.state.holder("rehab") == BOB
        assert open_clocks(case) == [ClockKind.FIRST_CONTACT]

    def test_who_wrote_in_a_reading_may_answer_for_himself_at_once(self) -> None:
        case, slip = answered()
        acknowledge(case, slip)

        accept(case, None)

        assert case.state.holder("rehab") == BOB
        assert case.handover().provisional_since is not None
        assert set(open_clocks(case)) == {ClockKind.FIRST_CONTACT, ClockKind.CONFIRMATION}
        confirm(case)
        assert open_clocks(case) == [ClockKind.FIRST_CONTACT]

    def test_a_reading_on_paper_holds_back_nothing_that_was_agreed_beforehand(self) -> None:
        case, slip = answered()
        acknowledge(case, slip)
        terms = At(at=case.now + 2 * DAY)
        case.do(cmd.Propose(handover_id="h-1", takes_over=terms), BOB, **by(FIRST))
        case.do(cmd.TakeProposal(handover_id="h-1"), ALICE)
        armed = case.clock(ClockKind.TAKE_OVER, "h-1")
        case.wait(HOUR)

        confirm(case)

        assert case.clock(ClockKind.TAKE_OVER, "h-1") == armed
        case.wait_until(terms.at)
        assert case.state.holder("rehab") == BOB

    def test_a_no_waits_for_its_confirmation_and_the_part_stays(self) -> None:
        case, slip = answered()

        decline(case, slip)

        found = case.handover()
        assert (found.declined_at, found.answer_recorded_at) == (slip.at, case.now)
        assert open_clocks(case) == [ClockKind.CONFIRMATION]
        confirm(case)
        assert open_clocks(case) == []
        assert case.state.holder("rehab") == ALICE

    def test_a_no_that_the_sender_disputes_needs_no_confirmation_any_more(self) -> None:
        case, slip = answered()
        decline(case, slip)

        case.do(cmd.Dispute(handover_id="h-1", reason="Er kommun."), ALICE)

        assert open_clocks(case) == [ClockKind.DISPUTE]
        assert case.handover().provisional_since is None
        assert case.handover().answer_recorded_at is None

    def test_a_reading_that_the_receiver_disputes_still_does(self) -> None:
        case, slip = answered()
        acknowledge(case, slip)

        case.do(cmd.Dispute(handover_id="h-1", reason="Inte vår."), BOB, **by(FIRST))

        assert ClockKind.CONFIRMATION in open_clocks(case)
        confirm(case)
        assert ClockKind.CONFIRMATION not in open_clocks(case)

    def test_a_reading_on_paper_is_void_when_it_is_passed_on(self) -> None:
        case, slip = answered()
        acknowledge(case, slip)

        on = cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="Hemrehab.")
        case.do(on, BOB, **by(FIRST))

        found = case.handover()
        assert (found.provisional_since, found.on_paper, found.acknowledged_at) == (
            None,
            False,
            None,
        )
        assert ClockKind.CONFIRMATION not in open_clocks(case)

    def test_what_only_informs_is_read_on_paper_too(self) -> None:
        case = Case()
        case.send(purpose=Purpose.INFORM)
        slip = paper(case.now + HOUR)
        case.wait(3 * DAY)

        acknowledge(case, slip)
        confirm(case)

        assert case.handover().state is HandoverState.ACKNOWLEDGED
        assert open_clocks(case) == []


class TestTakeOver:
    def test_an_instant_that_passed_meanwhile_means_at_once(self) -> None:
        case, slip = answered()

        accept(case, slip, At(at=slip.at + 4 * HOUR))
        assert case.state.holder("rehab") == ALICE
        confirm(case)

        assert case.state.holder("rehab") == BOB

    def test_an_instant_that_lies_ahead_comes_after_the_confirmation(self) -> None:
        case, slip = answered()
        at = case.now + 2 * HOUR

        accept(case, slip, At(at=at))
        confirm(case)

        assert case.state.holder("rehab") == ALICE
        case.wait_until(at)
        assert case.state.holder("rehab") == BOB

    def test_an_instant_before_the_answer_was_given_is_refused(self) -> None:
        case, slip = answered()
        yes = cmd.Accept(handover_id="h-1", takes_over=At(at=slip.at - HOUR), paper=slip)

        assert case.refusal(yes, BOB).code == "instant_in_past"

    def test_a_patient_who_left_meanwhile_is_taken_over_at_the_confirmation(self) -> None:
        case = Case()
        case.complete("assessment")
        case.send(estimated_discharge_at=case.now + 2 * DAY)
        slip = paper(case.now + 2 * HOUR)
        case.wait(2 * DAY)
        case.do(cmd.RecordDeparture(at=case.now, to="Hemmet"), ALICE)
        assert case.clock(ClockKind.ALARM, "rehab").running
        case.wait(DAY)

        accept(case, slip, OnDischarge())
        assert case.clock(ClockKind.ALARM, "rehab").running
        confirm(case)

        assert case.state.holder("rehab") == BOB
        assert case.clock(ClockKind.ALARM, "rehab").stopped_at == case.now

    def test_a_leaving_before_the_confirmation_moves_nothing(self) -> None:
        case = Case()
        case.complete("assessment")
        case.send(estimated_discharge_at=case.now + 2 * DAY)
        slip = paper(case.now + 2 * HOUR)
        case.wait(2 * DAY)
        accept(case, slip, OnDischarge())

        case.do(cmd.RecordDeparture(at=case.now, to="Hemmet"), ALICE)

        assert case.state.holder("rehab") == ALICE
        assert case.clock(ClockKind.ALARM, "rehab").running
        confirm(case)
        assert case.state.holder("rehab") == BOB


class TestRefused:
    def codes(self, case: Case, at: datetime, sender: str = BOB) -> set[str]:
        """What each of the three answers is refused with."""
        slip = paper(at)
        answers: tuple[cmd.Command, ...] = (
            cmd.Acknowledge(handover_id="h-1", paper=slip),
            cmd.Accept(handover_id="h-1", takes_over=Now(), paper=slip),
            cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY, paper=slip),
        )
        return {case.refusal(answer, sender).code for answer in answers}

    def test_paper_lies_between_the_sending_and_now(self) -> None:
        case, _ = answered()
        sent_at = case.handover().sent_at
        assert sent_at is not None

        assert self.codes(case, sent_at - timedelta(seconds=1)) == {"paper_before_sending"}
        assert self.codes(case, case.now + timedelta(seconds=1)) == {"instant_in_future"}

    def test_what_was_announced_is_answered_on_paper_only_after_it_was_sent(self) -> None:
        case = Case()
        announced_at = case.now
        case.do(announcement(case), ALICE)
        case.wait(DAY)
        case.do(samples.send().model_copy(update={"announced": True}), ALICE)
        case.wait(DAY)

        assert self.codes(case, announced_at + HOUR) == {"paper_before_sending"}

    def test_the_sender_answers_nothing_on_paper(self) -> None:
        case, slip = answered()

        assert self.codes(case, slip.at, ALICE) == {"not_receiver"}

    @pytest.mark.parametrize("caller", [samples.HEALTH_CENTRE, samples.CHARLIE])
    def test_nor_does_anybody_else(self, caller: str) -> None:
        case, slip = answered()

        assert self.codes(case, slip.at, caller) == {"not_receiver"}

    def test_who_calls_for_a_unit_without_a_system_has_no_slip_of_it(self) -> None:
        case = Case()
        case.do(samples.send(to=samples.UNCONNECTED), ALICE)
        case.wait(DAY)
        proxy = unit(samples.UNCONNECTED).proxy_owner
        assert proxy is not None

        assert self.codes(case, case.now - HOUR, proxy) == {"paper_not_yours"}


def test_the_state_is_the_fold_of_what_was_written() -> None:
    case, slip = answered()
    before = case.state
    written = accept(case, slip) + confirm(case)

    assert adopted(before, Outcome(verdict=Verdict.BEHIND, events=written)) == case.state


def late(case: Case, kind: ClockKind) -> bool:
    """Whether a promise about the handover is broken now."""
    clock: Clock = case.clock(kind, "h-1")
    return clock.late(case.now)


def announcement(case: Case) -> cmd.Announce:
    """A pre-notice that becomes the handover."""
    return cmd.Announce(
        handover_id="h-1",
        part="rehab",
        purpose=Purpose.TAKE_PART,
        to=unit(BOB),
        estimated_at=case.now + 3 * DAY,
        requested="Träning i hemmet.",
        legal_basis="consent",
        consent_ref="S-1",
    )
