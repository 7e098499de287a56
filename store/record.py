"""The one write: a decision's events, read rows, notices and answer, whole or not at all.

1. The caller's key is claimed; if it is taken, its answer is returned and nothing is written.
2. The journey's sequence is moved on, only if it is still the expected one (the fence).
3. Events are appended, chained by hash; read rows are taken over from the state.
4. If the fence held us back, the events that the journey does not know are returned instead.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, bindparam, case, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain import event as ev
from domain.event import Event
from domain.facts import Protection
from domain.record import Outcome, Record, Silence, Verdict
from domain.unit import ChannelKind
from store import projection
from store import tables as t
from store.rows import Rows, write

FIRST_HASH = "0" * 64


class Ledger:
    """The fenced write on an engine; the `Ledger` of the activities."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def record(self, entry: Record) -> Outcome:
        """Write one decision. Raises only what PostgreSQL raises when it is away."""
        return await record(self._engine, entry)


async def record(engine: AsyncEngine, entry: Record) -> Outcome:
    """Write one decision. Raises only what PostgreSQL raises when it is away."""
    try:
        async with engine.connect() as connection, connection.begin() as transaction:
            verdict = await _write(connection, entry)
            if verdict is not Verdict.RECORDED:
                await transaction.rollback()
    except IntegrityError as error:
        verdict = _verdict_of(error)
    if verdict is Verdict.RECORDED:
        return Outcome(verdict=verdict, events=entry.events)
    async with engine.connect() as connection:
        return await _what_is_there(connection, entry, verdict)


async def _write(connection: AsyncConnection, entry: Record) -> Verdict:
    if entry.idempotency and not await _claim_key(connection, entry):
        return Verdict.KNOWN
    if entry.expected_seq == 0:
        if await _overlaps(connection, entry):
            return Verdict.OVERLAPS
        fence: tuple[str, datetime] | None = await _begin_journey(connection, entry)
    else:
        if entry.patient is not None:
            await _put_patient(connection, entry)
        fence = await _move_fence(connection, entry)
    if fence is None:
        return Verdict.BEHIND
    await _heed(connection, entry)
    previous_hash, recorded_at = fence
    rows = chain(entry.journey_id, entry.events, previous_hash, recorded_at)
    told = [notice.model_dump() | {"attempts": 0} for notice in entry.notices]
    await write(
        connection,
        [
            Rows(t.event, rows, fresh=True),
            *projection.read_rows(entry.journey_id, entry.events, entry.changes),
            Rows(t.notice, told, fresh=True),
        ],
    )
    return Verdict.RECORDED


async def _heed(connection: AsyncConnection, entry: Record) -> None:
    """What only some events ask for: silence, protection, an access that ends."""
    if entry.silences:
        only = entry.silences is Silence.OUTSIDE
        given = {"journey": entry.journey_id, "outside": only}
        await connection.execute(_SILENCE, given)
    if entry.leaves:
        left = {"journey": entry.journey_id, "units": list(entry.leaves)}
        await connection.execute(_LEAVE, left)
    if any(isinstance(e.what, PROTECTING) for e in entry.events):
        await connection.execute(_PROTECT, {"patient": entry.changes.summary.patient_id})


