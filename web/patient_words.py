"""What the patient's copy says: plain Swedish in short sentences, to a *du* (R-106)."""

from collections.abc import Iterator

from domain.patient_copy import (
    GoalCopy,
    MeasureCopy,
    NextMeeting,
    PatientCopy,
    PhaseState,
    PlanCopy,
    Responsible,
    WaitingHandover,
)
from domain.profession import WORDS
from web.page import Block, Card, Page, PhaseRow, Phases, Quote, Row, Section, Text
from web.swedish import day, length, moment, sentence

TITLE = "Din plan"
PHASE_WORDS = {
    PhaseState.DONE: "klart",
    PhaseState.NOW: "här är du nu",
    PhaseState.LATER: "kommer senare",
    PhaseState.SKIPPED: "görs inte för dig",
}
ALWAYS = (
    Text(text="Du ska inte behöva vänta utan svar. Hör ingen av sig, så säg till."),
    Text(
        text="Vet du inte vem du ska fråga? Ring 1177. De svarar dygnet runt. "
        "Är det bråttom och farligt? Ring 112."
    ),
)


def page_of(copy: PatientCopy) -> Page:
    """The whole page; what a protected patient's copy may not show is left out here."""
    shown = copy.as_shown()
    return Page(
        title=TITLE,
        name=shown.patient_name,
        about=shown.pathway,
        as_of=f"Så här är det {day(shown.printed_on)}. Det kan ändras senare.",
        sections=tuple(_sections(shown)),
    )


def _sections(copy: PatientCopy) -> Iterator[Section]:
    yield _whom_to_ask(copy)
    if not copy.protected:
        yield _who_answers(copy.responsible)
    if copy.handovers_waiting:
        yield _waiting(copy.handovers_waiting)
    if not copy.protected:
        yield _meetings(copy.meetings)
    yield _what_matters(copy.what_matters)
    yield from _plan(copy.plan) if copy.plan else [_no_plan()]
    if copy.phases:
        yield _phases(copy)
    yield _yours()


def _whom_to_ask(copy: PatientCopy) -> Section:
    if copy.protected:
        return Section(heading="Fråga om du undrar", blocks=(*_ask_who_gave(), *ALWAYS), boxed=True)
    first = (_call(copy.responsible[0]),) if copy.responsible else ()
    return Section(heading="Om något inte fungerar", blocks=(*first, *ALWAYS), boxed=True)


def _ask_who_gave() -> tuple[Block, ...]:
    # Why it is so is not said: that somebody is protected is itself worth protecting.
    return (
        Text(text="Fråga den i vården som gav dig den här kopian.", strong=True),
        Text(text="Här står inga mottagningar, telefonnummer eller möten."),
    )


def _call(first: Responsible) -> Block:
    if first.phone:
        return Text(text=f"Ring {first.unit}, telefon {first.phone}.", strong=True)
    return Text(text=f"Säg till {first.unit}. Be dem om ett telefonnummer.", strong=True)


def _who_answers(responsible: tuple[Responsible, ...]) -> Section:
    nobody = Text(text="Det står inte här. Fråga den du träffar i vården.")
    cards = tuple(_responsible(r) for r in responsible)
    return Section(heading="De här ansvarar just nu", blocks=cards or (nobody,))


def _responsible(one: Responsible) -> Card:
    phone = [Row(label="Telefon", text=one.phone)] if one.phone else []
    since = Row(label="Sedan", text=day(one.since))
    return Card(title=one.part, rows=(Row(label="Mottagning", text=one.unit), *phone, since))


def _waiting(handovers: tuple[WaitingHandover, ...]) -> Section:
    blocks = tuple(Text(text=_asked(h)) for h in handovers)
    return Section(heading="Det här väntar på svar", blocks=blocks)


