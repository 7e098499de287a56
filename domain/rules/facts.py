"""Facts about the patient: each is recorded at once, and changes what everybody owes."""

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.draft import Draft
from domain.handover import Handover, OnDischarge
from domain.part import COORDINATION
from domain.patient import RESERVE
from domain.refusal import FieldProblem, Refused
from domain.rules import (
    access,
    alarm,
    begin,
    clock,
    hold,
    instants,
    meeting,
    residence,
    stay,
    stay_sides,
    take_over,
)
from domain.value import Instant


def record_departure(draft: Draft, command: cmd.RecordDeparture) -> None:
    """The patient has left the unit (never blocked).

    1. Handovers accepted for discharge are taken over, at the instant of leaving.
    2. With assessed need, each part that is still the unit's raises an alarm, now (promise 2),
       and the unit owes a safety net, unless it says here who calls and when.

    Raises `Refused`: not_holder, already_left, instant_in_future.
    """
    access.must_be_part_of(draft)
    unit = _own_unit(draft)
    instants.must_have_been(draft, command.at)
    earlier = draft.state.departure
    if earlier and earlier.from_unit == unit and command.at <= earlier.at:
        raise Refused("already_left")
    draft.add(ev.PatientLeft(from_unit=unit, at=command.at, to=command.to), effective_at=command.at)
    _take_over_on_discharge(draft, command.at, unit)
    stay.ended(draft, command.at)
    if command.safety_net:
        draft.add(ev.SafetyNetRecorded(safety_net=command.safety_net))
    if draft.state.need:
        alarm.raise_for(draft, unit)
    begin.open_ready(draft)


def record_safety_net(draft: Draft, command: cmd.RecordSafetyNet) -> None:
    """Who calls the patient who has left, and when: that call is promised now."""
    access.must_hold_something(draft)
    departure = draft.state.departure
    if departure is None:
        raise Refused("patient_has_not_left")
    draft.add(ev.SafetyNetRecorded(safety_net=command.safety_net))
    clock.stop(draft, ClockKind.SAFETY_NET, COORDINATION)
    _promise_call(draft, departure.from_unit)


def record_safety_call(draft: Draft, command: cmd.RecordSafetyCall) -> None:
    """The call was made; unless the patient is well, another one is promised.

    Raises `Refused`: no_safety_net, instant_in_future, next_call_missing.
    """
    access.must_hold_something(draft)
    departure = draft.state.departure
    if departure is None or draft.state.safety_net is None:
        raise Refused("no_safety_net")
    instants.must_have_been(draft, command.at)
    if command.outcome != "well" and command.next_call_at is None:
        raise Refused("next_call_missing", FieldProblem(field="next_call_at", rule="missing"))
    draft.add(
        ev.SafetyCallMade(
            at=command.at, outcome=command.outcome, next_call_at=command.next_call_at
        ),
        effective_at=command.at,
    )
    clock.stop(draft, ClockKind.SAFETY_NET, COORDINATION, at=command.at)
    if command.next_call_at:
        _promise_call(draft, departure.from_unit)


def record_admission(draft: Draft, command: cmd.RecordAdmission) -> None:
    """In hospital again: alarms end, and every open handover waits for the holder's choice.

    Raises `Refused`: not_holder, instant_in_future, already_admitted.
    """
    access.must_be_part_of(draft)
    instants.must_have_been(draft, command.at)
    stay_sides.check_admission(draft, command)
    draft.add(
        ev.PatientAdmitted(
            unit=access.acting_unit(draft),
            at=command.at,
            form=command.form,
            efforts=command.efforts,
        ),
        effective_at=command.at,
    )
    alarm.end_all(draft)
    hold.all_open(draft)
    stay.began(draft)


def record_ready(draft: Draft, command: cmd.RecordReady) -> None:
    """Ready for discharge: what waits is resumed, changed or withdrawn, soon.

    Raises `Refused`: not_holder, instant_in_future, not_admitted, before_admission, not_ready.
    """
    access.must_be_part_of(draft)
    instants.must_have_been(draft, command.at)
    stay_sides.check_ready(draft, command.at)
    before = draft.state.stay
    draft.add(
        ev.PatientReady(
            unit=access.acting_unit(draft), at=command.at, told_by_hand=command.told_by_hand
        ),
        effective_at=command.at,
    )
    if before is None or before.standing is None:
        hold.ask_for_choice(draft)
    stay.heed(draft)


