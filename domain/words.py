"""How states are said: the same words in every list, by whom they are for."""

from domain.handover import HandoverState
from domain.profile import Profile
from domain.value import Labels


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


_PLAIN = {
    HandoverState.PRE_NOTICE: _words("Förvarnad", "Announced"),
    HandoverState.SENT: _words("Skickad", "Sent"),
    HandoverState.RECEIVED: _words("Mottagen", "Received"),
    HandoverState.ACKNOWLEDGED: _words("Kvitterad", "Acknowledged"),
    HandoverState.QUESTION_OPEN: _words("Fråga väntar på svar", "Question open"),
    HandoverState.PROPOSED: _words("Förslag väntar på svar", "Proposed"),
    HandoverState.DISPUTED: _words("Ansvaret är bestritt", "Disputed"),
    HandoverState.ON_HOLD: _words("Vilar", "On hold"),
    HandoverState.ACCEPTED: _words("Accepterad", "Accepted"),
    HandoverState.CANCELLATION_REQUESTED: _words("Avbokning begärd", "Cancellation requested"),
    HandoverState.TAKEN_OVER: _words("Övertagen", "Taken over"),
    HandoverState.FIRST_CONTACT: _words("Första kontakt tagen", "First contact made"),
    HandoverState.COMPLETED: _words("Avslutad", "Completed"),
    HandoverState.DECLINED: _words("Återsänd", "Declined"),
    HandoverState.WITHDRAWN: _words("Återkallad", "Withdrawn"),
    HandoverState.CEASED: _words("Upphörd", "Ceased"),
}
# What health care calls accepted, social services call begun: the case is opened there.
_SOCIAL = _PLAIN | {HandoverState.ACCEPTED: _words("Aktualiserad", "Case opened")}


def state_words(state: HandoverState, profile: Profile) -> Labels:
    """How a handover's state is said to those whom it is for."""
    return (_SOCIAL if profile is Profile.SOCIAL_SERVICES else _PLAIN)[state]


def bundle_words(taken_over: int, of: int) -> Labels:
    """How far a bundle has come."""
    return Labels(sv=f"{taken_over} av {of} övertagna", en=f"{taken_over} of {of} taken over")
