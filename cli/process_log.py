"""`handslag ocel`: what journeys have done, as an OCEL 2.0 log; and how pathways are followed."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.display import say, table
from domain.design.conformance import Conformance, conformance
from domain.design.ocel import export
from domain.design.ocel_format import Ocel
from domain.event import Event
from domain.pathway import Definition
from runtime import settings
from store import database, drafts
from store.process_log import logs

Pathway = Annotated[
    list[str] | None,
    typer.Option("--pathway", metavar="KEY@VERSION", help="Only these versions; all, if none."),
]


def ocel(
    to: Annotated[Path, typer.Option(help="The file to write (JSON).")],
    pathway: Pathway = None,
) -> None:
    """Write what journeys have done as an OCEL 2.0 log (processlogg), for process mining.

    As the database's owner. No patient, no staff and no free text is in it, and no journey of a
    patient with protected identity.
    """
    found = asyncio.run(_export(tuple(pathway or ())))
    to.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    say(f"{len(found['events'])} events of {len(found['objects'])} objects", str(to))


def followed(pathway: Pathway = None) -> None:
    """How each version is followed (följsamhet): its share without deviation, and its fitness.

    As the database's owner. What the figures mean: domain/design/conformance.py.
    """
    rows = [_row(found) for found in asyncio.run(_followed(tuple(pathway or ())))]
    if not rows:
        say("No journey has gone by these versions.")
    table("How pathways are followed", COLUMNS, rows)


COLUMNS = ("version", "journeys", "closed", "without deviation", "fitness", "deviations")


def _row(found: Conformance) -> tuple[object, ...]:
    deviations = ", ".join(f"{kind} {count}" for kind, count in found.deviations.items() if count)
    name = f"{found.pathway}@{found.version}"
    share, fitness = _share(found.share), _share(found.fitness)
    return (name, found.journeys, found.closed, share, fitness, deviations)


def _share(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


async def _export(names: Sequence[str]) -> Ocel:
    journeys, _ = await _read(names)
    return export(journeys)


async def _followed(names: Sequence[str]) -> list[Conformance]:
    journeys, definitions = await _read(())  # some went by another version before they migrated
    log = export(journeys)
    found = [conformance(d, log) for d in definitions if not names or d.name in names]
    return [one for one in found if one.journeys]


Logs = list[tuple[str, list[Event]]]


async def _read(names: Sequence[str]) -> tuple[Logs, list[Definition]]:
    """Every journey's log, and every published definition."""
    engine = database.connect(settings.load().require_database_url(), pool_size=1)
    try:
        async with engine.connect() as connection:
            published = [p.definition for p in await drafts.published(connection)]
            found = [pair async for pair in logs(connection, names)]
    finally:
        await engine.dispose()
    return found, published
