"""Rules of time as data: what the law or a local choice promises, from when until when.

A rule is never edited: what changes is a new version that holds from a later day, and a clock goes
by the newest version that holds on the day from which it counts. An agreement between a region and
a municipality may say otherwise only where the rule says that the act allows it.
"""

from collections.abc import Iterable, Iterator
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.calendar import DAY, Budget, Counting
from domain.ladder import Ladders
from domain.pathway import Source
from domain.unit import Municipality
from domain.value import Day, Key, Labels, ShortText, Value


class Began(StrEnum):
    """What a rule counts from."""

    ADMISSION = "admission"
    JUDGEMENT = "judgement"
    ADMISSION_NOTICE = "admission_notice"
    READY_NOTICE = "ready_notice"
    SIP_NEED = "sip_need"
    DISCHARGE = "discharge"
    DECISION = "decision"


class Ends(StrEnum):
    """Where in time a rule ends: to the second, or with a local day."""

    EXACT = "exact"
    DAY_BEGINS = "day_begins"
    DAY_ENDS = "day_ends"


class CareForm(StrEnum):
    """The form of inpatient care; some rules differ by it.

    `compulsory` leads to open psychiatric compulsory care, or open forensic care, where the
    coordinated plan of LPT 7 a § takes the place of the SIP (lag (2017:612) 4 kap. 1 § 2 st.).
    """

    SOMATIC = "somatic"
    PSYCHIATRIC = "psychiatric"
    COMPULSORY = "compulsory"


class Cutoff(Value):
    """What begins later than this local time of day counts some days more."""

    at: time
    days: Annotated[int, Field(ge=1, le=30)] = 1


class Rule(Value):
    """One version of a rule: from what it counts, how long, and where it stands written.

    Of several beginnings the latest counts. `before` is the event before which it is to be done;
    then the budget is what is left until it. A `stricter_than` rule is a local target that runs
    beside the one it names, as a clock of its own.
    """

    key: Key
    version: Annotated[int, Field(ge=1)]
    label: Labels
    begins: Annotated[tuple[Began, ...], Field(min_length=1)]
    budget: Budget
    ends: Ends = Ends.EXACT
    cutoff: Cutoff | None = None
    before: Began | None = None
    care_forms: tuple[CareForm, ...] = ()
    ladder: Key
    source: Source
    reference: ShortText | None = None
    amount_sek: Annotated[int, Field(ge=0, le=100_000)] | None = None
    valid_from: Day
    valid_until: Day | None = None
    agreement_on: tuple[Literal["start", "amount"], ...] = ()
    stricter_than: Key | None = None
    note: Labels | None = None

    @property
    def name(self) -> str:
        """Key and version."""
        return f"{self.key}@{self.version}"

    def holds(self, day: date, form: CareForm) -> bool:
        """Whether it holds on a day, for a form of care."""
        in_time = self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)
        return in_time and (not self.care_forms or form in self.care_forms)


