"""Facts about the patient that change what everybody owes."""

from enum import StrEnum

from domain.call import Number
from domain.value import HsaId, Instant, ShortText, Value


class Protection(StrEnum):
    """Grades of protected personal data; a new identity is invisible to us."""

    NONE = "none"
    SECRECY_MARKING = "secrecy_marking"
    PROTECTED_REGISTRATION = "protected_registration"

    @property
    def rank(self) -> int:
        """The higher, the stronger."""
        return list(Protection).index(self)


class SafetyNet(Value):
    """Who calls the patient who has left, when, and that a number was given."""

    caller: ShortText
    call_at: Instant
    number: Number


class Departure(Value):
    """The patient has left a unit: when, and where to."""

    from_unit: HsaId
    at: Instant
    to: ShortText


class Closing(StrEnum):
    """What the holder confirms when a patient has died, before the journey closes."""

    UNITS_INFORMED = "units_informed"
    VISITS_CANCELLED = "visits_cancelled"
    AIDS_RETURNED = "aids_returned"
    CLOSE_PERSONS_SUPPORTED = "close_persons_supported"


class Guardian(Value):
    """A guardian of a child, by order and never by name; both have a say (FB 6:13).

    Who may be told nothing, because the child is protected from them, is not asked either.
    """

    label: ShortText
    consents: bool | None = None
    gets_copy: bool = True
    told_nothing: bool = False
