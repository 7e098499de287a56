"""The life of units: whole facts by version, closures, succession, history, and a preview.

Each change is written with its unit in one transaction; the worker's relay then has it told to
the running journeys that it concerns.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api import mask
from api.house import Caller, CallerDep, Key, KeyDep, etag
from api.paging import LimitQuery
from api.problems import Problem, problem
from api.unit_bodies import ClosureBody, SuccessionBody, UnitBody
from domain.calendar import STOCKHOLM
from domain.clock_view import clock_ref
from domain.opening import opening
from domain.refusal import FieldProblem, Refused
from domain.unit import Unit
from domain.unit_change import (
    ChangeKind,
    Holds,
    Remark,
    UnitChange,
    check,
    check_succession,
    must_administer,
    stands_in_for,
    succeeded,
    warnings,
    with_closure,
    without_closure,
)
from domain.unit_clocks import Affected, Found, RunningClocks, affected
from domain.value import HsaId, Value
from store import catalogue, database, unit_clocks, units

router = APIRouter(prefix="/api/v1/units", tags=["units"])

UnitId = Annotated[HsaId, Path()]
BeforeQuery = Annotated[int | None, Query(ge=1, le=2**31 - 1)]
Known = Mapping[str, Unit]


class Changed(Value):
    """A change that stands: the facts as they became, and what should be looked at.

    `clocks` are those that counted the unit's hours; they move only with `recompute`.
    """

    change_id: str
    kind: ChangeKind
    unit: Unit
    warnings: tuple[Remark, ...]
    running_clocks: RunningClocks
    clocks: Affected


class History(Value):
    """A page of the changes of a unit, newest first; `next` is the version to go on before."""

    items: tuple[UnitChange, ...]
    next: int | None


class Preview(Value):
    """What a change would do: what it alters, why it would be refused, whom it touches.

    `clocks` says where those that count the unit's hours would be due if they were recomputed.
    """

    alters: tuple[str, ...]
    problem: Problem | None
    warnings: tuple[Remark, ...]
    holds: Holds
    journeys: int
    clocks: Affected


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A change that somebody wants; `make` gives the new facts, or refuses."""

    hsa_id: str
    kind: ChangeKind
    reason: str | None
    make: Callable[[Unit | None, Holds, Known], Unit]
    running_clocks: RunningClocks = RunningClocks.KEEP


