"""Who hears in another's place, and when: substitutes, closed units, rungs with nobody to tell."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.event import Event, Told
from domain.facts import Protection
from domain.journey import Role
from domain.notice import NoticeKind, notices
from domain.opening import opens_at
from domain.unit import ChannelKind, Closure, Contact, Function, Substitute
from tests.samples import (
    ALICE,
    BOB,
    BOBS_NURSES,
    BOBS_TEAM,
    NOBODY_HOLDS_OPERATIONS,
    Case,
    calendar,
    day,
    local,
    things,
    unit,
)

KEEPER = (Role.CATALOGUE,)
ANSWER = "accepted:h-1"
# Two working days from Friday 14:30: rungs on Monday 14:30, on Tuesday 04:54 and 14:30.
FRIDAY = local("2026-12-18T14:30")
HALF, FOUR_FIFTHS, DUE = map(local, ("2026-12-21T14:30", "2026-12-22T04:54", "2026-12-22T14:30"))


def sent(to: str = BOB) -> Case:
    """A handover, two working days to answer."""
    case = Case(now=FRIDAY)
    case.send(to)
    return case


def adopt(case: Case, hsa_id: str = BOB, stand_ins: tuple[str, ...] = (), **change: Any) -> None:
    """A unit has changed."""
    known = case.state.units[hsa_id]
    changed = known.model_copy(update={"version": known.version + 1, **change})
    others = tuple(map(unit, stand_ins))
    case.do(cmd.AdoptUnit(unit=changed, stand_ins=others), hsa_id, roles=KEEPER)


def instead(by: Function, of: Function = Function.MANAGER, **change: Any) -> Substitute:
    """A substitute for a week around due."""
    given = {"function": of, "by": by, "first": day("2026-12-21"), "last": day("2026-12-27")}
    return Substitute.model_validate({**given, **change})


def rungs(events: tuple[Event, ...]) -> list[ev.RungFired]:
    """What was told of the answer."""
    return [r for r in things(events, ev.RungFired) if r.clock_id == ANSWER]


def told_at(case: Case, instant: datetime, function: Function = Function.MANAGER) -> list[Told]:
    """Who was told in the receiver's place, of those that the last rung names."""
    fired = rungs(case.wait_until(instant))[-1]
    wanted = (function, fired.rung)
    return [t for t in fired.told if wanted[0] in (t.function, t.instead_of)]


