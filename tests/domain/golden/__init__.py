"""Due instants worked out by hand, from an almanac and the text of the act; one line each.

`start` is a local wall clock; `/2` is the second time that it comes, `&` joins several beginnings.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from domain.calendar import STOCKHOLM, Budget, Calendar, Counting, Opening
from domain.rulebook import Agreement, CareForm, Cutoff, Rule, Rulebook
from domain.unit import Closure, Hours
from tests.samples import BOB, calendar, calendar_days, day, rules, working_days

HERE = Path(__file__).parent
BOOKS = ("payment", "statutory", "days", "opening")


class Case(NamedTuple):
    """One line of a table."""

    name: str
    what: str
    given: str
    start: str
    due: str
    why: str

    @property
    def began(self) -> datetime:
        """The latest of the beginnings."""
        return max(map(_instant, self.start.split(" & ")))

    @property
    def due_at(self) -> datetime:
        """What was worked out by hand."""
        return datetime.fromisoformat(self.due).astimezone(UTC)

    @property
    def budget(self) -> Budget | None:
        """The budget, where the line is about one and not about a rule."""
        amount, _, counting = self.what.partition(" ")
        return Budget(amount=int(amount), counting=Counting(counting)) if counting else None

    @property
    def event_at(self) -> datetime | None:
        """What it is to be done before, where the line says so."""
        word, _, wall = self.given.partition(" ")
        return _instant(wall) if word == "before" else None

    @property
    def form(self) -> CareForm:
        """The form of care that the line is about."""
        return CareForm(self.given) if self.given in set(CareForm) else CareForm.SOMATIC


def _instant(text: str) -> datetime:
    wall, _, time_round = text.partition("/")
    local = datetime.fromisoformat(wall).replace(tzinfo=STOCKHOLM, fold=int(time_round == "2"))
    return local.astimezone(UTC)


def cases() -> Iterator[Case]:
    """Every line of every table."""
    for book in BOOKS:
        with (HERE / f"{book}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield Case(**row)


def opening(*spans: tuple[int, str, str], closed: tuple[date, date] | None = None) -> Opening:
    """Hours on days of the week, and a closure."""
    hours = (
        Hours(day=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
        for weekday, opens, closes in spans
    )
    closures = (Closure(first=closed[0], last=closed[1]),) if closed else ()
    return Opening(unit=BOB, version=1, hours=tuple(hours), closures=closures)


OFFICE = [(weekday, "08:00", "16:00") for weekday in range(5)]
MORNINGS = [(weekday, "08:00", "12:00") for weekday in range(5)]
AFTERNOONS = [(weekday, "13:00", "16:00") for weekday in range(5)]
LATE = [(weekday, "10:00", "16:00") for weekday in range(5)]
SIXTH, SEVENTH, FAR = day("2026-10-06"), day("2026-10-07"), day("2029-12-31")
OPENINGS = {
    "office": opening(*OFFICE),
    "lunch": opening(*AFTERNOONS, *MORNINGS),
    "overlap": opening(*LATE, *MORNINGS),
    "office_closed_6_and_7_october": opening(*OFFICE, closed=(SIXTH, SEVENTH)),
    "never": opening(*OFFICE, closed=(day("2026-10-01"), FAR)),
    "closes_for_ever": opening(*OFFICE, closed=(SIXTH, FAR)),
    "always": opening(),
    "always_closed_6_october": opening(closed=(SIXTH, SIXTH)),
    "saturdays": opening((5, "10:00", "14:00")),
    "sunday_nights": opening((6, "00:00", "06:00")),
    "small_hours": opening((6, "02:00", "03:00")),
}


def given_calendar(case: Case) -> Calendar:
    """Sweden's days off, and the hours that the line names."""
    return calendar().of(OPENINGS.get(case.given))


def agreed(
    *, budget: Budget | None = None, at: str | None = None, days: int = 1, **change: object
) -> Agreement:
    """An agreement on when the payment begins."""
    cutoff = Cutoff(at=time.fromisoformat(at), days=days) if at else None
    values = {"key": "agreed", "rule": "payment_start", "municipality": "1980"}
    terms = {"budget": budget, "cutoff": cutoff, "reference": "Överenskommelse"}
    return Agreement.model_validate({**values, **terms, "valid_from": "2018-01-02", **change})


AGREEMENTS = {
    "agreed_0_days": agreed(budget=calendar_days(0)),
    "agreed_5_days": agreed(budget=calendar_days(5)),
    "agreed_3_working_days": agreed(budget=working_days(3)),
    "agreed_15_00": agreed(at="15:00"),
    "agreed_10_00_two_days": agreed(at="10:00", days=2),
}


@cache
def changed_from(first: date, amount: int = 5) -> Rulebook:
    """The shipped rules, and an invented new version of one that holds from a day."""
    known = rules().version_of("payment_start", 1)
    assert known is not None
    new = {"version": 3, "budget": calendar_days(amount), "cutoff": None, "valid_from": first}
    later: Rule = known.model_copy(update=new)
    return Rulebook(version="rules-00002", rules=(*rules().rules, later))


def given_rules(case: Case) -> Rulebook:
    """The shipped rules, or those that the line names."""
    return changed_from(day("2027-01-01")) if case.given == "changed_2027" else rules()


def begins_on(case: Case) -> date:
    """The local day by which its rule and agreement are found."""
    return case.began.astimezone(STOCKHOLM).date()


def minutes(instant: datetime, count: int) -> datetime:
    """So many minutes later."""
    return instant + timedelta(minutes=count)
