"""Words that drawings and texts of a pathway share."""

from collections.abc import Iterator
from typing import Literal

from domain.clock_words import budget_words
from domain.part import STANDARD_PARTS
from domain.pathway import Definition
from domain.step_definition import (
    Deadline,
    Obligation,
    Repeat,
    StepDefinition,
    UntilAge,
    UntilDischarge,
    UntilTime,
    UntilVisits,
)
from domain.value import Labels

Language = Literal["sv", "en"]


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


KINDS: dict[str, Labels] = {
    "referral": _words("remiss", "referral"),
    "assessment": _words("bedömning", "assessment"),
    "plan": _words("plan", "plan"),
    "intervention": _words("genomförande", "intervention"),
    "meeting": _words("möte", "meeting"),
    "handover": _words("överlämning", "handover"),
    "follow_up": _words("uppföljning", "follow-up"),
}
SOURCES: dict[str, Labels] = {
    "law": _words("lag", "law"),
    "national": _words("nationell text", "national text"),
    "document": _words("ur dokumentet", "from the document"),
    "chosen": _words("lokalt val", "local choice"),
}
OBLIGATIONS: dict[Obligation, Labels] = {
    Obligation.MANDATORY: _words("obligatoriskt", "mandatory"),
    Obligation.EXPECTED: _words("förväntat", "expected"),
    Obligation.OPTIONAL: _words("valfritt", "optional"),
}


def say(label: Labels, language: Language) -> str:
    """One of the two languages, on one line."""
    return " ".join((label.sv if language == "sv" else label.en).split())


def length(deadline: Deadline, language: Language) -> str:
    """A time with its kind of time."""
    budget = deadline.budget
    return say(budget_words(budget.amount, budget.counting), language)


def part_of(definition: Definition, key: str, language: Language) -> str:
    """What a part is called."""
    part = definition.part(key) or STANDARD_PARTS.get(key)
    return say(part.label, language) if part else key


def marks(step: StepDefinition, language: Language) -> Iterator[str]:
    """What is out of the ordinary about when a step is done, in a few words each."""
    if step.obligation is not Obligation.EXPECTED:
        yield say(OBLIGATIONS[step.obligation], language)
    if step.when is not None:
        yield say(_words(f"om {step.when}", f"if {step.when}"), language)
    if step.waits is not None:
        yield say(_waits(step, language), language)
    if step.limit is not None:
        limit = length(step.limit.due, language)
        yield say(_words(f"yttersta gräns {limit}", f"limit {limit}"), language)
    if step.repeat is not None:
        yield say(_repeat(step.repeat, language), language)


def _waits(step: StepDefinition, language: Language) -> Labels:
    match step.waits:
        case UntilDischarge():
            return _words("väntar på hemgången", "waits for discharge")
        case UntilVisits(visits=visits):
            return _words(f"tidigast vid besök {visits}", f"earliest at visit {visits}")
        case UntilTime(at_least=least):
            span = length(least, language)
            return _words(f"tidigast efter {span}", f"no earlier than after {span}")
        case UntilAge(age=age, before=before):
            span = length(before, language)
            return _words(f"{span} före {age}-årsdagen", f"{span} before the age of {age}")
        case _:
            return _words("", "")


def _repeat(repeat: Repeat, language: Language) -> Labels:
    every = length(repeat.every, language)
    if repeat.times is not None:
        times = repeat.times
        return _words(f"↻ var {every}, {times} gånger", f"↻ every {every}, {times} times")
    if repeat.until is not None:
        until = repeat.until
        return _words(f"↻ var {every} till {until}", f"↻ every {every} until {until}")
    return _words(f"↻ var {every}", f"↻ every {every}")
