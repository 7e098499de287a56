"""What is told to whom when something happens; a notice never identifies a patient."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain import event as ev
from domain.event import Event
from domain.handover import WRONG, Handover
from domain.journey import Journey
from domain.succession import heir
from domain.unit import ChannelKind, Function
from domain.value import HsaId, Instant, Value


class NoticeKind(StrEnum):
    """What a notice is about."""

    HANDOVER_ARRIVED = "handover_arrived"
    HANDOVER_ACCEPTED = "handover_accepted"
    HANDOVER_TAKEN_OVER = "handover_taken_over"
    HANDOVER_DECLINED = "handover_declined"
    HANDOVER_REDIRECTED = "handover_redirected"
    HANDOVER_WITHDRAWN = "handover_withdrawn"
    REDIRECT_STOPPED = "redirect_stopped"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    REMINDER = "reminder"
    ALARM = "alarm"
    JOURNEY_CLOSED = "journey_closed"
    HANDOVER_ANNOUNCED = "handover_announced"
    ESTIMATE_CHANGED = "estimate_changed"
    PROPOSAL_MADE = "proposal_made"
    PROPOSAL_REFUSED = "proposal_refused"
    CANCELLATION_REQUESTED = "cancellation_requested"
    CANCELLATION_AGREED = "cancellation_agreed"
    CANCELLATION_REFUSED = "cancellation_refused"
    RESPONSIBILITY_DISPUTED = "responsibility_disputed"
    HANDOVER_COMPLETED = "handover_completed"
    HANDOVER_ON_HOLD = "handover_on_hold"
    HANDOVER_RESUMED = "handover_resumed"
    PART_RETURNED = "part_returned"
    CALL_TASK = "call_task"
    ANSWER_CONFIRMED = "answer_confirmed"
    PATIENT_DECEASED = "patient_deceased"
    DEATH_UNDONE = "death_undone"
    PATIENT_ADMITTED = "patient_admitted"
    PATIENT_READY = "patient_ready"
    PATIENT_MOVED = "patient_moved"
    FACT_REPORTED = "fact_reported"
    MEETING_CALLED = "meeting_called"
    MEETING_CANCELLED = "meeting_cancelled"
    MESSAGE_POSTED = "message_posted"
    ADMISSION_NOTICE = "admission_notice"
    DISCHARGE_ESTIMATED = "discharge_estimated"
    CARE_CONTACT_NAMED = "care_contact_named"
    READY_WITHDRAWN = "ready_withdrawn"
    PATHWAY_MIGRATED = "pathway_migrated"


class Notice(Value):
    """One thing to tell one function at one unit, by one channel; perhaps only when it opens."""

    id: str
    journey_id: str
    seq: int
    kind: NoticeKind
    unit: HsaId
    function: Function
    channel: ChannelKind
    address: str | None
    subject: str
    clock_id: str | None = None
    rung: str | None = None
    at: Instant
    not_before: Instant | None = None


class TransportFailed(Exception):
    """A channel could not deliver; `permanent` says whether trying again can help."""

    def __init__(self, code: str, *, permanent: bool) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class _Telling(NamedTuple):
    kind: NoticeKind
    unit: str
    function: Function
    not_before: datetime | None = None


def notices(events: tuple[Event, ...], after: Journey) -> list[Notice]:
    """Every notice that the events call for, in order; ids repeat when asked again."""
    found: list[Notice] = []
    at_once = _taken_over_at_once(events)
    for event in events:
        tellings = _tellings(event, after, at_once)
        if isinstance(event.what, ev.PathwayMigrated | ev.MigrationUndone):
            tellings = _to_whose_duties_change(events, after)
        for place, telling in enumerate(tellings):
            found += _by_channel(event, after, telling, place)
    return found


def _to_whose_duties_change(events: tuple[Event, ...], after: Journey) -> Iterator[_Telling]:
    """Who has got a step to do by another version, or is free of one, or has other time for it."""
    units = list[str]()
    for event in events:
        what = event.what
        if isinstance(what, ev.ClockMoved) and what.because == "migration":
            units.append(what.clock.owner)
        if isinstance(what, ev.ClockStarted) and what.clock.subject in after.steps:
            units.append(what.clock.owner)
        if isinstance(what, ev.ClockStopped):
            units.append(after.clocks[what.clock_id].owner)
    for unit in dict.fromkeys(units):
        yield _Telling(NoticeKind.PATHWAY_MIGRATED, unit, Function.INBOX)


def _taken_over_at_once(events: tuple[Event, ...]) -> set[str]:
    """Handovers accepted and taken over in one decision: one telling, to the sender, says it."""
    accepted = {e.what.handover_id for e in events if isinstance(e.what, ev.HandoverAccepted)}
    taken = {e.what.handover_id for e in events if isinstance(e.what, ev.HandoverTakenOver)}
    return accepted & taken


def _tellings(event: Event, after: Journey, at_once: set[str]) -> Iterator[_Telling]:
    what = event.what
    if isinstance(what, ev.RungFired):
        kind = NoticeKind.ALARM if what.alarm else NoticeKind.REMINDER
        heard = (t for t in what.told if t.reached and not t.quiet)
        yield from (_Telling(kind, t.unit, t.function, t.not_before) for t in heard)
    elif isinstance(what, ev.RedirectStopped):
        yield from _both(after, what.handover_id, NoticeKind.REDIRECT_STOPPED, Function.PRINCIPAL)
    elif isinstance(what, ev.HandoverDisputed):
        kind = NoticeKind.RESPONSIBILITY_DISPUTED
        yield from _both(after, what.handover_id, kind, Function.INBOX)
        yield from _both(after, what.handover_id, kind, Function.OPERATIONS)
    elif isinstance(what, ev.CallTaskOpened):
        handover = after.handovers[what.handover_id]
        owner = heir(after.units, after.units[handover.to_unit].proxy_owner or handover.from_unit)
        caller = owner if owner in after.units else handover.from_unit
        yield _Telling(NoticeKind.CALL_TASK, caller, Function.INBOX)
    elif isinstance(what, ev.MeetingCalled | ev.MeetingCancelled):
        yield from _to_the_called(what, after)
    elif type(what) in TO_NOTIFIED:
        yield from _to_the_notified(TO_NOTIFIED[type(what)], event, after)
    elif type(what) in TO_EVERYONE:
        yield from _to_everyone(TO_EVERYONE[type(what)], event, after)
    elif isinstance(what, ev.HandoverHappening):
        yield from _to_the_sides(what, after, what.handover_id in at_once)


def _both(after: Journey, handover_id: str, kind: NoticeKind, to: Function) -> Iterator[_Telling]:
    handover = after.handovers[handover_id]
    for unit in (handover.to_unit, handover.from_unit):
        yield _Telling(kind, unit, to)


def _to_the_called(
    what: ev.MeetingCalled | ev.MeetingCancelled, after: Journey
) -> Iterator[_Telling]:
    called = isinstance(what, ev.MeetingCalled)
    kind = NoticeKind.MEETING_CALLED if called else NoticeKind.MEETING_CANCELLED
    meeting = after.meetings[what.meeting_id]
    for unit in meeting.summons.units:
        if unit != meeting.called_by:
            yield _Telling(kind, unit, Function.INBOX)


def _to_everyone(kind: NoticeKind, event: Event, after: Journey) -> Iterator[_Telling]:
    """Every holder and, but for messages, every receiver that still owes something; not oneself."""
    units = [part.holder for part in after.parts.values()]
    if kind in OF_STAY and after.admitted:
        units += after.admitted.notified
    if kind is not NoticeKind.MESSAGE_POSTED and kind is not NoticeKind.JOURNEY_CLOSED:
        units += [h.to_unit for h in after.handovers.values() if h.open]
    by = event.actor.unit if event.actor else None
    for unit in dict.fromkeys(units):
        if unit != by:
            yield _Telling(kind, unit, Function.INBOX)


def _to_the_notified(kind: NoticeKind, event: Event, after: Journey) -> Iterator[_Telling]:
    """The units that the ward has told of the stay, and the ward; not oneself.

    What a person has told by hand, about a protected patient, is not sent besides.
    """
    stay, what = after.stay, event.what
    assert stay is not None, "what is told of a stay happened in one"
    units = (*stay.notified, stay.unit)
    if isinstance(what, ev.AdmissionNoticeSent):
        units = () if what.by_hand else tuple(u.hsa_id for u in what.to)
    by = event.actor.unit if event.actor else None
    for unit in dict.fromkeys(units):
        if unit != by:
            yield _Telling(kind, unit, Function.INBOX)


def _to_the_sides(what: ev.HandoverHappening, after: Journey, at_once: bool) -> Iterator[_Telling]:
    """Receiver and sender; a receiver that takes over at once knows, and the sender hears once."""
    handover = after.handovers[what.handover_id]
    to_receiver, to_sender = TO_RECEIVER.get(type(what)), TO_SENDER.get(type(what))
    if to_receiver and not (at_once and isinstance(what, ev.HandoverTakenOver)):
        yield _Telling(to_receiver, handover.to_unit, Function.INBOX)
    if to_sender and not (at_once and isinstance(what, ev.HandoverAccepted)):
        yield _Telling(to_sender, handover.from_unit, Function.INBOX)
    if isinstance(what, ev.HandoverWithdrawn) and _is_let_off(what, handover):
        yield _Telling(NoticeKind.CANCELLATION_AGREED, handover.from_unit, Function.INBOX)


def _is_let_off(what: ev.HandoverWithdrawn, handover: Handover) -> bool:
    """Whether the receiver has agreed to a cancellation: the sender waits for that answer."""
    return handover.cancellation_since is not None and what.reason not in WRONG


TO_RECEIVER: dict[type, NoticeKind] = {
    ev.HandoverSent: NoticeKind.HANDOVER_ARRIVED,
    ev.HandoverRedirected: NoticeKind.HANDOVER_ARRIVED,
    ev.HandoverWithdrawn: NoticeKind.HANDOVER_WITHDRAWN,
    ev.HandoverTakenOver: NoticeKind.HANDOVER_TAKEN_OVER,
    ev.QuestionAnswered: NoticeKind.QUESTION_ANSWERED,
    ev.HandoverAnnounced: NoticeKind.HANDOVER_ANNOUNCED,
    ev.EstimateChanged: NoticeKind.ESTIMATE_CHANGED,
    ev.ProposalRefused: NoticeKind.PROPOSAL_REFUSED,
    ev.CancellationRequested: NoticeKind.CANCELLATION_REQUESTED,
    ev.HandoverHeld: NoticeKind.HANDOVER_ON_HOLD,
    ev.HandoverResumed: NoticeKind.HANDOVER_RESUMED,
}
TO_SENDER: dict[type, NoticeKind] = {
    ev.HandoverAccepted: NoticeKind.HANDOVER_ACCEPTED,
    ev.HandoverTakenOver: NoticeKind.HANDOVER_TAKEN_OVER,
    ev.HandoverDeclined: NoticeKind.HANDOVER_DECLINED,
    ev.HandoverRedirected: NoticeKind.HANDOVER_REDIRECTED,
    ev.QuestionAsked: NoticeKind.QUESTION_ASKED,
    ev.HandoverProposed: NoticeKind.PROPOSAL_MADE,
    ev.CancellationRefused: NoticeKind.CANCELLATION_REFUSED,
    ev.HandoverCompleted: NoticeKind.HANDOVER_COMPLETED,
    ev.PartReturned: NoticeKind.PART_RETURNED,
    ev.AnswerConfirmed: NoticeKind.ANSWER_CONFIRMED,
}
TO_EVERYONE: dict[type, NoticeKind] = {
    ev.JourneyClosed: NoticeKind.JOURNEY_CLOSED,
    ev.PatientDied: NoticeKind.PATIENT_DECEASED,
    ev.DeathUndone: NoticeKind.DEATH_UNDONE,
    ev.PatientAdmitted: NoticeKind.PATIENT_ADMITTED,
    ev.PatientReady: NoticeKind.PATIENT_READY,
    ev.PatientMoved: NoticeKind.PATIENT_MOVED,
    ev.FactReported: NoticeKind.FACT_REPORTED,
    ev.MessagePosted: NoticeKind.MESSAGE_POSTED,
}


# What those hear too who were only told of the stay, as long as it goes on.
OF_STAY = (NoticeKind.PATIENT_READY, NoticeKind.PATIENT_DECEASED, NoticeKind.DEATH_UNDONE)
TO_NOTIFIED: dict[type, NoticeKind] = {
    ev.AdmissionNoticeSent: NoticeKind.ADMISSION_NOTICE,
    ev.DischargeEstimated: NoticeKind.DISCHARGE_ESTIMATED,
    ev.CareContactNamed: NoticeKind.CARE_CONTACT_NAMED,
    ev.ReadyWithdrawn: NoticeKind.READY_WITHDRAWN,
}


GOOD_NEWS = frozenset(
    {
        NoticeKind.HANDOVER_ACCEPTED,
        NoticeKind.HANDOVER_TAKEN_OVER,
        NoticeKind.HANDOVER_COMPLETED,
        NoticeKind.ANSWER_CONFIRMED,
        NoticeKind.MESSAGE_POSTED,
        NoticeKind.CARE_CONTACT_NAMED,
    }
)


def _by_channel(event: Event, after: Journey, telling: _Telling, place: int) -> Iterator[Notice]:
    """The inbox of a connected unit, and the function's mail address where it has one.

    Good news goes by the first of them alone: nobody has to act on it, and mail that asks for
    nothing teaches people not to read mail. About a protected patient only the inbox tells.
    """
    routes = after.units[telling.unit].routes(telling.function, protected=after.protected)
    for channel, address in routes[:1] if telling.kind in GOOD_NEWS else routes:
        yield Notice(
            id=f"{after.id}:{event.seq}:{place}:{channel}",
            journey_id=after.id,
            seq=event.seq,
            kind=telling.kind,
            unit=telling.unit,
            function=telling.function,
            channel=channel,
            address=address,
            subject=_subject(event, after),
            clock_id=event.what.clock_id if isinstance(event.what, ev.RungFired) else None,
            rung=event.what.rung if isinstance(event.what, ev.RungFired) else None,
            at=event.decided_at,
            not_before=telling.not_before if channel is not ChannelKind.INBOX else None,
        )


def _subject(event: Event, after: Journey) -> str:
    what = event.what
    if isinstance(what, ev.RungFired):
        return after.clocks[what.clock_id].subject
    if isinstance(what, ev.MeetingCalled | ev.MeetingCancelled):
        return what.meeting_id
    if isinstance(what, ev.HandoverHappening):
        return what.handover_id
    if isinstance(what, ev.StayHappening):
        return f"stay.{what.stay}"
    return after.id
