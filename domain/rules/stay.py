"""The hospital stay after lag (2017:612): notices, care contact, information, and their clocks."""

from datetime import datetime

from domain import command as cmd
from domain import event as ev
from domain.calendar import STOCKHOLM
from domain.clock import Clock, ClockKind
from domain.draft import Draft
from domain.journey import Journey
from domain.liability import Basis, Liability, liability
from domain.part import COORDINATION
from domain.refusal import FieldProblem, Refused
from domain.rules import access, by_rule, clock, hold, instants, promise, stay_sides
from domain.rules.by_rule import Owed
from domain.stay import CareContact, Episode, needs_sip, sip_needed_since

NOTICE, CONTACT, SUMMONS = "admission_notice", "care_contact", "sip_summons"
PAYMENT, INFORMATION, SUMMARY = "payment_start", "discharge_information", "patient_summary"


def began(draft: Draft) -> None:
    """A new stay: the notice is owed if efforts were judged at once (2:3).

    What was still owed about the stay before can be done by nobody any more, and falls away.
    """
    for before in draft.state.episodes[:-1]:
        for open_clock in tuple(draft.state.clocks.values()):
            about = open_clock.subject.startswith(f"{before.subject}.")
            if open_clock.subject == before.subject or about:
                clock.stop(draft, open_clock.kind, open_clock.subject, kept=False)
    owe_notice(draft)


def judge_aftercare(draft: Draft, command: cmd.JudgeAftercare) -> None:
    """From the judgement, if it comes after the admission, the notice is due in 24 hours (2:3).

    Raises `Refused`: not_admitted, not_the_ward, instant_in_future, aftercare_already_judged.
    """
    stay = stay_sides.of_ward(draft)
    instants.must_have_been(draft, command.at)
    if set(command.efforts) == set(stay.efforts):
        raise Refused("aftercare_already_judged")
    draft.add(
        ev.AftercareJudged(stay=stay.number, at=command.at, efforts=command.efforts),
        effective_at=command.at,
    )
    owe_notice(draft)
    heed(draft)


def owe_notice(draft: Draft) -> None:
    """The ward owes the notice from the later of admission and judgement, until it is sent."""
    stay = _newest(draft.state)
    if stay.judged_at is None or stay.notice_at is not None:
        return
    running = draft.state.clock(ClockKind.ADMISSION_NOTICE, stay.subject)
    if running is None or running.stopped_at is not None:
        began = max(stay.admitted_at, stay.judged_at)
        _owe(draft, ClockKind.ADMISSION_NOTICE, NOTICE, began)


def send_notice(draft: Draft, command: cmd.SendAdmissionNotice) -> None:
    """Tell the units; the region's open care now owes a care contact before the discharge (2:5).

    Sent again it reaches those who were forgotten; the first one counts.
    Raises `Refused`: not_admitted, not_the_ward, aftercare_not_judged, instant_in_past,
    instant_too_far, notice_by_hand, content_invalid.
    """
    stay = stay_sides.of_ward(draft)
    if stay.judged_at is None:
        raise Refused("aftercare_not_judged")
    instants.must_lie_ahead(draft, command.estimated_at, "estimated_at")
    if draft.state.protected and not command.by_hand:
        raise Refused("notice_by_hand", FieldProblem(field="by_hand", rule="patient_protected"))
    stay_sides.check_receivers(draft, stay, command)
    if stay.notified and stay.estimated_at != command.estimated_at:
        changed = {"stay": stay.number, "estimated_at": command.estimated_at, "reason": None}
        draft.add(ev.DischargeEstimated(**changed))
    draft.add(
        ev.AdmissionNoticeSent(
            stay=stay.number,
            to=command.to,
            estimated_at=command.estimated_at,
            by_hand=command.by_hand,
        )
    )
    by_rule.stop(draft, ClockKind.ADMISSION_NOTICE, NOTICE, stay.subject)
    _await_discharge(draft)
    heed(draft)


def estimate(draft: Draft, command: cmd.EstimateDischarge) -> None:
    """Units that were told are told anew, and what is due before the discharge moves with it (2:4).

    Raises `Refused`: not_admitted, not_the_ward, notice_missing, instant_in_past.
    """
    stay = stay_sides.of_ward(draft)
    if stay.notice_at is None:
        raise Refused("notice_missing")
    instants.must_lie_ahead(draft, command.estimated_at, "estimated_at")
    draft.add(
        ev.DischargeEstimated(
            stay=stay.number, estimated_at=command.estimated_at, reason=command.reason
        )
    )
    _await_discharge(draft)


