"""What a coded no is made of: its kind, and what it says in Swedish and English."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What sort of no it is; the doors translate it to their own status."""

    INVALID = "invalid"
    UNKNOWN = "unknown"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    STALE = "stale"
    KEY_REUSED = "key_reused"
    UNKNOWN_CALLER = "unknown_caller"
    TOO_LARGE = "too_large"
    UNAVAILABLE = "unavailable"
    BROKEN = "broken"


class Text(NamedTuple):
    """The kind of a refusal and its two texts."""

    kind: Kind
    sv: str
    en: str
