"""How many of a kind one journey can hold: its state travels whole, and must stay small."""

from domain.draft import Draft
from domain.refusal import Refused

ROOM = {"handovers": 400, "plans": 100, "meetings": 200, "added": 50}
# Notices of readiness in one stay.
READY = 30


def must_have(draft: Draft, what: str) -> None:
    """Raises `Refused("journey_full")`."""
    if len(getattr(draft.state, what)) >= ROOM[what]:
        raise Refused("journey_full")
