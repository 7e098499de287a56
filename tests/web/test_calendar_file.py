"""A meeting's calendar file keeps the musts of RFC 5545, and says nothing about anybody."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from icalendar import Calendar

from domain.calendar import STOCKHOLM
from web.calendar_file import as_ics

STARTS = datetime(2026, 12, 1, 13, 15, tzinfo=STOCKHOLM)
STAMP = datetime(2026, 11, 24, 9, tzinfo=STOCKHOLM)
MUSTS = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "SUMMARY", "DESCRIPTION")
OPAQUE = "4b1d6a0c9f3e4d7a8c2b5e6f7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f607@handslag.invalid"


def file(**change: Any) -> bytes:
    """A meeting's file; single arguments may be changed."""
    told: dict[str, Any] = {
        "uid": OPAQUE,
        "starts_at": STARTS,
        "minutes": 90,
        "mode": "video",
        "sequence": 0,
        "cancelled": False,
        "stamp": STAMP,
    }
    return as_ics(**(told | change))


def parsed(content: bytes) -> Calendar:
    """Read back; a broken line would be among the errors."""
    calendar = Calendar.from_ical(content)
    assert isinstance(calendar, Calendar)
    assert not calendar.errors
    return calendar


def test_the_file_has_what_the_standard_asks_for() -> None:
    calendar = parsed(file())

    (event,) = calendar.events

    assert calendar["PRODID"]
    assert str(calendar["VERSION"]) == "2.0"
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert all(name in event for name in MUSTS)
    assert not event.errors
    assert str(event["UID"]) == OPAQUE


def test_it_says_the_instants_in_utc() -> None:
    (event,) = parsed(file()).events

    assert event.start == STARTS.astimezone(UTC)
    assert event.end == STARTS.astimezone(UTC) + timedelta(minutes=90)
    assert b"\r\nDTSTART:20261201T121500Z\r\n" in file()
    assert b"\r\nDTSTAMP:20261124T080000Z\r\n" in file()


@pytest.mark.parametrize("mode", ["in_person", "video", "phone"])
@pytest.mark.parametrize("cancelled", [False, True])
def test_lines_end_and_fold_as_they_must(
    mode: Literal["in_person", "video", "phone"], cancelled: bool
) -> None:
    content = file(mode=mode, cancelled=cancelled)

    lines = content.split(b"\r\n")

    assert lines.pop() == b""
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert any(line.startswith(b" ") for line in lines)
    parsed(content)


def test_a_cancelled_meeting_cancels_the_same_uid() -> None:
    calendar = parsed(file(cancelled=True, sequence=2))

    (event,) = calendar.events

    assert str(calendar["METHOD"]) == "CANCEL"
    assert event["STATUS"] == "CANCELLED"
    assert event["SEQUENCE"] == 2
    assert str(event["UID"]) == OPAQUE


def test_it_says_nothing_of_patient_unit_or_place() -> None:
    (event,) = parsed(file()).events

    assert str(event["SUMMARY"]) == "Möte i vården"
    assert str(event["DESCRIPTION"]) == "Ni ses på video. Logga in i Handslag för att se mötet."
    assert str(event["CLASS"]) == "PRIVATE"
    assert not {"ATTENDEE", "ORGANIZER", "LOCATION", "URL", "CONTACT", "COMMENT"} & set(event)


def test_an_odd_uid_adds_no_line() -> None:
    calendar = parsed(file(uid="x\r\nATTENDEE:mailto:test@example.invalid"))

    (event,) = calendar.events

    assert "ATTENDEE" not in event
    assert b"\r\nATTENDEE" not in file(uid="x\r\nATTENDEE:mailto:test@example.invalid")


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"starts_at": STARTS.replace(tzinfo=None)},
        {"stamp": STAMP.replace(tzinfo=None)},
    ],
)
def test_a_meeting_without_instant_or_length_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="instant and a length"):
        file(**wrong)
