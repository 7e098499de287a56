"""Days and times as people say them in Swedish."""

from datetime import date, datetime

from babel.dates import format_date

from domain.calendar import STOCKHOLM


def day(on: date) -> str:
    """A day with its weekday: *tisdag 24 november 2026*."""
    return format_date(on, "EEEE d MMMM y", locale="sv_SE")


def moment(at: datetime) -> str:
    """A day and a time on the clock in Sweden: *tisdag 24 november 2026 klockan 13.15*."""
    local = at.astimezone(STOCKHOLM)
    return f"{day(local.date())} klockan {local:%H.%M}"


def length(minutes: int) -> str:
    """A length in hours and minutes: *1 timme och 30 minuter*."""
    hours, rest = divmod(minutes, 60)
    words = [_many(hours, "timme", "timmar"), _many(rest, "minut", "minuter")]
    return " och ".join(word for word in words if word)


def sentence(text: str) -> str:
    """The text with a capital first letter; the rest stands."""
    return text[:1].upper() + text[1:]


def _many(amount: int, one: str, more: str) -> str:
    return f"{amount} {one if amount == 1 else more}" if amount else ""
