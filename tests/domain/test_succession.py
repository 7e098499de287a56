"""Units that become one: nothing stays with the one that is gone, whatever was known when."""

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.decide import decide
from domain.handover import DeclineReason
from domain.journey import Role
from domain.notice import notices
from domain.unit import Closure
from domain.unit_change import ChangeKind, UnitChange, telling
from tests.samples import (
    ALICE,
    BOB,
    BOBS_NURSES,
    BOBS_TEAM,
    CHARLIE,
    MONDAY,
    Case,
    calendar,
    day,
    envelope,
    start,
    unit,
    units,
)

KEEPS = (Role.CATALOGUE,)


def with_bob() -> Case:
    """A journey whose rehab part Bob holds, while his team waits for nothing."""
    case = Case()
    case.send()
    case.accept()
    return case


def test_a_succession_that_a_journey_has_heard_of_before_is_carried_out_all_the_same() -> None:
    case = with_bob()
    shut = Closure(first=day("2026-12-21"), last=day("2027-01-03"), covered_by=BOB)
    closed = unit(ALICE, version=2, closures=(shut,))
    gone = unit(BOB, version=2, successor=BOBS_TEAM)
    case.do(cmd.AdoptUnit(unit=closed, stand_ins=(gone,)), ALICE, roles=KEEPS)

    case.do(cmd.Succeed(old=BOB, to=unit(BOBS_TEAM)), BOB, roles=KEEPS)

    assert case.state.holder("rehab") == BOBS_TEAM
    assert BOB not in {c.owner for c in case.state.running()}
    again = cmd.Succeed(old=BOB, to=unit(BOBS_TEAM))
    assert case.refusal(again, BOB, roles=KEEPS).code == "already_succeeded"
    assert len(case.happened(ev.UnitSucceeded)) == 1


def test_no_journey_begins_at_a_unit_that_has_gone_up_in_another() -> None:
    command = start(ALICE, unit=unit(ALICE, version=2, successor=CHARLIE))

    verdict = decide(None, envelope(command, ALICE), MONDAY)

    assert getattr(verdict, "code", None) == "receiver_succeeded"


def test_a_journey_is_told_of_the_successor_that_lives() -> None:
    known = units() | {
        BOB: unit(BOB, version=2, successor=BOBS_TEAM),
        BOBS_TEAM: unit(BOBS_TEAM, version=2, successor=BOBS_NURSES),
    }
    change = UnitChange(
        id="c-1",
        hsa_id=BOB,
        version=2,
        kind=ChangeKind.SUCCEED,
        at=MONDAY,
        by_subject="demo",
        by_unit=BOB,
        facts=known[BOB],
    )

    told = telling(change, known, calendar())

    assert told.successor == unit(BOBS_NURSES)


def test_a_no_that_is_disputed_after_a_succession_is_the_heirs() -> None:
    case = Case()
    case.send()
    case.do(cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY), BOB)
    case.do(cmd.Succeed(old=BOB, to=unit(BOBS_TEAM)), BOB, roles=KEEPS)

    events = case.do(cmd.Dispute(handover_id="h-1", reason="Det är ert."), ALICE)

    disputed = case.clock(ClockKind.DISPUTE, "h-1")
    assert case.handover().to_unit == BOBS_TEAM
    assert BOB not in (disputed.owner, disputed.counterpart)
    assert BOBS_TEAM in (disputed.owner, disputed.counterpart)
    assert {n.unit for n in notices(events, case.state)} == {ALICE, BOBS_TEAM}


def test_a_no_that_nobody_can_dispute_any_more_stays_as_it_was() -> None:
    case = Case()
    case.send()
    case.do(cmd.Dispute(handover_id="h-1", reason="Inte vårt."), BOB)
    case.do(cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY), BOB)

    case.do(cmd.Succeed(old=BOB, to=unit(BOBS_TEAM)), BOB, roles=KEEPS)

    assert case.handover().to_unit == BOB
