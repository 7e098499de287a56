"""Pathway files on this machine, and what they are read against: a library, and a world.

The library is what is shipped, and the files that are named beside it; the world is the shipped
units, ladders, rules and days off. No server is asked.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from cli import load, unit_file
from domain.calendar import Calendar
from domain.command import Command
from domain.design.case import Case
from domain.design.chance import Chances
from domain.design.check import Checked, Library, check
from domain.design.problem import Problem, format_problems
from domain.design.simulation import World
from domain.design.source import problems_of, read
from domain.design.trial import Trial
from domain.ladder import Ladders
from domain.pathway import Definition
from domain.rulebook import Rulebook
from domain.unit import Unit
from domain.value import HsaId, Labels, Value

Language = Literal["sv", "en"]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the answer (språk).")]
Bases = Annotated[
    list[Path],
    typer.Option(
        "--base",
        metavar="FILE",
        default_factory=list,
        show_default=False,
        help="A base (grundförlopp) that is not shipped; may itself be an addition. Repeatable.",
    ),
]
UnitsFile = Annotated[
    Path | None,
    typer.Option("--units", metavar="FILE", help="Units (enheter) other than the shipped ones."),
]
# The days off that are loaded around one day reach five years; a case may go on for ten.
NEXT_YEARS = timedelta(days=6 * 365)
V = TypeVar("V", bound=Value)


class _Extra(BaseModel):
    command: Command


class _Commands(BaseModel):
    """The commands of a case, which are data until they are sent."""

    extras: tuple[_Extra, ...] = ()


class _CommandsOfCase(BaseModel):
    case: _Commands = _Commands()


class FileRefused(Exception):
    """A file that cannot be used; the text is for people, a line for each thing that is wrong."""


class Shelf:
    """Pathways by name, and the world to try them in; read when first asked for."""

    def __init__(
        self, lang: Language, bases: Iterable[Path] = (), units: Path | None = None
    ) -> None:
        self.lang = lang
        self._units_file = units
        self.bases = _shipped()
        self._put_on({str(path): self.text(path) for path in bases})

    def text(self, path: Path) -> str:
        """A file's text. Raises `FileRefused`."""
        return text_of(path, self.lang)

    def check(self, path: Path) -> Checked:
        """A file with everything that is wrong with it. Raises `FileRefused` if it is no text."""
        return check(self.text(path), Library(self.bases, self.world(Case().starts_at)))

    def read(self, path: Path) -> Checked:
        """A file that hangs together, whether it can be lived by or not. Raises `FileRefused`."""
        checked = check(self.text(path), Library(self.bases))
        if checked.definition is None:
            raise self.faulty(path, checked.problems)
        return checked

    def chosen(self, named: str) -> Definition:
        """A file, or a pathway of the library by key@version. Raises `FileRefused`."""
        path = Path(named)
        if named in self.bases and not path.exists():
            return self.bases[named]
        if "@" in named and not path.exists():
            known = ", ".join(sorted(self.bases))
            sv = f"varken en fil eller ett levererat förlopp (finns: {known})"
            en = f"neither a file nor a shipped pathway (there are: {known})"
            raise _no(path, sv, en, self.lang)
        definition = self.read(path).definition
        assert definition is not None, "else it is refused"
        return definition

    def case(self, path: Path) -> Case:
        """A case; a time without a zone is one on a clock in Sweden. Raises `FileRefused`."""
        return self._value(path, Case, _Commands)

    def trial(self, path: Path) -> Trial:
        """A simulation that was kept. Raises `FileRefused`."""
        return self._value(path, Trial, _CommandsOfCase)

    def chances(self, path: Path) -> Chances:
        """What varies from run to run. Raises `FileRefused`."""
        return self._value(path, Chances, _CommandsOfCase)

    def world(self, starts_at: datetime) -> World:
        """The world of a case that begins then; the same whenever it is played."""
        first = starts_at.date()
        days = {*load.days_off(first), *load.days_off(first + NEXT_YEARS)}
        calendar = Calendar(version="shipped", days_off=tuple(sorted(days)))
        return World(self.units, calendar, self._ladders, self._rules)

    @cached_property
    def units(self) -> dict[HsaId, Unit]:
        """The units, by HSA id. Raises `FileRefused`, `CallFailed`."""
        if self._units_file is None:
            return {unit.hsa_id: unit for unit in load.units()}
        found = dict[HsaId, Unit]()
        for entry in unit_file.read(self._units_file):
            if entry.unit is None:
                raise FileRefused(f"{self._units_file}: {entry.name}: {entry.wrong}")
            found[entry.unit.hsa_id] = entry.unit
        return found

    @cached_property
    def _ladders(self) -> Ladders:
        files = (load.CATALOGUE / "ladders").glob("v*.yaml")
        return Ladders.model_validate(load.read(max(files, key=_number)))

    @cached_property
    def _rules(self) -> Rulebook:
        rules, agreements = tuple(load.rules()), tuple(load.agreements())
        return Rulebook(version="shipped", rules=rules, agreements=agreements)

    def faulty(self, path: Path, problems: Sequence[Problem]) -> FileRefused:
        """The no to a file with problems, one on each line."""
        return FileRefused(format_problems(str(path), problems, self.lang))

    def _value(self, path: Path, model: type[V], commands: type[BaseModel]) -> V:
        """What a file says, with its commands; or every problem and its place."""
        source, found = read(self.text(path))
        if source is None or found:
            raise self.faulty(path, found)
        try:
            said = model.model_validate(source.data)
            commands.model_validate(source.data)
        except ValidationError as error:
            known = tuple(model.model_fields)
            raise self.faulty(path, problems_of(error, source, known)) from None
        return said

    def _put_on(self, texts: dict[str, str]) -> None:
        """Bases in whatever order they were named. Raises `FileRefused`."""
        for name, checked in put_in_order(texts, self.bases).items():
            raise self.faulty(Path(name), checked.problems)


