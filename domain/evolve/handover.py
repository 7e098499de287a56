"""What events of a handover do to the state."""

from domain import event as ev
from domain.event import Event
from domain.evolve.change import Apply, Change, knowing, of_handover
from domain.handover import Handover
from domain.journey import Journey, Part
from domain.pathway import Purpose
from domain.unit import Unit


def _announced(state: Journey, what: ev.HandoverAnnounced, event: Event) -> Change:
    handover = Handover(
        id=what.handover_id,
        part=what.part,
        purpose=what.purpose,
        step=None,
        period=state.period,
        profile=what.profile,
        from_unit=what.from_unit,
        to_unit=what.to.hsa_id,
        estimated_discharge_at=what.estimated_at,
        announced_at=event.effective_at,
        sent_at=None,
    )
    return _with(state, handover, (*what.stand_ins, what.to))


def _sent(state: Journey, what: ev.HandoverSent, event: Event) -> Change:
    announced = state.handovers.get(what.handover_id)
    handover = Handover(
        id=what.handover_id,
        part=what.part,
        purpose=what.purpose,
        step=what.step,
        period=state.period,
        bundle=what.bundle,
        resends=what.resends,
        profile=what.profile,
        plan_version=what.plan_version,
        professions=what.content.professions,
        from_unit=what.from_unit,
        to_unit=what.to.hsa_id,
        estimated_discharge_at=what.content.estimated_discharge_at,
        announced_at=announced.announced_at if announced else None,
        sent_at=event.effective_at,
    )
    return _with(state, handover, (*what.stand_ins, what.to))


def _with(state: Journey, handover: Handover, units: tuple[Unit, ...]) -> Change:
    return {
        "handovers": {**state.handovers, handover.id: handover},
        "units": knowing(state, units),
    }


def _estimate_changed(state: Journey, what: ev.EstimateChanged, _: Event) -> Change:
    return of_handover(state, what.handover_id, estimated_discharge_at=what.estimated_at)


def _received(state: Journey, what: ev.HandoverReceived, event: Event) -> Change:
    return of_handover(state, what.handover_id, received_at=event.effective_at)


def _acknowledged(state: Journey, what: ev.HandoverAcknowledged, event: Event) -> Change:
    change = {"acknowledged_at": event.effective_at, **_by_call(state, what, event)}
    if state.handovers[what.handover_id].purpose is Purpose.INFORM:
        change["held_since"] = None  # what has been read waits for nothing
    return of_handover(state, what.handover_id, **change)


def _accepted(state: Journey, what: ev.HandoverAccepted, event: Event) -> Change:
    change = of_handover(
        state,
        what.handover_id,
        accepted_at=event.effective_at,
        takes_over=what.takes_over,
        delay=what.delay,
        standing=what.standing,
        question_since=None,
        proposed_since=None,
        disputed_since=None,
        **_by_call(state, what, event),
    )
    delays = {**state.delays, what.handover_id: what.delay} if what.delay else state.delays
    return {**change, "delays": delays}


def _by_call(
    state: Journey,
    what: ev.HandoverAcknowledged
    | ev.HandoverAccepted
    | ev.HandoverDeclined
    | ev.FirstContactReported
    | ev.HandoverCompleted,
    event: Event,
) -> Change:
    """What telephone and paper do to a handover: it is marked, and a late entry waits.

    A timely yes or no stands by itself, also after a reading that was entered late.
    """
    paper = getattr(what, "paper", None)
    if what.call is None and paper is None:
        return {}
    change: Change = {"proxied": True, "call_task": None} if what.call else {}
    change |= {"on_paper": paper is not None, **_recorded(what, event)}
    if what.provisional and event.actor:
        change |= {"provisional_since": event.decided_at, "provisional_by": event.actor.subject}
        change |= {"reading_only": isinstance(what, ev.HandoverAcknowledged)}
    elif not isinstance(what, ev.HandoverAcknowledged):
        change |= UNENTERED
    return change


