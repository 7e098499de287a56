"""How a proof of coverage is read: a calendar of its gaps, month by month, in both languages."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import groupby
from typing import Literal

from domain.calendar import DAY, STOCKHOLM, local_midnight
from domain.clock_words import KINDS, budget_words, when
from domain.design.coverage import Acceptance, Coverage, Gap, Why, unaccepted
from domain.design.promised import Ground, Promised
from domain.design.silence import MINUTE
from domain.unit import Function
from domain.value import HsaId, Labels, Value

# So many stretches of one promise are written out in a month; the others are counted.
WRITTEN = 4
_MONTHS = (
    ("januari", "January"),
    ("februari", "February"),
    ("mars", "March"),
    ("april", "April"),
    ("maj", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("augusti", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
)


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


WHYS: Mapping[Why, Labels] = {
    Why.NOBODY_HOLDS_FUNCTION: _words(
        "Ingen innehar någon av funktionerna", "Nobody holds any of the functions"
    ),
    Why.NOT_CONNECTED: _words(
        "Enheten är inte ansluten och har ingen e-post",
        "The unit is not connected and has no mail",
    ),
    Why.CLOSED_WITHOUT_COVER: _words(
        "Enheten är stängd och ingen enhet täcker", "The unit is closed and no unit covers"
    ),
    Why.REACHED_TOO_LATE: _words(
        "Den som ska höra det nås för sent", "Whoever is to hear it is reached too late"
    ),
}
FUNCTIONS: Mapping[Function, Labels] = {
    Function.INBOX: _words("inkorgen", "the inbox"),
    Function.COORDINATOR: _words("samordnaren", "the coordinator"),
    Function.MANAGER: _words("enhetschefen", "the unit manager"),
    Function.OPERATIONS: _words("verksamhetschefen", "the operations manager"),
    Function.PRINCIPAL: _words("huvudmannens funktion", "the principal's function"),
    Function.OUT_OF_HOURS: _words("jourfunktionen", "the out-of-hours function"),
}
_NO_GAP = _words(
    "Inga luckor: någon nås alltid i tid.", "No gaps: somebody is always reached in time."
)


class Line(Value):
    """What is wrong with one promise in one month: the gaps' keys, and the text.

    `open` are the keys that nobody has accepted.
    """

    keys: tuple[str, ...]
    text: Labels
    open: tuple[str, ...] = ()


class Month(Value):
    """A month with gaps: `first` is its first day."""

    first: date
    label: Labels
    lines: tuple[Line, ...]


def as_months(
    coverage: Coverage, ground: Ground, acceptances: Iterable[Acceptance] = ()
) -> tuple[Month, ...]:
    """The calendar: each month that has gaps, and each promise that has one in it."""
    given = tuple(acceptances)
    open_keys = frozenset(gap.key for gap in unaccepted(coverage, given))
    found = dict[date, list[Gap]]()
    for gap in coverage.gaps:
        for first in _months_of(gap):
            found.setdefault(first, []).append(gap)
    return tuple(
        Month(first=first, label=_month(first), lines=tuple(_lines(first, gaps, ground, open_keys)))
        for first, gaps in sorted(found.items(), key=lambda item: item[0])
    )


def as_text(
    coverage: Coverage,
    ground: Ground,
    lang: Literal["sv", "en"],
    acceptances: Iterable[Acceptance] = (),
) -> str:
    """The calendar as plain text in one language."""
    months = as_months(coverage, ground, acceptances)
    if not months:
        return _in(lang, _NO_GAP)
    return "\n\n".join(
        "\n".join((_in(lang, month.label), *(f"- {_in(lang, line.text)}" for line in month.lines)))
        for month in months
    )


def _in(lang: Literal["sv", "en"], words: Labels) -> str:
    return words.sv if lang == "sv" else words.en


def _month(first: date) -> Labels:
    sv, en = _MONTHS[first.month - 1]
    return _words(f"{sv} {first.year}", f"{en} {first.year}")


def _months_of(gap: Gap) -> Iterator[date]:
    month, last = _wall(gap.first).date().replace(day=1), _wall(gap.last).date()
    while month <= last:
        yield month
        month = _next(month)


def _next(month: date) -> date:
    return (month + 31 * DAY).replace(day=1)


def _lines(
    month: date, gaps: list[Gap], ground: Ground, open_keys: frozenset[str]
) -> Iterator[Line]:
    """One line for the gaps of a promise that have one reason, in the order of the first."""
    place = {gap.promised.key + gap.why: n for n, gap in reversed(list(enumerate(gaps)))}
    ordered = sorted(gaps, key=lambda gap: place[gap.promised.key + gap.why])
    for _, group in groupby(ordered, key=lambda gap: gap.promised.key + gap.why):
        same = list(group)
        keys = tuple(gap.key for gap in same)
        left = tuple(key for key in keys if key in open_keys)
        yield Line(keys=keys, text=_text(month, same, ground, left), open=left)


def _text(month: date, gaps: list[Gap], ground: Ground, left: tuple[str, ...]) -> Labels:
    promised, why, then = gaps[0].promised, WHYS[gaps[0].why], _then(gaps[0], ground)
    times, by, what = _times(month, gaps), _by(promised), _what(promised, ground)
    sv, en = ("", "") if left else (" Godtagen.", " Accepted.")
    return _words(
        f"{times.sv}: {by.sv}. {what.sv}. {why.sv}. {then.sv}.{sv}",
        f"{times.en}: {by.en}. {what.en}. {why.en}. {then.en}.{en}",
    )


def _times(month: date, gaps: list[Gap]) -> Labels:
    spans = [_span(month, gap) for gap in gaps[:WRITTEN]]
    more = len(gaps) - len(spans)
    sv, en = (f" och {more} till", f" and {more} more") if more else ("", "")
    return _words("; ".join(s.sv for s in spans) + sv, "; ".join(s.en for s in spans) + en)


def _span(month: date, gap: Gap) -> Labels:
    """The part of a gap that lies in a month: whole days where it can be said so."""
    first = max(_wall(gap.first), _wall(local_midnight(month)))
    end = min(_wall(gap.last + MINUTE), _wall(local_midnight(_next(month))))
    last = (end - MINUTE).date()
    names = _MONTHS[month.month - 1]
    if not (_is_midnight(first) and _is_midnight(end)):
        until = "24:00" if _is_midnight(end) else f"{end:%H:%M}"
        same_day = first.date() == last
        sv, en = (
            f"{first.day} {name} {first:%H:%M}–"
            + (until if same_day else f"{last.day} {name} {until}")
            for name in names
        )
        return _words(sv, en)
    days = f"{first.day}" if first.date() == last else f"{first.day}–{last.day}"
    return _words(f"{days} {names[0]}", f"{days} {names[1]}")


def _by(promised: Promised) -> Labels:
    if promised.bound is None:
        return _words(
            "ingen nås, inte ens av stegens sista pinne",
            "nobody is reached, not even by the ladder's last rung",
        )
    length = budget_words(promised.bound.amount, promised.bound.counting)
    return _words(f"ingen nås inom {length.sv}", f"nobody is reached within {length.en}")


def _what(promised: Promised, ground: Ground) -> Labels:
    """Which promise: what it is for, how long it has, who owes it and who waits."""
    length = budget_words(promised.budget.amount, promised.budget.counting)
    told = [_about(ground, about.step, KINDS[about.kind]) for about in promised.about]
    owner, other = _name(ground, promised.owner), _name(ground, promised.counterpart)
    sv, en = (f", {owner} till {other}", f", {owner} to {other}")
    if owner == other:
        sv, en = f", {owner}", f", {owner}"
    return _words(
        "; ".join(t.sv for t in told) + f" ({length.sv}){sv}",
        "; ".join(t.en for t in told) + f" ({length.en}){en}",
    )


def _about(ground: Ground, step: str, kind: Labels) -> Labels:
    found = ground.definition.step(step)
    label = found.label if found else _words(step, step)
    return _words(f"{kind.sv}: {label.sv}", f"{kind.en}: {label.en}")


def _then(gap: Gap, ground: Ground) -> Labels:
    if gap.then is None:
        return _words("Ingen nås inom ett år", "Nobody is reached within a year")
    at, who = when(gap.then.at), FUNCTIONS[gap.then.function]
    unit = _name(ground, gap.then.unit)
    return _words(
        f"Först nås {who.sv} vid {unit}, {at.sv}", f"The first is {who.en} at {unit}, {at.en}"
    )


def _name(ground: Ground, hsa_id: HsaId) -> str:
    unit = ground.units.get(hsa_id)
    return unit.name if unit else hsa_id


def _wall(at: datetime) -> datetime:
    return at.astimezone(STOCKHOLM).replace(tzinfo=None)


def _is_midnight(wall: datetime) -> bool:
    return wall.time() == time()
