"""How a pathway reads on a terminal: its steps in order, and what an addition brought, apart."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cli.pathway_files import Language
from domain.design.wording import KINDS, SOURCES, length, marks, part_of, say
from domain.pathway import Definition, HandoverDeadlines, StepDefinition
from domain.profession import WORDS
from domain.step_definition import (
    Cited,
    Deadline,
    HandoverStep,
    InterventionStep,
    MeetingStep,
    Obligation,
    PlanStep,
    UntilDischarge,
    UntilVisits,
)
from domain.value import Labels

BASE, ADDED, CHANGED = " ", "+", "~"


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


ADDED_MARK = _words("+ tillägg", "+ addition")
CHANGED_MARK = _words("~ ändrat", "~ changed")
WAS = _words("var", "was")
HEADS = {
    "target": _words("målgrupp", "target group"),
    "owned_by": _words("ägare", "owner"),
    "transcribed_by": _words("avskrivet av", "transcribed by"),
    "on": _words("grund", "base"),
    "left_out": _words("borttaget av tillägget", "left out by the addition"),
    "handovers": _words(
        "Överlämningar som inget steg beskriver", "Handovers that no step describes"
    ),
    "sources": _words("Källor", "Sources"),
}
FIELDS = {
    "due": _words("tid", "due"),
    "after": _words("efter", "after"),
    "at_most": _words("som längst", "at most"),
    "received": _words("mottagen", "received"),
    "acknowledge": _words("kvittens", "acknowledge"),
    "accept": _words("svar", "answer"),
    "answer": _words("svar på fråga", "answer to a question"),
    "discharge": _words("efter hemgång", "after discharge"),
    "first_contact": _words("första kontakt", "first contact"),
    "to": _words("mottagare", "receivers"),
    "fields": _words("innehåll", "content"),
    "instruments": _words("instrument", "instruments"),
    "professions": _words("professioner", "professions"),
    "preparation": _words("förberett", "prepared"),
    "participants": _words("deltar", "take part"),
    "goals": _words("mål", "goals"),
    "visits_per_week": _words("besök per vecka", "visits a week"),
    "minutes": _words("minuter", "minutes"),
    "ladder": _words("stege", "ladder"),
    "rule": _words("regel", "rule"),
    "guidance": _words("vägledning", "guidance"),
}
OWN_MUNICIPALITY = _words("patientens kommun", "the patient's municipality")


class Fact(NamedTuple):
    """One line about a step: the field that it is about, and what it says."""

    field: str
    text: str


def as_text(
    definition: Definition, bases: Mapping[str, Definition], language: Language
) -> Iterator[str]:
    """The whole, line by line. The bases tell what a changed figure was."""
    base = bases.get(definition.layers[0].on) if definition.layers else None
    yield from _top(definition, language)
    for number, step in enumerate(definition.steps, start=1):
        yield ""
        yield from _step(number, definition, step, base, language)
    yield ""
    yield say(HEADS["handovers"], language)
    yield from _handovers(definition.handovers, base, language)
    yield ""
    yield say(HEADS["sources"], language)
    yield from (f"  {source}" for source in definition.sources)


def _top(definition: Definition, language: Language) -> Iterator[str]:
    yield f"{say(definition.label, language)} · {definition.name}"
    yield f"  {say(HEADS['target'], language)}: {say(definition.target, language)}"
    for name in ("owned_by", "transcribed_by"):
        if said := getattr(definition, name):
            yield f"  {say(HEADS[name], language)}: {said}"
    for layer in definition.layers:
        yield f"  {say(HEADS['on'], language)}: {layer.on}"
        yield f"{ADDED} {say(ADDED_MARK, language)[2:]}: {layer.name}, {layer.owned_by}"
        if layer.left_out:
            yield f"- {say(HEADS['left_out'], language)}: {', '.join(layer.left_out)}"


def _step(
    number: int,
    definition: Definition,
    step: StepDefinition,
    base: Definition | None,
    language: Language,
) -> Iterator[str]:
    own, changed = step.key in definition.added, definition.changed.get(step.key, ())
    before = base.step(step.key) if base else None
    gutter, mark = (ADDED, f"  {say(ADDED_MARK, language)}") if own else (BASE, "")
    yield f"{gutter}{number:>3}. {say(step.label, language)} ({step.key}){mark}"
    kind, part = say(KINDS[step.kind], language), part_of(definition, step.part, language)
    yield f"{gutter}     {kind} · {part}"
    was = {fact.field: fact.text for fact in _facts(before, language)} if before else {}
    for fact in _facts(step, language):
        if fact.field == "guidance" and fact.field not in changed:
            continue
        if own or fact.field not in changed:
            yield f"{gutter}     {fact.text}"
        else:
            yield f"{CHANGED}     {fact.text}  {_change(was.get(fact.field), fact.text, language)}"


def _change(was: str | None, now: str, language: Language) -> str:
    """The mark of a changed figure, with what it was where that is known."""
    mark = say(CHANGED_MARK, language)
    if was is None or was == now:
        return mark
    return f"{mark} ({say(WAS, language)} {was.partition(': ')[2] or was})"


def _facts(step: StepDefinition, language: Language) -> Iterator[Fact]:
    """What a step says, in the order in which people ask."""
    if step.after:
        yield _said("after", ", ".join(step.after), language)
    yield _time("due", step.due, language)
    if isinstance(step.waits, UntilDischarge | UntilVisits):
        yield _time("at_most", step.waits.at_most, language)
    yield from (Fact(f, text) for f, text in zip(_marked(step), marks(step, language), strict=True))
    yield from _of_kind(step, language)
    for name in ("fields", "instruments"):
        if asked := getattr(step, name, ()):
            yield _said(name, ", ".join(asked), language)
    if step.professions:
        yield _said("professions", ", ".join(WORDS[p] for p in step.professions), language)
    for name in ("ladder", "rule"):
        if key := getattr(step, name):
            yield _said(name, key, language)
    if step.guidance:
        yield _said("guidance", say(step.guidance, language), language)


def _marked(step: StepDefinition) -> Iterator[str]:
    """The fields that `marks` has words for, in its order."""
    if step.obligation is not Obligation.EXPECTED:
        yield "obligation"
    for field, name in (
        ("when", "when"),
        ("waits", "waits"),
        ("limit", "limit"),
        ("repeat", "every"),
    ):
        if getattr(step, field) is not None:
            yield name


def _of_kind(step: StepDefinition, language: Language) -> Iterator[Fact]:
    match step:
        case PlanStep():
            figures = f"{step.goals_min}–{step.goals_max}"
            yield _said("goals", figures + _source(step.goals_from, language), language)
        case InterventionStep() if step.visits_per_week:
            figures = "–".join(map(str, step.visits_per_week))
            yield _said("visits_per_week", figures + _source(step.visits_from, language), language)
        case MeetingStep():
            figures = f"{step.minutes}{_source(step.minutes_from, language)}"
            yield _said("minutes", figures, language)
            if items := [say(item.label, language) for item in step.preparation]:
                yield _said("preparation", "; ".join(items), language)
            if step.participants:
                yield _said("participants", _kinds(step.participants), language)
        case HandoverStep():
            own = f" ({say(OWN_MUNICIPALITY, language)})" if step.same_municipality else ""
            yield _said("to", _kinds(step.to) + own, language)
            for name in ("acknowledge", "accept", "first_contact"):
                yield _time(name, getattr(step, name), language)
        case _:
            return


def _kinds(kinds: Iterable[str]) -> str:
    return ", ".join(kind.replace("_", " ") for kind in kinds)


def _handovers(
    times: HandoverDeadlines, base: Definition | None, language: Language
) -> Iterator[str]:
    for name in type(times).model_fields:
        now = _time(name, getattr(times, name), language).text
        was = _time(name, getattr(base.handovers, name), language).text if base else now
        if was == now:
            yield f"{BASE} {now}"
        else:
            yield f"{CHANGED} {now}  {_change(was, now, language)}"


def _said(field: str, text: str, language: Language) -> Fact:
    return Fact(field, f"{say(FIELDS[field], language)}: {text}")


def _time(field: str, deadline: Deadline, language: Language) -> Fact:
    return _said(field, f"{length(deadline, language)}{_source(deadline, language)}", language)


def _source(cited: Cited | None, language: Language) -> str:
    return f" [{say(SOURCES[cited.source], language)}]" if cited else ""
