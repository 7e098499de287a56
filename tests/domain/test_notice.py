"""Notices: who is told of what, by which way, and never about whom."""

from datetime import timedelta

import pytest

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.event import Event
from domain.facts import Protection
from domain.handover import At, DeclineReason, WithdrawReason
from domain.notice import Notice, NoticeKind, notices
from domain.pathway import Purpose
from domain.record import entry
from domain.unit import ChannelKind, Contact, Function, Route
from tests import samples
from tests.samples import (
    ALICE,
    BOB,
    BOBS_TEAM,
    CHARLIE,
    NOBODY_HOLDS_OPERATIONS,
    UNCONNECTED,
    Case,
    things,
    unit,
)

PROXY = "SE0000000000-TESTRVMVCSKI"
Told = tuple[NoticeKind, str, Function]


def told(case: Case, events: tuple[Event, ...]) -> list[Told]:
    """Each telling once, whatever the ways."""
    found = [(n.kind, n.unit, n.function) for n in notices(events, case.state)]
    return list(dict.fromkeys(found))


def sent(to: str = BOB) -> Case:
    case = Case()
    case.send(to)
    return case


class TestHandovers:
    def test_the_receiver_is_told_that_it_has_arrived(self) -> None:
        case = Case()

        events = case.send()

        assert told(case, events) == [(NoticeKind.HANDOVER_ARRIVED, BOB, Function.INBOX)]

    def test_a_take_over_at_once_is_told_once(self) -> None:
        case = sent()

        events = case.accept()

        assert told(case, events) == [(NoticeKind.HANDOVER_TAKEN_OVER, ALICE, Function.INBOX)]

    def test_the_sender_is_told_of_a_take_over_that_comes_by_itself(self) -> None:
        case = sent()
        case.accept(At(at=case.now + timedelta(hours=1)))

        events = case.wait(timedelta(hours=1))

        assert (NoticeKind.HANDOVER_TAKEN_OVER, ALICE, Function.INBOX) in told(case, events)

    @pytest.mark.parametrize(
        ("command", "by", "expected"),
        [
            (cmd.Acknowledge(handover_id="h-1"), BOB, []),
            (
                cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY),
                BOB,
                [(NoticeKind.HANDOVER_DECLINED, ALICE, Function.INBOX)],
            ),
            (
                cmd.Ask(handover_id="h-1", question="Finns hiss?"),
                BOB,
                [(NoticeKind.QUESTION_ASKED, ALICE, Function.INBOX)],
            ),
            (
                cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.SENT_IN_ERROR),
                ALICE,
                [(NoticeKind.HANDOVER_WITHDRAWN, BOB, Function.INBOX)],
            ),
            (
                cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="Teamet."),
                BOB,
                [
                    (NoticeKind.HANDOVER_ARRIVED, BOBS_TEAM, Function.INBOX),
                    (NoticeKind.HANDOVER_REDIRECTED, ALICE, Function.INBOX),
                ],
            ),
        ],
    )
    def test_the_other_side_is_told(
        self, command: cmd.Command, by: str, expected: list[Told]
    ) -> None:
        case = sent()

        events = case.do(command, by)

        assert told(case, events) == expected

    def test_the_receiver_is_told_of_the_answer(self) -> None:
        case = sent()
        case.do(cmd.Ask(handover_id="h-1", question="Finns hiss?"), BOB)

        events = case.do(cmd.Answer(handover_id="h-1", answer="Ja."), ALICE)

        assert told(case, events) == [(NoticeKind.QUESTION_ANSWERED, BOB, Function.INBOX)]

    def test_a_stopped_redirect_goes_to_a_function_of_both_principals(self) -> None:
        case = sent()
        back = cmd.Redirect(handover_id="h-1", to=unit(BOB), reason="Åter.")
        case.do(cmd.Redirect(handover_id="h-1", to=unit(BOBS_TEAM), reason="Teamet."), BOB)

        events = case.do(back, BOBS_TEAM)

        assert told(case, events) == [
            (NoticeKind.REDIRECT_STOPPED, BOBS_TEAM, Function.PRINCIPAL),
            (NoticeKind.REDIRECT_STOPPED, ALICE, Function.PRINCIPAL),
        ]

    def test_work_inside_a_unit_tells_nobody(self) -> None:
        case = Case()

        assert notices(case.complete("assessment"), case.state) == []


