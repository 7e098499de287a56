"""A handover as a command finds it: known, and open for what is asked."""

from domain.draft import Draft
from domain.handover import Handover
from domain.refusal import Refused
from domain.rules import access, allowed
from domain.rules.allowed import Scene


def known(draft: Draft, handover_id: str) -> Handover:
    """The handover. Raises `Refused("handover_unknown")`."""
    handover = draft.state.handovers.get(handover_id)
    if handover is None:
        raise Refused("handover_unknown")
    return handover


def scene(draft: Draft, handover: Handover) -> Scene:
    """In which capacities the caller stands before it."""
    return Scene(
        handover=handover,
        receives=access.acts(draft, handover.to_unit),
        sends=access.acts(draft, handover.from_unit),
        calls=access.may_call_for(draft.state, handover, access.acting_unit(draft)),
    )


def may(draft: Draft, action: str, handover_id: str) -> Handover:
    """The handover, when the action may be done with it now. Raises `Refused`."""
    handover = known(draft, handover_id)
    no = allowed.refusal(action, scene(draft, handover))
    if no:
        raise Refused(no)
    return handover
