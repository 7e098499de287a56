"""The log of who read what (PDL 4:3, HSLF-FS 2016:40 4:9): append-only; sealed by a trigger."""

from collections.abc import Iterable

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from store import tables as t


async def note(
    connection: AsyncConnection,
    *,
    subject: str,
    unit: str,
    journey_id: str,
    patient_id: str,
    action: str,
    correlation_id: str,
) -> None:
    """Write one line in the reader's own transaction: no line, no reading."""
    await connection.execute(
        insert(t.access_log)
        .inline()
        .values(
            subject=subject,
            unit=unit,
            journey_id=journey_id,
            patient_id=patient_id,
            action=action,
            correlation_id=correlation_id,
        )
    )


async def note_all(
    connection: AsyncConnection,
    read: Iterable[tuple[str, str]],
    *,
    subject: str,
    unit: str,
    action: str,
    correlation_id: str,
) -> None:
    """A line for each journey and patient of a page, in one statement; sealed one by one."""
    same = {"subject": subject, "unit": unit, "action": action, "correlation_id": correlation_id}
    rows = [{"journey_id": journey, "patient_id": patient, **same} for journey, patient in read]
    if rows:
        await connection.execute(insert(t.access_log).inline().values(rows))
