"""In whose hands the parts of a journey are, said in one word."""

from tests.stories import journeys as tale


def both(holder: str) -> dict[str, str]:
    """Coordination and rehabilitation with the same unit, as from a journey's start."""
    return {"coordination": holder, "rehab": holder}


def rehab_at(holder: str, coordination: str = tale.STROKE) -> dict[str, str]:
    """Rehabilitation with one unit, coordination with another."""
    return {"coordination": coordination, "rehab": holder}
