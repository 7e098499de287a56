"""What the events of a hospital stay do to the state."""

from domain import event as ev
from domain.event import Event
from domain.evolve.change import Apply, Change, knowing, not_all_told, of_stay
from domain.journey import Journey
from domain.stay import Episode, Planning, ReadyNotice


def _admitted(state: Journey, what: ev.PatientAdmitted, _: Event) -> Change:
    episode = Episode(
        number=len(state.episodes) + 1,
        unit=what.unit,
        admitted_at=what.at,
        form=what.form,
        judged_at=what.at if what.efforts else None,
        efforts=what.efforts,
    )
    return {"episodes": (*state.episodes, episode), "departure": None, "safety_net": None}


def _judged(state: Journey, what: ev.AftercareJudged, _: Event) -> Change:
    """The first judgement counts, until a later one asks for somebody who has not been told."""
    stay = state.episodes[-1]
    now = stay.model_copy(update={"efforts": what.efforts})
    if stay.notice_at is not None and not_all_told(state, now, state.municipality):
        return of_stay(state, judged_at=what.at, notice_at=None, efforts=what.efforts)
    return of_stay(state, judged_at=stay.judged_at or what.at, efforts=what.efforts)


def _notice(state: Journey, what: ev.AdmissionNoticeSent, event: Event) -> Change:
    stay = state.episodes[-1]
    told = dict.fromkeys((*stay.notified, *(u.hsa_id for u in what.to)))
    first = stay.notice_at or event.effective_at
    changed = of_stay(state, notice_at=first, notified=tuple(told), estimated_at=what.estimated_at)
    return changed | {"units": knowing(state, what.to)}


def _estimated(state: Journey, what: ev.DischargeEstimated, _: Event) -> Change:
    return of_stay(state, estimated_at=what.estimated_at)


def _planning(state: Journey, what: ev.PlanningStarted, event: Event) -> Change:
    begun = Planning(unit=what.unit, since=event.effective_at)
    return of_stay(state, ended=True, planning=(*state.episodes[-1].planning, begun))


def _contact(state: Journey, what: ev.CareContactNamed, _: Event) -> Change:
    return of_stay(state, ended=True, care_contact=what.care_contact)


def _ready(state: Journey, what: ev.PatientReady, event: Event) -> Change:
    """A notice that stands is the one that counts; said again it changes nothing but the fact.

    It is sent when it is written down, unless a person told the units before (5:4: "skickats").
    """
    if state.admitted is None:
        return {}
    stay = state.episodes[-1]
    sent_at = what.at if what.told_by_hand else event.decided_at
    notices = stay.ready if stay.standing else (*stay.ready, ReadyNotice(sent_at=sent_at))
    return of_stay(state, ready_at=what.at, ready=notices)


def _withdrawn(state: Journey, what: ev.ReadyWithdrawn, _: Event) -> Change:
    *earlier, newest = state.episodes[-1].ready
    gone = newest.model_copy(update={"withdrawn_at": what.at, "reason": what.reason})
    return of_stay(state, ready_at=None, ready=(*earlier, gone))


def _region_care(state: Journey, what: ev.RegionCareStated, event: Event) -> Change:
    stated = {"region_care": what.region_care, "region_care_reason": what.reason}
    return of_stay(state, ended=True, region_care_at=event.effective_at, **stated)


def _information(state: Journey, what: ev.InformationGiven, _: Event) -> Change:
    stay = state.episodes[-1]
    if what.to == "units":
        return of_stay(state, ended=True, units_informed_at=stay.units_informed_at or what.at)
    given = tuple(dict.fromkeys((*stay.given, *what.given)))
    first = stay.patient_informed_at or what.at
    return of_stay(state, ended=True, patient_informed_at=first, given=given)


CHANGES: dict[type, Apply] = {
    ev.PatientAdmitted: _admitted,
    ev.AftercareJudged: _judged,
    ev.AdmissionNoticeSent: _notice,
    ev.DischargeEstimated: _estimated,
    ev.PlanningStarted: _planning,
    ev.CareContactNamed: _contact,
    ev.PatientReady: _ready,
    ev.ReadyWithdrawn: _withdrawn,
    ev.RegionCareStated: _region_care,
    ev.InformationGiven: _information,
}
