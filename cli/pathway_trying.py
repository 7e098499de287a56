"""`handslag pathway simulate`: a made-up patient on a pathway, once or many times."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer
import yaml

from cli.client import show_json
from cli.display import Json, local, say, table
from cli.pathway_files import (
    Bases,
    FileRefused,
    Lang,
    Language,
    Shelf,
    UnitsFile,
    in_lang,
    write,
)
from domain.calendar import Budget, Counting
from domain.design import chance_picture
from domain.design.case import Case
from domain.design.chance import Answering, Chances, Expected, Lognormal, Share, Times, expect
from domain.design.simulation import NobodyCanStart, Simulation, World, simulate
from domain.design.timeline import Line, overdue, timeline
from domain.design.trial import record
from domain.pathway import Definition
from domain.refusal import REFUSALS
from domain.unit import Unit
from domain.value import HsaId, Labels

MOST_RUNS = 5000


def _days(amount: int) -> Budget:
    return Budget(amount=amount, counting=Counting.WORKING_DAYS)


# Nothing is known of how units answer before they do: these are made up, and said to be.
MADE_UP = Chances(
    answers=(
        Answering(
            times=Times(
                takes=Lognormal(median=_days(1), p90=_days(3)), never=0.03, declines=0.05
            )
        ),
    )
)


def _words(sv: str, en: str) -> Labels:
    return Labels(sv=sv, en=en)


WHAT = {
    "did": _words("gjort", "did"),
    "refused": _words("avvisat", "refused"),
    "opened": _words("öppnas", "opened"),
    "fell_away": _words("faller bort", "fell away"),
    "told": _words("får veta", "told"),
    "not_reached": _words("nås inte", "not reached"),
    "overdue": _words("försenat", "overdue"),
    "ended": _words("slut", "ended"),
}
COLUMNS = (
    _words("tid", "time"),
    _words("enhet", "unit"),
    _words("vad", "what"),
    _words("med ord", "in words"),
)
SHUT = _words("stängd", "shut")
LATE = _words("Försenat", "Overdue")
NOTHING_LATE = _words("Inget blev försenat.", "Nothing became overdue.")
REFUSED = _words("Avvisat av reglerna", "Refused by the rules")
KEPT = _words("Sparat som prov", "Kept as a trial")
CANNOT_START = _words("ingen enhet kan starta förloppet", "no unit can start it")
ASSUMED = _words(
    "PÅHITTADE antaganden: varannan mottagare svarar inom en vardag, nio av tio inom tre; 3 % "
    "svarar aldrig, 5 % säger nej; allt annat sker i god tid. Egna: --chances FIL.",
    "MADE-UP assumptions: half of the receivers answer within a working day, nine of ten within "
    "three; 3 % never answer, 5 % say no; all else is done in good time. Your own: --chances FILE.",
)
OF_STEPS = _words("Steg som blir försenade", "Steps that become overdue")
OF_HANDOVERS = _words(
    "Överlämningar utan svar i tid, och med nej", "Handovers without an answer in time, and a no"
)
LOAD = _words("Belastning per enhet, för en patient", "Load per unit, for one patient")
STEP = (
    _words("steg", "step"),
    _words("andel", "share"),
    _words("95 % intervall", "95 % interval"),
    _words("antal", "count"),
)
HANDOVER = (
    _words("steg", "step"),
    _words("utan svar i tid", "no answer in time"),
    _words("95 % intervall", "95 % interval"),
    _words("nej", "a no"),
)
UNIT = (
    _words("enhet", "unit"),
    _words("överlämningar", "handovers"),
    _words("öppna steg åt gången", "steps open at a time"),
    _words("påminnelser", "reminders"),
)


def simulate_case(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A file, or a shipped pathway by KEY@VERSION.")
    ],
    bases: Bases,
    case: Annotated[
        Path | None,
        typer.Option(metavar="CASE.yaml", help="Who the patient is and what everybody does (fall)."),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(metavar="TRIAL.yaml", help="Keep it as a trial (prov) that `check` replays."),
    ] = None,
    runs: Annotated[
        int | None,
        typer.Option(min=1, max=MOST_RUNS, help="So many times, with answers as chance has it."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed (frö), the same luck.")] = 1,
    chances: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --runs: how long answers and steps take."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="OUT.svg", help="With --runs: draw it there (bild).")
    ] = None,
    units: UnitsFile = None,
    lang: Lang = "sv",
    as_json: Json = False,
) -> None:
    """Try a pathway out (provkör) with a made-up patient: what happens when, who is told, what is late.

    Times are those of Europe/Stockholm; "stängd" says that the unit was shut just then. Nothing
    leaves this machine. An empty case plays the pathway to its end.

    Exit code: 0 when it was played, however it ended; 1 when a file cannot be used or nobody can
    start.
    """
    if runs is None and (chances or picture):
        raise typer.BadParameter("--chances and --picture go with --runs")
    if runs is not None and save:
        raise typer.BadParameter("--save keeps one simulation; leave out --runs")
    shelf = Shelf(lang, bases, units)
    definition = shelf.chosen(file)
    played = shelf.case(case) if case else None
    try:
        if runs is None:
            _once(definition, played or Case(), save, shelf, as_json)
        else:
            found = _chances(shelf, chances, played, runs)
            _many(definition, found, seed, shelf, as_json, picture, assumed=chances is None)
    except NobodyCanStart as no:
        code = str(no)
        text = f" ({in_lang(_text(code), lang)})" if code in REFUSALS else ""
        raise FileRefused(f"{file}: {in_lang(CANNOT_START, lang)}: {code}{text}") from None


def _text(code: str) -> Labels:
    return Labels(sv=REFUSALS[code].sv, en=REFUSALS[code].en)


def _once(
    definition: Definition, case: Case, save: Path | None, shelf: Shelf, as_json: bool
) -> None:
    world = shelf.world(case.starts_at)
    played = simulate(definition, world, case)
    lines = timeline(played)
    if as_json:
        show_json(
            {
                "pathway": definition.name,
                "ended": played.ended,
                "started_by": played.state.started_by,
                "lines": [line.model_dump(mode="json") for line in lines],
            }
        )
    else:
        _tell(definition, played, lines, case, shelf.lang)
    if save is not None:
        _save(save, definition, world, case, shelf.lang, quiet=as_json)


def _tell(
    definition: Definition,
    played: Simulation,
    lines: tuple[Line, ...],
    case: Case,
    lang: Language,
) -> None:
    """The story as a table, and at the end what was late, what was refused, and how it ended."""
    title = f"{definition.name} · {case.label}"
    heads = [*(in_lang(head, lang) for head in COLUMNS), ""]
    table(title, heads, [_row(line, played.units, lang) for line in lines])
    late = overdue(lines)
    if not late:
        say(in_lang(NOTHING_LATE, lang))
    for line in late:
        when = local(line.at.isoformat())
        say(in_lang(LATE, lang), when, in_lang(line.words, lang), _name(line, played.units))
    refused = Counter(m.refused for m in played.moves if m.refused)
    for code, count in refused.items():
        say(in_lang(REFUSED, lang), f"{code} × {count}", in_lang(_text(code), lang))
    say(in_lang(lines[-1].words, lang), local(lines[-1].at.isoformat()), style="bold")


def _row(line: Line, units: dict[HsaId, Unit], lang: Language) -> tuple[str, ...]:
    shut = in_lang(SHUT, lang) if line.shut else " "
    what, words = in_lang(WHAT[line.what], lang), in_lang(line.words, lang)
    return (local(line.at.isoformat()), _name(line, units), what, words, shut)


def _name(line: Line, units: dict[HsaId, Unit]) -> str:
    if line.unit is None:
        return ""
    return units[line.unit].name if line.unit in units else line.unit


def _save(
    path: Path,
    definition: Definition,
    world: World,
    case: Case,
    lang: Language,
    *,
    quiet: bool,
) -> None:
    """Keep it whole, defaults too: another release must play the very same case."""
    trial = record(path.stem, definition, world, case)
    data = trial.model_dump(mode="json")
    write(path, yaml.safe_dump(data, sort_keys=False, allow_unicode=True), lang)
    if not quiet:
        say(in_lang(KEPT, lang), str(path))


def _chances(shelf: Shelf, file: Path | None, case: Case | None, runs: int) -> Chances:
    """What varies: as the file says, else made up; the case that is named goes before the file's."""
    found = shelf.value(file, Chances) if file else MADE_UP
    return found.model_copy(update={"runs": runs, "case": case or found.case})


