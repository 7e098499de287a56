"""How waiting is said: what is waited for, and why just now. Every code has its words."""

from collections.abc import Mapping

from domain.delay import DelayReason, Pause
from domain.value import Labels
from domain.waiting import WaitKind


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


KINDS: Mapping[str, Labels] = {
    WaitKind.ANSWER: _words("Svar på överlämningen", "An answer to the handover"),
    WaitKind.FIRST_CONTACT: _words("Första kontakt efter övertagandet", "First contact"),
    WaitKind.INTERVENTION: _words("Första insats efter bedömt behov", "First intervention"),
}
WHYS: Mapping[str, Labels] = {
    # how far it has come
    "not_read": _words("Inte läst", "Not read"),
    "read_not_answered": _words("Läst men inte besvarad", "Read but not answered"),
    "question_open": _words("Avsändaren ska svara på en fråga", "The sender owes an answer"),
    "proposal_open": _words(
        "Avsändaren ska svara på ett förslag", "The sender owes a yes or no to a proposal"
    ),
    "disputed": _words("Ansvaret är bestritt", "The responsibility is disputed"),
    "not_met": _words("Övertagen men ingen kontakt än", "Taken over but not met"),
    "not_begun": _words("Ingen insats har börjat", "No intervention has begun"),
    # the patient
    "admitted": _words("Patienten är inlagd på sjukhus", "The patient is in hospital"),
    Pause.PATIENT_CHOICE: _words("Patienten har valt att vänta", "The patient chose to wait"),
    Pause.MEDICAL: _words("Medicinska skäl", "Medical reasons"),
    # a coded delay
    DelayReason.NO_CAPACITY: _words("Kapacitet saknas", "No capacity"),
    DelayReason.NO_COMPETENCE: _words("Kompetens saknas", "No competence"),
    DelayReason.AWAITS_DISCHARGE: _words("Väntar på utskrivning", "Awaits discharge"),
    DelayReason.AWAITS_AIDS: _words("Väntar på hjälpmedel", "Awaits assistive devices"),
    DelayReason.AWAITS_HOUSING: _words("Väntar på boende", "Awaits housing"),
    DelayReason.AWAITS_OTHER_UNIT: _words("Väntar på en annan enhet", "Awaits another unit"),
    DelayReason.UNREACHABLE: _words("Patienten har inte kunnat nås", "The patient was not reached"),
    DelayReason.OTHER: _words("Annat skäl", "Another reason"),
}
