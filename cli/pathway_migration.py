"""`handslag pathway migrate`: running journeys to another version; shown first, done when said."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import typer

from cli import display
from cli.client import show_json
from cli.display import Json, local, say, table, words
from cli.handovers import Key
from cli.pathway_files import FileRefused, text_of
from cli.pathway_publishing import Doors, must_fit, split
from domain.calendar import Budget
from domain.clock_words import budget_words
from domain.command import LateStep
from domain.design.moving import Moving, MovingState, Outcome, Result
from domain.effect import Effect, NewStep
from domain.refusal import REFUSALS

MIGRATIONS = "/pathways/migrations"
VERDICTS = ("unaffected", "changed", "cannot_move")
BEGINS = {"later": "opens later", "not_applied": "not applied: its time has passed"}
# What a person may say next, by how far it is.
NEXT: dict[MovingState, str] = {
    MovingState.SHOWN: "--do move, or --do abandon",
    MovingState.MOVING: "--do pause, or --do undo",
    MovingState.PAUSED: "--do resume, or --do undo",
    MovingState.MOVED: "--do undo, while no step of the new version has begun",
}

Word = Literal["move", "pause", "resume", "undo", "abandon"]
Target = Annotated[str | None, typer.Argument(metavar="KEY@VERSION", help="Where they are to go.")]
From = Annotated[
    list[str] | None,
    typer.Option("--from", metavar="KEY@VERSION", help="Only from it (från). Repeatable."),
]
Recompute = Annotated[
    list[str] | None,
    typer.Option(metavar="CLOCK", help="Count it anew, as step:plan or accepted:STEP."),
]
Late = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STEP=CHOICE",
        help="A new step whose time has passed: leave_out, at_migration, from_origin.",
    ),
]
Id = Annotated[
    str | None, typer.Option("--id", metavar="ID", help="A migration that was asked for.")
]
Do = Annotated[Word | None, typer.Option(help="With --id: what it is to do next.")]
Only = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="With --do move: only these journey ids, one a line."),
]
Each = Annotated[bool, typer.Option("--journeys", help="With --id: each journey too.")]
Every = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="How often to look while it compares.")
]
Shown = dict[str, Any]


def migrate(
    key: Key,
    pathway: Target = None,
    from_versions: From = None,
    recompute: Recompute = None,
    late_step: Late = None,
    migration: Id = None,
    do: Do = None,
    only: Only = None,
    journeys: Each = False,
    every: Every = 1.0,
    as_json: Json = False,
) -> None:
    """Move running journeys to another version (flytta förlopp): shown first, done when you say so.

    KEY@VERSION compares, and prints what would become of each journey; nothing is done. --id ID
    says how far it is. --id ID --do move moves those, just as shown; pause, resume, undo and
    abandon are said in the same way. A clock keeps its due unless --recompute names it.

    Exit code: 0 when it was answered, 1 when it was refused or the API does not answer.
    """
    choices = (from_versions or [], recompute or [], late_step or [])
    if pathway is not None:
        must_fit(migration is None, "either KEY@VERSION, or --id ID")
        must_fit(not (do or only or journeys), "--do, --only and --journeys go with --id ID")
        _ask(Doors(), _body(pathway, *choices), key, every, as_json)
        return
    must_fit(not any(choices), "the choices of a migration stand; ask for another")
    must_fit(only is None or do == "move", "--only goes with --do move")
    path = _path(migration)
    if do is None:
        api = Doors()
        _say_how_far(api, api.get(path), as_json, journeys)
    else:
        _go_on(path, do, only, key, as_json)


def _path(migration: str | None) -> str:
    if migration is None:
        raise typer.BadParameter("either KEY@VERSION, or --id ID")
    return f"{MIGRATIONS}/{quote(migration, safe='')}"


def _body(
    pathway: str, from_versions: list[str], recompute: list[str], late_step: list[str]
) -> dict[str, Any]:
    for name in (pathway, *from_versions):
        split(name)
    late = dict(map(_late, late_step))
    choices = {"recompute": recompute, "late_steps": late}
    return {"to": pathway, "from_versions": from_versions, "choices": choices}


def _late(said: str) -> tuple[str, str]:
    step, _, choice = said.partition("=")
    if not step or choice not in tuple(LateStep):
        known = ", ".join(LateStep)
        raise typer.BadParameter(f"{said} is not STEP=CHOICE, with one of {known}")
    return step, choice


def _ask(api: Doors, asked: dict[str, Any], key: str, every: float, as_json: bool) -> None:
    """Ask, wait until it is shown, and print all of it."""
    shown = api.submit(MIGRATIONS, asked, key)
    found = Moving.model_validate(shown["migration"])
    if not as_json:
        say(f"migration {found.id}", f"to {found.key}@{found.version}", style="bold")
    path = _path(found.id)
    if not as_json and found.state is MovingState.COMPARING:
        say("It compares, journey by journey. Ctrl-C leaves it to go on; --id ID shows it later.")
    while shown["migration"]["state"] == MovingState.COMPARING:
        time.sleep(every)
        shown = api.get(path, limit=display.PAGE)
    _say_how_far(api, shown, as_json, journeys=True)


def _say_how_far(api: Doors, shown: Shown, as_json: bool, journeys: bool) -> None:
    """How far it is, counted; and each journey, if wanted."""
    if as_json:
        pages = _pages(api, shown) if journeys else [shown["items"]]
        items = [item for page in pages for item in page]
        show_json(shown | {"items": items, "next": None if journeys else shown["next"]})
        return
    found, counts = Moving.model_validate(shown["migration"]), shown["counts"]
    say(f"{found.key}@{found.version}", words(found.state), *_counted(counts), style="bold")
    first = 1
    for page in _pages(api, shown) if journeys else ():
        title = f"Journeys {first}–{first + len(page) - 1}"
        table(title, ("id", "what becomes of it", "outcome"), map(_row, page))
        first += len(page)
    if journeys and not shown["items"]:
        say("No running journey goes by another version.")
    if found.state in NEXT:
        say(f"handslag pathway migrate --id {found.id} {NEXT[found.state]}")


def _counted(counts: dict[str, int]) -> Iterator[str]:
    """Verdicts first, then what has come of it."""
    outcomes = [o for o in Outcome if o is not Outcome.SHOWN]
    for name in (*VERDICTS, *outcomes):
        if counts.get(name):
            yield f"{counts[name]} {words(name)}"


def _pages(api: Doors, shown: Shown) -> Iterator[list[dict[str, Any]]]:
    """Every page of journeys, the one at hand first."""
    path = _path(shown["migration"]["id"])
    while True:
        if shown["items"]:
            yield shown["items"]
        if shown["next"] is None:
            return
        shown = api.get(path, after=shown["next"], limit=display.PAGE)


def _row(item: dict[str, Any]) -> tuple[str, str, str]:
    result = Result.model_validate(item)
    outcome = words(result.outcome)
    if result.refused:
        outcome = f"{outcome}: {_no(result.refused)}"
    elif not result.chosen:
        outcome = f"{outcome}, not chosen"
    return result.journey_id, "\n".join(_lines(result.effect)), outcome


def _lines(effect: Effect) -> Iterator[str]:
    """What becomes of one journey, in words."""
    if effect.verdict == "unaffected":
        yield "unaffected"
    if effect.cannot is not None:
        why = "; ".join(effect.because)
        yield f"cannot move because {_no(effect.cannot)}{f' ({why})' if why else ''}"
    for step in effect.new_steps:
        yield f"new step {step.step}: {_begins(step)}"
    for name in effect.opens:
        yield f"opens {name}"
    for name in effect.gone:
        yield f"no longer {name}"
    for shift in effect.shifts:
        was, now = local(shift.was_due_at.isoformat()), local(shift.due_at.isoformat())
        yield f"due {shift.clock}: {was} → {now}"


def _begins(step: NewStep) -> str:
    if step.begins in BEGINS:
        return BEGINS[step.begins]
    if step.due_at is not None:
        return f"due {local(step.due_at.isoformat())}, counted from its origin"
    return f"opens at the migration, within {_within(step.within)}"


def _within(budget: Budget | None) -> str:
    return budget_words(budget.amount, budget.counting).en if budget else "–"


def _no(code: str) -> str:
    """A code with its English text."""
    return f"{code}: {REFUSALS[code].en}" if code in REFUSALS else code


def _go_on(path: str, do: Word, only: Path | None, key: str, as_json: bool) -> None:
    body: dict[str, Any] = {"to": do}
    if only is not None:
        body["journeys"] = _ids(only)
    shown = Doors().submit(f"{path}/go-on", body, key)
    if as_json:
        show_json(shown)
        return
    found = Moving.model_validate(shown["migration"])
    whom = f"{len(body['journeys'])} journeys" if only else "all that were shown"
    say(f"{do} is asked for", *([whom] if do == "move" else []), style="bold")
    say(f"How far it is: handslag pathway migrate --id {found.id}")


def _ids(file: Path) -> list[str]:
    """Journey ids, one a line; empty lines and those after # say nothing. Raises `FileRefused`."""
    lines = (line.partition("#")[0].strip() for line in text_of(file, "en").splitlines())
    found = [line for line in lines if line]
    if not found:
        raise FileRefused(f"{file}: no journey id is in it.")
    return found