class TestSubstitute:
    def test_a_substitute_of_the_same_unit_hears_in_its_place(self) -> None:
        case = sent()
        adopt(case, substitutes=(instead(Function.COORDINATOR),))

        (told,) = told_at(case, DUE)

        assert (told.unit, told.function) == (BOB, Function.COORDINATOR)
        assert told.instead_of is Function.MANAGER and told.reached

    def test_a_substitute_at_another_unit_too(self) -> None:
        case = sent()
        adopt(
            case,
            stand_ins=(BOBS_TEAM,),
            substitutes=(instead(Function.MANAGER, unit=BOBS_TEAM),),
        )

        (told,) = told_at(case, DUE)

        assert (told.unit, told.function) == (BOBS_TEAM, Function.MANAGER)

    def test_the_notice_goes_to_the_substitute_alone(self) -> None:
        case = sent()
        adopt(case, substitutes=(instead(Function.COORDINATOR),))
        case.wait_until(FOUR_FIFTHS)

        events = case.wait_until(DUE)

        found = {(n.unit, n.function) for n in notices(events, case.state) if n.clock_id == ANSWER}
        assert found == {(BOB, Function.COORDINATOR), (ALICE, Function.COORDINATOR)}

    @pytest.mark.parametrize(
        "period",
        [
            {"first": day("2026-12-20"), "last": day("2026-12-21")},
            {"first": day("2026-12-23"), "last": day("2026-12-27")},
        ],
        ids=["over", "not_yet"],
    )
    def test_only_on_its_days(self, period: dict[str, Any]) -> None:
        case = sent()
        adopt(case, substitutes=(instead(Function.COORDINATOR, **period),))

        (told,) = told_at(case, DUE)

        assert (told.function, told.instead_of) == (Function.MANAGER, None)

    def test_both_its_days_are_local_days(self) -> None:
        case = sent()
        only = day("2026-12-22")
        substitute = instead(Function.COORDINATOR, Function.INBOX, first=only, last=only)
        adopt(case, substitutes=(substitute,))

        (told,) = (t for t in told_at(case, FOUR_FIFTHS, Function.INBOX) if t.unit == BOB)

        assert told.function is Function.COORDINATOR

    def test_one_that_cannot_be_told_stands_in_for_nobody(self) -> None:
        case = sent()
        contacts = tuple(c for c in unit(BOB).contacts if c.function is not Function.OPERATIONS)
        adopt(case, contacts=contacts, substitutes=(instead(Function.OPERATIONS),))

        (told,) = told_at(case, DUE)

        assert (told.function, told.reached, told.instead_of) == (Function.MANAGER, True, None)

    def test_one_at_a_unit_that_the_journey_does_not_know_neither(self) -> None:
        case = sent()
        adopt(case, substitutes=(instead(Function.MANAGER, unit=BOBS_NURSES),))

        (told,) = told_at(case, DUE)

        assert (told.unit, told.instead_of) == (BOB, None)

    def test_one_whose_unit_has_been_succeeded_is_its_heir(self) -> None:
        case = sent()
        there = instead(Function.MANAGER, unit=BOBS_TEAM)
        adopt(case, stand_ins=(BOBS_TEAM,), substitutes=(there,))
        case.do(cmd.Succeed(old=BOBS_TEAM, to=unit(BOBS_NURSES)), BOBS_TEAM, roles=KEEPER)

        (told,) = told_at(case, DUE)

        assert (told.unit, told.instead_of) == (BOBS_NURSES, Function.MANAGER)

    def test_one_who_has_only_mail_stands_in_for_nobody_about_a_protected_patient(self) -> None:
        case = sent()
        mail = Contact(function=Function.MANAGER, mail="chef@example.invalid")
        case.adopt_state(
            protection=Protection.SECRECY_MARKING,
            units={
                **case.state.units,
                BOBS_TEAM: unit(BOBS_TEAM, connected=False, contacts=(mail,)),
                BOB: unit(BOB, substitutes=(instead(Function.MANAGER, unit=BOBS_TEAM),)),
            },
        )

        (told,) = told_at(case, DUE)

        assert (told.unit, told.reached) == (BOB, True)

    def test_an_alarm_reaches_the_substitute_as_well(self) -> None:
        case = Case(now=FRIDAY)
        case.complete("assessment")
        today = day("2026-12-18")
        substitute = instead(Function.COORDINATOR, first=today, last=today)
        adopt(case, ALICE, substitutes=(substitute,))
        seen = len(case.log)

        case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)
        case.wait(timedelta(seconds=1))

        fired = [r for r in things(case.log[seen:], ev.RungFired) if r.alarm]
        in_place = {t for r in fired for t in r.told if t.instead_of is Function.MANAGER}
        assert {(t.unit, t.function) for t in in_place} == {(ALICE, Function.COORDINATOR)}