def _recorded(what: object, event: Event) -> Change:
    """When the reading or the answer was written down, beside when it was true."""
    if isinstance(what, ev.HandoverAcknowledged):
        return {"reading_recorded_at": event.decided_at}
    if isinstance(what, ev.HandoverAccepted | ev.HandoverDeclined):
        return {"answer_recorded_at": event.decided_at}
    return {}


def _taken_over(state: Journey, what: ev.HandoverTakenOver, event: Event) -> Change:
    handover = state.handovers[what.handover_id]
    change = of_handover(
        state, what.handover_id, taken_over_at=event.effective_at, cancellation_since=None
    )
    if handover.purpose.moves:
        since = max(event.effective_at, state.parts[handover.part].since)
        part = Part(key=handover.part, holder=handover.to_unit, since=since)
        change["parts"] = {**state.parts, handover.part: part}
    return change


def _part_returned(state: Journey, what: ev.PartReturned, event: Event) -> Change:
    since = max(event.effective_at, state.parts[what.part].since)
    part = Part(key=what.part, holder=what.to, since=since)
    return {"parts": {**state.parts, what.part: part}}


def _released(state: Journey, what: ev.HandoverReleased, event: Event) -> Change:
    released = {"released_at": event.effective_at, "held_since": None}
    return of_handover(state, what.handover_id, **released)


def _declined(state: Journey, what: ev.HandoverDeclined, event: Event) -> Change:
    change = of_handover(
        state,
        what.handover_id,
        declined_at=event.effective_at,
        decline_reason=what.reason,
        delay=what.delay,
        proposed_unit=what.proposes,
        question_since=None,
        proposed_since=None,
        disputed_since=None,
        **_by_call(state, what, event),
    )
    delays = {**state.delays, what.handover_id: what.delay} if what.delay else state.delays
    return {**change, "delays": delays}


# Nothing that was entered late waits for anybody: it holds, or it does not count any more.
UNENTERED: Change = {"provisional_since": None, "provisional_by": None, "reading_only": False}


def _redirected(state: Journey, what: ev.HandoverRedirected, event: Event) -> Change:
    handover = state.handovers[what.handover_id]
    change = of_handover(
        state,
        what.handover_id,
        to_unit=what.to.hsa_id,
        earlier_receivers=(*handover.earlier_receivers, handover.to_unit),
        redirected_at=event.effective_at,
        received_at=None,
        acknowledged_at=None,
        reading_recorded_at=None,
        on_paper=False,
        assigned_to=None,
        call_task=None,
        **UNENTERED,
    )
    return {**change, "units": knowing(state, (*what.stand_ins, what.to))}


def _redirect_stopped(state: Journey, what: ev.RedirectStopped, _: Event) -> Change:
    return {}


def _asked(state: Journey, what: ev.QuestionAsked, event: Event) -> Change:
    return of_handover(state, what.handover_id, question_since=event.effective_at)


def _answered(state: Journey, what: ev.QuestionAnswered, _: Event) -> Change:
    return of_handover(state, what.handover_id, question_since=None)


def _proposed(state: Journey, what: ev.HandoverProposed, event: Event) -> Change:
    return of_handover(
        state, what.handover_id, proposed_since=event.effective_at, proposal=what.takes_over
    )


def _proposal_refused(state: Journey, what: ev.ProposalRefused, _: Event) -> Change:
    return of_handover(state, what.handover_id, proposed_since=None)


def _withdrawn(state: Journey, what: ev.HandoverWithdrawn, event: Event) -> Change:
    return of_handover(
        state,
        what.handover_id,
        withdrawn_at=event.effective_at,
        question_since=None,
        call_task=None,
        **UNENTERED,
    )


def _cancellation_requested(state: Journey, what: ev.CancellationRequested, event: Event) -> Change:
    return of_handover(state, what.handover_id, cancellation_since=event.effective_at)