def _asked(handover: WaitingHandover) -> str:
    asked = f"{handover.from_unit} har frågat {handover.to_unit} om de kan {handover.what}."
    since = f"Det var {day(handover.since)}. De har inte svarat än."
    return f"{asked} {since} Tills de har svarat vänder du dig till {handover.from_unit}."


def _meetings(meetings: tuple[NextMeeting, ...]) -> Section:
    none = Text(text="Det finns inget bokat möte just nu.")
    cards = tuple(_meeting(m) for m in meetings)
    return Section(heading="Dina möten", blocks=cards or (none,))


def _meeting(meeting: NextMeeting) -> Card:
    rows = (
        Row(label="När", text=moment(meeting.starts_at)),
        Row(label="Hur länge", text=length(meeting.minutes)),
        Row(label="Var", text=meeting.place),
    )
    return Card(title=meeting.kind, rows=rows)


def _what_matters(words: str | None) -> Section:
    empty = Text(text="Här står inget än. Berätta gärna vad som är viktigt för dig.")
    return Section(
        heading="Det här är viktigt för dig", blocks=(Quote(text=words) if words else empty,)
    )


def _no_plan() -> Section:
    blocks = (
        Text(text="Du har ingen plan än. Det är inget du har missat."),
        Text(text="Planen gör ni tillsammans, du och de som ansvarar. Fråga gärna när det blir."),
    )
    return Section(heading="Planen", blocks=blocks)


def _plan(plan: PlanCopy) -> Iterator[Section]:
    at = f" på {plan.unit}" if plan.unit else ""
    by = f"En {WORDS[plan.author_profession]}{at} skrev den {day(plan.decided_on)}."
    about = Text(text=f"Det här är plan nummer {plan.number}. {by}")
    yield Section(heading="Planen", blocks=(about, Text(text=plan.summary)))
    yield _goals(plan.goals)
    yield _measures(plan.measures)
    again = Text(text=f"{sentence(day(plan.follow_up_on))}.", strong=True)
    how = Text(text="Då pratar ni om hur det har gått, och om planen behöver ändras.")
    yield Section(heading="Då följer ni upp planen", blocks=(again, how))


def _goals(goals: tuple[GoalCopy, ...]) -> Section:
    none = Text(text="Planen har inga mål än. Berätta gärna vad du vill kunna göra.")
    cards = tuple(_goal(number, goal) for number, goal in enumerate(goals, 1))
    return Section(heading="Dina mål", blocks=cards or (none,))


def _goal(number: int, goal: GoalCopy) -> Card:
    rows = (
        Row(label="Så var det från början", text=goal.baseline),
        Row(label="Hit vill du komma", text=goal.target),
        Row(label="Senast", text=day(goal.target_date)),
    )
    return Card(title=f"Mål {number}", quote=goal.own_words, rows=rows)


def _measures(measures: tuple[MeasureCopy, ...]) -> Section:
    none = Text(text="Det står inte här än. Fråga den du träffar i vården.")
    cards = tuple(_measure(m) for m in measures)
    return Section(heading="Det här ska ni göra", blocks=cards or (none,))


def _measure(measure: MeasureCopy) -> Card:
    rows = (
        Row(label="Tillsammans med", text=WORDS[measure.who]),
        Row(label="Hur ofta", text=measure.frequency),
    )
    return Card(title=measure.text, rows=rows)


def _phases(copy: PatientCopy) -> Section:
    rows = tuple(
        PhaseRow(label=p.label, state=p.state, said=PHASE_WORDS[p.state]) for p in copy.phases
    )
    return Section(heading="Här är du i programmet", blocks=(Phases(rows=rows),))


def _yours() -> Section:
    blocks = (
        Text(text="Du är med och bestämmer. Säg till om något är fel, eller om du vill ändra."),
        Text(text="Du kan få planen förklarad. Du kan också få hjälp av en tolk."),
        Text(text="Du väljer själv vem som får läsa din kopia."),
    )
    return Section(heading="Planen är din", blocks=blocks, boxed=True)