class Agreement(Value):
    """What a region and a municipality have agreed instead; only where the act allows it.

    With `late_counts` what was sent too late still counts, from when it was sent; without, a
    person has to judge (lag (2017:612) 5 kap. 3 § says neither).
    """

    key: Key
    rule: Key
    municipality: Municipality
    budget: Budget | None = None
    cutoff: Cutoff | None = None
    amount_sek: Annotated[int, Field(ge=0, le=100_000)] | None = None
    late_counts: bool = False
    reference: ShortText
    valid_from: Day
    valid_until: Day | None = None

    def holds(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


class Rulebook(Value):
    """Every rule in every version, and every agreement, as they were known at a revision.

    Raises `ValueError` with all problems at once: versions that cannot be told apart, times that
    cannot be counted, targets that are weaker than what they stand beside, and agreements where
    the rule allows none (lag (2017:612) 4 kap. 5 §).
    """

    version: str
    rules: tuple[Rule, ...]
    agreements: tuple[Agreement, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        found = [*_overlapping(self.rules), *_countable(self), *_stricter(self), *_agreed(self)]
        if found:
            raise ValueError("; ".join(found))
        return self

    def rule(self, key: str, day: date, form: CareForm = CareForm.SOMATIC) -> Rule | None:
        """The newest that holds on a day: one made for the form of care before a general one."""
        found = [r for r in self.rules if r.key == key and r.holds(day, form)]
        return max(found, key=lambda r: (bool(r.care_forms), r.valid_from), default=None)

    def version_of(self, key: str, version: int) -> Rule | None:
        """The rule that a clock went by."""
        return next((r for r in self.rules if (r.key, r.version) == (key, version)), None)

    def beside(self, key: str, day: date, form: CareForm) -> tuple[Rule, ...]:
        """The local targets that are stricter than a rule, on a day."""
        return tuple(r for r in self.rules if r.stricter_than == key and r.holds(day, form))

    def agreement(self, rule: str, municipality: str | None, day: date) -> Agreement | None:
        """What is agreed for the residents of a municipality, on a day; the newest agreement."""
        found = [a for a in self.agreements if (a.rule, a.municipality) == (rule, municipality)]
        return max((a for a in found if a.holds(day)), key=lambda a: a.valid_from, default=None)

    def agreed(self, key: str) -> Agreement | None:
        """The agreement of that key."""
        return next((a for a in self.agreements if a.key == key), None)


def untold(rules: Iterable[Rule], ladders: Ladders) -> Iterator[str]:
    """What is wrong with rules whose clocks would tell nobody: no such ladder, or no rungs."""
    climbed = {ladder.key: bool(ladder.rungs) for ladder in ladders.ladders}
    for rule in rules:
        if rule.ladder not in climbed:
            yield f"rule {rule.name}: ladder {rule.ladder} does not exist"
        elif not climbed[rule.ladder]:
            yield f"rule {rule.name}: ladder {rule.ladder} has no rungs"


def _overlapping(rules: tuple[Rule, ...]) -> Iterator[str]:
    for place, rule in enumerate(rules):
        for other in rules[place + 1 :]:
            if rule.name == other.name:
                yield f"rule {rule.name}: stands there twice"
            elif rule.key == other.key and _same_day(rule, other) and _same_forms(rule, other):
                yield f"rules {rule.name} and {other.name}: hold from the same day"


def _same_day(one: Rule | Agreement, other: Rule | Agreement) -> bool:
    return one.valid_from == other.valid_from


def _same_forms(one: Rule, other: Rule) -> bool:
    """Whether neither comes before the other for some form of care."""
    if one.care_forms and other.care_forms:
        return bool(set(one.care_forms) & set(other.care_forms))
    return not one.care_forms and not other.care_forms


# In these a cut-off's days can be added.
DAYS = (Counting.CALENDAR_DAYS, Counting.WORKING_DAYS)


def _countable(book: Rulebook) -> Iterator[str]:
    """Each has days in which it holds; a cut-off adds days to days; only who owes has hours."""
    for rule in book.rules:
        yield from _backwards(f"rule {rule.name}", rule)
        if rule.cutoff and rule.before is None and rule.budget.counting not in DAYS:
            yield f"rule {rule.name}: a cut-off adds days, and the budget is not in days"
        if rule.budget.counting is Counting.OPENING_HOURS and rule.begins != (Began.DECISION,):
            yield f"rule {rule.name}: nobody's opening hours can be meant"
    for agreed in book.agreements:
        yield from _backwards(f"agreement {agreed.key}", agreed)
        if agreed.budget and agreed.budget.counting not in DAYS:
            yield f"agreement {agreed.key}: the budget is not in days"


def _backwards(name: str, one: Rule | Agreement) -> Iterator[str]:
    if one.valid_until is not None and one.valid_until < one.valid_from:
        yield f"{name}: ends before it begins to hold"


def _stricter(book: Rulebook) -> Iterator[str]:
    """A local target asks for no less than the rule beside which it runs."""
    for rule in book.rules:
        if rule.stricter_than is None:
            continue
        bases = [r for r in book.rules if r.key == rule.stricter_than]
        if not bases:
            yield f"rule {rule.name}: stricter than {rule.stricter_than}, which does not exist"
        if rule.source is not Source.CHOSEN:
            yield f"rule {rule.name}: a stricter target is a local choice"
        yield from (f"rule {rule.name}: weaker than {b.name}" for b in bases if _weaker(rule, b))


def _weaker(rule: Rule, base: Rule) -> bool:
    if rule.begins != base.begins or rule.ends is not base.ends:
        return True
    if rule.budget.counting is base.budget.counting:
        later = rule.cutoff.days if rule.cutoff and rule.cutoff != base.cutoff else 0
        return rule.budget.amount + later > base.budget.amount
    return _longest(rule) > _shortest(base)


def _longest(rule: Rule) -> float:
    """Hours that the rule can last at most: long weekends, and the night that has an hour more."""
    hours = rule.budget.span.total_seconds() / 3600
    if rule.budget.counting in (Counting.WORKING_DAYS, Counting.OPENING_HOURS):
        return hours * 5 + 120
    hours += 24 * rule.cutoff.days if rule.cutoff else 0
    return hours + 1 if rule.budget.counting is Counting.CALENDAR_DAYS and hours else hours


def _shortest(rule: Rule) -> float:
    """Hours that the rule lasts at least: a calendar day has 23 of them in one night of spring."""
    hours = rule.budget.span.total_seconds() / 3600
    return hours - 1 if rule.budget.counting is Counting.CALENDAR_DAYS and hours else hours


def _agreed(book: Rulebook) -> Iterator[str]:
    for place, agreed in enumerate(book.agreements):
        rules = [r for r in book.rules if r.key == agreed.rule]
        starts = agreed.budget or agreed.cutoff or agreed.late_counts
        wanted = {"start"} if starts else set[str]()
        wanted |= {"amount"} if agreed.amount_sek is not None else set[str]()
        if not rules:
            yield f"agreement {agreed.key}: rule {agreed.rule} does not exist"
        for rule in _changed_by(agreed, rules):
            for what in sorted(wanted - set(rule.agreement_on)):
                yield f"agreement {agreed.key}: {rule.name} allows no agreement on {what}"
        for other in book.agreements[place + 1 :]:
            if agreed.key == other.key:
                yield f"agreement {agreed.key}: stands there twice"
            same = (agreed.rule, agreed.municipality) == (other.rule, other.municipality)
            if same and _same_day(agreed, other):
                yield f"agreements {agreed.key} and {other.key}: hold from the same day"


def _changed_by(agreed: Agreement, rules: list[Rule]) -> Iterator[Rule]:
    """The versions that hold on some day on which the agreement does."""
    for rule in rules:
        newer = [r.valid_from for r in rules if r.care_forms == rule.care_forms]
        newer = [begins for begins in newer if begins > rule.valid_from]
        ends = min([*newer, rule.valid_until + DAY] if rule.valid_until else newer, default=None)
        if agreed.valid_until is not None and agreed.valid_until < rule.valid_from:
            continue
        if ends is None or agreed.valid_from < ends:
            yield rule