def _cancellation_refused(state: Journey, what: ev.CancellationRefused, _: Event) -> Change:
    return of_handover(state, what.handover_id, cancellation_since=None)


def _disputed(state: Journey, what: ev.HandoverDisputed, event: Event) -> Change:
    """A no that stands open again needs no confirmation; a reading still does."""
    declined = state.handovers[what.handover_id].declined_at is not None
    return of_handover(
        state,
        what.handover_id,
        disputed_since=event.effective_at,
        disputed_by=what.by,
        declined_at=None,
        **({**UNENTERED, "answer_recorded_at": None} if declined else {}),
    )


def _assigned(state: Journey, what: ev.HandoverAssigned, _: Event) -> Change:
    return of_handover(state, what.handover_id, assigned_to=what.to)


def _assignment_ended(state: Journey, what: ev.AssignmentEnded, _: Event) -> Change:
    return of_handover(state, what.handover_id, assigned_to=None)


def _first_contact(state: Journey, what: ev.FirstContactReported, event: Event) -> Change:
    met = {"first_contact_at": what.at, "held_since": None, **_by_call(state, what, event)}
    return of_handover(state, what.handover_id, **met)


def _completed(state: Journey, what: ev.HandoverCompleted, event: Event) -> Change:
    change = {"completed_at": event.effective_at, **_by_call(state, what, event)}
    return of_handover(state, what.handover_id, **change)


def _held(state: Journey, what: ev.HandoverHeld, event: Event) -> Change:
    return of_handover(state, what.handover_id, held_since=event.effective_at)


def _resumed(state: Journey, what: ev.HandoverResumed, _: Event) -> Change:
    return of_handover(state, what.handover_id, held_since=None)


def _ceased(state: Journey, what: ev.HandoverCeased, event: Event) -> Change:
    return of_handover(state, what.handover_id, ceased_at=event.effective_at, call_task=None)


def _call_task_opened(state: Journey, what: ev.CallTaskOpened, _: Event) -> Change:
    return of_handover(state, what.handover_id, call_task=what.task)


def _call_made(state: Journey, what: ev.CallMade, _: Event) -> Change:
    calls = state.handovers[what.handover_id].calls + 1
    return of_handover(state, what.handover_id, call_task=None, calls=calls)


def _confirmed(state: Journey, what: ev.AnswerConfirmed, _: Event) -> Change:
    return of_handover(state, what.handover_id, **UNENTERED)


CHANGES: dict[type, Apply] = {
    ev.HandoverAnnounced: _announced,
    ev.HandoverSent: _sent,
    ev.EstimateChanged: _estimate_changed,
    ev.HandoverReceived: _received,
    ev.HandoverAcknowledged: _acknowledged,
    ev.HandoverAccepted: _accepted,
    ev.HandoverTakenOver: _taken_over,
    ev.HandoverReleased: _released,
    ev.HandoverDeclined: _declined,
    ev.HandoverRedirected: _redirected,
    ev.RedirectStopped: _redirect_stopped,
    ev.QuestionAsked: _asked,
    ev.QuestionAnswered: _answered,
    ev.HandoverProposed: _proposed,
    ev.ProposalRefused: _proposal_refused,
    ev.HandoverWithdrawn: _withdrawn,
    ev.CancellationRequested: _cancellation_requested,
    ev.CancellationRefused: _cancellation_refused,
    ev.HandoverDisputed: _disputed,
    ev.HandoverAssigned: _assigned,
    ev.AssignmentEnded: _assignment_ended,
    ev.FirstContactReported: _first_contact,
    ev.HandoverCompleted: _completed,
    ev.HandoverHeld: _held,
    ev.HandoverResumed: _resumed,
    ev.HandoverCeased: _ceased,
    ev.PartReturned: _part_returned,
    ev.CallTaskOpened: _call_task_opened,
    ev.CallMade: _call_made,
    ev.AnswerConfirmed: _confirmed,
}
