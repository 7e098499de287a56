"""`evolve`: what an event does to the state. Nothing is decided here and nothing can fail."""

from collections.abc import Callable, Iterable
from typing import Any

from domain import event as ev
from domain.content import Assessment, Plan
from domain.event import Event
from domain.handover import Handover
from domain.journey import Departure, Journey, Part, Step, StepState, step_id


def fold(events: Iterable[Event], state: Journey | None = None) -> Journey | None:
    """The state after all events, in order."""
    for event in events:
        state = evolve(state, event)
    return state


def evolve(state: Journey | None, event: Event) -> Journey:
    """The state after one event. Only `JourneyStarted` may meet no state."""
    what = event.what
    if isinstance(what, ev.JourneyStarted):
        return _begin(what, event)
    assert state is not None, "the first event of a journey is its start"
    change = _CHANGES[type(what)](state, what, event)
    return state.model_copy(update={"seq": event.seq, **change})


def _begin(what: ev.JourneyStarted, event: Event) -> Journey:
    journey = Journey(
        id=what.journey_id,
        patient_id=what.patient_id,
        seq=event.seq,
        definition=what.definition,
        calendars={what.calendar.version: what.calendar},
        ladders=what.ladders,
        units={what.unit.hsa_id: what.unit},
        started_by=what.unit.hsa_id,
        started_at=event.effective_at,
    )
    return journey.model_copy(update={"steps": _steps(journey, 1)})


def _steps(state: Journey, period: int) -> dict[str, Step]:
    return {
        step_id(period, d.key): Step(
            id=step_id(period, d.key),
            key=d.key,
            kind=d.kind,
            part=d.part,
            period=period,
            place=place,
            state=StepState.WAITING,
        )
        for place, d in enumerate(state.definition.steps)
    }


Change = dict[str, Any]


def _calendar_adopted(state: Journey, what: ev.CalendarAdopted, _: Event) -> Change:
    return {"calendars": {**state.calendars, what.calendar.version: what.calendar}}


def _step_opened(state: Journey, what: ev.StepOpened, event: Event) -> Change:
    return _step(
        state, what.step, state=StepState.OPEN, opened_at=event.effective_at, ended_at=None
    )


def _step_completed(state: Journey, what: ev.StepCompleted, event: Event) -> Change:
    change = _step(state, what.step, state=StepState.DONE, ended_at=event.effective_at)
    if isinstance(what.content, Assessment):
        change["need"] = what.content.rehab_need
    if isinstance(what.content, Plan):
        change["goals"] = len(what.content.goals)
    return change


def _step_not_needed(state: Journey, what: ev.StepNotNeeded, event: Event) -> Change:
    return _step(state, what.step, state=StepState.NOT_NEEDED, ended_at=event.effective_at)


def _step_skipped(state: Journey, what: ev.StepSkipped, event: Event) -> Change:
    return _step(state, what.step, state=StepState.SKIPPED, ended_at=event.effective_at)


def _visit_recorded(state: Journey, what: ev.VisitRecorded, _: Event) -> Change:
    return {"visits": what.number}


def _period_started(state: Journey, what: ev.PeriodStarted, _: Event) -> Change:
    steps = {**state.steps, **_steps(state, what.period)}
    return {"period": what.period, "steps": steps, "need": None, "goals": 0, "departure": None}


def _part_started(state: Journey, what: ev.PartStarted, event: Event) -> Change:
    part = Part(key=what.part, holder=what.holder, since=event.effective_at)
    return {"parts": {**state.parts, what.part: part}}


def _handover_sent(state: Journey, what: ev.HandoverSent, event: Event) -> Change:
    handover = Handover(
        id=what.handover_id,
        part=what.part,
        purpose=what.purpose,
        step=what.step,
        period=state.period,
        from_unit=what.from_unit,
        to_unit=what.to.hsa_id,
        estimated_discharge_at=what.content.estimated_discharge_at,
        sent_at=event.effective_at,
    )
    return {
        "handovers": {**state.handovers, handover.id: handover},
        "units": {**state.units, what.to.hsa_id: what.to},
    }


def _received(state: Journey, what: ev.HandoverReceived, event: Event) -> Change:
    return _handover(state, what.handover_id, received_at=event.effective_at)


def _acknowledged(state: Journey, what: ev.HandoverAcknowledged, event: Event) -> Change:
    return _handover(state, what.handover_id, acknowledged_at=event.effective_at)


def _accepted(state: Journey, what: ev.HandoverAccepted, event: Event) -> Change:
    return _handover(
        state,
        what.handover_id,
        accepted_at=event.effective_at,
        takes_over=what.takes_over,
        question_since=None,
    )


