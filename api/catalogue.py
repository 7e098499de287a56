"""Reference data as the doors need it, read anew when it is older than a moment."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.calendar import Calendar
from domain.design.publication import Published, newest
from domain.ladder import Ladders
from domain.pathway import Definition
from domain.refusal import FieldProblem, Refused
from domain.rulebook import Rulebook
from domain.unit import Unit
from store import catalogue as stored
from store import database, drafts

FRESH_SECONDS = 10.0


class CatalogueMissing(Exception):
    """The database holds no calendar, ladders or rules; load the catalogue first."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that a command's facts are resolved from."""

    units: Mapping[str, Unit]
    pathways: Mapping[tuple[str, int], Definition]
    published: Sequence[Published]
    calendar: Calendar
    ladders: Ladders
    rules: Rulebook

    def unit(self, hsa_id: str, field: str) -> Unit:
        """The unit. Raises `Refused("unit_unknown")`, naming the field."""
        unit = self.units.get(hsa_id)
        if unit is None:
            raise Refused("unit_unknown", FieldProblem(field=field, rule="unknown"))
        return unit

    def pathway(self, name: str, unit: Unit, day: date) -> Definition:
        """What a journey that a unit starts on a day goes by: `key`, or `key@version`.

        Raises `Refused`: pathway_unknown, pathway_retired.
        """
        return newest(self.published, name, unit, day).definition


class Shelf:
    """Keeps the catalogue at hand."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._lock = asyncio.Lock()
        self._kept: Catalogue | None = None
        self._until = 0.0

    async def catalogue(self) -> Catalogue:
        """The catalogue, at most ten seconds old."""
        if self._kept is None or time.monotonic() > self._until:
            async with self._lock:
                if self._kept is None or time.monotonic() > self._until:
                    self._kept = await self._read()
                    self._until = time.monotonic() + FRESH_SECONDS
        return self._kept

    def forget(self) -> None:
        """What was just published is read anew by the next who asks."""
        self._until = 0.0

    async def _read(self) -> Catalogue:
        async with database.reading(self._engine, ()) as connection:
            calendar = await stored.newest_calendar(connection)
            ladders = await stored.newest_ladders(connection)
            rules = await stored.newest_rules(connection)
            if calendar is None or ladders is None or rules is None:
                raise CatalogueMissing("load the catalogue: handslag migrate")
            units = await stored.units(connection)
            published = await drafts.published(connection)
        return Catalogue(
            units={u.hsa_id: u for u in units},
            pathways={(p.definition.key, p.definition.version): p.definition for p in published},
            published=published,
            calendar=calendar,
            ladders=ladders,
            rules=rules,
        )
