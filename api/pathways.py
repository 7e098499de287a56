"""Pathways for whoever designs them: the schema, reading, checking, comparing, trying out."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool

from api.design_bodies import DiffBody, FileBody, SimulateBody
from api.house import Caller, CallerDep
from domain.design.check import Checked, Library, check
from domain.design.diff import Difference, as_text, differences
from domain.design.digest import digest
from domain.design.problem import Problem
from domain.design.schema import schema
from domain.design.simulation import NobodyCanStart, Simulation, World, simulate
from domain.design.timeline import Line, timeline
from domain.design.trial import Trial, record
from domain.pathway import Definition
from domain.refusal import FieldProblem, Refused
from domain.value import Value

router = APIRouter(prefix="/api/v1/pathways", tags=["pathways"])

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Version = Annotated[int, Path(ge=1, le=99_999)]
Language = Annotated[Literal["sv", "en"], Query()]


class Judged(Value):
    """What a file comes to: the definition that it makes with its hash, or all that is wrong."""

    sound: bool
    problems: tuple[Problem, ...]
    definition: Definition | None = None
    hash: str | None = None


class Compared(Value):
    """Two versions, as data and as text."""

    old: str
    new: str
    differences: tuple[Difference, ...]
    text: str


class Played(Value):
    """A simulation: how it ended, line by line, and the trial if one was asked for."""

    pathway: str
    ended: Literal["closed", "time_up", "stands_still"]
    started_by: str
    lines: tuple[Line, ...]
    trial: Trial | None = None


@router.get("/schema")
async def read_schema() -> dict[str, Any]:
    """The JSON Schema of pathway files; an editor completes and checks by it."""
    return schema()


@router.get("/{key}/{version}")
async def read(key: Key, version: Version, caller: CallerDep) -> Definition:
    """A published version, whole; with an addition, its layers say what came with which."""
    return published(caller, f"{key}@{version}")


@router.post("/validate")
async def validate(body: FileBody, caller: CallerDep) -> Judged:
    """Check a file: everything that is wrong at once, with line and column; nothing is kept."""
    found = await run_in_threadpool(check, body.text, library(caller))
    return judged(found)


def judged(found: Checked) -> Judged:
    """A checked file as the doors answer."""
    definition = found.definition
    return Judged(
        sound=found.sound,
        problems=found.problems,
        definition=definition,
        hash=digest(definition) if definition else None,
    )


@router.post("/diff")
async def diff(body: DiffBody, caller: CallerDep, language: Language = "sv") -> Compared:
    """What differs between two versions, or between a version and a file."""
    old = published(caller, body.old)
    new = await _chosen(caller, body.new, body.text)
    found = differences(old, new)
    return Compared(old=old.name, new=new.name, differences=found, text=as_text(found, language))


@router.post("/simulate")
async def try_out(body: SimulateBody, caller: CallerDep) -> Played:
    """Play a case; who is told what and when, and what becomes overdue. Nothing leaves here."""
    definition = await _chosen(caller, body.pathway, body.text)
    try:
        played = await run_in_threadpool(simulate, definition, world(caller), body.case)
    except NobodyCanStart as no:
        raise Refused("no_intake", FieldProblem(field="case.unit", rule=str(no))) from None
    return await run_in_threadpool(_played, definition, played, world(caller), body)


def _played(
    definition: Definition, played: Simulation, setting: World, body: SimulateBody
) -> Played:
    trial = record(body.save_as, definition, setting, body.case) if body.save_as else None
    return Played(
        pathway=definition.name,
        ended=played.ended,
        started_by=played.state.started_by,
        lines=timeline(played),
        trial=trial,
    )


async def _chosen(caller: Caller, name: str | None, text: str | None) -> Definition:
    """The version that is named, or what the file comes to; just one of the two."""
    if (name is None) == (text is None):
        raise Refused("content_invalid", FieldProblem(field="text", rule="one_of_two"))
    if name is not None:
        return published(caller, name)
    assert text is not None
    return sound(await run_in_threadpool(check, text, library(caller)))


def sound(found: Checked) -> Definition:
    """What a file comes to. Raises `Refused("definition_invalid")` with every problem."""
    if found.definition is None:
        problems = (
            FieldProblem(field=f"{p.line}:{p.column} {p.path}", rule=p.code) for p in found.problems
        )
        raise Refused("definition_invalid", *problems)
    return found.definition


def published(caller: Caller, name: str) -> Definition:
    """A published version. Raises `Refused("pathway_unknown")`."""
    key, _, version = name.partition("@")
    found = caller.catalogue.pathways.get((key, int(version)))
    if found is None:
        raise Refused("pathway_unknown", FieldProblem(field="pathway", rule="unknown"))
    return found


def library(caller: Caller) -> Library:
    """What a file is checked against."""
    bases = {d.name: d for d in caller.catalogue.pathways.values()}
    return Library(bases, world(caller))


def world(caller: Caller) -> World:
    """The world as it is published now."""
    found = caller.catalogue
    return World(found.units, found.calendar, found.ladders, found.rules)