class TestOpening:
    def test_a_closed_unit_hears_when_it_opens(self) -> None:
        case = sent()
        case.wait_until(HALF)

        (rung,) = rungs(case.wait_until(FOUR_FIFTHS))

        # Five in the morning. Bob opens at half past seven; Alice never closes.
        assert [(t.unit, t.not_before) for t in rung.told] == [
            (BOB, local("2026-12-22T07:30")),
            (ALICE, None),
        ]
        assert (rung.due_at, rung.cause) == (FOUR_FIFTHS, "on_time")

    def test_the_inbox_has_it_at_once_and_the_mail_waits(self) -> None:
        case = sent()
        case.wait_until(HALF)

        events = case.wait_until(FOUR_FIFTHS)

        found = {
            n.channel: n.not_before
            for n in notices(events, case.state)
            if n.clock_id == ANSWER and n.unit == BOB
        }
        assert found == {
            ChannelKind.INBOX: None,
            ChannelKind.MAIL: local("2026-12-22T07:30"),
        }

    def test_a_webhook_waits_too(self) -> None:
        case = sent()
        adopt(case, contacts=(Contact(function=Function.INBOX, webhook=True),))
        case.wait_until(HALF)

        events = case.wait_until(FOUR_FIFTHS)

        (told,) = (
            n
            for n in notices(events, case.state)
            if n.clock_id == ANSWER and n.channel is ChannelKind.WEBHOOK
        )
        assert told.not_before == local("2026-12-22T07:30")

    def test_an_open_unit_hears_at_once(self) -> None:
        (rung,) = rungs(sent().wait_until(HALF))

        assert [t.not_before for t in rung.told] == [None]

    def test_a_closure_is_waited_for(self) -> None:
        case = sent()
        closures = (Closure(first=day("2026-12-21"), last=day("2026-12-22")),)
        adopt(case, closures=closures)

        (rung,) = rungs(case.wait_until(HALF))

        assert [t.not_before for t in rung.told] == [local("2026-12-23T07:30")]

    def test_who_never_opens_is_told_now(self) -> None:
        case = sent()
        closures = (Closure(first=day("2026-12-19"), last=day("2029-12-31")),)
        adopt(case, closures=closures)

        (rung,) = rungs(case.wait_until(HALF))

        assert opens_at(case.state.units[BOB], HALF, calendar()) is None
        assert [(t.reached, t.not_before) for t in rung.told] == [(True, None)]

    def test_a_rung_that_does_not_wait_is_sent_anyway(self) -> None:
        case = Case(now=local("2026-10-05T20:00"))
        case.send()

        (rung,) = rungs(case.wait_until(local("2026-10-07T20:00")))[-1:]

        assert rung.rung == "due"
        assert {t.not_before for t in rung.told} == {None}

    def test_an_alarm_waits_for_nobody_and_goes_out_of_hours(self) -> None:
        case = Case(now=local("2026-10-03T02:00"))
        case.complete("assessment")
        case.send()
        seen = len(case.log)

        case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)
        case.wait(timedelta(seconds=1))

        events = tuple(case.log[seen:])
        alarms = [n for n in notices(events, case.state) if n.kind is NoticeKind.ALARM]
        assert alarms and {n.not_before for n in alarms} == {None}
        assert (BOB, Function.OUT_OF_HOURS) in {(n.unit, n.function) for n in alarms}


class TestSkip:
    def test_a_rung_with_nobody_to_tell_is_an_event_and_the_next_one_comes_at_once(self) -> None:
        case = sent(NOBODY_HOLDS_OPERATIONS)
        case.wait_until(DUE)

        skipped, above = rungs(case.wait_until(local("2026-12-23T14:30")))

        assert [skipped.outcome, above.outcome] == ["nobody_to_tell", "told"]
        assert (skipped.number + 1, skipped.due_at) == (above.number, above.due_at)

    def test_a_substitute_fills_the_empty_place(self) -> None:
        case = sent(NOBODY_HOLDS_OPERATIONS)
        substitute = instead(Function.COORDINATOR, Function.OPERATIONS)
        adopt(case, NOBODY_HOLDS_OPERATIONS, substitutes=(substitute,))
        case.wait_until(DUE)

        (rung,) = rungs(case.wait_until(local("2026-12-23T14:30")))

        assert rung.outcome == "told"
        assert [t.instead_of for t in rung.told] == [Function.OPERATIONS]

    def test_the_last_rung_repeats_also_when_nobody_can_be_told(self) -> None:
        """It does not skip itself: that would never end."""
        case = sent()
        for side in (ALICE, BOB):
            adopt(case, side, contacts=(), connected=False)

        fired = rungs(case.wait_until(HALF))

        assert {r.outcome for r in fired} == {"nobody_to_tell"}
        assert [r.number for r in fired] == [0, 1, 2, 3, 4]
        assert {r.due_at for r in fired} == {HALF}, "each skips to the next"
        # It was brought forward, and comes again a day later: not a day after its own place.
        assert case.clock(ClockKind.ACCEPTED, "h-1").next_at == local("2026-12-22T14:30")
