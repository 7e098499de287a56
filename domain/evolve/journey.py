"""What events of the journey, its steps and its clocks do to the state."""

from domain import event as ev
from domain.content import Assessment, FollowUp, RestUntil
from domain.event import Event
from domain.evolve.change import Apply, Change, of_clock, of_step
from domain.journey import Journey, Part, Step, StepState, step_id
from domain.pathway import Obligation, StepDefinition
from domain.plan import Plan


def begin(what: ev.JourneyStarted, event: Event) -> Journey:
    """The first state: the journey with the steps of its first period, all waiting."""
    journey = Journey(
        id=what.journey_id,
        patient_id=what.patient_id,
        seq=event.seq,
        definition=what.definition,
        calendars={what.calendar.version: what.calendar},
        ladders=what.ladders,
        rules=what.rules,
        units={u.hsa_id: u for u in (*what.stand_ins, what.unit)},
        started_by=what.unit.hsa_id,
        started_at=event.effective_at,
        initiator=what.referral.initiator,
        municipality=what.referral.figures.municipality,
        age=what.referral.figures.age,
        born=what.born,
        reserve_number=what.reserve_number,
        protection=what.protection,
    )
    return journey.model_copy(update={"steps": _steps(journey, 1)})


def _steps(state: Journey, period: int) -> dict[str, Step]:
    waiting = [new_step(d, period, place) for place, d in enumerate(state.definition.steps)]
    return {step.id: step for step in waiting}


def new_step(definition: StepDefinition, period: int, place: int) -> Step:
    """A step that has not begun."""
    return Step(
        id=step_id(period, definition.key),
        key=definition.key,
        kind=definition.kind,
        part=definition.part,
        period=period,
        place=place,
        state=StepState.WAITING,
    )


def _calendar_adopted(state: Journey, what: ev.CalendarAdopted, _: Event) -> Change:
    return {"calendars": {**state.calendars, what.calendar.version: what.calendar}}


def _rules_adopted(state: Journey, what: ev.RulesAdopted, _: Event) -> Change:
    return {"rules": what.rules}


def _nothing(state: Journey, what: object, _: Event) -> Change:
    """Kept in the log for what is asked later; nothing is decided by it."""
    return {}


def _step_opened(state: Journey, what: ev.StepOpened, event: Event) -> Change:
    return of_step(
        state, what.step, state=StepState.OPEN, opened_at=event.effective_at, ended_at=None
    )


def _step_completed(state: Journey, what: ev.StepCompleted, event: Event) -> Change:
    change = of_step(state, what.step, state=StepState.DONE, ended_at=event.effective_at)
    if isinstance(what.content, Assessment):
        change["need"] = what.content.rehab_need
        change["need_since"] = event.effective_at if what.content.rehab_need else None
        change["need_level"] = what.content.need_level
    if isinstance(what.content, Plan):
        change["goals"] = len(what.content.goals)
    if isinstance(what.content, FollowUp):
        then = what.content.next
        change["resting_until"] = then.until if isinstance(then, RestUntil) else None
    if what.early_reason is not None:
        change["deviations"] = state.deviations + 1
    taken = getattr(what.content, "measurements", ())
    scores = {m.instrument: m.score for m in taken if m.score is not None}
    return {**change, "scores": {**state.scores, **scores}} if scores else change


def _step_repeated(state: Journey, what: ev.StepRepeated, _: Event) -> Change:
    return of_step(state, what.step, state=StepState.WAITING, ended_at=None, round=what.round)


def _repetition_ended(state: Journey, what: ev.RepetitionEnded, event: Event) -> Change:
    ever = state.steps[what.step].round > 1
    ended = StepState.DONE if ever else StepState.NOT_NEEDED
    return of_step(state, what.step, state=ended, ended_at=event.effective_at)


def _step_not_needed(state: Journey, what: ev.StepNotNeeded, event: Event) -> Change:
    return of_step(state, what.step, state=StepState.NOT_NEEDED, ended_at=event.effective_at)


def _step_needed(state: Journey, what: ev.StepNeeded, _: Event) -> Change:
    return of_step(state, what.step, state=StepState.WAITING, ended_at=None)


def _step_skipped(state: Journey, what: ev.StepSkipped, event: Event) -> Change:
    change = of_step(state, what.step, state=StepState.SKIPPED, ended_at=event.effective_at)
    definition = state.step_definition(state.steps[what.step].key)
    if definition is not None and definition.obligation is Obligation.OPTIONAL:
        return change
    return {**change, "deviations": state.deviations + 1}


