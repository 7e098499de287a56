"""A meeting as a calendar file (RFC 5545): when, and where to look; nothing about anybody.

A calendar is synchronised, shared and shown on locked screens, so patient, unit, pathway and
place stay out. There is no organiser and no attendee either: those are persons with addresses.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event

PRODUCT = "-//Handslag//Handslag//SV"
SUMMARY = "Möte i vården"
CANCELLED = "Inställt: möte i vården"
WHERE_TO_LOOK = "Logga in i Handslag för att se mötet."
HOW = {
    "in_person": "Ni träffas på plats.",
    "video": "Ni ses på video.",
    "phone": "Ni pratar på telefon.",
}


def as_ics(
    uid: str,
    starts_at: datetime,
    minutes: int,
    mode: Literal["in_person", "video", "phone"],
    sequence: int,
    cancelled: bool,
    stamp: datetime,
) -> bytes:
    """One meeting; the same `uid` with a higher `sequence` replaces what was sent before.

    Times are written in UTC, so that no reader has to know the rules of a time zone. `uid` is
    opaque. Raises `ValueError` for a time without offset or a meeting without length.
    """
    if starts_at.tzinfo is None or stamp.tzinfo is None or minutes < 1:
        raise ValueError("a meeting has an instant and a length")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "PUBLISH")
    event = _event(uid, starts_at.astimezone(UTC), minutes, stamp.astimezone(UTC))
    event.add("sequence", sequence)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("summary", CANCELLED if cancelled else SUMMARY, parameters={"LANGUAGE": "sv"})
    said = WHERE_TO_LOOK if cancelled else f"{HOW[mode]} {WHERE_TO_LOOK}"
    event.add("description", said, parameters={"LANGUAGE": "sv"})
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written


def _event(uid: str, starts_at: datetime, minutes: int, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", stamp)
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + timedelta(minutes=minutes))
    event.add("class", "PRIVATE")
    return event
