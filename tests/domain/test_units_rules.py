"""Changes in the catalogue reach a running journey: adopted, succeeded, covered, said yes to."""

from datetime import timedelta

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.event import Event
from domain.handover import HandoverState, Now, OnDischarge, WithdrawReason
from domain.journey import Role
from domain.pathway import Purpose
from domain.template import LegalBasis
from domain.unit import Closure, Standing, Unit
from tests import samples
from tests.samples import ALICE, BOB, BOBS_TEAM, HEALTH_CENTRE, UNCONNECTED, Case, things, unit

HEIR = unit(HEALTH_CENTRE)
KEEPER = (Role.CATALOGUE,)


def succeed(case: Case, old: str = ALICE, to: Unit = HEIR) -> tuple[Event, ...]:
    """A unit goes up in another."""
    return case.do(cmd.Succeed(old=old, to=to), old, roles=KEEPER)


def adopt(case: Case, hsa_id: str, **change: object) -> tuple[Event, ...]:
    """A unit has changed."""
    known = case.state.units[hsa_id]
    changed = known.model_copy(update={"version": known.version + 1, **change})
    return case.do(cmd.AdoptUnit(unit=changed), hsa_id, roles=KEEPER)


def test_only_the_keeper_of_the_catalogue_changes_units() -> None:
    case = Case()

    refused = case.refusal(cmd.Succeed(old=ALICE, to=HEIR), ALICE)

    assert refused.code == "role_not_enough"


def test_a_successor_holds_owes_and_awaits_everything_in_one_event() -> None:
    case = Case()
    case.send()

    events = succeed(case)

    assert [p.holder for p in case.state.parts.values()] == [HEALTH_CENTRE, HEALTH_CENTRE]
    assert case.handover().from_unit == HEALTH_CENTRE
    sides = {u for c in case.state.running() for u in (c.owner, c.counterpart)}
    assert sides == {HEALTH_CENTRE, BOB}
    assert len(things(events, ev.UnitSucceeded)) == 1


def test_a_handover_between_a_unit_and_its_successor_ceases() -> None:
    case = Case()
    case.send(to=HEALTH_CENTRE)

    succeed(case)

    assert case.handover().state is HandoverState.CEASED
    assert not [c for c in case.state.running() if c.subject == "h-1"]


def test_a_unit_does_not_succeed_itself_nor_one_that_is_gone() -> None:
    case = Case()
    case.send()
    itself = case.refusal(cmd.Succeed(old=ALICE, to=unit(ALICE)), ALICE, roles=KEEPER)
    succeed(case)

    gone = case.refusal(cmd.Succeed(old=BOB, to=unit(ALICE)), BOB, roles=KEEPER)

    assert [f.rule for f in itself.fields] == ["itself"]
    assert [f.rule for f in gone.fields] == ["succeeded"]


def test_nothing_is_sent_to_a_unit_that_the_journey_knows_is_gone() -> None:
    case = Case()
    case.send(handover_id="h-1")
    succeed(case, old=BOB, to=unit(BOBS_TEAM))
    case.do(cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.NO_LONGER_NEEDED), ALICE)

    refused = case.refusal(samples.send(handover_id="h-2"), ALICE)

    assert refused.code == "receiver_succeeded"


def test_a_need_that_is_written_down_after_a_succession_rings_at_the_successor() -> None:
    case = Case()
    case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)
    succeed(case)

    case.complete("assessment", by=HEALTH_CENTRE)

    alarm = case.clock(ClockKind.ALARM, "rehab")
    assert alarm.running and alarm.owner == HEALTH_CENTRE


def test_who_leaves_the_old_unit_leaves_its_successor() -> None:
    case = Case()
    case.complete("assessment")
    succeed(case)

    case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)

    assert case.clock(ClockKind.ALARM, "rehab").owner == HEALTH_CENTRE


def test_what_returns_after_a_succession_returns_to_the_successor() -> None:
    case = Case()
    case.send()
    case.accept()
    case.do(cmd.ReportFirstContact(handover_id="h-1", at=case.now), BOB)
    succeed(case)
    succeed(case, old=BOB, to=unit(BOBS_TEAM))

    wrong = cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.WRONG_RECEIVER)
    case.do(wrong, HEALTH_CENTRE)

    assert case.state.holder("rehab") == HEALTH_CENTRE