PROTECTING = (ev.ProtectionChanged, ev.PatientIdentified)
# Relays may have handed a notice on already: its delivery looks here before it sends.
_SILENCE = (
    update(t.notice)
    .where(
        t.notice.c.journey_id == bindparam("journey"),
        t.notice.c.delivered_at.is_(None),
        t.notice.c.dead_at.is_(None),
        ~bindparam("outside", type_=Boolean) | (t.notice.c.channel != ChannelKind.INBOX),
    )
    .values(
        silenced_at=func.now(), dispatched_at=func.coalesce(t.notice.c.dispatched_at, func.now())
    )
)
# A patient is as protected as in the strictest of the open journeys: nobody lifts it elsewhere.
_STRICTEST = (
    select(t.journey.c.protection)
    .where(t.journey.c.patient_id == t.patient.c.id, t.journey.c.closed_at.is_(None))
    .order_by(case({p: p.rank for p in Protection}, value=t.journey.c.protection).desc())
    .limit(1)
    .scalar_subquery()
)
_PROTECT = (
    update(t.patient)
    .where(t.patient.c.id == bindparam("patient"))
    .values(protection=func.coalesce(_STRICTEST, t.patient.c.protection))
)
_LEAVE = delete(t.involved).where(
    t.involved.c.journey_id == bindparam("journey"),
    t.involved.c.unit.in_(bindparam("units", expanding=True)),
)
_CLAIM = upsert(t.answer).on_conflict_do_nothing().returning(t.answer.c.key)


async def _claim_key(connection: AsyncConnection, entry: Record) -> bool:
    """Whether the key was free; if so, the answer now stands for ever."""
    assert entry.idempotency is not None
    claim = {
        **entry.idempotency.model_dump(),
        "journey_id": entry.journey_id,
        "answer": entry.answer,
        "at": datetime.now(UTC),
    }
    return (await connection.execute(_CLAIM, claim)).first() is not None


async def _overlaps(connection: AsyncConnection, entry: Record) -> bool:
    """Whether the patient has an open journey on the pathway, and no reason is given for another.

    Two starts at the same instant are told apart by the unique index.
    """
    line = entry.changes.summary
    if line.overlap_reason is not None:
        return False
    open_journey = exists().where(
        t.journey.c.patient_id == line.patient_id,
        t.journey.c.pathway_key == line.pathway_key,
        t.journey.c.closed_at.is_(None),
        t.journey.c.id != line.id,
    )
    return bool(await connection.scalar(select(open_journey)))


async def _begin_journey(connection: AsyncConnection, entry: Record) -> tuple[str, datetime]:
    """The first line. The name is the journey's own: nobody renames another's patient."""
    assert entry.patient is not None
    await _put_patient(connection, entry)
    values = _line(entry) | {"seq": entry.events[-1].seq, "patient_name": entry.patient.name}
    begin = insert(t.journey).values(**values).returning(func.now())
    return FIRST_HASH, (await connection.execute(begin)).scalar_one()


