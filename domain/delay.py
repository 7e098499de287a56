"""Why somebody waits: coded reasons with the profession that is short (R-010)."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from domain.profession import Profession
from domain.value import Instant, LongText, Value


class DelayReason(StrEnum):
    """Why something comes later than it should; nothing need have been declined."""

    NO_CAPACITY = "no_capacity"
    NO_COMPETENCE = "no_competence"
    PATIENT_CHOICE = "patient_choice"
    MEDICAL = "medical"
    AWAITS_DISCHARGE = "awaits_discharge"
    AWAITS_AIDS = "awaits_aids"
    AWAITS_HOUSING = "awaits_housing"
    AWAITS_OTHER_UNIT = "awaits_other_unit"
    UNREACHABLE = "unreachable"
    OTHER = "other"


LACKS_STAFF = (DelayReason.NO_CAPACITY, DelayReason.NO_COMPETENCE)


class Delay(Value):
    """A delay with its reason; lack of staff names the profession, and *other* says what."""

    reason: DelayReason
    profession: Profession | None = None
    text: LongText | None = None

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.reason in LACKS_STAFF and self.profession is None:
            raise ValueError("profession_missing")
        if self.reason is DelayReason.OTHER and self.text is None:
            raise ValueError("text_missing")
        return self


class Pause(StrEnum):
    """Waiting that the patient chose or that is medical; reported apart (E1.2)."""

    PATIENT_CHOICE = "patient_choice"
    MEDICAL = "medical"


class Waiting(Value):
    """An interval of such waiting; open while `until` is None."""

    why: Pause
    since: Instant
    until: Instant | None = None
