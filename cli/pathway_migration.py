"""`handslag pathway migrate`: running journeys to another version; shown first, done when said."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import typer

from cli import display
from cli.client import show_json
from cli.display import Json, local, say, table
from cli.handovers import Key
from cli.pathway_files import FileRefused, Lang, text_of
from cli.pathway_publishing import Doors, must_fit, split
from cli.pathway_words import Words
from domain.clock_words import budget_words
from domain.command import LateStep
from domain.design.moving import Moving, MovingState, Outcome, Result
from domain.effect import Effect, NewStep
from domain.refusal import REFUSALS
from domain.value import Labels

MIGRATIONS = "/pathways/migrations"
VERDICTS = ("unaffected", "changed", "cannot_move")
# Where a person may say something next.
WAITS = (MovingState.SHOWN, MovingState.MOVING, MovingState.PAUSED, MovingState.MOVED)

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
    lang: Lang = "sv",
    as_json: Json = False,
) -> None:
    """Move running journeys to another version (flytta förlopp): shown first, done when you say so.

    KEY@VERSION compares, and prints what would become of each journey; nothing is done. --id ID
    says how far it is. --id ID --do move moves those, just as shown; pause, resume, undo and
    abandon are said in the same way. A clock keeps its due unless --recompute names it.

    Exit code: 0 when it was answered, 1 when it was refused or the API does not answer.
    """
    choices, tell = (from_versions or [], recompute or [], late_step or []), Words(lang)
    if pathway is not None:
        must_fit(migration is None, "either KEY@VERSION, or --id ID")
        must_fit(not (do or only or journeys), "--do, --only and --journeys go with --id ID")
        _ask(Doors(), _body(pathway, *choices), key, every, tell, as_json)
        return
    must_fit(not any(choices), "the choices of a migration stand; ask for another")
    must_fit(only is None or do == "move", "--only goes with --do move")
    path = _path(migration)
    if do is None:
        api = Doors()
        _say_how_far(api, api.get(path), tell, as_json, journeys)
    else:
        _go_on(path, do, only, key, tell, as_json)


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


def _ask(
    api: Doors, asked: dict[str, Any], key: str, every: float, tell: Words, as_json: bool
) -> None:
    """Ask, wait until it is shown, and print all of it."""
    shown = api.submit(MIGRATIONS, asked, key)
    found = Moving.model_validate(shown["migration"])
    if not as_json:
        name = f"{found.key}@{found.version}"
        say(tell("migration", id=found.id), tell("to", name=name), style="bold")
    path = _path(found.id)
    if not as_json and found.state is MovingState.COMPARING:
        say(tell("comparing_now"))
    while shown["migration"]["state"] == MovingState.COMPARING:
        time.sleep(every)
        shown = api.get(path, limit=display.PAGE)
    _say_how_far(api, shown, tell, as_json, journeys=True)


def _say_how_far(api: Doors, shown: Shown, tell: Words, as_json: bool, journeys: bool) -> None:
    """How far it is, counted; and each journey, if wanted."""
    if as_json:
        pages = _pages(api, shown) if journeys else [shown["items"]]
        items = [item for page in pages for item in page]
        show_json(shown | {"items": items, "next": None if journeys else shown["next"]})
        return
    found, counts = Moving.model_validate(shown["migration"]), shown["counts"]
    how_far = (tell(found.state), *_counted(counts, tell))
    say(f"{found.key}@{found.version}", *how_far, style="bold")
    first = 1
    for page in _pages(api, shown) if journeys else ():
        title = tell("journeys", first=first, last=first + len(page) - 1)
        table(title, ("id", tell("becomes"), tell("outcome")), (_row(i, tell) for i in page))
        first += len(page)
    if journeys and not shown["items"]:
        say(tell("nobody"))
    if found.state in WAITS:
        say(f"handslag pathway migrate --id {found.id} {tell(f'next_{found.state}')}")


def _counted(counts: dict[str, int], tell: Words) -> Iterator[str]:
    """Verdicts first, then what has come of it."""
    outcomes = [o for o in Outcome if o is not Outcome.SHOWN]
    for name in (*VERDICTS, *outcomes):
        if counts.get(name):
            yield f"{counts[name]} {tell(name)}"


def _pages(api: Doors, shown: Shown) -> Iterator[list[dict[str, Any]]]:
    """Every page of journeys, the one at hand first."""
    path = _path(shown["migration"]["id"])
    while True:
        if shown["items"]:
            yield shown["items"]
        if shown["next"] is None:
            return
        shown = api.get(path, after=shown["next"], limit=display.PAGE)


def _row(item: dict[str, Any], tell: Words) -> tuple[str, str, str]:
    result = Result.model_validate(item)
    outcome = tell(result.outcome)
    if result.refused:
        outcome = f"{outcome}: {_no(result.refused, tell)}"
    elif not result.chosen:
        outcome = tell("not_chosen", outcome=outcome)
    return result.journey_id, "\n".join(_lines(result.effect, tell)), outcome


def _lines(effect: Effect, tell: Words) -> Iterator[str]:
    """What becomes of one journey, in words."""
    if effect.verdict == "unaffected":
        yield tell("unaffected")
    if effect.cannot is not None:
        because = "; ".join(effect.because)
        no = _no(effect.cannot, tell)
        yield tell("cannot", why=f"{no} ({because})" if because else no)
    for step in effect.new_steps:
        yield tell("new_step", step=step.step, begins=_begins(step, tell))
    for name in effect.opens:
        yield tell("opens", step=name)
    for name in effect.gone:
        yield tell("gone", step=name)
    for shift in effect.shifts:
        was, now = local(shift.was_due_at.isoformat()), local(shift.due_at.isoformat())
        yield tell("due", clock=shift.clock, was=was, now=now)


def _begins(step: NewStep, tell: Words) -> str:
    if step.begins in ("later", "not_applied"):
        return tell(step.begins)
    if step.due_at is not None:
        return tell("due_from_origin", due=local(step.due_at.isoformat()))
    budget = step.within
    within = tell.of(budget_words(budget.amount, budget.counting)) if budget else "–"
    return tell("at_migration", within=within)


def _no(code: str, tell: Words) -> str:
    """A code with its text."""
    known = REFUSALS.get(code)
    return f"{code}: {tell.of(Labels(sv=known.sv, en=known.en))}" if known else code


def _go_on(path: str, do: Word, only: Path | None, key: str, tell: Words, as_json: bool) -> None:
    body: dict[str, Any] = {"to": do}
    if only is not None:
        body["journeys"] = _ids(only, tell)
    shown = Doors().submit(f"{path}/go-on", body, key)
    if as_json:
        show_json(shown)
        return
    found = Moving.model_validate(shown["migration"])
    whom = tell("chosen", count=len(body["journeys"])) if only else tell("all_shown")
    say(tell("asked_for", word=do), *([whom] if do == "move" else []), style="bold")
    say(tell("how_far", command=f"handslag pathway migrate --id {found.id}"))


def _ids(file: Path, tell: Words) -> list[str]:
    """Journey ids, one a line; empty lines and those after # say nothing. Raises `FileRefused`."""
    lines = (line.partition("#")[0].strip() for line in text_of(file, tell.lang).splitlines())
    found = [line for line in lines if line]
    if not found:
        raise FileRefused(f"{file}: {tell('no_ids')}")
    return found
