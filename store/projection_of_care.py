"""Read rows of plans, meetings, messages and stays."""

from collections.abc import Sequence

from domain import event as ev
from domain.event import Event
from domain.record import Changes
from store import tables as t
from store.rows import Row, Rows

PLANS = (ev.PlanDrafted, ev.PlanActivated, ev.PlanClosed)
MEETINGS = (ev.MeetingCalled, ev.MeetingHeld, ev.MeetingCancelled)


def plans(key: Row, events: Sequence[Event], changes: Changes) -> Rows:
    """Every version as it stands now, when one of them has changed; content is kept."""
    touched = [e.what for e in events if isinstance(e.what, PLANS)]
    contents = {
        what.version.number: what.content.model_dump(mode="json")
        for what in touched
        if isinstance(what, ev.PlanDrafted | ev.PlanActivated)
    }
    rows = [
        key
        | {
            "number": version.number,
            "organisation": version.organisation,
            "body": version.model_dump(mode="json"),
            "content": contents.get(version.number),
        }
        for version in (changes.summary.care.plans if touched else ())
    ]
    return Rows(t.plan, rows, ("organisation", "body"), ("content",))


def meetings(key: Row, events: Sequence[Event], changes: Changes) -> Rows:
    """The meetings that were called, held or cancelled; an outcome is kept."""
    touched = [e.what for e in events if isinstance(e.what, MEETINGS)]
    ids = {what.meeting_id for what in touched}
    outcomes = {
        what.meeting_id: what.outcome.model_dump(mode="json")
        for what in touched
        if isinstance(what, ev.MeetingHeld)
    }
    rows = [
        key
        | {
            "id": meeting.id,
            "starts_at": meeting.summons.starts_at,
            "units": list(meeting.summons.units),
            "body": meeting.model_dump(mode="json"),
            "outcome": outcomes.get(meeting.id),
        }
        for meeting in changes.summary.care.meetings
        if meeting.id in ids
    ]
    return Rows(t.meeting, rows, ("starts_at", "units", "body"), ("outcome",))


def posts(key: Row, events: Sequence[Event]) -> Rows:
    """What was written in the thread."""
    rows = [
        key | {"number": w.number, "unit": w.by, "text": w.text, "at": e.effective_at}
        for e in events
        if isinstance(w := e.what, ev.MessagePosted)
    ]
    return Rows(t.post, rows)


def stays(key: Row, changes: Changes) -> Rows:
    """The stays that have changed, with who was told of them."""
    rows = [
        key
        | {
            "number": stay.number,
            "ward": stay.unit,
            "notified": list(stay.notified),
            "admitted_at": stay.admitted_at,
            "body": stay.model_dump(mode="json"),
        }
        for stay in changes.stays
    ]
    return Rows(t.stay, rows, ("ward", "notified", "admitted_at", "body"))
