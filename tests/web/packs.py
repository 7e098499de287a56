"""A downtime pack with something in every place."""

from datetime import datetime, timedelta
from typing import Any

from domain.calendar import STOCKHOLM
from domain.value import Labels
from web.downtime_facts import Call, Due, Held, Incoming, Outgoing, Pack, Patient, Ringing, Side

AS_OF = datetime(2026, 11, 24, 7, 45, 12, 345678, tzinfo=STOCKHOLM)
HOUR = timedelta(hours=1)
MASK = "Skyddad patient – ring avsändaren"
REHAB = Labels(sv="Rehabilitering", en="Rehabilitation")
WARD = Side(name="Strokeenhet Västerås (demo)", phone="010-000 00 01")
HOME = Side(name="Kommunrehab Sala (demo)", phone="010-000 00 02", out_of_hours="010-000 00 03")


def due(sv: str, hours: float, **change: Any) -> Due:
    """A promise that is due so many hours after the printing."""
    return Due(label=Labels(sv=sv, en=sv), at=AS_OF + hours * HOUR, **change)


def incoming(reference: str = "1A2B-3C4D-5E6F", **change: Any) -> Incoming:
    """A handover that has been read, and waits for a yes or a no."""
    given: dict[str, Any] = {
        "reference": reference,
        "patient": Patient(name="Testpatient 01", number="194408139089"),
        "part": REHAB,
        "sender": WARD,
        "holder": WARD,
        "purpose": Labels(sv="Överta en del", en="Take part"),
        "state": Labels(sv="Kvitterad", en="Acknowledged"),
        "sent_at": AS_OF - 20 * HOUR,
        "receipts": (
            due("Mottagen", -20, done_at=AS_OF - 20 * HOUR),
            due("Kvitterad", -10, done_at=AS_OF - 18 * HOUR),
            due("Accepterad", 4),
        ),
        "requested": "Första hembesök inom en vardag.",
    }
    return Incoming(**(given | change))


def masked(reference: str = "9F8E-7D6C-5B4A") -> Incoming:
    """The same of a protected patient, for who is not in the named group."""
    return incoming(reference, patient=Patient(name=MASK), requested="")


def outgoing(**change: Any) -> Outgoing:
    """A handover that nobody has answered in time."""
    given: dict[str, Any] = {
        "reference": "2222-3333-4444",
        "patient": Patient(name="Testpatient 02", number="193012299263"),
        "part": REHAB,
        "receiver": HOME,
        "purpose": Labels(sv="Överta en del", en="Take part"),
        "state": Labels(sv="Skickad", en="Sent"),
        "sent_at": AS_OF - 30 * HOUR,
        "dues": (due("Accepterad", -2),),
    }
    return Outgoing(**(given | change))


def pack(**change: Any) -> Pack:
    """All of it; single fields may be changed."""
    who = Patient(name="Testpatient 03", number="194001079120")
    given: dict[str, Any] = {
        "unit": "Kommunrehab Västerås (demo)",
        "hsa_id": "SE0000000000-TESTK1980REH",
        "as_of": AS_OF,
        "incoming": (masked(), incoming()),
        "outgoing": (outgoing(),),
        "held": (
            Held(
                reference="3333-4444-5555",
                patient=who,
                part=REHAB,
                pathway=Labels(sv="Stroke", en="Stroke"),
                dues=(due("Rehabilitering i hemmet", 200),),
                meeting_at=AS_OF + 30 * HOUR,
            ),
        ),
        "ringing": (
            Ringing(
                reference="4444-5555-6666",
                patient=Patient(name="Testpatient 04", deceased=True),
                part=REHAB,
                kind=Labels(sv="Larm: patienten har lämnat enheten", en="Alarm"),
                other=WARD,
                dues=(due("Ringer sedan", -1),),
            ),
        ),
        "calls": (
            Call(
                reference="5555-6666-7777",
                patient=who,
                part=REHAB,
                receiver=HOME,
                since=AS_OF - HOUR,
                dues=(due("Accepterad", 3),),
            ),
        ),
    }
    return Pack(**(given | change))
