"""Reference data: publishing it, and reading what holds now."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendar import Calendar
from domain.ladder import Ladders
from domain.rulebook import Agreement, Rule, Rulebook, untold
from domain.unit import Unit
from store import tables as t


class AlreadyPublished(Exception):
    """A published version was changed; publish a new version instead."""


class NobodyTold(Exception):
    """A rule names a ladder that does not exist, or that tells nobody."""


async def put_organisations(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Insert or update organisations."""
    put = upsert(t.organisation)
    taken = {n: put.excluded[n] for n in ("name", "kind", "municipality")}
    await connection.execute(
        put.on_conflict_do_update(index_elements=["key"], set_=taken), list(rows)
    )


async def put_units(connection: AsyncConnection, units: Sequence[Unit]) -> None:
    """Insert or update units."""
    put = upsert(t.unit)
    taken = {n: put.excluded[n] for n in ("organisation", "name", "kind", "facts")}
    rows = [
        {
            "hsa_id": u.hsa_id,
            "organisation": u.organisation,
            "name": u.name,
            "kind": u.kind,
            "facts": u.model_dump(mode="json"),
        }
        for u in units
    ]
    # What an administrator has changed since is not overwritten by the shipped facts.
    shipped = put.on_conflict_do_update(
        index_elements=["hsa_id"], set_=taken, where=t.unit.c.version == 1
    )
    await connection.execute(shipped, rows)


async def publish_ladders(connection: AsyncConnection, ladders: Ladders) -> None:
    """Publish a set of ladders once. Raises `AlreadyPublished` when its content differs."""
    body = ladders.model_dump(mode="json")
    await connection.execute(
        upsert(t.ladders).values(version=ladders.version, body=body).on_conflict_do_nothing()
    )
    there = await connection.scalar(
        select(t.ladders.c.body).where(t.ladders.c.version == ladders.version)
    )
    if there is None or _digest(there) != _digest(body):
        raise AlreadyPublished(ladders.version)


async def put_calendar(connection: AsyncConnection, days_off: Sequence[date]) -> Calendar:
    """The calendar of these days off: the newest revision, or a new one if the days differ."""
    newest = await newest_calendar(connection)
    number = int(newest.version.removeprefix("se-")) + 1 if newest else 1
    calendar = Calendar(version=f"se-{number:05d}", days_off=tuple(days_off))
    if newest and newest.days_off == calendar.days_off:
        return newest
    row = {"version": calendar.version, "body": calendar.model_dump(mode="json")}
    await connection.execute(upsert(t.calendar).values(**row))
    return calendar


async def put_rules(
    connection: AsyncConnection, rules: Sequence[Rule], agreements: Sequence[Agreement]
) -> Rulebook:
    """The rulebook of these rules: the newest revision, or a new one if something differs.

    Raises `AlreadyPublished` when a published version of a rule, or an agreement, was edited or
    is gone: clocks have gone by it. Raises `NobodyTold` when a rule's clocks would tell nobody.
    """
    await _must_tell(connection, rules)
    newest = await newest_rules(connection)
    number = int(newest.version.removeprefix("rules-")) + 1 if newest else 1
    book = Rulebook(version=f"rules-{number:05d}", rules=tuple(rules), agreements=tuple(agreements))
    if newest is not None:
        _must_all_stand(newest, book)
    if newest and (newest.rules, newest.agreements) == (book.rules, book.agreements):
        return newest
    row = {"version": book.version, "body": book.model_dump(mode="json")}
    await connection.execute(upsert(t.rulebook).values(**row))
    return book


async def _must_tell(connection: AsyncConnection, rules: Sequence[Rule]) -> None:
    ladders = await newest_ladders(connection) or Ladders(version="none", ladders=())
    if found := list(untold(rules, ladders)):
        raise NobodyTold("; ".join(found))


def _must_all_stand(was: Rulebook, now: Rulebook) -> None:
    changed = [r.name for r in was.rules if r not in now.rules]
    changed += [a.key for a in was.agreements if a not in now.agreements]
    if changed:
        raise AlreadyPublished(", ".join(changed))


async def newest_rules(connection: AsyncConnection) -> Rulebook | None:
    """The rulebook that holds for new clocks."""
    wanted = select(t.rulebook.c.body).order_by(t.rulebook.c.version.desc()).limit(1)
    body = await connection.scalar(wanted)
    return Rulebook.model_validate(body) if body else None


async def newest_calendar(connection: AsyncConnection) -> Calendar | None:
    """The calendar that holds for new clocks."""
    wanted = select(t.calendar.c.body).order_by(t.calendar.c.version.desc()).limit(1)
    body = await connection.scalar(wanted)
    return Calendar.model_validate(body) if body else None


async def newest_ladders(connection: AsyncConnection) -> Ladders | None:
    """The ladders that new journeys pin."""
    wanted = select(t.ladders.c.body).order_by(t.ladders.c.version.desc()).limit(1)
    body = await connection.scalar(wanted)
    return Ladders.model_validate(body) if body else None


async def units(connection: AsyncConnection) -> list[Unit]:
    """All units, by HSA id."""
    wanted = select(t.unit.c.facts).order_by(t.unit.c.hsa_id)
    return [Unit.model_validate(facts) for facts in (await connection.execute(wanted)).scalars()]


def _digest(body: object) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
