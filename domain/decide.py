"""`decide`: a command meets a state, and becomes events or a coded no."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain import command as cmd
from domain.command import Envelope, PathwayCommand, UnitCommand
from domain.draft import Draft
from domain.event import CalendarAdopted, Event, RulesAdopted
from domain.journey import Journey
from domain.lateness import Cause
from domain.refusal import Refusal, Refused
from domain.rules import (
    access,
    after,
    answering,
    before,
    clock,
    deviation,
    facts,
    hold,
    journey,
    meeting,
    migration,
    plan,
    proxy,
    sending,
    stay,
    step,
    taking_back,
    thread,
    units,
)

Events = tuple[Event, ...]


def decide(state: Journey | None, envelope: Envelope, now: datetime) -> Events | Refusal:
    """What a command leads to. Pure: the same arguments give the same answer."""
    draft = Draft(state, now, envelope.actor, relayed=envelope.relayed)
    try:
        _check_call(state, envelope)
        _adopt_calendar(draft, envelope)
        _adopt_rules(draft, envelope)
        _RULES[type(envelope.command)](draft, envelope.command)
    except Refused as refused:
        return refused.refusal
    return tuple(draft.events)


def pass_time(state: Journey, now: datetime, late: Cause = "outage") -> Events:
    """What has become due by `now`, and why if it comes late; nothing when nothing has."""
    draft = Draft(state, now, None)
    journey.pass_time(draft, late)
    return tuple(draft.events)


def next_moment(state: Journey) -> datetime | None:
    """The next instant at which something happens by itself."""
    return min((clock.next_at for clock in state.running()), default=None)


# What may still be done when the patient has died.
AFTER_DEATH = (
    cmd.UndoDeath,
    cmd.ConfirmClosing,
    cmd.ChangeProtection,
    cmd.AdoptUnit,
    cmd.Succeed,
    cmd.PostMessage,
    cmd.ReadMessages,
    cmd.Withdraw,
)
DEATH_ONLY = (cmd.UndoDeath, cmd.ConfirmClosing)


def _check_call(state: Journey | None, envelope: Envelope) -> None:
    if isinstance(envelope.command, UnitCommand | PathwayCommand):
        access.must_keep_catalogue(envelope.actor)
    else:
        access.must_work_with_patients(envelope.actor)
    if isinstance(envelope.command, cmd.Start):
        if state is not None:
            raise Refused("journey_exists")
        return
    if state is None:
        raise Refused("journey_unknown")
    if not state.open:
        raise Refused("journey_closed")
    if envelope.expected_seq is not None and envelope.expected_seq != state.seq:
        raise Refused("sequence_stale")
    if envelope.calendar_version > state.calendar.version and envelope.calendar is None:
        raise Refused("calendar_stale")
    if envelope.rules is None and _has_newer(state, envelope.rules_version):
        raise Refused("rules_stale")
    _check_life(state, envelope.command)


def _has_newer(state: Journey, version: str | None) -> bool:
    """Whether the doors know a newer rulebook than the journey does."""
    known = state.rules.version if state.rules else ""
    return version is not None and version > known


def _check_life(state: Journey, command: cmd.Command) -> None:
    if state.deceased_at and not isinstance(command, AFTER_DEATH):
        raise Refused("patient_deceased")
    if state.deceased_at is None and isinstance(command, DEATH_ONLY):
        raise Refused("patient_not_deceased")


def _adopt_calendar(draft: Draft, envelope: Envelope) -> None:
    if envelope.calendar is None or isinstance(envelope.command, cmd.Start):
        return
    if envelope.calendar.version > draft.state.calendar.version:
        draft.add(CalendarAdopted(calendar=envelope.calendar))


def _adopt_rules(draft: Draft, envelope: Envelope) -> None:
    if envelope.rules is None or isinstance(envelope.command, cmd.Start):
        return
    if _has_newer(draft.state, envelope.rules.version):
        draft.add(RulesAdopted(rules=envelope.rules))


_Rule = Callable[[Draft, Any], None]


def _record_call(draft: Draft, command: cmd.RecordCall) -> None:
    before.may(draft, "call", command.handover_id)
    proxy.record_call(draft, command)


_RULES: dict[type, _Rule] = {
    cmd.Start: journey.start,
    cmd.AnswerPerson: journey.answer_person,
    cmd.CompleteStep: step.complete,
    cmd.SkipStep: step.skip,
    cmd.ExtendStep: deviation.extend,
    cmd.ReopenStep: deviation.reopen,
    cmd.AddStep: deviation.add,
    cmd.RecordVisit: step.record_visit,
    cmd.RecordDelay: journey.record_delay,
    cmd.BeginWaiting: journey.begin_waiting,
    cmd.EndWaiting: journey.end_waiting,
    cmd.OpenGuidance: journey.open_guidance,
    cmd.StartPeriod: journey.start_period,
    cmd.Close: journey.close,
    cmd.Absorb: journey.absorb,
    cmd.Merge: journey.merge,
    cmd.Send: sending.send,
    cmd.SendBundle: sending.send_bundle,
    cmd.Announce: sending.announce,
    cmd.ChangeEstimate: sending.change_estimate,
    cmd.Acknowledge: answering.acknowledge,
    cmd.Accept: answering.accept,
    cmd.Decline: answering.decline,
    cmd.Redirect: answering.redirect,
    cmd.Ask: answering.ask,
    cmd.Answer: answering.answer,
    cmd.Propose: answering.propose,
    cmd.TakeProposal: answering.take_proposal,
    cmd.RefuseProposal: answering.refuse_proposal,
    cmd.Dispute: answering.dispute,
    cmd.ConfirmAnswer: answering.confirm,
    cmd.Withdraw: taking_back.withdraw,
    cmd.RequestCancellation: taking_back.request_cancellation,
    cmd.AnswerCancellation: taking_back.answer_cancellation,
    cmd.Assign: after.assign,
    cmd.Release: after.release,
    cmd.ReportFirstContact: after.report_first_contact,
    cmd.CompleteHandover: after.complete,
    cmd.RecordCall: _record_call,
    cmd.Resume: hold.resume,
    cmd.RecordDeparture: facts.record_departure,
    cmd.RecordSafetyNet: facts.record_safety_net,
    cmd.RecordSafetyCall: facts.record_safety_call,
    cmd.RecordAdmission: facts.record_admission,
    cmd.RecordReady: facts.record_ready,
    cmd.RecordDeath: journey.record_death,
    cmd.UndoDeath: journey.undo_death,
    cmd.ConfirmClosing: journey.confirm_closing,
    cmd.RecordMove: facts.record_move,
    cmd.ChangeProtection: facts.change_protection,
    cmd.Identify: facts.identify,
    cmd.RecordGuardians: facts.record_guardians,
    cmd.ReportFact: facts.report_fact,
    cmd.JudgeAftercare: stay.judge_aftercare,
    cmd.SendAdmissionNotice: stay.send_notice,
    cmd.EstimateDischarge: stay.estimate,
    cmd.StartPlanning: stay.start_planning,
    cmd.NameCareContact: stay.name_contact,
    cmd.WithdrawReady: stay.withdraw_ready,
    cmd.StateRegionCare: stay.state_region_care,
    cmd.GiveInformation: stay.give_information,
    cmd.SnoozeClock: clock.snooze,
    cmd.DraftPlan: plan.draft_plan,
    cmd.ActivatePlan: plan.activate,
    cmd.ClosePlan: plan.close_plan,
    cmd.CallMeeting: meeting.call,
    cmd.CancelMeeting: meeting.cancel,
    cmd.HoldMeeting: meeting.hold,
    cmd.DecideSip: meeting.decide_sip,
    cmd.RecordSipConsent: meeting.record_sip_consent,
    cmd.CloseSip: meeting.close_sip,
    cmd.PostMessage: thread.post,
    cmd.ReadMessages: thread.read,
    cmd.AdoptUnit: units.adopt,
    cmd.Succeed: units.succeed,
    cmd.Migrate: migration.migrate,
    cmd.UndoMigration: migration.undo,
}