class TestClocks:
    def test_a_departure_alarms_both_sides_at_once(self) -> None:
        case = Case()
        case.complete("assessment")
        case.send()

        events = case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)

        alarms = [n for n in notices(events, case.state) if n.subject == "rehab"]
        assert {n.kind for n in alarms} == {NoticeKind.ALARM}
        assert {(n.unit, n.function) for n in alarms} == {
            (ALICE, Function.MANAGER),
            (ALICE, Function.COORDINATOR),
            (BOB, Function.MANAGER),
            (BOB, Function.INBOX),
        }

    def test_a_reminder_names_its_clock_and_rung(self) -> None:
        case = sent()

        events = case.wait(timedelta(days=1))

        about = [n for n in notices(events, case.state) if n.clock_id == "accepted:h-1"]
        assert {(n.kind, n.rung, n.subject) for n in about} == {
            (NoticeKind.REMINDER, "half", "h-1")
        }

    def test_who_cannot_be_reached_gets_no_notice(self) -> None:
        case = sent(NOBODY_HOLDS_OPERATIONS)
        case.wait(timedelta(days=2))

        events = case.wait(timedelta(days=1))

        (rung,) = [r for r in things(events, ev.RungFired) if r.rung == "one_day_late"
                   and r.clock_id == "accepted:h-1"]  # fmt: skip
        assert rung.outcome == "nobody_to_tell"
        told = [n for n in notices(events, case.state) if n.clock_id == "accepted:h-1"]
        assert not [n for n in told if n.rung == "one_day_late"]


class TestRoutes:
    def test_a_connected_unit_is_told_in_its_inbox_and_by_mail(self) -> None:
        case = Case()

        found = notices(case.send(), case.state)

        assert [(n.channel, n.address) for n in found] == [
            (ChannelKind.INBOX, None),
            (ChannelKind.MAIL, "inkorg.k1980reh@example.invalid"),
        ]

    def test_an_unconnected_unit_is_told_by_mail_alone(self) -> None:
        case = Case()

        found = notices(case.send(UNCONNECTED), case.state)

        arrived = [n for n in found if n.unit == UNCONNECTED]
        assert [(n.kind, n.channel) for n in arrived] == [
            (NoticeKind.HANDOVER_ARRIVED, ChannelKind.MAIL)
        ]

    def test_who_calls_on_behalf_of_an_unconnected_unit_is_told_to(self) -> None:
        case = Case()

        events = case.send(UNCONNECTED)

        assert told(case, events) == [
            (NoticeKind.HANDOVER_ARRIVED, UNCONNECTED, Function.INBOX),
            (NoticeKind.CALL_TASK, PROXY, Function.INBOX),
        ]

    def test_without_anybody_to_call_on_its_behalf_the_sender_is_told_to(self) -> None:
        case = Case()

        events = case.do(samples.send(unit(UNCONNECTED, proxy_owner=None)), ALICE)

        assert (NoticeKind.CALL_TASK, ALICE, Function.INBOX) in told(case, events)

    def test_who_is_to_call_but_is_not_known_to_the_journey_leaves_it_to_the_sender(self) -> None:
        case = Case()
        command = samples.send(UNCONNECTED).model_copy(update={"stand_ins": ()})

        events = case.do(command, ALICE)

        assert (NoticeKind.CALL_TASK, ALICE, Function.INBOX) in told(case, events)

    def test_a_telephone_is_no_route(self) -> None:
        by_phone = unit(
            UNCONNECTED, contacts=(Contact(function=Function.INBOX, phone="010-000 00 00"),)
        )

        assert by_phone.routes(Function.INBOX) == ()

    def test_a_function_that_nobody_holds_has_no_route(self) -> None:
        assert unit(NOBODY_HOLDS_OPERATIONS).routes(Function.OPERATIONS) == ()

    def test_a_connected_unit_always_has_its_inbox(self) -> None:
        assert unit(BOB, contacts=()).routes(Function.INBOX) == (Route(ChannelKind.INBOX),)

    def test_no_route_means_no_notice(self) -> None:
        case = Case()
        silent = unit(
            UNCONNECTED, contacts=(Contact(function=Function.MANAGER, mail="m@example.invalid"),)
        )

        events = case.do(samples.send(silent), ALICE)

        assert [n for n in notices(events, case.state) if n.unit == UNCONNECTED] == []
        assert {(n.kind, n.unit) for n in notices(events, case.state)} == {
            (NoticeKind.CALL_TASK, PROXY)
        }


