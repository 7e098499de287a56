"""What is in force and how it was proved last, as the nightly proof needs it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.calendar import STOCKHOLM
from domain.design.coverage import Coverage
from domain.design.proof import InForce
from domain.design.publication import Published
from domain.design.simulation import World
from domain.unit import Function, Unit, UnitKind
from store import catalogue, drafts
from store import tables as t

TOLD = (Function.OPERATIONS, Function.MANAGER, Function.COORDINATOR, Function.INBOX)


class Proofs:
    """The `ProofBook` of the proving activity."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def in_force(self) -> tuple[World, list[InForce]]:
        """Every version that is not retired. Raises `LookupError` without a catalogue."""
        async with self._engine.connect() as connection:
            calendar = await catalogue.newest_calendar(connection)
            ladders = await catalogue.newest_ladders(connection)
            if calendar is None or ladders is None:
                raise LookupError("the catalogue is not loaded")
            units = {u.hsa_id: u for u in await catalogue.units(connection)}
            rules = await catalogue.newest_rules(connection)
            owners = await self._owners()
            found = []
            today = datetime.now(STOCKHOLM).date()
            for one in await drafts.published(connection):
                if one.retired_on is not None and one.retired_on <= today:
                    continue
                key, version = one.definition.key, one.definition.version
                before = await drafts.proof(connection, key, version)
                accepted = await drafts.acceptances(connection, key)
                mails = _mails(units, owners.get((key, version)))
                found.append(InForce(one, before, accepted, mails))
        return World(units, calendar, ladders, rules), found

    async def _owners(self) -> dict[tuple[str, int], str]:
        """The unit of whoever published each version."""
        wanted = select(t.pathway_standing).where(t.pathway_standing.c.owner_unit.is_not(None))
        async with self._engine.connect() as connection:
            rows = await connection.execute(wanted)
            return {(r.key, r.version): r.owner_unit for r in rows}

    async def keep(self, published: Published, coverage: Coverage, at: datetime) -> None:
        """The newest proof of a version."""
        key, version = published.definition.key, published.definition.version
        async with self._engine.begin() as connection:
            await drafts.keep_proof(connection, key, version, coverage, at)


def _mails(units: Mapping[str, Unit], owner: str | None) -> tuple[str, ...]:
    """The owner's unit; for what nobody here has published the regional coordination."""
    own = [units[owner]] if owner is not None and owner in units else []
    regional = [u for u in units.values() if u.kind is UnitKind.REGIONAL_COORDINATION]
    for unit in own or regional:
        contacts = (unit.contact(function) for function in TOLD)
        found = tuple(dict.fromkeys(c.mail for c in contacts if c and c.mail))
        if found:
            return found[:1]
    return ()