@router.put("/{hsa_id}", response_model=Changed)
async def put(hsa_id: UnitId, body: UnitBody, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Put the whole facts of a unit of the caller's organisation.

    A unit that exists needs `If-Match` with its version; one that does not is created.
    """
    if body.hsa_id != hsa_id:
        raise Refused("unit_change_invalid", FieldProblem(field="hsa_id", rule="not_the_address"))

    def make(old: Unit | None, holds: Holds, known: Known) -> Unit:
        if old is not None and key.expected_seq is None:
            raise Refused("if_match_invalid", FieldProblem(field="If-Match", rule="missing"))
        return _next(old, body.facts)

    wanted = _Wanted(hsa_id, ChangeKind.PUT, body.reason, make, body.running_clocks)
    return await _change(caller, key, wanted)


@router.post("/{hsa_id}/closures", response_model=Changed)
async def close(hsa_id: UnitId, body: ClosureBody, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Close a unit for whole days; while it holds anything, another unit covers."""

    def make(old: Unit | None, holds: Holds, known: Known) -> Unit:
        return _next(old, with_closure(_existing(old), body.closure))

    wanted = _Wanted(hsa_id, ChangeKind.PUT, body.reason, make, body.running_clocks)
    return await _change(caller, key, wanted)


@router.delete("/{hsa_id}/closures/{first}", response_model=Changed)
async def reopen(
    hsa_id: UnitId,
    first: date,
    caller: CallerDep,
    key: KeyDep,
    running_clocks: RunningClocks = RunningClocks.KEEP,
) -> JSONResponse:
    """Take back the closure that begins that day."""
    # A call without a body says in its address what it wants; the key is for all of it.
    whole = replace(key, body_hash=f"{key.body_hash}:{running_clocks}")

    def make(old: Unit | None, holds: Holds, known: Known) -> Unit:
        unit = _existing(old)
        if all(closure.first != first for closure in unit.closures):
            raise Refused("page_unknown")
        return _next(old, without_closure(unit, first))

    wanted = _Wanted(hsa_id, ChangeKind.PUT, None, make, running_clocks)
    return await _change(caller, whole, wanted)


@router.post("/{hsa_id}/succession", response_model=Changed)
async def succeed(
    hsa_id: UnitId, body: SuccessionBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Let another unit of the organisation, or of its principal, take everything over for good."""

    def make(old: Unit | None, holds: Holds, known: Known) -> Unit:
        unit, to = _existing(old), known.get(body.successor)
        if to is None:
            raise Refused("unit_unknown", FieldProblem(field="successor", rule="unknown"))
        check_succession(unit, to)
        return succeeded(unit, to)

    return await _change(caller, key, _Wanted(hsa_id, ChangeKind.SUCCEED, body.reason, make))


@router.get("/{hsa_id}/facts", response_model=Unit)
async def read_facts(hsa_id: UnitId, caller: CallerDep) -> JSONResponse:
    """The unit as it stands this moment, with its version as `ETag`: for who will change it."""
    async with database.reading(caller.house.store, ()) as connection:
        unit = mask.unit(caller, _existing(await units.find(connection, hsa_id)))
    return JSONResponse(unit.model_dump(mode="json"), headers={"ETag": etag(unit.version)})


@router.get("/{hsa_id}/history")
async def read_history(
    hsa_id: UnitId, caller: CallerDep, before: BeforeQuery = None, limit: LimitQuery = 50
) -> History:
    """The changes of a unit of the caller's organisation: what, when, who and why."""
    async with database.reading(caller.house.store, ()) as connection:
        unit = _existing(await units.find(connection, hsa_id))
        if caller.catalogue.units[caller.actor.unit].organisation != unit.organisation:
            raise Refused("not_your_unit")
        items = await units.history(connection, hsa_id, before, limit)
    more = items[-1].version if len(items) == limit else None
    shown = (i.model_copy(update={"facts": mask.unit(caller, i.facts)}) for i in items)
    return History(items=tuple(shown), next=more)


@router.post("/preview")
async def preview(body: UnitBody, caller: CallerDep) -> Preview:
    """What putting these facts would do; nothing is written."""
    async with _sight(caller, body.hsa_id) as connection:
        known = await _known(connection)
        old, new, today = known.get(body.hsa_id), body.facts, _today()
        must_administer(caller.actor, (old or new).organisation, known)
        holds = await units.holds(connection, body.hsa_id)
        clocks = await _affected(connection, _next(old, new))
    concerned = (body.hsa_id, *stands_in_for(body.hsa_id, known))
    async with database.reading(caller.house.store, concerned) as connection:
        journeys = await units.count_journeys(connection, concerned)
    return Preview(
        alters=_altered(old, new),
        problem=_why_not(old, new, holds, known, today),
        warnings=warnings(new, holds, known, today),
        holds=holds,
        journeys=journeys,
        clocks=clocks,
    )


async def _change(caller: Caller, key: Key, wanted: _Wanted) -> JSONResponse:
    """Write a change once, whatever is repeated; the same key gets the same answer."""
    change_id = str(caller.house.ids.uuid("unit_change", caller.principal, key.value))
    async with _sight(caller, wanted.hsa_id) as connection:
        old = await units.lock(connection, wanted.hsa_id)
        earlier = await units.written(connection, change_id)
        if earlier is None:
            change = await _decided(connection, caller, key, wanted, change_id, old)
            clocks = await _affected(connection, change.facts)
            if await units.put(connection, change, key.body_hash, clocks):
                return _respond(change, clocks)
            earlier = await units.written(connection, change_id)
    if earlier is None:
        raise Refused("unit_version_stale")
    if earlier.body_hash != key.body_hash:
        raise Refused("key_reused")
    return _respond(earlier.change, earlier.clocks)


async def _decided(
    connection: AsyncConnection,
    caller: Caller,
    key: Key,
    wanted: _Wanted,
    change_id: str,
    old: Unit | None,
) -> UnitChange:
    """The change, after every rule has been asked. Raises `Refused`."""
    known, today = await _known(connection), _today()
    holds = await units.holds(connection, wanted.hsa_id)
    if old is not None:
        must_administer(caller.actor, old.organisation, known)
        _must_match(old.version, key)
    elif key.expected_seq is not None:
        raise Refused("unit_version_stale")
    new = wanted.make(old, holds, known)
    must_administer(caller.actor, new.organisation, known)
    if wanted.kind is ChangeKind.PUT:
        check(old, new, holds, known, today)
    return UnitChange(
        id=change_id,
        hsa_id=new.hsa_id,
        version=new.version,
        kind=wanted.kind,
        at=datetime.now(UTC),
        by_subject=caller.actor.subject,
        by_unit=caller.actor.unit,
        reason=wanted.reason,
        facts=new,
        warnings=warnings(new, holds, known, today),
        reproject=wanted.running_clocks is RunningClocks.RECOMPUTE,
    )


async def _affected(connection: AsyncConnection, new: Unit) -> Affected:
    """Where the running clocks that count the unit's hours would be due in its new ones."""
    counting = await unit_clocks.counting(connection, new.hsa_id)
    versions = {clock.calendar_version for _, clock in counting}
    calendars = await unit_clocks.calendars(connection, versions)
    found = [Found(ref=clock_ref(journey, clock.id), clock=clock) for journey, clock in counting]
    return await run_in_threadpool(affected, found, calendars, opening(new), datetime.now(UTC))


def _must_match(version: int, key: Key) -> None:
    if key.expected_seq is not None and key.expected_seq != version:
        raise Refused("unit_version_stale")


def _next(old: Unit | None, new: Unit) -> Unit:
    return new.model_copy(update={"version": old.version + 1 if old else 1})


def _existing(unit: Unit | None) -> Unit:
    if unit is None:
        raise Refused("page_unknown")
    return unit


def _respond(change: UnitChange, clocks: Affected) -> JSONResponse:
    shown = Changed(
        change_id=change.id,
        kind=change.kind,
        unit=change.facts,
        warnings=change.warnings,
        running_clocks=RunningClocks.RECOMPUTE if change.reproject else RunningClocks.KEEP,
        clocks=clocks,
    )
    status = 201 if change.version == 1 else 200
    headers = {"ETag": etag(change.version)}
    return JSONResponse(shown.model_dump(mode="json"), status, headers=headers)


def _sight(caller: Caller, hsa_id: str) -> AbstractAsyncContextManager[AsyncConnection]:
    """A transaction that sees what rests on the unit: it is counted, and never shown."""
    return database.reading(caller.house.store, (hsa_id,))


async def _known(connection: AsyncConnection) -> Known:
    """All units as they stand now: no rule is asked about a shelf that is seconds old."""
    return {unit.hsa_id: unit for unit in await catalogue.units(connection)}


def _today() -> date:
    return datetime.now(STOCKHOLM).date()


def _altered(old: Unit | None, new: Unit) -> tuple[str, ...]:
    """The fields that differ; every field that says something, for a unit that is new."""
    names = [name for name in Unit.model_fields if name != "version"]
    before = old.model_dump() if old else {}
    after = new.model_dump(exclude_defaults=old is None)
    return tuple(name for name in names if name in after and before.get(name) != after[name])


def _why_not(
    old: Unit | None, new: Unit, holds: Holds, known: Known, today: date
) -> Problem | None:
    try:
        check(old, new, holds, known, today)
    except Refused as refused:
        return problem(refused.refusal)
    return None