class TestWhatANoticeHolds:
    def all_notices(self) -> list[Notice]:
        case = sent()
        case.complete("assessment")
        case.do(cmd.Ask(handover_id="h-1", question="Finns hiss?"), BOB)
        case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)
        case.wait(timedelta(days=40))
        return notices(tuple(case.log), case.state)

    def test_ids_are_unique_and_the_same_when_asked_again(self) -> None:
        ids = [n.id for n in self.all_notices()]

        assert len(ids) == len(set(ids)) > 20
        assert ids == [n.id for n in self.all_notices()]

    def test_it_never_identifies_the_patient_nor_repeats_content(self) -> None:
        written = " ".join(n.model_dump_json() for n in self.all_notices())

        for secret in ("194408139089", "Testpatient", "p-1", "hiss", "hemmet", "bryggan"):
            assert secret not in written

    def test_a_third_unit_is_never_told(self) -> None:
        assert CHARLIE not in {n.unit for n in self.all_notices()}

    def test_the_record_of_a_command_carries_its_notices(self) -> None:
        case = Case()
        before = case.state
        envelope = samples.envelope(samples.send(purpose=Purpose.TAKE_PART), ALICE)

        record = entry(before, case.do(envelope.command, ALICE), envelope)

        assert record.notices == tuple(notices(record.events, case.state))
        assert record.expected_seq == before.seq


def test_good_news_goes_to_the_inbox_alone_and_by_mail_where_there_is_none() -> None:
    case = sent()

    events = case.accept()
    far_off = case.state.model_copy(
        update={"units": {**case.state.units, ALICE: unit(ALICE, connected=False)}}
    )

    assert [n.channel for n in notices(events, case.state)] == [ChannelKind.INBOX]
    assert [n.channel for n in notices(events, far_off)] == [ChannelKind.MAIL]


class TestProtected:
    """Only the inbox tells of a protected patient, and no rung says that mail does."""

    def mail_only(self) -> Case:
        """A receiver that only mail reaches, and a patient who comes to be protected."""
        case = sent(UNCONNECTED)
        protect = cmd.ChangeProtection(at=case.now, protection=Protection.SECRECY_MARKING)
        case.do(protect, ALICE)
        return case

    def test_who_has_only_mail_is_nobody_to_tell_and_the_next_rung_comes_at_once(self) -> None:
        case = self.mail_only()
        first = case.clock(ClockKind.ACCEPTED, "h-1").next_at

        events = case.wait_until(first)

        fired = [r for r in things(events, ev.RungFired) if r.clock_id == "accepted:h-1"]
        assert fired[0].outcome == "nobody_to_tell"
        assert fired[1].due_at == fired[0].due_at

    def test_who_is_told_gets_a_notice(self) -> None:
        case = self.mail_only()

        events = case.wait(timedelta(days=12))

        for event in (e for e in events if isinstance(e.what, ev.RungFired)):
            what = event.what
            assert isinstance(what, ev.RungFired)
            told = {(t.unit, t.function) for t in what.told if t.reached and not t.quiet}
            found = notices((event,), case.state)
            assert {(n.unit, n.function) for n in found} == told
            assert {n.channel for n in found} <= {ChannelKind.INBOX}