def test_the_last_in_a_chain_of_successors_acts_for_the_first() -> None:
    case = Case()
    case.send()
    case.accept()
    case.do(cmd.ReportFirstContact(handover_id="h-1", at=case.now), BOB)
    succeed(case)
    team = unit("SE0000000000-TESTRVMVCKOP")
    succeed(case, old=HEALTH_CENTRE, to=team)

    wrong = cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.WRONG_RECEIVER)
    case.do(wrong, team.hsa_id)

    assert case.state.holder("rehab") == team.hsa_id


def test_an_older_fact_about_a_unit_does_not_replace_a_newer() -> None:
    case = Case()
    case.send()
    adopt(case, BOB, connected=False)
    case.do(cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.NO_LONGER_NEEDED), ALICE)

    case.send(handover_id="h-2")

    assert not case.state.units[BOB].connected


def test_a_version_that_is_known_is_not_adopted_again() -> None:
    case = Case()

    refused = case.refusal(cmd.AdoptUnit(unit=unit(ALICE)), ALICE, roles=KEEPER)

    assert refused.code == "unit_version_stale"


def test_a_unit_that_is_gone_changes_no_more() -> None:
    case = Case()
    succeed(case)
    revived = unit(ALICE, version=9)

    refused = case.refusal(cmd.AdoptUnit(unit=revived), ALICE, roles=KEEPER)

    assert refused.code == "already_succeeded"


def test_a_unit_that_gets_a_system_has_what_was_sent_in_its_inbox() -> None:
    case = Case()
    case.send(to=UNCONNECTED)

    adopt(case, UNCONNECTED, connected=True)

    assert case.handover().state is HandoverState.RECEIVED
    assert case.clock(ClockKind.RECEIVED, "h-1").stopped_at is not None


def test_a_pre_notice_to_a_unit_that_gets_a_system_stays_a_pre_notice() -> None:
    case = Case()
    announce = cmd.Announce(
        handover_id="h-1",
        part="rehab",
        purpose=Purpose.TAKE_PART,
        to=unit(UNCONNECTED),
        estimated_at=case.now + timedelta(days=3),
        requested="Träning i hemmet.",
        legal_basis=LegalBasis.LAG_2017_612,
    )
    case.do(announce, ALICE)

    adopt(case, UNCONNECTED, connected=True)

    assert case.handover().state is HandoverState.PRE_NOTICE


def test_who_covers_a_closed_unit_answers_for_it() -> None:
    case = Case()
    case.send()
    today = case.now.date()
    closed = Closure(first=today, last=today, covered_by=BOBS_TEAM)
    adopt(case, BOB, closures=(closed,))

    case.accept(by=BOBS_TEAM)

    assert case.state.holder("rehab") == BOB


def yes(**change: object) -> Unit:
    """Bob's unit has said yes beforehand."""
    given = Standing(part="rehab", organisation="rvm", takes_over="now")
    return unit(BOB, standing=(given.model_copy(update=change),))


def test_a_yes_given_beforehand_takes_the_part_over_and_still_asks_for_a_reading() -> None:
    case = Case()

    case.do(samples.send(to=yes()), ALICE)

    assert case.state.holder("rehab") == BOB
    assert case.handover().standing
    assert case.clock(ClockKind.ACKNOWLEDGED, "h-1").running


def test_a_first_contact_is_a_reading_too() -> None:
    case = Case()
    case.do(samples.send(to=yes()), ALICE)

    case.do(cmd.ReportFirstContact(handover_id="h-1", at=case.now), BOB)

    assert case.handover().acknowledged_at is not None
    assert not [c for c in case.state.running() if c.subject == "h-1"]


def test_a_yes_on_discharge_waits_for_the_discharge() -> None:
    case = Case()
    waits = samples.send(
        to=yes(takes_over="on_discharge"), estimated_discharge_at=case.now + timedelta(days=1)
    )

    case.do(waits, ALICE)

    assert case.handover().takes_over == OnDischarge()
    assert case.state.holder("rehab") == ALICE


def test_a_yes_that_has_run_out_or_names_another_part_is_none() -> None:
    case = Case()
    yesterday = case.now.date() - timedelta(days=1)

    case.do(samples.send(to=yes(until=yesterday)), ALICE)

    assert case.handover().state is HandoverState.RECEIVED
    assert case.handover().takes_over != Now()


def test_nobody_says_yes_beforehand_to_a_protected_patient() -> None:
    case = Case()
    case.do(cmd.ChangeProtection(at=case.now, protection="secrecy_marking"), ALICE)

    case.do(samples.send(to=yes()), ALICE)

    assert case.handover().state is HandoverState.RECEIVED
