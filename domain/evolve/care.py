"""What facts about the patient, plans, meetings and messages do to the state."""

from domain import event as ev
from domain.delay import Waiting
from domain.event import Event
from domain.evolve.change import Apply, Change, not_all_told, of_stay
from domain.facts import Departure
from domain.journey import Journey
from domain.meeting import Meeting, MeetingState, Sip
from domain.plan import PlanState, PlanVersion


def _left(state: Journey, what: ev.PatientLeft, _: Event) -> Change:
    """A leaving before the admission, written down late, ends no stay."""
    stays = state.admitted is not None and what.at < state.admitted.admitted_at
    return {
        "departure": Departure(from_unit=what.from_unit, at=what.at, to=what.to),
        "safety_net": None,
        **({} if stays else of_stay(state, left_at=what.at)),
    }


def _safety_net(state: Journey, what: ev.SafetyNetRecorded, _: Event) -> Change:
    return {"safety_net": what.safety_net}


def _safety_call(state: Journey, what: ev.SafetyCallMade, _: Event) -> Change:
    if state.safety_net is None or what.next_call_at is None:
        return {}
    return {"safety_net": state.safety_net.model_copy(update={"call_at": what.next_call_at})}


def _died(state: Journey, what: ev.PatientDied, _: Event) -> Change:
    open_clocks = (c.id for c in state.clocks.values() if c.stopped_at is None)
    return {"deceased_at": what.at, "silenced": tuple(open_clocks)}


def _death_undone(state: Journey, what: ev.DeathUndone, _: Event) -> Change:
    return {"deceased_at": None, "silenced": ()}


def _nothing(state: Journey, what: object, _: Event) -> Change:
    """Kept in the log; nothing is decided by it."""
    return {}


def _moved(state: Journey, what: ev.PatientMoved, _: Event) -> Change:
    """In hospital the new municipality has to be told, from now on."""
    stay = state.admitted
    change: Change = {"municipality": what.municipality}
    if stay and stay.notice_at and not_all_told(state, stay, what.municipality):
        change |= of_stay(state, judged_at=what.at, notice_at=None)
    return change


def _protection(state: Journey, what: ev.ProtectionChanged, _: Event) -> Change:
    return {"protection": what.protection}


def _identified(state: Journey, what: ev.PatientIdentified, _: Event) -> Change:
    return {"patient_id": what.patient_id, "reserve_number": False}


def _guardians(state: Journey, what: ev.GuardiansRecorded, _: Event) -> Change:
    return {"guardians": what.guardians}


def _waiting_began(state: Journey, what: ev.WaitingBegan, _: Event) -> Change:
    return {"waiting": Waiting(why=what.why, since=what.since)}


def _waiting_ended(state: Journey, what: ev.WaitingEnded, _: Event) -> Change:
    return {"waiting": None}


def _plan_drafted(state: Journey, what: ev.PlanDrafted, _: Event) -> Change:
    others = tuple(p for p in state.plans if p.number != what.version.number)
    return {"plans": (*others, what.version)}


def _plan_activated(state: Journey, what: ev.PlanActivated, event: Event) -> Change:
    def then(plan: PlanVersion) -> PlanVersion:
        revised = plan.number == what.revises
        ended = {"state": PlanState.REVISED, "ended_at": event.effective_at}
        return plan.model_copy(update=ended) if revised else plan

    others = tuple(then(p) for p in state.plans if p.number != what.version.number)
    return {"plans": (*others, what.version), "goals": what.version.goals}


def _plan_closed(state: Journey, what: ev.PlanClosed, event: Event) -> Change:
    ended = {"state": PlanState.CLOSED, "ended_at": event.effective_at}
    plans = (p.model_copy(update=ended) if p.number == what.number else p for p in state.plans)
    return {"plans": tuple(plans)}


