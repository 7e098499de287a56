"""What a journey remembers of its migration, so that it can be undone."""

from domain.clock import Clock
from domain.pathway import Definition
from domain.value import Instant, Value


class Migrated(Value):
    """From which version, when, and how its running clocks stood just before."""

    migration: str
    definition: Definition
    at: Instant
    clocks: dict[str, Clock]
    visits: int = 0