def record_move(draft: Draft, command: cmd.RecordMove) -> None:
    """Another municipality: who holds goes on holding until a unit there has taken over.

    The holder of each part that is the old municipality's owes that handover.
    """
    access.must_be_part_of(draft)
    instants.must_have_been(draft, command.at)
    if command.municipality == draft.state.municipality:
        raise Refused("municipality_unchanged")
    draft.add(
        ev.PatientMoved(at=command.at, municipality=command.municipality), effective_at=command.at
    )
    for part in tuple(draft.state.parts.values()):
        residence.owe_move(draft, part.key)
    if draft.state.admitted:
        stay.owe_notice(draft)
    stay.heed(draft)


def change_protection(draft: Draft, command: cmd.ChangeProtection) -> None:
    """Protected: notices go to inboxes alone, and views are masked, the past included.

    Anybody in the journey, or in another one of the patient, may raise the protection; to lower
    it is for the unit's named group.
    Raises `Refused`: not_holder, instant_in_future, protection_unchanged, protection_group_only.
    """
    before, now = draft.state.protection.rank, command.protection.rank
    if not draft.relayed:
        access.must_be_part_of(draft)
    instants.must_have_been(draft, command.at)
    if now == before or (draft.relayed and now < before):
        raise Refused("protection_unchanged")
    if now < before:
        access.must_be_in_group(draft)
    draft.add(
        ev.ProtectionChanged(at=command.at, protection=command.protection),
        effective_at=command.at,
    )
    if draft.state.protected:
        meeting.hide_places(draft)


def report_fact(draft: Draft, command: cmd.ReportFact) -> None:
    """From another journey of the patient: who coordinates here is told, and judges."""
    if not draft.relayed:
        raise Refused("not_holder")
    draft.add(ev.FactReported(fact=command.fact, by=access.acting_unit(draft)))


def identify(draft: Draft, command: cmd.Identify) -> None:
    """From a reserve number to a personal one, once; the log holds neither.

    Raises `Refused`: not_holder, patient_invalid, already_identified.
    """
    access.must_be_part_of(draft)
    if command.patient.system in RESERVE:
        raise Refused("patient_invalid", FieldProblem(field="person", rule="reserve_number"))
    if not draft.state.reserve_number:
        raise Refused("already_identified")
    draft.add(ev.PatientIdentified(patient_id=command.patient_id, system=command.patient.system))
    if command.protection.rank > draft.state.protection.rank:
        draft.add(ev.ProtectionChanged(at=draft.now, protection=command.protection))
        meeting.hide_places(draft)


def record_guardians(draft: Draft, command: cmd.RecordGuardians) -> None:
    """Who has the child's custody, and what each has said."""
    access.must_be_part_of(draft)
    labels = [g.label for g in command.guardians]
    if len(set(labels)) < len(labels):
        raise Refused("content_invalid", FieldProblem(field="guardians", rule="label_twice"))
    if all(g.told_nothing for g in command.guardians):
        raise Refused("content_invalid", FieldProblem(field="guardians", rule="nobody_to_ask"))
    draft.add(ev.GuardiansRecorded(guardians=command.guardians))


def _own_unit(draft: Draft) -> str:
    """The unit that the patient left: the caller's own, or the one that it stands in for."""
    caller = access.acting_unit(draft)
    known = draft.state.units.get(caller)
    here = (known.successor if known else None) or caller
    holders = [p.holder for p in draft.state.parts.values()]
    if caller == draft.state.started_by or here in holders:
        return here
    return access.must_hold_something(draft)


def _promise_call(draft: Draft, unit: str) -> None:
    """A planned call is a promise, as long as something rings: whoever made it is told."""
    if any(c.kind is ClockKind.ALARM for c in draft.state.running()):
        alarm.owe_safety_net(draft, unit)


def _take_over_on_discharge(draft: Draft, at: Instant, unit: str) -> None:
    for waiting in tuple(draft.state.handovers.values()):
        if not _waits_for_discharge(waiting, unit):
            continue
        assert waiting.accepted_at is not None
        with draft.as_of(max(at, waiting.accepted_at)):
            take_over.take_over(draft, waiting)


def _waits_for_discharge(waiting: Handover, unit: str) -> bool:
    """What is on hold, or accepted in an entry that nobody has confirmed, does not move."""
    still = waiting.held_since or waiting.unconfirmed
    accepted = waiting.awaits_take_over and waiting.from_unit == unit
    return accepted and not still and isinstance(waiting.takes_over, OnDischarge)
