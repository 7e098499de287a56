"""What may be done with a handover now: one table, asked by `decide` and by every view."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from domain.handover import Handover, HandoverState
from domain.pathway import Purpose


class Scene(NamedTuple):
    """A handover, and in which capacity somebody stands before it."""

    handover: Handover
    receives: bool
    sends: bool
    calls: bool = False

    @property
    def answers(self) -> bool:
        """The receiver itself, or who calls on its behalf."""
        return self.receives or self.calls


Guard = Callable[[Scene], str | None]


def _acknowledge(scene: Scene) -> str | None:
    handover = scene.handover
    if not scene.answers:
        return "not_receiver"
    if handover.acknowledged_at and handover.unanswered:
        return "already_acknowledged"
    standing = handover.standing and handover.open and not handover.acknowledged_at
    return None if handover.unanswered or standing else "handover_not_open"


def _decide(scene: Scene) -> str | None:
    """A yes or a no is owed; who is only informed owes none, and acknowledges."""
    if not scene.answers:
        return "not_receiver"
    if not scene.handover.unanswered or scene.handover.purpose is Purpose.INFORM:
        return "handover_not_open"
    return "handover_on_hold" if scene.handover.held_since else None


def _decide_in_person(scene: Scene) -> str | None:
    return _decide(scene) if scene.receives else "not_receiver"


def _turn_to_others(scene: Scene) -> str | None:
    """Ask, propose or pass on: not while something else waits for its answer."""
    found = _decide_in_person(scene)
    if found:
        return found
    if scene.handover.question_since:
        return "question_open"
    return "proposal_open" if scene.handover.proposed_since else None


def _answer(scene: Scene) -> str | None:
    if not scene.sends:
        return "not_sender"
    is_open = scene.handover.stage is HandoverState.QUESTION_OPEN
    return None if is_open else "no_question_open"


def _proposal(scene: Scene) -> str | None:
    if not scene.sends:
        return "not_sender"
    if scene.handover.stage is not HandoverState.PROPOSED:
        return "no_proposal_open"
    return "handover_on_hold" if scene.handover.held_since else None


NO_ACCESS_LEFT = (HandoverState.WITHDRAWN, HandoverState.DECLINED, HandoverState.CEASED)
AGREED = (HandoverState.ACCEPTED, HandoverState.TAKEN_OVER, HandoverState.FIRST_CONTACT)


def _withdraw(scene: Scene) -> str | None:
    if not scene.sends:
        return "not_sender"
    return "handover_not_open" if scene.handover.stage in NO_ACCESS_LEFT else None


def _request_cancellation(scene: Scene) -> str | None:
    if not scene.sends:
        return "not_sender"
    if scene.handover.stage is not HandoverState.ACCEPTED:
        return "handover_not_open"
    return "cancellation_open" if scene.handover.cancellation_since else None


def _answer_cancellation(scene: Scene) -> str | None:
    if not scene.answers:
        return "not_receiver"
    open_still = scene.handover.cancellation_since and scene.handover.awaits_take_over
    return None if open_still else "no_cancellation_open"


def _dispute(scene: Scene) -> str | None:
    """The receiver disputes what was sent to it; the sender, once, a no."""
    handover = scene.handover
    if not (scene.receives or scene.sends):
        return "not_receiver"
    if handover.disputed_by:
        return "already_disputed"
    if scene.receives:
        return _decide_in_person(scene)
    return None if handover.stage is HandoverState.DECLINED else "handover_not_open"


def _assign(scene: Scene) -> str | None:
    if not scene.receives:
        return "not_receiver"
    works = scene.handover.open or scene.handover.stage is HandoverState.FIRST_CONTACT
    return None if works else "handover_not_open"


def _release(scene: Scene) -> str | None:
    if not scene.receives:
        return "not_receiver"
    return None if scene.handover.assigned_to else "not_assigned"


def _first_contact(scene: Scene) -> str | None:
    if not scene.answers:
        return "not_receiver"
    waits = scene.handover.stage is HandoverState.TAKEN_OVER and scene.handover.open
    return None if waits else "handover_not_open"


def _complete(scene: Scene) -> str | None:
    """A task that was carried out needs no first contact apart; what was taken over does."""
    handover = scene.handover
    if not scene.answers:
        return "not_receiver"
    met = handover.stage is HandoverState.FIRST_CONTACT
    carried = handover.stage is HandoverState.TAKEN_OVER and handover.open
    return None if met or (carried and not handover.purpose.moves) else "handover_not_open"


def _change_estimate(scene: Scene) -> str | None:
    if not scene.sends:
        return "not_sender"
    before = scene.handover.open and scene.handover.stage is not HandoverState.TAKEN_OVER
    return None if before else "handover_not_open"


def _call(scene: Scene) -> str | None:
    if not scene.calls:
        return "not_proxy"
    return None if scene.handover.open else "handover_not_open"


def _confirm(scene: Scene) -> str | None:
    if not scene.answers:
        return "not_receiver"
    return None if scene.handover.provisional_since else "nothing_provisional"


def _resume(scene: Scene) -> str | None:
    taken = scene.handover.stage is HandoverState.TAKEN_OVER
    if not (scene.receives if taken else scene.sends):
        return "not_holder"
    return None if scene.handover.held_since and scene.handover.open else "not_on_hold"


def _send_for_real(scene: Scene) -> str | None:
    if not scene.sends:
        return "not_sender"
    early = scene.handover.stage is HandoverState.PRE_NOTICE
    return None if early else "handover_exists"


def _resend(scene: Scene) -> str | None:
    if not scene.sends:
        return "not_sender"
    return None if scene.handover.stage is HandoverState.DECLINED else "handover_not_open"


# By the name that the doors use; the commands' own names differ only where English asks for it.
GUARDS: dict[str, Guard] = {
    "acknowledge": _acknowledge,
    "accept": _decide,
    "decline": _decide,
    "redirect": _turn_to_others,
    "ask": _turn_to_others,
    "propose": _turn_to_others,
    "assign": _assign,
    "release": _release,
    "answer-cancellation": _answer_cancellation,
    "first-contact": _first_contact,
    "complete": _complete,
    "answer": _answer,
    "take-proposal": _proposal,
    "refuse-proposal": _proposal,
    "change-estimate": _change_estimate,
    "send": _send_for_real,
    "resend": _resend,
    "withdraw": _withdraw,
    "request-cancellation": _request_cancellation,
    "dispute": _dispute,
    "call": _call,
    "confirm": _confirm,
    "resume": _resume,
}


def refusal(action: str, scene: Scene) -> str | None:
    """The code of the no, or None when it may be done."""
    return GUARDS[action](scene)


def actions(scene: Scene) -> Iterable[str]:
    """Everything that may be done."""
    return (name for name, guard in GUARDS.items() if guard(scene) is None)