async def _put_patient(connection: AsyncConnection, entry: Record) -> None:
    assert entry.patient is not None
    line, patient = entry.changes.summary, entry.patient
    await connection.execute(
        upsert(t.patient)
        .values(
            id=line.patient_id,
            system=patient.system,
            value=patient.value,
            protection=line.protection,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )


def _line(entry: Record) -> dict[str, Any]:
    """The journey's columns; what goes on around the patient is one of them."""
    line = entry.changes.summary
    return line.model_dump() | {"care": line.care.model_dump(mode="json")}


_MOVED = (
    "patient_id",
    "pathway_key",
    "pathway_version",
    "period",
    "need",
    "visits",
    "left_at",
    "closed_at",
    "close_reason",
    "municipality",
    "deviations",
    "protection",
    "deceased_at",
    "resting_until",
    "merged_into",
    "coordinator",
    "care",
)
_LAST_HASH = (
    select(t.event.c.hash)
    .where(t.event.c.journey_id == bindparam("journey"), t.event.c.seq == bindparam("expected"))
    .scalar_subquery()
)
_REASON = bindparam("new_overlap_reason", type_=t.journey.c.overlap_reason.type)
_MOVE = (
    update(t.journey)
    .where(t.journey.c.id == bindparam("journey"), t.journey.c.seq == bindparam("expected"))
    .values(
        {name: bindparam(f"new_{name}") for name in (*_MOVED, "seq")}
        | {"overlap_reason": func.coalesce(_REASON, t.journey.c.overlap_reason)}
    )
    .returning(_LAST_HASH, func.now())
)


async def _move_fence(connection: AsyncConnection, entry: Record) -> tuple[str, datetime] | None:
    line = _line(entry)
    values = {f"new_{name}": line[name] for name in _MOVED}
    fence = {
        "journey": entry.journey_id,
        "expected": entry.expected_seq,
        "new_seq": entry.events[-1].seq,
        "new_overlap_reason": line["overlap_reason"],
    }
    moved = (await connection.execute(_MOVE, values | fence)).first()
    return (moved[0], moved[1]) if moved else None


def chain(
    journey_id: str, events: tuple[Event, ...], previous_hash: str, recorded_at: datetime
) -> list[dict[str, Any]]:
    """The rows of events, each sealed with the hash of the one before it."""
    rows = []
    for event in events:
        row = event_row(journey_id, event, recorded_at)
        row["previous_hash"] = previous_hash
        row["hash"] = previous_hash = seal(row)
        rows.append(row)
    return rows


def event_row(journey_id: str, event: Event, recorded_at: datetime) -> dict[str, Any]:
    """An event's columns, unsealed."""
    return {
        "journey_id": journey_id,
        "seq": event.seq,
        "type": event.what.type,
        "what": json.loads(event.what.model_dump_json(), parse_float=_kept),
        "actor": event.actor.model_dump(mode="json") if event.actor else None,
        "effective_at": event.effective_at,
        "decided_at": event.decided_at,
        "recorded_at": recorded_at,
    }


def _kept(digits: str) -> float:
    """A number as JSONB keeps it: without a negative zero, which would break the seal."""
    return float(digits) + 0.0


def seal(row: dict[str, Any]) -> str:
    """SHA-256 over the previous hash and everything else in the row, keys sorted."""
    plain = {k: v.timestamp() if isinstance(v, datetime) else v for k, v in row.items()}
    plain.pop("hash", None)
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_event(row: Any) -> Event:
    """The event that a row holds."""
    return Event.model_validate(
        {
            "seq": row.seq,
            "effective_at": row.effective_at,
            "decided_at": row.decided_at,
            "actor": row.actor,
            "what": row.what,
        }
    )


async def events_after(connection: AsyncConnection, journey_id: str, seq: int) -> list[Event]:
    """The events of a journey after a sequence number, in order."""
    wanted = (
        select(t.event)
        .where(t.event.c.journey_id == journey_id, t.event.c.seq > seq)
        .order_by(t.event.c.seq)
    )
    return [read_event(row) for row in await connection.execute(wanted)]


async def _what_is_there(connection: AsyncConnection, entry: Record, verdict: Verdict) -> Outcome:
    """The events that the journey did not know, and the answer that the key already has."""
    unknown = tuple(await events_after(connection, entry.journey_id, entry.expected_seq))
    if verdict is not Verdict.KNOWN or entry.idempotency is None:
        return Outcome(verdict=verdict, events=unknown)
    wanted = select(t.answer.c.body_hash, t.answer.c.answer).where(
        t.answer.c.principal == entry.idempotency.principal,
        t.answer.c.key == entry.idempotency.key,
        t.answer.c.journey_id == entry.journey_id,
    )
    body_hash, answer = (await connection.execute(wanted)).one()
    if body_hash != entry.idempotency.body_hash:
        return Outcome(verdict=Verdict.KEY_REUSED, events=unknown)
    return Outcome(verdict=Verdict.KNOWN, events=unknown, answer=answer)


def _verdict_of(error: IntegrityError) -> Verdict:
    """A journey that exists is behind us; an overlap is the caller's to explain; else a bug."""
    diagnostics = getattr(error.orig, "diag", None)
    name = getattr(diagnostics, "constraint_name", None)
    if name == "uq_journey_overlap":
        return Verdict.OVERLAPS
    if name in ("pk_journey", "journey_pkey"):
        return Verdict.BEHIND
    raise error
