"""How clocks are said: what they promise, instants, and lengths with their kind of time."""

from collections.abc import Mapping
from datetime import datetime

from domain.calendar import STOCKHOLM, Counting
from domain.clock import ClockKind
from domain.value import Labels


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


KINDS: Mapping[ClockKind, Labels] = {
    ClockKind.STEP: _words("Steg i förloppet", "Step of the pathway"),
    ClockKind.RECEIVED: _words("Mottagen", "Received"),
    ClockKind.ACKNOWLEDGED: _words("Kvitterad", "Acknowledged"),
    ClockKind.ACCEPTED: _words("Svar på överlämningen", "Answer to the handover"),
    ClockKind.ANSWER: _words("Svar på frågan", "Answer to the question"),
    ClockKind.TAKE_OVER: _words("Övertagande", "Take-over"),
    ClockKind.FIRST_CONTACT: _words("Första kontakt", "First contact"),
    ClockKind.ALARM: _words(
        "Larm: har lämnat enheten, ej övertagen", "Alarm: has left, not taken over"
    ),
    ClockKind.PRE_NOTICE: _words("Överlämning efter förvarning", "Handover after a pre-notice"),
    ClockKind.PROPOSAL: _words("Svar på förslaget", "Answer to the proposal"),
    ClockKind.CANCELLATION: _words("Svar på avbokningen", "Answer to the cancellation"),
    ClockKind.DISPUTE: _words("Bestritt ansvar", "Disputed responsibility"),
    ClockKind.CONFIRMATION: _words("Sent infört svar bekräftas", "Late entry to be confirmed"),
    ClockKind.HOLD: _words("Val för vilande överlämning", "Choice for a handover on hold"),
    ClockKind.SAFETY_NET: _words("Skyddsnät", "Safety net"),
    ClockKind.MOVE: _words("Överlämning efter flytt", "Handover after a move"),
    ClockKind.CLOSING: _words("Avslut efter dödsfall", "Closing after a death"),
    ClockKind.PERSON_ANSWER: _words("Svar till den som har sökt", "Answer to the person"),
    ClockKind.PLAN_FOLLOW_UP: _words("Uppföljning av planen", "Follow-up of the plan"),
    ClockKind.SIP: _words("Samordnad individuell plan", "Coordinated individual plan"),
    ClockKind.MEETING: _words("Möte", "Meeting"),
    ClockKind.ADMISSION_NOTICE: _words("Inskrivningsmeddelande", "Admission notice"),
    ClockKind.ESTIMATE: _words("Ny beräknad utskrivning", "New estimated discharge"),
    ClockKind.CARE_CONTACT: _words("Fast vårdkontakt", "Permanent care contact"),
    ClockKind.DISCHARGE_INFORMATION: _words("Information till enheter", "Information to units"),
    ClockKind.PATIENT_SUMMARY: _words("Information till patienten", "Information to the patient"),
    ClockKind.SIP_SUMMONS: _words("Kallelse till SIP", "Summons to the coordinated planning"),
    ClockKind.PAYMENT: _words("Betalningsansvar inträder", "Payment liability begins"),
    ClockKind.LIMIT: _words("Yttersta gräns för steget", "Farthest limit of the step"),
    ClockKind.OPENS: _words("Steget öppnas", "The step opens"),
    ClockKind.LOCAL_TARGET: _words("Strängare lokalt mål", "Stricter local target"),
}
_MANY: Mapping[str, Labels] = {
    Counting.HOURS: _words("timmar dygnet runt", "hours round the clock"),
    Counting.CALENDAR_DAYS: _words("kalenderdagar", "calendar days"),
    Counting.WORKING_DAYS: _words("vardagar", "working days"),
    Counting.OPENING_HOURS: _words("timmar av enhetens öppettid", "hours of the unit's opening"),
}
_ONE: Mapping[str, Labels] = {
    Counting.HOURS: _words("timme dygnet runt", "hour round the clock"),
    Counting.CALENDAR_DAYS: _words("kalenderdag", "calendar day"),
    Counting.WORKING_DAYS: _words("vardag", "working day"),
    Counting.OPENING_HOURS: _words("timme av enhetens öppettid", "hour of the unit's opening"),
}
WEEKDAYS = (
    _words("måndag", "Monday"),
    _words("tisdag", "Tuesday"),
    _words("onsdag", "Wednesday"),
    _words("torsdag", "Thursday"),
    _words("fredag", "Friday"),
    _words("lördag", "Saturday"),
    _words("söndag", "Sunday"),
)


def when(at: datetime) -> Labels:
    """An instant on the wall clock in Stockholm; in the hour that comes twice with its offset."""
    here = at.astimezone(STOCKHOLM)
    twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    text = f"{here:%Y-%m-%d %H:%M:%S}{here:%z}" if twice else f"{here:%Y-%m-%d %H:%M:%S}"
    day = WEEKDAYS[here.weekday()]
    return _words(f"{day.sv} {text}", f"{day.en} {text}")


def budget_words(amount: int, counting: str) -> Labels:
    """A length with the kind of time that it is counted in: never just days."""
    if amount == 0 and counting in (Counting.CALENDAR_DAYS, Counting.WORKING_DAYS):
        return _words("samma dag", "the same day")
    if amount == 0:
        return _words("genast", "at once")
    unit = (_ONE if amount == 1 else _MANY)[counting]
    return _words(f"{amount} {unit.sv}", f"{amount} {unit.en}")
