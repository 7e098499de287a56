"""`handslag pathway`: care pathways as files, from the first check to the moving of journeys."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import yaml

from cli import pathway_migration, pathway_page, pathway_publishing, pathway_trying
from cli.client import show_json
from cli.display import Json, say
from cli.pathway_files import (
    Bases,
    FileRefused,
    Lang,
    Language,
    Shelf,
    UnitsFile,
    in_lang,
    trials_beside,
    write,
)
from domain.design import bpmn, drawing, markdown
from domain.design.addition import Addition
from domain.design.check import Library, check
from domain.design.diff import as_text, differences
from domain.design.digest import digest
from domain.design.problem import format_problems
from domain.design.rebase import Merged, Rebased, rebase
from domain.design.source import read
from domain.design.trial import fails
from domain.pathway import Definition
from domain.value import Labels

CONFLICTS, GONE = 2, "absorbed"

app = typer.Typer(
    no_args_is_help=True,
    help="Care pathways (vårdförlopp): check, show, compare, try out, publish, move journeys.",
)

FILE_OR_NAME = "A file, or a shipped pathway by KEY@VERSION."


class Form(StrEnum):
    """How a pathway is shown."""

    TEXT = "text"
    MARKDOWN = "markdown"
    SVG = "svg"
    BPMN = "bpmn"
    JSON = "json"


NO_FAULT = Labels(sv="inga fel", en="no problems")
TRIAL = Labels(sv="prov", en="trial")
OUTCOMES = {
    "kept": Labels(sv="kvar", en="kept"),
    "absorbed": Labels(sv="finns nu i grunden", en="absorbed"),
    "both": Labels(sv="båda har ändrat, tillägget gäller", en="both changed it, yours holds"),
    "conflict": Labels(sv="KONFLIKT", en="CONFLICT"),
}
BASE_SAYS = Labels(sv="grunden säger nu", en="the base says now")
NOTHING_WRITTEN = Labels(sv="Inget är skrivet: --out FIL.", en="Nothing is written: --out FILE.")
NOTHING_LEFT = Labels(
    sv="Inget blir kvar av tillägget: grunden säger allt själv nu. Inget är skrivet.",
    en="Nothing is left of the addition: the base says it all itself now. Nothing is written.",
)
CHOOSE = Labels(
    sv="En människa väljer i konflikterna; inget är skrivet (--keep-conflicts skriver ändå).",
    en="A person chooses in the conflicts; nothing is written (--keep-conflicts writes anyway).",
)
WRITTEN = Labels(
    sv="Skrivet (utan kommentarer ur den gamla filen)",
    en="Written (without comments from the old file)",
)
NO_ADDITION = Labels(
    sv="filen är inget tillägg: den säger inte `extends`",
    en="the file is no addition: it says no `extends`",
)
EXISTS = Labels(
    sv="finns redan; en version ändras inte, välj ett annat namn",
    en="is there already; a version is never edited, choose another name",
)


@app.command("check")
def check_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Pathways or additions.")],
    bases: Bases,
    units: UnitsFile = None,
    lang: Lang = "sv",
) -> None:
    """Check files (kontrollera): a line for each thing that is wrong, with its line and column.

    Additions find the shipped pathways, those of --base, and the files named before them. What
    was kept with `simulate --save` in a folder `trials` beside the file is played again.

    Exit code: 0 when nothing is wrong, 1 when something is.
    """
    shelf, wrong = Shelf(lang, bases, units), False
    for path in files:
        try:
            wrong |= not _check(shelf, path)
        except FileRefused as no:
            typer.echo(str(no))
            wrong = True
    if wrong:
        raise typer.Exit(1)


def _check(shelf: Shelf, path: Path) -> bool:
    """Whether a file and its trials are as they should be; says so."""
    checked = shelf.check(path)
    if checked.definition is None:
        typer.echo(format_problems(str(path), checked.problems, shelf.lang))
        return False
    definition = checked.definition
    failed = [f for trial in trials_beside(path) if (f := _failure(shelf, trial, definition))]
    for failure in failed:
        typer.echo(failure)
    if not failed:
        typer.echo(
            f"{path}: {in_lang(NO_FAULT, shelf.lang)} · {definition.name} {digest(definition)}"
        )
    shelf.bases[definition.name] = definition
    return not failed


def _failure(shelf: Shelf, path: Path, definition: Definition) -> str | None:
    """A line about a trial that does not come out as it was kept."""
    trial = shelf.trial(path)
    found = fails(trial, definition, shelf.world(trial.case.starts_at))
    return f"{path}: {in_lang(TRIAL, shelf.lang)} {found} [trial_fails]" if found else None


@app.command()
def show(
    file: Annotated[str, typer.Argument(metavar="FILE", help=FILE_OR_NAME)],
    bases: Bases,
    form: Annotated[Form, typer.Option("--as", help="As what (form).")] = Form.TEXT,
    out: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Write it there instead of here.")
    ] = None,
    lang: Lang = "sv",
) -> None:
    """Show a pathway (visa): steps in order, times, receivers, and where each figure comes from.

    What an addition brought is marked "+ tillägg", and what it changed "~ ändrat".
    """
    shelf = Shelf(lang, bases)
    text = _drawn(shelf.chosen(file), form, shelf)
    if out is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    write(out, text, lang)
    say(str(out))


def _drawn(definition: Definition, form: Form, shelf: Shelf) -> str:
    added, changed = definition.added, definition.changed
    match form:
        case Form.TEXT:
            return "\n".join(pathway_page.as_text(definition, shelf.bases, shelf.lang))
        case Form.MARKDOWN:
            return markdown.markdown(definition, added, changed, shelf.lang)
        case Form.SVG:
            return drawing.draw(definition, added, changed, shelf.lang)
        case Form.BPMN:
            return bpmn.bpmn(definition)
        case Form.JSON:
            data = definition.model_dump(mode="json")
            return json.dumps(data, ensure_ascii=False, indent=2)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help=FILE_OR_NAME)],
    new: Annotated[str, typer.Argument(help=FILE_OR_NAME)],
    bases: Bases,
    lang: Lang = "sv",
    as_json: Json = False,
) -> None:
    """What differs between two versions (skillnad), step by step and field by field.

    Exit code: 0, whether something differs or not; 1 when a file cannot be used.
    """
    shelf = Shelf(lang, bases)
    found = differences(shelf.chosen(old), shelf.chosen(new))
    if as_json:
        show_json([difference.model_dump(mode="json") for difference in found])
        return
    typer.echo(as_text(found, lang), nl=False)


@app.command("rebase")
def rebase_addition(
    addition: Annotated[Path, typer.Argument(metavar="ADDITION", help="The addition's file.")],
    onto: Annotated[str, typer.Option(metavar="BASE", help=f"The new base. {FILE_OR_NAME}")],
    bases: Bases,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the new version there.")
    ] = None,
    keep_conflicts: Annotated[
        bool, typer.Option("--keep-conflicts", help="Write it with the conflicts still in it.")
    ] = False,
    lang: Lang = "sv",
) -> None:
    """Move an addition to a new version of its base (flytta tillägg): what became of each part.

    Kept; absorbed, as the base says it itself now; both, where both changed it and the addition's
    holds; or a conflict, which names both edits, and in which a person chooses.

    Exit code: 0 when all is merged, 2 with conflicts, 1 when a file cannot be used.
    """
    shelf = Shelf(lang, bases)
    own, new = _addition(shelf, addition), shelf.chosen(onto)
    rebased = rebase(shelf.chosen(own.extends), new, own)
    for merged in rebased.merged:
        _say_merged(merged, lang)
    if rebased.conflicts and not keep_conflicts:
        typer.echo(in_lang(CHOOSE, lang))
    elif not rebased.addition.operations:
        typer.echo(in_lang(NOTHING_LEFT, lang))
    elif out is None:
        typer.echo(in_lang(NOTHING_WRITTEN, lang))
    else:
        _write_rebased(shelf.text(addition), rebased, new, out, lang)
    if rebased.conflicts:
        raise typer.Exit(CONFLICTS)


def _addition(shelf: Shelf, path: Path) -> Addition:
    addition = shelf.read(path).addition
    if addition is None:
        raise FileRefused(f"{path}: {in_lang(NO_ADDITION, shelf.lang)}")
    return addition


def _say_merged(merged: Merged, lang: Language) -> None:
    outcome = in_lang(OUTCOMES[merged.outcome], lang)
    typer.echo(f"operations.{merged.place}: {outcome}: {merged.addition_says}")
    for line in as_text(merged.base_says, lang).splitlines() if merged.base_says else ():
        typer.echo(f"    {in_lang(BASE_SAYS, lang)}: {line}")
    if merged.why and merged.outcome == "conflict":
        typer.echo(f"    {in_lang(merged.why, lang)}")


def _write_rebased(text: str, rebased: Rebased, new: Definition, out: Path, lang: Language) -> None:
    """The new file, in the words of the old one; without conflicts it must be sound."""
    if out.exists():
        raise FileRefused(f"{out}: {in_lang(EXISTS, lang)}")
    source, _ = read(text)
    assert source is not None, "it was read already"
    operations = [source.data["operations"][m.place] for m in rebased.merged if m.outcome != GONE]
    named = {"extends": rebased.addition.extends, "version": rebased.addition.version}
    data = source.data | named | {"operations": operations}
    written = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    problems = () if rebased.conflicts else check(written, Library({new.name: new})).problems
    if problems:
        raise FileRefused(format_problems(str(out), problems, lang))
    write(out, written, lang)
    typer.echo(f"{in_lang(WRITTEN, lang)}: {out}")


# In the order in which a designer needs them; help lists them so.
app.command("simulate")(pathway_trying.simulate_case)
app.command("publish")(pathway_publishing.publish)
app.command("retire")(pathway_publishing.retire)
app.command("migrate")(pathway_migration.migrate)