def _await_discharge(draft: Draft) -> None:
    """The ward owes a new estimate when the old one has passed; the care contact is due by it."""
    stay = _newest(draft.state)
    assert stay.estimated_at is not None, "whoever was told was told when"
    clock.stop(draft, ClockKind.ESTIMATE, stay.subject, kept=False)
    other = stay_sides.municipal_unit(draft.state, stay) or stay.unit
    owed = promise.of(draft, ClockKind.ESTIMATE, stay.subject, COORDINATION, stay.unit, other)
    clock.start_until(draft, owed, stay.estimated_at)
    _owe_contact(draft, stay.estimated_at)


def _owe_contact(draft: Draft, before: datetime) -> None:
    """Owed from the notice, before the discharge; anew when that is expected at another time."""
    stay = _newest(draft.state)
    unit = stay_sides.open_care_unit(draft.state, stay)
    if unit is None or stay.care_contact is not None or stay.notice_at is None:
        return
    by_rule.stop(draft, ClockKind.CARE_CONTACT, CONTACT, stay.subject, kept=False)
    owed = Owed(
        kind=ClockKind.CARE_CONTACT,
        rule=CONTACT,
        subject=stay.subject,
        owner=unit,
        counterpart=stay.unit,
        began=stay.notice_at,
        form=stay.form,
        event_at=before,
    )
    by_rule.start(draft, owed)


def start_planning(draft: Draft, command: cmd.StartPlanning) -> None:
    """A unit that was told plans now (2:6).

    Raises `Refused`: not_admitted, stay_followed, not_notified, already_planning.
    """
    stay = stay_sides.newest(draft, command.stay)
    mine, begun = stay_sides.notified(draft, stay), [p.unit for p in stay.planning]
    unit = next((u for u in mine if u not in begun), None)
    if unit is None:
        raise Refused("already_planning")
    draft.add(ev.PlanningStarted(stay=stay.number, unit=unit))


def name_contact(draft: Draft, command: cmd.NameCareContact) -> None:
    """The region's open care names the contact; another one may be named later (2:5).

    Raises `Refused`: not_admitted, stay_followed, not_notified, not_region_open_care.
    """
    stay = stay_sides.newest(draft, command.stay)
    region = stay_sides.open_care_units(draft.state, stay)
    unit = next((u for u in stay_sides.notified(draft, stay) if u in region), None)
    if unit is None:
        raise Refused("not_region_open_care")
    contact = CareContact(
        unit=unit,
        function=command.function,
        profession=command.profession,
        phone=command.phone,
        named_at=draft.now,
    )
    draft.add(ev.CareContactNamed(stay=stay.number, care_contact=contact))
    by_rule.stop(draft, ClockKind.CARE_CONTACT, CONTACT, stay.subject)


def withdraw_ready(draft: Draft, command: cmd.WithdrawReady) -> None:
    """Not ready any more: what counted from the notice falls away; a new one begins anew.

    The act does not say so; a choice (decision 0020). Raises `Refused`: not_admitted,
    not_the_ward, not_ready, instant_in_future.
    """
    stay = stay_sides.of_ward(draft)
    standing = stay.standing
    if standing is None:
        raise Refused("not_ready")
    instants.must_have_been(draft, command.at)
    if command.at < standing.sent_at:
        raise Refused("not_ready", FieldProblem(field="at", rule="before_notice"))
    draft.add(
        ev.ReadyWithdrawn(stay=stay.number, at=command.at, reason=command.reason),
        effective_at=command.at,
    )
    by_rule.stop(draft, ClockKind.SIP_SUMMONS, SUMMONS, stay.subject, kept=False)
    by_rule.stop(draft, ClockKind.PAYMENT, PAYMENT, stay.subject, kept=False)
    hold.wait_again(draft)


def heed(draft: Draft) -> None:
    """What counts from readiness, as everything stands now."""
    stay = draft.state.stay
    if stay is not None:
        _heed_sip(draft, stay)
        _heed_payment(draft, stay)


def _heed_payment(draft: Draft, stay: Episode) -> None:
    """The municipality hears of the day only while every condition of the act holds (5:3, 5:5)."""
    state = draft.state
    basis = Basis(stay, state.sip, state.municipality, state.rules, state.calendar)
    found = liability(basis, draft.now)
    paying = state.clock(ClockKind.PAYMENT, stay.subject)
    counts = found.status in ("counting", "started")
    if paying and paying.stopped_at is None and not (counts and _pays(state, stay, paying, found)):
        by_rule.stop(draft, ClockKind.PAYMENT, PAYMENT, stay.subject, kept=False)
    paying = draft.state.clock(ClockKind.PAYMENT, stay.subject)
    if counts and not (paying and paying.running):
        _owe(draft, ClockKind.PAYMENT, PAYMENT, found.periods[-1].counts_from)


