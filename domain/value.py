"""What every value in the domain is: frozen, closed, and silent about its input in errors."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

# NUL is the one character that PostgreSQL keeps in no text.
_TEXT = r"^[^\x00]+$"
ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=_TEXT, min_length=1, max_length=200)
]
LongText = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=_TEXT, min_length=1, max_length=4000)
]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
HsaId = Annotated[str, StringConstraints(pattern=r"^SE\d{10}-[A-Za-z0-9]{1,18}$", max_length=31)]


def _in_living_memory(instant: datetime) -> datetime:
    """In UTC; refuses years that no journey has, so that arithmetic cannot overflow."""
    if not 1990 <= instant.year <= 2200:
        raise ValueError("year out of range")
    return instant.astimezone(UTC)


def _day_in_living_memory(day: date) -> date:
    """Refuses years that no journey has, as instants do."""
    if not 1990 <= day.year < 2200:
        raise ValueError("year out of range")
    return day


Instant = Annotated[AwareDatetime, AfterValidator(_in_living_memory)]
Day = Annotated[date, AfterValidator(_day_in_living_memory)]


class Value(BaseModel):
    """A frozen value; unknown fields are refused and errors never show the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Labels(Value):
    """A text in Swedish with English beside it."""

    sv: str
    en: str
