"""What a downtime pack says, as tables: said once here, and drawn twice, as HTML and as PDF."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from babel.dates import format_date

from domain.calendar import STOCKHOLM
from domain.handover import DeclineReason
from domain.value import Labels, Value
from web.downtime_facts import (
    Call,
    Due,
    Held,
    Incoming,
    Item,
    Outgoing,
    Pack,
    Patient,
    Ringing,
    Side,
)

Thing = TypeVar("Thing", bound=Item)
NOTHING = "–"
UNTIL_NEXT = Labels(sv="Gäller till nästa utskrift", en="Valid until the next printout")
SECRECY = Labels(
    sv="Sekretess: innehåller patientuppgifter. Förvaras inlåst, förstörs när en nyare finns.",
    en="Confidential: patient data. Keep locked up, destroy when there is a newer one.",
)
DEMO = Labels(
    sv="DEMO – påhittad enhet, inga riktiga patienter", en="DEMO: invented unit, no real patients"
)
TITLE = Labels(sv="Vid driftstopp: det här är öppet", en="Downtime pack: what is open")
DECLINES = {
    DeclineReason.WRONG_TARGET_GROUP: "fel målgrupp",
    DeclineReason.WRONG_UNIT: "fel enhet",
    DeclineReason.NOT_OURS_BY_AGREEMENT: "inte vårt ansvar enligt avtal",
    DeclineReason.OTHER_MUNICIPALITY: "annan kommun",
    DeclineReason.NO_CAPACITY: "kapacitet saknas",
    DeclineReason.NO_COMPETENCE: "kompetens saknas",
    DeclineReason.MATERIAL_MISSING: "underlag saknas",
    DeclineReason.PATIENT_DECLINES: "patienten avstår",
    DeclineReason.NOT_READY_FOR_DISCHARGE: "patienten är inte utskrivningsklar",
    DeclineReason.PATIENT_ADMITTED: "patienten är inlagd",
    DeclineReason.DUPLICATE: "dubblett",
    DeclineReason.OTHER: "annat (text krävs)",
}
ANSWERS = "□ Kvitterad\n□ Accepterad\n□ Återsänd, skäl nr ____\n□ Tar över när:"


class Column(Value):
    """A column with its share of the width."""

    label: Labels
    share: int


class Table(Value):
    """A heading and what stands under it; the first cell of a row names it. Lines by `\\n`.

    `by_hand`: the rows have room to write in.
    """

    heading: Labels
    about: tuple[Labels, ...] = ()
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: Labels
    by_hand: bool = False


class Sheet(Value):
    """A whole document; `head` and `secrecy` stand on every page."""

    title: Labels
    unit: str
    as_of: str
    until: Labels
    secrecy: Labels
    demo: Labels | None
    head: str
    tables: tuple[Table, ...]


def sheet_of(pack: Pack) -> Sheet:
    """The whole document, each table sorted by due."""
    as_of = f"{_at(pack.as_of)} (svensk tid / Swedish time)"
    demo = DEMO if pack.demo else None
    head = " · ".join([pack.unit, f"läget {_at(pack.as_of)}", UNTIL_NEXT.sv])
    return Sheet(
        title=TITLE,
        unit=f"{pack.unit}, {pack.hsa_id}",
        as_of=f"Läget / As of: {as_of}",
        until=UNTIL_NEXT,
        secrecy=SECRECY,
        demo=demo,
        head=f"{head} · DEMO" if demo else head,
        tables=(
            _incoming(_by_due(pack.incoming), pack.as_of),
            _outgoing(_by_due(pack.outgoing), pack.as_of),
            _held(_by_due(pack.held), pack.as_of),
            _ringing(_by_due(pack.ringing), pack.as_of),
            _calls(_by_due(pack.calls), pack.as_of),
            _slips(_by_due(pack.incoming)),
        ),
    )


def _by_due(items: Iterable[Thing]) -> list[Thing]:
    """First due first; what has no due comes last."""
    return sorted(items, key=lambda i: (i.first_due is None, i.first_due, i.reference))


def _incoming(items: list[Incoming], as_of: datetime) -> Table:
    return Table(
        heading=Labels(sv="1. Svar som vi är skyldiga", en="Answers that we owe"),
        columns=_columns(
            ("Patient", "Patient", 18),
            ("Från", "From", 16),
            ("Vad", "What", 15),
            ("Senast", "Due", 23),
            ("Önskas", "Requested", 15),
            ("Håller delen nu", "Holds the part now", 13),
        ),
        rows=tuple(
            (
                _whom(i),
                _side(i.sender),
                _what(i, i.purpose, i.state, i.sent_at),
                _dues((*i.receipts, *i.dues), as_of),
                i.requested or NOTHING,
                _side(i.holder),
            )
            for i in items
        ),
        empty=Labels(sv="Ingen överlämning till oss är öppen.", en="No handover to us is open."),
    )


def _outgoing(items: list[Outgoing], as_of: datetime) -> Table:
    return Table(
        heading=Labels(sv="2. Skickat, väntar på andra", en="Sent, waiting for others"),
        columns=_columns(
            ("Patient", "Patient", 20),
            ("Till", "To", 26),
            ("Vad", "What", 24),
            ("Senast", "Due", 30),
        ),
        rows=tuple(
            (
                _whom(i),
                _side(i.receiver),
                _what(i, i.purpose, i.state, i.sent_at),
                _dues(i.dues, as_of),
            )
            for i in items
        ),
        empty=Labels(sv="Inget som vi har skickat väntar.", en="Nothing that we sent waits."),
    )


def _held(items: list[Held], as_of: datetime) -> Table:
    return Table(
        heading=Labels(sv="3. Delar som vi håller", en="Parts that we hold"),
        columns=_columns(
            ("Patient", "Patient", 20),
            ("Del och vårdförlopp", "Part and pathway", 26),
            ("Öppna steg, senast", "Open steps, due", 36),
            ("Nästa möte", "Next meeting", 18),
        ),
        rows=tuple(
            (
                _whom(i),
                _lines(i.part.sv, i.pathway.sv if i.pathway else ""),
                _dues(i.dues, as_of),
                _at(i.meeting_at),
            )
            for i in items
        ),
        empty=Labels(sv="Vi håller ingen del.", en="We hold no part."),
    )


def _ringing(items: list[Ringing], as_of: datetime) -> Table:
    return Table(
        heading=Labels(
            sv="4. Larm som ringer, trygghetssamtal och annat vi har lovat",
            en="Alarms that ring, safety calls, and what else we owe",
        ),
        columns=_columns(
            ("Patient", "Patient", 20),
            ("Vad", "What", 26),
            ("Senast", "Due", 28),
            ("Ring om det", "Call about it", 26),
        ),
        rows=tuple(
            (
                _whom(i),
                _lines(i.kind.sv, i.part.sv, i.said),
                _dues(i.dues, as_of),
                _side(i.other),
            )
            for i in items
        ),
        empty=Labels(sv="Inget larm ringer.", en="No alarm rings."),
    )


def _calls(items: list[Call], as_of: datetime) -> Table:
    return Table(
        heading=Labels(
            sv="5. Ring enheter som saknar system", en="Calls to units without a system"
        ),
        columns=_columns(
            ("Patient", "Patient", 20),
            ("Ring", "Call", 26),
            ("Vad", "What", 26),
            ("Senast", "Due", 28),
        ),
        rows=tuple(
            (
                _whom(i),
                _side(i.receiver),
                _lines(i.part.sv, f"Ska ringas sedan {_at(i.since)}"),
                _dues(i.dues, as_of),
            )
            for i in items
        ),
        empty=Labels(sv="Ingen ska ringas.", en="Nobody is to be called."),
    )


def _slips(items: list[Incoming]) -> Table:
    coded = "; ".join(f"{n} {said}" for n, said in enumerate(DECLINES.values(), 1))
    return Table(
        heading=Labels(sv="Svar för hand", en="Answers by hand"),
        about=(
            Labels(
                sv="Skriv här medan systemet är borta. En annan person skriver under. Ring "
                "avsändaren. För in svaret med referensen när systemet är tillbaka.",
                en="Write here while the system is away; a second person signs. Call the sender. "
                "Enter the answer by its reference when the system is back.",
            ),
            Labels(sv=f"Skäl: {coded}.", en="Reasons for sending back, by number."),
        ),
        columns=_columns(
            ("Referens, patient", "Reference, patient", 20),
            ("Svar", "Answer", 26),
            ("Datum och tid", "Date and time", 16),
            ("Funktion som svarar", "Function that answers", 18),
            ("En annan persons underskrift", "Signature of a second person", 20),
        ),
        rows=tuple((_whom(i), ANSWERS, "", "", "") for i in items),
        empty=Labels(sv="Det finns inget att svara på.", en="There is nothing to answer."),
        by_hand=True,
    )


def _columns(*given: tuple[str, str, int]) -> tuple[Column, ...]:
    return tuple(Column(label=Labels(sv=sv, en=en), share=share) for sv, en, share in given)


def _whom(item: Item) -> str:
    return _lines(_name(item.patient), item.patient.number, f"Ref {item.reference}")


def _name(patient: Patient) -> str:
    return f"{patient.name} – AVLIDEN" if patient.deceased else patient.name


def _what(item: Item, purpose: Labels, state: Labels, sent_at: datetime | None) -> str:
    sent = f"Skickad {_at(sent_at)}" if sent_at else ""
    return _lines(item.part.sv, purpose.sv, state.sv, sent)


def _side(side: Side | None) -> str:
    if side is None:
        return NOTHING
    phone = f"Tel {side.phone}" if side.phone else "Telefon saknas"
    after = f"Annan tid {side.out_of_hours}" if side.out_of_hours else ""
    return _lines(side.name, phone, after)


def _dues(dues: Iterable[Due], as_of: datetime) -> str:
    return _lines(*(_due(due, as_of) for due in dues)) or NOTHING


def _due(due: Due, as_of: datetime) -> str:
    if due.done_at:
        return f"{due.label.sv}: klart {_at(due.done_at)}"
    if due.at is None:
        return f"{due.label.sv}: {NOTHING}"
    if due.paused:
        return f"{due.label.sv}: vilar"
    late = " FÖRSENAT" if due.at <= as_of else ""
    return f"{due.label.sv}: {_at(due.at)}{late}"


def _at(instant: datetime | None) -> str:
    """A day and a time on the clock in Sweden: *mån 5 okt. 2026 12.00*."""
    if instant is None:
        return NOTHING
    local = instant.astimezone(STOCKHOLM)
    return f"{format_date(local.date(), 'EEE d MMM y', locale='sv_SE')} {local:%H.%M}"


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