def _taken_over(state: Journey, what: ev.HandoverTakenOver, event: Event) -> Change:
    handover = state.handovers[what.handover_id]
    change = _handover(state, what.handover_id, taken_over_at=event.effective_at)
    if handover.purpose.moves:
        since = max(event.effective_at, state.parts[handover.part].since)
        part = Part(key=handover.part, holder=handover.to_unit, since=since)
        change["parts"] = {**state.parts, handover.part: part}
    return change


def _released(state: Journey, what: ev.HandoverReleased, event: Event) -> Change:
    return _handover(state, what.handover_id, released_at=event.effective_at)


def _declined(state: Journey, what: ev.HandoverDeclined, event: Event) -> Change:
    return _handover(
        state,
        what.handover_id,
        declined_at=event.effective_at,
        decline_reason=what.reason,
        proposed_unit=what.proposes,
        question_since=None,
    )


def _redirected(state: Journey, what: ev.HandoverRedirected, event: Event) -> Change:
    handover = state.handovers[what.handover_id]
    change = _handover(
        state,
        what.handover_id,
        to_unit=what.to.hsa_id,
        earlier_receivers=(*handover.earlier_receivers, handover.to_unit),
        received_at=None,
        acknowledged_at=None,
    )
    return {**change, "units": {**state.units, what.to.hsa_id: what.to}}


def _redirect_stopped(state: Journey, what: ev.RedirectStopped, _: Event) -> Change:
    return {}


def _asked(state: Journey, what: ev.QuestionAsked, event: Event) -> Change:
    return _handover(state, what.handover_id, question_since=event.effective_at)


def _answered(state: Journey, what: ev.QuestionAnswered, _: Event) -> Change:
    return _handover(state, what.handover_id, question_since=None)


def _withdrawn(state: Journey, what: ev.HandoverWithdrawn, event: Event) -> Change:
    return _handover(state, what.handover_id, withdrawn_at=event.effective_at, question_since=None)


def _first_contact(state: Journey, what: ev.FirstContactReported, _: Event) -> Change:
    return _handover(state, what.handover_id, first_contact_at=what.at)


def _patient_left(state: Journey, what: ev.PatientLeft, _: Event) -> Change:
    return {"departure": Departure(from_unit=what.from_unit, at=what.at, to=what.to)}


def _closed(state: Journey, what: ev.JourneyClosed, event: Event) -> Change:
    return {"closed_at": event.effective_at, "close_reason": what.reason}


def _clock_set(state: Journey, what: ev.ClockStarted | ev.ClockMoved, _: Event) -> Change:
    return {"clocks": {**state.clocks, what.clock.id: what.clock}}


def _clock_stopped(state: Journey, what: ev.ClockStopped, event: Event) -> Change:
    return _clock(state, what.clock_id, stopped_at=event.effective_at)


def _rung_fired(state: Journey, what: ev.RungFired, _: Event) -> Change:
    return _clock(state, what.clock_id, next_rung=what.next_rung, next_at=what.next_at)


def _step(journey: Journey, key: str, **change: object) -> Change:
    step = journey.steps[key].model_copy(update=change)
    return {"steps": {**journey.steps, key: step}}


def _handover(state: Journey, key: str, **change: object) -> Change:
    handover = state.handovers[key].model_copy(update=change)
    return {"handovers": {**state.handovers, key: handover}}


def _clock(state: Journey, key: str, **change: object) -> Change:
    clock = state.clocks[key].model_copy(update=change)
    return {"clocks": {**state.clocks, key: clock}}


_Apply = Callable[[Journey, Any, Event], Change]
_CHANGES: dict[type, _Apply] = {
    ev.CalendarAdopted: _calendar_adopted,
    ev.StepOpened: _step_opened,
    ev.StepCompleted: _step_completed,
    ev.StepNotNeeded: _step_not_needed,
    ev.StepSkipped: _step_skipped,
    ev.VisitRecorded: _visit_recorded,
    ev.PeriodStarted: _period_started,
    ev.PartStarted: _part_started,
    ev.HandoverSent: _handover_sent,
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
    ev.HandoverWithdrawn: _withdrawn,
    ev.FirstContactReported: _first_contact,
    ev.PatientLeft: _patient_left,
    ev.JourneyClosed: _closed,
    ev.ClockStarted: _clock_set,
    ev.ClockMoved: _clock_set,
    ev.ClockStopped: _clock_stopped,
    ev.RungFired: _rung_fired,
}