def _step_done_before(state: Journey, what: ev.StepDoneBefore, event: Event) -> Change:
    change = of_step(state, what.step, state=StepState.DONE, ended_at=event.effective_at)
    if state.steps[what.step].kind == "assessment":
        change |= {"need": True, "need_since": event.effective_at}
    return change


def _step_extended(state: Journey, what: ev.StepExtended, _: Event) -> Change:
    delays = {**state.delays, what.step: what.delay} if what.delay else state.delays
    return {"deviations": state.deviations + 1, "delays": delays}


def _step_reopened(state: Journey, what: ev.StepReopened, _: Event) -> Change:
    change = of_step(state, what.step, state=StepState.WAITING, ended_at=None)
    return {**change, "deviations": state.deviations + 1}


def _step_added(state: Journey, what: ev.StepAdded, _: Event) -> Change:
    step = new_step(what.definition, state.period, len(state.steps))
    return {
        "added": (*state.added, what.definition),
        "steps": {**state.steps, step.id: step},
        "deviations": state.deviations + 1,
    }


def _visit_recorded(state: Journey, what: ev.VisitRecorded, _: Event) -> Change:
    first = min(what.visit.at, state.visited_at or what.visit.at)
    return {"visits": what.number, "visited_at": first}


def _delay_recorded(state: Journey, what: ev.DelayRecorded, _: Event) -> Change:
    return {"delays": {**state.delays, what.subject: what.delay}}


def _period_started(state: Journey, what: ev.PeriodStarted, _: Event) -> Change:
    return {
        "period": what.period,
        "steps": {**state.steps, **_steps(state, what.period)},
        "need": None,
        "need_since": None,
        "need_level": None,
        "visited_at": None,
        "goals": 0,
        "departure": None,
        "safety_net": None,
        "resting_until": None,
    }


def _part_started(state: Journey, what: ev.PartStarted, event: Event) -> Change:
    part = Part(key=what.part, holder=what.holder, since=event.effective_at)
    return {"parts": {**state.parts, what.part: part}}


def _closed(state: Journey, what: ev.JourneyClosed, event: Event) -> Change:
    return {
        "closed_at": event.effective_at,
        "close_reason": what.reason,
        "merged_into": what.merged_into,
        "resting_until": None,
    }


def _clock_set(state: Journey, what: ev.ClockStarted | ev.ClockMoved, _: Event) -> Change:
    return {"clocks": {**state.clocks, what.clock.id: what.clock}}


def _clock_stopped(state: Journey, what: ev.ClockStopped, event: Event) -> Change:
    change = of_clock(state, what.clock_id, stopped_at=event.effective_at)
    if what.because != "died" and what.clock_id in state.silenced:
        change["silenced"] = tuple(c for c in state.silenced if c != what.clock_id)
    return change


def _rung_fired(state: Journey, what: ev.RungFired, _: Event) -> Change:
    return of_clock(state, what.clock_id, next_rung=what.next_rung, next_at=what.next_at)


def _clock_snoozed(state: Journey, what: ev.ClockSnoozed, event: Event) -> Change:
    """The newest snooze of a unit holds; those that are over are forgotten."""
    clock = state.clocks[what.clock_id]
    others = (s for s in clock.snoozes if s.unit != what.snooze.unit)
    ahead = tuple(s for s in others if event.decided_at < s.until)
    return of_clock(state, what.clock_id, snoozes=(*ahead, what.snooze))


CHANGES: dict[type, Apply] = {
    ev.CalendarAdopted: _calendar_adopted,
    ev.RulesAdopted: _rules_adopted,
    ev.PersonAnswered: _nothing,
    ev.StepOpened: _step_opened,
    ev.StepCompleted: _step_completed,
    ev.StepNotNeeded: _step_not_needed,
    ev.StepNeeded: _step_needed,
    ev.StepSkipped: _step_skipped,
    ev.StepDoneBefore: _step_done_before,
    ev.StepExtended: _step_extended,
    ev.StepReopened: _step_reopened,
    ev.StepAdded: _step_added,
    ev.StepRepeated: _step_repeated,
    ev.RepetitionEnded: _repetition_ended,
    ev.VisitRecorded: _visit_recorded,
    ev.DelayRecorded: _delay_recorded,
    ev.GuidanceOpened: _nothing,
    ev.PeriodStarted: _period_started,
    ev.PartStarted: _part_started,
    ev.JourneyAbsorbed: _nothing,
    ev.JourneyClosed: _closed,
    ev.ClockStarted: _clock_set,
    ev.ClockMoved: _clock_set,
    ev.ClockStopped: _clock_stopped,
    ev.ClockSnoozed: _clock_snoozed,
    ev.RungFired: _rung_fired,
}
