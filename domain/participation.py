"""Whether the patient and those close took part, three-valued (R-103)."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from domain.value import ShortText, Value


class Took(StrEnum):
    """Participation, three-valued."""

    TOOK_PART = "took_part"
    OFFERED_DECLINED = "offered_declined"
    NOT_POSSIBLE = "not_possible"


class Participation(Value):
    """Whether the patient, and a close person, took part; *not possible* needs a reason."""

    patient: Took
    close_person: Took | None = None
    reason: ShortText | None = None

    @model_validator(mode="after")
    def _reason_when_not_possible(self) -> Self:
        if Took.NOT_POSSIBLE in (self.patient, self.close_person) and not self.reason:
            raise ValueError("reason_missing")
        return self
