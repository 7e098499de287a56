"""`decide`: a command meets a state, and becomes events or a coded no."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from domain import command as cmd
from domain.command import Envelope
from domain.draft import Draft
from domain.event import CalendarAdopted, Event
from domain.journey import Journey
from domain.refusal import Refusal, Refused
from domain.rules import access, handover, journey, step

Events = tuple[Event, ...]


def decide(state: Journey | None, envelope: Envelope, now: datetime) -> Events | Refusal:
    """What a command leads to. Pure: the same arguments give the same answer."""
    draft = Draft(state, now, envelope.actor)
    try:
        _check_call(state, envelope)
        _adopt_calendar(draft, envelope)
        _RULES[type(envelope.command)](draft, envelope.command)
    except Refused as refused:
        return refused.refusal
    return tuple(draft.events)


def pass_time(state: Journey, now: datetime) -> Events:
    """What has become due by `now`; nothing when nothing has."""
    draft = Draft(state, now, None)
    journey.pass_time(draft)
    return tuple(draft.events)


def next_moment(state: Journey) -> datetime | None:
    """The next instant at which something happens by itself."""
    return min((clock.next_at for clock in state.running()), default=None)


def _check_call(state: Journey | None, envelope: Envelope) -> None:
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


def _adopt_calendar(draft: Draft, envelope: Envelope) -> None:
    if envelope.calendar is None or isinstance(envelope.command, cmd.Start):
        return
    if envelope.calendar.version > draft.state.calendar.version:
        draft.add(CalendarAdopted(calendar=envelope.calendar))


_Rule = Callable[[Draft, Any], None]
_RULES: dict[type, _Rule] = {
    cmd.Start: journey.start,
    cmd.CompleteStep: step.complete,
    cmd.SkipStep: step.skip,
    cmd.RecordVisit: step.record_visit,
    cmd.Send: handover.send,
    cmd.Acknowledge: handover.acknowledge,
    cmd.Accept: handover.accept,
    cmd.Decline: handover.decline,
    cmd.Redirect: handover.redirect,
    cmd.Ask: handover.ask,
    cmd.Answer: handover.answer,
    cmd.Withdraw: handover.withdraw,
    cmd.ReportFirstContact: handover.report_first_contact,
    cmd.RecordDeparture: journey.record_departure,
    cmd.Close: journey.close,
}
