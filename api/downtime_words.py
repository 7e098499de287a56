"""How promises and purposes are said on paper; a kind without words of its own is a promise."""

from domain import clock_words
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
STEP = _words("Öppet steg", "Open step")
# On paper a promise is named as the slip names its answer.
KINDS = {
    **clock_words.KINDS,
    ClockKind.STEP: STEP,
    ClockKind.ACCEPTED: _words("Accepterad", "Accepted"),
    ClockKind.TAKE_OVER: _words("Övertagen", "Taken over"),
    ClockKind.ALARM: _words(
        "LARM: har lämnat enheten, ej övertagen", "ALARM: left, not taken over"
    ),
    ClockKind.PRE_NOTICE: _words("Beräknad tid", "Estimated time"),
    ClockKind.SAFETY_NET: _words("Trygghetssamtal", "Safety call"),
}


def promise(kind: ClockKind) -> Labels:
    """What a clock promises."""
    return KINDS[kind]


def by_sender(label: Labels) -> Labels:
    """The same, when it is the sender that owes it."""
    return _words(f"Avsändaren, {label.sv.lower()}", f"The sender, {label.en.lower()}")