def _pays(state: Journey, stay: Episode, paying: Clock, found: Liability) -> bool:
    """Whether the clock says what the ledger says: who, from when, and by what agreement."""
    agreed = paying.rule.agreement if paying.rule else None
    begins = paying.due_at.astimezone(STOCKHOLM).date()
    who = stay_sides.municipal_unit(state, stay) or stay.unit
    return (paying.owner, begins, agreed) == (who, found.starts_on, found.agreement)


def _heed_sip(draft: Draft, stay: Episode) -> None:
    """The summons is due three days after readiness and need, the later of the two (4:3)."""
    if stay.called_at is not None or not needs_sip(stay, draft.state.sip):
        kept = stay.called_at is not None
        by_rule.stop(draft, ClockKind.SIP_SUMMONS, SUMMONS, stay.subject, kept=kept)
        return
    running = draft.state.clock(ClockKind.SIP_SUMMONS, stay.subject)
    if stay.standing and not (running and running.stopped_at is None):
        began = max(stay.standing.sent_at, sip_needed_since(stay, draft.state.sip))
        _owe(draft, ClockKind.SIP_SUMMONS, SUMMONS, began)


def state_region_care(draft: Draft, command: cmd.StateRegionCare) -> None:
    """While the region's own care is missing or unclear, the municipality does not pay (5:5).

    Raises `Refused`: not_admitted, stay_followed, not_notified, reason_missing.
    """
    stay = stay_sides.newest(draft, command.stay)
    if not access.acts(draft, stay.unit):
        stay_sides.notified(draft, stay)
    if command.region_care != "available" and command.reason is None:
        raise Refused("reason_missing", FieldProblem(field="reason", rule="missing"))
    draft.add(
        ev.RegionCareStated(
            stay=stay.number, region_care=command.region_care, reason=command.reason
        )
    )
    heed(draft)


def give_information(draft: Draft, command: cmd.GiveInformation) -> None:
    """Handed over, at the latest on the day of the discharge (3:2, 3:3); before it is well, too.

    Raises `Refused`: not_admitted, not_the_ward, instant_in_future, before_admission.
    """
    stay = stay_sides.newest(draft)
    stay_sides.must_be_ward(draft, stay)
    instants.must_have_been(draft, command.at)
    if command.at < stay.admitted_at:
        raise Refused("before_admission", FieldProblem(field="at", rule="before_admission"))
    draft.add(
        ev.InformationGiven(stay=stay.number, at=command.at, to=command.to, given=command.given),
        effective_at=command.at,
    )
    if command.to == "units":
        kind, rule = ClockKind.DISCHARGE_INFORMATION, INFORMATION
    else:
        kind, rule = ClockKind.PATIENT_SUMMARY, SUMMARY
    by_rule.stop(draft, kind, rule, stay.subject, at=command.at)


def ended(draft: Draft, at: datetime) -> None:
    """The patient has left the ward: nobody pays any more, and the information is due today.

    Told twice of the same leaving, it owes nothing twice.
    """
    stay = draft.state.stay
    if stay is None or stay.left_at != at:
        return
    if draft.state.clock(ClockKind.DISCHARGE_INFORMATION, stay.subject):
        return
    clock.stop(draft, ClockKind.ESTIMATE, stay.subject, kept=False)
    by_rule.stop(draft, ClockKind.ADMISSION_NOTICE, NOTICE, stay.subject, kept=False)
    by_rule.stop(draft, ClockKind.PAYMENT, PAYMENT, stay.subject, kept=False)
    if stay.judged_at is None:
        return
    _owe_contact(draft, at)
    if stay.units_informed_at is None:
        _owe(draft, ClockKind.DISCHARGE_INFORMATION, INFORMATION, at)
    if stay.patient_informed_at is None:
        _owe(draft, ClockKind.PATIENT_SUMMARY, SUMMARY, at)


def _owe(draft: Draft, kind: ClockKind, rule: str, began: datetime) -> None:
    """Between the ward and the first municipal unit; the summons is the region's open care's."""
    stay = _newest(draft.state)
    municipal = stay_sides.municipal_unit(draft.state, stay) or stay.unit
    owner, counterpart = stay.unit, municipal
    if kind is ClockKind.SIP_SUMMONS:
        contact = stay.care_contact.unit if stay.care_contact else None
        coordinator = draft.state.holder(COORDINATION)
        owner = contact or stay_sides.open_care_unit(draft.state, stay) or coordinator
        counterpart = stay.unit
    if kind is ClockKind.PAYMENT:
        owner, counterpart = municipal, stay.unit
    by_rule.start(draft, Owed(kind, rule, stay.subject, owner, counterpart, began, stay.form))


def _newest(state: Journey) -> Episode:
    return state.episodes[-1]
