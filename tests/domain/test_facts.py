"""Facts about the patient: each is recorded at once, and changes what everybody owes."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain import command as cmd
from domain.answer import answer
from domain.clock import ClockKind
from domain.facts import Guardian, Protection, SafetyNet
from domain.handover import OnDischarge
from domain.journey import Actor, Role
from domain.notice import NoticeKind, notices
from domain.pathway import Purpose
from domain.patient import identify
from domain.record import Silence, entry
from domain.unit import ChannelKind
from tests import samples
from tests.samples import ALICE, BOB, CHARLIE, Case, unit

ANOTHER_JOURNEYS_UNIT = "SE0000000000-TESTRVMMED9"
IN_GROUP = Actor(subject=unit(ALICE).protected_group[0], unit=ALICE, roles=(Role.COORDINATOR,))


def in_need() -> Case:
    """A journey with assessed need."""
    case = Case()
    case.complete("assessment")
    return case


def net(case: Case, hours: int = 4) -> SafetyNet:
    """Somebody calls in some hours."""
    at = case.now + timedelta(hours=hours)
    return SafetyNet(caller="Sjuksköterska 1", call_at=at, number="021-12345")


def leave(case: Case, by: str = ALICE, safety_net: SafetyNet | None = None) -> None:
    """The patient leaves now."""
    case.do(cmd.RecordDeparture(at=case.now, to="hemmet", safety_net=safety_net), by)


def test_who_leaves_in_need_is_owed_a_safety_net() -> None:
    case = in_need()

    leave(case)

    owed = case.clock(ClockKind.SAFETY_NET, "coordination")
    assert owed.running and owed.owner == ALICE
    assert case.clock(ClockKind.ALARM, "rehab").running


def test_a_planned_call_is_a_promise_with_its_own_due() -> None:
    case = in_need()
    leave(case)

    case.do(cmd.RecordSafetyNet(safety_net=net(case)), ALICE)

    due = case.clock(ClockKind.SAFETY_NET, "coordination").due_at
    assert due == case.now + timedelta(hours=4)


def test_a_call_that_nobody_answered_promises_another() -> None:
    case = in_need()
    leave(case, safety_net=net(case))
    case.wait(timedelta(hours=4))
    silent = cmd.RecordSafetyCall(at=case.now, outcome="no_answer")
    assert case.refusal(silent, ALICE).code == "next_call_missing"

    again = case.now + timedelta(hours=2)
    case.do(silent.model_copy(update={"next_call_at": again}), ALICE)

    assert case.clock(ClockKind.SAFETY_NET, "coordination").due_at == again


def test_a_patient_who_is_well_is_called_no_more() -> None:
    case = in_need()
    leave(case, safety_net=net(case))

    case.do(cmd.RecordSafetyCall(at=case.now, outcome="well"), ALICE)

    assert not case.clock(ClockKind.SAFETY_NET, "coordination").running


def test_the_net_goes_when_the_last_part_is_taken_over() -> None:
    case = in_need()
    leave(case, safety_net=net(case))
    for number, part in enumerate(("rehab", "coordination")):
        key = f"h-{number}"
        purpose = Purpose.TAKE_PART if part == "rehab" else Purpose.TAKE_OVER
        case.send(part=part, purpose=purpose, handover_id=key)
        case.accept(handover_id=key)

    assert not case.clock(ClockKind.SAFETY_NET, "coordination").running


def test_a_fact_from_another_journey_is_reported_and_changes_nothing() -> None:
    case = in_need()
    before = case.state

    events = case.do(cmd.ReportFact(fact="record_death"), ANOTHER_JOURNEYS_UNIT, relayed=True)

    told = {(n.kind, n.unit) for n in notices(events, case.state)}
    command = cmd.ReportFact(fact="record_death")
    asked = samples.envelope(command, ANOTHER_JOURNEYS_UNIT, relayed=True)
    assert answer(case.state, asked, case.now)["view"] == {}, "a stranger is shown nothing"
    assert told == {(NoticeKind.FACT_REPORTED, ALICE)}
    assert case.state == before.model_copy(update={"seq": case.state.seq})


@pytest.mark.parametrize(
    "command",
    [
        lambda case: cmd.RecordDeath(at=case.now),
        lambda case: cmd.RecordDeparture(at=case.now, to="hemmet"),
        lambda case: cmd.RecordAdmission(at=case.now),
    ],
)
def test_no_fact_but_protection_is_taken_from_a_stranger(
    command: Callable[[Case], cmd.Command],
) -> None:
    case = in_need()

    refused = case.refusal(command(case), ANOTHER_JOURNEYS_UNIT, relayed=True)

    assert refused.code == "not_holder"
    assert case.refusal(cmd.ReportFact(fact="x"), ALICE).code == "not_holder", "reports are relayed"


def test_protection_is_raised_from_elsewhere_and_lowered_by_the_group_alone() -> None:
    case = Case()
    marked = cmd.ChangeProtection(at=case.now, protection=Protection.SECRECY_MARKING)
    none = cmd.ChangeProtection(at=case.now, protection=Protection.NONE)
    case.do(marked, ANOTHER_JOURNEYS_UNIT, relayed=True)

    from_afar = case.refusal(none, ANOTHER_JOURNEYS_UNIT, relayed=True)
    by_anybody = case.refusal(none, ALICE)
    case.do(none, ALICE, actor=IN_GROUP)

    assert (from_afar.code, by_anybody.code) == ("protection_unchanged", "protection_group_only")
    assert not case.state.protected


def test_only_who_takes_part_records_facts() -> None:
    case = in_need()

    refused = case.refusal(cmd.RecordDeparture(at=case.now, to="hemmet"), CHARLIE)

    assert refused.code == "not_holder"


def test_a_move_leaves_the_holder_and_owes_a_handover() -> None:
    case = Case()
    case.send()
    case.accept()

    case.do(cmd.RecordMove(at=case.now, municipality="1981"), ALICE)

    owed = case.clock(ClockKind.MOVE, "rehab")
    assert owed.running and owed.owner == BOB
    assert case.state.holder("rehab") == BOB
    assert case.state.clock(ClockKind.MOVE, "coordination") is None


def test_a_move_back_owes_nothing() -> None:
    case = Case()
    case.send()
    case.accept()
    case.do(cmd.RecordMove(at=case.now, municipality="1981"), ALICE)

    case.do(cmd.RecordMove(at=case.now, municipality="1980"), ALICE)

    assert not case.clock(ClockKind.MOVE, "rehab").running


def test_a_protected_patient_is_told_of_in_inboxes_alone() -> None:
    case = Case()
    case.do(cmd.ChangeProtection(at=case.now, protection=Protection.SECRECY_MARKING), ALICE)
    case.send()

    events = case.wait(timedelta(days=40))

    found = notices(events, case.state)
    assert found
    assert {n.channel for n in found} == {ChannelKind.INBOX}


def test_a_protection_that_begins_silences_what_waits_and_one_that_ends_does_not() -> None:
    case = Case()
    begins = cmd.ChangeProtection(at=case.now, protection=Protection.PROTECTED_REGISTRATION)
    ends = cmd.ChangeProtection(at=case.now, protection=Protection.NONE)
    silences = []
    for command in (begins, ends):
        before = case.state
        events = case.do(command, ALICE, actor=IN_GROUP)
        silences.append(entry(before, events, samples.envelope(command, ALICE)).silences)

    assert silences == [Silence.OUTSIDE, None]


def on_reserve_number() -> Case:
    """A journey of somebody who had no number when it began."""
    case = Case()
    case.adopt_state(reserve_number=True)
    return case


def test_whoever_has_a_personal_number_keeps_it() -> None:
    person = identify("193012299263", "Testpatient 02")

    refused = Case().refusal(cmd.Identify(patient_id="p-2", patient=person), ALICE)

    assert refused.code == "already_identified"


def test_who_is_identified_is_as_protected_as_anywhere() -> None:
    case = on_reserve_number()
    person = identify("194408139089", "Testpatient 01")
    known = Protection.PROTECTED_REGISTRATION

    case.do(cmd.Identify(patient_id="p-2", patient=person, protection=known), ALICE)

    assert case.state.protection is known


def test_a_reserve_number_becomes_a_personal_one_once() -> None:
    case = on_reserve_number()
    person = identify("194408139089", "Testpatient 01")
    command = cmd.Identify(patient_id="p-2", patient=person)

    case.do(command, ALICE)

    assert case.state.patient_id == "p-2"
    assert case.refusal(command, ALICE).code == "already_identified"


def test_the_log_of_an_identification_holds_no_number() -> None:
    case = on_reserve_number()
    person = identify("194408139089", "Testpatient 01")

    events = case.do(cmd.Identify(patient_id="p-2", patient=person), ALICE)

    assert not any(person.value in event.model_dump_json() for event in events)


def test_a_handover_on_consent_waits_for_every_guardian_who_has_a_say() -> None:
    case = Case()
    one, other = Guardian(label="V 1", consents=True), Guardian(label="V 2")
    case.do(cmd.RecordGuardians(guardians=(one, other)), ALICE)
    assert case.refusal(samples.send(), ALICE).code == "guardian_consent_missing"

    told_nothing = other.model_copy(update={"told_nothing": True})
    case.do(cmd.RecordGuardians(guardians=(one, told_nothing)), ALICE)

    case.send()
    assert case.handover().sent_at == case.now


def test_an_admission_silences_the_alarms() -> None:
    case = in_need()
    leave(case)

    case.do(cmd.RecordAdmission(at=case.now), ALICE)

    assert not case.clock(ClockKind.ALARM, "rehab").running
    assert case.state.departure is None
    assert case.refusal(cmd.RecordAdmission(at=case.now), ALICE).code == "already_admitted"


def test_a_departure_takes_over_what_was_accepted_for_it() -> None:
    case = in_need()
    case.send(estimated_discharge_at=case.now + timedelta(days=1))
    case.accept(OnDischarge())

    leave(case)

    assert case.state.holder("rehab") == BOB
    assert case.state.clock(ClockKind.ALARM, "rehab") is None