def text_of(path: Path, lang: Language) -> str:
    """A file's text, just as it stands. Raises `FileRefused`."""
    try:
        given = path.read_bytes()
    except FileNotFoundError:
        raise _no(path, "filen finns inte", "there is no such file", lang) from None
    except IsADirectoryError:
        raise _no(path, "det är en mapp", "it is a folder", lang) from None
    except OSError as error:
        why = error.strerror
        raise _no(path, f"kan inte läsas: {why}", f"cannot be read: {why}", lang) from None
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError as error:
        said = format_problems(str(path), [_not_utf8(given, error.start)], lang)
        raise FileRefused(said) from None


def _no(path: Path, sv: str, en: str, lang: Language) -> FileRefused:
    return FileRefused(f"{path}: {in_lang(Labels(sv=sv, en=en), lang)}")


def in_lang(label: Labels, lang: Language) -> str:
    """One of the two languages."""
    return label.sv if lang == "sv" else label.en


def write(path: Path, text: str, lang: Language) -> None:
    """Write a file. Raises `FileRefused`."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        why = error.strerror
        raise _no(path, f"kan inte skrivas: {why}", f"cannot be written: {why}", lang) from None


def put_in_order(texts: dict[str, str], bases: dict[str, Definition]) -> dict[str, Checked]:
    """Put files among the bases, each after what it adds to; those that are left have problems."""
    left = dict(texts)
    while True:
        found = {name: check(text, Library(bases)) for name, text in left.items()}
        sound = {name: c.definition for name, c in found.items() if c.definition is not None}
        if not sound:
            return found
        bases.update({definition.name: definition for definition in sound.values()})
        left = {name: text for name, text in left.items() if name not in sound}


def trials_beside(path: Path) -> list[Path]:
    """The simulations that are kept beside a pathway file."""
    return sorted((path.parent / "trials").glob("*.yaml"))


def _shipped() -> dict[str, Definition]:
    """What is shipped; a file that somebody is editing, and that has faults, is left out."""
    files = (*load.PATHWAYS.glob("*/v*.yaml"), *load.PATHWAYS.glob("*/additions/*/v*.yaml"))
    bases = dict[str, Definition]()
    put_in_order({str(p): p.read_text("utf-8", "replace") for p in sorted(files)}, bases)
    return bases


def _number(path: Path) -> int:
    """The number of a file v<number>.yaml."""
    return int(path.stem.removeprefix("v"))


def _not_utf8(given: bytes, at: int) -> Problem:
    """Where the first byte stands that is no UTF-8."""
    line = given.count(b"\n", 0, at) + 1
    column = len(given[given.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")) + 1
    sv = "Filen är inte text i UTF-8; spara den om som UTF-8."
    en = "The file is no text in UTF-8; save it again as UTF-8."
    message = Labels(sv=sv, en=en)
    return Problem(code="not_utf8", path="", line=line, column=column, message=message)
