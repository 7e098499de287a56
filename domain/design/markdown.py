"""A pathway as Markdown, to be read and printed: every figure with its source, additions apart."""

import re
from collections.abc import Collection, Iterator, Mapping

from domain.design.wording import (
    KINDS,
    OBLIGATIONS,
    SOURCES,
    Language,
    length,
    marks,
    part_of,
    say,
)
from domain.pathway import Definition, HandoverDeadlines, StepDefinition
from domain.profession import WORDS
from domain.step_definition import (
    Cited,
    Deadline,
    HandoverStep,
    InterventionStep,
    MeetingStep,
    PlanStep,
)

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")
HEAD = {
    "sv": {"target": "Målgrupp", "owner": "Ägare", "by": "Avskriven av", "sources": "Källor",
           "times": "Tider för överlämningar som inget steg beskriver", "steps": "Steg",
           "what": "Vad", "time": "Tid", "from": "Källa", "note": "Not", "after": "Efter",
           "part": "Del", "kind": "Slag", "added": "**+ Tillägg**",
           "changed": "**~ Ändrat av tillägg**",
           "to": "Till", "fields": "Obligatoriskt innehåll", "professions": "Professioner",
           "goals": "Mål", "visits": "Besök per vecka", "minutes": "Minuter",
           "ready": "Förberett före mötet", "guidance": "Vägledning", "origin": "Ur"},
    "en": {"target": "Target group", "owner": "Owner", "by": "Transcribed by", "sources": "Sources",
           "times": "Times of handovers that no step describes", "steps": "Steps",
           "what": "What", "time": "Time", "from": "Source", "note": "Note", "after": "After",
           "part": "Part", "kind": "Kind", "added": "**+ Addition**",
           "changed": "**~ Changed by addition**",
           "to": "To", "fields": "Required content", "professions": "Professions",
           "goals": "Goals", "visits": "Visits a week", "minutes": "Minutes",
           "ready": "Ready before the meeting", "guidance": "Guidance", "origin": "From"},
}  # fmt: skip


def markdown(
    definition: Definition,
    added: Collection[str] = (),
    changed: Mapping[str, Collection[str]] | None = None,
    language: Language = "sv",
) -> str:
    """The whole pathway. `added` are steps of an addition, `changed` what it changed in others."""
    lines = [*_top(definition, language), *_times(definition.handovers, language)]
    lines += ["", f"## {HEAD[language]['steps']}"]
    for number, step in enumerate(definition.steps, start=1):
        lines += ["", f"### {number}. {plain(say(step.label, language))} (`{step.key}`)", ""]
        lines += _step(definition, step, added, changed or {}, language)
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Free text that Markdown does not read anything into."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _top(definition: Definition, language: Language) -> Iterator[str]:
    head = HEAD[language]
    yield f"# {plain(say(definition.label, language))}"
    yield ""
    yield f"`{definition.name}`"
    for layer in definition.layers:
        label = plain(say(layer.label, language))
        yield f"{head['added']}: {label} (`{layer.name}` · `{layer.on}`)"
    yield ""
    yield f"- {head['target']}: {plain(say(definition.target, language))}"
    for name, said in (("owner", definition.owned_by), ("by", definition.transcribed_by)):
        if said:
            yield f"- {head[name]}: {plain(said)}"
    yield f"- {head['sources']}:"
    yield from (f"  - {plain(source)}" for source in definition.sources)


def _times(handovers: HandoverDeadlines, language: Language) -> Iterator[str]:
    head = HEAD[language]
    yield ""
    yield f"## {head['times']}"
    yield ""
    yield f"| {head['what']} | {head['time']} | {head['from']} | {head['note']} |"
    yield "|---|---|---|---|"
    for name in type(handovers).model_fields:
        deadline: Deadline = getattr(handovers, name)
        yield f"| {name} | {length(deadline, language)} | {_cited(deadline, language, ' | ')} |"


def _cited(cited: Cited, language: Language, between: str = ", ") -> str:
    note = plain(cited.note) if cited.note else "–"
    return f"{say(SOURCES[cited.source], language)}{between}{note}"


def _step(
    definition: Definition,
    step: StepDefinition,
    added: Collection[str],
    changed: Mapping[str, Collection[str]],
    language: Language,
) -> Iterator[str]:
    head = HEAD[language]
    if step.key in added:
        yield f"{head['added']}\n"
    elif changed.get(step.key):
        yield f"{head['changed']}: {', '.join(changed[step.key])}\n"
    how = f"{say(KINDS[step.kind], language)}, {say(OBLIGATIONS[step.obligation], language)}"
    yield f"- {head['kind']}: {how}"
    yield f"- {head['part']}: {plain(part_of(definition, step.part, language))}"
    if step.after:
        yield f"- {head['after']}: {', '.join(f'`{key}`' for key in step.after)}"
    yield f"- {head['time']}: {length(step.due, language)} ({_cited(step.due, language)})"
    yield from (f"- {plain(mark)}" for mark in marks(step, language))
    yield from _demands(step, language)
    if step.guidance is not None:
        more = f" <{step.guidance.link}>" if step.guidance.link else ""
        yield f"- {head['guidance']}: {plain(say(step.guidance, language))}{more}"
    if step.origin is not None:
        found = step.origin
        named = [plain(w) for w in (found.document, found.version, found.dated) if w]
        yield f"- {head['origin']}: {', '.join(named)}{f' <{found.link}>' if found.link else ''}"


def _demands(step: StepDefinition, language: Language) -> Iterator[str]:
    """What the step asks for, by its kind."""
    head = HEAD[language]
    asked = [*getattr(step, "fields", ()), *getattr(step, "instruments", ())]
    if asked:
        yield f"- {head['fields']}: {', '.join(f'`{a}`' for a in asked)}"
    if step.professions:
        yield f"- {head['professions']}: {', '.join(WORDS[p] for p in step.professions)}"
    match step:
        case PlanStep():
            cited = _from(step.goals_from, language)
            yield f"- {head['goals']}: {step.goals_min}–{step.goals_max}{cited}"
        case InterventionStep() if step.visits_per_week:
            low, high = step.visits_per_week
            yield f"- {head['visits']}: {low}–{high}{_from(step.visits_from, language)}"
        case MeetingStep():
            yield f"- {head['minutes']}: {step.minutes}{_from(step.minutes_from, language)}"
            if step.preparation:
                items = "; ".join(plain(say(i.label, language)) for i in step.preparation)
                yield f"- {head['ready']}: {items}"
        case HandoverStep():
            yield f"- {head['to']}: {', '.join(f'`{kind}`' for kind in step.to)} ({step.purpose})"
            for name in ("acknowledge", "accept", "first_contact"):
                deadline: Deadline = getattr(step, name)
                yield f"- {name}: {length(deadline, language)} ({_cited(deadline, language)})"
        case _:
            return


def _from(cited: Cited | None, language: Language) -> str:
    return f" ({_cited(cited, language)})" if cited else ""
