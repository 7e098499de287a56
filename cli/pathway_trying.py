"""`handslag pathway simulate`: a made-up patient on a pathway, and what comes of it."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
import yaml

from cli import pathway_chance
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
from domain.design.case import Case
from domain.design.simulation import NobodyCanStart, Simulation, World, simulate
from domain.design.timeline import Line, overdue, timeline
from domain.design.trial import record
from domain.pathway import Definition
from domain.refusal import REFUSALS
from domain.unit import Unit
from domain.value import HsaId, Labels

MOST_RUNS = 5000


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


File = Annotated[
    str, typer.Argument(metavar="FILE", help="A file, or a shipped pathway by KEY@VERSION.")
]
CaseFile = Annotated[
    Path | None,
    typer.Option(metavar="CASE.yaml", help="Who the patient is and what everybody does (fall)."),
]
Save = Annotated[
    Path | None,
    typer.Option(metavar="TRIAL.yaml", help="Keep it as a trial (prov) that `check` replays."),
]
Runs = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_RUNS, help="So many times, with answers as chance has it."),
]
Seed = Annotated[int, typer.Option(help="The same seed (frö), the same luck.")]
ChancesFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="With --runs: how long answers and steps take."),
]
Picture = Annotated[
    Path | None, typer.Option(metavar="OUT.svg", help="With --runs: draw it there (bild).")
]


def simulate_case(
    file: File,
    bases: Bases,
    case: CaseFile = None,
    save: Save = None,
    runs: Runs = None,
    seed: Seed = 1,
    chances: ChancesFile = None,
    picture: Picture = None,
    units: UnitsFile = None,
    lang: Lang = "sv",
    as_json: Json = False,
) -> None:
    """Try a pathway out (provkör) with a made-up patient: what happens, who is told, what is late.

    Times are those of Europe/Stockholm; "stängd" says that the unit was shut just then. Nothing
    leaves this machine. An empty case plays the pathway to its end.

    Exit code: 0 when it was played, however it ended; 1 when a file cannot be used or nobody can
    start.
    """
    _must_fit(runs, save, chances or picture)
    shelf = Shelf(lang, bases, units)
    definition, given = shelf.chosen(file), shelf.case(case) if case else None
    try:
        if runs is None:
            _once(definition, given or Case(), save, shelf, as_json)
        else:
            found = pathway_chance.chances(shelf, chances, given, runs)
            expected = pathway_chance.play(definition, found, seed, shelf, picture)
            pathway_chance.tell(definition, expected, seed, shelf, as_json, chances is None)
    except NobodyCanStart as no:
        raise FileRefused(f"{file}: {in_lang(CANNOT_START, lang)}: {_why(str(no), lang)}") from None


def _must_fit(runs: int | None, save: Path | None, of_runs: Path | None) -> None:
    if runs is None and of_runs:
        raise typer.BadParameter("--chances and --picture go with --runs")
    if runs is not None and save:
        raise typer.BadParameter("--save keeps one simulation; leave out --runs")


def _why(code: str, lang: Language) -> str:
    return f"{code} ({in_lang(_text(code), lang)})" if code in REFUSALS else code


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


def _row(line: Line, units: Mapping[HsaId, Unit], lang: Language) -> tuple[str, ...]:
    shut = in_lang(SHUT, lang) if line.shut else " "
    what, words = in_lang(WHAT[line.what], lang), in_lang(line.words, lang)
    return (local(line.at.isoformat()), _name(line, units), what, words, shut)


def _name(line: Line, units: Mapping[HsaId, Unit]) -> str:
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