def _many(
    definition: Definition,
    chances: Chances,
    seed: int,
    shelf: Shelf,
    as_json: bool,
    picture: Path | None,
    *,
    assumed: bool,
) -> None:
    world = shelf.world(chances.case.starts_at)
    found = expect(definition, world, chances, _luck(seed))
    if as_json:
        show_json({"pathway": definition.name, "seed": seed, **found.model_dump(mode="json")})
    else:
        _tell_expected(definition, found, shelf.lang, assumed)
    if picture is not None:
        write(picture, chance_picture.draw(found, definition, shelf.lang), shelf.lang)


def _luck(seed: int) -> Iterator[float]:
    source = random.Random(seed)  # noqa: S311 - luck, not a secret
    while True:
        yield source.random()


def _tell_expected(
    definition: Definition, found: Expected, lang: Language, assumed: bool
) -> None:
    if assumed:
        say(in_lang(ASSUMED, lang), style="yellow")
    labels = {step.key: in_lang(step.label, lang) for step in definition.steps}
    steps = [
        (labels[s.step], _percent(s.overdue), _interval(s.overdue), _of(s.overdue))
        for s in found.steps
    ]
    table(in_lang(OF_STEPS, lang), _heads(STEP, lang), steps)
    handovers = [
        (labels[h.step], _percent(h.unanswered), _interval(h.unanswered), _percent(h.declined))
        for h in found.handovers
    ]
    table(in_lang(OF_HANDOVERS, lang), _heads(HANDOVER, lang), handovers)
    load = [
        (u.name, f"{u.handovers:.2f}", f"{u.open_steps:.2f}", f"{u.reminders:.2f}")
        for u in found.units
    ]
    table(in_lang(LOAD, lang), _heads(UNIT, lang), load)
    _say_closed(found, lang)


def _say_closed(found: Expected, lang: Language) -> None:
    closed = _words("avslutade", "closed")
    half = _words("hälften inom {} dagar, nio av tio inom {}", "half in {} days, nine of ten in {}")
    days = (found.days_median, found.days_p90)
    lasted = () if None in days else (in_lang(half, lang).format(*(f"{d:.0f}" for d in days if d)),)
    say(f"{in_lang(closed, lang)}: {_of(found.closed)}", *lasted, style="bold")


def _heads(labels: Iterable[Labels], lang: Language) -> list[str]:
    return [in_lang(label, lang) for label in labels]


def _percent(share: Share) -> str:
    return "–" if share.share is None else f"{share.share:.0%}"


def _interval(share: Share) -> str:
    return "–" if share.share is None else f"{share.low:.0%}–{share.high:.0%}"


def _of(share: Share) -> str:
    return f"{share.count}/{share.of}"
