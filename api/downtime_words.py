"""How promises and purposes are said on paper; a kind without words of its own is a promise."""

from domain.clock import ClockKind
from domain.pathway import Purpose
from domain.value import Labels


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


PURPOSES = {
    Purpose.TAKE_OVER: _words("Överta samordningen", "Take over"),
    Purpose.TAKE_PART: _words("Överta en del", "Take part"),
    Purpose.CARRY_OUT: _words("Utföra", "Carry out"),
    Purpose.INFORM: _words("För kännedom", "For information"),
}
PROMISE = _words("Annat löfte", "Another promise")
STEP = _words("Öppet steg", "Open step")
KINDS = {
    ClockKind.STEP: STEP,
    ClockKind.RECEIVED: _words("Mottagen", "Received"),
    ClockKind.ACKNOWLEDGED: _words("Kvitterad", "Acknowledged"),
    ClockKind.ACCEPTED: _words("Accepterad", "Accepted"),
    ClockKind.ANSWER: _words("Svar på frågan", "Answer to the question"),
    ClockKind.TAKE_OVER: _words("Övertagen", "Taken over"),
    ClockKind.FIRST_CONTACT: _words("Första kontakt", "First contact"),
    ClockKind.ALARM: _words(
        "LARM: har lämnat enheten, ej övertagen", "ALARM: left, not taken over"
    ),
    ClockKind.PRE_NOTICE: _words("Beräknad tid", "Estimated time"),
    ClockKind.PROPOSAL: _words("Svar på förslaget", "Answer to the proposal"),
    ClockKind.CANCELLATION: _words("Svar på avbokningen", "Answer to the cancellation"),
    ClockKind.DISPUTE: _words("Bestritt ansvar", "Disputed responsibility"),
    ClockKind.CONFIRMATION: _words("Bekräfta telefonsvaret", "Confirm the answer by telephone"),
    ClockKind.HOLD: _words("Vilande överlämning ses över", "Look over what is on hold"),
    ClockKind.SAFETY_NET: _words("Trygghetssamtal", "Safety call"),
    ClockKind.MOVE: _words("Flytt till annan kommun", "Move to another municipality"),
    ClockKind.CLOSING: _words("Avslutslista", "Closing list"),
    ClockKind.PERSON_ANSWER: _words("Svar till den som frågade", "Answer to who asked"),
    ClockKind.PLAN_FOLLOW_UP: _words("Uppföljning av planen", "Follow-up of the plan"),
    ClockKind.SIP: _words("Samordnad individuell plan", "Coordinated individual plan"),
    ClockKind.MEETING: _words("Möte att avsluta", "Meeting to conclude"),
}


def promise(kind: ClockKind) -> Labels:
    """What a clock promises."""
    return KINDS.get(kind, PROMISE)


def by_sender(label: Labels) -> Labels:
    """The same, when it is the sender that owes it."""
    return _words(f"Avsändaren, {label.sv.lower()}", f"The sender, {label.en.lower()}")