def _meeting_called(state: Journey, what: ev.MeetingCalled, event: Event) -> Change:
    meeting = Meeting(
        id=what.meeting_id,
        summons=what.summons,
        called_by=what.by,
        state=MeetingState.PLANNED,
        revision=what.revision,
        called_at=event.effective_at,
    )
    change: Change = {
        "meetings": {**state.meetings, meeting.id: meeting},
        "units": {**state.units, **{u.hsa_id: u for u in what.units}},
    }
    if what.summons.kind == "sip" and state.sip:
        called = state.sip.called_at or event.effective_at
        change["sip"] = state.sip.model_copy(update={"called_at": called})
    called_now = what.summons.kind == "sip" and what.because == "called"
    if called_now and state.stay and state.stay.called_at is None:
        change |= of_stay(state, called_at=event.effective_at, ended=True)
    return change


def _called_besides(state: Journey, cancelled: Meeting) -> bool:
    """Whether another SIP meeting stands, or was held."""
    others = (m for m in state.meetings.values() if m.id != cancelled.id)
    standing = (m for m in others if m.state is not MeetingState.CANCELLED)
    return any(m.summons.kind == "sip" for m in standing)


def _meeting_ended(
    state: Journey, what: ev.MeetingCancelled | ev.MeetingHeld, event: Event
) -> Change:
    held = isinstance(what, ev.MeetingHeld)
    ended = MeetingState.HELD if held else MeetingState.CANCELLED
    meeting = state.meetings[what.meeting_id]
    changed = meeting.model_copy(update={"state": ended, "ended_at": event.effective_at})
    change: Change = {"meetings": {**state.meetings, meeting.id: changed}}
    if not held and meeting.summons.kind == "sip" and not _called_besides(state, meeting):
        change |= of_stay(state, called_at=None, ended=True)
    if isinstance(what, ev.MeetingHeld) and what.outcome.sip and state.sip:
        content = what.outcome.sip
        agreed = {
            "held_at": what.at,
            "main_responsibility": content.main_responsibility,
            "plan_owner": content.plan_owner,
            "follow_up_on": content.follow_up_on,
        }
        change["sip"] = state.sip.model_copy(update=agreed)
    return change


def _sip_decided(state: Journey, what: ev.SipDecided, event: Event) -> Change:
    decided = Sip(needed=what.needed, decided_at=event.effective_at, decided_by=what.by)
    return {"sip": decided}


def _sip_consent(state: Journey, what: ev.SipConsentRecorded, _: Event) -> Change:
    assert state.sip is not None
    return {"sip": state.sip.model_copy(update={"consent": what.given, "consent_at": what.at})}


def _sip_closed(state: Journey, what: ev.SipClosed, event: Event) -> Change:
    assert state.sip is not None
    return {"sip": state.sip.model_copy(update={"closed_at": event.effective_at})}


def _posted(state: Journey, what: ev.MessagePosted, _: Event) -> Change:
    """Who writes has read its own words, and those before only if it had."""
    seen = state.read.get(what.by, 0)
    read = {**state.read, what.by: what.number} if seen >= what.number - 1 else state.read
    return {"messages": what.number, "read": read}


def _read(state: Journey, what: ev.MessagesRead, _: Event) -> Change:
    return {"read": {**state.read, what.by: what.up_to}}


CHANGES: dict[type, Apply] = {
    ev.PatientLeft: _left,
    ev.SafetyNetRecorded: _safety_net,
    ev.SafetyCallMade: _safety_call,
    ev.PatientDied: _died,
    ev.DeathUndone: _death_undone,
    ev.ClosingConfirmed: _nothing,
    ev.FactReported: _nothing,
    ev.PatientMoved: _moved,
    ev.ProtectionChanged: _protection,
    ev.PatientIdentified: _identified,
    ev.GuardiansRecorded: _guardians,
    ev.WaitingBegan: _waiting_began,
    ev.WaitingEnded: _waiting_ended,
    ev.PlanDrafted: _plan_drafted,
    ev.PlanActivated: _plan_activated,
    ev.PlanClosed: _plan_closed,
    ev.MeetingCalled: _meeting_called,
    ev.MeetingCancelled: _meeting_ended,
    ev.MeetingHeld: _meeting_ended,
    ev.SipDecided: _sip_decided,
    ev.SipConsentRecorded: _sip_consent,
    ev.SipClosed: _sip_closed,
    ev.MessagePosted: _posted,
    ev.MessagesRead: _read,
}
